"""Cases: claims and filings worked by hand, beside the rules that they test: ``X.cases.toml`` beside ``X.toml``.

A case of a plan gives the amounts of a priced claim in yuan and what must come out, and says in ``why`` how that
was worked out by hand. ``visit`` holds a sequence: accumulators and account are handed on. ``[defaults]`` holds for
every case of the file, fields of a case for all its visits. ``policies/rulebook/README.md`` shows one in full.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.base import ratio_text
from contracts.events.claim import (
    CatalogueFacts,
    Checked,
    Claim,
    ClaimPriced,
    FeeLine,
    PersonFacts,
    Priced,
    PricedLine,
    Prior,
    ProviderFacts,
)
from contracts.events.enrolment import Approval, Identity, Spell
from contracts.events.filing import Filing
from contracts.strict import chinese
from policies import VERSION
from policies.entitlement.cases import NAME as ENTITLEMENT, EntitlementCase, entitlement_case
from policies.files import CASES as ENDING, is_cases, parsed, read_files
from policies.filing_cases import FILING, FilingCase, filing_case
from policies.reimbursement.cases import NAME, ReimbursementCase, read_case
from policies.tables import RulebookError, Table
from policies.values import shown

PARTS = ("in_scope", "own", "over", "first")
AMOUNTS = {"deductible": "act_pay_dedc", "pool": "hifp_pay", "account": "acct_pay", "cash": "psn_cash_pay"}
MORE = {
    "wallet": "acct_mulaid_pay", "critical": "hifmi_pay", "large": "hifob_pay", "enterprise": "hifes_pay",
    "civil_servants": "cvlserv_pay", "assistance": "maf_pay", "other": "oth_pay", "reduced": "reduced_amt",
    "allowance": "allowance_pay",
}
BEFORE = {"deductible": "deductible", "in_scope": "inscp_scp_amt", "pool": "hifp_pay"}
PRIOR = ("act_pay_dedc", "hifp_pay", "hifmi_pay", "hifob_pay", "hifes_pay", "cvlserv_pay", "maf_pay")
CODES = ("dise_codg", "matn_type", "otp_er_refl_flag", "ipt_type")
CALLED = {"place": "where", "insuplc_admdvs": "insuplc", "mdtrtarea_admdvs": "area", "dedc_hosp_lv": "level", "psn_idet_type": "identities"}
"""What a case calls a field."""
NAMED = {"rulebook": "0" * 64, "policies": VERSION}


@dataclass(frozen=True, slots=True)
class Visit:
    """One priced claim and what it must give: fields of the verdict, or ``refused``."""

    body: ClaimPriced
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanCase:
    """Visits of one person under one plan. ``before``: accumulators (fen, counts); names without a point are the benefit's."""

    file: str
    name: str
    why: str
    balance: int
    wallets: Mapping[str, int]
    before: Mapping[str, int]
    visits: tuple[Visit, ...]

    @property
    def plan(self) -> str:
        return self.file.removeprefix("regions/").removesuffix(ENDING)


Case = PlanCase | FilingCase | EntitlementCase | ReimbursementCase


def load_cases(folder: Path) -> tuple[Case, ...]:
    """Every case in ``folder``. Raises RulebookError with every problem."""
    problems: list[str] = []
    files = read_files(folder, is_cases, problems)
    found = tuple(case for name, content in files.items() for case in read_cases(name, content, problems))
    if problems:
        raise RulebookError(problems)
    return found


def read_cases(name: str, content: bytes | str, problems: list[str]) -> Iterator[Case]:
    """The cases in one file; problems are noted."""
    if (data := parsed(name, content, problems)) is None:
        return
    defaults = data.pop("defaults", {})
    read: Callable[..., Case] = filing_case if name.endswith(f"/{FILING}{ENDING}") else entitlement_case if _of_entitlement(name) else _plan_case
    read = read_case if name.endswith("/" + NAME) else read
    for number, row in enumerate(data.pop("case", []), 1):
        where = f"{name}: case[{number}]"
        known = len(problems)
        try:
            yield read(name, where, defaults | row, problems)
        except ValidationError as error:
            # a field that was told to be missing or of the wrong kind is refused by the models too: tell it once
            problems.extend([] if len(problems) > known else _refused(where, error))
    Table(data, name, problems, {}).finish()


