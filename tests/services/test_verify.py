"""Verification: a sound road is sound, and every way to falsify one is found, each by what it does."""

import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from contracts.envelope import Record
from contracts.events.audit import finding
from contracts.keys import content_hash, derived_id
from contracts.log import kept
from contracts.topics import topic_map
from contracts.wire import cut, event_of, grow, wrap
from policies.book import Book, built_in
from services.audit.letters import Letters
from services.audit.manifest import ROAD
from services.audit.parallel import Work, verified as verified_by_jobs
from services.audit.verify import ROWS_HELD, Report, Verifier, Window
from services.runtime.settings import Settings
from tests.policies import requests as r
from tests.policies.rulebooks import beside
from tests.policies.standing import (
    LAST,
    NEIGHBOUR,
    PARTITION,
    REPEATED,
    SETTLED,
    UNREADABLE,
    Standing,
    header,
    settled_with,
    story,
)
from tests.policies.test_wallet import wallet_life

REQUESTED, FILED_, CHECKED, PRICED, SETTLED_ = range(5)


class Memory:
    """The topics of a standing road as a source."""

    def __init__(self, topics: Sequence[Sequence[Record]]) -> None:
        self._topics = topics

    async def pieces(self, topic: str, partition: int) -> AsyncGenerator[Sequence[Record], None]:
        place = [*ROAD, "yibao.sealed"].index(topic)
        yield list(self._topics[place]) if partition == PARTITION and place < len(self._topics) else []


async def verified(standing: Standing, **more: Any) -> Report:
    return await Verifier(Memory(standing.topics), standing.book, **more).run([PARTITION])


def codes(report: Report) -> list[tuple[str, str, int]]:
    return [(one.code, one.topic.removeprefix("yibao."), one.offset) for one in report.found]


@pytest.fixture(scope="session")
def book() -> Book:
    return built_in()


@pytest.fixture
def standing(book: Book) -> Standing:
    """The twelve requests, other workers between them, and a late word of one that had lost the partition."""
    found = story(book)
    found.fence()
    found.publish(r.record("claim.submitted", r.claim(r.line(10_000), mdtrt_id="M5"), "claim-5"))
    last = found.at(SETTLED_, LAST)
    found.add(SETTLED_, last)  # its owner is no longer in force: void
    found.publish(r.record("claim.submitted", r.claim(r.line(10_000), mdtrt_id="M6"), "claim-6"))
    return found


