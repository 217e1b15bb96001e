"""What a person's claims cost, the first and the last: the real step of every stage on in-memory twins."""

from collections.abc import Sequence
from time import process_time

from contracts.envelope import Record
from contracts.log import kept
from contracts.topics import topic_map
from policies.book import built_in
from policies.road import STAGES, stage_named
from services.ledger import MemoryLedger, MemoryStore
from services.runtime.log import MemoryLog, MemoryTopic
from services.runtime.step import Step
from tests.chain.live_requests import credit, enrolment, psn_no_in, visit

BATCH = 500
PSN = psn_no_in(0)


async def person(count: int) -> None:
    """``count`` visits of one person, batch after batch through the four stages; microseconds a claim, and bytes of state."""
    claims = [visit(PSN, f"visit-{number}", 5_000 + number % 7_000, "123"[number % 3], number % 2 == 0) for number in range(count)]
    book, store = built_in(), MemoryStore()
    topics = [MemoryTopic(topic.name) for topic in topic_map().road]
    steps = {}
    for place, stage in enumerate(STAGES):
        logs = MemoryLog(topics[place]), MemoryLog(topics[place + 1])
        steps[stage] = Step(stage_named(stage, book), book.digest, topic_map().partitions, *logs, MemoryLedger(store, stage, 0), place == 0)
        await steps[stage].takeover()
    await _road(steps, topics, [enrolment(PSN), credit(PSN, 10_000_000)])
    print(f"{'claims':>14}" + "".join(f"{stage:>14}" for stage in STAGES) + "   us a claim; bytes of the largest state")
    for at in range(0, count, BATCH):
        took = await _road(steps, topics, claims[at : at + BATCH])
        if at in (0, BATCH, count // 2) or at + BATCH >= count:
            largest = max(len(raw) for stage in STAGES for raw in store.cells[stage, 0].states.values())
            print(f"{at:>6} - {at + BATCH:<5}" + "".join(f"{seconds / BATCH * 1e6:14.0f}" for seconds in took) + f"   {largest}")
    sizes = {stage: (len(cell.states), sum(map(len, cell.states.values()))) for (stage, _), cell in store.cells.items()}
    print("fields and bytes of the states: " + ", ".join(f"{stage} {fields} / {size}" for stage, (fields, size) in sizes.items()))


async def _road(steps: dict[str, Step], topics: Sequence[MemoryTopic], records: Sequence[Record]) -> list[float]:
    topics[0].add(records)
    took = []
    for (_, step), topic in zip(steps.items(), topics, strict=False):
        waiting = [record for record in topic.records if record.offset >= step.next_input]
        started = process_time()
        await step.batch(waiting)
        took.append(process_time() - started)
    assert len(list(kept(topics[1].records))) == len(list(kept(topics[-1].records)))
    return took
