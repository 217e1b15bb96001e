"""What a catalogue may say of an item, rule by rule, each with its calculation by hand."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from contracts.events.claim import Checked, Claim, PersonFacts, Priced, PricedLine, ProviderFacts
from contracts.events.enrolment import Spell
from policies import VERSION
from policies.book import Book
from policies.laws import LawBroken, check_line, check_priced
from policies.pricing.catalogue import Catalogue
from policies.pricing.item import Item, Range, Ratios
from policies.pricing.stage import price
from tests.policies.requests import claim, line, model, product

DAY, NEW = date(2020, 1, 1), date(2026, 3, 10)
PLACE, HOME = "350200", "360100"


def ratios(every: str, **single: str) -> Ratios:
    """``ratios("0.1", i390="0.2")``"""
    return Ratios(Decimal(every), tuple((name[1:], Decimal(text)) for name, text in single.items()))


def limit(price_: str) -> tuple[tuple[str, Decimal], ...]:
    """One ceiling for the levels 1 to 3."""
    return tuple((level, Decimal(price_)) for level in "123")


STEPS = (Range(Decimal(1000), ratios("0.1", i390="0.15")), Range(Decimal(10000), ratios("0.2")), Range(None, ratios("0.3")))
ITEMS = (
    Item("FULL", "甲", "01", med_chrgitm_type="09"),
    Item("SHARED", "乙", "02", ratios("0.1", i390="0.2")),
    Item("IMPLANT", "假体", "02", ranges=STEPS, kind="implant", med_chrgitm_type="08"),
    Item("DIRECT", "谈判药", "02", direct=ratios("0.7", i390="0.6"), kind="negotiated"),
    Item("DIRECT-LIMITED", "谈判药限价", "02", direct=ratios("0.7"), ceilings=limit("100")),
    Item("BED", "床位费", "01", ceilings=(("1", Decimal(30)), ("2", Decimal(40)), ("3", Decimal(50))), med_chrgitm_type="01"),
    Item("EXCESS", "超限价个人", "02", ratios("0.1"), limit("800")),
    Item("WHOLE", "超限价全自费", "02", ratios("0.1"), limit("50"), over="whole"),
    Item("PROVIDER", "超限价医院", "02", ratios("0.1"), limit("800"), over="provider"),
    Item("LEUKAEMIA", "限白血病", "02", ratios("0.2"), restricted=True, diagnoses=("C92.1", "C91")),
    Item("LEVELS", "限二级以上", "02", ratios("0.2"), restricted=True, levels=("2", "3")),
    Item("EMPLOYEES", "限职工", "02", ratios("0.2"), restricted=True, insutypes=("310",)),
    Item("HERB", "黄芪", "01", kind="herbal", med_chrgitm_type="10"),
    Item("GINSENG", "人参", "02", ratios("0.1"), kind="herbal", alone=False),
    Item("ANTLER", "鹿茸", "02", ratios("0.2"), kind="herbal", alone=False),
    Item("OWN", "丙", "03", ratios("1"), med_chrgitm_type="08", kind="implant"),
)


def book(*later: Item) -> Book:
    """A rulebook of catalogues alone: of the place of care, ``later`` from NEW on, and of the place of insurance."""
    versions = (_catalogue(PLACE, DAY, ITEMS), *((_catalogue(PLACE, NEW, later),) if later else ()))
    home = _catalogue(HOME, DAY, (Item("SHARED", "参保地乙", "02", ratios("0.3"), limit("80")),))
    empty: dict[str, Any] = {field.name: {} for field in fields(Book) if field.init}
    return Book(**empty | {"digest": "0" * 64, "catalogues": {PLACE: versions, HOME: (home,)}})


def _catalogue(admdvs: str, begndate: date, items: tuple[Item, ...]) -> Catalogue:
    return Catalogue(admdvs, begndate, "example", {item.med_list_codg: item for item in items})


def checked(level: str = "2", insutype: str = "310") -> Checked:
    provider = ProviderFacts(fixmedins_code="X", name="", admdvs=PLACE, hosp_lv="5", dedc_hosp_lv="2", lmtpric_hosp_lv=level, source="example")
    spell = Spell(insuplc_admdvs=HOME, insutype=insutype, psn_type="11", psn_insu_date=DAY)
    return Checked(verdict="accepted", facts=PersonFacts(), insured=spell, provider=provider, place="other_province",
                   rulebook="0" * 64, policies=VERSION)


def priced(*lines: dict[str, Any], level: str = "2", insutype: str = "310", rules: Book | None = None, **more: Any) -> Priced:
    request: Claim = model(claim(*lines, insutype=insutype, **more))
    return price(request, checked(level, insutype), rules or book())


def only(*args: Any, **more: Any) -> PricedLine:
    """The one line of a bill."""
    (found,) = priced(line(*args), **more).lines
    return found


def parts(found: PricedLine) -> tuple[int, int, int, int]:
    """Own expense, over the ceiling, first self-pay, in scope."""
    return found.fulamt_ownpay_amt, found.overlmt_amt, found.preselfpay_amt, found.inscp_scp_amt


# --- first self-pay -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("insutype", "ratio", "first"), [("310", "0.1", 1_000), ("390", "0.2", 2_000), ("340", "0.1", 1_000)])
def test_the_first_self_pay_may_differ_by_type_of_insurance(insutype: str, ratio: str, first: int) -> None:
    """100.00 x 10 %, for residents x 20 %."""
    found = only(10_000, "SHARED", insutype=insutype)
    assert (found.selfpay_prop, parts(found)) == (ratio, (0, 0, first, 10_000 - first))


@pytest.mark.parametrize(("insutype", "price_", "ratio", "first"), [
    ("310", 99_999, "0.1", 10_000),        # 999.99 x 10 % = 99.999 -> 100.00
    ("310", 100_000, "0.1", 10_000),       # (0, 1000] holds 1000.00: 100.00
    ("310", 100_001, "0.2", 20_000),       # 1000.01 x 20 % = 200.002 -> 200.00
    ("310", 1_000_000, "0.2", 200_000),    # (1000, 10000]
    ("310", 1_000_001, "0.3", 300_000),    # 10000.01 x 30 % = 3000.003 -> 3000.00
    ("390", 100_000, "0.15", 15_000),      # the residents' own ratio in this range
    ("390", 100_001, "0.2", 20_000),       # none in this one
])
def test_materials_by_unit_price(insutype: str, price_: int, ratio: str, first: int) -> None:
    found = only(price_, "IMPLANT", insutype=insutype)
    assert (found.selfpay_prop_type, found.selfpay_prop, found.preselfpay_amt) == ("30", ratio, first)


def test_the_range_is_that_of_the_unit_price_not_of_the_amount() -> None:
    """3 x 600.00 = 1800.00, at 600.00 a piece 10 % = 180.00."""
    assert parts(only(180_000, "IMPLANT", "1", "3", "600.00")) == (0, 0, 18_000, 162_000)


@pytest.mark.parametrize(("insutype", "ratio"), [("310", "0.7"), ("390", "0.6")])
def test_an_item_with_its_own_ratio_has_no_first_self_pay(insutype: str, ratio: str) -> None:
    found = only(100_000, "DIRECT", insutype=insutype)
    assert (found.selfpay_prop_type, found.drt_reim_prop, found.selfpay_prop) == ("20", ratio, "0")
    assert parts(found) == (0, 0, 0, 100_000) and found.kind == "negotiated"


def test_only_items_with_their_own_ratio_hand_one_over() -> None:
    found = priced(line(100, "FULL"), line(100, "IMPLANT", "2"), line(100, "OWN", "3"), line(100, "NOWHERE", "4"))
    assert [one.drt_reim_prop for one in found.lines] == [None] * 4


# --- above a ceiling ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("item", "price_", "split", "provider", "note"), [
    ("EXCESS", 100_000, (0, 20_000, 8_000, 72_000), 0, None),           # 1000 - 800 = 200; 800 x 10 % = 80
    ("PROVIDER", 100_000, (0, 20_000, 8_000, 72_000), 20_000, None),    # the same, and the 200 are the provider's
    ("PROVIDER", 80_000, (0, 0, 8_000, 72_000), 0, None),               # at the ceiling: 800 x 10 % = 80
    ("WHOLE", 5_001, (5_001, 0, 0, 0), 0, "over_ceiling"),              # a fen above 50.00
    ("WHOLE", 5_000, (0, 0, 500, 4_500), 0, None),                      # at the ceiling: 50 x 10 % = 5
    ("DIRECT-LIMITED", 15_000, (0, 5_000, 0, 10_000), 0, None),         # 150 - 100 = 50; 100 at its own ratio
])
def test_what_happens_above_a_ceiling(item: str, price_: int, split: tuple[int, ...], provider: int, note: str | None) -> None:
    found = priced(line(price_, item))
    (of_line,) = found.lines
    assert (parts(of_line), of_line.hosp_part_amt, of_line.note) == (split, provider, note)
    assert (found.overlmt_selfpay, found.hosp_part_amt) == (split[1], provider)


def test_a_whole_line_above_its_ceiling_still_tells_the_ceiling() -> None:
    assert (only(5_001, "WHOLE").pric_uplmt, only(5_001, "WHOLE").selfpay_prop) == ("50", "1")


def test_a_price_above_the_ceiling_by_less_than_a_fen_is_above() -> None:
    """50.000001 > 50, although (50.000001 - 50) x 1 = 0.000001 -> 0.00."""
    assert only(5_000, "WHOLE", "1", "1", "50.000001").note == "over_ceiling"
    assert parts(only(5_000, "EXCESS", "1", "1", "50.000001")) == (0, 0, 500, 4_500)


@pytest.mark.parametrize(("level", "over"), [("1", 15_000), ("2", 10_000), ("3", 5_000)])
def test_a_bed_has_a_limit_a_day(level: str, over: int) -> None:
    """5 days at 60.00: (60 - 30) x 5 = 150, (60 - 40) x 5 = 100, (60 - 50) x 5 = 50."""
    found = only(30_000, "BED", "1", "5", "60.00", level=level)
    assert parts(found) == (0, over, 0, 30_000 - over) and found.med_chrgitm_type == "01"


def test_a_refund_takes_back_what_the_provider_bears() -> None:
    """3 x 200 = 600 less 1 x 200: 400 for the provider."""
    found = priced(line(300_000, "PROVIDER", "1", "3", "1000.00"), line(-100_000, "PROVIDER", "2", "-1", "1000.00"))
    assert [one.hosp_part_amt for one in found.lines] == [60_000, -20_000] and found.hosp_part_amt == 40_000


@pytest.mark.parametrize("share", [20_001, -1])
def test_the_provider_bears_no_more_than_what_is_over(share: int) -> None:
    found = priced(line(100_000, "PROVIDER"))
    (of_line,) = found.lines
    with pytest.raises(LawBroken, match="law 1: line 1: the provider's share is more"):
        check_line(of_line.model_copy(update={"hosp_part_amt": share}))
    with pytest.raises(LawBroken, match="law 1: hosp_part_amt and its lines differ"):
        check_priced(found.model_copy(update={"hosp_part_amt": share}), 100_000)


# --- restricted ---------------------------------------------------------------------------------------------------------

def diagnosed(*codes: str) -> list[dict[str, str]]:
    return [{"diag_code": code} for code in codes]


@pytest.mark.parametrize(("codes", "note"), [
    (["C92.100"], None), (["I10.x00", "C91.001"], None), (["C92.2"], "not_for_diagnosis"), ([], "not_for_diagnosis"),
    (["XC92.1"], "not_for_diagnosis"),
])
def test_only_for_named_diagnoses(codes: list[str], note: str | None) -> None:
    """Counted: 100.00 x 20 % = 20.00 first; else own expense."""
    found = only(10_000, "LEUKAEMIA", diseinfo=diagnosed(*codes))
    assert (found.note, parts(found)) == (note, (10_000, 0, 0, 0) if note else (0, 0, 2_000, 8_000))


@pytest.mark.parametrize(("level", "note"), [("1", "not_for_level"), ("2", None), ("3", None)])
def test_only_at_named_levels(level: str, note: str | None) -> None:
    assert only(10_000, "LEVELS", level=level).note == note


@pytest.mark.parametrize(("insutype", "note"), [("310", None), ("390", "not_for_insutype")])
def test_only_for_named_types_of_insurance(insutype: str, note: str | None) -> None:
    assert only(10_000, "EMPLOYEES", insutype=insutype).note == note


@pytest.mark.parametrize(("item", "flag", "note"), [
    ("LEVELS", "1", None), ("LEVELS", "0", "not_approved"), ("LEVELS", "2", "not_approved"),
    ("SHARED", "1", None), ("SHARED", "0", None), ("SHARED", "2", "not_approved"),
])
def test_the_flag_of_approval(item: str, flag: str, note: str | None) -> None:
    """2204, note 3: restricted, 1 counts and 0 or 2 are own expense; not restricted, only 2 is own expense."""
    (found,) = priced(line(10_000, item, hosp_appr_flag=flag)).lines
    assert (found.note, found.fulamt_ownpay_amt) == (note, 10_000 if note else 0)


# --- herbal pieces ------------------------------------------------------------------------------------------------------

def notes(*lines: dict[str, Any]) -> list[str | None]:
    return [one.note for one in priced(*lines).lines]


def test_a_piece_that_is_not_paid_alone() -> None:
    assert notes(line(10_000, "GINSENG")) == ["herb_alone"]
    assert notes(line(10_000, "GINSENG"), line(5_000, "GINSENG", "2")) == ["herb_alone", "herb_alone"]
    assert notes(line(10_000, "GINSENG"), line(500, "SHARED", "2")) == ["herb_alone", None]
    assert notes(line(10_000, "GINSENG"), line(500, "HERB", "2")) == [None, None]
    assert notes(line(10_000, "GINSENG"), line(500, "ANTLER", "2")) == [None, None]
    assert notes(line(10_000, "HERB")) == [None]


def test_a_piece_that_was_taken_back_is_no_company() -> None:
    lines = line(10_000, "GINSENG"), line(500, "HERB", "2"), line(-500, "HERB", "3", "-1", "5.00")
    assert notes(*lines) == ["herb_alone", None, None]


# --- whose catalogue, and of which day ----------------------------------------------------------------------------------

def test_a_manual_reimbursement_is_priced_by_the_catalogue_at_home() -> None:
    """At home a ceiling of 80 and 30 %: 100 - 80 = 20 over, 80 x 30 % = 24 first; at the place of care 100 x 10 % = 10."""
    bill = line(10_000, "SHARED")
    manual, direct, online = (priced(bill, pay_loc=where) for where in "125")
    assert manual.catalogue is not None and direct.catalogue is not None
    assert (manual.catalogue.admdvs, parts(manual.lines[0])) == (HOME, (0, 2_000, 2_400, 5_600))
    assert (direct.catalogue.admdvs, parts(direct.lines[0])) == (PLACE, (0, 0, 1_000, 9_000)) and direct == online


def test_a_line_priced_by_a_later_version_names_it() -> None:
    """From 10 March the ratio is 50 %: 100 x 10 % = 10, then 100 x 50 % = 50."""
    rules = book(Item("SHARED", "新版", "02", ratios("0.5")))
    lines = line(10_000, "SHARED", fee_ocur_date="2026-03-09"), line(10_000, "SHARED", "2", fee_ocur_date="2026-03-10")
    found = priced(*lines, rules=rules, enddate="2026-03-12", setl_date="2026-03-12")
    assert found.catalogue is not None and found.catalogue.begndate == DAY
    assert [(one.ctlg_begndate, one.name, one.preselfpay_amt) for one in found.lines] == [(None, "乙", 1_000), (NEW, "新版", 5_000)]


# --- a bill -------------------------------------------------------------------------------------------------------------

def test_what_is_handed_over_of_a_line() -> None:
    found = only(10_000, "BED", "7", level="3")
    assert (found.feedetl_sn, found.name, found.chrgitm_lv, found.med_chrgitm_type) == ("7", "床位费", "01", "01")
    assert (found.selfpay_prop_type, found.selfpay_prop, found.pric_uplmt, found.kind) == ("10", "0", "50", None)
    own = only(10_000, "OWN")
    assert (own.note, own.kind, own.med_chrgitm_type, own.pric_uplmt, own.selfpay_prop) == ("class_c", "implant", "08", None, "1")


@pytest.mark.parametrize(("charged", "refunded"), [("12.5", "12.50"), ("12.50", "12.5")])
def test_a_refund_at_the_same_price_written_otherwise(charged: str, refunded: str) -> None:
    found = priced(line(5_000, "SHARED", "1", "4", charged), line(-1_250, "SHARED", "2", "-1", refunded))
    assert (found.verdict, found.medfee_sumamt, found.preselfpay_amt) == ("accepted", 3_750, 375)


@st.composite
def bills(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lines of any item with a count of up to 4 and a price of up to 6 decimals, some refunded in part at their price."""
    lines: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 12))):
        item = draw(st.sampled_from([*(one.med_list_codg for one in ITEMS), "NOWHERE"]))
        price_, count = draw(st.decimals(0, 12000, places=6)), draw(st.decimals("0.0001", 40, places=4))
        counts = [count]
        if draw(st.booleans()):
            counts.append(-min(count, draw(st.decimals("0.0001", 40, places=4))))
        for one in counts:
            lines.append(line(product(f"{price_:f}", f"{one:f}"), item, str(len(lines)), f"{one:f}", f"{price_:f}"))
    return lines


