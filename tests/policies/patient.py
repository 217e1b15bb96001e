"""A person under one small plan that a test writes: each visit sees what the earlier ones moved, and must keep the laws.

Steps are written as in the rulebook, without ``source`` and with the kind in front; amounts of visits are in fen.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.base import made
from contracts.events.bill import FeeLine, Prior
from contracts.events.claim import (
    CatalogueFacts,
    Checked,
    Claim,
    ClaimPriced,
    PersonFacts,
    Priced,
    PricedLine,
    ProviderFacts,
    Settled,
)
from contracts.events.enrolment import Approval, Identity, Spell
from contracts.events.filing import Filing
from policies import VERSION, accumulators
from policies.accumulators import Purse
from policies.book import NATION, Book, built_in
from policies.maps import Dated, read_indexes, read_maps
from policies.settlement.claims import case_of, keys_of
from policies.settlement.engine import Named, settle
from policies.settlement.facts import chosen
from policies.settlement.plan import Plan
from policies.settlement.read import read_plan
from policies.stage import View
from policies.tables import Table
from tests.policies.languages import in_english
from tests.policies.lawful import lawful

PLACE = "990100"
NAMED = {"rulebook": "0" * 64, "policies": VERSION}
HEAD = f'[plan]\nplace = "{PLACE}"\ninsutype = "310"\nfrom = 2000-01-01\nsource = "T1"\n'
CATALOGUE = CatalogueFacts(admdvs="000000", begndate=date(2000, 1, 1), source="example")
DAY = date(2026, 3, 5)
PARTS = {"in_scope": "inscp_scp_amt", "own": "fulamt_ownpay_amt", "over": "overlmt_amt", "first": "preselfpay_amt"}


def table(text: str, problems: list[str]) -> Table:
    return Table(tomllib.loads(text, parse_float=Decimal), "plan", problems, {"T1": None})


def step(text: str) -> str:
    """A step as the rulebook has it, from its kind and its parameters."""
    return f'\n[[benefit.step]]\nsource = "T1"\nkind = {text}\n'


def benefit(*steps: str, name: str = "care", care: Sequence[str] = ("outpatient", "inpatient"), head: str = "") -> str:
    """One benefit of a plan; ``head`` may hold more of its keys, in place of ``dated_by = "enddate"`` too."""
    dated = "" if "dated_by" in head else 'dated_by = "enddate"\n'
    return f'\n[[benefit]]\nname = "{name}"\ncare = {list(care)}\n{dated}{head}\n' + "".join(map(step, steps))


def plan(*benefits: str, problems: list[str] | None = None) -> Plan:
    """The plan of these benefits. What is wrong with it is an error, or noted in ``problems``."""
    found: list[str] = []
    read = read_plan(table(HEAD + "".join(benefits), found), "test", {})
    if problems is None:
        assert not found, found
    else:
        problems.extend(in_english(found))
    return read


def book_of(plan: Plan, maps: str = "", indexes: str = "") -> Book:
    """A rulebook with one plan; the nation's maps, and ``maps`` of the place."""
    problems: list[str] = []
    own = _named(read_maps(table(maps, problems)))
    found = Book(
        digest="0" * 64, sources={}, regions={}, plans={(PLACE, "310"): (plan,)},
        maps={NATION: built_in().maps[NATION], PLACE: own},
        indexes={PLACE: _named(read_indexes(table(indexes, problems)))},
        providers={}, catalogues={},
    )
    assert not problems, problems
    return found


def _named(found: Any) -> dict[str, tuple[Dated, ...]]:
    groups: dict[str, tuple[Dated, ...]] = {}
    for one in sorted(found, key=lambda one: one.begndate):
        groups[one.name] = (*groups.get(one.name, ()), one)
    return groups


class Patient:
    """``balance``: of the account; ``wallets``: of the sharers in bound order; ``before``: accumulators of the year 2026."""

    def __init__(
        self, *steps: str, head: str = "", maps: str = "", indexes: str = "", benefits: Sequence[str] = (),
        balance: int = 0, wallets: Mapping[str, int] | None = None, before: Mapping[str, int] | None = None, **person: Any,
    ) -> None:
        self.book = book_of(plan(*(benefits or (benefit(*steps, head=head),))), maps, indexes)
        self.purse = Purse(balances={"310": balance}).with_wallets(wallets or {})
        self.entries: dict[str, Mapping[str, int]] = {}
        if before:
            self.entries[accumulators.year_key(2026, PLACE, "310")] = dict(before)
        self.person = person

    def visit(self, in_scope: int = 0, **more: Any) -> Settled:
        """The verdict on one outpatient visit; the state moves. Raises Refusal."""
        body = priced(in_scope, **{**self.person, **more})
        found = chosen(self.book, body.checked, body.request)
        assert found is not None, "no benefit of the plan is for this care"
        keys = keys_of(body.request, body.checked, found[1])
        view = View(self.purse, self.entries)
        case = case_of(self.book, body, found, keys, view)
        verdict = settle(case, found[0], found[1], Named("0" * 64, VERSION))
        lawful(verdict, body.priced, case.before, self.purse)
        after = accumulators.settled(view, keys[0], keys[1] if len(keys) > 1 else None, "310", verdict)
        self.purse, self.entries = after.person, {**self.entries, **after.entries}
        return verdict

    def stay(self, in_scope: int = 0, **more: Any) -> Settled:
        """The verdict on a stay; each is another one unless ``stay`` names it."""
        number = sum(key.startswith("stay:") for key in self.entries)
        return self.visit(in_scope, **{"med_type": "21", "stay": f"S{number}", **more})

    def year(self, year: int = 2026) -> Mapping[str, int]:
        """The accumulators of a year."""
        return self.entries.get(accumulators.year_key(year, PLACE, "310"), {})


