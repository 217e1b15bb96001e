"""A settlement taken back: the mirror, who may ask and until when, and what must go first. Amounts in fen."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.events.reversal import AMOUNTS
from contracts.wire import Event, event_of
from policies.book import Book, built_in
from policies.laws import LawBroken
from policies.reversal.folded import check_reversed
from policies.reversal.later import MAX_LATER
from policies.reversal.mirror import check_mirror
from policies.reversal.rules import rule_on
from policies.settlement.stage import SettlementStage
from policies.show.page import benefits_page
from policies.stage import DoesNotFit, State
from policies.statement import as_text
from policies.tables import RulebookError
from tests.policies import rulebooks
from tests.policies.languages import in_english
from tests.policies.requests import (
    KARAMAY_1,
    PERSON,
    Journey,
    claim as visit,
    codes,
    insured,
    last_section,
    line,
    record,
    reimbursement,
)
from tests.policies.undoing import (
    CLINIC,
    FILES,
    HOSPITAL,
    LAST_FIRST,
    PLAN,
    XIAMEN,
    asked,
    bill,
    claim,
    held,
    person,
    reverse,
    state_of,
    stay,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return rulebooks.loaded(tmp_path_factory.mktemp("book"), FILES)


def with_rules(folder: Path, rules: str, **more: str) -> Book:
    """The small rulebook with these rules of the nation."""
    return rulebooks.loaded(folder, FILES | {"national/reversal.toml": rules} | more)


def refused(event: Event) -> list[str]:
    assert event.type in ("reversal.refused", "correction.refused", "undo.refused"), event.type
    assert event.body.settled.moved is None and not event.body.settled.undone
    return codes(event.body.settled)


# --- the mirror -------------------------------------------------------------------------------------------------------

def test_a_visit_goes_back_to_the_fen(small: Book) -> None:
    """500.00: deductible 300.00; 200.00 x 60 % = 120.00 from the pool; 380.00 of the person, 100.00 of it from the account."""
    journey = person(small, 10_000)
    before = held(journey)
    settled = claim(journey, "c1", bill(50_000, acct_used_flag="1")).body.settled
    assert (settled.hifp_pay, settled.acct_pay, settled.psn_cash_pay) == (12_000, 10_000, 28_000)
    event = reverse(journey, "c1")
    assert event.type == "claim.reversed" and event.body.settled.verdict == "reversed"
    (undone,) = event.body.settled.undone
    mirror = undone.mirror
    assert (mirror.medfee_sumamt, mirror.hifp_pay, mirror.fund_pay_sumamt, mirror.acct_pay, mirror.psn_cash_pay, mirror.act_pay_dedc) == (
        -50_000, -12_000, -12_000, -10_000, -28_000, -30_000)
    assert [(step.kind, step.base, step.amount) for step in mirror.steps] == [
        ("scope", -50_000, -50_000), ("deductible", -50_000, -30_000), ("ratio", -20_000, -12_000),
        ("supplement", -38_000, 0), ("supplement", -38_000, 0), ("account", -38_000, -10_000), ("wallet", -28_000, 0), ("cash", -38_000, -28_000)]
    assert mirror.psn_parts == {"deductible": -30_000, "coinsurance": -8_000}
    assert [(part.fund_pay_type, part.fund_payamt) for part in mirror.setldetail] == [("310100", -12_000), ("310200", -10_000)]
    assert mirror.accumulators.movement == {name: -amount for name, amount in settled.accumulators.movement.items()}
    assert mirror.account.movement == {"balc": 10_000} and held(journey) == before


def test_critical_illness_assistance_account_and_wallet_all_go_back(small: Book) -> None:
    """100,000.00: deductible 1,000.00; 99,000.00 x 80 % = 79,200.00; the person bears 20,800.00.

    Critical illness (20,800.00 - 5,000.00) x 60 % = 9,480.00; 11,320.00 are left. Assistance (11,320.00 - 2,000.00) x 50 % =
    4,660.00; 6,660.00 are left. Account 500.00, the first sharer 2,000.00, the second 3,000.00, cash 1,160.00.
    """
    journey = person(small, 50_000, Z9=200_000, A1=300_000)
    before = held(journey)
    settled = claim(journey, "c1", stay(10_000_000, acct_used_flag="2")).body.settled
    assert (settled.hifp_pay, settled.hifmi_pay, settled.maf_pay) == (7_920_000, 948_000, 466_000)
    assert (settled.acct_pay, settled.acct_mulaid_pay, settled.psn_cash_pay) == (550_000, 500_000, 116_000)
    event = reverse(journey, "c1")
    mirror = event.body.settled.undone[0].mirror
    assert (mirror.hifp_pay, mirror.hifmi_pay, mirror.maf_pay, mirror.acct_pay, mirror.acct_mulaid_pay, mirror.psn_cash_pay) == (
        -7_920_000, -948_000, -466_000, -550_000, -500_000, -116_000)
    assert mirror.wallet.movement == {"A1": 300_000, "Z9": 200_000} and list(event.body.settled.moved.wallet.after) == ["A1", "Z9"]
    assert held(journey) == before and list(state_of(journey)._known[f"p:{PERSON}"].shared()) == ["Z9", "A1"], "the purses keep their order"


def test_a_stay_reopens_and_its_number_is_given_back(small: Book) -> None:
    """First stay 1,000.00, second 500.00; the second one taken back and claimed again is the second one again."""
    journey = person(small)
    claim(journey, "c1", stay(200_000, "S1"))
    assert claim(journey, "c2", stay(200_000, "S2")).body.settled.act_pay_dedc == 50_000
    assert journey.send("claim.submitted.v2", stay(200_000, "S2"), "c3").body.settled.reasons[0].code == "stay_settled"
    reverse(journey, "c2")
    assert held(journey)[f"year:2026/{XIAMEN}/310"]["inpatient.admissions"] == 1
    assert f"stay:{HOSPITAL}/S2" not in held(journey)
    assert claim(journey, "c4", stay(200_000, "S2")).body.settled.act_pay_dedc == 50_000


def test_of_interim_settlements_only_the_last_goes_and_the_stay_goes_on(small: Book) -> None:
    """600.00 in the middle, then 1,400.00: deductible 600.00 and 400.00."""
    journey = person(small)
    claim(journey, "c1", stay(60_000, mid_setl_flag="1"))
    opened = held(journey)
    assert claim(journey, "c2", stay(140_000)).body.settled.act_pay_dedc == 40_000
    assert refused(reverse(journey, "c1")) == ["later_first"]
    reverse(journey, "c2", "r2")
    assert held(journey) == opened and opened["open"] == {f"stay:{HOSPITAL}/S1"}
    assert claim(journey, "c3", stay(90_000)).body.settled.act_pay_dedc == 40_000
    assert [reverse(journey, id, f"r-{id}").type for id in ("c3", "c1")] == ["claim.reversed"] * 2
    assert held(journey) == held(person(small))


def test_the_movements_go_to_the_year_of_the_original(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000, day="2025-12-30"))
    claim(journey, "c2", bill(50_000, "M2", "2026-01-02"))
    event = reverse(journey, "c1", day="2026-01-05")
    assert list(event.body.settled.moved.entries) == [f"year:2025/{XIAMEN}/310"]
    assert held(journey)[f"year:2026/{XIAMEN}/310"]["outpatient.deductible"] == 30_000


def test_in_one_batch_with_its_settlement_and_replayed(small: Book) -> None:
    """Decided on what is in memory; the records folded again give the same bytes of state."""
    journey = person(small, 10_000)
    claim(journey, "c1", bill(50_000, acct_used_flag="1"))
    reverse(journey, "c1")
    claim(journey, "c2", bill(50_000, acct_used_flag="1"))
    decided = state_of(journey).changes()
    replayed = State(SettlementStage(small), strict=False)
    for found in journey.records:
        if found.topic == "yibao.settled":
            replayed.fold(event_of(found))
    assert replayed.changes() == decided


def test_a_reversal_folded_twice_does_not_fit(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    event = reverse(journey, "c1")
    with pytest.raises(DoesNotFit, match="year:2026"):
        state_of(journey).fold(event)


# --- law 3 ------------------------------------------------------------------------------------------------------------

def reversed_visit(small: Book) -> Event:
    journey = person(small, 10_000, A1=5_000)
    claim(journey, "c1", stay(300_000, acct_used_flag="2"))
    return reverse(journey, "c1")


@pytest.mark.parametrize("name", [*AMOUNTS, "psn_parts", "setldetail", "steps", "plan", "year"])
def test_a_mirror_that_is_not_exact_breaks_law_3(small: Book, name: str) -> None:
    body = reversed_visit(small).body
    (one,) = body.settled.undone
    check_mirror(one.mirror, one.original.settlement)
    was = getattr(one.mirror, name)
    other = was - 1 if isinstance(was, int) else was[1:] if isinstance(was, tuple) else {} if isinstance(was, dict) else "other"
    with pytest.raises(LawBroken, match=f"law 3: {name} of a reversal is not the mirror"):
        check_mirror(one.mirror.model_copy(update={name: other}), one.original.settlement)


@pytest.mark.parametrize("name", ["accumulators", "account", "wallet", "stay"])
def test_a_mirror_that_moves_another_amount_breaks_law_3(small: Book, name: str) -> None:
    (one,) = reversed_visit(small).body.settled.undone
    was = getattr(one.mirror, name)
    key = next(iter(was.movement))
    other = was.model_copy(update={"movement": {**was.movement, key: was.movement[key] + 1}, "after": {**was.after, key: was.after.get(key, 0) + 1}})
    with pytest.raises(LawBroken, match=f"law 3: {name} of a reversal moves"):
        check_mirror(one.mirror.model_copy(update={name: other}), one.original.settlement)


def test_what_moves_in_all_is_the_sum_of_the_mirrors(small: Book) -> None:
    body = reversed_visit(small).body
    check_reversed(body)
    for changes in ({"accounts": {}}, {"wallet": None}, {"entries": {}}):
        wrong = body.settled.model_copy(update={"moved": body.settled.moved.model_copy(update=changes)})
        with pytest.raises(LawBroken, match="law 3"):
            check_reversed(body.model_copy(update={"settled": wrong}))
    for changes in ({"verdict": "refused"}, {"moved": None}):
        with pytest.raises(LawBroken, match="law 3"):
            check_reversed(body.model_copy(update={"settled": body.settled.model_copy(update=changes)}))


@pytest.mark.parametrize("where", ["entries", "accounts", "wallet"])
def test_what_moves_in_all_adds_up(small: Book, where: str) -> None:
    """The movement is the sum of the mirrors, and after it stands a fen more."""
    body = reversed_visit(small).body
    held = getattr(body.settled.moved, where)
    one = held if where == "wallet" else next(iter(held.values()))
    wrong = one.model_copy(update={"after": {name: one.after.get(name, 0) + 1 for name in one.movement}})
    moved = body.settled.moved.model_copy(update={where: wrong if where == "wallet" else {**held, next(iter(held)): wrong}})
    with pytest.raises(LawBroken, match="law 3: .*after and before . movement differ"):
        check_reversed(body.model_copy(update={"settled": body.settled.model_copy(update={"moved": moved})}))


# --- who asks ---------------------------------------------------------------------------------------------------------

def test_reversed_twice_is_answered_with_the_first_reversal(small: Book) -> None:
    journey = person(small)
    setl_id = claim(journey, "c1", bill(50_000)).attributes.id
    first = reverse(journey, "c1", "r1")
    again = reverse(journey, "c1", "r2")
    by_id = journey.send("reversal.requested", {"psn_no": PERSON, "setl_id": setl_id, "fixmedins_code": HOSPITAL, "date": "2026-03-06",
                                                "reason": "refund"}, "r3")
    assert (first.type, again.type, by_id.type) == ("claim.reversed", "reversal.repeated", "reversal.repeated")
    for event in (again, by_id):
        assert codes(event.body.settled) == ["reversed_before"] and "r1" in event.body.settled.reasons[0].en
    assert reverse(journey, "c1", "r1").type == "request.repeated", "the same request a second time never reaches settlement"


@pytest.mark.parametrize(("more", "code"), [
    ({"fixmedins_code": CLINIC}, ["not_the_provider"]),
    ({"setl_optins": "350300"}, ["not_the_agency"]),
    ({"setl_optins": "350000"}, []),
    ({"setl_optins": XIAMEN}, []),
    ({"cascade": "1"}, ["agency_only"]),
    ({"day": "2026-03-04"}, ["asked_before"]),
    ({"fixmedins_code": CLINIC, "day": "2026-03-04"}, ["not_the_provider", "asked_before"]),
])
def test_who_may_ask(small: Book, more: dict[str, Any], code: list[str]) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    event = reverse(journey, "c1", **more)
    assert refused(event) == code if code else event.type == "claim.reversed"


def test_what_is_not_known_cannot_be_reversed(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    assert refused(reverse(journey, "nobody")) == ["no_settlement"]
    journey.send("claim.submitted.v2", bill(50_000, "M2", medfee_sumamt=1), "refused")
    assert refused(reverse(journey, "refused", "r2")) == ["no_settlement"]
    other = {**asked("c1"), "psn_no": "P2"}
    assert refused(journey.send("reversal.requested", other, "r3")) == ["no_settlement"], "each person's settlements are its own"


def test_a_manual_reimbursement_is_the_agencys() -> None:
    """And its invoice may be used again."""
    journey = insured()
    for number in (1, 2):
        event = journey.send("reimbursement.requested", reimbursement(), f"m{number}")
        assert (event.type, codes(last_section(event))) == [("reimbursement.settled", []), ("reimbursement.refused", ["invoice_used"])][number - 1]
    assert refused(reverse(journey, "m1", day="2026-04-03", fixmedins_code=event.body.request.fixmedins_code)) == ["agency_only"]
    assert reverse(journey, "m1", "r2", day="2026-04-03", setl_optins="650200").type == "claim.reversed"
    assert journey.send("reimbursement.requested", reimbursement(), "m3").type == "reimbursement.settled"


# --- until when -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("day", "more", "code"), [
    ("2026-04-04", {}, []),                                         # 5 March + 30 days
    ("2026-04-05", {}, ["too_late"]),
    ("2026-04-05", {"setl_optins": "650200"}, []),                  # the agency decides what is late
    ("2026-03-06", {"invo_prnt_flag": "1"}, ["invoice_printed"]),
    ("2026-03-06", {"invo_prnt_flag": "1", "reason": "refund"}, []),
    ("2026-03-06", {"invo_prnt_flag": "1", "setl_optins": "650200"}, []),
    ("2026-04-05", {"invo_prnt_flag": "1"}, ["too_late", "invoice_printed"]),
])
def test_the_nations_limits(day: str, more: dict[str, Any], code: list[str]) -> None:
    """30 days after the care (S049); before the invoice is printed, or for a refund (S047)."""
    journey = insured()
    journey.send("claim.submitted", visit(line(20_000)), "c1")
    by = {} if "setl_optins" in more else {"fixmedins_code": KARAMAY_1}
    event = reverse(journey, "c1", day=day, **by, **more)
    assert refused(event) == code if code else event.type == "claim.reversed"
    assert event.body.settled.sources == ("INTERFACE-2211", "S049", "S047")


MONTH = LAST_FIRST + '[reversal.month]\nsince = "setl_date"\nsource = "T1"\n'
YEAR = LAST_FIRST + '[reversal.year]\nlimit = 0\nsource = "T1"\n'
YEAR_31 = LAST_FIRST + '[reversal.year]\nlimit = 31\nsource = "T1"\n'
DISCHARGE = LAST_FIRST + '[reversal.days]\nlimit = 5\nsince = "begndate"\nsource = "T1"\n'


@pytest.mark.parametrize(("rules", "day", "code"), [
    (MONTH, "2025-12-31", []), (MONTH, "2026-01-01", ["other_month"]),
    (YEAR, "2025-12-31", []), (YEAR, "2026-01-01", ["year_closed"]),
    (YEAR_31, "2026-01-31", []), (YEAR_31, "2026-02-01", ["year_closed"]),
    (DISCHARGE, "2025-12-25", []), (DISCHARGE, "2025-12-26", ["too_late"]),
])
def test_limits_at_their_bounds(tmp_path: Path, rules: str, day: str, code: list[str]) -> None:
    journey = person(with_rules(tmp_path, rules))
    claim(journey, "c1", bill(50_000, begndate="2025-12-20", day="2025-12-24") | {"begndate": "2025-12-20"})
    for number, by in enumerate(({}, {"setl_optins": XIAMEN})):
        if code or number == 0:
            event = reverse(journey, "c1", f"r{number}", day=day, **by)
            assert refused(event) == code if code else event.type == "claim.reversed"


def test_before_the_first_rule_there_is_none(small: Book) -> None:
    journey = person(small)
    claim(journey, "c1", bill(50_000))
    no_rules = replace(small, reversals={})
    journey.road._stages[-1] = (SettlementStage(no_rules), *journey.road._stages[-1][1:])
    assert refused(reverse(journey, "c1")) == ["no_rule"]


# --- last first -------------------------------------------------------------------------------------------------------

def three(book: Book) -> tuple[Journey, list[str]]:
    journey = person(book)
    ids = [claim(journey, f"c{number}", bill(50_000, f"M{number}")).attributes.id for number in (1, 2, 3)]
    return journey, ids


def test_the_refusal_names_what_must_go_first_from_the_last_one_back(small: Book) -> None:
    journey, ids = three(small)
    event = reverse(journey, "c1")
    assert refused(event) == ["later_first"]
    assert f"{ids[2]}, {ids[1]}" in event.body.settled.reasons[0].zh and "Later settlements (2)" in event.body.settled.reasons[0].en
    for id in ("c3", "c2", "c1"):
        assert reverse(journey, id, f"r-{id}").type == "claim.reversed"
    assert held(journey) == held(person(small))


def test_what_moved_nothing_that_is_shared_does_not_block(small: Book) -> None:
    """A visit of another year shares nothing with it, unless both were paid from the account."""
    journey = person(small, 100_000)
    claim(journey, "c1", bill(50_000, day="2025-12-30"))
    claim(journey, "c2", bill(50_000, "M2", "2026-01-02"))
    assert reverse(journey, "c1", day="2026-01-05").type == "claim.reversed"
    claim(journey, "c3", bill(50_000, "M3", "2025-12-31", acct_used_flag="1"))
    claim(journey, "c4", bill(50_000, "M4", "2026-01-03", acct_used_flag="1"))
    assert refused(reverse(journey, "c3", "r2", day="2026-01-05")) == ["later_first"]


SHARED_CAP = PLAN.partition("[[then]]")[0].replace("[[benefit]]\nname = \"outpatient", """[[benefit.step]]
kind = "cap"
per = "year"
shared = "all"
source = "T1"
amount = [{ yuan = 900.00 }]

