"""A command that is interrupted while its processes work for it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from services.cli.console import REFUSED

ROOT = Path(__file__).parents[2]
LOOK_S = 0.01


def interrupted(folder: Path, begun: str, *command: object, after_s: float = 0.0) -> None:
    """Interrupts ``command`` and its processes ``after_s`` from when something called ``begun`` lies in the folder for temporary
    files: it must end by that alone, without a traceback, and leave nothing there."""
    code, said = sent(signal.SIG_DFL, folder, begun, *command, after_s=after_s)
    assert code not in (0, REFUSED) and "Traceback" not in said, said


def sent(handling: signal.Handlers, folder: Path, begun: str, *command: object, after_s: float = 0.0) -> tuple[int, str]:
    """The code of a command that is sent an interruption, and its errors; ``handling``: what it is started with, whatever this process
    was. It must leave nothing in the folder for temporary files."""
    (scratch := folder / "scratch").mkdir()
    env = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)}
    whole = [sys.executable, "-m", "services.cli", *map(str, command)]
    process = subprocess.Popen(whole, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, handling))
    try:
        while not [*scratch.glob(begun)]:
            assert process.poll() is None, process.stderr.read()
            time.sleep(LOOK_S)
        time.sleep(after_s)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert [*scratch.iterdir()] == []
    return process.returncode, said
