"""Which fault comes when, to whom and for how long: all of it from the seed, before anything runs."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob
from random import Random

from policies.road import STAGES
from services.runtime.points import BATCH, BESIDE, TAKEOVER

WEIGHTS = {
    "kill": 6, "crash": 6, "freeze": 3, "late": 4, "scale": 2, "rulebook": 2, "clock": 2,
    "kafka_kill": 1, "kafka_slow": 2, "kafka_cut": 2, "kafka_stall": 1,
    "redis_kill": 2, "redis_slow": 2, "redis_cut": 2, "redis_stall": 1, "redis_full": 1, "flush": 2, "rollback": 3, "tamper": 2,
    "duplicate": 3, "poison": 3,
}
"""Kinds of faults, and how often each is drawn."""
SPACING_S = 2.0
"""One fault begins every so many seconds on average."""
LONGEST_S = 110.0
"""No fault lasts longer, its own end included."""
REPLICAS = {**dict.fromkeys(STAGES, 2), "audit": 1, "courier": 1}


@dataclass(frozen=True, slots=True)
class Fault:
    """``at``: seconds from the start of publishing. ``seconds``: how long it lasts, where it lasts. ``draw``: seed of its rest."""

    number: int
    at: float
    kind: str
    stage: str
    replica: int
    seconds: float
    point: str
    count: int
    draw: int

    @property
    def worker(self) -> str:
        """The worker that it is for, where it is for one."""
        return f"{self.stage}-{self.replica}"


def names() -> list[str]:
    """The workers that run throughout."""
    return [f"{stage}-{n}" for stage, count in REPLICAS.items() for n in range(count)]


def schedule(seed: int, count: int, seconds: float, kinds: Sequence[str]) -> list[Fault]:
    """``count`` faults within ``seconds``, in order; each of ``kinds`` at least once where there are that many."""
    rng = Random(seed)
    drawn = rng.sample(kinds, min(count, len(kinds)))
    drawn += rng.choices(kinds, [WEIGHTS[kind] for kind in kinds], k=count - len(drawn))
    rng.shuffle(drawn)
    times = sorted(rng.uniform(0, seconds) for _ in drawn)
    return [_fault(rng, number, at, kind) for number, (at, kind) in enumerate(zip(times, drawn, strict=True))]


def _fault(rng: Random, number: int, at: float, kind: str) -> Fault:
    point = rng.choice((*TAKEOVER, *BATCH, *BESIDE))
    stage = rng.choice(list(REPLICAS))
    if kind in ("crash", "late", "rulebook"):  # the point belongs to a kind of worker; rulebooks are for those that decide
        stage = {"courier.carried": "courier", "audit.told": "audit"}.get(point if kind == "crash" else "", rng.choice(list(STAGES)))
    return Fault(
        number, round(at, 2), kind, stage, rng.randrange(REPLICAS[stage]), round(rng.uniform(*SECONDS.get(kind, (0, 0))), 2),
        point, rng.choice((1, 1, 1, 2, 3)), rng.getrandbits(32),
    )


SECONDS = {
    "freeze": (4.0, 9.0), "late": (4.0, 8.0), "scale": (6.0, 14.0), "rulebook": (10.0, 25.0), "clock": (8.0, 16.0),
    "kafka_kill": (0.0, 3.0), "kafka_slow": (3.0, 8.0), "kafka_cut": (0.2, 5.0), "kafka_stall": (2.0, 8.0),
    "redis_kill": (0.0, 3.0), "redis_slow": (3.0, 8.0), "redis_cut": (0.2, 5.0), "redis_stall": (1.0, 5.0),
    "redis_full": (2.0, 6.0),
}
"""From and to. The session of a group ends after 3 s without a heartbeat."""


def missing() -> dict[str, str]:
    """Kinds that this machine cannot have, and why."""
    return {} if faketime_library() else {"clock": "faketime is not installed (apt-get install faketime)"}


def faketime_library() -> str | None:
    """The library that Debian's package ``faketime`` brings."""
    found = glob("/usr/lib/*/faketime/libfaketime.so.1") + glob("/usr/local/lib/faketime/libfaketime.so.1")
    return found[0] if found and shutil.which("faketime") else None
