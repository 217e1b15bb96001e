"""What a command writes into a file: whole or as it was, and what is no regular file as it is."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
import typer

from services.cli.console import CANNOT
from services.cli.writing import to_file

ROOT = Path(__file__).parents[2]


def put(file: Path, content: bytes = b"new") -> None:
    with to_file(file) as stream:
        stream.write(content)


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    (file := tmp_path / "out").write_bytes(b"old")
    file.chmod(mode)
    put(file)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", mode)


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (target := tmp_path / "target").write_bytes(b"old")
    (link := tmp_path / "link").symlink_to(target)
    (hanging := tmp_path / "hanging").symlink_to(tmp_path / "later")
    put(link)
    put(hanging)
    assert link.is_symlink() and hanging.is_symlink()
    assert target.read_bytes() == b"new" == (tmp_path / "later").read_bytes()


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    read: list[bytes] = []
    (reader := Thread(target=lambda: read.append(pipe.read_bytes()))).start()
    put(pipe)
    reader.join(10)
    assert read == [b"new"] and pipe.is_fifo()


def test_what_does_not_end_leaves_the_old_file(tmp_path: Path) -> None:
    (file := tmp_path / "out").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), to_file(file) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_the_input_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file := tmp_path / "requests").write_bytes(b"old")
    (link := tmp_path / "link").symlink_to(file)
    with pytest.raises(typer.Exit) as end, to_file(link, source=file):
        raise AssertionError("nothing is written")
    assert end.value.exit_code == CANNOT and file.read_bytes() == b"old" and "is the input and the output" in capsys.readouterr().err


def test_sigterm_takes_the_half_file_away(tmp_path: Path) -> None:
    code = "\n".join((
        "import sys, time", "from pathlib import Path", "from services.cli.writing import to_file",
        "with to_file(Path('out')):", "    print('begun', flush=True)", "    time.sleep(60)"))
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n" and [*tmp_path.iterdir()]
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM and [*tmp_path.iterdir()] == []
    process.stdout.close()
