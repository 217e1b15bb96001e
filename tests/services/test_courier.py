"""The courier in one partition on logs in memory: nothing skipped, nothing carried before it counts, twice is once."""

from collections.abc import Sequence

import pytest

from contracts.envelope import Record, with_numbers
from contracts.log import Gap
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from services.courier.courier import Courier
from services.runtime.exits import DataLost
from services.runtime.meter import Meter
from services.runtime.metrics import REGISTRY
from tests.memory import MemoryLog, MemoryTopic
from tests.policies.languages import english
from tests.policies.requests import credit, enrolment, record, spell
from tests.policies.standing import PARTITION, Standing
from tests.policies.test_wallet import sharing

PARTITIONS = topic_map().partitions
USERS = [f"U{number}" for number in range(12)]
"""Their roads lie on several partitions."""


class Bench:
    """A standing yibao.settled of one partition, and the six logs of yibao.requested to write to."""

    def __init__(self) -> None:
        self.standing = Standing(built_in())
        self.settled = MemoryTopic("yibao.settled", PARTITION, self.standing.topics[4])
        self.requested = [MemoryTopic("yibao.requested", p) for p in range(PARTITIONS)]
        self.standing.publish(record("enrolment.recorded", enrolment(spell("360100"))))
        self.standing.publish(record("account.credited", credit(1_000), "c1"))

    def share(self, *users: str) -> None:
        for user in users:
            self.standing.publish(record("wallet.requested", sharing(1, user_psn_no=user), f"s-{user}"))

    async def courier(self, committed: int | None = None) -> Courier:
        courier = Courier(MemoryLog(self.settled), [MemoryLog(topic) for topic in self.requested], committed)
        await courier.takeover()
        return courier

    async def deliver(self, courier: Courier, size: int = 3) -> None:
        records = self.settled.records[courier.next_input :]
        for at in range(0, len(records), size):
            await courier.batch(records[at : at + size])

    def carried(self) -> list[str]:
        """Who gets something, partition by partition, in the order published."""
        return [found.key.decode() for topic in self.requested for found in topic.records if found.key]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_each_sharing_becomes_one_request_on_its_users_partition(bench: Bench) -> None:
    bench.share(*USERS)
    courier = await bench.courier()
    await bench.deliver(courier)
    assert sorted(bench.carried()) == sorted(USERS)
    assert sum(1 for topic in bench.requested if topic.records) > 1
    # The road of a user decides there: misrouted requests would be unreadable.
    for topic in bench.requested:
        assert [found.partition for found in topic.records] == [topic.partition] * len(topic.records)
    assert courier.next_input == len(bench.settled.records)


async def test_a_new_group_starts_with_the_first_record(bench: Bench) -> None:
    bench.share("U1")
    assert (await bench.courier(None)).next_input == 0


async def test_what_is_carried_again_has_the_same_id_and_bytes(bench: Bench) -> None:
    """A process that ends between the acknowledgement and the commit."""
    bench.share("U1")
    for _ in range(2):
        await bench.deliver(await bench.courier())
    first, again = next([*topic.records] for topic in bench.requested if topic.records)
    assert (first.key, first.value, first.headers) == (again.key, again.value, again.headers)


async def test_it_goes_on_behind_what_was_committed(bench: Bench) -> None:
    bench.share("U1")
    courier = await bench.courier()
    await bench.deliver(courier)
    bench.share("U2")
    await bench.deliver(await bench.courier(courier.next_input))
    assert sorted(bench.carried()) == ["U1", "U2"]


async def test_every_place_behind_a_record_that_counts_is_one_to_go_on_from(bench: Bench) -> None:
    bench.share("U1", "U2")
    bench.standing.fence()
    bench.share("U3")
    courier = await bench.courier()
    for delivered in list(bench.settled.records):
        await courier.batch([delivered])
        again = bench.carried()
        other = await bench.courier(courier.next_input)
        assert other.next_input == courier.next_input
        assert bench.carried() == again, "taking over publishes nothing"
    assert courier.next_input == len(bench.settled.records)


