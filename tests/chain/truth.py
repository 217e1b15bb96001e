"""What must be on the road, computed from its requests without Kafka or Redis, and the comparison with what is there."""

from collections.abc import Iterable

from contracts.envelope import Record, comparable
from contracts.wire import event_of
from policies.book import built_in
from policies.road import Road, stage_named
from policies.stage import State
from tests.chain.road import REQUESTED, STAGE_TOPICS, STAGES, LiveRoad, Partitions

Told = tuple[bytes | None, bytes, list[tuple[str, bytes | None]]]


def told(record: Record) -> Told:
    """What two runs over the same requests must agree on: key, value and headers but for the worker's own."""
    return record.key, record.value, comparable(record.headers)


def expected(requested: Partitions) -> dict[str, Partitions]:
    """The records that count of each stage's topic, by running the requests through the deciders in one process."""
    road, found = Road(built_in()), {topic: [[] for _ in requested] for topic in STAGE_TOPICS}
    for partition, requests in enumerate(requested):
        for request in requests:
            for record in road.run(request):
                found[record.topic][partition].append(record)
    return found


def folded(stage_name: str, records: Iterable[Record]) -> dict[str, bytes]:
    """The states of a stage after the kept records of one partition of its own topic."""
    state = State(stage_named(stage_name, built_in()), strict=False)
    for record in records:
        state.fold(event_of(record))
    return state.changes()


async def check_records(road: LiveRoad) -> dict[str, Partitions]:
    """Each topic holds exactly the verdicts of the requests, one a request, in order. Returns what is kept, by topic."""
    wanted = expected(await road.read(REQUESTED))
    found = {topic: await road.kept(topic) for topic in STAGE_TOPICS}
    for topic in STAGE_TOPICS:
        for partition, (want, have) in enumerate(zip(wanted[topic], found[topic], strict=True)):
            where = f"{topic}/{partition}"
            assert [r.header("req") for r in have] == [b"%d" % n for n in range(len(want))], where
            for number, (one, other) in enumerate(zip(want, have, strict=True)):
                assert told(other) == told(one), f"{where}: request {number}"
    return found


async def check_states(road: LiveRoad, kept: dict[str, Partitions]) -> None:
    """Redis holds, for each stage, what a fresh fold of the stage's kept records gives."""
    for stage, topic in zip(STAGES, STAGE_TOPICS, strict=True):
        states = await road.states(stage)
        for partition, records in enumerate(kept[topic]):
            assert states[partition] == folded(stage, records), f"states of {stage}, partition {partition}"
