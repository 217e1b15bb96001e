"""The laws of money over random bills, accumulators and accounts, through pricing and settlement of every plan.

The laws are written out again in ``tests.policies.lawful``, so that a mistake in ``policies.laws`` does not hide one in the steps.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st

from contracts.events.claim import Checked, ClaimPriced, Movement, PersonFacts, Priced, ProviderFacts, Settled
from contracts.events.enrolment import Identity, Spell
from contracts.money import price_times_count
from policies import VERSION, laws
from policies.accumulators import Purse, after, moved, settled as settled_state, year_key
from policies.book import NATION, built_in
from policies.maps import on
from policies.pricing.stage import price
from policies.settlement.claims import case_of, keys_of
from policies.settlement.engine import Named, settle
from policies.settlement.plan import Benefit, Plan
from policies.settlement.sheet import Refusal
from policies.stage import View
from tests.policies.lawful import PARTS, lawful
from tests.policies.requests import claim, line, model

BOOK = built_in()
PLANS = {plan.id: plan for versions in BOOK.plans.values() for plan in versions}
BENEFITS = {f"{plan.id}#{benefit.name}": (plan, benefit) for plan in PLANS.values() for benefit in plan.benefits}
MED_TYPES = ("11", "13", "14", "18", "21", "22", "28", "41", "51", "52", "71", "9901")
PROVINCES = ("110000", "310000", "430000", "650000")
CODES = (*BOOK.catalogues["110000"][0].items, "NOT-LISTED")
YEAR_CAPS = {"11": 400_000, "12": 600_000}  # S118, fen
AMOUNTS = (*PARTS, "medfee_sumamt")


def national(med_type: str) -> str:
    """The care as the nation's map calls it."""
    table = on(BOOK.maps[NATION], "care", date(2026, 3, 5))
    assert table is not None and table.rows is not None
    return next(row.value for row in table.rows.rows if row.applies({"med_type": med_type}))


@st.composite
def bills(draw: st.DrawFn) -> list[dict[str, Any]]:
    """1 to 30 lines; every amount at most a fen off; some lines refunded in whole or in part at their own price."""
    lines: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 15))):
        item, flag = draw(st.sampled_from(CODES)), draw(st.sampled_from("012"))
        price_, count = draw(st.decimals("0.01", 3000, places=draw(st.integers(0, 6)))), draw(st.integers(1, 20))
        counts = [count]
        if draw(st.booleans()):
            counts.append(-draw(st.integers(1, count)))
        for one in counts:
            amount = price_times_count(price_, Decimal(one)) + draw(st.sampled_from([0, 0, 0, 1 if one > 0 else -1]))
            lines.append(line(amount, item, str(len(lines)), str(one), f"{price_:f}", hosp_appr_flag=flag))
    assume(sum(one["det_item_fee_sumamt"] for one in lines) >= 0)  # the door refuses a negative total
    return lines


MONEY = st.integers(0, 2_000_000)
COUNTED = ("deductible", "hifp_pay", "inscp_scp_amt")


def codes(draw: st.DrawFn, place: str, name: str, field: str) -> Any:
    """A code that the place's map translates under ``name``, or none."""
    rows = [row for found in BOOK.maps_of(place, name).get(name, ()) if found.rows for row in found.rows.rows]
    allowed = [dict(row.when).get(field) for row in rows]
    known = sorted({code for one in allowed if one is not None for code in getattr(one, "of", one)})
    return draw(st.sampled_from([None, *known]))


@st.composite
def persons(draw: st.DrawFn, plan: Plan) -> PersonFacts:
    """A person insured under ``plan``."""
    status = ["11", "12"] if plan.insutype == "310" else ["14", "15", "16"]
    spell = Spell(insuplc_admdvs=plan.place, insutype=plan.insutype, psn_type=draw(st.sampled_from(status)), psn_insu_date=date(2010, 1, 1))
    identity = codes(draw, plan.place, "identity", "psn_idet_type")
    held = (Identity(psn_idet_type=identity, begndate=date(2010, 1, 1)),) if identity else ()
    return PersonFacts(brdy=draw(st.dates(date(1900, 1, 1), date(2026, 3, 5))), insuinfo=(spell,), idetinfo=held)


