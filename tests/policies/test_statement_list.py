"""The fee list: every line, its sums by type of item, and that they are the event's."""

import pytest

from contracts.wire import Event
from policies.statement import as_text, itemised
from policies.statement.words import ITEM_TYPES
from tests.policies.requests import CT, OWN_DRUG, SHARED_DRUG, Journey, claim, insured, line

KARAMAY_2 = "H65020000102"
AMOUNTS = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")


@pytest.fixture(scope="module")
def bill() -> tuple[Journey, Event]:
    """Two pieces of a drug in 甲 of which one goes back, a CT above its ceiling, 乙, 丙, and an item that is not listed."""
    journey = insured()
    lines = (
        line(6_000, sn="1", cnt="2", pric="30.00"), line(-3_000, sn="2", cnt="-1", pric="30.00"), line(25_033, CT, sn="3"),
        line(9_999, SHARED_DRUG, sn="4"), line(1_550, OWN_DRUG, sn="5"), line(777, "NOT-LISTED", sn="6"),
    )
    return journey, journey.send("claim.submitted", claim(*lines, fixmedins_code=KARAMAY_2))


def fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def test_every_line_is_listed_in_the_order_of_the_bill(bill: tuple[Journey, Event]) -> None:
    """CT: ceiling 190.00 at level 2, so 60.33 above; 190.00 x 5 % = 9.50; 180.50 in scope. 乙: 99.99 x 10 % = 10.00 (9.999)."""
    journey, event = bill
    rows = [row.cells for row in itemised(event, journey.book, "zh").sections[1].rows]
    assert [row[0] for row in rows[:-1]] == ["1", "2", "3", "4", "5", "6"]
    assert rows[2] == (
        "3", "2026-03-05", CT, "示例CT平扫", "乙类", "250.33×1", "250.33", "0.00", "60.33", "9.50", "5%", "180.50", "限价 190；先行自付 5%")
    assert rows[3][5:12] == ("99.99×1", "99.99", "0.00", "0.00", "10.00", "10%", "89.99")
    assert rows[1][5:7] == ("30.00×-1", "-30.00")
    assert rows[4][7] == "15.50" and rows[4][-1] == "丙类，全自费" and rows[5][3] == "（目录外）" and rows[5][-1] == "目录外"


def test_sums_of_the_list_are_the_events(bill: tuple[Journey, Event]) -> None:
    """60.00 - 30.00 + 250.33 + 99.99 + 15.50 + 7.77 = 403.59."""
    journey, event = bill
    priced = event.body.priced
    _, lines, types, _ = itemised(event, journey.book, "zh").sections
    places = (6, 7, 8, 9, 11)
    expected = [40_359, priced.fulamt_ownpay_amt, priced.overlmt_selfpay, priced.preselfpay_amt, priced.inscp_scp_amt]
    assert priced.medfee_sumamt == 40_359
    for rows, columns in ((lines.rows, places), (types.rows, (1, 2, 3, 4, 5))):
        *single, total = [[fen(row.cells[place]) for place in columns] for row in rows]
        assert [sum(amounts) for amounts in zip(*single, strict=True)] == total == expected
        assert all(row[0] == sum(row[1:]) for row in single)


def test_types_of_item_are_summed(bill: tuple[Journey, Event]) -> None:
    """Western medicine: 60.00 - 30.00 + 99.99 + 15.50 = 145.49; the CT is an examination; what is not listed has no type."""
    journey, event = bill
    assert [(row.cells[0], row.cells[1]) for row in itemised(event, journey.book, "zh").sections[2].rows] == [
        ("03 检查费", "250.33"), ("09 西药费", "145.49"), ("未分类", "7.77"), ("合计", "403.59")]
    assert [row.cells[0] for row in itemised(event, journey.book, "en").sections[2].rows] == [
        "03 examination", "09 western medicine", "no type", "total"]
    assert list(ITEM_TYPES) == [f"{number:02d}" for number in range(1, 15)], "01 床位费 ... 14 其他费"


def test_what_a_catalogue_says_of_a_line_stands_beside_it(bill: tuple[Journey, Event]) -> None:
    """The provider bears the 60.33 above the ceiling, the line is paid at its own ratio of 60 % and of an older catalogue."""
    journey, event = bill
    priced = event.body.priced
    more = {"hosp_part_amt": 6_033, "drt_reim_prop": "0.6", "ctlg_begndate": event.body.request.begndate}
    lines = tuple(one.model_copy(update=more) if one.feedetl_sn == "3" else one for one in priced.lines)
    body = event.body.model_copy(update={"priced": priced.model_copy(update={"lines": lines})})
    changed = Event(event.attributes, event.key, event.value, body)
    text = as_text(itemised(changed, journey.book, "en"), width=10_000)
    assert "ceiling 190; first self-pay 5%; paid at its own ratio 60%; the provider bears 60.33; catalogue of 2026-03-05" in text


def test_a_trial_has_a_list_and_a_filing_has_none(bill: tuple[Journey, Event]) -> None:
    journey, _ = bill
    quoted = journey.send("quote.requested", claim(mdtrt_id="M9"))
    assert as_text(itemised(quoted, journey.book, "en")).startswith("List of fees (费用清单)")
    refused = journey.send("claim.submitted", claim(fixmedins_code="H99999999999", mdtrt_id="M8"))
    with pytest.raises(ValueError, match="claim.refused has no fee list"):
        itemised(refused, journey.book, "zh")
