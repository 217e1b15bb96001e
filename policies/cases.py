"""Cases: claims and filings worked by hand, beside the rules that they test: ``X.cases.toml`` beside ``X.toml``.

A case of a plan gives the amounts of a priced claim in yuan and what must come out, and says in ``why`` how that
was worked out by hand. ``visit`` holds a sequence: accumulators and account are handed on. ``[defaults]`` holds for
every case of the file, fields of a case for all its visits. ``policies/rulebook/README.md`` shows one in full.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.base import ratio_text
from contracts.events.claim import CatalogueFacts, Checked, Claim, ClaimPriced, FeeLine, PersonFacts, Priced, ProviderFacts
from contracts.events.enrolment import Spell
from contracts.events.filing import FilingFacts, FilingRequest
from policies import VERSION
from policies.tables import RulebookError, Table

ENDING = ".cases.toml"
FILING = "national/filing"
PARTS = ("in_scope", "own", "over", "first")
AMOUNTS = {"deductible": "act_pay_dedc", "pool": "hifp_pay", "account": "acct_pay", "cash": "psn_cash_pay"}
BEFORE = {"deductible": "deductible", "in_scope": "inscp_scp_amt", "pool": "hifp_pay"}
NAMED = {"rulebook": "0" * 64, "policies": VERSION}


@dataclass(frozen=True, slots=True)
class Visit:
    """One priced claim and what it must give: fields of the verdict, or ``refused``."""

    body: ClaimPriced
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanCase:
    """Visits of one person under one plan. ``before``: accumulators (fen, counts) without the name of the benefit."""

    file: str
    name: str
    why: str
    balance: int
    before: Mapping[str, int]
    visits: tuple[Visit, ...]

    @property
    def plan(self) -> str:
        return self.file.removeprefix("regions/").removesuffix(ENDING)


@dataclass(frozen=True, slots=True)
class FilingCase:
    """A filing and what it must give: its last day (``until``; None is open), or the codes of the refusal."""

    file: str
    name: str
    why: str
    request: FilingRequest
    facts: FilingFacts
    expect: Mapping[str, Any]


Case = PlanCase | FilingCase


def load_cases(folder: Path) -> tuple[Case, ...]:
    """Every case in ``folder``: the one function here that reads files. Raises RulebookError with every problem."""
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob(f"*{ENDING}")}
    problems: list[str] = []
    found = tuple(case for name in sorted(texts) for case in read_cases(name, texts[name], problems))
    if problems:
        raise RulebookError(problems)
    return found


def read_cases(name: str, text: str, problems: list[str]) -> Iterator[Case]:
    """The cases in the text of one file; problems are noted."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}: {error}; correct the TOML there")
        return
    defaults = data.pop("defaults", {})
    read: Callable[..., Case] = _filing_case if name == FILING + ENDING else _plan_case
    for number, row in enumerate(data.pop("case", []), 1):
        where = f"{name}: case[{number}]"
        known = len(problems)
        try:
            yield read(name, where, defaults | row, problems)
        except ValidationError as error:
            # a field that was told to be missing or of the wrong kind is refused by the models too: tell it once
            problems.extend([] if len(problems) > known else [f"{where}: {error}; correct the case"])
    Table(data, name, problems, {}).finish()


def _plan_case(file: str, where: str, row: dict[str, Any], problems: list[str]) -> PlanCase:
    visits = row.pop("visit", [{}])
    head = Table({key: row.pop(key) for key in ("name", "why", "balance", "before") if key in row}, where, problems, {})
    tables = [Table(row | visit, f"{where}: visit[{number}]", problems, {}) for number, visit in enumerate(visits, 1)]
    return PlanCase(
        file=file, name=head.text("name"), why=head.text("why"), balance=_yuan(head, "balance"),
        before=_accumulators(head.only("before")) if head.has("before") else {},
        visits=tuple(Visit(_priced_claim(table), _expected(table)) for table in tables),
    )


def _accumulators(table: Table) -> dict[str, int]:
    found = {name: table.yuan(key) for key, name in BEFORE.items() if table.has(key)}
    if table.has("admissions"):
        found["admissions"] = table.number("admissions")
    table.finish()
    return found


