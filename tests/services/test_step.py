"""The step on the in-memory twins: one situation a test, each log written by hand or by the step itself."""

import json
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from contracts.base import altered
from contracts.envelope import Record, comparable, join_type, request_headers, with_numbers
from contracts.events.claim import Movement
from contracts.lines import request_record
from contracts.log import Gap, Kept, kept
from contracts.topics import topic_map
from contracts.wire import Event, answer
from policies.book import built_in
from policies.road import STAGES, Road, stage_named
from policies.settlement.stage import SettlementStage
from policies.stage import DoesNotFit, View
from services.ledger import Moved, Position
from services.runtime.exits import DataLost, Lost
from services.runtime.log import folded_hash
from services.runtime.step import Step
from tests.chain.simulation_requests import PARTITION, PARTITIONS, PERSONS, UNREADABLE, asked
from tests.chain.simulation_twins import GappyLog, GappyTopic
from tests.memory import MemoryLedger, MemoryStore, MemoryTopic
from tests.services.damaging import Damaging

MARY, BO = PERSONS[0], PERSONS[1]
LEVEL_2, DRUG = "H43040000102", "XA02BCA101A010010100001"
FENCE = Record(None, b"", (("fence", b"another worker's"),))


def enrolment(psn_no: str, number: int = 0) -> Record:
    return asked(Random(number), "enrolment", psn_no, f"e{number}").record


def credit(psn_no: str, number: int) -> Record:
    return asked(Random(number), "credit", psn_no, f"c{number}").record


def claim(psn_no: str, number: int, fen: int) -> Record:
    """A visit to a hospital of level 2 in 衡阳, one drug of class 甲, paid without the account."""
    record = asked(Random(4), "claim", psn_no, f"v{number}").record
    body = json.loads(record.value)
    line = body["feedetail"][0] | {
        "med_list_codg": DRUG, "cnt": "1", "pric": f"{fen / 100:.2f}", "det_item_fee_sumamt": fen,
    }
    body |= {"fixmedins_code": LEVEL_2, "acct_used_flag": "0", "feedetail": [line], "medfee_sumamt": fen}
    return replace(record, value=json.dumps(body, ensure_ascii=False).encode())


@dataclass
class Stand:
    """The logs and ledgers of one partition, and steps on them."""

    topics: list[MemoryTopic] = field(default_factory=list)
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        names = [topic.name for topic in topic_map().road]
        self.topics = [GappyTopic(names[0], PARTITION), *(MemoryTopic(name, PARTITION) for name in names[1:])]

    def place(self, stage: str) -> int:
        return list(STAGES).index(stage)

    def inp(self, stage: str) -> MemoryTopic:
        return self.topics[self.place(stage)]

    def out(self, stage: str) -> MemoryTopic:
        return self.topics[self.place(stage) + 1]

    def ledger(self, stage: str) -> MemoryLedger:
        return MemoryLedger(self.store, stage, PARTITION)

    def step(self, stage: str = "filing", out: GappyLog | None = None) -> Step:
        book, inp = built_in(), GappyLog(self.inp(stage))
        out = out or GappyLog(self.out(stage))
        return Step(stage_named(stage, book), book.digest, PARTITIONS, inp, out, self.ledger(stage), stage == "filing")

    async def owner(self, stage: str = "filing", out: GappyLog | None = None) -> Step:
        """A step that has taken over."""
        step = self.step(stage, out)
        await step.takeover()
        return step

    def ask(self, *records: Record) -> list[Record]:
        """Publishes; returns what a reader then sees of it."""
        offsets = self.topics[0].add(records)
        return [record for record in self.topics[0].records if record.offset in offsets]

    async def settle(self, *records: Record) -> list[Record]:
        """Sends requests down the whole road, each stage in one batch; the kept records at its end."""
        self.ask(*records)
        for stage in STAGES:
            await (await self.owner(stage)).batch(self.inp(stage).records)
        return list(kept(self.topics[-1].records))

    def position(self, stage: str = "filing") -> Position:
        return self.store.cells[stage, PARTITION].position

    def states(self, stage: str = "filing") -> dict[str, bytes]:
        return dict(self.store.cells[stage, PARTITION].states)

    def kept(self, stage: str = "filing") -> list[tuple[int, int]]:
        """Offset and number of the kept records of a stage."""
        return [(r.offset, int(r.header("req") or b"")) for r in kept(self.out(stage).records)]


