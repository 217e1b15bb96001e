"""Each kind of rule at its boundaries. What is at stake was worked out by hand, beside each row."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from policies.review.age import Age
from policies.review.bed_days import BedDays
from policies.review.both_ways import BothWays
from policies.review.diagnosis import Diagnosed
from policies.review.duplicate import Duplicate
from policies.review.level import Level
from policies.review.overlap import Overlap
from policies.review.price import Price
from policies.review.quantity import Quantity
from policies.review.readmission import Readmission
from policies.review.repeat import Repeat
from policies.review.rule import Rule
from policies.review.sex import Sex
from policies.review.unbundling import Unbundling
from tests.policies.requests import KARAMAY_1
from tests.policies.reviewing import DAY, bill, care_of, earlier, fee, head, told

Told = list[tuple[str, dict[str, int], int]]
Case = tuple[Rule, Any, Told]
STAY = {"med_type": "21", "begndate": "2026-03-01", "enddate": "2026-03-11", "setl_date": "2026-03-11"}


def drug(amount: int, days: int, item: str = "A1", sn: str = "1", **more: Any) -> dict[str, Any]:
    return fee(amount, item, sn, prd_days=days, **more)


LIMIT = Quantity(head("A"), 30)
QUANTITY: dict[str, Case] = {
    "on the limit": (LIMIT, bill(drug(30_000, 30)), []),
    # 31 - 30 = 1 of 31 days: 310.00 / 31 = 10.00
    "a day more": (LIMIT, bill(drug(31_000, 31)), [("over_supply", {"1": 1_000}, 0)]),
    # 1 of 31 days of 100.00 = 3.2258... -> 3.23
    "rounded half up": (LIMIT, bill(drug(10_000, 31)), [("over_supply", {"1": 323}, 0)]),
    # 20 + 20 days: the second line is 10 days too long, half of its 60.00
    "two lines of one item": (LIMIT, bill(drug(5_000, 20), drug(6_000, 20, sn="2")), [("over_supply", {"2": 3_000}, 0)]),
    # 40 + 10 days: 10 of 40 days of 40.00 = 10.00, and all of the second
    "both too long": (LIMIT, bill(drug(4_000, 40), drug(900, 10, sn="2")), [("over_supply", {"1": 1_000, "2": 900}, 0)]),
    "two items": (LIMIT, bill(drug(5_000, 20), drug(6_000, 20, "A2", "2")), []),
    "an item that is not listed": (LIMIT, bill(drug(5_000, 90, "B1")), []),
    "days not said": (LIMIT, bill(fee(5_000, "A1")), []),
    "taken back": (LIMIT, bill(drug(6_000, 60), drug(-6_000, 60, sn="2", cnt="-1", pric="60.00"), drug(100, 1, sn="3")), []),
}
SAME_DAY, WITHIN, ELSEWHERE = Repeat(head("A"), 0), Repeat(head("A"), 7), Repeat(head("A"), 0, elsewhere=True)
AGAIN: Told = [("same_item_again", {"1": 5_000}, 0)]
ON_ONE_DAY: Told = [("same_item_same_day", {"1": 5_000}, 0)]
REPEAT: dict[str, Case] = {
    "the same day": (SAME_DAY, bill(fee(5_000, "A1"), dispensed=(earlier("A1", DAY),)), ON_ONE_DAY),
    "the day before": (SAME_DAY, bill(fee(5_000, "A1"), dispensed=(earlier("A1", date(2026, 3, 4)),)), []),
    "seven days before": (WITHIN, bill(fee(5_000, "A1"), dispensed=(earlier("A1", date(2026, 2, 26)),)), AGAIN),
    "eight days before": (WITHIN, bill(fee(5_000, "A1"), dispensed=(earlier("A1", date(2026, 2, 25)),)), []),
    "settled in the other order": (WITHIN, bill(fee(5_000, "A1"), dispensed=(earlier("A1", date(2026, 3, 12)),)), AGAIN),
    "another item": (SAME_DAY, bill(fee(5_000, "A2"), dispensed=(earlier("A1", DAY),)), []),
    "elsewhere, asked for": (ELSEWHERE, bill(fee(5_000, "A1"), dispensed=(earlier("A1", DAY, "H9"),)), ON_ONE_DAY),
    "here, elsewhere asked for": (ELSEWHERE, bill(fee(5_000, "A1"), dispensed=(earlier("A1", DAY, KARAMAY_1),)), []),
    "two lines": (SAME_DAY, bill(fee(5_000, "A1"), fee(700, "A1", "2"), dispensed=(earlier("A1", DAY),)),
                  [("same_item_same_day", {"1": 5_000, "2": 700}, 0)]),
    "all taken back": (SAME_DAY, bill(
        fee(5_000, "A1"), fee(-5_000, "A1", "2", cnt="-1", pric="50.00"), fee(1, "B", "3"), dispensed=(earlier("A1", DAY),)), []),
}
TWICE = Duplicate(head())
DUPLICATE: dict[str, Case] = {
    "alike": (TWICE, bill(fee(5_000), fee(5_000, sn="2")), [("charged_twice", {"2": 5_000}, 0)]),
    "three alike": (TWICE, bill(fee(5_000), fee(5_000, sn="2"), fee(5_000, sn="3")), [("charged_twice", {"2": 5_000, "3": 5_000}, 0)]),
    "another day": (TWICE, bill(fee(5_000), fee(5_000, sn="2", day="2026-03-04")), []),
    "another price": (TWICE, bill(fee(5_000), fee(5_001, sn="2")), []),
    "another count": (TWICE, bill(fee(5_000), fee(10_000, sn="2", cnt="2", pric="50.00")), []),
    "another item": (TWICE, bill(fee(5_000), fee(5_000, "B", "2")), []),
    "one taken back": (TWICE, bill(fee(5_000), fee(5_000, sn="2"), fee(-5_000, sn="3", cnt="-1", pric="50.00")), []),
    "taken back at that price, written otherwise": (
        TWICE, bill(fee(5_000, pric="50.00"), fee(5_000, sn="2", pric="50.00"), fee(-5_000, sn="3", cnt="-1", pric="50.0")), []),
}
WOMEN = Sex(head("A"), "2")
SEX: dict[str, Case] = {
    "a woman": (WOMEN, bill(fee(5_000), gend="2"), []),
    "a man": (WOMEN, bill(fee(5_000), fee(300, "B", "2"), gend="1"), [("item_against_sex", {"1": 5_000}, 0)]),
    "not known": (WOMEN, bill(fee(5_000), gend=None), []),
    "not stated": (WOMEN, bill(fee(5_000), gend="9"), []),
}
ADULTS, CHILDREN = Age(head("A"), 18, 150), Age(head("A"), 0, 13)
AGAINST_AGE: Told = [("item_against_age", {"1": 5_000}, 0)]
AGE: dict[str, Case] = {
    "eighteenth birthday": (ADULTS, bill(fee(5_000), brdy=date(2008, 3, 5)), []),
    "the day before it": (ADULTS, bill(fee(5_000), brdy=date(2008, 3, 6)), AGAINST_AGE),
    "last day at thirteen": (CHILDREN, bill(fee(5_000), brdy=date(2012, 3, 6)), []),
    "fourteenth birthday": (CHILDREN, bill(fee(5_000), brdy=date(2012, 3, 5)), AGAINST_AGE),
    "born on 29 February: 18 on 1 March": (ADULTS, bill(fee(5_000, day="2026-02-28"), brdy=date(2008, 2, 29)), AGAINST_AGE),
    "not known": (ADULTS, bill(fee(5_000), brdy=None), []),
}
CANCER = Diagnosed(head("A"), ("C34", "D0"))
AGAINST_DIAGNOSIS: Told = [("item_against_diagnosis", {"1": 5_000}, 0)]
DIAGNOSIS: dict[str, Case] = {
    "the code": (CANCER, bill(fee(5_000), diseinfo=[{"diag_code": "C34.900"}]), []),
    "a second diagnosis": (CANCER, bill(fee(5_000), diseinfo=[{"diag_code": "I10"}, {"diag_code": "D05.1"}]), []),
    "another code": (CANCER, bill(fee(5_000), diseinfo=[{"diag_code": "C35.900"}]), AGAINST_DIAGNOSIS),
    "none": (CANCER, bill(fee(5_000)), AGAINST_DIAGNOSIS),
    "another item": (CANCER, bill(fee(5_000, "B")), []),
}
UPPER = Level(head("A"), ("2", "3"))
LEVEL: dict[str, Case] = {
    "level 2": (UPPER, bill(fee(5_000), level="2"), []),
    "level 1": (UPPER, bill(fee(5_000), level="1"), [("item_above_level", {"1": 5_000}, 0)]),
}
BEDS, GRACE = BedDays(head("BED")), BedDays(head("BED"), grace=1)


def bed(days: int, sn: str = "1", yuan: int = 50) -> dict[str, Any]:
    return fee(days * yuan * 100, "BED", sn, "2026-03-01", cnt=str(days), pric=f"{yuan}.00")


BED_DAYS: dict[str, Case] = {
    "as many as nights": (BEDS, bill(bed(10), **STAY), []),
    # 11 - 10 = 1 day at 50.00
    "one more": (BEDS, bill(bed(11), **STAY), [("too_many_bed_days", {"1": 5_000}, 0)]),
    "one more let pass": (GRACE, bill(bed(11), **STAY), []),
    # 6 + 6 = 12, 2 too many: of the last line 2 at 80.00
    "over two lines": (BEDS, bill(bed(6), bed(6, "2", 80), **STAY), [("too_many_bed_days", {"2": 16_000}, 0)]),
    # 10 + 1 + 1: both of the last lines
    "the last lines whole": (BEDS, bill(bed(10), bed(1, "2"), bed(1, "3"), **STAY), [("too_many_bed_days", {"2": 5_000, "3": 5_000}, 0)]),
    # 11.5 days: 1.5 too many at 50.00
    "half a day": (BEDS, bill(fee(57_500, "BED", cnt="11.5", pric="50.00"), **STAY), [("too_many_bed_days", {"1": 7_500}, 0)]),
    "a stay of one day has one": (BEDS, bill(bed(1), med_type="21"), []),
    "no stay": (BEDS, bill(bed(3)), []),
    "taken back": (BEDS, bill(bed(11), fee(-5_000, "BED", "2", cnt="-1", pric="50.00"), **STAY), []),
}
OWN_CEILING, CATALOGUE = Price(head("A"), 10_000), Price(head(), None, 150)
CEILING = {"1": {"pric_uplmt": "100", "overlmt_amt": 5_000}}
PRICE: dict[str, Case] = {
    "at the ceiling": (OWN_CEILING, bill(fee(10_000)), []),
    "a fen above": (OWN_CEILING, bill(fee(10_001)), [("price_too_high", {"1": 1}, 0)]),
    # (100.50 - 100.00) x 3 = 1.50
    "three pieces": (OWN_CEILING, bill(fee(30_150, cnt="3", pric="100.5")), [("price_too_high", {"1": 150}, 0)]),
    # (100.015 - 100) x 1 = 0.015 -> 0.02
    "rounded half up": (OWN_CEILING, bill(fee(10_002, pric="100.015")), [("price_too_high", {"1": 2}, 0)]),
    "half as much again": (CATALOGUE, bill(fee(15_000), parts=CEILING), []),
    # above 150.00; at stake is all above 100.00: 50.01
    "more than that": (CATALOGUE, bill(fee(15_001), parts={"1": {"pric_uplmt": "100", "overlmt_amt": 5_001}}), [("price_too_high", {"1": 5_001}, 0)]),
    "all of it own expense": (CATALOGUE, bill(fee(20_000), parts={"1": {
        "pric_uplmt": "100", "fulamt_ownpay_amt": 20_000, "note": "over_ceiling"}}), [("price_too_high", {"1": 10_000}, 0)]),
    "no ceiling": (CATALOGUE, bill(fee(99_999)), []),
}
APART = Unbundling(head("PART"), ("WHOLE",))
UNBUNDLING: dict[str, Case] = {
    "on one day": (APART, bill(fee(5_000, "WHOLE"), fee(700, "PART", "2")), [("charged_apart", {"2": 700}, 0)]),
    "on another": (APART, bill(fee(5_000, "WHOLE"), fee(700, "PART", "2", "2026-03-04")), []),
    "alone": (APART, bill(fee(700, "PART", "2")), []),
    "the whole taken back": (APART, bill(
        fee(5_000, "WHOLE"), fee(-5_000, "WHOLE", "2", cnt="-1", pric="50.00"), fee(700, "PART", "3")), []),
}
WITHIN_STAY = Overlap(head())
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 11)
INSIDE: Told = [("care_within_stay", {"1": 5_000}, 0)]
OVERLAP: dict[str, Case] = {
    "within a stay": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(FIRST, LAST),)), INSIDE),
    "the day after admission": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(date(2026, 3, 4), LAST),)), INSIDE),
    "the day of admission": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(DAY, LAST),)), []),
    "the day before discharge": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(FIRST, date(2026, 3, 6)),)), INSIDE),
    "the day of discharge": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(FIRST, DAY),)), []),
    "the stay's own interim settlement": (WITHIN_STAY, bill(
        fee(5_000), recent=(care_of(FIRST, LAST, provider=KARAMAY_1, mdtrt_id="M1"),), **STAY), []),
    "a visit within this stay": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(DAY, DAY, stay=False),), **STAY),
                                 [("visit_within_stay", {}, 0)]),
    # one night, 1 to 2 March: no day lies strictly within
    "a visit of both days of a stay of one night": (
        WITHIN_STAY, bill(fee(5_000), recent=(care_of(date(2026, 3, 1), date(2026, 3, 2), stay=False),),
                          **STAY | {"enddate": "2026-03-02", "setl_date": "2026-03-05"}), []),
    "a visit on the day of admission": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(FIRST, FIRST, stay=False),), **STAY), []),
    "a visit on the day of discharge": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(LAST, LAST, stay=False),), **STAY), []),
    "a visit beside a visit": (WITHIN_STAY, bill(fee(5_000), recent=(care_of(DAY, DAY, stay=False),)), []),
}
SPLIT, ANYWHERE = Readmission(head(), 15), Readmission(head(), 15, same_provider=False)
STAY_BEFORE = date(2026, 2, 1)


def left(day: date, provider: str = KARAMAY_1) -> tuple[Any, ...]:
    return (care_of(STAY_BEFORE, day, provider=provider),)


AGAIN_IN: Told = [("stay_split", {}, 5_000)]
READMISSION: dict[str, Case] = {
    # 14 February to 1 March 2026: 15 days
    "on the last day": (SPLIT, bill(fee(5_000), recent=left(date(2026, 2, 14)), **STAY), AGAIN_IN),
    "a day later": (SPLIT, bill(fee(5_000), recent=left(date(2026, 2, 13)), **STAY), []),
    "on the day of discharge": (SPLIT, bill(fee(5_000), recent=left(FIRST), **STAY), AGAIN_IN),
    "before the discharge": (SPLIT, bill(fee(5_000), recent=left(date(2026, 3, 2)), **STAY), []),
    "elsewhere": (SPLIT, bill(fee(5_000), recent=left(FIRST, "H9"), **STAY), []),
    "elsewhere, asked for": (ANYWHERE, bill(fee(5_000), recent=left(FIRST, "H9"), **STAY), AGAIN_IN),
    "a transfer": (SPLIT, bill(fee(5_000), recent=left(FIRST), ipt_type="3", **STAY), []),
    "a visit": (SPLIT, bill(fee(5_000), recent=left(DAY)), []),
}
TWICE = BothWays(head())
LIKE: Told = [("like_paid_other_way", {}, 5_000)]


def before(begndate: date, enddate: date, stay: bool = False, by_hand: bool | None = None, fen: int = 5_000, **more: Any) -> tuple[Any, ...]:
    return (care_of(begndate, enddate, stay, **{"provider": KARAMAY_1} | more, by_hand=by_hand, medfee_sumamt=fen),)


HAND = {"pay_loc": "1"}
BOTH_WAYS: dict[str, Case] = {
    "by hand, settled directly": (TWICE, bill(fee(5_000), recent=before(DAY, DAY), **HAND), LIKE),
    "directly, paid by hand": (TWICE, bill(fee(5_000), recent=before(DAY, DAY, by_hand=True)), LIKE),
    "both directly": (TWICE, bill(fee(5_000), recent=before(DAY, DAY)), []),
    "both by hand": (TWICE, bill(fee(5_000), recent=before(DAY, DAY, by_hand=True), **HAND), []),
    "another total": (TWICE, bill(fee(5_000), recent=before(DAY, DAY, fen=5_001), **HAND), []),
    "another day": (TWICE, bill(fee(5_000), recent=before(date(2026, 3, 4), date(2026, 3, 4)), **HAND), []),
    "more days": (TWICE, bill(fee(5_000), recent=before(date(2026, 3, 4), DAY), **HAND), []),
    "at another provider": (TWICE, bill(fee(5_000), recent=before(DAY, DAY, provider="H9"), **HAND), []),
    "under the same visit id": (TWICE, bill(fee(5_000), recent=before(DAY, DAY, mdtrt_id="M1"), **HAND), []),
    "a visit and a stay": (TWICE, bill(fee(5_000), recent=before(FIRST, LAST, True), **HAND), []),
    # the stay of these bills is from 1 to 11 March
    "a stay of the same days": (TWICE, bill(fee(5_000), recent=before(FIRST, LAST, True, fen=1), **HAND, **STAY), LIKE),
    "a stay with a day in common": (TWICE, bill(fee(5_000), recent=before(date(2026, 3, 10), date(2026, 3, 20), True), **HAND, **STAY), LIKE),
    "a stay that begins on the day of discharge": (TWICE, bill(fee(5_000), recent=before(LAST, date(2026, 3, 20), True), **HAND, **STAY), []),
    "a stay that ended on the day of admission": (TWICE, bill(fee(5_000), recent=before(STAY_BEFORE, FIRST, True), **HAND, **STAY), []),
    "a stay, both directly": (TWICE, bill(fee(5_000), recent=before(FIRST, LAST, True), **STAY), []),
}
TABLES = {
    "quantity": QUANTITY, "repeat": REPEAT, "duplicate": DUPLICATE, "sex": SEX, "age": AGE, "diagnosis": DIAGNOSIS, "level": LEVEL,
    "bed_days": BED_DAYS, "price": PRICE, "unbundling": UNBUNDLING, "overlap": OVERLAP, "readmission": READMISSION,
    "both_ways": BOTH_WAYS,
}
CASES = {f"{kind}: {name}": case for kind, cases in TABLES.items() for name, case in cases.items()}


@pytest.mark.parametrize(("rule", "of", "expected"), CASES.values(), ids=CASES)
def test_what_a_rule_finds(rule: Rule, of: Any, expected: Told) -> None:
    assert told(rule, of) == expected


def test_every_kind_that_can_be_written_has_its_table() -> None:
    from policies.review.read import KINDS

    assert set(TABLES) == set(KINDS)


class Counted(tuple[Any, ...]):
    """How often it is gone through is in ``times``."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        self.times += 1
        return super().__iter__()


def test_what_was_handed_out_earlier_is_gone_through_once_for_all_items() -> None:
    """A bill of 500 items, each handed out 16 times before, was compared with all 8,000 for each of the 500."""
    items = [f"A{number:03}" for number in range(500)]
    found = bill(*(fee(100, item, str(number)) for number, item in enumerate(items)), dispensed=tuple(earlier(item, DAY) for item in items))
    found.dispensed = Counted(found.dispensed)
    assert [hit.facts["item"] for hit in SAME_DAY.find(found)] == items and found.dispensed.times == 1