@pytest.mark.parametrize("held", [1, ROWS_HELD])
async def test_a_sound_road_is_sound(standing: Standing, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the states of each request lie on disk before the next is read."""
    monkeypatch.setattr("services.audit.verify.ROWS_HELD", held)
    report = await verified(standing)
    assert codes(report) == []
    assert (report.requests, report.again, report.fences, report.void, report.odd) == (14, 4 * 14, 8, 1, 0)
    assert report.records == dict(zip(ROAD, (14, 16, 16, 16, 17), strict=True))


def renumbered(topic: list[Record]) -> list[Record]:
    return [replace(record, offset=offset) for offset, record in enumerate(topic)]


def drop(standing: Standing, place: int, req: int = SETTLED) -> None:
    standing.topics[place].remove(standing.at(place, req))


def drop_and_renumber(standing: Standing, place: int) -> None:
    drop(standing, place)
    standing.topics[place][:] = renumbered(standing.topics[place])


def double(standing: Standing, place: int) -> None:
    found = standing.at(place, SETTLED)
    standing.topics[place].insert(found.offset + 1, found)


def reorder(standing: Standing, place: int) -> None:
    topic, at = standing.topics[place], standing.at(place, SETTLED).offset
    topic[at], topic[at + 1] = topic[at + 1], topic[at]


def truncate(standing: Standing, place: int) -> None:
    standing.topics[place].pop()


def insert(standing: Standing, place: int) -> None:
    """A record that nothing caused, numbered as the next one would be."""
    last = standing.topics[place][-1]
    forged = replace(last, headers=header(last, "req", b"%d" % (int(last.header("req") or b"0") + 1)), offset=last.offset + 1)
    standing.topics[place].append(forged)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("falsify", [drop, drop_and_renumber, double, reorder, truncate], ids=lambda one: one.__name__)
async def test_what_is_dropped_doubled_reordered_or_cut_is_found(
    standing: Standing, falsify: Callable[[Standing, int], None], place: int
) -> None:
    falsify(standing, place)
    report = await verified(standing)
    assert report.found, "nothing was found"
    assert len(report.found) <= 30, "one false record must not bury what else is wrong"
    if falsify is not drop_and_renumber:
        assert {ROAD[place], ROAD[place - 1], ROAD[min(place + 1, 4)]} & {one.topic for one in report.found}


@pytest.mark.parametrize("place", range(1, 5))
async def test_an_inserted_record_is_found(standing: Standing, place: int) -> None:
    insert(standing, place)
    assert {one.code for one in (await verified(standing)).found} >= {"no_cause"}


async def test_a_topic_cut_short_is_told_as_unfinished(standing: Standing) -> None:
    end = standing.topics[SETTLED_][-1].offset
    del standing.topics[SETTLED_][-3:]
    report = await verified(standing)
    (one,) = report.found
    assert (one.code, one.topic, one.severity, report.errors) == ("unfinished", "yibao.priced", "warning", 0)
    assert "2 requests" in one.en and end == 16


async def test_requests_that_no_stage_has_taken_are_told_as_unfinished(standing: Standing) -> None:
    first = len(standing.topics[REQUESTED])
    unread = [replace(one, offset=first + at) for at, one in enumerate(standing.topics[REQUESTED][-2:])]
    standing.topics[REQUESTED] += unread
    (one,) = (await verified(standing)).found
    assert (one.code, one.topic, one.offset, one.req) == ("unfinished", "yibao.requested", first, first)
    assert "2 requests" in one.en


async def test_a_missing_record_in_the_middle_is_one_gap_and_one_request_passed_over(standing: Standing) -> None:
    gone = standing.at(CHECKED, SETTLED).offset
    drop(standing, CHECKED)
    assert codes(await verified(standing)) == [
        ("gap", "checked", gone + 1), ("passed_over", "filed", gone), ("no_cause", "priced", gone)]


# --- forged verdicts ----------------------------------------------------------------------------------------------------


async def test_a_forged_verdict_whose_sums_are_right_is_found(standing: Standing) -> None:
    found = standing.at(SETTLED_, LAST)
    section = event_of(found).body.settled
    more = 1
    parts = {**section.psn_parts, "coinsurance": section.psn_parts["coinsurance"] - more}
    value = settled_with(
        found, hifp_pay=section.hifp_pay + more, fund_pay_sumamt=section.fund_pay_sumamt + more, psn_parts=parts,
        psn_part_amt=section.psn_part_amt - more, psn_cash_pay=section.psn_cash_pay - more,
        steps=tuple(step.model_copy(update={"amount": step.amount - more}) if step.kind == "cash" else step for step in section.steps),
    )
    standing.alter(SETTLED_, LAST, value=value)
    assert codes(await verified(standing)) == [("decided_otherwise", "settled", found.offset)]


@pytest.mark.parametrize("held", [1, ROWS_HELD])
async def test_a_state_that_nobody_left_behind_is_found(standing: Standing, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is said to have held a yuan more, before and after: every sum is right."""
    monkeypatch.setattr("services.audit.verify.ROWS_HELD", held)
    found = standing.at(SETTLED_, LAST)
    account = event_of(found).body.settled.account
    more = {part: {"balc": getattr(account, part)["balc"] + 100} for part in ("before", "after")}
    standing.alter(SETTLED_, LAST, value=settled_with(found, account=account.model_copy(update=more)))
    assert {code for code, _, offset in codes(await verified(standing)) if offset == found.offset} == {"balance_differs", "decided_otherwise"}


async def test_a_forged_fact_with_the_chain_made_right_behind_it_is_found(standing: Standing) -> None:
    """Eligibility is made to say another birthday; every later record holds those bytes, cause and id are made right."""
    checked = standing.at(CHECKED, LAST)
    section = event_of(checked).body.checked
    facts = section.facts.model_copy(update={"brdy": section.facts.brdy.replace(year=1950)})
    before = cut(checked.value, "checked") or b""
    values = {CHECKED: grow(before, "checked", section.model_copy(update={"facts": facts}))}
    for place, name in ((PRICED, "priced"), (SETTLED_, "settled")):
        values[place] = grow(values[place - 1], name, getattr(event_of(standing.at(place, LAST)).body, name))
    for place, value in values.items():
        record = standing.at(place, LAST)
        if place > CHECKED:
            cause = content_hash(values[place - 1])
            id = derived_id(event_of(record).attributes.request_id, event_of(record).type, cause)
            record = replace(record, headers=header(record, "cause", cause.encode()))
            record = replace(record, headers=header(record, "ce_id", id.encode()))
        standing.topics[place][record.offset] = replace(record, value=value)
    report = await verified(standing)
    assert ("decided_otherwise", "checked", checked.offset) in codes(report)
    assert {one.code for one in report.found} == {"decided_otherwise"}


async def test_a_request_that_takes_effect_twice_is_found(standing: Standing) -> None:
    """The answer ``repeated`` is replaced by what a request that was never seen would get."""
    twice = story(standing.book)
    fresh = Standing(standing.book)
    fresh.publish(twice.at(REQUESTED, 0))
    repeated = twice.at(FILED_, REPEATED)
    again = fresh.at(FILED_, 0)
    fresh.publish(twice.at(REQUESTED, REPEATED))
    again = fresh.at(FILED_, 1)
    numbers = tuple(pair for pair in repeated.headers if pair[0] in ("req", "src", "own"))
    headers = (*(pair for pair in again.headers if pair[0] not in ("req", "src", "own")), *numbers)
    twice.topics[FILED_][repeated.offset] = replace(repeated, value=again.value, headers=headers)
    assert ("effect_twice", "filed", repeated.offset) in codes(await verified(twice))


# --- rulebooks that are not at hand -----------------------------------------------------------------------------------


async def test_verdicts_of_a_rulebook_that_is_not_at_hand_are_counted_and_told_once(standing: Standing, book: Book) -> None:
    other = replace(book, digest="0" * 64)
    report = await Verifier(Memory(standing.topics), other).run([PARTITION])
    assert codes(report)[0][0] == "rulebook_unknown" and report.errors == 0
    assert [one.code for one in report.found] == ["rulebook_unknown"]
    named = sum(1 for place in range(1, 5) for record in kept(standing.topics[place]) if grew(standing, place, record))
    assert report.undecidable == {book.digest: named} and report.again == 4 * 14 - named
    whole = await Verifier(Memory(standing.topics), beside(other, book)).run([PARTITION])
    assert (whole.found, whole.again, whole.undecidable) == ([], 4 * 14, {})


def grew(standing: Standing, place: int, record: Record) -> bool:
    """Whether the stage added a section that names a rulebook."""
    before = standing.at(place - 1, int(record.header("req") or b"")).value
    before = wrap(before) if place == 1 else before
    return record.value[: len(before) - 1] == before[:-1] and b'"rulebook":' in record.value[len(before) - 1 :]


async def test_what_lies_outside_the_window_is_folded_and_not_told(standing: Standing) -> None:
    for place, topic in enumerate(standing.topics):
        standing.topics[place] = [replace(record, timestamp_ms=record.offset) for record in topic]
    changed = standing.at(SETTLED_, SETTLED)
    standing.alter(SETTLED_, SETTLED, value=changed.value.replace(b'"psn_cash_pay":', b'"psn_cash_pay":1'))
    assert (await verified(standing)).found
    later = await verified(standing, window=Window(start=SETTLED + 1))
    assert (later.found, later.requests, later.again) == ([], 14 - SETTLED - 1, 4 * (14 - SETTLED - 1))
    earlier = await verified(standing, window=Window(end=SETTLED))
    assert (earlier.found, earlier.requests, earlier.again) == ([], SETTLED, 4 * SETTLED)


# --- seeds of altered logs ----------------------------------------------------------------------------------------------


def altered(topics: list[list[Record]], chance: random.Random) -> str:
    """One random alteration of one record that counts: a byte of its value, its key or a header, or its place."""
    place = chance.randrange(5)
    counting = [topics[0], *(list(kept(topic)) for topic in topics[1:])][place]
    record = chance.choice(counting)
    topic, at = topics[place], record.offset
    how = chance.choice(["value", "value", "value", "key", "header", "drop", "double", "swap"])
    if how == "value":
        i = chance.randrange(len(record.value))
        byte = chance.choice([b for b in range(32, 127) if b != record.value[i]])
        topic[at] = replace(record, value=record.value[:i] + bytes([byte]) + record.value[i + 1 :])
    elif how == "key":
        topic[at] = replace(record, key=chance.choice([None, b"", b"P2", (record.key or b"") + b"x"]))
    elif how == "header":
        name, value = chance.choice(record.headers)
        topic[at] = replace(record, headers=header(record, name, chance.choice([None, b"", (value or b"") + b"0", (value or b"1")[:-1]])))
        how = f"{how} {name}"
    elif how == "drop":
        del topic[at]
    elif how == "double":
        topic.insert(at + 1, record)
    else:
        other = at + 1 if at + 1 < len(topic) else at - 1
        topic[at], topic[other] = topic[other], topic[at]
    return f"{how} {topic_map().road[place].name}/{at}"


@pytest.mark.timeout(600)
async def test_two_hundred_random_alterations_are_all_found(standing: Standing) -> None:
    sound = [list(topic) for topic in standing.topics]
    missed = []
    for seed in range(200):
        standing.topics = [list(topic) for topic in sound]
        what = altered(standing.topics, random.Random(seed))
        assert standing.topics != sound, what
        if not (await verified(standing)).found:
            missed.append((seed, what))
    assert not missed


async def test_bytes_of_an_unreadable_request_are_held_to_their_verdict(standing: Standing) -> None:
    record = standing.at(REQUESTED, UNREADABLE)
    standing.topics[REQUESTED][record.offset] = replace(record, value=b'{"psn_n0":')
    assert "request_not_held" in {one.code for one in (await verified(standing)).found}


# --- money from one road to another ---------------------------------------------------------------------------------------


def wallet_credit(amount: int, shar_id: str) -> Record:
    """A letter as the courier writes it, for a sharing that may have happened or not."""
    body = {"psn_no": NEIGHBOUR, "sharer": r.PERSON, "insutype": "310", "insuplc_admdvs": "360100", "amt": amount, "date": "2026-03-01",
            "shar_id": shar_id}
    return r.record("wallet.credited", body, derived_id(shar_id, "wallet.credited"))


async def test_a_letter_that_a_verdict_asked_for_is_founded(book: Book) -> None:
    report = await verified(wallet_life(book))
    assert len(report.letters.came) == 2 and codes(report.whole()) == []


async def test_money_that_nobody_shared_is_found_wherever_it_arrives(book: Book) -> None:
    """A letter of a sharing that never was, and a return that nobody sent back."""
    standing = wallet_life(book)
    before = len(standing.topics[0])
    standing.publish(wallet_credit(100, "no-such-sharing"))
    (one,) = (await verified(standing)).whole().found
    assert (one.offset, one.req, one.request_id) == (before, before, derived_id("no-such-sharing", "wallet.credited"))
    standing.topics[REQUESTED] = [replace(record, timestamp_ms=record.offset) for record in standing.topics[REQUESTED]]
    assert (await verified(standing, window=Window(start=before + 1))).whole().found == [], "it came before the window"
    back = r.record("account.credited", r.credit(5_000), "back-1")
    headers = tuple((name, b"/yibao/courier" if name == "ce_source" else value) for name, value in back.headers)
    standing.publish(replace(back, headers=headers))
    report = await verified(standing)
    assert codes(report.whole()) == [("letter_unfounded", "requested", before), ("letter_unfounded", "requested", before + 1)]
    assert report.errors == 2


def test_reports_of_two_partitions_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is counted, and of the findings the first ones are kept, up to the limit."""
    monkeypatch.setattr("services.audit.verify.MAX_FOUND", 3)
    one, other = (Report(requests=n, records=Counter(x=n), fences=n, undecidable=Counter(y=n), signed=n) for n in (1, 2))
    for report, offsets in ((one, (1, 2)), (other, (3, 4, 5, 6))):
        for offset in offsets:
            report.add(finding("gap", ROAD[0], 0, offset, 1))
    assert (len(other.found), other.errors) == (3, 4)
    one.merge(other)
    assert ([found.offset for found in one.found], one.codes, one.errors) == ([1, 2, 3], {"gap": 6}, 6)
    assert (one.requests, one.records, one.fences, one.undecidable, one.signed) == (3, {"x": 3}, 3, {"y": 3}, 3)


async def test_both_sides_may_lie_in_different_partitions(book: Book) -> None:
    """What one partition asks for founds what came in another; alone, neither is told of before all are read."""
    report = await verified(wallet_life(book))
    asks, came = Report(letters=Letters(due=report.letters.due)), Report(letters=Letters(came=report.letters.came))
    assert codes(asks) == codes(came) == []
    came.merge(asks)
    assert codes(came.whole()) == []


async def test_all_jobs_read_the_live_topics_to_the_same_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that began later would meet letters whose sharing another one has not read."""
    asked, given = 0, []

    async def ends(_: Settings) -> dict[tuple[str, int], int]:
        nonlocal asked
        asked += 1
        return {("yibao.settled", 0): 7}

    async def opened(dump: None, settings: Settings, add: object, upto: dict[tuple[str, int], int]) -> Memory:
        given.append(upto)
        return Memory([])

    monkeypatch.setattr("services.audit.parallel.ends", ends)
    monkeypatch.setattr("services.audit.parallel.opened", opened)
    report = await verified_by_jobs(Work(None, Settings(kafka="127.0.0.1:1")), range(topic_map().partitions), 1)
    assert (asked, given, report.requests) == (1, [{("yibao.settled", 0): 7}], 0)
