"""The brake on the in-memory twins: where it stops, that it stops there again, and that it changes no verdict."""

from dataclasses import replace

import pytest

from contracts.envelope import Record
from contracts.log import kept
from policies.book import built_in
from policies.road import Road, stage_named
from policies.stage import State
from services.runtime.brake import Brake, Braked
from services.runtime.done import Done
from services.runtime.exits import Exit
from services.runtime.step import Step
from tests.chain.simulation_requests import PARTITION, PARTITIONS
from tests.chain.simulation_twins import GappyLog
from tests.services.test_step import FENCE, MARY, Stand, credit, enrolment

WINDOW, LEAST = 20, 5


def good(number: int) -> Record:
    return credit(MARY, number)


def bad(number: int) -> Record:
    return replace(credit(MARY, 1000 + number), value=b'{"cut off": %d' % number)


async def owner(stand: Stand, on: bool = True) -> Step:
    book = built_in()
    step = Step(
        stage_named("filing", book), book.digest, PARTITIONS, GappyLog(stand.inp("filing")), GappyLog(stand.out("filing")),
        stand.ledger("filing"), True, Brake(WINDOW, LEAST, on),
    )
    await step.takeover()
    return step


async def work(stand: Stand, size: int, on: bool = True) -> int | None:
    """Works in batches of ``size`` until the input ends or the brake is pulled; the requests that are answered by then."""
    step = await owner(stand, on)
    asked = stand.inp("filing").records
    try:
        for at in range(0, len(asked), size):
            await step.batch(asked[at : at + size])
    except Braked as braked:
        assert braked.code == Exit.BRAKE
        return len(verdicts(stand))
    return None


def verdicts(stand: Stand) -> list[bytes]:
    return [record.value for record in kept(stand.out("filing").records)]


# 5 good ones, then bad ones: with 5 bad ones 5 of 10 are unreadable, not more than half; the sixth would make it 6 of 11.
FIVE_GOOD = [enrolment(MARY), *map(good, range(4)), *map(bad, range(30))]


@pytest.mark.parametrize("size", [1, 3, 10, 11, 100])
async def test_it_stops_before_the_same_request_whatever_the_batches_are(size: int) -> None:
    stand = Stand()
    stand.ask(*FIVE_GOOD)
    assert await work(stand, size) == 10
    for again in (1, 7):  # a process that is started again, and one on an empty ledger
        assert await work(stand, again) == 10
        stand.store.wipe()
    road = Road(built_in())
    wanted = [next(iter(road.run(record))).value for record in stand.inp("filing").records[:10]]
    assert verdicts(stand) == wanted


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ([*map(bad, range(9))], 4),  # all of the first 5 would be unreadable: as many as it takes
        ([*map(good, range(10)), *map(bad, range(10))], None),  # 10 of 20: half, not more
        ([*map(good, range(10)), *map(bad, range(11))], 20),  # the oldest good one leaves the window: 11 of 20
        ([*map(good, range(40)), *map(bad, range(10)), *map(good, range(50, 60)), *map(bad, range(20, 30))], None),
        ([one for n in range(30) for one in (bad(n), good(100 + n))], 8),  # the fifth bad one: 5 of 9
    ],
)
async def test_where_it_stops(asked: list[Record], answered: int | None) -> None:
    stand = Stand()
    stand.ask(*asked)
    assert await work(stand, 6) == answered


async def test_a_worker_that_begins_again_drops_the_oldest_first() -> None:
    """11 good ones and 9 bad ones fill the window; one bad one more makes it 10 of 20, the next 11 of 20."""
    stand = Stand()
    stand.ask(*map(good, range(11)), *map(bad, range(9)))
    assert await work(stand, 6) is None
    stand.ask(*map(bad, range(9, 20)))
    assert await work(stand, 6) == 21


async def test_good_requests_pass_a_window_full_of_bad_ones() -> None:
    stand = Stand()
    stand.ask(*map(bad, range(4)), *map(good, range(4)))
    assert await work(stand, 3) is None
    assert len(verdicts(stand)) == 8


async def test_what_it_says_names_the_record_and_what_to_do() -> None:
    stand = Stand()
    requested = stand.ask(*FIVE_GOOD)
    step = await owner(stand)
    with pytest.raises(Braked) as told:
        await step.batch(requested)
    for text in ("5/10 of the last", f"record {requested[10].offset}", "not_json", "--no-brake", "yibao dead list", "最近 10 个请求"):
        assert text in str(told.value)


async def test_a_worker_without_brake_drains_and_what_it_drained_does_not_count_later() -> None:
    stand = Stand()
    stand.ask(*FIVE_GOOD)
    assert await work(stand, 4) == 10
    assert await work(stand, 4, on=False) is None
    assert len(verdicts(stand)) == 35
    stand.ask(bad(100), *map(good, range(200, 203)), *map(bad, range(101, 104)))
    assert await work(stand, 4) is None  # 4 unreadable ones since the drain: not enough
    stand.ask(bad(110))
    assert await work(stand, 4) == 42  # the fifth, of 8
    assert await work(stand, 4) == 42


async def test_the_late_word_of_a_program_that_could_read_nothing_is_not_remembered() -> None:
    """Ten good ones count; behind them lands what the worker before, with the next fence already there, made of the same requests."""
    stand = Stand()
    asked = stand.ask(enrolment(MARY), *map(good, range(9)))
    older, step = await owner(stand), await owner(stand)
    await step.batch(asked)
    unread = [replace(record, value=b"{}") for record in stand.ask(*map(bad, range(10)))]
    late = [older._decided(older.stage.read(record, PARTITION, PARTITIONS), State(older.stage), Done(), record, req)
            for req, record in enumerate(unread)]
    assert {record.header("ce_type") for record in late} == {b"cn.yibao.request.unreadable.v1"}
    stand.out("filing").add(late)
    brake = Brake(WINDOW, LEAST)
    out = stand.out("filing")
    await brake.recall(GappyLog(out), len(out.records), 9)
    assert (brake.unreadable, brake.seen) == (0, 10)


async def test_what_is_void_is_not_counted_twice() -> None:
    """The late batch of a dead worker repeats verdicts behind the next fence: they have the numbers that were counted."""
    stand = Stand()
    stand.ask(*map(good, range(3)), *map(bad, range(3)))
    assert await work(stand, 6) is None
    late = [replace(record, offset=-1) for record in list(kept(stand.out("filing").records))[-3:]]
    stand.out("filing").add([FENCE, *late, *late])
    stand.ask(bad(50))
    assert await work(stand, 6) is None  # 4 unreadable ones
    stand.ask(bad(51))
    assert await work(stand, 6) == 7