async def test_a_late_word_of_a_worker_without_the_partition_is_not_carried(bench: Bench) -> None:
    bench.share("U1")
    shared = bench.settled.records[-1]
    courier = await bench.courier()
    await bench.deliver(courier)
    bench.standing.fence()
    late = with_numbers(shared.headers, int(shared.header("req") or b"") + 1, 9, 0)  # the old fence
    bench.standing.add(4, Record(shared.key, shared.value.replace(b"U1", b"U2"), late))
    place = courier.next_input
    await bench.deliver(courier)
    assert (bench.carried(), courier.next_input) == (["U1"], place)
    # From the same place, after a restart: the fence is read again, and the late word is void again.
    other = await bench.courier(place)
    bench.share("U3")
    await bench.deliver(other)
    assert sorted(bench.carried()) == ["U1", "U3"]


async def test_records_that_come_again_after_a_seek_are_not_carried_again(bench: Bench) -> None:
    bench.share("U1")
    courier = await bench.courier()
    await courier.batch(bench.settled.records)
    await courier.batch(bench.settled.records[1:])
    assert bench.carried() == ["U1"]


async def test_a_quiet_topic_that_ends_with_a_fence_is_not_late(bench: Bench) -> None:
    """Where it goes on from lies below the fence; nothing behind it waits all the same."""
    bench.share("U1")
    bench.settled.add([Record(None, b"", (("fence", b"a settlement that began again"),))])
    courier, meter, end = await bench.courier(), Meter("courier"), len(bench.settled.records)
    meter.taken(PARTITION, courier, 0.1)
    await bench.deliver(courier)
    meter.look(PARTITION, courier, end)
    lag = REGISTRY.get_sample_value("yibao_lag_records", {"stage": "courier", "partition": str(PARTITION)})
    assert (courier.next_input, lag) == (end - 1, 0)
    meter.look(PARTITION, courier, end + 1)
    assert REGISTRY.get_sample_value("yibao_lag_records", {"stage": "courier", "partition": str(PARTITION)}) == 1


async def test_a_skipped_offset_ends_it(bench: Bench) -> None:
    bench.share("U1")
    with pytest.raises(Gap, match=f"^yibao.settled/{PARTITION}: .* an offset was skipped"):
        await (await bench.courier()).batch(bench.settled.records[1:])


class Refusing(MemoryLog):
    async def append(self, records: Sequence[Record]) -> list[int]:
        raise TimeoutError("not acknowledged")


async def test_its_place_stays_before_what_was_not_acknowledged(bench: Bench) -> None:
    bench.share("U1")
    courier = Courier(MemoryLog(bench.settled), [Refusing(topic) for topic in bench.requested], None)
    await courier.takeover()
    before = len(bench.settled.records) - 1
    await courier.batch(bench.settled.records[:before])
    with pytest.raises(TimeoutError):
        await courier.batch(bench.settled.records[before:])
    assert courier.next_input == before


@pytest.mark.parametrize(
    ("committed", "first", "why"),
    [(99, 0, "it holds 0 to 4"), (2, 2, "it holds 2 to 4"), (None, 1, "it holds 1 to 4"), (1, 0, "not one that counts")],
)
async def test_a_place_that_the_log_no_longer_holds_ends_it_by_name(
    bench: Bench, committed: int | None, first: int, why: str
) -> None:
    """Fence, enrolment, credit, sharing: offsets 0 to 3. Below offset 1 stands the fence, which is no place to go on from."""
    bench.share("U1")
    bench.settled.first, bench.settled.records = first, bench.settled.records[first:]
    with pytest.raises(DataLost, match=why) as lost:
        await bench.courier(committed)
    assert f"yibao.settled/{PARTITION}" in str(lost.value) and "delete the group's offsets" in english(str(lost.value))


async def test_a_returned_credit_is_carried_back_to_the_sharer(bench: Bench) -> None:
    """The user is nobody that the road knows, so the wallet takes nothing."""
    bench.share("P1x")
    courier = await bench.courier()
    await bench.deliver(courier)
    (letter,) = (found for topic in bench.requested for found in topic.records)
    *_, returned = bench.standing._road.run(letter)
    assert event_of(returned).type == "wallet.returned"
    own, source = bench.standing.own[4], len(bench.standing.topics[3])
    req = int(bench.settled.records[-1].header("req") or b"") + 1
    bench.standing.add(4, Record(returned.key, returned.value, with_numbers(returned.headers, req, source, own)))
    await bench.deliver(courier)
    assert bench.carried().count("P1") == 1
