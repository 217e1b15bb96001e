"""Proofs: made of a dump, checked with contracts and policies alone; whatever is changed in one is found."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from contracts.events.seal import ChainSealed
from contracts.lines import request_record
from policies.book import built_in
from policies.chain_proof import read, report
from services.audit import signing
from services.audit.signing import Signer, new_key
from services.cli.console import CANNOT, REFUSED, SERVERS
from services.cli.verifying import INCOMPLETE
from services.generator import generate
from tests.services.conftest import Run
from tests.services.recorded import PARTITIONS, recorded, seal_run

EVERY = 3


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of forty claims with signed seals; the public key stands beside it."""
    folder = tmp_path_factory.mktemp("run")
    recorded((request_record(line.encode(), PARTITIONS) for line in generate(8, 40, 7)), built_in(), folder / "dump")
    (folder / "key.pub").write_text(new_key(folder / "key"))
    asyncio.run(seal_run(folder / "dump", EVERY, Signer(folder / "key")))
    return folder / "dump"


@pytest.fixture
def claim(dump: Path) -> str:
    """A settled claim that is sealed: the second request of a seal of three."""
    for file in sorted(dump.glob("yibao.settled/*/*.jsonl")):
        for line in file.read_text("utf-8").splitlines()[1:-EVERY]:
            headers = dict(json.loads(line)["headers"])
            if "claim.settled" in headers["ce_type"] and int(headers["req"]) % EVERY == 1:
                return headers["ce_requestid"]
    raise AssertionError("no such claim")


@pytest.fixture
def proof(run: Run, dump: Path, claim: str, tmp_path: Path) -> Path:
    done = run("audit", "prove", claim, dump)
    assert done.exit_code == 0, done.output
    (file := tmp_path / "proof.json").write_text(done.stdout, "utf-8")
    return file


def offline(file: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "policies.chain_proof", str(file)], capture_output=True, text=True, cwd=Path(__file__).parents[2])


def test_a_proof_holds_offline_and_with_its_signature(run: Run, proof: Path, dump: Path, claim: str) -> None:
    done = offline(proof)
    assert (done.returncode, done.stderr) == (0, "")
    assert claim in done.stdout and "its chain and the laws hold" in done.stdout and "the signature was not checked" in done.stdout
    public = (dump.parent / "key.pub").read_text()
    lines = run("audit", "seal", dump, "--print", "--all").stdout.splitlines()
    line = next(one for one in lines if one in done.stdout)
    checked = run("audit", "check", proof, "--key", public, "--seal", line)
    assert checked.exit_code == 0 and f"public key {public}" in checked.stdout


def forged(change: Callable[[dict[str, Any]], None], proof: Path) -> Path:
    found = json.loads(proof.read_text("utf-8"))
    change(found)
    proof.write_text(json.dumps(found), "utf-8")
    return proof


def one_fen(found: dict[str, Any]) -> None:
    head, _, tail = found["records"][4].rpartition('"psn_cash_pay":')
    amount = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    found["records"][4] = f'{head}"psn_cash_pay":{int(amount) + 1}{tail[len(amount):]}'


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "one fen": one_fen,
    "a header": lambda found: found["records"].__setitem__(4, found["records"][4].replace('["ce_specversion","1.0"]', '["ce_specversion","1.1"]')),
    "the offset": lambda found: found["records"].__setitem__(4, found["records"][4].replace('"offset":', '"offset":1')),
    "another record": lambda found: found["records"].__setitem__(3, found["records"][4]),
    "no first record": lambda found: found["records"].__setitem__(0, None),
    "the path": lambda found: found["path"].__setitem__(0, "0" * 64),
    "a shorter path": lambda found: found["path"].pop(),
    "no path": lambda found: found["path"].clear(),
    "another claim": lambda found: found.update(request_id="somebody-else"),
    "the root": lambda found: found["seal"].update(root="0" * 64),
    "the range": lambda found: found["seal"].update(first=found["seal"]["first"] - 1),
    "the partition": lambda found: found["seal"].update(partition=(found["seal"]["partition"] + 1) % PARTITIONS),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_proof_does_not_hold(run: Run, proof: Path, name: str) -> None:
    before = proof.read_bytes()
    file = forged(CHANGES[name], proof)
    assert json.loads(before) != json.loads(file.read_bytes())
    lines, holds = report(read(str(file)))
    assert not holds and "does not hold" in lines[-1], lines
    assert run("audit", "check", file).exit_code == REFUSED