def _yuan(table: Table, key: str) -> int:
    return table.yuan(key) if table.has(key) else 0


def _priced_claim(table: Table) -> ClaimPriced:
    parts = {name: _yuan(table, name) for name in PARTS}
    claim = _claim(table, sum(parts.values()))
    priced = Priced(
        verdict="accepted", catalogue=CatalogueFacts(admdvs="000000", begndate=claim.begndate, source="example"),
        medfee_sumamt=claim.medfee_sumamt, fulamt_ownpay_amt=parts["own"], overlmt_selfpay=parts["over"],
        preselfpay_amt=parts["first"], inscp_scp_amt=parts["in_scope"], **NAMED,
    )
    return ClaimPriced(request=claim, checked=_checked(table, claim), priced=priced)


def _claim(table: Table, total: int) -> Claim:
    begndate = table.day("begndate")
    enddate = table.day("enddate") if table.has("enddate") else begndate
    line = FeeLine(feedetl_sn="1", fee_ocur_date=begndate, med_list_codg="CASE", det_item_fee_sumamt=total, cnt="1",
                   pric=f"{total // 100}.{total % 100:02d}")
    return Claim(
        psn_no="CASE", insutype=table.text("insutype"), fixmedins_code="CASE", mdtrt_id="CASE", med_type=table.text("care"),
        begndate=begndate, enddate=enddate, setl_date=table.day("setl_date") if table.has("setl_date") else enddate,
        medfee_sumamt=total, acct_used_flag="1" if table.flag("acct_used", False) else "0", feedetail=(line,),
    )


def _checked(table: Table, claim: Claim) -> Checked:
    spell = Spell(insuplc_admdvs=table.text("insuplc"), insutype=claim.insutype, psn_type=table.text("psn_type"),
                  psn_insu_date=claim.begndate)
    provider = ProviderFacts(fixmedins_code="CASE", name="", admdvs="000000", hosp_lv=table.text("hosp_lv"),
                             dedc_hosp_lv=table.text("level"), lmtpric_hosp_lv="1", source="example")
    place: Any = table.text("where")
    return Checked(verdict="accepted", facts=PersonFacts(brdy=table.day("brdy"), insuinfo=(spell,)), insured=spell,
                   provider=provider, place=place, **NAMED)


def _expected(table: Table) -> dict[str, Any]:
    expect = table.only("expect")
    table.finish()
    if expect.has("refused"):
        found: dict[str, Any] = {"refused": expect.text("refused")}
    else:
        found = {field: expect.yuan(name) for name, field in AMOUNTS.items()}
    if expect.has("ratio"):
        found["pool_prop_selfpay"] = ratio_text(expect.ratio("ratio"))
    found |= {name: expect.number(name) for name in ("year", "age") if expect.has(name)}
    expect.finish()
    return found


def _filing_case(file: str, where: str, row: dict[str, Any], problems: list[str]) -> FilingCase:
    table = Table(row, where, problems, {})
    request = FilingRequest(
        psn_no="CASE", insutype=table.text("insutype"), category=table.text("category"),  # type: ignore[arg-type]
        mdtrtarea_admdvs=table.text("area"), begndate=table.day("begndate"), enddate=table.day_or_none("enddate"),
        materials=table.texts("materials", ()), cmt_flag="1" if table.flag("letter", False) else "0",
    )
    spell = Spell(insuplc_admdvs=table.text("insuplc"), insutype=request.insutype, psn_type="11",
                  psn_insu_date=table.day("insured_from"), paus_insu_date=table.day_or_none("insured_until"))
    facts = FilingFacts(insuinfo=(spell,) if table.flag("known", True) else (), in_force=table.number("in_force", 0))
    expect = table.only("expect")
    told = ("refused", expect.texts("refused")) if expect.has("refused") else ("until", expect.day_or_none("until"))
    found = FilingCase(file, table.text("name"), table.text("why"), request, facts, dict([told]))
    expect.finish()
    table.finish()
    return found
