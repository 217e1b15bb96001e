"""Line by line (identities I8 to I11 of the national interface), and what is wrong with a bill."""

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from contracts.events.claim import FeeLine, PricedLine
from contracts.money import PRICE_PLACES
from policies.laws import check_line
from policies.pricing.item import Item, Ratios
from policies.pricing.line import Bill, price_line
from policies.pricing.terms import NOT_LISTED, scaled, terms_of
from tests.policies.requests import (
    BEIJING,
    CT,
    DRUG,
    HENGYANG_2,
    KARAMAY_1,
    OWN_DRUG,
    RESTRICTED,
    SHANGHAI,
    SHARED_DRUG,
    claim,
    codes,
    insured,
    line,
    product,
    spell,
)

FULL = Item("A", "甲", "01")
SHARED = Item("B", "乙", "02", Ratios(Decimal("0.1")))
OWN = Item("C", "丙", "03", Ratios(Decimal(1)))
LIMITED = Item("D", "限价", "02", Ratios(Decimal("0.1")), (("1", Decimal("150.00")), ("2", Decimal("180.00"))))
ASKED = Item("E", "限制使用", "02", Ratios(Decimal("0.2")), restricted=True)


def fee(amount: int, cnt: str = "1", pric: str | None = None, appr: str = "1") -> FeeLine:
    price = pric if pric is not None else f"{abs(amount) // 100}.{abs(amount) % 100:02d}"
    return FeeLine.model_validate_json(
        f'{{"feedetl_sn":"1","fee_ocur_date":"2026-03-05","med_list_codg":"X","det_item_fee_sumamt":{amount},'
        f'"cnt":"{cnt}","pric":"{price}","hosp_appr_flag":"{appr}"}}')


NO_BILL = cast(Bill, None)
"""None of these items asks for anything else of a bill."""


def split_line(line: FeeLine, item: Item | None, level: str = "1") -> PricedLine:
    """A line of ``item`` alone on a bill of an employee at a provider of ``level``."""
    return price_line(line.__dict__, scaled(line.pric, PRICE_PLACES), terms_of(item, level, "310") if item else NOT_LISTED, NO_BILL)


def parts(priced: PricedLine) -> tuple[int, int, int, int]:
    """Own expense, over the ceiling, first self-pay, in scope."""
    return priced.fulamt_ownpay_amt, priced.overlmt_amt, priced.preselfpay_amt, priced.inscp_scp_amt


# --- one line -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("item", "split", "note"), [
    (FULL, (0, 0, 0, 10_000), None),
    (SHARED, (0, 0, 1_000, 9_000), None),            # 100.00 x 10 % = 10.00
    (OWN, (10_000, 0, 0, 0), "class_c"),
    (None, (10_000, 0, 0, 0), "not_listed"),
], ids=["甲", "乙", "丙", "not listed"])
def test_the_class_decides(item: Item | None, split: tuple[int, ...], note: str | None) -> None:
    priced = split_line(fee(10_000), item, "1")
    assert (parts(priced), priced.note) == (split, note)


@pytest.mark.parametrize(("amount", "first"), [
    (226, 23),      # I11: 2.26 x 10 % = 0.226 -> 0.23
    (224, 22),      # 0.224 -> 0.22
    (225, 23),      # 0.225 -> 0.23, half-up
    (5, 1),         # 0.005 -> 0.01
    (4, 0),
    (-226, -23),    # a refund is the mirror
    (-225, -23),
])
def test_first_self_pay_is_rounded_half_up(amount: int, first: int) -> None:
    priced = split_line(fee(amount, cnt="1" if amount > 0 else "-1"), SHARED, "1")
    assert parts(priced) == (0, 0, first, amount - first)