[[benefit]]
name = "outpatient""") + """
[[benefit.step]]
kind = "cap"
per = "year"
shared = "all"
source = "T1"
amount = [{ yuan = 900.00 }]
"""
SHARED_DEDUCTIBLE = PLAN.partition("[[then]]")[0].replace('admission = [{ from = 2, factor = 0.50 }]', 'shared = "all"').replace(
    'per = "stay"', 'per = "year"').replace("amount = [{ yuan = 300.00 }]", 'amount = [{ yuan = 1000.00 }]\nshared = "all"')


@pytest.mark.parametrize(("plan", "paid", "alone"), [(SHARED_CAP, 0, 12_000), (SHARED_DEDUCTIBLE, 30_000, 0)], ids=["cap", "deductible"])
def test_what_was_full_already_blocks_though_it_moved_no_more(tmp_path: Path, plan: str, paid: int, alone: int) -> None:
    """The stay of 5,000 fills what both benefits share: 80 % of 4,000 is 3,200, at most 900; the deductible of 1,000. So a visit
    of 500 gets nothing, or 60 % of all of it, 300; without the stay (500 - 300) x 60 % = 120, or nothing below the deductible."""
    journey = person(with_rules(tmp_path, LAST_FIRST, **{rulebooks.PLAN: plan}))
    claim(journey, "c1", stay(500_000))
    assert claim(journey, "c2", bill(50_000)).body.settled.hifp_pay == paid
    assert refused(reverse(journey, "c1")) == ["later_first"]
    for id in ("c2", "c1"):
        assert reverse(journey, id, f"r-{id}").type == "claim.reversed"
    assert claim(journey, "c3", bill(50_000, "M3")).body.settled.hifp_pay == alone