@pytest.fixture
def stand() -> Stand:
    return Stand()


class Intruded(GappyLog):
    """A log to which somebody else writes ``before`` and ``between`` the records of one append, once."""

    def __init__(self, topic: MemoryTopic, before: list[Record], between: list[Record]) -> None:
        super().__init__(topic)
        self._before, self._between, self.armed = before, between, False

    async def append(self, records: Any) -> list[int]:
        if not self.armed:
            return await super().append(records)
        self.armed = False
        self._topic.add(self._before)
        first = await super().append(records[:1])
        self._topic.add(self._between)
        return first + (await super().append(records[1:]) if records[1:] else [])


# --- takeover ---------------------------------------------------------------------------------------------------------


async def test_takeover_of_an_empty_partition(stand: Stand) -> None:
    step = await stand.owner()
    fence = stand.out("filing").records[0]
    assert [name for name, _ in fence.headers] == ["fence"]
    assert stand.position() == Position(owner=0, pos=1, req=-1, src=-1, hash=folded_hash(fence))
    assert (step.next_input, step.replayed) == (0, 1)


async def test_takeover_goes_on_where_the_log_ends(stand: Stand) -> None:
    await (await stand.owner()).batch(stand.ask(enrolment(MARY), credit(MARY, 1)))
    step = await stand.owner()
    # 0 fence, 1 and 2 verdicts, 3 the new fence: the only record that the ledger did not hold
    assert (step.next_input, step.replayed) == (2, 1)
    assert (stand.position().owner, stand.position().pos) == (3, 4)
    done = await step.batch(stand.ask(credit(MARY, 2)))
    assert (done.req, stand.kept()) == (2, [(1, 0), (2, 1), (4, 2)])


async def test_takeover_trusts_the_ledger_and_replays_only_what_it_lacks(stand: Stand) -> None:
    first = await stand.owner()
    await first.batch(stand.ask(enrolment(MARY)))
    held = stand.store.snapshot()
    await first.batch(stand.ask(credit(MARY, 1), credit(MARY, 2)))
    now = stand.states()
    stand.store.restore(held)
    step = await stand.owner()
    assert step.replayed == 3  # two verdicts and the own fence
    assert stand.states() == now


async def test_takeover_after_a_wipe_folds_the_whole_log(stand: Stand) -> None:
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    before = {stage: stand.states(stage) for stage in ("filing", "eligibility", "settlement")}
    stand.store.wipe()
    for stage in STAGES:
        step = await stand.owner(stage)
        assert step.replayed == 4  # fence, two verdicts, fence
        assert step.next_input == stand.inp(stage).records[-1].offset + (1 if stage == "filing" else 0)
    assert {stage: stand.states(stage) for stage in before} == before


