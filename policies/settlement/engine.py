"""Runs the steps of a benefit over a priced claim, and writes the verdict under the names of the national interface."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from contracts.base import holding, ratio_text
from contracts.events.claim import FundPart, Movement, Reviewed, Settled, Step
from contracts.money import round_half_up
from contracts.reasons import Bilingual
from policies.accumulators import movement
from policies.laws import FUNDS, check_settled
from policies.review.note import NOTE
from policies.settlement.elsewhere import behind, stated_pool
from policies.settlement.facts import is_stay
from policies.settlement.plan import Benefit, Plan, StepRule
from policies.settlement.sheet import OPENED, Case, Origin, Refusal, Sheet, step
from policies.settlement.stays import admission_of, last_stay, settled_before, stay_after, year_begun

FUND_TYPES = {
    ("310", "hifp_pay"): "310100", ("390", "hifp_pay"): "390100", ("390", "hifmi_pay"): "390200",
    ("310", "hifmi_pay"): "310300", ("310", "hifob_pay"): "330100", ("390", "hifob_pay"): "390300",
    ("310", "hifes_pay"): "370100", ("390", "hifes_pay"): "370100", ("310", "cvlserv_pay"): "320100",
    ("390", "cvlserv_pay"): "320100", ("310", "maf_pay"): "610100", ("390", "maf_pay"): "610100",
    ("310", "hifdm_pay"): "350100", ("390", "hifdm_pay"): "350100", ("310", "oth_pay"): "999997", ("390", "oth_pay"): "999997",
}
"""fund_pay_type by insutype and field."""
ACCOUNT_FUND = "310200"
NO_FUNDS = dict.fromkeys(FUNDS, 0)


class Named(NamedTuple):
    """What a verdict is decided by: digest of the rulebook, version of the policies."""

    rulebook: str
    policies: str


def settle(case: Case, plan: Plan, benefit: Benefit, named: Named, told: Reviewed | None = None) -> Settled:
    """The verdict, from the case and the plan alone; ``told``: what review says of the claim. Raises Refusal (NoRule), LawBroken."""
    claim = case.claim
    if benefit.split_at_new_year and claim.enddate.year > (year := year_begun(case)):
        raise Refusal("split_at_new_year", "enddate", year=year)
    if settled_before(case.stay):
        raise Refusal("stay_settled", "mdtrt_id", mdtrt_id=claim.mdtrt_id, day=date.fromordinal(case.stay["until"]))
    number, counted = admission_of(case, benefit)
    case = case.numbered(number)
    sheet = run(case, plan, benefit)
    verdict = _verdict(case, plan, benefit, sheet, named, (number, counted), told)
    check_settled(verdict, case.body.priced)
    return verdict


def run(case: Case, plan: Plan, benefit: Benefit) -> Sheet:
    """The sheet after all steps."""
    sheet, prior = _opened(case, plan), case.prior
    if prior is not None and prior.hifp_pay is not None:
        sheet = stated_pool(case, plan, sheet, benefit.pool, _pooled)
    else:
        sheet = _pooled(case, sheet, benefit.pool)
    sheet = _closed(case, sheet)
    if prior is not None:
        return behind(case, sheet, benefit.later, prior)
    for rule in benefit.later:
        sheet = rule.apply(case, sheet)
    return sheet


def _opened(case: Case, plan: Plan) -> Sheet:
    """The first step: what is in scope, and what the person bears already."""
    priced = case.body.priced.__dict__
    catalogue, in_scope = priced["catalogue"], priced["inscp_scp_amt"]
    facts = {"catalogue": catalogue.admdvs, "catalogue_source": catalogue.source} if catalogue else {}
    over_by_provider, own_by_provider = _by_provider(case) if priced["hosp_part_amt"] else (0, 0)
    parts = {
        "own_expense": priced["fulamt_ownpay_amt"] - own_by_provider,
        "over_ceiling": priced["overlmt_selfpay"] - over_by_provider, "first_selfpay": priced["preselfpay_amt"],
    }
    first = step("scope", plan.scope_of(case.claim), priced["medfee_sumamt"], in_scope, None, facts)
    return OPENED.copy().but(open=in_scope, parts={name: amount for name, amount in parts.items() if amount}, steps=(first,))


def _by_provider(case: Case) -> tuple[int, int]:
    """The provider's part inside what is over the ceiling, and inside own expense."""
    lines = case.body.priced.lines
    over = sum(line.hosp_part_amt for line in lines if line.overlmt_amt and line.note != NOTE)  # of a cut line it lies in own expense
    return over, case.body.priced.hosp_part_amt - over


def _pooled(case: Case, sheet: Sheet, rules: Sequence[StepRule]) -> Sheet:
    """The steps of the pool; behind a reduction out of area twice, with it and without, for what it takes away."""
    for number, rule in enumerate(rules, 1):
        sheet = rule.apply(case, sheet)
        if rule.kind == "out_of_area" and sheet.adjust is not None:
            full = _pooled(case, sheet.copy().but(adjust=None), rules[number:])
            for later in rules[number:]:
                sheet = later.apply(case, sheet)
            return _with_reduction(sheet, full, rule.origin)
    return sheet