@st.composite
def claims(draw: st.DrawFn, plan: Plan, benefit: Benefit, facts: PersonFacts) -> ClaimPriced | Priced:
    """A priced claim for a benefit, or the refusal of its bill."""
    types = [code for code in MED_TYPES if national(code) in benefit.care]
    place, level = draw(st.sampled_from(sorted(benefit.where))), draw(st.sampled_from("123"))
    request = model(claim(
        *draw(bills()), insutype=plan.insutype, med_type=draw(st.sampled_from(types)), acct_used_flag=draw(st.sampled_from("01")),
        mdtrt_id=draw(st.sampled_from("AB")), mid_setl_flag=draw(st.sampled_from("01")), fetus_cnt=draw(st.sampled_from([None, 1, 2])),
        dise_codg=codes(draw, plan.place, "disease", "dise_codg"), matn_type=codes(draw, plan.place, "maternity", "matn_type")))
    provider = ProviderFacts(
        fixmedins_code="X", name="", admdvs=draw(st.sampled_from(PROVINCES)), dedc_hosp_lv=level, hosp_lv="2", lmtpric_hosp_lv=level,
        medins_type=draw(st.sampled_from(["hospital", "community", "village"])), source="example")
    checked = Checked(verdict="accepted", facts=facts, insured=facts.insuinfo[0], provider=provider, place=place,  # type: ignore[arg-type]
                      rulebook=BOOK.digest, policies=VERSION)
    priced = price(request, checked, BOOK)
    return priced if priced.verdict == "refused" else ClaimPriced(request=request, checked=checked, priced=priced)


@pytest.mark.parametrize("name", BENEFITS)
@settings(max_examples=40)
@given(data=st.data())
def test_the_laws_hold(name: str, data: st.DataObject) -> None:
    """Up to three claims of one person in a row, from any accumulators that could stand at the start."""
    plan, benefit = BENEFITS[name]
    facts = data.draw(persons(plan))
    key = year_key(2026, plan.place, plan.insutype)
    start = {f"{benefit.name}.{counted}": data.draw(MONEY) for counted in COUNTED} | {f"{benefit.name}.admissions": data.draw(st.integers(0, 5))}
    view = View(Purse(balances={plan.insutype: data.draw(MONEY)}), {key: start})
    for _ in range(data.draw(st.integers(1, 3))):
        body = data.draw(claims(plan, benefit, facts))
        if isinstance(body, Priced):
            assert {reason.code for reason in body.reasons} <= {"negative_net", "rounded_refund"}, "refunds rounded apart: named, nothing settled"
            return
        assert body.request.medfee_sumamt == body.priced.medfee_sumamt
        keys = keys_of(body.request, body.checked, benefit)
        try:
            case = case_of(BOOK, body, (plan, benefit, national(body.request.med_type)), keys, view)
            settled = settle(case, plan, benefit, Named(BOOK.digest, VERSION))
        except Refusal as refusal:
            assert refusal.code in ("no_rule", "stay_settled"), "nothing else is refused here"
            continue
        lawful(settled, body.priced, case.before, view.person)
        assert settled.psn_cash_pay >= body.priced.fulamt_ownpay_amt + body.priced.overlmt_selfpay - body.priced.hosp_part_amt
        if plan.place == "650200":
            pool = f"{benefit.name}.hifp_pay"
            assert settled.accumulators is not None
            assert settled.accumulators.after[pool] <= max(case.accumulated(pool), YEAR_CAPS[facts.insuinfo[0].psn_type])
        after = settled_state(view, keys[0], keys[1] if len(keys) > 1 else None, plan.insutype, settled)
        view = View(after.person, {**view.entries, **after.entries})


# --- a breach is found --------------------------------------------------------------------------------------------------

def settled_and_priced() -> tuple[Settled, Priced]:
    plan = PLANS["650200-karamay/outpatient-310"]
    request = model(claim(acct_used_flag="1"))
    provider = ProviderFacts(fixmedins_code="X", name="", admdvs="650200", dedc_hosp_lv="1", hosp_lv="8", lmtpric_hosp_lv="1", source="example")
    spell = Spell(insuplc_admdvs="650200", insutype="310", psn_type="11", psn_insu_date=date(2010, 1, 1))
    checked = Checked(verdict="accepted", facts=PersonFacts(brdy=date(1980, 1, 1), insuinfo=(spell,)), insured=spell,
                      provider=provider, place="home", rulebook=BOOK.digest, policies=VERSION)
    priced = price(request, checked, BOOK)
    body = ClaimPriced(request=request, checked=checked, priced=priced)
    (benefit,) = plan.benefits
    view = View(Purse(balances={"310": 100_000}), {})
    case = case_of(BOOK, body, (plan, benefit, "outpatient"), keys_of(request, checked, benefit), view)
    return settle(case, plan, benefit, Named(BOOK.digest, VERSION)), priced


