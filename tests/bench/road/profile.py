"""Where a worker's processor time goes, by step: samples of its stack (py-spy), each told to the innermost step that it is in.

A run of its own, because looking takes time too: what it gives are shares, and the microseconds of an undisturbed run are parted by
them. The system must allow to look into a process of the same user (``kernel.yama.ptrace_scope`` 0, or
root). Where that is not so, nothing is measured, and why is said.
"""

import re
import shutil
import signal
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

RATE, LONGEST_S, END_S = 200, 600, 15
OTHER = "other"
STEPS: tuple[tuple[str, re.Pattern[str]], ...] = tuple((name, re.compile(pattern)) for name, pattern in (
    ("decode", r"^(read_as|read_body|Request\.body|_validated) \(contracts/wire|^_section \(policies/chain"),
    ("encode", r"^(to_json|grow|wrap|answering) \(contracts/wire|^State\.changes |^packed \("),
    ("read", r"^(read_request|event_of|first_event) \(contracts/wire|\(contracts/envelope|^record_of |\(aiokafka/consumer|^KafkaLog\.read|^Lane\."),
    ("apply", r"^(RedisLedger\.apply|Step\._apply|Auditor\._apply) "),
    ("state", r"^(RedisLedger\.|Step\._load|State\._get) |^unpacked \("),
    ("produce", r"^(KafkaLog\.append|Step\._produce) |\(aiokafka/producer"),
    ("decide", r"\(policies/"),
))
"""Name of a step, and the frames (``function (file)``) that are in it; the first that matches the innermost frame that any matches."""
NAMES = ("read", "decode", "state", "decide", "encode", "produce", "apply", OTHER)
_LINE = re.compile(r":\d+\)$")


class NotMeasured(Exception):
    """Nobody may look, or nobody is there who could."""


def spy() -> str:
    """The command. Raises NotMeasured."""
    found = shutil.which("py-spy", path=sysconfig.get_path("scripts")) or shutil.which("py-spy")
    if found is None:
        raise NotMeasured("py-spy is missing: make venv")
    return found


@contextmanager
def looked_at(pids: Mapping[str, int], folder: Path) -> Iterator[dict[str, dict[str, float]]]:
    """The processes are looked at for the length of a block; behind it, of each the share of every step. Raises NotMeasured."""
    command, found = spy(), dict[str, dict[str, float]]()
    files = {name: folder / f"{name}.samples" for name in pids}
    spies = {name: subprocess.Popen(
        [command, "record", "-r", str(RATE), "-d", str(LONGEST_S), "-f", "raw", "-o", str(files[name]), "-p", str(pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for name, pid in pids.items()}
    try:
        yield found
    finally:
        for one in spies.values():
            one.send_signal(signal.SIGINT)  # it writes what it has
        said = {name: one.communicate(timeout=END_S)[1].decode("utf-8", "replace") for name, one in spies.items()}
    for name, path in files.items():
        if not path.exists():
            raise NotMeasured(f"py-spy could not look at {name}: {said[name].strip()[-200:]}")
        found[name] = shares(path.read_text("utf-8", "replace"))


def shares(samples: str) -> dict[str, float]:
    """The share of each step in lines ``frame;frame;... count``, outermost frame first."""
    counts = Counter[str]()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        counts[step([_LINE.sub(")", frame) for frame in stack.split(";")])] += int(count)
    return {name: counts[name] / max(1, counts.total()) for name in NAMES}


def step(frames: list[str]) -> str:
    """The step that a stack is in."""
    for frame in reversed(frames):
        for name, pattern in STEPS:
            if pattern.search(frame):
                return name
    return OTHER