@pytest.mark.parametrize(("per", "day", "blocks"), [
    ("month", "2026-03-31", True), ("month", "2026-04-01", False), ("quarter", "2026-03-31", True), ("quarter", "2026-04-01", False),
    ("year", "2026-04-01", True),
])
def test_what_another_month_or_quarter_counts_does_not_block(tmp_path: Path, per: str, day: str, blocks: bool) -> None:
    """The stay fills the shared limit of its month, quarter or year: a visit in it stands on it, one behind it does not."""
    plan = SHARED_CAP.replace('per = "year"\nshared', f'per = "{per}"\nshared')
    journey = person(with_rules(tmp_path, LAST_FIRST, **{rulebooks.PLAN: plan}))
    claim(journey, "c1", stay(500_000))
    assert (claim(journey, "c2", bill(50_000, day=day)).body.settled.hifp_pay == 0) == blocks
    event = reverse(journey, "c1", day="2026-04-02")
    assert event.type == ("reversal.refused" if blocks else "claim.reversed")


def test_a_region_may_ask_for_the_providers_last_one_alone(tmp_path: Path) -> None:
    rules = LAST_FIRST.replace("source", 'within = ["provider", "care"]\nsource')
    journey = person(with_rules(tmp_path, rules))
    claim(journey, "c1", bill(50_000))
    claim(journey, "c2", bill(50_000, "M2", fixmedins_code=CLINIC))
    assert reverse(journey, "c1").type == "claim.reversed"
    claim(journey, "c3", bill(50_000, "M3"))
    claim(journey, "c4", bill(50_000, "M4"))
    assert refused(reverse(journey, "c3", "r2")) == ["later_first"]