async def test_takeover_folds_anew_what_an_earlier_version_folded(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is the same and the position fits, but another version made the states: a program that folds otherwise."""
    await (await stand.owner()).batch(stand.ask(enrolment(MARY), credit(MARY, 1)))
    now = stand.states()
    assert (await stand.owner()).replayed == 1  # the own fence alone
    monkeypatch.setattr("services.runtime.log.FOLDS", -1)
    assert (await stand.owner()).replayed == 5  # fence, two verdicts, fence, fence
    assert stand.states() == now


async def test_takeover_discards_the_ledger_of_another_log(stand: Stand) -> None:
    other = Stand()
    await (await other.owner()).batch(other.ask(enrolment(BO), credit(BO, 1)))
    await (await stand.owner()).batch(stand.ask(enrolment(MARY), credit(MARY, 1)))
    mine = stand.states()
    assert other.position().compared[:2] == stand.position().compared[:2]  # only the hash differs
    stand.store.restore(other.store.snapshot())
    step = await stand.owner()
    assert (step.replayed, stand.states()) == (4, mine)
    assert not any(BO in name for name in stand.states())


async def test_takeover_discards_a_ledger_that_is_ahead_of_the_log(stand: Stand) -> None:
    other = Stand()
    await (await other.owner()).batch(other.ask(enrolment(BO), *(credit(BO, n) for n in range(9))))
    stand.store.restore(other.store.snapshot())
    step = await stand.owner()
    assert (step.replayed, stand.states(), stand.position().pos) == (1, {}, 1)


async def test_a_newer_owner_ahead_of_the_own_fence(stand: Stand) -> None:
    class Overtaken(Step):
        async def _fence(self) -> int:
            own = await super()._fence()
            await stand.owner()
            return own

    book = built_in()
    inp, out = GappyLog(stand.inp("filing")), GappyLog(stand.out("filing"))
    late = Overtaken(stage_named("filing", book), book.digest, PARTITIONS, inp, out, stand.ledger("filing"), True)
    with pytest.raises(Lost, match=r"a newer owner \(1\) is ahead of this fence \(0\)"):
        await late.takeover()
    assert (stand.position().owner, stand.position().pos) == (1, 2)


# --- logs that lost something -----------------------------------------------------------------------------------------


async def test_an_input_that_ends_before_what_was_decided(stand: Stand) -> None:
    await stand.settle(enrolment(MARY), credit(MARY, 1))
    del stand.inp("pricing").records[2:]
    with pytest.raises(DataLost, match=r"yibao\.checked/2: holds 0 to 1, not 2, which was decided before"):
        await stand.owner("pricing")


async def test_an_input_that_starts_after_what_was_decided(stand: Stand) -> None:
    await stand.settle(enrolment(MARY), credit(MARY, 1))
    topic = stand.inp("pricing")
    topic.first, topic.records = 3, []
    with pytest.raises(DataLost, match="holds 3 to 2, not 2"):
        await stand.owner("pricing")


async def test_an_input_that_starts_late_before_anything_was_decided(stand: Stand) -> None:
    stand.inp("pricing").first = 1
    with pytest.raises(DataLost, match=r"yibao\.checked/2: starts at 1, and nothing holds what was before"):
        await stand.owner("pricing")


async def test_an_input_made_anew(stand: Stand) -> None:
    await stand.settle(enrolment(MARY), credit(MARY, 1))
    topic = stand.inp("pricing")
    topic.records[2] = replace(topic.records[2], headers=with_numbers(topic.records[2].headers, 7, 2, 0))
    with pytest.raises(DataLost, match="record 2 is request b'7', not 1"):
        await stand.owner("pricing")


async def test_an_output_that_starts_after_the_ledger(stand: Stand) -> None:
    await (await stand.owner()).batch(stand.ask(enrolment(MARY)))
    topic = stand.out("filing")
    topic.records, topic.first = [], 2  # the ledger stands at 2 and knows the record at 1
    with pytest.raises(DataLost, match=r"yibao\.filed/2: starts at 2, after 1 where the ledger stands"):
        await stand.owner()


async def test_an_output_that_starts_late_without_a_ledger(stand: Stand) -> None:
    stand.out("filing").first = 5
    with pytest.raises(DataLost, match="starts at 5, and nothing holds what was before"):
        await stand.owner()


async def test_an_output_that_lost_its_end_is_noticed_when_written(stand: Stand) -> None:
    step = await stand.owner()
    await step.batch(stand.ask(enrolment(MARY)))
    stand.out("filing").records.pop()
    with pytest.raises(Lost, match="written at 1, below the known end 2"):
        await step.batch(stand.ask(credit(MARY, 1)))
    assert stand.position().pos == 2


# --- batches ----------------------------------------------------------------------------------------------------------


async def test_two_claims_in_one_batch_see_each_other(stand: Stand) -> None:
    # 衡阳, level 2: deductible 200 yuan a year, then 60 % (S148). (300 - 200) x 60 % = 60, then 300 x 60 % = 180.
    _, one, other = await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000), claim(MARY, 2, 30_000))
    paid = [json.loads(record.value)["settled"] for record in (one, other)]
    assert [(verdict["act_pay_dedc"], verdict["hifp_pay"]) for verdict in paid] == [(20_000, 6_000), (0, 18_000)]


async def test_two_claims_in_two_batches_of_two_owners_see_each_other(stand: Stand) -> None:
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    stand.store.wipe()
    *_, other = await stand.settle(claim(MARY, 2, 30_000))
    assert json.loads(other.value)["settled"]["hifp_pay"] == 18_000


async def test_one_that_cannot_be_read_leaves_its_neighbours_alone(stand: Stand) -> None:
    bad = [make(enrolment(MARY), number) for number, make in enumerate(UNREADABLE)]
    found = await stand.settle(enrolment(MARY), *bad, claim(MARY, 1, 30_000))
    types = [(record.header("ce_type") or b"").decode() for record in found]
    assert types[0] == "cn.yibao.enrolment.recorded.v1"
    assert types[1:-1] == ["cn.yibao.request.unreadable.v1"] * len(bad)
    assert types[-1] == "cn.yibao.claim.settled.v1"


async def test_a_filing_asked_twice_is_repeated(stand: Stand) -> None:
    filing = asked(Random(1), "filing", MARY, "f1").record
    found = await stand.settle(enrolment(MARY), filing, filing)
    assert found[-1].header("ce_type") == b"cn.yibao.request.repeated.v1"


async def test_an_empty_batch_and_one_that_was_seen_decide_nothing(stand: Stand) -> None:
    step = await stand.owner()
    records = stand.ask(enrolment(MARY))
    await step.batch(records)
    assert [(await step.batch(again)).kept for again in ([], records)] == [0, 0]
    assert stand.kept() == [(1, 0)]


async def test_a_foreign_fence_before_the_own_records(stand: Stand) -> None:
    out = Intruded(stand.out("filing"), [FENCE], [])
    step = await stand.owner(out=out)
    out.armed, before = True, stand.position()
    with pytest.raises(Lost, match="another worker's fence lies between 1 and 2"):
        await step.batch(stand.ask(enrolment(MARY)))
    assert stand.position() == before and stand.kept() == []


async def test_a_foreign_fence_between_the_own_records(stand: Stand) -> None:
    out = Intruded(stand.out("filing"), [], [FENCE])
    step = await stand.owner(out=out)
    out.armed, before = True, stand.position()
    with pytest.raises(Lost, match="another worker's fence lies between 1 and 3"):
        await step.batch(stand.ask(enrolment(MARY), credit(MARY, 1)))
    assert stand.position() == before
    assert stand.kept() == [(1, 0)]  # what came before the other's fence counts
    assert (await stand.owner()).next_input == 1


async def test_a_log_that_ends_before_what_was_acknowledged(stand: Stand) -> None:
    """Another worker's fence went before; the log, read again, holds neither."""
    class Cut(Intruded):
        async def read(self, offset: int, limit: int) -> list[Record]:
            return await super().read(offset, limit) if offset < 1 else []

    out = Cut(stand.out("filing"), [FENCE], [])
    step = await stand.owner(out=out)
    out.armed, before = True, stand.position()
    with pytest.raises(DataLost, match="yibao.filed/.*: ends before 2, which was acknowledged"):
        await step.batch(stand.ask(enrolment(MARY)))
    assert stand.position() == before


async def test_void_records_between_the_own_ones_do_not_matter(stand: Stand) -> None:
    await (await stand.owner()).batch(stand.ask(enrolment(MARY)))
    old = stand.out("filing").records[1]
    out = Intruded(stand.out("filing"), [old], [old, old])
    step = await stand.owner(out=out)
    out.armed = True
    await step.batch(stand.ask(credit(MARY, 1), credit(MARY, 2)))
    # 0 fence, 1 verdict, 2 fence, 3 void, 4 verdict, 5 and 6 void, 7 verdict
    assert stand.kept() == [(1, 0), (4, 1), (7, 2)]
    assert (stand.position().owner, stand.position().pos, stand.position().req) == (2, 8, 2)
    await step.batch(stand.ask(credit(MARY, 3)))
    assert stand.kept()[-1] == (8, 3)


async def test_the_late_batch_of_an_old_owner_is_dropped_by_everybody(stand: Stand) -> None:
    old = await stand.owner()
    asked_for = stand.ask(enrolment(MARY), credit(MARY, 1), credit(MARY, 2))
    await old.batch(asked_for[:1])
    late = [replace(record, offset=-1) for record in await _decided_by(old, stand, asked_for[1:])]
    new = await stand.owner()
    await new.batch(asked_for[1:])
    stand.out("filing").add(late)
    counted = [(1, 0), (3, 1), (4, 2)]  # 0 fence, 1, 2 fence, 3, 4, then 5 and 6 void
    assert stand.kept() == counted
    down = await stand.owner("eligibility")
    done = await down.batch(stand.out("filing").records)
    assert (done.received, done.kept, down.seen.void) == (7, 3, 2)
    before = stand.states()
    del stand.store.cells["filing", PARTITION]
    newest = await stand.owner()
    assert (stand.states(), newest.next_input, stand.position().req) == (before, 3, 2)
    await newest.batch(stand.ask(credit(MARY, 3)))
    assert stand.kept() == [*counted, (8, 3)]
    assert (await down.batch(stand.out("filing").records[7:])).req == 3


async def _decided_by(step: Step, stand: Stand, records: list[Record]) -> list[Record]:
    """What ``step`` writes for ``records``, taken off the log again as if it had not arrived; the ledger as it was."""
    held, end = stand.store.snapshot(), len(stand.out("filing").records)
    await step.batch(records)
    stand.store.restore(held)
    written = stand.out("filing").records[end:]
    del stand.out("filing").records[end:]
    return written


# --- gaps of the input ------------------------------------------------------------------------------------------------


async def test_a_gap_in_the_input_ends_the_worker(stand: Stand) -> None:
    await (await stand.owner()).batch(stand.ask(enrolment(MARY), credit(MARY, 1)))
    step = await stand.owner("eligibility")
    records = stand.out("filing").records
    with pytest.raises(Gap, match=f"^yibao.filed/{PARTITION}: record 2 came where 1 was expected"):
        await step.batch([records[0], records[2]])
    assert stand.kept("eligibility") == []


async def test_a_gap_of_the_requests_is_believed_when_a_fresh_read_shows_it(stand: Stand) -> None:
    step, topic = await stand.owner(), stand.topics[0]
    assert isinstance(topic, GappyTopic)
    first = stand.ask(enrolment(MARY))
    topic.skip(2)
    await step.batch(first + stand.ask(credit(MARY, 1)))
    assert [record.offset for record in topic.records] == [0, 3]
    assert [record.header("src") for record in kept(stand.out("filing").records)] == [b"0", b"3"]
    assert (step.next_input, (await stand.owner()).next_input) == (4, 4)


async def test_a_gap_of_the_requests_is_not_believed_when_a_record_lies_in_it(stand: Stand) -> None:
    step = await stand.owner()
    records = stand.ask(enrolment(MARY), credit(MARY, 1), credit(MARY, 2))
    with pytest.raises(Gap, match=f"^yibao.requested/{PARTITION}: record 2 came where 1 was expected"):
        await step.batch([records[0], records[2]])
    assert stand.kept() == []


# --- the ledger moves -------------------------------------------------------------------------------------------------


async def test_nothing_is_decided_on_a_ledger_that_was_wiped(stand: Stand) -> None:
    step = await stand.owner()
    await step.batch(stand.ask(enrolment(MARY)))
    stand.store.wipe()
    with pytest.raises(Moved):
        await step.batch(stand.ask(credit(MARY, 1)))
    assert stand.kept() == [(1, 0)]


async def test_nothing_is_decided_on_a_ledger_that_was_rolled_back(stand: Stand) -> None:
    step = await stand.owner()
    await step.batch(stand.ask(enrolment(MARY)))
    held = stand.store.snapshot()
    await step.batch(stand.ask(credit(MARY, 1)))
    stand.store.restore(held)
    with pytest.raises(Moved):
        await step.batch(stand.ask(credit(MARY, 2)))
    assert stand.kept() == [(1, 0), (2, 1)]


async def test_what_was_written_and_not_applied_counts_for_the_next_owner(stand: Stand) -> None:
    class Wiped(GappyLog):
        async def append(self, records: Any) -> list[int]:
            stand.store.wipe()
            return await super().append(records)

    step = await stand.owner()
    step._out = Wiped(stand.out("filing"))
    with pytest.raises(Moved):
        await step.batch(stand.ask(enrolment(MARY)))
    assert stand.store.cells == {}
    step = await stand.owner()
    assert (step.next_input, stand.position().req) == (1, 0)
    assert sorted(stand.states()) == [f"e:{MARY}:request:id-e0", f"p:{MARY}"]


async def test_an_idle_worker_notices_a_wipe_and_another_owner(stand: Stand) -> None:
    step = await stand.owner()
    await step.idle()
    newer = await stand.owner()
    with pytest.raises(Moved):
        await step.idle()
    stand.store.wipe()
    with pytest.raises(Moved):
        await newer.idle()


async def test_the_place_in_the_input_knows_the_fence_in_force(stand: Stand) -> None:
    # 0 fence, 1 verdict, 2 fence, 3 verdict, 4 an old owner's late word
    await (await stand.owner()).batch(stand.ask(enrolment(MARY)))
    old = stand.out("filing").records[1]
    await (await stand.owner()).batch(stand.ask(credit(MARY, 1)))
    down = await stand.owner("eligibility")
    await down.batch(stand.out("filing").records)
    stand.out("filing").add([replace(old, headers=with_numbers(old.headers, 2, 1, 0))])
    newer = await stand.owner("eligibility")
    assert newer.next_input == 4
    assert newer._input == Kept(next=4, fence=2, req=1)
    assert (await newer.batch(stand.out("filing").records[4:])).kept == 0


# --- a ledger that is wrong ---------------------------------------------------------------------------------------------


async def test_a_state_that_cannot_be_decoded_refuses_nobody(stand: Stand) -> None:
    """It is the ledger that is broken, not the claim: the worker ends, and the next one builds the ledger anew."""
    await stand.settle(enrolment(MARY), credit(MARY, 1), claim(MARY, 1, 30_000))
    right, step = stand.states("settlement"), await stand.owner("settlement")
    stand.store.cells["settlement", PARTITION].states[f"p:{MARY}"] = b'{"balances":'
    stand.ask(credit(MARY, 2))
    for stage in ("filing", "eligibility", "pricing"):
        await (await stand.owner(stage)).batch(stand.inp(stage).records)
    written = len(stand.out("settlement").records)
    with pytest.raises(Lost, match="cannot be decoded"):
        await step.batch(stand.inp("settlement").records)
    assert len(stand.out("settlement").records) == written  # no verdict stands on it
    await stand.owner("settlement")
    assert stand.states("settlement") == right


async def test_states_newer_than_their_position_are_built_anew(stand: Stand) -> None:
    """A fold from there does not fit the verdicts of the log; from the start of the log it does."""
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    old = stand.position("settlement")
    await stand.settle(claim(MARY, 2, 20_000))
    right = stand.states("settlement")
    stand.store.cells["settlement", PARTITION].position = old
    await stand.owner("settlement")
    assert stand.states("settlement") == right


async def test_a_log_that_does_not_fit_itself_ends_the_worker(stand: Stand) -> None:
    """From the start of the log there is nothing left to doubt but the log."""
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    settled = next(r for r in stand.out("settlement").records if r.header("ce_type") == b"cn.yibao.claim.settled.v1")
    wrong = settled.value.replace(b'"before":{}', b'"before":{"outpatient.hifp_pay":1}', 1)
    assert wrong != settled.value
    stand.out("settlement").records[settled.offset] = replace(settled, value=wrong)
    stand.store.wipe()
    with pytest.raises(DoesNotFit):
        await stand.owner("settlement")


async def test_a_damaged_ledger_is_built_anew(stand: Stand) -> None:
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    right, step = stand.states("filing"), stand.step("filing")
    step._ledger = Damaging(stand.store, "filing", PARTITION)
    await step.takeover()
    assert stand.states("filing") == right


class Overtaken(MemoryLedger):
    """A takeover that was called off still applies a piece, once, while another takeover replays."""

    overtaken = False

    async def apply(self, expected: Position, new: Position, writes: Any) -> None:
        if not self.overtaken:
            self.overtaken = True
            await super().apply(expected, new, writes)  # the other's word
        await super().apply(expected, new, writes)


async def test_a_takeover_looks_again_when_somebody_else_wrote(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.step.REPLAY_RECORDS", 1)
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    right = stand.states("settlement")
    stand.store.wipe()
    step = stand.step("settlement")
    step._ledger = Overtaken(stand.store, "settlement", PARTITION)
    await step.takeover()
    assert stand.states("settlement") == right


# --- a decision that does not fit ---------------------------------------------------------------------------------------


class Misfit(SettlementStage):
    """Grants visit ``m-v2`` on accumulators that nobody has: what it says of it cannot be folded."""

    def decide(self, event: Event, view: View) -> Event:
        found = super().decide(event, view)
        if found.type != "claim.settled" or found.body.request.mdtrt_id != "m-v2":
            return found
        moved = Movement(before={"nobody.has": 1}, movement={}, after={"nobody.has": 1})
        return answer(event, "settlement", "claim.settled", altered(found.body.settled, accumulators=moved))


async def test_a_decision_that_does_not_fit_is_refused_and_the_worker_goes_on(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live as offline: the same bytes, before it, of it and behind it, in its own batch and in the next one."""
    monkeypatch.setitem(STAGES, "settlement", Misfit)
    first = [enrolment(MARY), claim(MARY, 1, 30_000), claim(MARY, 2, 30_000), claim(MARY, 3, 30_000)]
    with capture_logs() as told:
        await stand.settle(*first)
        live = await stand.settle(claim(MARY, 4, 30_000))
    assert [r.header("ce_type") for r in live] == [
        b"cn.yibao.enrolment.recorded.v1", b"cn.yibao.claim.settled.v1", b"cn.yibao.claim.refused.v1", b"cn.yibao.claim.settled.v1",
        b"cn.yibao.claim.settled.v1"]
    assert [why["code"] for why in json.loads(live[2].value)["settled"]["reasons"]] == ["cannot_decide"]
    assert [(line["log_level"], line["req"]) for line in told if line["event"] == "could not decide"] == [("error", 2)]
    road = Road(built_in())
    offline = [[*road.run(record)][-1] for record in stand.topics[0].records]
    assert [(r.value, comparable(r.headers)) for r in live] == [(r.value, comparable(r.headers)) for r in offline]
    before = stand.states("settlement")
    stand.store.wipe()
    await stand.owner("settlement")
    assert stand.states("settlement") == before, "and the log can be folded"


class Forgetful(SettlementStage):
    """Does not name the accumulators when it is asked what a claim needs: only deciding and folding look for them."""

    def needs(self, event: Event) -> tuple[str, ...]:
        return () if event.type == "claim.priced" else super().needs(event)

    def decide(self, event: Event, view: View) -> Event:
        return super().decide(event, View(view.person, {"": None}))


async def test_what_only_the_fold_needs_is_loaded_then(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first claim of the year fits; the second, decided without the first, does not, and is refused as it would be offline."""
    monkeypatch.setitem(STAGES, "settlement", Forgetful)
    await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000))
    live = await stand.settle(claim(MARY, 2, 30_000))
    road = Road(built_in())
    assert [r.value for r in live] == [[*road.run(record)][-1].value for record in stand.topics[0].records]
    assert [r.header("ce_type") for r in live[1:]] == [b"cn.yibao.claim.settled.v1", b"cn.yibao.claim.refused.v1"]


async def test_what_a_reversal_looks_up_is_loaded_round_by_round(stand: Stand) -> None:
    """The settlement, its place and those behind it, what they moved: the same bytes as offline."""
    visit = claim(MARY, 1, 30_000)
    settled = (await stand.settle(enrolment(MARY), visit))[-1]
    asked = {"psn_no": MARY, "setl_id": (settled.header("ce_id") or b"").decode(), "date": "2026-03-06", "reason": "wrong_charges",
             "fixmedins_code": LEVEL_2}
    headers = request_headers(join_type("reversal.requested", 1), "/simulated", "r1")
    live = await stand.settle(replace(visit, value=json.dumps(asked).encode(), headers=headers))
    assert live[-1].header("ce_type") == b"cn.yibao.claim.reversed.v1"
    road = Road(built_in())
    assert [r.value for r in live] == [[*road.run(one)][-1].value for one in stand.topics[0].records]


class Unnamed(SettlementStage):
    """Cannot name the entries of visit ``m-v2``."""

    def needs(self, event: Event) -> tuple[str, ...]:
        if event.type == "claim.priced" and event.body.request.mdtrt_id == "m-v2":
            raise KeyError("a bug")
        return super().needs(event)


async def test_a_claim_whose_entries_cannot_be_named_is_refused_alone(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live as offline: an error before the states are loaded is met again in the decision, and refuses it."""
    monkeypatch.setitem(STAGES, "settlement", Unnamed)
    live = await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000), claim(MARY, 2, 30_000), claim(MARY, 3, 30_000))
    assert [r.header("ce_type") for r in live[1:]] == [
        b"cn.yibao.claim.settled.v1", b"cn.yibao.claim.refused.v1", b"cn.yibao.claim.settled.v1"]
    assert [why["code"] for why in json.loads(live[2].value)["settled"]["reasons"]] == ["cannot_decide"]
    road = Road(built_in())
    assert [r.value for r in live] == [[*road.run(record)][-1].value for record in stand.topics[0].records]


# --- what others write --------------------------------------------------------------------------------------------------


async def test_a_fence_whose_header_is_given_twice_is_one_for_the_writer_too(stand: Stand) -> None:
    twice = Record(None, b"", (("fence", None), ("fence", b"a stranger's")))
    out = Intruded(stand.out("filing"), [twice], [])
    step = await stand.owner(out=out)
    out.armed = True
    with pytest.raises(Lost, match="another worker's fence"):
        await step.batch(stand.ask(enrolment(MARY)))


async def test_requests_made_anew_are_noticed_though_there_are_more_of_them(stand: Stand) -> None:
    await (await stand.owner()).batch(stand.ask(enrolment(MARY), credit(MARY, 1)))
    topic = stand.topics[0]
    topic.records.clear()
    stand.topics[0] = GappyTopic(topic.name, PARTITION)
    stand.ask(enrolment(BO), *[credit(BO, number) for number in range(5)])
    with pytest.raises(DataLost, match="record 1 is not the request that was decided before"):
        await stand.owner()


async def test_a_request_that_could_not_be_read_is_known_again(stand: Stand) -> None:
    cut_off = replace(credit(MARY, 1), value=b"{")
    await (await stand.owner()).batch(stand.ask(enrolment(MARY), cut_off))
    assert (await stand.owner()).next_input == 2


# --- many fields ---------------------------------------------------------------------------------------------------------


async def test_a_batch_of_claims_with_many_invoices_is_settled_and_folded_again(stand: Stand) -> None:
    """200 claims with 64 invoices of 10.00 each: 12,800 invoices, each a field of the state, in one batch and in one piece."""
    await stand.settle(enrolment(MARY))
    bills = []
    for number in range(200):
        body = json.loads((bill := claim(MARY, number, 64_000)).value)
        body["invoinfo"] = [{"invono": f"I{number}-{one}", "invo_amt": 1_000} for one in range(64)]
        headers = tuple((name, b"cn.yibao.claim.submitted.v2" if name == "ce_type" else value) for name, value in bill.headers)
        bills.append(replace(bill, value=json.dumps(body, ensure_ascii=False).encode(), headers=headers))
    settled = await stand.settle(*bills)
    assert {r.header("ce_type") for r in settled[1:]} == {b"cn.yibao.claim.settled.v1"}
    held = stand.states("settlement")
    assert sum(":invoice:" in name for name in held) == 12_800
    stand.store.wipe()
    await stand.owner("settlement")
    assert stand.states("settlement") == held


# --- entries that are damaged -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("entry", "found"), [
    (":done:", b'"-"'), (":done:", b'"x y 1 z"'), (":setl:", b"{}"), (":setl:", b'"no number"'),
], ids=["the settlement is lost", "it cannot be decoded", "its number is a table", "its number is none"])
async def test_what_redis_holds_is_no_reason_to_refuse_a_reversal(stand: Stand, entry: str, found: bytes) -> None:
    settled = (await stand.settle(enrolment(MARY), claim(MARY, 1, 30_000)))[-1]
    omsgid, day = (settled.header("ce_requestid") or b"").decode(), json.loads(settled.value)["request"]["setl_date"]
    states = stand.store.cells["settlement", PARTITION].states
    (name,) = [name for name in states if entry in name]
    states[name] = found
    back = {"psn_no": MARY, "omsgid": omsgid, "fixmedins_code": LEVEL_2, "reason": "wrong_settlement", "date": day}
    asked_back = request_record(json.dumps({"type": "cn.yibao.reversal.requested.v1", "id": "r1", "data": back}).encode(), PARTITIONS)
    with pytest.raises(Lost, match="the ledger was discarded"):
        await stand.settle(asked_back)
    await (await stand.owner("settlement")).batch(stand.inp("settlement").records)
    assert [*kept(stand.topics[-1].records)][-1].header("ce_type") == b"cn.yibao.claim.reversed.v1"
