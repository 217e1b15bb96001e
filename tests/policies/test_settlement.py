"""The settlement stage on the road: account, quotes, repetition, refusals, and what a verdict writes down."""

from contracts.events.claim import Settled
from policies.book import Book
from tests.policies.requests import (
    HENGYANG_2,
    HENGYANG_3,
    KARAMAY_1,
    OWN_DRUG,
    SHANGHAI,
    SHARED_DRUG,
    Journey,
    claim,
    codes,
    credit,
    filing,
    insured,
    last_section,
    line,
    spell,
)


def amounts(settled: Settled) -> tuple[int, int, int, int]:
    """Deductible, pool, account, cash in fen."""
    return settled.act_pay_dedc, settled.hifp_pay, settled.acct_pay, settled.psn_cash_pay


def test_the_account_pays_where_it_is_asked_to() -> None:
    """(100.00 - 20) x 80 % = 64.00; the person's 36.00 from the account."""
    journey = insured(balance=10_000)
    settled = last_section(journey.send("claim.submitted", claim(acct_used_flag="1")))
    assert amounts(settled) == (2_000, 6_400, 3_600, 0)
    assert (settled.account.before, settled.account.movement, settled.account.after) == (
        {"balc": 10_000}, {"balc": -3_600}, {"balc": 6_400})


def test_the_account_is_left_alone_where_it_is_not_asked() -> None:
    journey = insured(balance=10_000)
    settled = last_section(journey.send("claim.submitted", claim()))
    assert amounts(settled) == (2_000, 6_400, 0, 3_600)
    assert settled.account.before == settled.account.after == {"balc": 10_000}


def test_every_credit_counts_and_the_balance_carries_over_the_year() -> None:
    journey = insured(balance=1_000)
    journey.send("account.credited", credit(500), id="credit-2")
    december = claim(line(10_000, fee_ocur_date="2025-12-31"), day="2025-12-31", acct_used_flag="1")
    first = last_section(journey.send("claim.submitted", december))
    journey.send("account.credited", credit(700), id="credit-3")
    second = last_section(journey.send("claim.submitted", claim(mdtrt_id="M2", acct_used_flag="1")))
    assert (first.year, first.acct_pay, second.year, second.acct_pay) == (2025, 1_500, 2026, 700)


def test_an_account_belongs_to_a_type_of_insurance() -> None:
    journey = insured(spell(), spell(insutype="390"))
    journey.send("account.credited", credit(5_000, insutype="390"), id="credit-390")
    assert last_section(journey.send("claim.submitted", claim(acct_used_flag="1"))).acct_pay == 0


def test_a_quote_says_what_the_settlement_will_say_and_moves_nothing() -> None:
    journey = insured(spell("430400"), balance=100_000)
    visit = claim(line(50_000), fixmedins_code=HENGYANG_2, acct_used_flag="1")
    quotes = [journey.send("quote.requested", visit, id=f"q-{n}") for n in (1, 2)]
    settled = journey.send("claim.submitted", visit, id="c-1")
    after = journey.send("quote.requested", visit, id="q-3")
    assert [quote.type for quote in quotes] == ["claim.quoted"] * 2
    assert quotes[0].body.settled == quotes[1].body.settled == settled.body.settled
    assert settled.body.settled.act_pay_dedc == 20_000 and after.body.settled.act_pay_dedc == 0


def test_a_repeated_claim_moves_nothing() -> None:
    journey = insured(spell("430400"))
    first, later = claim(line(25_000), fixmedins_code=HENGYANG_2), claim(line(30_000), fixmedins_code=HENGYANG_3, mdtrt_id="M2")
    journey.send("claim.submitted", first, id="c-1")
    assert journey.send("claim.submitted", first, id="c-1").type == "request.repeated"
    settled = last_section(journey.send("claim.submitted", later, id="c-2"))
    assert settled.accumulators.before == {
        "outpatient.deductible": 20_000, "outpatient.inscp_scp_amt": 25_000, "outpatient.hifp_pay": 3_000}
    assert amounts(settled) == (10_000, 12_000, 0, 18_000)  # 300 - 200 = 100 more; (300 - 100) x 60 % = 120; 300 - 120


def test_a_claim_with_a_used_id_and_another_body_is_a_conflict_and_moves_nothing() -> None:
    journey = insured(spell("430400"))
    journey.send("claim.submitted", claim(line(25_000), fixmedins_code=HENGYANG_2), id="c-1")
    assert journey.send("claim.submitted", claim(line(30_000), fixmedins_code=HENGYANG_3), id="c-1").type == "request.refused"
    settled = last_section(journey.send("claim.submitted", claim(line(30_000), fixmedins_code=HENGYANG_3), id="c-2"))
    assert settled.accumulators.before["outpatient.deductible"] == 20_000


def test_a_refused_claim_moves_nothing_and_its_id_stays_used() -> None:
    journey = insured()
    bad = claim(medfee_sumamt=1)
    assert journey.send("claim.submitted", bad, id="c-1").type == "claim.refused"
    assert journey.send("claim.submitted", bad, id="c-1").type == "request.repeated"
    assert last_section(journey.send("claim.submitted", claim(), id="c-2")).accumulators.before == {}


def test_no_plan_is_a_refusal_that_names_what_was_looked_for() -> None:
    event = insured().send("claim.submitted", claim(med_type="21"))
    (reason,) = last_section(event).reasons
    assert event.type == "claim.refused" and reason.code == "no_rule" and reason.bears == "agency"
    assert all(word in reason.en for word in ("650200", "310", "21", "2026-03-05"))
    assert "参保地 650200，险种 310，医疗类别 21，" in reason.zh