def topped_up_after_a_transfer(folder: Path, end: str) -> Journey:
    """Two stays at two providers, the second one until ``end``, where the deductible looks at the last one; order holds by provider."""
    rules = LAST_FIRST.replace("source", 'within = ["provider"]\nsource')
    transfer = PLAN.replace("amount = [{ yuan = 1000.00 }]", 'amount = [{ yuan = 1000.00 }]\ntransfer = "difference"')
    journey = person(with_rules(folder, rules, **{rulebooks.PLAN: transfer}))
    claim(journey, "c1", stay(500_000, "S1"))
    claim(journey, "c2", stay(500_000, "S2", end, fixmedins_code=CLINIC))
    return journey


def test_a_last_value_that_was_replaced_blocks_whatever_the_order(tmp_path: Path) -> None:
    """A deductible topped up after a transfer looks at the last stay: it cannot be given back from under a later one."""
    journey = topped_up_after_a_transfer(tmp_path, "2026-03-20")
    assert refused(reverse(journey, "c1")) == ["later_first"]


def test_a_last_value_that_an_earlier_stay_left_blocks_too(tmp_path: Path) -> None:
    """S2 ended first, and is settled behind S1: it left S1 the last one. Without S1 it would be."""
    journey = topped_up_after_a_transfer(tmp_path, "2026-03-01")
    assert refused(reverse(journey, "c1")) == ["later_first"]
    assert reverse(journey, "c2", "r2", setl_optins=XIAMEN).type == "claim.reversed"
    assert reverse(journey, "c1", "r3").type == "claim.reversed"