def _with_reduction(sheet: Sheet, full: Sheet, origin: Origin) -> Sheet:
    """The reduced sheet, whose parts are those of the full one, and the difference in a part of its own."""
    reduced = full.pool - sheet.pool
    written = step("reduction", origin, full.pool, reduced)
    parts = {**full.parts, "reduction": full.part("reduction") + reduced} if reduced else full.parts
    return sheet.but(parts=parts, reduced=sheet.reduced + reduced, steps=(*sheet.steps, written))


def _closed(case: Case, sheet: Sheet) -> Sheet:
    """The pool has paid: what nothing shared is the person's, and the caps count."""
    rest = sheet.open
    benefit, pool, apart = case.benefit, sheet.pool, sheet.apart
    moved = {f"{benefit}.inscp_scp_amt": case.body.priced.inscp_scp_amt, f"{benefit}.hifp_pay": pool, f"{benefit}.apart": apart}
    for name, gross in sheet.counted_fees:
        moved[name] = sheet.shared + (sheet.deductible if gross else 0)
    for name in sheet.counted_pay:
        moved[name] = pool - apart
    return sheet.but(open=0, parts=sheet.bears("coinsurance", rest), moved=sheet.moves_by(moved))


def _verdict(
    case: Case, plan: Plan, benefit: Benefit, sheet: Sheet, named: Named, admission: tuple[int, bool], told: Reviewed | None
) -> Settled:
    claim, priced = case.claim, case.body.priced.__dict__
    insutype, wallet = claim.insutype, sum(sheet.wallet.values())
    person = sum(sheet.parts.values())
    cash = person - sheet.account - wallet
    funds = {"hifp_pay": sheet.pool, **sheet.funds}
    return holding(Settled, {
        "version": 2, "rulebook": named.rulebook, "policies": named.policies, "verdict": "settled", "reasons": (),
        "plan": plan.id, "benefit": benefit.name, "year": benefit.year_of(claim), "age": case.facts["age"],
        "medfee_sumamt": priced["medfee_sumamt"], "inscp_scp_amt": priced["inscp_scp_amt"],
        "act_pay_dedc": sheet.deductible, "pool_prop_selfpay": _on_the_wire(sheet.ratio),
        **NO_FUNDS, **funds, "fund_pay_sumamt": sum(funds.values()),
        "psn_part_amt": person, "acct_pay": sheet.account + wallet, "acct_mulaid_pay": wallet, "psn_cash_pay": cash,
        "hosp_part_amt": priced["hosp_part_amt"], "psn_parts": {name: amount for name, amount in sheet.parts.items() if amount},
        "reduced_amt": sheet.reduced, "allowance_pay": sheet.allowance,
        "setldetail": tuple(_details(insutype, funds, sheet, wallet)),
        "steps": (*sheet.steps, _cash(plan, person, cash)), "accumulators": _moved(case, benefit, sheet, admission),
        "account": movement({"balc": case.purse.balance(insutype)}, {"balc": -sheet.account}),
        "wallet": movement(case.purse.shared(), {who: -paid for who, paid in sheet.wallet.items()}) if case.purse.wallets else None,
        "stay": stay_after(case, benefit, sheet, admission), "review": told,
    })


def _on_the_wire(ratio: str | None) -> str | None:
    """A ratio with six decimals at most; the payment was computed with all of them."""
    if ratio is None or len(ratio) <= len("0.123456"):
        return ratio
    numerator, denominator = Decimal(ratio).as_integer_ratio()
    return ratio_text(Decimal(round_half_up(numerator * 10**6, denominator)).scaleb(-6))


def _cash(plan: Plan, person: int, cash: int) -> Step:
    return step("cash", plan.cash, person, cash)


def _details(insutype: str, funds: Mapping[str, int], sheet: Sheet, wallet: int) -> list[FundPart]:
    rows = []
    for name, amount in funds.items():
        if amount or name == "hifp_pay":
            code = FUND_TYPES.get((insutype, name))
            if code is None:
                raise Refusal("no_rule", "insutype", detail=Bilingual(
                    f"险种 {insutype} 没有基金 {name}", f"no fund {name} for insutype {insutype}"))
            rows.append(holding(FundPart, {"fund_pay_type": code, "fund_payamt": amount}))
    if sheet.account + wallet:
        rows.append(holding(FundPart, {"fund_pay_type": ACCOUNT_FUND, "fund_payamt": sheet.account + wallet}))
    return rows


def _moved(case: Case, benefit: Benefit, sheet: Sheet, admission: tuple[int, bool]) -> Movement:
    moved = {name: amount for name, amount in sheet.moved.items() if amount}
    if is_stay(case.claim.med_type):
        moved[f"{benefit.name}.admissions"] = 1 if admission[1] else 0
    if benefit.tops_up:
        moved |= last_stay(case, benefit.name, sheet)
    return movement(case.before, moved)
