"""Reads a catalogue: its items, one a line, and its tables of first self-pay by unit price. Both are CSV.

An item is made when it is asked for: a catalogue may have 100,000, and a worker sees few of them. The columns are told in
``rulebook/catalogues/README.md``.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from policies import wording
from policies.places import misplaced
from policies.pricing.catalogue import Catalogue
from policies.pricing.cells import Cells, Form, Row, read_cells, tell, wrong_rows
from policies.pricing.item import LEVELS, Item, Range, Ratios
from policies.tables import Table
from policies.values import CODED

INSUTYPES = ("310", "390")
"""Types of insurance that may have ratios of their own (职工, 居民); others have those of every type."""
KINDS = CODED["item_kind"]

_RATIO = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?|")
_PRICE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?|")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")


def _ratios(column: str, needed: bool = False) -> dict[str, Form]:
    form = Form(_RATIO, ("0 至 1 的比例，如 0.1", "a ratio between 0 and 1, such as 0.1"))
    return {column: form._replace(needed=needed)} | {f"{column}_{insutype}": form for insutype in INSUTYPES}


def _several(one: str) -> re.Pattern[str]:
    return re.compile(f"({one}( {one})*)?")


ITEM_FORMS: Mapping[str, Form] = {
    "med_list_codg": Form(re.compile(r"[A-Za-z0-9._-]{1,50}"), ("由字母、数字和 - 组成的代码", "a code of letters, digits and -"), True),
    "name": Form(re.compile(r"[^\x00-\x1f\x7f]{1,200}"), ("一行以内的名称", "a name on one line"), True),
    "chrgitm_lv": Form(re.compile("0[123]"), ("01、02 或 03", "01, 02 or 03"), True),
    **_ratios("selfpay_prop", needed=True),
    **{f"pric_uplmt_{level}": Form(_PRICE, ("以元计的价格，如 180.00，或留空", "a price in yuan, such as 180.00, or nothing"), True) for level in LEVELS},
    "lmt_used_flag": Form(re.compile("[01]"), ("0 或 1", "0 or 1"), True),
    "med_chrgitm_type": Form(re.compile("(0[1-9]|1[0-4])?"), ("01 至 14，或留空", "01 to 14, or nothing")),
    "kind": Form(re.compile("|".join((*KINDS, ""))), (f"{'、'.join(KINDS)}，或留空", f"{', '.join(KINDS)}, or nothing")),
    "selfpay_prop_type": Form(re.compile("(10|20|30)?"), ("10、20、30，留空即为 10", "10, 20, 30, or nothing for 10")),
    **_ratios("drt_reim_prop"),
    "pric_table": Form(re.compile(f"({_NAME.pattern})?"), ("ranges.csv 中的表名，或留空", "the name of a table in ranges.csv, or nothing")),
    "overlmt_dspo_way": Form(re.compile("excess|whole|provider|"), ("excess、whole 或 provider，留空即为 excess", "excess, whole or provider, or nothing for excess")),
    "lmt_diag": Form(_several("[A-Za-z0-9._-]{1,20}"), ("代码的前几位，以空格隔开，如 C92.1 C91，或留空", "first signs of codes with a space between, such as C92.1 C91, or nothing")),
    "lmt_hosp_lv": Form(_several("[123]"), ("等级，以空格隔开，如 2 3，或留空", "levels with a space between, such as 2 3, or nothing")),
    "lmt_insutype": Form(_several("[0-9]{3,6}"), ("险种，以空格隔开，如 310 390，或留空", "types of insurance with a space between, such as 310 390, or nothing")),
    "alone_flag": Form(re.compile("[01]?"), ("单味不予支付的饮片为 0，其余为 1 或留空", "0 where a herbal piece is not paid alone, else 1 or nothing")),
}
RANGE_FORMS: Mapping[str, Form] = {
    "pric_table": Form(_NAME, ("由字母、数字和 - 组成的名称", "a name of letters, digits and -"), True),
    "pric_upto": Form(_PRICE, ("以元计的价格，如 1000.00，最后一行留空", "a price in yuan, such as 1000.00, or nothing for the last"), True),
    **_ratios("selfpay_prop", needed=True),
}
Tables = Mapping[str, tuple[Range, ...]]


def read_catalogue(file: Table, items: str, ranges: str, files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue whose head is ``file``; ``items``, ``ranges``: the names in ``files`` of its CSV, ranges optional."""
    known = len(file.problems)
    tables = read_ranges(ranges, files[ranges], file.problems) if ranges in files else {}
    if items not in files:
        file.problems.append(f"{items}: 缺少该文件，目录须有项目 / is missing; a catalogue needs its items")
    listed = read_items(items, files[items], tables, file.problems) if items in files else {}
    found = Catalogue(file.admdvs("admdvs"), file.day("from"), file.source_or_example(), listed)
    if (wrong := misplaced(file, found.admdvs)) is not None:
        file.complain("admdvs", wrong)
    if items in files and not len(listed) and len(file.problems) == known:
        file.problems.append(f"{items}: 没有项目，请列出，或删去该目录 / holds no item; list them, or remove the catalogue")
    file.finish()
    return found


class Items(Mapping[str, Item]):
    """The items of a catalogue by code, each made from its line when it is asked for."""

    def __init__(self, cells: Cells, tables: Tables) -> None:
        self._columns, self._tables = cells.columns, tables
        self._places = {code: place for place, code in enumerate(cells.column("med_list_codg"))}

    def __getitem__(self, code: str) -> Item:
        place = self._places[code]
        return _item({name: values[place] for name, values in self._columns.items()}, self._tables)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def read_items(name: str, content: bytes, tables: Tables, problems: list[str]) -> Items:
    """The items of a CSV file by code; problems are noted."""
    cells = read_cells(name, content, ITEM_FORMS, problems)
    found = Items(cells, tables)
    wrong = list(_twice(cells)) if len(found) < len(cells.lines) else []
    tell(name, [*wrong, *wrong_rows(cells, _JUDGED, lambda row: _contradictions(row, tables))], problems)
    return found