def _refused(where: str, error: ValidationError) -> Iterator[str]:
    """What the models refuse in a case, by its names in the case."""
    for one in error.errors():
        name = str(one["loc"][-1]) if one["loc"] else ""
        place, value, en = f"{CALLED.get(name, name)}: " if name else "", shown(one["input"]), one["msg"].removeprefix("Value error, ")
        zh, told = (f"不接受 {value}：", f"{value} is not accepted: ") if name else ("", "")
        yield f"{where}: {place}{zh}{chinese(one, en)}，请改正算例 / {told}{en}; correct the case"


def _of_entitlement(name: str) -> bool:
    return name.endswith(f"/{ENTITLEMENT}{ENDING}")


def _plan_case(file: str, where: str, row: dict[str, Any], problems: list[str]) -> PlanCase:
    visits = row.pop("visit", [{}])
    head = Table({key: row.pop(key) for key in ("name", "why", "balance", "wallets", "before") if key in row}, where, problems, {})
    tables = [Table(row | visit, f"{where}: visit[{number}]", problems, {}) for number, visit in enumerate(visits, 1)]
    return PlanCase(
        file=file, name=head.text("name"), why=head.text("why"), balance=_yuan(head, "balance"),
        wallets={who: purses.yuan(who) for purses in [head.only("wallets")] for who in purses} if head.has("wallets") else {},
        before=_accumulators(head.only("before")) if head.has("before") else {},
        visits=tuple(Visit(_priced_claim(table, f"CASE-{number}"), _expected(table)) for number, table in enumerate(tables, 1)),
    )


def _accumulators(table: Table) -> dict[str, int]:
    found = {name: table.yuan(key) for key, name in BEFORE.items() if table.has(key)}
    found |= {name: table.yuan(name) for name in table if "." in name and not name.endswith(("admissions", "_used"))}
    found |= {name: table.number(name) for name in table if name.endswith(("admissions", "_used"))}
    table.finish()
    return found


def _yuan(table: Table, key: str) -> int:
    return table.yuan(key) if table.has(key) else 0


def _priced_claim(table: Table, stay: str) -> ClaimPriced:
    """The claim of a visit; without ``stay`` it is a visit or stay of its own."""
    bill = [*table.tables("lines")] if table.has("lines") else [table]
    lines = [_line(str(number), row, table) for number, row in enumerate(bill, 1)]
    if bill != [table]:
        for row in bill:
            row.finish()
    sums = {name: sum(getattr(priced, name) for _, priced in lines) for name in (
        "det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")}
    claim = _claim(table, stay, sums["det_item_fee_sumamt"], tuple(line for line, _ in lines))
    priced = Priced(
        verdict="accepted", catalogue=CatalogueFacts(admdvs="000000", begndate=claim.begndate, source="example"),
        lines=tuple(priced for _, priced in lines), medfee_sumamt=claim.medfee_sumamt,
        fulamt_ownpay_amt=sums["fulamt_ownpay_amt"], overlmt_selfpay=sums["overlmt_amt"],
        preselfpay_amt=sums["preselfpay_amt"], inscp_scp_amt=sums["inscp_scp_amt"], hosp_part_amt=sums["hosp_part_amt"], **NAMED,
    )
    return ClaimPriced(request=claim, checked=_checked(table, claim), priced=priced)


def _line(number: str, row: Table, claim: Table) -> tuple[FeeLine, PricedLine]:
    """One line as billed and as priced; without ``lines`` the case's own amounts are the only one."""
    parts = {name: _yuan(row, name) for name in PARTS}
    total = sum(parts.values())
    billed = FeeLine(
        feedetl_sn=number, fee_ocur_date=claim.day("begndate"), med_list_codg="CASE", det_item_fee_sumamt=total, cnt="1",
        pric=f"{total // 100}.{total % 100:02d}", rxno="CASE" if row.flag("prescription", True) else None,
    )
    priced = PricedLine(
        feedetl_sn=number, name="CASE", chrgitm_lv=row.text("class", "01"), selfpay_prop="0", det_item_fee_sumamt=total,
        fulamt_ownpay_amt=parts["own"], overlmt_amt=parts["over"], preselfpay_amt=parts["first"], inscp_scp_amt=parts["in_scope"],
        med_chrgitm_type=_text(row, "item_type"), kind=_text(row, "item_kind"),
        drt_reim_prop=ratio_text(row.ratio("direct")) if row.has("direct") else None, hosp_part_amt=_yuan(row, "by_provider"),
    )
    return billed, priced


