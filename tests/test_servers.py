"""Which servers the live tests choose."""

import socket

import pytest

from tests.servers import choose, free_port, kafka_environment, none_can_be_started

BOTH = {"YIBAO_KAFKA": "127.0.0.1:9092", "YIBAO_REDIS": "redis://127.0.0.1:6379/0"}


def never() -> bool:
    raise AssertionError("Docker must not be asked")


def test_addresses_in_the_environment_come_first_and_docker_is_not_asked() -> None:
    assert choose(BOTH, never) == "environment"


@pytest.mark.parametrize("name", BOTH)
def test_one_address_alone_is_a_mistake_and_not_a_wish_for_other_servers(name: str) -> None:
    with pytest.raises(ValueError, match=f"only {name} is set: set YIBAO_KAFKA and YIBAO_REDIS"):
        choose({name: BOTH[name]}, never)


def test_an_empty_address_is_none() -> None:
    assert choose(dict.fromkeys(BOTH, ""), lambda: False) == "embedded"


@pytest.mark.parametrize(("answers", "kind"), [(True, "docker"), (False, "embedded")])
def test_docker_only_where_its_daemon_answers(answers: bool, kind: str) -> None:
    assert choose({}, lambda: answers) == kind


def test_without_any_server_live_tests_are_skipped_but_in_ci_they_fail() -> None:
    with pytest.raises(pytest.skip.Exception, match="no jars"):
        none_can_be_started(RuntimeError("no jars"), {})
    with pytest.raises(pytest.fail.Exception, match="no jars"):
        none_can_be_started(RuntimeError("no jars"), {"CI": "true"})


def test_clients_of_the_container_are_told_the_port_that_is_bound() -> None:
    told = kafka_environment(12345)
    assert told["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:12345"
    assert told["KAFKA_LISTENERS"].startswith("PLAINTEXT://0.0.0.0:12345,")


def test_a_free_port_can_be_bound() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
