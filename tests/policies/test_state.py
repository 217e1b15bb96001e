"""The fold: what was decided brings the state back, and a state that does not fit is never decided on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import pytest
from hypothesis import given, strategies as st
from pydantic import Field, TypeAdapter

from contracts.envelope import Record
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book, built_in
from policies.deciding import decide
from policies.road import STAGES, stage_named
from policies.settlement.stage import ENTRY, SettlementStage
from policies.stage import BadState, Codec, DoesNotFit, NotLoaded, Plain, State, View
from tests.policies.requests import (
    HENGYANG_2,
    HENGYANG_3,
    SHANGHAI,
    Journey,
    claim,
    credit,
    enrolment,
    filing,
    line,
    record,
    reimbursement,
    spell,
)

PARTITIONS = topic_map().partitions


def story() -> list[Record]:
    """Requests of two persons that touch every kind of state, some of them refused, repeated, in conflict or unreadable."""
    found: list[Record] = []
    for person in ("P1", "P2"):
        visit = claim(line(25_000), fixmedins_code=HENGYANG_2, psn_no=person, acct_used_flag="1")
        stay = claim(line(900_000), fixmedins_code=SHANGHAI, med_type="21", insutype="390", psn_no=person)
        found += [
            record("claim.submitted", visit, "early"),
            record("enrolment.recorded", enrolment(spell("430400"), spell("410100", insutype="390", psn_type="15"), psn_no=person)),
            record("account.credited", credit(12_345, psn_no=person), "credit"),
            record("filing.requested", filing(insutype="390", psn_no=person)),
            record("filing.requested", filing(insutype="390", psn_no=person, category="referral"), "refused"),
            record("claim.submitted", visit, "c-1"),
            record("quote.requested", visit, "q-1"),
            record("claim.submitted", visit, "c-1"),
            record("claim.submitted", stay, "c-1"),
            record("claim.submitted", stay, "c-2"),
            record("claim.submitted", claim(line(30_000), fixmedins_code=HENGYANG_3, psn_no=person, acct_used_flag="1"), "c-3"),
            record("claim.submitted", claim(psn_no=person, medfee_sumamt=1), "c-4"),
            replace(record("enrolment.recorded", enrolment(psn_no=person)), value=b"{"),
            *paid_by_hand(person),
        ]
    return found


def paid_by_hand(person: str) -> list[Record]:
    """A visit in 衡阳 that the person paid: papers are missing, a trial, completed, the invoice once more, the visit directly."""
    visit = reimbursement(line(30_000), fixmedins_code=HENGYANG_3, mdtrt_id="M9", psn_no=person, materials=["diagnosis"])
    whole = visit | {"materials": ["invoice_original"], "completes": "r-1"}
    return [
        record("reimbursement.requested", visit, "r-1"),
        record("trial.requested", whole, "r-2"),
        record("reimbursement.requested", whole, "r-3"),
        record("reimbursement.requested", visit | {"mdtrt_id": "M8", "materials": ["invoice_original", "diagnosis"]}, "r-4"),
        record("claim.submitted", claim(line(30_000), fixmedins_code=HENGYANG_3, mdtrt_id="M9", psn_no=person), "c-9"),
    ]


def decided(name: str, requests: list[Record], book: Book) -> tuple[list[bytes], list[Record], list[Record]]:
    """Changes of state a step, inputs and outputs of one stage on the road."""
    journey = Journey(book)
    for request in requests:
        journey.publish(request)
    source, target = (topic.name for topic in topic_map().of_stage(name))
    inputs = journey.requests if name == "filing" else [r for r in journey.records if r.topic == source]
    stage, state = stage_named(name, book), State(stage_named(name, book), strict=False)
    changes, outputs = [], []
    for one in inputs:
        event = decide(stage, stage.read(one, one.partition, PARTITIONS), state, book.digest)
        changes.append(state.changes())
        outputs.append(event)
    published = [r for r in journey.records if r.topic == target]
    assert [event.value for event in outputs] == [r.value for r in published]
    return changes, inputs, published


@pytest.mark.parametrize("name", STAGES)
def test_replaying_the_records_gives_the_same_bytes_of_state_as_deciding(name: str, book: Book) -> None:
    changes, _, outputs = decided(name, story(), book)
    assert len(outputs) == len(changes) == 36
    replayed = State(stage_named(name, book), strict=False)
    for output, changed in zip(outputs, changes, strict=True):
        replayed.fold(event_of(output))
        assert replayed.changes() == changed
    assert (name == "pricing") == (not any(changes)), "pricing has no past; the others have one"


@pytest.mark.parametrize("name", STAGES)
def test_a_state_written_to_bytes_and_read_again_decides_the_same(name: str, book: Book) -> None:
    """As a worker does it: load what an event needs, decide, write what has changed, forget."""
    _, inputs, outputs = decided(name, story(), book)
    ledger: dict[str, bytes] = {}
    for one, expected in zip(inputs, outputs, strict=True):
        stage = stage_named(name, book)
        state = State(stage)
        event = stage.read(one, one.partition, PARTITIONS)
        state.loaded({field: ledger.get(field) for field in state.fields(event)})
        assert decide(stage, event, state, book.digest).value == expected.value
        ledger |= state.changes()


def settled_events(book: Book) -> Iterator[Event]:
    _, _, outputs = decided("settlement", story(), book)
    yield from (event for one in outputs if (event := event_of(one)).type == "claim.settled")


def test_a_verdict_on_another_state_does_not_fit(book: Book) -> None:
    state = State(stage_named("settlement", book), strict=False)
    with pytest.raises(DoesNotFit, match="account 310"):
        state.fold(next(settled_events(book)))  # the credit before it is missing
    assert state.changes() == {}


def test_a_verdict_folded_twice_does_not_fit(book: Book) -> None:
    _, _, outputs = decided("settlement", story(), book)
    state = State(stage_named("settlement", book), strict=False)
    for one in outputs:
        event = event_of(one)
        state.fold(event)
        if event.type == "claim.settled":
            with pytest.raises(DoesNotFit, match="year:2026/430400/310"):
                state.fold(event)
            return
    raise AssertionError("the story settles a claim")


def test_a_state_that_does_not_fit_ends_the_decision_instead_of_refusing_the_claim(book: Book) -> None:
    """A refusal would hide it: no decision may stand on a wrong state."""
    stage = stage_named("settlement", book)
    event = next(settled_events(book))  # settlement forwards it and folds it, without the credit that was before it
    with pytest.raises(DoesNotFit):
        decide(stage, event, State(stage, strict=False), book.digest)


def test_a_decision_that_finds_the_state_wrong_is_no_refusal_either(book: Book) -> None:

    class Doubting(SettlementStage):
        """Finds the state wrong while it decides."""

        def decide(self, event: Event, view: View) -> Event:
            raise DoesNotFit("the state is wrong")

    stage = Doubting(book)
    with pytest.raises(DoesNotFit, match="the state is wrong"):
        decide(stage, next(settled_events(book)), State(stage, strict=False), book.digest)


def test_a_field_that_was_never_loaded_is_an_error_of_the_worker(book: Book) -> None:
    state = State(stage_named("settlement", book))
    with pytest.raises(NotLoaded, match="p:P1"):
        state.fold(next(settled_events(book)))


def test_what_is_known_here_is_newer_than_what_the_ledger_holds(book: Book) -> None:
    stage = stage_named("settlement", book)
    state = State(stage)
    event = event_of(Journey(book).road.run(record("account.credited", credit(100), "c")).__next__())
    (field,) = state.fields(event)
    state.loaded({field: b'{"balances":{"310":50}}'})
    state.loaded({field: b'{"balances":{"310":49}}'})
    state.fold(event)
    state.loaded({field: b'{"balances":{"310":1}}'})
    assert state.changes() == {field: b'{"balances":{"310":150}}'} and state.changes() == {}


def test_an_error_in_a_decision_refuses_the_one_request_and_is_told() -> None:
    book = built_in()
    stage = stage_named("settlement", replace(book, plans=None))  # type: ignore[arg-type]
    journey = Journey(book)
    journey.send("enrolment.recorded", enrolment())
    priced = list(journey.road.run(record("claim.submitted", claim())))[2]
    told: list[Exception] = []
    event = decide(stage, event_of(priced), State(stage, strict=False), book.digest, told)
    assert event.type == "claim.refused" and event.body.settled.reasons[0].code == "cannot_decide"
    assert len(told) == 1 and isinstance(told[0], AttributeError)


def test_no_memory_is_not_the_fault_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Event:
        raise MemoryError

    journey = Journey(built_in())
    journey.send("enrolment.recorded", enrolment())
    priced = list(journey.road.run(record("claim.submitted", claim())))[2]
    stage = stage_named("settlement", journey.book)
    monkeypatch.setattr(type(stage), "decide", full)
    with pytest.raises(MemoryError):
        decide(stage, event_of(priced), State(stage, strict=False), journey.book.digest)


def test_an_empty_state_of_a_stage_without_a_past_needs_nothing(book: Book) -> None:
    event = event_of(next(Journey(book).road.run(record("enrolment.recorded", enrolment()))))
    assert State(stage_named("pricing", book)).fields(event) == []


# --- how states are stored ----------------------------------------------------------------------------------------------


NAMES = st.text(max_size=20)
ENTRIES = NAMES | st.dictionaries(NAMES, st.integers(-(2**62), 2**62), max_size=5)
BEFORE = TypeAdapter(Annotated[dict[str, int] | str, Field(union_mode="left_to_right")])
"""What wrote the entries of ledgers until 0.2.0."""


@given(ENTRIES)
def test_an_entry_is_stored_as_the_same_json_as_ever(entry: str | dict[str, int]) -> None:
    stored = BEFORE.serializer.to_json(entry)
    assert ENTRY.write(entry) == stored and ENTRY.read(stored) == entry


@pytest.mark.parametrize("stored", [b"", b"5", b"null", b'{"a":"b"}', b'{"a":1', b'{"a":1.5}', b'["a"]', b'"a" 1', b'"\xff"'])
def test_what_is_no_entry_is_told_with_its_name(stored: bytes) -> None:
    state = State(SettlementStage(built_in()))
    state.loaded({"p:P1": None, "e:P1:year": stored})
    with pytest.raises(BadState, match="e:P1:year"):
        state._get("e:P1:year")


# --- what is known only when something else was looked at ---------------------------------------------------------------


@dataclass(frozen=True)
class Treasure:
    """A stage whose event is decided at the end of a trail: each entry names the next one."""

    name: str = "settlement"
    person: Codec = Plain(str)
    entry: Codec = Plain(str)

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return True

    def needs(self, event: Event) -> tuple[str, ...]:
        return ("a",)

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return tuple(place for place in view.entries.values() if place is not None)

    def decide(self, event: Event, view: View) -> Event:
        return event

    def fold(self, view: View, event: Event) -> View:
        return view


TRAIL = {"p:P1": b'"here"', "e:P1:a": b'"b"', "e:P1:b": b'"c"', "e:P1:c": None}


def test_each_look_names_what_it_lacks_until_nothing_is_missing() -> None:
    event, state = Journey(built_in()).publish(record("account.credited", credit(1), "c")), State(Treasure())
    state.loaded({name: TRAIL[name] for name in state.fields(event)})
    asked = []
    while missing := state.missing(event):
        asked.append(missing)
        with pytest.raises(KeyError, match=missing[0]):
            state.view(event)
        state.loaded({name: TRAIL[name] for name in missing})
    assert asked == [["e:P1:b"], ["e:P1:c"]]
    assert state.view(event) == View("here", {"a": "b", "b": "c", "c": None})


def test_offline_nothing_is_missing() -> None:
    event = Journey(built_in()).publish(record("account.credited", credit(1), "c"))
    assert State(Treasure(), strict=False).missing(event) == []