@pytest.mark.parametrize(("level", "pric", "cnt", "amount", "split"), [
    ("1", "150.00", "1", 15_000, (0, 0, 1_500, 13_500)),            # at the ceiling
    ("1", "150.01", "1", 15_001, (0, 1, 1_500, 13_500)),            # a fen above: (150.01 - 150) x 1
    ("1", "200.00", "2", 40_000, (0, 10_000, 3_000, 27_000)),       # I10: (200 - 150) x 2 = 100; (400 - 100) x 10 % = 30
    ("2", "200.00", "2", 40_000, (0, 4_000, 3_600, 32_400)),        # (200 - 180) x 2 = 40; 360 x 10 % = 36
    ("3", "200.00", "2", 40_000, (0, 0, 4_000, 36_000)),            # no ceiling at this level
    ("1", "200.00", "-2", -40_000, (0, -10_000, -3_000, -27_000)),  # a refund is the mirror
    ("1", "160.005", "0.5", 8_000, (0, 500, 750, 6_750)),           # 10.005 x 0.5 = 5.0025 -> 5.00; 75.00 x 10 % = 7.50
])
def test_what_is_over_the_ceiling_of_the_level(level: str, pric: str, cnt: str, amount: int, split: tuple[int, ...]) -> None:
    assert parts(split_line(fee(amount, cnt, pric), LIMITED, level)) == split


@pytest.mark.parametrize(("item", "approval", "note"), [
    (ASKED, "1", None), (ASKED, "0", "not_approved"), (ASKED, "2", "not_approved"),
    (FULL, "0", None), (FULL, "2", "not_approved"),
])
def test_restricted_items_need_the_hospital_s_approval(item: Item, approval: str, note: str | None) -> None:
    priced = split_line(fee(10_000, appr=approval), item, "1")
    assert priced.note == note and (priced.fulamt_ownpay_amt == 10_000) == (note is not None)


def test_the_share_that_is_told_is_the_one_that_was_used() -> None:
    assert [split_line(fee(100), item, "1").selfpay_prop for item in (FULL, SHARED, OWN, None)] == ["0", "0.1", "1", "1"]


ITEMS = st.builds(
    Item, st.just("X"), st.just(""), st.sampled_from(["01", "02", "03"]),
    st.decimals(0, 1, places=4, allow_nan=False).map(Ratios),
    st.one_of(st.just(()), st.decimals(0, 500, places=4).map(lambda price: (("1", price),))), st.booleans(),
)


@given(item=ITEMS, price=st.decimals(0, 1000, places=6), count=st.decimals(-50, 50, places=4), off=st.sampled_from([-1, 0, 1]))
def test_a_line_splits_without_rest_and_its_refund_is_the_mirror(item: Item, price: Decimal, count: Decimal, off: int) -> None:
    """Any line that the bill's own check lets pass: amount within a fen of price x count."""
    amount = product(f"{price:f}", f"{count:f}") + off
    paid, refund = fee(amount, f"{count:f}", f"{price:f}"), fee(-amount, f"{-count:f}", f"{price:f}")
    priced, mirrored = split_line(paid, item, "1"), split_line(refund, item, "1")
    check_line(priced)
    assert parts(mirrored) == tuple(-part for part in parts(priced))


# --- a bill -------------------------------------------------------------------------------------------------------------

def priced(*lines: dict[str, Any], **more: Any) -> Any:
    """The section that pricing leaves of a bill of a person insured at 衡阳 (outpatient care needs no filing anywhere)."""
    event = insured(spell("430400")).send("claim.submitted", claim(*lines, **({"fixmedins_code": HENGYANG_2} | more)))
    return event.body.priced


def refusal(*lines: dict[str, Any], **more: Any) -> list[str]:
    found = priced(*lines, **more)
    assert found.verdict == "refused" and found.lines == ()
    return codes(found)


def test_the_sums_of_a_bill_of_all_classes() -> None:
    """甲 100.00; 乙 50.00, of it 5.00 first; 丙 20.00; CT at level 2: 200 - 180 = 20.00 over, 180 x 10 % = 18.00 first."""
    found = priced(line(10_000), line(5_000, SHARED_DRUG, "2"), line(2_000, OWN_DRUG, "3"), line(20_000, CT, "4"))
    assert (found.medfee_sumamt, found.fulamt_ownpay_amt, found.overlmt_selfpay) == (37_000, 2_000, 2_000)
    assert (found.preselfpay_amt, found.inscp_scp_amt) == (500 + 1_800, 10_000 + 4_500 + 16_200)
    assert [one.note for one in found.lines] == [None, None, "class_c", None]


