"""The real step of every deciding stage on in-memory logs, one partition: what each costs in processor time."""

from collections.abc import Callable, Sequence
from time import process_time

from contracts.envelope import Record
from contracts.topics import topic_map
from policies.book import Book
from policies.road import STAGES, stage_named
from services.ledger import Ledger
from services.runtime import garbage
from services.runtime.step import Step
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic

PARTITION = 0


class Twins:
    """Four steps in a row. ``ledger`` gives the ledger of a stage; in memory (``store``) where none is given."""

    def __init__(self, book: Book, ledger: Callable[[str], Ledger] | None = None) -> None:
        self.store = MemoryStore()
        self.topics = [MemoryTopic(topic.name, PARTITION) for topic in topic_map().road]
        make = ledger or (lambda stage: MemoryLedger(self.store, stage, PARTITION))
        self.steps = {
            stage: Step(
                stage_named(stage, book), book.digest, topic_map().partitions, MemoryLog(self.topics[place]),
                MemoryLog(self.topics[place + 1]), make(stage), place == 0)
            for place, stage in enumerate(STAGES)
        }

    async def start(self) -> "Twins":
        garbage.seldom()  # as a worker does when it has its rulebook
        for step in self.steps.values():
            await step.takeover()
        return self

    async def batch(self, records: Sequence[Record]) -> dict[str, float]:
        """One batch through the four stages; seconds of processor time of each. What was read before is forgotten."""
        for topic, step in zip(self.topics, (*self.steps.values(), None), strict=True):
            end = topic.first + len(topic.records)
            if step is None or step.next_input == end:
                topic.records, topic.first = [], end
        self.topics[0].add(records)
        took = {}
        for (stage, step), topic in zip(self.steps.items(), self.topics, strict=False):
            waiting = topic.records[step.next_input - topic.first :]
            started = process_time()
            await step.batch(waiting)
            took[stage] = process_time() - started
        return took

    def verdicts(self) -> list[Record]:
        """The terminal records of the last batch."""
        return [record for record in self.topics[-1].records if record.header("fence") is None]
