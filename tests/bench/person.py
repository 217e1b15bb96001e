"""What a person's claims cost, the first and the last: the real step of every stage on in-memory twins."""

from policies.book import built_in
from policies.road import STAGES
from tests.bench.twins import Twins
from tests.chain.live_requests import credit, enrolment, psn_no_in, visit

BATCH = 500
PSN = psn_no_in(0)


async def person(count: int) -> None:
    """``count`` visits of one person, batch after batch through the four stages; microseconds a claim, and bytes of state."""
    claims = [visit(PSN, f"visit-{number}", 5_000 + number % 7_000, "123"[number % 3], number % 2 == 0) for number in range(count)]
    twins = await Twins(built_in()).start()
    await twins.batch([enrolment(PSN), credit(PSN, 10_000_000)])
    cells = twins.store.cells
    print(f"{'claims':>14}" + "".join(f"{stage:>14}" for stage in STAGES) + "   us a claim; bytes of the largest state")
    for at in range(0, count, BATCH):
        took = await twins.batch(claims[at : at + BATCH])
        if at in (0, BATCH, count // 2) or at + BATCH >= count:
            largest = max(len(raw) for stage in STAGES for raw in cells[stage, 0].states.values())
            print(f"{at:>6} - {at + BATCH:<5}" + "".join(f"{seconds / BATCH * 1e6:14.0f}" for seconds in took.values()) + f"   {largest}")
    sizes = {stage: (len(cell.states), sum(map(len, cell.states.values()))) for (stage, _), cell in cells.items()}
    print("fields and bytes of the states: " + ", ".join(f"{stage} {fields} / {size}" for stage, (fields, size) in sizes.items()))
