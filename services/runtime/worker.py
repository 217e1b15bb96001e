"""A deciding worker: one stage in the shell, a Step a partition."""

from typing import Any

from contracts.topics import topic_map
from policies.stage import Stage
from services.runtime.brake import Brake
from services.runtime.kafka import KafkaLog
from services.runtime.part import Part
from services.runtime.settings import Settings
from services.runtime.shell import Shell
from services.runtime.step import Step

REPLAY_BYTES = 4_000_000
"""Of one fetch of the own log: that of the input holds fewer settled claims than a piece that is folded again."""


class Worker(Shell):
    """Decides what travels from the topic upstream of ``stage`` to the one that it writes."""

    def __init__(self, settings: Settings, stage: Stage, digest: str) -> None:
        self.stage, self._digest = stage, digest
        inp, out = topic_map().of_stage(stage.name)
        self._names, self._first = (inp.name, out.name), inp is topic_map().road[0]
        self._logs: dict[Part, tuple[KafkaLog, KafkaLog]] = {}
        super().__init__(settings, stage.name, inp.name)

    def facts(self) -> dict[str, Any]:
        return {"rulebook": self._digest[:12]}

    async def take(self, partition: int) -> Part:
        inp = self.log_of(self._names[0], partition)
        out = self.log_of(self._names[1], partition, write=True, fetch_bytes=REPLAY_BYTES)
        step = Step(
            self.stage, self._digest, topic_map().partitions, inp, out, self.ledger(partition), self._first, self._brake()
        )
        try:
            await step.takeover()
        finally:  # what they read next, if anything, is read anew
            await inp.close()
            await out.close()
        self._logs[step] = inp, out
        return step

    def _brake(self) -> Brake | None:
        """Of the first stage alone: what it has read, the others need not doubt."""
        s = self.settings
        return Brake(s.brake_window, s.brake_least, s.brake) if self._first else None

    async def release(self, part: Part) -> None:
        for log in self._logs.pop(part, ()):
            await log.close()