@pytest.mark.parametrize(("field", "law"), [
    ("medfee_sumamt", 1), ("inscp_scp_amt", 1), ("fund_pay_sumamt", 2), ("hifp_pay", 2), ("maf_pay", 2), ("psn_part_amt", 2),
    ("hosp_part_amt", 2), ("acct_pay", 2), ("psn_cash_pay", 2), ("acct_mulaid_pay", 3),
])
def test_a_fen_more_in_any_field_of_a_settlement_breaks_a_law(field: str, law: int) -> None:
    settled, priced = settled_and_priced()
    laws.check_settled(settled, priced)
    with pytest.raises(laws.LawBroken) as broken:
        laws.check_settled(settled.model_copy(update={field: getattr(settled, field) + 1}), priced)
    assert broken.value.law == law


@pytest.mark.parametrize("field", AMOUNTS)
def test_a_fen_more_in_any_sum_of_the_lines_breaks_law_1(field: str) -> None:
    _, priced = settled_and_priced()
    laws.check_priced(priced, 10_000)
    with pytest.raises(laws.LawBroken, match="law 1"):
        laws.check_priced(priced.model_copy(update={field: getattr(priced, field) + 1}), 10_000)


@pytest.mark.parametrize(("what", "total", "changes"), [
    ("total billed and total priced differ: 10001 and 10000", 10_001, {}),
    ("total and its four parts differ: 10001 and 10000", 10_001, {"medfee_sumamt": 10_001}),
    ("fulamt_ownpay_amt and its lines differ: 1 and 0", 10_000, {"fulamt_ownpay_amt": 1, "inscp_scp_amt": 9_999}),
    ("overlmt_selfpay and its lines differ: 1 and 0", 10_000, {"overlmt_selfpay": 1, "inscp_scp_amt": 9_999}),
    ("preselfpay_amt and its lines differ: 1 and 0", 10_000, {"preselfpay_amt": 1, "inscp_scp_amt": 9_999}),
    ("inscp_scp_amt and its lines differ: 9999 and 10000", 9_999, {"inscp_scp_amt": 9_999, "medfee_sumamt": 9_999}),
    ("hosp_part_amt and its lines differ: 1 and 0", 10_000, {"hosp_part_amt": 1}),
])
def test_each_law_of_a_priced_bill_is_told_where_it_alone_is_broken(what: str, total: int, changes: dict[str, int]) -> None:
    _, priced = settled_and_priced()
    with pytest.raises(laws.LawBroken) as broken:
        laws.check_priced(priced.model_copy(update=changes), total)
    assert (broken.value.law, broken.value.what) == (1, what)


@pytest.mark.parametrize("field", [*PARTS.values(), "det_item_fee_sumamt"])
def test_a_fen_more_in_any_part_of_a_line_breaks_law_1(field: str) -> None:
    (one,) = settled_and_priced()[1].lines
    with pytest.raises(laws.LawBroken, match="law 1"):
        laws.check_line(one.model_copy(update={field: getattr(one, field) + 1}))


def test_parts_of_another_sign_than_their_line_break_law_1() -> None:
    (one,) = settled_and_priced()[1].lines
    with pytest.raises(laws.LawBroken, match="law 1: line 1: a part has another sign"):
        laws.check_line(one.model_copy(update={"inscp_scp_amt": 10_001, "overlmt_amt": -1}))


@pytest.mark.parametrize(("before", "moved", "after"), [({"a": 1}, {"a": 1}, {"a": 3}), ({"a": 1}, {}, {}), ({"a": 1}, {"a": -2}, {"a": -1})])
def test_a_movement_that_does_not_add_up_or_falls_below_zero_breaks_law_3(before: dict, moved: dict, after: dict) -> None:
    with pytest.raises(laws.LawBroken, match="law 3"):
        laws.check_movement(Movement(before=before, movement=moved, after=after))


@pytest.mark.parametrize("fold", [
    lambda wrong: after("year:2026/650200/310", wrong, None), lambda wrong: moved(Purse(), "310", wrong, None),
    lambda wrong: moved(Purse(), "310", None, wrong)], ids=["an entry", "the account", "the wallet"])
def test_a_movement_that_does_not_add_up_is_not_folded(fold: Callable[[Movement], object]) -> None:
    """What it names as before is right: nothing, and 0.01 more is not 0.02."""
    with pytest.raises(laws.LawBroken, match="law 3: balc: after and before . movement differ: 2 and 1"):
        fold(Movement(before={}, movement={"balc": 1}, after={"balc": 2}))


def test_the_pool_cannot_pay_more_than_what_is_in_scope() -> None:
    settled, priced = settled_and_priced()
    more = {"hifp_pay": 10_001, "fund_pay_sumamt": 10_001, "psn_part_amt": 0, "acct_pay": 0, "psn_cash_pay": 0, "medfee_sumamt": 10_001}
    with pytest.raises(laws.LawBroken, match="more than what is in scope"):
        laws.check_settled(settled.model_copy(update=more), priced.model_copy(update={"medfee_sumamt": 10_001}))


