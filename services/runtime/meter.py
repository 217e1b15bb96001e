"""What one worker tells of itself: batches, takeovers, and each second where each of its partitions stands."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from time import time
from typing import Any

from contracts.events.audit import FINDINGS
from services import __version__
from services.runtime import metrics
from services.runtime.part import Part, Report, Seen, told


@dataclass(slots=True)
class Standing:
    """What is known of a partition. Seconds of the wall clock: of the newest record worked on, and when nothing waited."""

    seen: Seen = Seen()
    newest: float = -math.inf
    clear: float = -math.inf


class Meter:
    """The metrics of the stage ``name``, fed by its shell."""

    def __init__(self, name: str, rulebook: str = "") -> None:
        self.name = name
        self._standing: dict[int, Standing] = {}
        self._told: set[int] = set()
        self._series: dict[tuple[Any, ...], Any] = {}
        metrics.WORKER.labels(name, __version__, rulebook).set(1)
        metrics.READY.labels(name).set(0)
        metrics.PARTITIONS.labels(name).set(0)
        metrics.REASONS.labels(name, "cannot_decide")  # a series that first appears with 1 has not increased
        if name == "filing":
            metrics.VERDICTS.labels(name, "request.unreadable")
        if name == "audit":
            for code in FINDINGS:
                metrics.FINDINGS.labels(code)

    def found(self, partition: int, committed: int, end: int) -> None:
        """What waits in a partition that is still to be taken over, as far as its group has ``committed``: who ends before a batch is
        done tells of it too."""
        self._told.add(partition)
        metrics.LAG.labels(self.name, str(partition)).set(max(0, end - committed))

    def taken(self, partition: int, part: Part, seconds: float) -> None:
        """A partition was taken over."""
        self._told.add(partition)
        self._standing[partition] = Standing()
        self._of(metrics.KEPT, partition)  # begins with 0, for the same reason as REASONS
        metrics.TAKEOVERS.labels(self.name).inc()
        metrics.TAKEOVER_SECONDS.labels(self.name).observe(seconds)
        metrics.REPLAYED.labels(self.name).inc(part.replayed)

    def only(self, partitions: Collection[int]) -> None:
        """Others than these are somebody else's now: he tells of them."""
        for gone in self._told.difference(partitions):
            self.gone(gone)

    def gone(self, partition: int) -> None:
        """A partition is somebody else's: he tells of it from now on."""
        self._told.discard(partition)
        self._standing.pop(partition, None)
        for gauge in (metrics.LAG, metrics.LATE, metrics.POSITION, metrics.BEHIND):
            gauge.remove_by_labels({"stage": self.name, "partition": str(partition)})
        metrics.BRAKE.remove_by_labels({"partition": str(partition)})

    def came(self, partition: int, oldest_ms: int) -> None:
        """A batch comes. ``oldest_ms``: the broker's time of its first record; behind a takeover nobody knows an earlier one."""
        standing = self._standing[partition]
        if standing.newest == -math.inf:
            standing.newest = oldest_ms / 1000

    def batch(self, partition: int, done: Report, newest_ms: int) -> None:
        """A batch was worked on. ``newest_ms``: the broker's time of its last record."""
        self._standing[partition].newest = newest_ms / 1000
        if not done.kept:
            return
        self._of(metrics.KEPT, partition).inc(done.kept)
        self._of(metrics.BATCH).observe(done.kept)
        found = told(done)
        for name, value in found.items():
            if name.endswith("_ms"):
                self._of(metrics.STEP, name.removesuffix("_ms")).observe(value / 1000)
        for type, count in found.get("verdicts", {}).items():
            self._of(metrics.VERDICTS, type).inc(count)
        for code, count in found.get("reasons", {}).items():
            self._of(metrics.REASONS, code).inc(count)
        if dead := found.get("dead"):
            metrics.DEAD.inc(dead)
        if carried := found.get("carried"):
            metrics.LETTERS.inc(carried)

    def _of(self, metric: Any, *labels: Any) -> Any:
        """The series of this stage with these labels: its client would look it up anew each time, at five times the cost."""
        found = self._series.get((metric, labels))
        if found is None:
            found = self._series[metric, labels] = metric.labels(self.name, *labels)
        return found

    def look(self, partition: int, part: Part, end: int | None, passed: int = 0) -> None:
        """Where a partition stands. ``end``: of its input, None where the broker has not told yet; ``passed``: up to where nothing more is
        in it."""
        standing, seen, labels = self._standing[partition], part.seen, (self.name, str(partition))
        if end is not None:
            lag, now = max(0, end - max(part.next_input, seen.read, passed)), time()
            if not lag:
                standing.clear = now
            since = max(standing.newest, standing.clear)  # what waits came after both
            metrics.LAG.labels(*labels).set(lag)
            metrics.LATE.labels(*labels).set(max(0.0, now - since) if lag and since > -math.inf else 0)
        metrics.POSITION.labels(*labels).set(seen.pos)
        metrics.BEHIND.labels(*labels).set(seen.end - seen.pos)
        metrics.FENCES.labels(self.name).inc(seen.fences - standing.seen.fences)
        metrics.VOID.labels(self.name).inc(seen.void - standing.seen.void)
        standing.seen = seen
        if seen.unreadable is not None:
            metrics.BRAKE.labels(partition).set(seen.unreadable)

    def ready(self, ready: bool, partitions: int) -> None:
        """Whether the worker is, and how many partitions it works on."""
        metrics.READY.labels(self.name).set(ready)
        metrics.PARTITIONS.labels(self.name).set(partitions)
