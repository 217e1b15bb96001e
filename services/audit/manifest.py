"""What a dump says that it holds: ``manifest.json``."""

from collections.abc import Iterator
from typing import Literal

from contracts.base import Hash, Model
from contracts.topics import topic_map

MANIFEST = "manifest.json"
ALL = frozenset(topic.name for topic in topic_map().all)
ROAD = tuple(topic.name for topic in topic_map().road)
READ = (*ROAD, "yibao.sealed")
"""What an auditor reads and a dump holds: the road, and the seals. The rest is copied or found, and can be made again."""


class DumpFile(Model):
    """One file: the offsets ``first`` to ``last`` of a partition. ``records`` are fewer where the log itself skips offsets."""

    topic: str
    partition: int
    first: int
    last: int
    records: int
    sha256: Hash

    @property
    def path(self) -> str:
        return f"{self.topic}/{self.partition}/{self.first:020d}-{self.last:020d}.jsonl"


class Manifest(Model):
    """What a dump holds, files of a partition in the order of their offsets. ``partitions``: the number that each topic has.
    ``empty``: ``<topic>/<partition>`` of those that held nothing; None: not told, the dump was made by an older program."""

    format: Literal[1] = 1
    partitions: int
    files: tuple[DumpFile, ...] = ()
    empty: tuple[str, ...] | None = None

    def of(self, topic: str, partition: int) -> list[DumpFile]:
        return [one for one in self.files if (one.topic, one.partition) == (topic, partition)]

    def next(self, topic: str, partition: int) -> int:
        """The offset behind the last one that is held."""
        return max((one.last + 1 for one in self.of(topic, partition)), default=0)

    def wrong(self) -> Iterator[str]:
        """What no dump of this road says."""
        road, reached = topic_map().partitions, dict[tuple[str, int], int]()
        if self.partitions != road:
            yield f"分区数为 {self.partitions}，应为 {road} / names {self.partitions} partitions, and the road has {road}"
        for one in self.files:
            if one.topic not in ALL or not 0 <= one.partition < road:
                yield f"{one.topic}/{one.partition}: 没有这个主题或分区 / there is no such topic or partition"
            if not reached.get((one.topic, one.partition), -1) < one.first <= one.last:
                yield f"{one.path}: 列了两次，或不按位置顺序 / is named twice, or not in the order of offsets"
            reached[one.topic, one.partition] = one.last

    def lacking(self) -> list[str]:
        """Partitions of topics of which it says nothing. An older program said nothing of empty ones: then the stages' topics must be
        there, as each stage has written a fence, and of the others the stages' records tell."""
        due = READ if self.empty is not None else ROAD[1:]
        told = {f"{one.topic}/{one.partition}" for one in self.files} | {*(self.empty or ())}
        return [at for name in due for partition in range(self.partitions) if (at := f"{name}/{partition}") not in told]
