"""Catalogues and providers as files: what is wrong with a cell is told with its line and column; the samples show every rule."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from policies.book import BUILT_IN, Book
from policies.pricing.cells import CHUNK
from policies.pricing.item import Item
from policies.pricing.read import ITEM_FORMS, RANGE_FORMS, Items, read_items, read_ranges
from policies.tables import RulebookError
from tests.policies.languages import english, in_english
from tests.policies.rulebooks import FILES, PROVIDERS, changed, loaded

COLUMNS = tuple(ITEM_FORMS)
GOOD = {"med_list_codg": "A", "name": "示例", "chrgitm_lv": "02", "selfpay_prop": "0.1", "lmt_used_flag": "0"}
RANGES = "pric_table,pric_upto,selfpay_prop,selfpay_prop_390\nimplant,1000,0.1,0.15\nimplant,,0.3,\n"


def written(*rows: dict[str, str]) -> bytes:
    """A file with all columns: a good line, then ``rows``, each a good line with some cells changed."""
    lines = [GOOD | {"med_list_codg": "FIRST"}, *(GOOD | row for row in rows)]
    return "\n".join([",".join(COLUMNS), *(",".join(one.get(column, "") for column in COLUMNS) for one in lines)]).encode()


def read(*rows: dict[str, str]) -> tuple[Items, list[str]]:
    problems: list[str] = []
    tables = read_ranges("ranges.csv", RANGES.encode(), problems)
    found = read_items("items.csv", written(*rows), tables, problems)
    return found, in_english(problems)


def test_a_line_with_every_column() -> None:
    found, problems = read({
        "chrgitm_lv": "02", "med_chrgitm_type": "09", "kind": "negotiated", "selfpay_prop_type": "20", "selfpay_prop": "0",
        "drt_reim_prop": "0.7", "drt_reim_prop_390": "0.6", "pric_uplmt_2": "180.50", "overlmt_dspo_way": "provider",
        "lmt_used_flag": "1", "lmt_diag": "C92.1 C91", "lmt_hosp_lv": "2 3", "lmt_insutype": "310 390",
    })
    item = found["A"]
    assert problems == [] and (item.chrgitm_lv, item.med_chrgitm_type, item.kind, item.over) == ("02", "09", "negotiated", "provider")
    assert item.direct is not None and [item.direct.of(name) for name in ("310", "390")] == [Decimal("0.7"), Decimal("0.6")]
    assert (item.ceiling("1"), item.ceiling("2"), item.selfpay_prop_type) == (None, Decimal("180.50"), "20")
    assert (item.diagnoses, item.levels, item.insutypes) == (("C92.1", "C91"), ("2", "3"), ("310", "390"))
    assert item.restricted and item.alone


def test_an_item_by_ranges_and_a_herbal_piece() -> None:
    found, problems = read({"selfpay_prop_type": "30", "selfpay_prop": "", "pric_table": "implant"},
                           {"med_list_codg": "B", "kind": "herbal", "alone_flag": "0"})
    assert problems == [] and found["A"].selfpay_prop_type == "30" and not found["B"].alone
    assert [(one.upto, one.selfpay.of("390")) for one in found["A"].ranges] == [(Decimal(1000), Decimal("0.15")), (None, Decimal("0.3"))]


WRONG = {
    "class": ({"chrgitm_lv": "4"}, "items.csv:3: chrgitm_lv: '4' is wrong; write 01, 02 or 03"),
    "no name": ({"name": ""}, "items.csv:3: name: '' is wrong; write a name on one line"),
    "ratio": ({"selfpay_prop_310": "12%"}, "items.csv:3: selfpay_prop_310: '12%' is wrong; write a ratio between 0 and 1"),
    "direct ratio": ({"selfpay_prop": "", "selfpay_prop_type": "20", "drt_reim_prop": "70"}, "items.csv:3: drt_reim_prop: '70' is wrong"),
    "price": ({"pric_uplmt_3": "1,5"}, "items.csv:3: has not 22 cells; write one a column"),
    "a price in words": ({"pric_uplmt_3": "1.5元"}, "items.csv:3: pric_uplmt_3: '1.5元' is wrong; write a price in yuan"),
    "type of item": ({"med_chrgitm_type": "9"}, "items.csv:3: med_chrgitm_type: '9' is wrong; write 01 to 14"),
    "kind": ({"kind": "drug"}, "items.csv:3: kind: 'drug' is wrong; write negotiated, chinese, herbal, implant"),
    "rule of ratio": ({"selfpay_prop_type": "40"}, "items.csv:3: selfpay_prop_type: '40' is wrong; write 10, 20, 30"),
    "rule above a ceiling": ({"overlmt_dspo_way": "2"}, "items.csv:3: overlmt_dspo_way: '2' is wrong; write excess, whole or provider"),
    "levels": ({"lmt_used_flag": "1", "lmt_hosp_lv": "2;3"}, "items.csv:3: lmt_hosp_lv: '2;3' is wrong; write levels with a space between"),
    "diagnoses": ({"lmt_used_flag": "1", "lmt_diag": "白血病"}, "items.csv:3: lmt_diag: '白血病' is wrong; write first signs of codes"),
    "insurances": ({"lmt_used_flag": "1", "lmt_insutype": "职工"}, "items.csv:3: lmt_insutype: '职工' is wrong; write types of insurance"),
    "甲 with a first self-pay": ({"chrgitm_lv": "01"}, "items.csv:3: selfpay_prop: an item of class 01 counts in full; write 0"),
    "甲 by ranges": ({"chrgitm_lv": "01", "selfpay_prop": "0", "selfpay_prop_type": "30", "pric_table": "implant"},
                    "items.csv:3: selfpay_prop: an item of class 01 counts in full"),
    "type 20 without its ratio": ({"selfpay_prop": "0", "selfpay_prop_type": "20"}, "items.csv:3: drt_reim_prop: goes with selfpay_prop_type 20"),
    "its ratio without type 20": ({"drt_reim_prop": "0.7"}, "items.csv:3: drt_reim_prop: goes with selfpay_prop_type 20"),
    "type 20 with a first self-pay": ({"selfpay_prop_type": "20", "drt_reim_prop": "0.7"},
                                      "items.csv:3: selfpay_prop: does not go with selfpay_prop_type 20; write 0, or type 10"),
    "type 30 without a table": ({"selfpay_prop": "", "selfpay_prop_type": "30"}, "items.csv:3: pric_table: goes with selfpay_prop_type 30"),
    "an unknown table": ({"selfpay_prop": "", "selfpay_prop_type": "30", "pric_table": "x"},
                         "items.csv:3: pric_table: 'x' is no table of ranges.csv; write one of implant"),
    "conditions of what is not restricted": ({"lmt_diag": "C91"}, "items.csv:3: lmt_used_flag: lmt_diag, lmt_hosp_lv, lmt_insutype restrict"),
    "alone": ({"alone_flag": "0"}, "items.csv:3: alone_flag: is for herbal pieces; write kind herbal, or remove the 0"),
    "twice": ({"med_list_codg": "FIRST"}, "items.csv:3: med_list_codg: FIRST is listed twice; remove one"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_cell_is_told_with_line_and_column(name: str) -> None:
    row, told = WRONG[name]
    _, problems = read(row)
    assert len(problems) == 1 and problems[0].startswith(told), problems


def test_bad_cells_are_told_in_the_order_of_lines_wherever_they_are() -> None:
    rows = [{"med_list_codg": f"N{number}"} for number in range(CHUNK + 5)]
    rows[0] |= {"lmt_used_flag": "x"}
    rows[CHUNK] |= {"selfpay_prop": "2", "kind": "y"}
    _, problems = read(*rows)
    assert [problem.partition(" is wrong")[0] for problem in problems] == [
        "items.csv:3: lmt_used_flag: 'x'", f"items.csv:{CHUNK + 3}: kind: 'y'", f"items.csv:{CHUNK + 3}: selfpay_prop: '2'"]


def test_a_name_on_two_lines_and_an_empty_line_do_not_shift_the_numbers() -> None:
    """The header is line 1, the item lines 2 and 3, line 4 empty, the bad one line 5."""
    text = 'med_list_codg,name,chrgitm_lv,selfpay_prop,pric_uplmt_1,pric_uplmt_2,pric_uplmt_3,lmt_used_flag\n'
    problems: list[str] = []
    read_items("items.csv", (text + 'A,"一\n二",01,0,,,,0\n\nB,乙,05,0,,,,0\n').encode(), {}, problems)
    assert [problem.partition(":")[2][:15] for problem in in_english(problems)] == ["3: name: '一\\n二'", "5: chrgitm_lv: "]


@pytest.mark.parametrize(("text", "told"), [
    ("pric_table,pric_upto\nA,\n", "ranges.csv:1: the columns must be pric_table,pric_upto,selfpay_prop and may be selfpay_prop_310"),
    ("pric_table,pric_upto,selfpay_prop\nA,x,0.1\nA,,0.2\n", "ranges.csv:2: pric_upto: 'x' is wrong; write a price in yuan"),
    ("pric_table,pric_upto,selfpay_prop\nA,1000,0.1\n", "ranges.csv: A: pric_upto must rise, and be empty in the last line only"),
    ("pric_table,pric_upto,selfpay_prop\nA,,0.1\nA,1000,0.2\n", "ranges.csv: A: pric_upto must rise"),
    ("pric_table,pric_upto,selfpay_prop\nA,2000,0.1\nA,1000,0.2\nA,,0.3\n", "ranges.csv: A: pric_upto must rise"),
    ("pric_table,pric_upto,selfpay_prop\nA,1000,0.1\nA,1000,0.2\nA,,0.3\n", "ranges.csv: A: pric_upto must rise"),
])
def test_bad_tables_of_ranges(text: str, told: str) -> None:
    problems: list[str] = []
    read_ranges("ranges.csv", text.encode(), problems)
    assert len(problems) == 1 and english(problems[0]).startswith(told), problems


def test_a_catalogue_without_ranges_and_one_with(tmp_path: Path) -> None:
    header = ",".join((*FILES["catalogues/350000/items.csv"].splitlines()[0].split(","), "selfpay_prop_type", "pric_table"))
    files = {"catalogues/350000/items.csv": f"{header}\nA,示例假体,02,,,,,0,30,implant\n", "catalogues/350000/ranges.csv": RANGES}
    (catalogue,) = loaded(tmp_path / "with", files).catalogues["350000"]
    assert len(catalogue.items["A"].ranges) == 2
    assert len(loaded(tmp_path / "without").catalogues["350000"][0].items) == 4


@pytest.mark.parametrize(("key", "value"), [("medins_type", "医院"), ("fee_class", "4")])
def test_type_and_fee_class_of_a_provider_are_known(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, changed(PROVIDERS, "connected =", f'{key} = "{value}"\nconnected ='))
    assert f"{key}: '{value}' is unknown; use one of " in english(caught.value.problems[0])


def test_type_and_fee_class_of_a_provider_are_read(tmp_path: Path) -> None:
    book = loaded(tmp_path, changed(PROVIDERS, "connected =", 'medins_type = "hospital"\nfee_class = "2"\nconnected ='))
    (provider,) = book.providers["H35020000103"]
    assert (provider.medins_type, provider.fee_class) == ("hospital", "2")


# --- the samples --------------------------------------------------------------------------------------------------------

def samples(book: Book) -> Iterator[tuple[str, list[Item]]]:
    for admdvs, versions in book.catalogues.items():
        for catalogue in versions:
            if catalogue.source == "example":
                yield admdvs, list(catalogue.items.values())


def test_the_samples_say_that_they_are_samples(book: Book) -> None:
    assert len(list(samples(book))) >= 6
    for admdvs, items in samples(book):
        assert [item.name for item in items if not item.name.startswith("示例")] == [], admdvs


def test_the_samples_show_every_rule(book: Book) -> None:
    for admdvs, items in samples(book):
        assert {item.chrgitm_lv for item in items} == {"01", "02", "03"}, admdvs
        assert {item.kind for item in items} >= {"negotiated", "chinese", "herbal", "implant"}, admdvs
        assert {item.selfpay_prop_type for item in items} == {"10", "20", "30"}, admdvs
        assert {item.over for item in items if item.ceilings} == {"excess", "whole", "provider"}, admdvs
        assert any(item.med_chrgitm_type == "01" and item.ceilings for item in items), admdvs
        assert all(any(getattr(item, name) for item in items) for name in ("restricted", "diagnoses", "levels", "insutypes")), admdvs
        assert any(not item.alone for item in items) and any(item.selfpay.single for item in items), admdvs


def test_all_samples_have_the_same_columns_all_of_them() -> None:
    headers = {path.read_text("utf-8").partition("\n")[0] for path in BUILT_IN.glob("catalogues/*/items.csv")}
    assert len(headers) == 1 and set(headers.pop().split(",")) == set(COLUMNS)


def test_the_guide_tells_every_column() -> None:
    guide = (BUILT_IN / "catalogues" / "README.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z0-9_]+)`", guide, re.MULTILINE))
    assert told == {*ITEM_FORMS, *RANGE_FORMS}
