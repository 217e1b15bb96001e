"""Before anything happens: may this person be treated there, by which way, and what will be reduced (资格查询).

Decided by the same functions as a claim (``policies.eligibility.check`` and the plan's own selectors), for a visit without fees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.base import made
from contracts.events.claim import Checked, Claim, PersonFacts
from contracts.reasons import Bilingual
from policies.book import Book
from policies.eligibility import PersonState, check, facts_for
from policies.filing import spell_on
from policies.places import MANUAL, care_kind
from policies.select import Facts, Row
from policies.settlement.facts import chosen, facts_of
from policies.settlement.ground import no_plan
from policies.settlement.out_of_area import OutOfArea
from policies.settlement.plan import Benefit
from policies.settlement.sheet import NoRule, lacking

CARES = {"outpatient": "11", "emergency": "13", "chronic": "14", "inpatient": "21", "day_surgery": "28", "pharmacy": "41", "maternity": "52"}
"""What care is called on the command line, and its med_type."""
ROUTES = {
    "direct": ("可以在该机构直接结算", "may be settled directly there"),
    "manual": ("不能直接结算，可先自费再手工报销", "cannot be settled there; pay, then claim by hand"),
    "none": ("不能结算，也不能手工报销", "cannot be settled, by hand neither"),
}
PLACES = {
    "home": ("参保地内就医", "care at home"), "same_province": ("省内异地就医", "care elsewhere in the province"),
    "other_province": ("跨省异地就医", "care in another province"),
}
MODES = {
    "subtract": ("支付比例降低 {0} 个百分点", "ratios less {0} percentage points"),
    "multiply": ("支付比例按 {0}% 计", "ratios times {0} %"),
    "first_selfpay": ("先行自付 {0}%", "{0} % borne by the person first"),
}

NEEDED = {
    "deductible": ("起付标准", "deductible"), "ratio": ("支付比例", "ratio"), "bands": ("分段", "band"), "fixed": ("定额", "sum"), "cap": ("限额", "cap"),
    "guarantee": ("保底比例", "guaranteed share"),
}
"""Steps of the pool without a value of which a claim is refused."""
STATED_LATER = frozenset({"disease", "maternity", "fetus", "admission", "emergency", "referral", "online", "injury"})
"""Selectors whose facts a claim states and a question does not: each of their values is still possible."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What the pool pays less: ``mode`` of the step, ``percent`` as written, and the text that says so."""

    mode: str
    percent: str
    source: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The answer. ``benefit``: plan and benefit that would pay; None where no rule pays, then ``no_rule`` says what is missing, of
    care that has to be claimed by hand for that way."""

    claim: Claim
    checked: Checked
    benefit: str | None
    reductions: tuple[Reduction, ...]
    no_rule: Bilingual | None


def visit(psn_no: str, provider: str, day: date, med_type: str, insutype: str) -> Claim:
    """A claim of one day without fees, for asking only."""
    return made(
        Claim, psn_no=psn_no, insutype=insutype, fixmedins_code=provider, mdtrt_id="ASKED", med_type=med_type, begndate=day,
        enddate=day, setl_date=day, medfee_sumamt=0, acct_used_flag="0", feedetail=(),
    )


def insurance_of(state: PersonState | None, day: date) -> str:
    """The type of the insurance on ``day``, of several that began last; of none the one that was known last."""
    spells = state.insuinfo if state is not None else ()
    found = spell_on(spells, day) or (spells[-1] if spells else None)
    return found.insutype if found is not None else "310"


def inquire(claim: Claim, state: PersonState | None, book: Book) -> Inquiry:
    """The answer, from what is known of the person and the rulebook alone."""
    facts = facts_for(claim, state)
    checked = check(_of_a_disease(claim, facts), facts, book)
    if checked.verdict == "refused":
        return Inquiry(claim, checked, None, (), _by_hand(claim, checked, book) if checked.route == "manual" else None)
    try:
        found = chosen(book, checked, claim)
        if found is None:
            raise no_plan(checked, claim, claim.begndate)
        plan, benefit, care = found
        known = facts_of(book, checked, claim, benefit, care)
        _needed(benefit, known)
        steps = (step for step in benefit.steps if isinstance(step, OutOfArea))
        return Inquiry(claim, checked, f"{plan.id}#{benefit.name}", tuple(_reductions(steps, known)), None)
    except NoRule as missing:
        return Inquiry(claim, checked, None, (), missing.detail)


def _of_a_disease(claim: Claim, facts: PersonFacts) -> Claim:
    """Chronic care of a disease that was approved, where one is: which one it is, a claim says and a question does not."""
    approved = [one.dise_codg for one in facts.opspinfo or () if one.covers(claim.begndate)]
    asks = care_kind(claim.med_type) == "chronic" and claim.dise_codg is None and approved
    return claim.model_copy(update={"dise_codg": approved[0]}) if asks else claim


def _by_hand(claim: Claim, checked: Checked, book: Book) -> Bilingual | None:
    """What no rule says where the same is claimed by hand; None where a benefit pays it."""
    claim = claim.model_copy(update={"pay_loc": MANUAL})
    try:
        if (found := chosen(book, checked, claim)) is None:
            raise no_plan(checked, claim, claim.begndate)
        _needed(found[1], facts_of(book, checked, claim, found[1], found[2]))
    except NoRule as missing:
        return missing.detail
    return None


def _needed(benefit: Benefit, facts: Facts) -> None:
    """Raises NoRule where a step of the pool has no value for this provider and person, whatever the claim states."""
    for rule in benefit.pool:
        tables = [rows for name, rows in rule.tables() if name != "bonus"] if rule.kind in NEEDED else []
        if tables and not any(_possible(row, facts) for rows in tables for row in rows.rows):
            raise lacking(rule.origin, *NEEDED[rule.kind], facts, *tables)


def _possible(row: Row, facts: Facts) -> bool:
    return all(name in STATED_LATER or (name in facts and facts[name] in allowed) for name, allowed in row.when)


def _reductions(steps: Iterator[OutOfArea], facts: dict) -> Iterator[Reduction]:
    for step in steps:
        row = step.rows.pick(facts)
        if row is None:
            raise lacking(step.origin, "异地比例", "value out of area", facts, step.rows)
        if row.value != (1 if step.mode == "multiply" else 0):
            yield Reduction(step.mode, format((row.value * 100).normalize(), "f"), step.origin.source)


def sentence(found: Inquiry, lang: str) -> str:
    """The answer in one sentence; ``lang``: zh or en."""
    zh, checked, claim = lang == "zh", found.checked, found.claim
    at = 0 if zh else 1
    who = f"{claim.psn_no} {claim.begndate} "
    where = checked.provider.name if checked.provider else claim.fixmedins_code
    told = (f"{who}在{where}就医：" if zh else f"{who}at {where}: ") + ROUTES[checked.route or "none"][at]
    parts = [*_why(found, lang), *(MODES[one.mode][at].format(one.percent) for one in found.reductions)]
    return told + (("；" if zh else "; ") + ("；" if zh else "; ").join(parts) if parts else "") + ("。" if zh else ".")


def _why(found: Inquiry, lang: str) -> Iterator[str]:
    """Reasons with what to do, what the account may pay, or the place and whether anything is reduced."""
    zh, checked = lang == "zh", found.checked
    for one in (*checked.reasons, *(checked.notes or ())):
        text, remedy = (one.zh, one.remedy_zh) if zh else (one.en, one.remedy_en)
        yield f"{text}（{remedy.rstrip('。')}）" if zh else f"{text} ({remedy.rstrip('.')})"
    if found.no_rule is not None:
        yield f"但规则库没有适用的待遇：{found.no_rule.zh}" if zh else f"but the rulebook has no benefit for it: {found.no_rule.en}"
    elif checked.verdict == "accepted":
        yield PLACES[checked.place or "home"][0 if zh else 1]
        if not found.reductions:
            yield "不降低支付比例" if zh else "nothing is reduced"


def as_object(found: Inquiry) -> dict:
    """The answer for JSON."""
    checked, claim = found.checked, found.claim
    return {
        "psn_no": claim.psn_no, "insutype": claim.insutype, "fixmedins_code": claim.fixmedins_code, "med_type": claim.med_type,
        "date": claim.begndate.isoformat(), "verdict": checked.verdict, "route": checked.route, "place": checked.place,
        "filing": checked.filing, "year": checked.year, "benefit": found.benefit, "no_rule": found.no_rule.en if found.no_rule else None,
        "reductions": [{"mode": one.mode, "percent": one.percent, "source": one.source} for one in found.reductions],
        "reasons": [one.model_dump() for one in checked.reasons], "notes": [one.model_dump() for one in checked.notes or ()],
        "rules": [one.model_dump() for one in checked.rules or ()], "rulebook": checked.rulebook,
        "zh": sentence(found, "zh"), "en": sentence(found, "en"),
    }