@pytest.mark.parametrize(("amount", "fund", "broken"), [(1, {}, False), (0, {}, True), (1, {"fund": "maf_pay"}, True)])
def test_unless_it_is_guaranteed(amount: int, fund: dict[str, str], broken: bool) -> None:
    """100.00 in scope, 100.01 paid: 0.01 by a guarantee of the pool, of nothing, or of another fund."""
    settled, priced = settled_and_priced()
    step = settled.steps[0].model_copy(update={"kind": "guarantee", "amount": amount, "facts": fund})
    more = {"hifp_pay": 10_001, "fund_pay_sumamt": 10_001, "psn_part_amt": 0, "acct_pay": 0, "psn_cash_pay": 0, "medfee_sumamt": 10_001,
            "psn_parts": {}, "account": None, "steps": (*settled.steps, step)}
    try:
        laws.check_settled(settled.model_copy(update=more), priced.model_copy(update={"medfee_sumamt": 10_001}))
    except laws.LawBroken as told:
        assert broken and "more than what is in scope" in told.what
    else:
        assert not broken


WRONG = Movement(before={"a": 5}, movement={}, after={"a": 6})
ONE_MORE = {"psn_part_amt": 3_601, "psn_cash_pay": 1, "psn_parts": {"deductible": 2_000, "coinsurance": 1_601}}
FEN_LESS = Movement(before={"balc": 100_000}, movement={"balc": -3_599}, after={"balc": 96_401})


@pytest.mark.parametrize(("law", "what", "changes"), [
    (1, "total settled and total priced differ: 10001 and 10000", {"medfee_sumamt": 10_001, **ONE_MORE}),
    (1, "in scope settled and in scope priced differ: 10001 and 10000", {"inscp_scp_amt": 10_001}),
    (2, "total, funds + person + provider differ: 10000 and 10001", ONE_MORE),
    (2, "all funds and their sum differ: 6400 and 6401", {"hifp_pay": 6_401}),
    (2, "person, account + cash differ: 3600 and 3601", {"psn_cash_pay": 1}),
    (2, "the provider's part, settled and priced differ: 1 and 0", {"hosp_part_amt": 1, "psn_part_amt": 3_599, "acct_pay": 3_599}),
    (2, "hifp_pay falls below zero (-1)", {"hifp_pay": -1, "maf_pay": 6_401}),
    (2, "fund_pay_sumamt falls below zero (-1)", {"maf_pay": -6_401, "fund_pay_sumamt": -1, "psn_part_amt": 10_001, "acct_pay": 10_001}),
    (2, "psn_part_amt falls below zero (-1)", {"maf_pay": 3_601, "fund_pay_sumamt": 10_001, "psn_part_amt": -1, "acct_pay": 0, "psn_cash_pay": -1}),
    (2, "acct_pay falls below zero (-1)", {"acct_pay": -1, "psn_cash_pay": 3_601}),
    (2, "acct_mulaid_pay falls below zero (-1)", {"acct_mulaid_pay": -1}),
    (2, "psn_cash_pay falls below zero (-1)", {"acct_pay": 3_601, "psn_cash_pay": -1}),
    (2, "the family wallet paid more than the account", {"acct_mulaid_pay": 3_601}),
    (2, "the deductible is more than what is in scope", {"act_pay_dedc": 10_001}),
    (2, "the person's part and its causes differ: 3600 and 3599", {"psn_parts": {"deductible": 2_000, "coinsurance": 1_599}}),
    (3, "a: after and before + movement differ: 6 and 5", {"accumulators": WRONG}),
    (3, "a: after and before + movement differ: 6 and 5", {"account": WRONG}),
    (3, "a: after and before + movement differ: 6 and 5", {"wallet": WRONG}),
    (3, "a: after and before + movement differ: 6 and 5", {"stay": WRONG}),
    (3, "account movement and acct_pay differ: 3599 and 3600", {"account": FEN_LESS}),
    (3, "wallet movement and acct_mulaid_pay differ: 1 and 0", {"wallet": Movement(before={"P2": 1}, movement={"P2": -1}, after={"P2": 0})}),
])
def test_each_law_of_a_settlement_is_told_where_it_alone_is_broken(law: int, what: str, changes: dict[str, Any]) -> None:
    """克拉玛依, level 1, 100.00: the pool pays (100.00 - 20.00) x 80 % = 64.00, the account the 36.00 left. The changes keep every sum
    that is looked at before."""
    settled, priced = settled_and_priced()
    with pytest.raises(laws.LawBroken) as broken:
        laws.check_settled(settled.model_copy(update=changes), priced)
    assert broken.value.law == law and broken.value.what.startswith(what)
