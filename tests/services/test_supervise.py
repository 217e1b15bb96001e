"""What the supervisor does with a worker that its brake has stopped."""

import os
import sys
from pathlib import Path
from subprocess import Popen

from services.cli.supervise import Child, Supervisor
from services.runtime.exits import Exit


def test_a_braked_worker_stays_stopped_and_that_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child("filing", 0, tmp_path / "filing-0.log")
    child.log.write_text("why it stopped\n")
    supervisor = Supervisor(os.environ, tmp_path, say=said.append, children=[child])
    child.process = Popen([sys.executable, "-c", f"raise SystemExit({int(Exit.BRAKE)})"])
    supervisor._ended(child, child.process.wait())
    assert (child.halted, child.process, supervisor.gave_up) == (True, None, None)
    assert ["stopped by its brake" in text and "why it stopped" in text for text in said] == [True]
