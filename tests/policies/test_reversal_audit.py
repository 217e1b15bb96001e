"""What the audit makes of reversals on the road: nothing where all is well, and each false amount, original or mirror."""

from dataclasses import replace

import pytest

from contracts.envelope import Record
from contracts.wire import event_of
from policies.book import Book
from policies.deciding import decide
from policies.road import STAGES, stage_named
from policies.stage import State
from tests.policies import rulebooks
from tests.policies.requests import credit, enrolment, record, spell
from tests.policies.standing import PARTITION, PARTITIONS, Standing, settled_with
from tests.policies.test_wallet import told
from tests.policies.undoing import FILES, XIAMEN, asked, bill


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES)


def life(book: Book) -> Standing:
    """Four visits; the third taken back, the first with a cascade, the second corrected, the last undone, one undone unseen."""
    standing = Standing(book)
    by_agency = {"setl_optins": XIAMEN, "cascade": "1"}
    visits = [record("claim.submitted.v2", bill(50_000, f"M{number}", acct_used_flag="1"), f"c{number}") for number in range(4)]
    for request in (
        record("enrolment.recorded", enrolment(spell(XIAMEN))), record("account.credited", credit(30_000), "credit"), *visits[:3],
        record("reversal.requested", asked("c2"), "r1"), record("reversal.requested", asked("c2"), "r2"),
        record("reversal.requested", asked("c0", **by_agency), "r3"), visits[3],
        record("correction.requested", asked("c1", claim=bill(40_000, "M1"), **by_agency), "k1"),
        record("correction.requested", asked("c1", claim=bill(40_000, "M1")), "k2"),
        record("undo.requested", asked("c3"), "u1"), record("undo.requested", asked("c9"), "u2"),
    ):
        standing.publish(request)
    return standing


def test_the_audit_finds_nothing_in_a_life_of_reversals(small: Book) -> None:
    standing = life(small)
    assert told(standing.rows()) == []
    assert [event_of(row.records[-1]).type for row in standing.rows()][5:] == [  # type: ignore[arg-type]
        "claim.reversed", "reversal.repeated", "claim.reversed", "claim.settled", "claim.corrected", "correction.refused", "claim.undone",
        "request.undone"]


def changed(standing: Standing, type: str, **changes: object) -> list[str]:
    """The findings once the settled section of the first verdict of this type says something else."""
    found = next(row.records[-1] for row in standing.rows() if event_of(row.records[-1]).type == type)  # type: ignore[arg-type]
    standing.topics[4][found.offset] = replace(found, value=settled_with(found, **changes))  # type: ignore[union-attr]
    return told(standing.rows())


def test_a_mirror_that_gives_back_another_amount_is_found(small: Book) -> None:
    standing = life(small)
    section = next(event_of(found).body.settled for found in standing.topics[4] if b"claim.reversed" in (found.header("ce_type") or b""))
    (one,) = section.undone
    wrong = one.model_copy(update={"mirror": one.mirror.model_copy(update={"psn_cash_pay": one.mirror.psn_cash_pay - 1})})
    assert changed(standing, "claim.reversed", undone=(wrong,)) == ["state_sum"]


def test_an_original_that_never_stood_is_found(small: Book) -> None:
    """Original and mirror agree with each other, and with what moves; yet the settlement on the log was another one."""
    standing = life(small)
    section = next(event_of(found).body.settled for found in standing.topics[4] if b"claim.reversed" in (found.header("ce_type") or b""))
    (one,) = section.undone
    original = one.original.model_copy(update={"settlement": one.original.settlement.model_copy(update={"psn_cash_pay": one.original.settlement.psn_cash_pay + 1})})
    wrong = one.model_copy(update={"original": original, "mirror": one.mirror.model_copy(update={"psn_cash_pay": one.mirror.psn_cash_pay - 1})})
    assert changed(standing, "claim.reversed", undone=(wrong,)) == ["original_differs"]


def test_a_reversal_without_its_movements_is_found(small: Book) -> None:
    assert changed(life(small), "claim.reversed", moved=None)[:2] == ["state_sum", "verdict_differs"]


def test_a_reversal_on_another_state_is_found(small: Book) -> None:
    standing = life(small)
    section = next(event_of(found).body.settled for found in standing.topics[4] if b"claim.reversed" in (found.header("ce_type") or b""))
    (key, entry), (insutype, account) = *section.moved.entries.items(), *section.moved.accounts.items()
    more = {name: amount + 1 for name, amount in entry.before.items()}
    other = entry.model_copy(update={"before": more, "after": {name: more[name] + entry.movement.get(name, 0) for name in more}})
    moved = section.moved.model_copy(update={"entries": {key: other}})
    assert changed(standing, "claim.reversed", moved=moved) == ["before_differs", "before_differs"], "once there, once behind it"
    balance = account.model_copy(update={"before": {"balc": 1}, "after": {"balc": 1 + account.movement.get("balc", 0)}})
    moved = section.moved.model_copy(update={"accounts": {insutype: balance}})
    assert changed(life(small), "claim.reversed", moved=moved) == ["balance_differs", "balance_differs"]


@pytest.mark.parametrize("name", STAGES)
def test_a_worker_that_loads_only_what_it_is_asked_for_decides_the_same(small: Book, name: str) -> None:
    """Load what an event needs, look up what it lacks, decide, write what has changed, forget: request by request."""
    standing, ledger = life(small), dict[str, bytes]()
    place = list(STAGES).index(name)
    for inp, out in zip(kept(standing, place), kept(standing, place + 1), strict=True):
        stage = stage_named(name, small)
        state = State(stage)
        event = stage.read(inp, PARTITION, PARTITIONS)
        asked = state.fields(event)
        while asked:
            state.loaded({field: ledger.get(field) for field in asked})
            asked = state.missing(event)
        assert decide(stage, event, state, small.digest).value == out.value
        ledger |= state.changes()


def kept(standing: Standing, place: int) -> list[Record]:
    """The records of a topic that count."""
    return [record for row in standing.rows() if (record := row.records[place]) is not None]


@pytest.mark.parametrize("name", STAGES)
def test_replayed_each_stage_comes_to_the_same_state(small: Book, name: str) -> None:
    """From a ledger that holds nothing: each event loads what its fold needs, and no more."""
    standing, ledger = life(small), dict[str, bytes]()
    for out in kept(standing, list(STAGES).index(name) + 1):
        event, state = event_of(out), State(stage_named(name, small))
        state.loaded({field: ledger.get(field) for field in state.fields(event)})
        state.fold(event)
        ledger |= state.changes()
    decided = next(state for stage, state, _ in standing._road._stages if stage.name == name)
    assert ledger == decided.changes()