def test_more_than_a_set_number_behind_it_is_refused(small: Book) -> None:
    journey = person(small)
    for number in range(MAX_LATER + 2):
        claim(journey, f"c{number}", bill(100, f"M{number}"))
    assert refused(reverse(journey, "c0")) == ["too_many_later"]
    assert refused(reverse(journey, "c1", "r2")) == ["later_first"]
    assert reverse(journey, f"c{MAX_LATER + 1}", "r3").type == "claim.reversed"


class Counting(State):
    """Counts what is loaded, as a worker loads it."""

    def __init__(self, book: Book, kept: dict[str, bytes]) -> None:
        super().__init__(SettlementStage(book))
        self.kept, self.loads = kept, list[int]()

    def load(self, names: list[str]) -> None:
        self.loads.append(len(names))
        self.loaded({name: self.kept.get(name) for name in names})


def loads(book: Book, visits: int) -> list[int]:
    """How many fields each trip to the ledger asks for when the last of so many visits is reversed."""
    journey = person(book)
    for number in range(visits):
        claim(journey, f"c{number}", bill(100, f"M{number}"))
    kept = state_of(journey).changes()
    reverse(journey, f"c{visits - 1}")
    asked = event_of([found for found in journey.records if found.topic == "yibao.priced"][-1])
    state = Counting(book, kept)
    state.load(state.fields(asked))
    while missing := state.missing(asked):
        state.load(missing)
    assert len(kept[f"p:{PERSON}"]) < 1_000
    return state.loads