@given(lines=bills(), level=st.sampled_from("123"), insutype=st.sampled_from(["310", "390"]), codes=st.sampled_from([(), ("C91",)]))
def test_law_1_on_any_bill(lines: list[dict[str, Any]], level: str, insutype: str, codes: tuple[str, ...]) -> None:
    """Each line and each sum is the four parts; what the provider bears lies within what is over the ceiling."""
    found = priced(*lines, level=level, insutype=insutype, diseinfo=diagnosed(*codes))
    if found.verdict == "refused":  # refunds in parts may round to more than was charged
        assert {one.code for one in found.reasons} <= {"negative_net", "rounded_refund"}
        return
    assert found.medfee_sumamt == sum(one["det_item_fee_sumamt"] for one in lines)
    sums = found.fulamt_ownpay_amt, found.overlmt_selfpay, found.preselfpay_amt, found.inscp_scp_amt
    assert sum(sums) == found.medfee_sumamt and 0 <= found.hosp_part_amt <= found.overlmt_selfpay
    assert sums == tuple(map(sum, zip(*map(parts, found.lines), strict=True)))
    for asked, split in zip(lines, found.lines, strict=True):
        assert sum(parts(split)) == split.det_item_fee_sumamt == asked["det_item_fee_sumamt"]
        assert abs(split.hosp_part_amt) <= abs(split.overlmt_amt)
        check_line(split)