def test_no_row_is_a_refusal_that_names_the_rule_and_the_facts() -> None:
    event = insured(spell("430400")).send("claim.submitted", claim(fixmedins_code="H44010600109"))
    (reason,) = last_section(event).reasons
    assert reason.code == "no_rule" and "430400-hengyang/outpatient-310#outpatient.2" in reason.en and "level=9" in reason.en


def test_a_quote_is_refused_as_a_quote() -> None:
    assert insured().send("quote.requested", claim(med_type="21")).type == "quote.refused"
    assert insured(spell("410100")).send("quote.requested", claim(fixmedins_code=SHANGHAI)).type == "quote.refused"


def test_a_stay_in_another_province_from_bill_to_cash() -> None:
    """10,000.00: 甲 7,000; 乙 2,000, of it 200 first; 丙 1,000. In scope 8,800; less 600 is 8,200; 45 years: 84 %: 6,888.

    Cash 10,000 - 6,888 = 3,112; of it 600 deductible, 1,312 own share, 200 first self-pay and 1,000 own expense.
    """
    journey = insured(spell("410100"), brdy="1980-06-15", balance=50_000)
    journey.send("filing.requested", filing())
    bill = [line(700_000), line(200_000, SHARED_DRUG, "2"), line(100_000, OWN_DRUG, "3")]
    stay = claim(*bill, fixmedins_code=SHANGHAI, med_type="21", begndate="2026-03-05", enddate="2026-03-12",
                 setl_date="2026-03-12", acct_used_flag="1")
    settled = last_section(journey.send("claim.submitted", stay))
    assert (settled.plan, settled.year, settled.age) == ("410100-zhengzhou/inpatient-310", 2026, 45)
    assert amounts(settled) == (60_000, 688_800, 50_000, 261_200)
    assert settled.pool_prop_selfpay == "0.84" and settled.psn_part_amt == 311_200
    assert {part.fund_pay_type: part.fund_payamt for part in settled.setldetail} == {"310100": 688_800, "310200": 50_000}
    assert settled.accumulators.movement == {
        "inpatient.admissions": 1, "inpatient.deductible": 60_000, "inpatient.hifp_pay": 688_800, "inpatient.inscp_scp_amt": 880_000}


def test_residents_are_paid_by_their_own_fund() -> None:
    journey = insured(spell("410100", insutype="390", psn_type="15"))
    journey.send("filing.requested", filing(insutype="390"))
    stay = claim(line(1_000_000), insutype="390", fixmedins_code=SHANGHAI, med_type="21")
    assert [part.fund_pay_type for part in last_section(journey.send("claim.submitted", stay)).setldetail] == ["390100"]


def test_the_steps_tell_rule_source_and_choice_in_the_order_of_the_money() -> None:
    settled = last_section(insured().send("claim.submitted", claim()))
    told = [(step.kind, step.rule.rpartition("#")[2], step.source, step.choice, step.base, step.amount) for step in settled.steps]
    assert told == [
        ("scope", "scope", "S002", False, 10_000, 10_000),
        ("deductible", "outpatient.2", "S116", True, 10_000, 2_000),
        ("ratio", "outpatient.3", "S117", False, 8_000, 6_400),
        ("cap", "outpatient.4", "S119", True, 6_400, 6_400),
        ("cap", "outpatient.5", "S118", False, 6_400, 6_400),
        ("account", "outpatient.6", "S069", True, 3_600, 0),
        ("cash", "cash", "S069", False, 3_600, 3_600),
    ]


def test_a_verdict_names_the_rulebook(book: Book) -> None:
    event = insured().send("claim.submitted", claim())
    assert {event.body.checked.rulebook, event.body.priced.rulebook, event.body.settled.rulebook} == {book.digest}


def test_two_persons_do_not_see_each_other() -> None:
    journey: Journey = insured(spell("430400"))
    other = insured(spell("430400"), psn_no="P2").requests[0]
    journey.publish(other)
    for person in ("P1", "P2"):
        visit = claim(line(30_000), fixmedins_code=HENGYANG_3, psn_no=person)
        assert last_section(journey.send("claim.submitted", visit)).act_pay_dedc == 30_000


def test_accumulators_of_two_types_of_insurance_are_kept_apart() -> None:
    journey = insured(spell("410100"), spell("410100", insutype="390", psn_type="15"))
    for insutype, due in (("310", 60_000), ("390", 120_000)):
        journey.send("filing.requested", filing(insutype=insutype))
        stay = claim(line(1_000_000), insutype=insutype, fixmedins_code=SHANGHAI, med_type="21", mdtrt_id=insutype)
        assert last_section(journey.send("claim.submitted", stay)).act_pay_dedc == due


def test_accumulators_of_two_places_of_insurance_are_kept_apart() -> None:
    """Moved from 郑州 to 河南省直 on 1 April: the first stay there is the first."""
    moved = [spell("410100", paus_insu_date="2026-04-01"), spell("419900", psn_insu_date="2026-04-01")]
    journey = insured(*moved)
    for day, due in (("2026-03-05", 60_000), ("2026-04-01", 90_000)):
        journey.send("filing.requested", filing(begndate=day))
        stay = claim(line(1_000_000), fixmedins_code=SHANGHAI, med_type="21", mdtrt_id=day, day=day)
        assert last_section(journey.send("claim.submitted", stay)).act_pay_dedc == due


def test_a_stay_at_the_community_centre_has_no_rule_and_the_reason_reaches_the_end() -> None:
    event = insured().send("claim.submitted", claim(fixmedins_code=KARAMAY_1, med_type="21"))
    assert codes(event.body.settled) == ["no_rule"] and event.body.priced.verdict == "accepted"
