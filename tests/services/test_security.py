"""The settings of SASL and TLS, as aiokafka and FastStream take them; the password is never shown."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from faststream.kafka.security import parse_security

from services.runtime.exits import Misconfigured
from services.runtime.security import broker_security, client_security
from services.runtime.settings import Settings

SECRET = "hunter2-and-more"
USER: dict[str, Any] = {"kafka_user": "auditor", "kafka_password": SECRET}


@pytest.fixture
def authority() -> str:
    """Any certificate of an authority of this system."""
    found = ssl.get_default_verify_paths().cafile
    if found is None or not Path(found).exists():
        import certifi

        found = certifi.where()
    return found


@pytest.mark.parametrize("mechanism", [None, "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("tls, protocol", [({}, "PLAINTEXT"), ({"kafka_tls": True}, "SSL"), ({"kafka_ca": None}, "SSL")])
def test_both_libraries_are_told_the_same(mechanism: str | None, tls: dict[str, Any], protocol: str, authority: str) -> None:
    given = {name: authority if name == "kafka_ca" else value for name, value in tls.items()}
    settings = Settings(kafka_sasl=mechanism, **(USER if mechanism else {}), **given)
    due = protocol if mechanism is None else f"SASL_{protocol}"
    found, other = client_security(settings), parse_security(broker_security(settings))
    assert found.get("security_protocol", "PLAINTEXT") == other.get("security_protocol", "PLAINTEXT") == due
    for one in (found, other):
        context = one.get("ssl_context")
        assert (context is not None) == (protocol == "SSL") and (context is None or context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname)
        told = [one.get(name) for name in ("sasl_mechanism", "sasl_plain_username", "sasl_plain_password")]
        assert told == ([mechanism, "auditor", SECRET] if mechanism else [None] * 3)


def test_the_password_comes_from_a_file_too_and_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "password").write_text(f" {SECRET} \n")
    found = client_security(Settings(kafka_sasl="PLAIN", kafka_user="auditor", kafka_password_file=file))
    assert found["sasl_plain_password"] == f" {SECRET} ", "only the newline at the end is not of it"
    monkeypatch.setenv("YIBAO_KAFKA_PASSWORD", SECRET)
    settings = Settings(kafka_sasl="PLAIN", kafka_user="auditor")
    assert client_security(settings)["sasl_plain_password"] == SECRET
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("given, said", [
    ({"kafka_sasl": "PLAIN"}, "YIBAO_KAFKA_USER"), ({"kafka_sasl": "PLAIN", "kafka_user": "a"}, "YIBAO_KAFKA_PASSWORD"),
    ({"kafka_sasl": "PLAIN", "kafka_user": "a", "kafka_password_file": "nowhere"}, "nowhere"), ({"kafka_ca": "nowhere.pem"}, "nowhere.pem"),
    ({"kafka_ca": __file__}, "test_security.py"),
    ({"kafka_user": "a"}, "YIBAO_KAFKA_USER.*YIBAO_KAFKA_SASL"), ({"kafka_password": SECRET}, "YIBAO_KAFKA_PASSWORD.*YIBAO_KAFKA_SASL"),
    ({"kafka_password_file": "nowhere"}, "YIBAO_KAFKA_PASSWORD_FILE.*YIBAO_KAFKA_SASL"),
])
def test_what_is_missing_or_wrong_is_named(given: dict[str, Any], said: str) -> None:
    for made in (client_security, broker_security):
        with pytest.raises(Misconfigured, match=said):
            made(Settings(**given))


def test_another_mechanism_is_no_setting() -> None:
    with pytest.raises(ValueError, match="SCRAM-SHA-512"):
        Settings(kafka_sasl="GSSAPI")