def read_ranges(name: str, content: bytes, problems: list[str]) -> Tables:
    """Tables of first self-pay by unit price, by name: lines in ascending order, (X, Y], the last without limit."""
    cells = read_cells(name, content, RANGE_FORMS, problems)
    tables: dict[str, list[Range]] = {}
    for values in zip(*map(cells.column, RANGE_FORMS), strict=True):
        row = dict(zip(RANGE_FORMS, values, strict=True))
        if all(form.pattern.fullmatch(row[column]) for column, form in RANGE_FORMS.items()):
            upto = Decimal(row["pric_upto"]) if row["pric_upto"] else None
            tables.setdefault(row["pric_table"], []).append(Range(upto, _found(row, "selfpay_prop")))
    for table, ranges in tables.items():
        limits = [one.upto for one in ranges]
        rises = all(one is not None and (other is None or one < other) for one, other in pairwise(limits))
        if limits[-1] is not None or not rises:
            problems.append(f"{name}: {table}: pric_upto 须逐行递增，且只有最后一行为空，请改正各行 / "
                            "pric_upto must rise, and be empty in the last line only; correct the lines")
    return {table: tuple(ranges) for table, ranges in tables.items()}


def _twice(cells: Cells) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for line, code in zip(cells.lines, cells.column("med_list_codg"), strict=True):
        if code in seen:
            yield line, f"med_list_codg: {wording.listed_twice(code)}"
        seen.add(code)


_SELFPAY, _DIRECT = tuple(_ratios("selfpay_prop")), tuple(_ratios("drt_reim_prop"))
_CONDITIONS = ("lmt_diag", "lmt_hosp_lv", "lmt_insutype")
_JUDGED = (
    "chrgitm_lv", "selfpay_prop_type", *_SELFPAY, *_DIRECT, "pric_table", "lmt_used_flag", *_CONDITIONS, "kind", "alone_flag",
)


def _contradictions(row: Row, tables: Tables) -> Iterator[str]:
    """What the cells of one line say against each other."""
    type_, first_selfpay = row["selfpay_prop_type"], any(row[column].strip("0.") for column in _SELFPAY)
    if row["chrgitm_lv"] == "01" and (first_selfpay or type_ == "30"):
        yield "selfpay_prop: 甲类（01）全额纳入，请写 0，或改类别 / an item of class 01 counts in full; write 0, or another class"
    if type_ in ("20", "30") and first_selfpay:
        yield f"selfpay_prop: 与 selfpay_prop_type {type_} 不能并用，请写 0，或用类型 10 / " \
            f"does not go with selfpay_prop_type {type_}; write 0, or type 10"
    if (type_ == "20") != bool(row["drt_reim_prop"]) or (type_ != "20" and any(row[column] for column in _DIRECT)):
        yield "drt_reim_prop: 须与 selfpay_prop_type 20 同时写，请都写或都不写 / goes with selfpay_prop_type 20, and 20 with it; write both or neither"
    if (type_ == "30") != bool(row["pric_table"]):
        yield "pric_table: 须与 selfpay_prop_type 30 同时写，请都写或都不写 / goes with selfpay_prop_type 30, and 30 with it; write both or neither"
    elif row["pric_table"] and row["pric_table"] not in tables:
        yield f"pric_table: ranges.csv 中没有表 {row['pric_table']!r}，可用的列于句末 / " \
            f"{row['pric_table']!r} is no table of ranges.csv; write one of {', '.join(tables) or 'its tables'}"
    if row["lmt_used_flag"] != "1" and any(row[column] for column in _CONDITIONS):
        yield f"lmt_used_flag: 有 {', '.join(_CONDITIONS)} 之一即为限制使用，请写 1，或删去它们 / " \
            f"{', '.join(_CONDITIONS)} restrict the item; write 1, or remove them"
    if row["alone_flag"] == "0" and row["kind"] != "herbal":
        yield "alone_flag: 只用于中药饮片，请写 kind herbal，或删去 0 / is for herbal pieces; write kind herbal, or remove the 0"


def _item(row: Row, tables: Tables) -> Item:
    get = row.get
    return Item(
        med_list_codg=row["med_list_codg"], name=row["name"], chrgitm_lv=row["chrgitm_lv"], selfpay=_found(row, "selfpay_prop"),
        ceilings=tuple((level, Decimal(text)) for level in LEVELS if (text := row[f"pric_uplmt_{level}"])),
        restricted=row["lmt_used_flag"] == "1",
        med_chrgitm_type=get("med_chrgitm_type") or None, kind=get("kind") or None,
        ranges=tables[row["pric_table"]] if get("pric_table") else (),
        direct=_found(row, "drt_reim_prop") if get("drt_reim_prop") else None,
        over=get("overlmt_dspo_way") or "excess",
        diagnoses=tuple(get("lmt_diag", "").split()), levels=tuple(get("lmt_hosp_lv", "").split()),
        insutypes=tuple(get("lmt_insutype", "").split()), alone=get("alone_flag") != "0",
    )


def _found(row: Row, column: str) -> Ratios:
    """The ratio in ``column``, and those of single types of insurance in the columns beside it."""
    single = tuple((insutype, Decimal(text)) for insutype in INSUTYPES if (text := row.get(f"{column}_{insutype}")))
    return Ratios(Decimal(row[column] or "0"), single)