@pytest.mark.parametrize(("provider", "over", "first"), [
    (HENGYANG_2, 2_000, 1_800),   # level 2: at most 180; 180 x 10 %
    (BEIJING, 0, 2_000),          # level 3: at most 220; 200 x 10 %
    (KARAMAY_1, 4_000, 800),      # level 1 there: at most 160; 160 x 5 %
])
def test_the_catalogue_is_that_of_the_place_of_care(provider: str, over: int, first: int) -> None:
    journey = insured(spell("650200" if provider == KARAMAY_1 else "430400"))
    found = journey.send("claim.submitted", claim(line(20_000, CT), fixmedins_code=provider)).body.priced
    assert (found.overlmt_selfpay, found.preselfpay_amt) == (over, first)
    assert found.catalogue.admdvs == {"H4": "430000", "H1": "110000", "H6": "650000"}[provider[:2]]
    assert found.catalogue.source == "example"


def test_a_restricted_drug_without_approval_is_own_expense() -> None:
    approved, not_approved = (priced(line(10_000, RESTRICTED, hosp_appr_flag=flag)) for flag in "10")
    assert (approved.preselfpay_amt, approved.inscp_scp_amt) == (2_000, 8_000)
    assert (not_approved.fulamt_ownpay_amt, not_approved.lines[0].note) == (10_000, "not_approved")


def test_a_refund_in_the_bill_takes_off_what_it_refunds() -> None:
    """4 x 12.50 - 1 x 12.50, 乙 10 %: 50.00 - 12.50 = 37.50, first 5.00 - 1.25 = 3.75."""
    found = priced(line(5_000, SHARED_DRUG, "1", "4", "12.50"), line(-1_250, SHARED_DRUG, "2", "-1", "12.50"))
    assert (found.medfee_sumamt, found.preselfpay_amt, found.inscp_scp_amt) == (3_750, 375, 3_375)


@pytest.mark.parametrize(("price", "count", "expected"), [
    ("0.226", "1", 23),  # 0.226 yuan -> 0.23
    ("25.60", "3", 7680),  # 76.80
    ("128.352", "14", 179693),  # 1796.928 -> 1796.93
    ("3.141593", "2.5", 785),  # 7.8539825 -> 7.85
    ("12.50", "-1", -1250),  # a refund: price positive, count negative
    ("0.005", "1", 1),  # 0.005 -> 0.01
    ("0.005", "-1", -1),
    ("0.004999", "1", 0),
    ("0.000001", "0.0001", 0),
    # (10^10 - 10^-6) x (10^8 - 10^-4) = 10^18 - 10^6 - 10^2 + 10^-10 = 999999999998999900.00 yuan
    ("9999999999.999999", "99999999.9999", 99999999999899990000),
])
def test_price_times_count(price: str, count: str, expected: int) -> None:
    assert product(price, count) == expected


@pytest.mark.parametrize(("amount", "codes_"), [(786, []), (785, []), (784, []), (787, ["line_amount"]), (783, ["line_amount"])])
def test_price_times_count_may_be_a_fen_off(amount: int, codes_: list[str]) -> None:
    """I9: 3.141593 x 2.5 = 7.8539825 -> 7.85, tolerance 0.01."""
    bill = line(amount, cnt="2.5", pric="3.141593")
    assert codes(priced(bill)) == codes_


@pytest.mark.parametrize(("pric", "amount", "codes_"), [
    ("1.013", 100, []), ("1.013", 99, ["line_amount"]), ("1.017", 103, []), ("1.017", 104, ["line_amount"]),
])
def test_the_fen_is_counted_from_the_rounded_product(pric: str, amount: int, codes_: list[str]) -> None:
    """I9: 1.013 x 1 is 1.01, 1.017 x 1 is 1.02: a fen from that may lie 1.3 fen from the product before it was rounded."""
    assert codes(priced(line(amount, pric=pric))) == codes_


