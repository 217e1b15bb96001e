"""Reads the items of a catalogue from CSV, one a line; problems name the line and say what to do."""

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal

from policies.pricing.catalogue import Item

LEVELS = ("1", "2", "3")
COLUMNS = (
    "med_list_codg", "name", "chrgitm_lv", "selfpay_prop", *(f"pric_uplmt_{level}" for level in LEVELS), "lmt_used_flag"
)
CODE = re.compile(r"[A-Za-z0-9._-]{1,50}")
SHARE = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?|")
PRICE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?|")
CLASS = re.compile("0[123]")
FLAG = re.compile("[01]")


def read_items(name: str, content: bytes, problems: list[str]) -> dict[str, Item]:
    """The items in a CSV file by code; problems are noted."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        if tuple(rows.fieldnames or ()) != COLUMNS:
            problems.append(f"{name}:1: the columns must be {','.join(COLUMNS)}; correct the first line")
            return {}
        return _items(name, rows, problems)
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{name}: {error}; save it as CSV in UTF-8")
        return {}


def _items(name: str, rows: csv.DictReader, problems: list[str]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for row in rows:
        where = f"{name}:{rows.line_num}"
        if None in row or None in row.values():
            problems.append(f"{where}: has not {len(COLUMNS)} cells; write one a column, empty where there is no value")
            continue
        wrong = list(_wrong(row))
        if row["med_list_codg"] in found:
            wrong.append(f"med_list_codg: {row['med_list_codg']} is listed twice; remove one")
        problems += [f"{where}: {what}" for what in wrong]
        if not wrong:
            found[row["med_list_codg"]] = _item(row)
    return found


def _wrong(row: Mapping[str, str]) -> list[str]:
    prices = {f"pric_uplmt_{level}": (PRICE, "a price in yuan, such as 180.00, or nothing") for level in LEVELS}
    asked = {
        "med_list_codg": (CODE, "a code of letters, digits and -"),
        "chrgitm_lv": (CLASS, "01, 02 or 03"),
        "selfpay_prop": (SHARE, "a ratio between 0 and 1, such as 0.1"),
        **prices,
        "lmt_used_flag": (FLAG, "0 or 1"),
    }
    return [f"{name}: {row[name]!r} is wrong; write {what}" for name, (form, what) in asked.items() if not form.fullmatch(row[name])]


def _item(row: Mapping[str, str]) -> Item:
    ceilings = tuple((level, Decimal(row[f"pric_uplmt_{level}"])) for level in LEVELS if row[f"pric_uplmt_{level}"])
    share = Decimal(row["selfpay_prop"] or "0")
    return Item(row["med_list_codg"], row["name"], row["chrgitm_lv"], share, ceilings, row["lmt_used_flag"] == "1")
