"""The entry point: encodings, outputs and interruptions that no command foresees. Each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.lines import request_record
from policies.book import built_in
from services.cli import CANNOT, INTERRUPTED
from services.cli.console import REFUSED, SERVERS
from tests.policies.requests import claim, enrolment, line
from tests.services.recorded import PARTITIONS, recorded

ROOT = Path(__file__).parents[2]
GOOD = [
    {"type": "cn.yibao.enrolment.recorded.v1", "data": enrolment()},
    {"type": "cn.yibao.claim.submitted.v1", "id": "visit-1", "data": claim(line(30_000), fixmedins_code="H65020000102")},
]
FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Requests, what ``settle`` makes of them, their dump, and one that lacks a file."""
    folder = tmp_path_factory.mktemp("entry")
    (folder / "my.jsonl").write_text("".join(json.dumps(one) + "\n" for one in GOOD), "utf-8")
    assert ended(folder, "settle", "my.jsonl", "--out", "settled.jsonl").returncode == 0
    for name in ("dump", "torn"):
        recorded((request_record(json.dumps(one).encode(), PARTITIONS) for one in GOOD), built_in(), folder / name)
    next((folder / "torn" / "yibao.settled").glob("*/*.jsonl")).unlink()
    return folder


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIBAO_")}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"} | more


def ended(folder: Path, *command: str, module: str = "services.cli", env: dict[str, str] | None = None, **more: object) -> subprocess.CompletedProcess:
    """The command when it has ended; what it said is bytes."""
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | more
    return subprocess.run([sys.executable, "-m", module, *command], cwd=folder, stderr=subprocess.PIPE, env=environment(**env or {}), timeout=120, **given)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "big5"])
@pytest.mark.parametrize(("command", "module"), [
    (("--help",), "services.cli"), (("explain", "settled.jsonl", "--lang", "en"), "services.cli"), (("nothing.json",), "policies.chain_proof"),
])
def test_signs_that_an_encoding_lacks_are_replaced(folder: Path, encoding: str, command: tuple[str, ...], module: str) -> None:
    done = ended(folder, *command, module=module, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == (0 if module == "services.cli" else CANNOT) and b"Traceback" not in done.stderr
    assert b"?" in done.stdout + done.stderr


def test_json_and_pages_lose_no_sign_by_an_encoding(folder: Path) -> None:
    """JSON has escapes for them, and a page says that it is UTF-8."""
    plain, ascii = {"PYTHONIOENCODING": "utf-8"}, {"PYTHONIOENCODING": "ascii"}
    assert json.loads(ended(folder, "explain", "settled.jsonl", "--json", env=ascii).stdout) == json.loads(
        ended(folder, "explain", "settled.jsonl", "--json", env=plain).stdout)
    page = ("explain", "settled.jsonl", "--html", "-")
    assert ended(folder, *page, env=ascii).stdout == ended(folder, *page, env=plain).stdout


OUTPUTS = [("--help",), ("acl",), ("settle", "my.jsonl"), ("explain", "settled.jsonl"), ("explain", "settled.jsonl", "--json"), ("audit", "verify", "dump")]


@full
@pytest.mark.parametrize("command", OUTPUTS)
def test_an_output_that_is_full_is_told_as_that(folder: Path, command: tuple[str, ...]) -> None:
    with FULL.open("wb") as output:
        done = ended(folder, *command, stdout=output)
    told = done.stderr.decode()
    assert done.returncode == CANNOT and "standard output" in told and "No space left" in told
    assert "Traceback" not in told and "servers" not in told


@pytest.mark.parametrize(("command", "code"), [*((command, 0) for command in OUTPUTS), (("audit", "verify", "torn"), REFUSED)])
def test_where_nobody_reads_on_it_ends_quietly(folder: Path, command: tuple[str, ...], code: int) -> None:
    """With the code that it would have had: a road that does not hold is not called sound."""
    reads, writes = os.pipe()
    os.close(reads)
    done = ended(folder, *command, stdout=writes)
    os.close(writes)
    told = done.stderr.decode()
    assert done.returncode == code and "Traceback" not in told and "pipe" not in told and "servers" not in told


def test_the_file_behind_standard_input_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    (file := tmp_path / "my.jsonl").write_bytes(content := (folder / "my.jsonl").read_bytes())
    with file.open("rb") as given:
        done = ended(tmp_path, "settle", "-", "--out", "my.jsonl", stdin=given)
    assert done.returncode == CANNOT and b"is the input and the output" in done.stderr and file.read_bytes() == content


@pytest.mark.parametrize(("where", "why"), [("/proc/yibao", "No such file"), ("my.jsonl", "File exists"), ("my.jsonl/dump", "Not a directory")])
def test_a_folder_that_cannot_be_made_is_told_as_that(folder: Path, where: str, why: str) -> None:
    """Before any server is asked: there is none at this address."""
    done = ended(folder, "audit", "dump", where, env={"YIBAO_KAFKA": "127.0.0.1:1"})
    told = done.stderr.decode()
    assert done.returncode == CANNOT and f"{where}: " in told and why in told and "servers" not in told


def test_a_server_that_is_not_there_is_told_as_that(folder: Path) -> None:
    done = ended(folder, "trace", "visit-1", env={"YIBAO_KAFKA": "127.0.0.1:1", "YIBAO_SEND_TIMEOUT_S": "2"})
    assert done.returncode == SERVERS and "servers do not answer" in done.stderr.decode()


@pytest.mark.parametrize(("command", "said"), [
    ("acl >&-", "standard output is closed"), ("settle - <&-", "standard input is closed"), ("explain - <&-", "standard input is closed"),
    ("publish - <&-", "standard input is closed"), ("feed fed --from - <&-", "standard input is closed"),
])
def test_an_input_or_output_that_is_closed_is_told(folder: Path, command: str, said: str) -> None:
    whole = ["sh", "-c", f'"$0" -m services.cli {command}', sys.executable]
    done = subprocess.run(whole, cwd=folder, env=environment(), capture_output=True, timeout=120)
    assert done.returncode == CANNOT and said in done.stderr.decode() and b"Traceback" not in done.stderr


def test_a_command_that_is_interrupted_while_it_loads_says_nothing(tmp_path: Path) -> None:
    """The interruption comes with the first library that is imported."""
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    code = "import sys; sys.path.insert(0, '.'); from services.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, timeout=120,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, b"", b"")