def test_the_amount_that_is_off_is_told_with_line_and_product() -> None:
    (reason,) = priced(line(787, sn="L7", cnt="2.5", pric="3.141593")).reasons
    assert reason.field == "feedetail.0.det_item_fee_sumamt" and reason.bears == "provider"
    assert all(word in reason.en for word in ("L7", "787", "785"))


def test_lines_that_do_not_add_up_to_the_total() -> None:
    (reason,) = priced(line(10_000), medfee_sumamt=9_999).reasons
    assert reason.code == "sum_mismatch" and "10000" in reason.en and "9999" in reason.en


def test_one_number_for_two_lines() -> None:
    assert refusal(line(100, sn="7"), line(200, sn="7")) == ["duplicate_line"]


def test_more_refunded_than_charged() -> None:
    assert refusal(line(100), line(300, SHARED_DRUG, "3"), line(-200, sn="2", cnt="-2", pric="1.00")) == ["negative_net"]


def test_a_refund_at_another_price_refunds_nothing_of_the_bill() -> None:
    assert refusal(line(10_000), line(-100, sn="2", cnt="-1", pric="1.00")) == ["negative_net"]


def test_refunds_in_parts_that_round_to_more_than_was_charged() -> None:
    """0.15 x 10 % = 0.015 -> 0.02 charged; three times 0.05 x 10 % = 0.005 -> 0.01 refunded: -0.01 of first self-pay."""
    refunds = [line(-5, SHARED_DRUG, str(n), "-1", "0.05") for n in (2, 3, 4)]
    (reason,) = priced(line(15, SHARED_DRUG, "1", "3", "0.05"), *refunds).reasons
    assert (reason.code, reason.field) == ("rounded_refund", "preselfpay_amt")


def test_all_that_is_wrong_with_a_bill_is_told_at_once() -> None:
    bill = [line(100, sn="1"), line(999, sn="1", pric="1.00"), line(-100, OWN_DRUG, "2", "-1", "1.00")]
    assert refusal(*bill, medfee_sumamt=1) == ["duplicate_line", "line_amount", "negative_net", "sum_mismatch"]


def test_a_day_before_the_catalogue_begins() -> None:
    old = line(10_000, fee_ocur_date="2022-12-31")
    found = priced(line(10_000, sn="2", fee_ocur_date="2026-03-04"), old, begndate="2022-12-31")
    assert codes(found) == ["no_catalogue"] and "2022-12-31" in found.reasons[0].en


@pytest.mark.parametrize(("day", "codes_"), [
    ("2026-03-01", ["fee_day_strange"]), ("2026-03-02", []), ("2026-03-10", []), ("2026-03-11", ["fee_day_strange"]),
])
def test_fees_are_of_days_between_the_beginning_of_the_care_and_its_settlement(day: str, codes_: list[str]) -> None:
    stay = {"begndate": "2026-03-02", "enddate": "2026-03-09", "setl_date": "2026-03-10", "med_type": "21"}
    found = priced(line(10_000, fee_ocur_date="2026-03-04"), line(100, sn="7", fee_ocur_date=day), **stay)
    assert codes(found) == codes_
    assert all("7" in why.en and day in why.en for why in found.reasons)


def test_a_quote_is_priced_like_a_claim() -> None:
    journey = insured(spell("430400"))
    bill = claim(line(20_000, CT), fixmedins_code=SHANGHAI)
    quoted, settled = journey.send("quote.requested", bill), journey.send("claim.submitted", bill)
    assert quoted.body.priced == settled.body.priced


def test_the_item_is_named_in_the_catalogue_s_words() -> None:
    assert priced(line(100, DRUG)).lines[0].name == "示例奥美拉唑肠溶胶囊"
