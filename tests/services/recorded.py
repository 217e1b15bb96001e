"""A recorded run without servers: requests through the offline road, with fences and numbers, as a dump."""

import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from itertools import chain, repeat
from pathlib import Path

from contracts.envelope import Record, with_numbers
from contracts.topics import topic_map
from policies.book import Book
from policies.chain import judge
from policies.road import Road
from services.audit.dump import FILE_RECORDS, DumpDir, Dumping
from services.audit.sealing import Sealing, seal_record
from services.audit.signing import Signer
from services.audit.sources import DumpSource
from services.audit.verify import rows_of
from tests.memory import MemoryTopic

PARTITIONS = topic_map().partitions
FENCE = Record(None, b"", (("fence", b"0123456789abcdef0123456789abcdef"),))
NAMES = [topic.name for topic in topic_map().road]


class Recording:
    """Appends what each request becomes to files of a dump; holds no more than one file of each partition of each topic."""

    def __init__(self, folder: Path) -> None:
        self._dumping = Dumping(folder, PARTITIONS)
        self.topics = {(name, p): MemoryTopic(name, p) for name in NAMES for p in range(PARTITIONS)}
        for (name, _), topic in self.topics.items():
            topic.add([FENCE] if name != NAMES[0] else [])

    def add(self, records: Iterable[Record], at: int = -1) -> None:
        """The five records of one request, which the broker took at ``at``."""
        source = -1
        for record in records:
            topic = self.topics[record.topic, record.partition]
            if record.topic != NAMES[0]:
                record = replace(record, headers=with_numbers(record.headers, int(record.header("req") or b""), source, 0))
            (source,) = topic.add([replace(record, timestamp_ms=at)])
            if len(topic.records) == FILE_RECORDS:
                self.flush(topic)

    def flush(self, topic: MemoryTopic) -> None:
        end = topic.first + len(topic.records)
        if topic.records:
            self._dumping.write(topic.records, topic.name)
        topic.records, topic.first = [], end


def recorded(requests: Iterable[Record], book: Book, folder: Path, times: Iterable[int] = repeat(-1)) -> None:
    """Runs ``requests`` and writes the dump of the road they leave behind; ``times``: when the broker took each, in ms."""
    recording, road = Recording(folder), Road(book)
    for request, at in zip(requests, times, strict=False):
        first = replace(request, topic=NAMES[0])
        recording.add(chain([first], road.run(request)), at)
    for topic in recording.topics.values():
        recording.flush(topic)


async def seal_run(folder: Path, every: int, signer: Signer | None = None) -> None:
    """Adds to a dump the seals that the audit worker would write."""
    source, dumping = DumpSource(DumpDir(folder)), Dumping(folder, PARTITIONS)
    for partition in range(PARTITIONS):
        sealing = Sealing(every, signer)
        sealing.go_on(None, -1, None, 0)
        judged = [judge(row, PARTITIONS) async for row in rows_of(source, partition)]
        topic = MemoryTopic("yibao.sealed", partition)
        topic.add([seal_record(seal) for seal in sealing.add(judged, partition, 0)])
        if topic.records:
            dumping.write(topic.records, topic.name)


def made_right(dump: Path, file: Path) -> None:
    """The manifest of a forger: with the sum of the changed file."""
    manifest = json.loads((dump / "manifest.json").read_text())
    for one in manifest["files"]:
        if file.match(f"{one['topic']}/{one['partition']}/*"):
            one["sha256"] = sha256(file.read_bytes()).hexdigest()
    (dump / "manifest.json").write_text(json.dumps(manifest))
