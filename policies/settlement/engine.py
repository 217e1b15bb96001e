"""Runs the steps of a plan over a priced claim, and writes the verdict under the names of the national interface."""

from collections.abc import Mapping

from contracts.events.claim import ClaimPriced, FundPart, Settled
from policies.accumulators import Purse, movement
from policies.calendar import age_on
from policies.laws import check_settled
from policies.places import care_kind
from policies.settlement.plan import NoRule, Plan
from policies.settlement.sheet import Sheet, step

POOL_FUND = {"310": "310100", "390": "390100"}
ACCOUNT_FUND = "310200"
STATUS = {"11": "working", "12": "retired"}


def settle(body: ClaimPriced, plan: Plan, before: Mapping[str, int], purse: Purse, rulebook: str, policies: str) -> Settled:
    """The verdict, from the priced claim, the plan, and the state alone. Raises NoRule, LawBroken."""
    sheet = _sheet(body, plan, before, purse)
    for rule in plan.steps:
        sheet = rule.apply(sheet)
    verdict = _verdict(body, plan, sheet, before, purse, {"rulebook": rulebook, "policies": policies})
    check_settled(verdict, body.priced)
    return verdict


def _sheet(body: ClaimPriced, plan: Plan, before: Mapping[str, int], purse: Purse) -> Sheet:
    claim, priced = body.request, body.priced
    brdy, day = body.checked.facts.brdy, getattr(claim, plan.age_on)
    if day < brdy:
        raise NoRule(f"date of birth {brdy} lies after {plan.age_on} {day}")
    in_scope = step("scope", plan.scope, priced.medfee_sumamt, priced.inscp_scp_amt,
                    catalogue=body.priced.catalogue.admdvs, catalogue_source=body.priced.catalogue.source)
    return Sheet(
        priced=priced, before=before, facts=_facts(body), benefit=plan.benefit,
        age=age_on(brdy, day),
        admission=before.get(f"{plan.benefit}.admissions", 0) + 1,
        balance=purse.balance(claim.insutype), use_account=claim.acct_used_flag == "1",
        open=priced.inscp_scp_amt, steps=(in_scope,),
    )


def _facts(body: ClaimPriced) -> dict[str, str]:
    claim, checked = body.request, body.checked
    status = STATUS.get(checked.insured.psn_type[:2])
    return {
        "level": checked.provider.dedc_hosp_lv, "hosp_lv": checked.provider.hosp_lv, "place": checked.place,
        "insutype": claim.insutype, "care": claim.med_type, **({"status": status} if status else {}),
    }


def _verdict(
    body: ClaimPriced, plan: Plan, sheet: Sheet, before: Mapping[str, int], purse: Purse, named: dict[str, str]
) -> Settled:
    claim, priced = body.request, body.priced
    fund = POOL_FUND.get(claim.insutype)
    if fund is None:
        raise NoRule(f"no fund for insutype {claim.insutype}")
    person = priced.medfee_sumamt - sheet.pool
    cash = step("cash", plan.cash, person, person - sheet.account)
    parts = [FundPart(fund_pay_type=fund, fund_payamt=sheet.pool)]
    parts += [FundPart(fund_pay_type=ACCOUNT_FUND, fund_payamt=sheet.account)] if sheet.account else []
    return Settled(
        verdict="settled", plan=plan.id, year=plan.year_of(claim), age=sheet.age,
        medfee_sumamt=priced.medfee_sumamt, inscp_scp_amt=priced.inscp_scp_amt,
        act_pay_dedc=sheet.deductible, pool_prop_selfpay=sheet.ratio,
        hifp_pay=sheet.pool, fund_pay_sumamt=sheet.pool,
        psn_part_amt=person, acct_pay=sheet.account, psn_cash_pay=person - sheet.account,
        setldetail=tuple(parts), steps=(*sheet.steps, cash),
        accumulators=movement(before, _moved(plan, sheet, claim.med_type)),
        account=movement({"balc": purse.balance(claim.insutype)}, {"balc": -sheet.account}),
        **named,
    )


def _moved(plan: Plan, sheet: Sheet, med_type: str) -> dict[str, int]:
    moved = {
        f"{plan.benefit}.deductible": sheet.deductible,
        f"{plan.benefit}.inscp_scp_amt": sheet.priced.inscp_scp_amt,
        f"{plan.benefit}.hifp_pay": sheet.pool,
    }
    if care_kind(med_type) == "inpatient":
        moved[f"{plan.benefit}.admissions"] = 1
    return moved
