"""``yibao acl``: who may do what, role by role, written out by hand."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from contracts.topics import topic_map
from services.cli.acl import WORKERS, roles

Run = Callable[..., Result]
ROAD = ("requested", "filed", "checked", "priced", "settled")
MAY: dict[str, tuple[set[str], set[str]]] = {
    "gateway": ({"requested"}, {"settled"}),
    "agency": ({"requested"}, set()),
    "filing": ({"filed"}, {"requested", "filed"}),
    "eligibility": ({"checked"}, {"filed", "checked"}),
    "pricing": ({"priced"}, {"checked", "priced"}),
    "settlement": ({"settled"}, {"priced", "settled"}),
    "audit": ({"found", "dead"}, {*ROAD, "found", "dead"}),
    "courier": ({"requested"}, {"settled"}),
    "auditor": (set(), {*ROAD, "found"}),
    "analyst": (set(), {"settled"}),
    "operator": ({"requested"}, {*ROAD, "found", "dead"}),
}
"""What each may write and read, of the topics that this table knows."""
KNOWN = {*ROAD, "found", "dead"}


def allowed(run: Run, role: str) -> dict[str, set[tuple[str, str]]]:
    """By operation: the kinds and names of resources."""
    found: dict[str, set[tuple[str, str]]] = {}
    for grant in json.loads(run("acl", role, "--json").stdout):
        for operation in grant["operations"]:
            found.setdefault(operation, set()).add((grant["kind"], grant["name"].removeprefix("yibao.")))
    return found


@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_what_it_is_for_and_no_more(run: Run, role: str) -> None:
    found = allowed(run, role)
    for operation, due in zip(("Write", "Read"), MAY[role], strict=True):
        assert {name for kind, name in found.get(operation, ()) if kind == "topic" and name in KNOWN} == due, operation
    groups = {name for kind, name in found.get("Read", ()) if kind == "group"}
    assert groups == ({f"yibao-{role}"} if role in WORKERS else set())
    checks = {name for kind, name in found.get("DescribeConfigs", ()) if kind == "topic" and name in KNOWN}
    assert checks == (KNOWN if MAY[role][0] else set()), "whoever writes compares the topics with the map first"
    assert not found.keys() - {"Read", "Write", "Describe", "DescribeConfigs"}


def test_every_role_of_the_map_is_in_the_table() -> None:
    assert set(roles()) == MAY.keys()
    assert {who for topic in topic_map().all for who in (*topic.makers, *topic.readers)} == MAY.keys()


def test_the_commands_are_those_of_kafka(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_ROAD", "test-")
    found = run("acl", "analyst", "--bootstrap-server", "kafka:9092", "--user-prefix", "yb ")
    assert found.stdout.splitlines() == [
        "# analyst",
        "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:yb analyst' --operation Read --operation Describe "
        "--topic test-yibao.settled",
    ]


def test_all_roles_are_printed_and_an_unknown_one_is_told(run: Run) -> None:
    assert [line[2:] for line in run("acl").stdout.splitlines() if line.startswith("# ")] == roles()
    found = run("acl", "everyone")
    assert found.exit_code == 2 and "analyst" in found.stderr
