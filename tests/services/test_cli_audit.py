"""The commands of the audit on a recorded run, as an auditor uses them."""

import json
import re
import signal
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from contracts.lines import request_record
from policies.book import BUILT_IN, Book, built_in, load
from services.cli.console import CANNOT, REFUSED, SERVERS
from services.cli.verifying import INCOMPLETE
from services.generator import generate
from tests.services.conftest import Run
from tests.services.interrupting import interrupted, sent
from tests.services.recorded import PARTITIONS, made_right, recorded


@pytest.fixture(scope="module")
def book() -> Book:
    return built_in()


@pytest.fixture(scope="module")
def sound(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of forty claims of eight persons. Nobody changes it."""
    folder = tmp_path_factory.mktemp("sound")
    recorded((request_record(line.encode(), PARTITIONS) for line in generate(8, 40, 7)), book, folder)
    return folder


@pytest.fixture
def dump(sound: Path, tmp_path: Path) -> Path:
    """A copy of it to be falsified."""
    for file in sound.rglob("*.json*"):
        (target := tmp_path / "dump" / file.relative_to(sound)).parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return tmp_path / "dump"


def settled_files(dump: Path) -> Iterator[Path]:
    yield from sorted(dump.glob("yibao.settled/*/*.jsonl"))


def one_fen(dump: Path) -> Path:
    """With an editor: the last amount of cash of a settlement, one fen more."""
    for file in settled_files(dump):
        text = file.read_text("utf-8")
        found = [*re.finditer(r'"verdict":"settled"[^\n]*?"psn_cash_pay":(\d+)', text)]
        if found:
            at = found[-1]
            file.write_text(text[: at.start(1)] + str(int(at[1]) + 1) + text[at.end(1) :], "utf-8")
            return file
    raise AssertionError("no settlement in the dump")


def test_a_sound_dump_holds(run: Run, sound: Path) -> None:
    done = run("audit", "verify", sound, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["found"], found["undecidable"]) == (0, [], {})
    assert found["decided_again"] == 4 * found["requests"] == 4 * found["records"]["yibao.requested"]
    assert "成立 / holds" in run("audit", "verify", sound, "--manifest", sha256((sound / "manifest.json").read_bytes()).hexdigest()).stdout


@pytest.mark.parametrize("forged", [False, True], ids=["the file alone", "the manifest too"])
def test_one_fen_changed_with_an_editor_is_found(run: Run, dump: Path, forged: bool) -> None:
    file = one_fen(dump)
    if forged:
        made_right(dump, file)
    done = run("audit", "verify", dump, "--json")
    found = json.loads(done.stdout)
    codes = {one["code"] for one in found["found"]}
    assert done.exit_code == REFUSED
    assert ("file_changed" in codes) != forged and "decided_otherwise" in codes
    one = next(one for one in found["found"] if one["code"] == "decided_otherwise")
    assert one["topic"] == "yibao.settled" and one["found"] != one["expected"]
    seen = run(*one["command"].split()[1:])
    assert seen.exit_code == 0 and json.loads(seen.stdout)["offset"] == one["offset"]
    text = run("audit", "verify", dump)
    assert text.exit_code == REFUSED and "不成立 / does not hold" in text.stdout and one["command"] in text.stdout.replace("\n", "")


def test_a_line_that_is_no_record_is_told_and_the_others_are_read(run: Run, dump: Path) -> None:
    file = next(settled_files(dump))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b"torn off\n", *lines[2:]]))
    found = json.loads(run("audit", "verify", dump, "--json").stdout)
    assert {"file_changed", "unparsed", "gap"} <= set(found["codes"]) and found["requests"] > 40


def test_a_file_that_is_gone_is_told(run: Run, dump: Path) -> None:
    next(settled_files(dump)).unlink()
    done = run("audit", "verify", dump, "--json")
    assert done.exit_code == REFUSED and {"file_changed", "unparsed"} <= set(json.loads(done.stdout)["codes"])


def taken_out(manifest: dict[str, Any]) -> None:
    manifest["files"] = [one for one in manifest["files"] if one["partition"] != 0]


def counted_wrong(manifest: dict[str, Any]) -> None:
    manifest["files"][0]["records"] += 1


FORGED: dict[str, tuple[Callable[[dict[str, Any]], object], int, str]] = {
    "a partition": (taken_out, CANNOT, "its manifest lacks yibao.filed/0, yibao.checked/0"),
    "no files": (lambda manifest: manifest.update(files=[]), CANNOT, "its manifest lacks yibao.filed/0"),
    "0 partitions": (lambda manifest: manifest.update(partitions=0), CANNOT, "names 0 partitions, and the road has 6"),
    "5 partitions": (lambda manifest: manifest.update(partitions=5), CANNOT, "names 5 partitions, and the road has 6"),
    "7 partitions": (lambda manifest: manifest.update(partitions=7), CANNOT, "names 7 partitions, and the road has 6"),
    "a file in no partition": (lambda manifest: manifest["files"][-1].update(partition=6), CANNOT, "there is no such topic or partition"),
    "a file twice": (lambda manifest: manifest["files"].append(manifest["files"][0]), CANNOT, "named twice, or not in the order"),
    "a count": (counted_wrong, REFUSED, "条 / records"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_manifest_that_is_not_of_this_dump_is_refused(run: Run, dump: Path, name: str) -> None:
    change, code, said = FORGED[name]
    manifest = json.loads((file := dump / "manifest.json").read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))
    done = run("audit", "verify", dump)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_rulebooks_are_chosen_by_digest(run: Run, sound: Path, tmp_path: Path) -> None:
    other = copytree(BUILT_IN, tmp_path / "other")
    settlement = other / "national" / "settlement.toml"
    settlement.write_text(settlement.read_text("utf-8") + "\n", "utf-8")
    alone = run("audit", "verify", sound, "--rulebook", other, "--json")
    found = json.loads(alone.stdout)
    assert alone.exit_code == INCOMPLETE and set(found["codes"]) == {"rulebook_unknown"}
    assert [*found["undecidable"]] == [built_in().digest] and found["undecidable"][built_in().digest] > 40
    assert run("rules", "keep", "--rulebooks", tmp_path / "books").exit_code == 0
    both = run("audit", "verify", sound, "--rulebook", other, "--rulebooks", tmp_path / "books", "--json")
    assert both.exit_code == 0 and json.loads(both.stdout)["undecidable"] == {}

    digest = built_in().digest
    kept = copytree(tmp_path / "books", tmp_path / "changed") / digest / "national" / "settlement.toml"
    kept.write_text(kept.read_text("utf-8") + "\n", "utf-8")  # now as the other one
    altered = run("audit", "verify", sound, "--rulebook", other, "--rulebooks", tmp_path / "changed", "--json")
    told = json.loads(altered.stdout)
    assert altered.exit_code == INCOMPLETE and set(told["codes"]) == {"rulebook_altered"} and told["undecidable"] == found["undecidable"]
    assert {(one["found"], one["expected"]) for one in told["found"]} == {(load(other).digest, digest)}
    assert "does not hold what its name (the digest) says" in told["found"][0]["en"]


def test_where_there_is_no_request_nothing_was_verified(run: Run, book: Book, sound: Path, tmp_path: Path) -> None:
    """A road that nobody has published to holds fences alone."""
    recorded([], book, tmp_path / "empty")
    for args in ((tmp_path / "empty",), (sound, "--from", "2030-01-01")):
        done = run("audit", "verify", *args)
        assert done.exit_code == INCOMPLETE and "there is no request to verify" in done.stdout, done.output
        assert json.loads(run("audit", "verify", *args, "--json").stdout)["requests"] == 0


def test_several_processes_find_what_one_finds(run: Run, dump: Path) -> None:
    """A changed amount in one partition, a record missing at the end of another."""
    one_fen(dump)
    file = [*settled_files(dump)][-1]
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    told = []
    for jobs in (1, 3):
        done = run("audit", "verify", dump, "--jobs", jobs, "--json")
        found = json.loads(done.stdout)
        assert done.exit_code == REFUSED and len(found["found"]) > 2
        told.append({name: value for name, value in found.items() if name not in ("seconds", "records_a_second")})
    assert told[0] == told[1]


@pytest.mark.parametrize("after", [0.0, 0.2, 0.6])
def test_interrupted_while_its_processes_start_it_says_no_more_than_that_and_leaves_nothing(sound: Path, tmp_path: Path, after: float) -> None:
    made_before_they_start = "yibao-verify-*"
    interrupted(tmp_path, made_before_they_start, "audit", "verify", sound, "--jobs", 2, after_s=after)


@pytest.mark.parametrize("after", [0.0, 0.6])
def test_in_the_background_of_a_script_it_passes_over_an_interruption(sound: Path, tmp_path: Path, after: float) -> None:
    """Such a shell starts it with interruptions ignored: its processes must not end by what it passes over itself."""
    code, said = sent(signal.SIG_IGN, tmp_path, "yibao-verify-*", "audit", "verify", sound, "--jobs", 2, after_s=after)
    assert code == 0 and "Traceback" not in said, said


@pytest.mark.parametrize("args, code, said", [
    (("verify", "nowhere"), CANNOT, "is no dump"), (("verify",), CANNOT, "YIBAO_KAFKA"),
    (("verify", "{}", "--from", "yesterday"), CANNOT, "2025-03-05T08:30"), (("verify", "{}", "--rulebooks", "nowhere"), CANNOT, "holds no rulebooks"),
    (("verify", "{}", "--from", "2025-03-05", "--to", "2025-03-04"), CANNOT, "--from must lie before --to"),
    (("verify", "{}", "--rulebook", "{}"), CANNOT, "sources.toml: 缺少该文件，每个取值都要有列在其中的出处 / is missing"), (("verify", "{}", "--seal", "nowhere"), CANNOT, "holds no seals"),
    (("verify", "{}", "--seal", "/dev/null"), CANNOT, "holds no seals: it is empty"), (("verify", "{}", "--key", "zz"), CANNOT, "zz: 不是公钥"),
    (("verify", "{}", "--manifest", "0" * 64), REFUSED, "was altered, or gone on with since"),
    (("verify", "live", "--manifest", "0" * 64), CANNOT, "YIBAO_KAFKA"),
    (("show", "{}", "yibao.settled", "0", "99999"), REFUSED, "holds no record"), (("show", "{}", "yibao.found", "0", "0"), REFUSED, "no such topic"),
    (("load", "nowhere"), CANNOT, "YIBAO_KAFKA"), (("dump", "new"), CANNOT, "YIBAO_KAFKA"),
])
def test_what_cannot_be_done_is_said(run: Run, sound: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = run("audit", *(arg.replace("{}", str(sound)) for arg in args))
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_a_replay_refuses_a_file_that_is_not_as_the_manifest_says(run: Run, dump: Path) -> None:
    """Without its last request nothing would be different: that says nothing of the dump."""
    file = max(dump.glob("yibao.requested/*/*.jsonl"), key=lambda one: one.stat().st_size)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    done = run("replay", dump)
    assert done.exit_code == SERVERS and "the file is not the one that the manifest names" in done.stderr and "requests" not in done.stdout


@pytest.mark.parametrize("command", [("audit", "verify"), ("replay",), ("account", "P1", "--dump"), ("explain", "none", "--dump")], ids=" ".join)
def test_files_that_the_manifest_does_not_name_are_told_and_not_read(run: Run, dump: Path, command: tuple[str, ...]) -> None:
    assert "not named by its manifest" not in run(*command, dump).stderr
    file = next(settled_files(dump))
    (other := file.with_name(f"{7:020d}-{9:020d}.jsonl")).write_bytes(file.read_bytes())
    assert f"not named by its manifest, not read: {other.relative_to(dump).as_posix()}\n" in run(*command, dump).stderr
