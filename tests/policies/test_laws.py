"""The laws of money over random bills, accumulators and accounts, through pricing and settlement of every plan.

The laws are written out again here, so that a mistake in ``policies.laws`` does not hide one in the steps.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st

from contracts.events.claim import Checked, ClaimPriced, Movement, PersonFacts, Priced, ProviderFacts, Settled
from contracts.events.enrolment import Spell
from contracts.money import price_times_count
from policies import VERSION, laws
from policies.accumulators import Purse
from policies.book import built_in
from policies.pricing.stage import price
from policies.settlement.engine import settle
from policies.settlement.plan import Plan
from tests.policies.requests import claim, line, model

BOOK = built_in()
PLANS = {plan.id: plan for versions in BOOK.plans.values() for plan in versions}
PROVINCES = ("110000", "310000", "430000", "650000")
CODES = (*BOOK.catalogues["110000"][0].items, "NOT-LISTED")
YEAR_CAPS = {"11": 400_000, "12": 600_000}  # S118, fen
FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay")
PARTS = {"fulamt_ownpay_amt": "fulamt_ownpay_amt", "overlmt_selfpay": "overlmt_amt", "preselfpay_amt": "preselfpay_amt",
         "inscp_scp_amt": "inscp_scp_amt"}
AMOUNTS = (*PARTS, "medfee_sumamt")


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


@st.composite
def situations(draw: st.DrawFn, plan: Plan) -> tuple[ClaimPriced | Priced, dict[str, int], Purse]:
    """A priced claim under ``plan`` (or the refusal of its bill), accumulators and a purse."""
    care, place = draw(st.sampled_from(sorted(plan.care))), draw(st.sampled_from(sorted(plan.where)))
    level = draw(st.sampled_from("123")) if care == "11" else "3"
    request = model(claim(*draw(bills()), insutype=plan.insutype, med_type=care, acct_used_flag=draw(st.sampled_from("01"))))
    provider = ProviderFacts(fixmedins_code="X", name="", admdvs=draw(st.sampled_from(PROVINCES)), dedc_hosp_lv=level,
                             hosp_lv="2", lmtpric_hosp_lv=level, source="example")
    spell = Spell(insuplc_admdvs=plan.place, insutype=plan.insutype, psn_type=draw(st.sampled_from(["11", "12"])),
                  psn_insu_date=date(2010, 1, 1))
    facts = PersonFacts(brdy=draw(st.dates(date(1900, 1, 1), date(2026, 3, 5))), insuinfo=(spell,))
    checked = Checked(verdict="accepted", facts=facts, insured=spell, provider=provider, place=place,  # type: ignore[arg-type]
                      rulebook=BOOK.digest, policies=VERSION)
    priced = price(request, checked, BOOK)
    before = {f"{plan.benefit}.{name}": draw(MONEY) for name in ("deductible", "hifp_pay", "inscp_scp_amt")}
    before |= {f"{plan.benefit}.admissions": draw(st.integers(0, 5))} if care == "21" else {}
    purse = Purse(balances={plan.insutype: draw(MONEY)})
    return (priced if priced.verdict == "refused" else ClaimPriced(request=request, checked=checked, priced=priced)), before, purse


@pytest.mark.parametrize("plan_id", PLANS)
@settings(max_examples=60)
@given(data=st.data())
def test_the_laws_hold(plan_id: str, data: st.DataObject) -> None:
    plan = PLANS[plan_id]
    body, before, purse = data.draw(situations(plan))
    if isinstance(body, Priced):
        assert {reason.code for reason in body.reasons} == {"negative_net"}, "refunds rounded apart: named, nothing settled"
        return
    law_1(body.priced, body.request.medfee_sumamt)
    settled = settle(body, plan, before, purse, BOOK.digest, VERSION)
    law_2(settled, body.priced)
    law_3(settled, before, purse)
    if plan.place == "650200":
        pool = f"{plan.benefit}.hifp_pay"
        assert settled.accumulators is not None and body.checked.insured is not None
        assert settled.accumulators.after[pool] <= max(before[pool], YEAR_CAPS[body.checked.insured.psn_type])


def law_1(priced: Priced, total: int) -> None:
    for one in priced.lines:
        parts = [getattr(one, name) for name in PARTS.values()]
        assert one.det_item_fee_sumamt == sum(parts)
        assert all(part * one.det_item_fee_sumamt >= 0 for part in parts)
    for of_claim, of_line in PARTS.items():
        assert getattr(priced, of_claim) == sum(getattr(one, of_line) for one in priced.lines) >= 0
    assert total == priced.medfee_sumamt == sum(getattr(priced, name) for name in PARTS)


def law_2(settled: Settled, priced: Priced) -> None:
    assert settled.medfee_sumamt == priced.medfee_sumamt == settled.fund_pay_sumamt + settled.psn_part_amt + settled.hosp_part_amt
    assert settled.fund_pay_sumamt == sum(getattr(settled, name) for name in FUNDS) == settled.hifp_pay
    assert settled.psn_part_amt == settled.acct_pay + settled.psn_cash_pay
    assert 0 <= settled.hifp_pay <= priced.inscp_scp_amt - settled.act_pay_dedc <= priced.inscp_scp_amt
    assert min(settled.act_pay_dedc, settled.acct_pay, settled.psn_cash_pay) >= 0
    assert settled.psn_cash_pay >= priced.fulamt_ownpay_amt + priced.overlmt_selfpay
    assert sum(part.fund_payamt for part in settled.setldetail) == settled.fund_pay_sumamt + settled.acct_pay


def law_3(settled: Settled, before: dict[str, int], purse: Purse) -> None:
    moved, account = settled.accumulators, settled.account
    assert moved is not None and moved.before == before and account is not None
    assert all(moved.after[name] == before.get(name, 0) + moved.movement.get(name, 0) >= 0 for name in moved.after)
    (balance,) = purse.balances.values()
    assert (account.before["balc"], account.after["balc"]) == (balance, balance - settled.acct_pay) and settled.acct_pay <= balance


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
    return settle(body, plan, {}, Purse(balances={"310": 100_000}), BOOK.digest, VERSION), priced


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


@pytest.mark.parametrize("field", [*PARTS.values(), "det_item_fee_sumamt"])
def test_a_fen_more_in_any_part_of_a_line_breaks_law_1(field: str) -> None:
    (one,) = settled_and_priced()[1].lines
    with pytest.raises(laws.LawBroken, match="law 1"):
        laws.check_line(one.model_copy(update={field: getattr(one, field) + 1}))


def test_parts_of_another_sign_than_their_line_break_law_1() -> None:
    (one,) = settled_and_priced()[1].lines
    with pytest.raises(laws.LawBroken, match="another sign"):
        laws.check_line(one.model_copy(update={"inscp_scp_amt": 10_001, "overlmt_amt": -1}))


@pytest.mark.parametrize(("before", "moved", "after"), [({"a": 1}, {"a": 1}, {"a": 3}), ({"a": 1}, {}, {}), ({"a": 1}, {"a": -2}, {"a": -1})])
def test_a_movement_that_does_not_add_up_or_falls_below_zero_breaks_law_3(before: dict, moved: dict, after: dict) -> None:
    with pytest.raises(laws.LawBroken, match="law 3"):
        laws.check_movement(Movement(before=before, movement=moved, after=after))


def test_the_pool_cannot_pay_more_than_what_is_in_scope() -> None:
    settled, priced = settled_and_priced()
    more = {"hifp_pay": 10_001, "fund_pay_sumamt": 10_001, "psn_part_amt": 0, "acct_pay": 0, "psn_cash_pay": 0, "medfee_sumamt": 10_001}
    with pytest.raises(laws.LawBroken, match="more than what is in scope"):
        laws.check_settled(settled.model_copy(update=more), priced.model_copy(update={"medfee_sumamt": 10_001}))
