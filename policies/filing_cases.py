"""Cases of the rules of filing, worked by hand: ``filing.cases.toml`` beside ``filing.toml``.

A case is a request about a filing and its verdict, or a claim (``claim``) and the filing that covers it. ``filings`` are
those that the person has before. ``expect`` of a request: the last day (``until``; absent: open) and of the filing that ends
its own (``ended``), or the codes of what is missing (``pending``) or wrong (``refused``); ``home`` and ``means`` as the
verdict says; of a claim: the number (``filing``) and ``filed_as``, or ``refused``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.events.bill import FeeLine
from contracts.events.claim import Claim, PersonFacts
from contracts.events.enrolment import Spell
from contracts.events.filing import Filing, FilingRequest
from policies.tables import Table

FILING = "filing"
PERSON = "CASE"


@dataclass(frozen=True, slots=True)
class FilingCase:
    """``facts``: the insurance and the filings before; ``in_force``: how many to count where that is the point."""

    file: str
    name: str
    why: str
    request: FilingRequest | None
    claim: Claim | None
    facts: PersonFacts
    in_force: int | None
    expect: Mapping[str, Any]


def filing_case(file: str, where: str, row: dict[str, Any], problems: list[str]) -> FilingCase:
    """The case in a row; problems are noted."""
    table = Table(row, where, problems, {})
    begndate, insutype = table.day("begndate"), table.text("insutype")
    spell = Spell(insuplc_admdvs=table.admdvs("insuplc"), insutype=insutype, psn_type=table.text("psn_type", "11"),
                  psn_insu_date=table.day("insured_from"), paus_insu_date=table.day_or_none("insured_until"))
    filings = tuple(_filing(one, spell) for one in table.tables("filings")) if table.has("filings") else ()
    claim = _claim(table.only("claim"), insutype) if table.has("claim") else None
    asked = _request(table, insutype, begndate)
    known = (spell,) if table.flag("known", True) else ()
    found = FilingCase(
        file, table.text("name"), table.text("why"), None if claim else asked, claim,
        PersonFacts(insuinfo=known, filings=filings), table.number("in_force") if table.has("in_force") else None,
        _expected(table.only("expect"), claim is not None),
    )
    table.finish()
    return found


def _request(table: Table, insutype: str, begndate: date) -> FilingRequest | None:
    """The request that a row writes; None where it writes a claim and names no category."""
    oper: Any = table.text("oper", "file")
    values = {name: table.text(key) for key, name in (
        ("number", "trt_dcla_detl_sn"), ("category", "category"), ("area", "mdtrtarea_admdvs"), ("channel", "dcla_souc"),
        ("reason", "rloc_rea"), ("disease", "dise_codg"), ("operation", "oprn_oprt_code"),
    ) if table.has(key)}
    if oper not in ("file", "late", "change"):  # defaults of the file are of filings that begin
        values = {name: value for name, value in values.items() if name not in ("mdtrtarea_admdvs", "category")}
    hospitals, materials = table.texts("hospitals", ()), table.texts("materials", ())
    enddate, asked, letter = table.day_or_none("enddate"), table.day_or_none("asked"), table.flag("letter", False)
    if table.has("claim"):
        return None
    return FilingRequest(
        psn_no=PERSON, oper=oper, insutype=insutype, begndate=begndate, enddate=enddate, materials=materials,
        fixmedins_codes=hospitals or None, cmt_flag="1" if letter else "0", dcla_date=asked, **values,
    )


def _filing(table: Table, spell: Spell) -> Filing:
    """A filing that the person has before."""
    category: Any = table.text("category")
    letter: Any = table.text("letter", among=("given", "redeemed", "broken")) if table.has("letter") else None
    found = Filing(
        trt_dcla_detl_sn=table.text("number"), insuplc_admdvs=table.text("insuplc", spell.insuplc_admdvs),
        insutype=table.text("insutype", spell.insutype), category=category, mdtrtarea_admdvs=table.admdvs("area"),
        begndate=table.day("begndate"), enddate=table.day_or_none("enddate"), hospitals=table.texts("hospitals", ()) or None,
        letter=letter, redeemed=table.day_or_none("redeemed"), completed=table.day_or_none("completed"),
        materials=table.texts("materials", ()) or None,
        pending="1" if table.flag("pending", False) else None, changed=table.number("changed", least=1) if table.has("changed") else None,
        dcla_date=table.day_or_none("asked"), dise_codg=table.text("disease") if table.has("disease") else None,
        oprn_oprt_code=table.text("operation") if table.has("operation") else None,
    )
    table.finish()
    return found


def _claim(table: Table, insutype: str) -> Claim:
    """A claim of one line of 1.00 yuan: only place, days and kind of care matter."""
    begndate = table.day("begndate")
    enddate = table.day("enddate") if table.has("enddate") else begndate
    line = FeeLine(feedetl_sn="1", fee_ocur_date=begndate, med_list_codg="CASE", det_item_fee_sumamt=100, cnt="1", pric="1.00")
    found = Claim(
        psn_no=PERSON, insutype=insutype, fixmedins_code=table.text("provider"), mdtrt_id="CASE",
        med_type=table.text("med_type", "21"), begndate=begndate, enddate=enddate,
        setl_date=table.day("setl_date") if table.has("setl_date") else enddate, medfee_sumamt=100, acct_used_flag="0",
        feedetail=(line,), pay_loc="1" if table.flag("by_hand", False) else "2",
        ipt_type="2" if table.flag("emergency", False) else None, late_setl_flag="1" if table.flag("late", False) else "0",
        dise_codg=table.text("disease") if table.has("disease") else None,
    )
    table.finish()
    return found


def _expected(table: Table, claim: bool) -> dict[str, Any]:
    found: dict[str, Any] = {key: table.texts(key) for key in ("refused", "pending") if table.has(key)}
    found |= {key: table.day(key) for key in ("ended",) if table.has(key)}
    found |= {key: table.text(key) for key in ("home", "made", "category", "filed_as", "letter") if table.has(key)}
    if claim and "refused" not in found:
        found["filing"] = table.text("filing", "")
    elif not {"refused", "pending"} & found.keys():
        found["accepted"] = ()
        if "ended" not in found or table.has("until"):
            found["until"] = table.day_or_none("until")
    table.finish()
    return found