def test_the_last_of_a_thousand_costs_what_the_last_of_ten_does(small: Book) -> None:
    """The purse and the claim's id; the settlement; its record; its year and its visit."""
    assert loads(small, 10) == loads(small, 1_000) == [2, 1, 1, 2]


def test_an_ordinary_claim_loads_nothing_of_its_history(small: Book) -> None:
    stage = SettlementStage(small)
    journey = person(small)
    event = event_of(list(journey.road.run(_record(bill(100))))[2])
    needed = (f"year:2026/{XIAMEN}/310", f"visit:{HOSPITAL}/M1")
    assert stage.needs(event) == needed and State(stage).fields(event) == [f"p:{PERSON}", *(f"e:{PERSON}:{key}" for key in needed)]


def _record(data: dict[str, Any]) -> Any:
    return record("claim.submitted.v2", data, "c1")


# --- the files --------------------------------------------------------------------------------------------------------

def test_a_regions_table_takes_the_place_of_the_nations() -> None:
    book = built_in()
    bijie, karamay = (rule_on(book.reversals, place, date(2026, 1, 1)) for place in ("520500", "650200"))
    assert bijie is not None and karamay is not None
    assert (bijie.order.names, karamay.order.names) == (("provider", "care"), ())
    assert bijie.days == karamay.days and (bijie.days.value, bijie.days.since, bijie.days.source) == (30, "enddate", "S049")
    assert rule_on(book.reversals, "650200", date(2019, 12, 31)) is None


