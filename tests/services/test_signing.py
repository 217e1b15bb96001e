"""Keys that sign seals: SM2 against the example of the standard, both kinds told apart, and what is no key or no signature."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import Result

from contracts.events.seal import ChainSealed, kept_seal
from contracts.wire import to_json
from policies.book import built_in
from services.audit import signing
from services.audit.signing import KINDS, ORDER, Signer, is_signed, new_key
from services.runtime.exits import Misconfigured
from tests.policies.standing import Standing, story
from tests.services.conftest import Run
from tests.services.test_seals import sealed_by, seals, verified
from tests.services.test_verify import codes

SECRET = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13".lower()
R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3".lower()
S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA".lower()
"""GB/T 32918.5-2017 (GM/T 0003.5-2012), Annex A: the message ``message digest``, signed by 1234567812345678."""
SEAL = ChainSealed(partition=0, first=0, last=1, topics=(), root="0" * 64, paid={}, moved={})


@pytest.fixture
def standing() -> Standing:
    return story(built_in())


def test_the_example_of_the_standard() -> None:
    sm2 = KINDS["sm2"]
    assert sm2.public(SECRET) == PUBLIC
    assert sm2.holds(bytes.fromhex(PUBLIC), b"message digest", bytes.fromhex(R + S))
    for content, signature in ((b"message digesT", R + S), (b"message digest", S + R), (b"message digest", "00" * 64), (b"message digest", "ff" * 64)):
        assert not sm2.holds(bytes.fromhex(PUBLIC), content, bytes.fromhex(signature))
    again = bytes.fromhex(sm2.sign(SECRET, b"message digest"))
    assert len(again) == 64 and sm2.holds(bytes.fromhex(PUBLIC), b"message digest", again)


@pytest.mark.parametrize("kind, length", [("ed25519", 64), ("sm2", 4 + 130)])
def test_a_key_names_its_kind_and_signs_seals_that_verify(standing: Standing, tmp_path: Path, kind: str, length: int) -> None:
    public = new_key(tmp_path / "key", kind)
    assert len(public) == length and public.startswith("sm2:04") == (kind == "sm2")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    records = sealed_by(standing, Signer(tmp_path / "key")).records
    report = verified(standing, records, key=public)
    assert (report.found, report.signed) == ([], 3)
    lines = [seal.line for seal in seals(sealed_by(standing, Signer(tmp_path / "key")))]
    assert all(kept_seal(line).key == public and len(line) < 500 for line in lines)
    assert verified(standing, records, key=public, kept=[kept_seal(line) for line in lines]).found == []
    seal = ChainSealed.model_validate_json(records[1].value)
    forged = seal.model_copy(update={"signature": seal.signature[:-1] + ("0" if seal.signature[-1] != "0" else "1")})  # type: ignore[index]
    records[1] = replace(records[1], value=to_json(forged))
    assert codes(verified(standing, records, key=public)) == [("seal_forged", "sealed", 1)]


def test_a_seal_of_the_other_kind_is_another_key(standing: Standing, tmp_path: Path) -> None:
    public = new_key(tmp_path / "key", "sm2")
    new_key(tmp_path / "other")
    found = verified(standing, sealed_by(standing, Signer(tmp_path / "other")).records, key=public)
    assert codes(found) == [("seal_forged", "sealed", n) for n in range(3)] and found.signed == 3


@pytest.mark.parametrize("key", [
    "0" * 64, "sm2:04" + "00" * 64, "sm2:04" + "ff" * 64, "sm2:" + PUBLIC[:-1] + ("0" if PUBLIC[-1] != "0" else "1"), None])
def test_what_is_no_signature_of_the_key_that_is_named(key: str | None) -> None:
    assert is_signed(SEAL.model_copy(update={"key": key, "signature": R + S})) is False


@pytest.mark.parametrize("text", [
    "", "sm2:", "sm2:" + "00" * 32, "sm2:" + (ORDER - 1).to_bytes(32, "big").hex(), "sm2:" + SECRET.hex()[:-2], SECRET.hex()[:-2], "rsa:00"])
def test_what_is_no_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad").write_text(text)
    with pytest.raises(Misconfigured, match="no key for seals"):
        Signer(tmp_path / "bad")


@pytest.mark.parametrize("name, kind", [("gmalg", "sm2"), ("Ed25519PublicKey", "ed25519")])
def test_without_its_library_a_kind_is_neither_made_nor_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str) -> None:
    new_key(tmp_path / "key", kind)
    signed = Signer(tmp_path / "key").signed(SEAL)
    assert is_signed(signed) is True
    monkeypatch.setattr(signing, name, None)
    assert is_signed(signed) is None
    for make in (lambda: Signer(tmp_path / "key"), lambda: new_key(tmp_path / "second", kind)):
        with pytest.raises(Misconfigured, match=r"yibao\[seal\]"):
            make()


def test_on_the_command_line(run: Run, tmp_path: Path) -> None:
    done: Result = run("audit", "key", tmp_path / "key", "--kind", "sm2")
    assert done.exit_code == 0 and done.stdout.strip() == Signer(tmp_path / "key").public
    assert run("audit", "key", tmp_path / "second", "--kind", "rsa").exit_code == 2