def test_offline_a_changed_proof_ends_with_1(proof: Path) -> None:
    done = offline(forged(one_fen, proof))
    assert done.returncode == 1 and "does not hold" in done.stdout, done


@pytest.mark.parametrize("name, value", [("paid", {}), ("signature", "0" * 128), ("key", "0" * 64), ("previous", None)])
def test_what_the_path_does_not_hold_the_signature_does(run: Run, proof: Path, name: str, value: object) -> None:
    file = forged(lambda found: found["seal"].update({name: value}), proof)
    assert report(read(str(file)))[1], "the root is the same"
    assert run("audit", "check", file).exit_code == REFUSED


def test_the_seal_must_be_the_one_that_was_kept(run: Run, proof: Path, dump: Path) -> None:
    found = ChainSealed.model_validate(json.loads(proof.read_bytes())["seal"], strict=False)
    others = [line for line in run("audit", "seal", dump, "--print", "--all").stdout.splitlines() if found.hash not in line]
    for option, value, said in (
        ("--key", "0" * 64, "signed with another key"), ("--seal", found.line.replace(" ", "  0"), found.hash), ("--seal", "", found.hash),
        ("--seal", others[0], f"its line would hold {found.hash}"),
    ):
        done = run("audit", "check", proof, option, value)
        assert done.exit_code == REFUSED and said in done.output and "does not hold" in done.stdout
        assert "laws hold" not in done.output, "nothing says that it holds"


@pytest.mark.parametrize("content, said", [
    ("{", "报文不是合法的 JSON"), ("[]", "The body is not a JSON object"), ('{"version":1}', "Field request_id is not acceptable"),
    ('{"version":1,"a":', "报文不是合法的 JSON"),
])
def test_what_is_no_proof_is_said_in_both_languages(run: Run, tmp_path: Path, content: str, said: str) -> None:
    (file := tmp_path / "bad.json").write_text(content)
    done = run("audit", "check", file)
    assert done.exit_code == CANNOT and said in done.stderr and "pydantic" not in done.stderr and "validation error" not in done.stderr
    without = offline(file)
    assert (without.returncode, said in without.stderr, "pydantic" in without.stderr) == (CANNOT, True, False)


def falsified(dump: Path, folder: Path, topic: str, change: Callable[[bytes], bytes]) -> tuple[Path, Path]:
    """A copy of the dump with one file changed; the manifest is as it was."""
    copy = copytree(dump, folder)
    file = sorted(copy.glob(f"{topic}/*/*.jsonl"))[0]
    file.write_bytes(change(file.read_bytes()))
    return copy, file


def made_right(copy: Path, file: Path) -> None:
    """The manifest of a forger: with the digest and the count of the changed file."""
    manifest = json.loads((copy / "manifest.json").read_text())
    for one in manifest["files"]:
        if file.match(f"{one['topic']}/{one['partition']}/*"):
            one.update(sha256=sha256(file.read_bytes()).hexdigest(), records=file.read_bytes().count(b"\n"))
    (copy / "manifest.json").write_text(json.dumps(manifest))


def last_amount(lines: bytes) -> bytes:
    """One amount of the last seal begins with another digit."""
    head, amount, tail = lines.rpartition(b'"hifp_pay":')
    return head + amount + b"9" + tail


@pytest.mark.parametrize("command", [("seal",), ("seal", "--print"), ("seal", "--json"), ("prove", "{claim}")])
def test_a_dump_that_is_not_its_manifests_tells_nothing(run: Run, dump: Path, claim: str, tmp_path: Path, command: tuple[str, ...]) -> None:
    name, *more = command
    copy, file = falsified(dump, tmp_path / "copy", "yibao.settled" if more == ["{claim}"] else "yibao.sealed", lambda lines: lines + b" \n")
    done = run("audit", name, *(one.format(claim=claim) for one in more), copy)
    assert done.exit_code == SERVERS and file.name in done.stderr and done.stdout == ""