def test_the_page_of_a_place_tells_the_rules_in_both_languages() -> None:
    book = built_in()
    for name, lang, told in (
        ("520500", "en", ["last first same provider, same type of care", "time limit 30 days from the last day of care on", "binds the provider",
                          "invoice printed only for: refund to the patient"]),
        ("650200", "zh", ["后进先出 该参保人的全部结算", "期限 就医结束（出院）日期起 30 日", "约束医药机构", "发票已打印 仅限：患者退费"]),
    ):
        page = as_text(benefits_page(book, book.regions[name], (), date(2026, 1, 1), lang))
        lines = [" ".join(line.split()) for line in page.splitlines()]
        assert set(told) <= set(lines), lines


def test_every_limit_is_told(tmp_path: Path) -> None:
    rules = MONTH + '[reversal.year]\nlimit = 31\nsource = "T1"\n'
    book = with_rules(tmp_path, rules)
    page = as_text(benefits_page(book, book.regions[XIAMEN], (), date(2026, 1, 1), "en"))
    assert "in the month of the day of settlement" in page and "until 31 days after the last day of the year" in page


@pytest.mark.parametrize(("rules", "said"), [
    (LAST_FIRST.replace('source = "T1"', ""), "reversal[1]: order: source: is missing"),
    (LAST_FIRST.replace("from = 2020-01-01", ""), "reversal[1]: from: is missing"),
    (LAST_FIRST + 'within = ["city"]\n', "order: within: 'city' is unknown"),
    (LAST_FIRST + '[reversal.days]\nlimit = -1\nsince = "enddate"\nsource = "T1"\n', "days: limit: -1 is out of range"),
    (LAST_FIRST + '[reversal.days]\nlimit = 3\nsince = "birthday"\nsource = "T1"\n', "days: since: 'birthday' is unknown"),
    (LAST_FIRST + '[reversal.invoice]\nreasons = ["mood"]\nsource = "T1"\n', "invoice: reasons: 'mood' is unknown"),
    (LAST_FIRST + '[reversal.week]\nsource = "T1"\n', "week: is not known here"),
    (LAST_FIRST + LAST_FIRST, "is given twice from 2020-01-01"),
])
def test_what_is_wrong_in_the_file_is_told(tmp_path: Path, rules: str, said: str) -> None:
    with pytest.raises(RulebookError, match="national/reversal.toml") as wrong:
        with_rules(tmp_path, rules)
    assert any(said in one for one in in_english(wrong.value.problems))