def written(settled: Settled) -> list[tuple[str, int, int]]:
    """The steps between the first and the last: kind, what went in, what came out."""
    return [(one.kind, one.base, one.amount) for one in settled.steps[1:-1]]


def priced(in_scope: int = 0, lines: Sequence[Mapping[str, Any]] = (), **more: Any) -> ClaimPriced:
    """A priced claim. ``lines``: amounts and kinds of each; without them the amounts given are one line."""
    rows = lines or [{"in_scope": in_scope, **{name: more.get(name, 0) for name in ("own", "over", "first", "by_provider")}}]
    bill = tuple(_line(str(number), row) for number, row in enumerate(rows, 1))
    sums = {name: sum(getattr(one, name) for _, one in bill) for name in (*PARTS.values(), "det_item_fee_sumamt", "hosp_part_amt")}
    claim = _claim(tuple(line for line, _ in bill), sums["det_item_fee_sumamt"], more)
    found = made(
        Priced, **NAMED, verdict="accepted", catalogue=CATALOGUE, lines=tuple(one for _, one in bill),
        medfee_sumamt=claim.medfee_sumamt, fulamt_ownpay_amt=sums["fulamt_ownpay_amt"], overlmt_selfpay=sums["overlmt_amt"],
        preselfpay_amt=sums["preselfpay_amt"], inscp_scp_amt=sums["inscp_scp_amt"], hosp_part_amt=sums["hosp_part_amt"],
    )
    return made(ClaimPriced, request=claim, checked=_checked(claim, more), priced=found)


def _line(number: str, row: Mapping[str, Any]) -> tuple[FeeLine, PricedLine]:
    parts = {field: row.get(name, 0) for name, field in PARTS.items()}
    total = sum(parts.values())
    billed = made(
        FeeLine, feedetl_sn=number, fee_ocur_date=DAY, med_list_codg="ITEM", det_item_fee_sumamt=total, cnt="1" if total >= 0 else "-1",
        pric=f"{abs(total) // 100}.{abs(total) % 100:02d}", rxno=None if row.get("prescription") is False else "RX",
    )
    one = made(
        PricedLine, feedetl_sn=number, name="", chrgitm_lv=row.get("class_", "01"), selfpay_prop="0", det_item_fee_sumamt=total,
        med_chrgitm_type=row.get("item_type"), kind=row.get("item_kind"), drt_reim_prop=row.get("direct"),
        hosp_part_amt=row.get("by_provider", 0), **parts,
    )
    return billed, one


def _claim(lines: tuple[FeeLine, ...], total: int, more: Mapping[str, Any]) -> Claim:
    begndate = _day(more.get("day", DAY))
    enddate = _day(more.get("end", begndate))
    names = ("dise_codg", "matn_type", "fetus_cnt", "ipt_type", "otp_er_refl_flag", "pay_loc", "trum_flag")
    prior = more.get("prior")
    return made(
        Claim, psn_no="P1", insutype=more.get("insutype", "310"), fixmedins_code=more.get("provider", "H1"), mdtrt_id=more.get("stay", "M1"),
        med_type=more.get("med_type", "11"), begndate=begndate, enddate=enddate, setl_date=_day(more.get("settled", enddate)),
        medfee_sumamt=total, acct_used_flag=more.get("acct_used", "0"), feedetail=lines,
        mid_setl_flag="1" if more.get("interim") else "0", refl_date=_day(more["refl_date"]) if "refl_date" in more else None,
        prior=Prior(**prior) if prior is not None else None, **{name: more[name] for name in names if name in more},
    )


def _checked(claim: Claim, more: Mapping[str, Any]) -> Checked:
    spell = Spell(
        insuplc_admdvs=more.get("insuplc", PLACE), insutype=claim.insutype, psn_type=more.get("psn_type", "11"), psn_insu_date=date(2000, 1, 1),
        conti_insu_date=_day(more["insured_since"]) if "insured_since" in more else None,
        retr_date=_day(more["retr_date"]) if "retr_date" in more else None, zero_clm_years=more.get("zero_clm_years", 0), cvlserv_flag="1" if more.get("cvlserv") else "0",
    )
    level = more.get("level", "3")
    provider = ProviderFacts(
        fixmedins_code=claim.fixmedins_code, name="", admdvs="000000", hosp_lv=more.get("hosp_lv", "2"), dedc_hosp_lv=level,
        lmtpric_hosp_lv="3", medins_type=more.get("medins_type"), fee_class=more.get("fee_class"), source="example",
    )
    filings = tuple(
        Filing(trt_dcla_detl_sn=f"F{number}", insuplc_admdvs=spell.insuplc_admdvs, insutype=claim.insutype, category=category, mdtrtarea_admdvs="000000",
               begndate=_day(more.get("filed_from", "2000-01-01"))) for number, category in enumerate(more.get("filings", ()), 1)
    )
    identities = tuple(Identity(psn_idet_type=code, begndate=date(2000, 1, 1)) for code in more.get("identities", ()))
    place = more.get("place", "home")
    approved = tuple(Approval(dise_codg=code, begndate=date(2000, 1, 1), enddate=_day(end) if end else None)
                     for code, end in more.get("approved", {}).items())
    facts = PersonFacts(
        brdy=_day(more.get("brdy", "1980-06-15")), insuinfo=(spell,), idetinfo=identities, filings=filings, opspinfo=approved or None)
    return made(
        Checked, **NAMED, verdict="accepted", facts=facts, insured=spell, provider=provider, place=place,
        filing=filings[0].trt_dcla_detl_sn if filings and place != "home" else None,
    )


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