@pytest.mark.parametrize("options", [(), ("--print",), ("--json",), ("--qr",)])
def test_a_seal_with_a_false_signature_is_told_and_not_kept(run: Run, dump: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    public = (dump.parent / "key.pub").read_text()
    before = run("audit", "seal", dump, "--print").stdout.splitlines()
    made_right(*falsified(dump, tmp_path / "copy", "yibao.sealed", last_amount))
    done = run("audit", "seal", tmp_path / "copy", *options)
    assert done.exit_code == REFUSED and f"the signature does not hold，公钥 / public key {public}" in done.stderr
    if options == ("--print",):
        assert done.stdout.splitlines() == before[1:]
    if options == ("--json",):
        assert [one["holds"] for one in json.loads(done.stdout)] == [False] + [True] * (len(before) - 1)


def test_a_line_of_seals_that_is_none_is_told(run: Run, dump: Path, tmp_path: Path) -> None:
    made_right(*falsified(dump, tmp_path / "copy", "yibao.sealed", lambda lines: lines.replace(b'"root":', b'"rot":', 1)))
    done = run("audit", "seal", tmp_path / "copy")
    assert done.exit_code == REFUSED and "record 0 is no seal of this partition" in done.stderr and "signed" in done.stdout


def test_without_the_library_the_signature_is_said_not_to_be_checked(run: Run, proof: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "Ed25519PublicKey", None)
    done = run("audit", "check", proof)
    assert done.exit_code == INCOMPLETE and "yibao[seal]" in done.stdout


def test_seals_are_shown_printed_and_drawn(run: Run, dump: Path) -> None:
    lines = run("audit", "seal", dump, "--print").stdout.splitlines()
    assert 1 <= len(lines) <= PARTITIONS and all(one.startswith("yibao-seal/1 ") for one in lines)
    assert [one["line"] for one in json.loads(run("audit", "seal", dump, "--json").stdout)] == lines
    assert "signed" in run("audit", "seal", dump).stdout
    drawn = run("audit", "seal", dump, "--qr").stdout
    assert lines[0] in drawn and "█" in drawn


def test_printed_seals_are_verified(run: Run, dump: Path, tmp_path: Path) -> None:
    (file := tmp_path / "kept.txt").write_text(run("audit", "seal", dump, "--print", "--all").stdout)
    public = (dump.parent / "key.pub").read_text()
    found = json.loads(run("audit", "verify", dump, "--seal", file, "--key", public, "--json").stdout)
    assert found["found"] == [] and found["signed"] >= found["seals"] > 5
    file.write_text(file.read_text().replace(" 0 2 ", " 0 1 ", 1))
    assert run("audit", "verify", dump, "--seal", file).exit_code == REFUSED
    line = run("audit", "seal", dump, "--print").stdout.splitlines()[0].split(" ")
    for text, said in (("not a seal\n", "holds no seals"), (" \n\n", "it is empty"), (" ".join([line[0], "6", *line[2:]]), "no such partitions: 6")):
        file.write_text(text)
        done = run("audit", "verify", dump, "--seal", file)
        assert (done.exit_code, said in done.output) == (CANNOT, True), done.output


@pytest.mark.parametrize("args, code, said", [
    (("prove", "nobody", "{}"), REFUSED, "is not on yibao.settled"), (("check", "nothing.json"), CANNOT, "is no proof"),
    (("check", "nothing.json", "--key", "zz"), CANNOT, "is no public key"),
    (("key", "{}"), CANNOT, "File exists, and is not overwritten: name another file"),
])
def test_what_cannot_be_done_is_said(run: Run, dump: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = run("audit", *(arg.replace("{}", str(dump)) for arg in args))
    assert (done.exit_code, said in done.output) == (code, True), done.output