def _text(table: Table, key: str) -> str | None:
    return table.text(key) if table.has(key) else None


def _claim(table: Table, stay: str, total: int, lines: tuple[FeeLine, ...]) -> Claim:
    begndate = table.day("begndate")
    enddate = table.day("enddate") if table.has("enddate") else begndate
    prior = table.only("prior") if table.has("prior") else None
    return Claim(
        psn_no="CASE", insutype=table.text("insutype"), fixmedins_code="CASE", mdtrt_id=table.text("stay", stay),
        med_type=table.text("med_type"), begndate=begndate, enddate=enddate,
        setl_date=table.day("setl_date") if table.has("setl_date") else enddate,
        medfee_sumamt=total, acct_used_flag=table.text("acct_used", "0", ("0", "1", "2")), feedetail=lines,
        **{code: _text(table, code) for code in CODES},
        fetus_cnt=table.number("fetus_cnt") if table.has("fetus_cnt") else None,
        mid_setl_flag="1" if table.flag("interim", False) else "0", trum_flag="1" if table.flag("injury", False) else "0",
        refl_date=table.day_or_none("refl_date"), pay_loc=table.text("pay_loc", "2"),
        prior=Prior(**{name: prior.yuan(name) for name in PRIOR if prior.has(name)}) if prior is not None else None,
    )


def _checked(table: Table, claim: Claim) -> Checked:
    spell = Spell(
        insuplc_admdvs=table.text("insuplc"), insutype=claim.insutype, psn_type=table.text("psn_type"),
        psn_insu_date=claim.begndate, cvlserv_flag="1" if table.flag("cvlserv", False) else "0",
        conti_insu_date=table.day_or_none("conti_insu_date"), retr_date=table.day_or_none("retr_date"), zero_clm_years=table.number("zero_clm_years", 0),
    )
    provider = ProviderFacts(
        fixmedins_code="CASE", name="", admdvs="000000", hosp_lv=table.text("hosp_lv"), dedc_hosp_lv=table.text("level"),
        lmtpric_hosp_lv="1", medins_type=_text(table, "medins_type"), fee_class=_text(table, "fee_class"), source="example",
    )
    approved = tuple(Approval(dise_codg=code, begndate=claim.begndate) for code in table.texts("approved", ()))
    identities = tuple(Identity(psn_idet_type=code, begndate=claim.begndate) for code in table.texts("identities", ()))
    filings = tuple(_filing(category, number, claim, spell) for number, category in enumerate(table.texts("filings", ()), 1))
    place: Any = table.text("where")
    return Checked(
        verdict="accepted", facts=PersonFacts(brdy=table.day("brdy"), insuinfo=(spell,), idetinfo=identities, filings=filings, opspinfo=approved or None),
        insured=spell, provider=provider, place=place, **NAMED,
        filing=filings[0].trt_dcla_detl_sn if filings and place == "other_province" else None,
    )


def _filing(category: Any, number: int, claim: Claim, spell: Spell) -> Filing:
    return Filing(
        trt_dcla_detl_sn=f"CASE-{number}", insuplc_admdvs=spell.insuplc_admdvs, insutype=claim.insutype, category=category,
        mdtrtarea_admdvs="000000", begndate=claim.begndate,
    )


def _expected(table: Table) -> dict[str, Any]:
    expect = table.only("expect")
    table.finish()
    if expect.has("refused"):
        found: dict[str, Any] = {"refused": expect.text("refused")}
    else:
        found = {field: expect.yuan(name) for name, field in AMOUNTS.items()}
        found |= {field: expect.yuan(name) if expect.has(name) else 0 for name, field in MORE.items()}
    if expect.has("ratio"):
        found["pool_prop_selfpay"] = ratio_text(expect.ratio("ratio"))
    found |= {name: expect.number(name) for name in ("year", "age") if expect.has(name)}
    if expect.has("parts"):
        parts = expect.only("parts")
        found["psn_parts"] = {name: parts.yuan(name) for name in parts}
    if expect.has("steps"):
        found["steps"] = [_step(row) for row in expect.tables("steps")]
    if expect.has("after"):
        found["after"] = _accumulators(expect.only("after"))
    expect.finish()
    return found


def _step(row: Table) -> tuple[str, int, int]:
    found = row.text("kind"), row.yuan("base"), row.yuan("amount")
    row.finish()
    return found
