"""What other agencies paid already (``prior``): their pool, and funds behind it. The plan goes on behind the last of them, and the
accumulators move as if all was decided here.

Example: at home the pool pays 80 % of 1,000 behind a deductible of 100, elsewhere 70 %. Stated 630 paid and 100 charged: coinsurance
180, reduction 90, as here. Stated 720: it did not reduce; coinsurance 180.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.events.bill import Prior
from contracts.money import yuan
from policies.laws import FUNDS
from policies.settlement.bands import Bands
from policies.settlement.cap import Cap
from policies.settlement.deductible import Deductible
from policies.settlement.fixed import Fixed
from policies.settlement.guarantee import Guarantee
from policies.settlement.plan import Plan, StepRule
from policies.settlement.sheet import Case, NoRule, Origin, Refusal, Sheet, step
from policies.settlement.supplement import Supplement

Pooled = Callable[[Case, Sheet, Sequence[StepRule]], Sheet]
"""What runs the steps of the pool."""


def stated_pool(case: Case, plan: Plan, sheet: Sheet, rules: Sequence[StepRule], pooled: Pooled) -> Sheet:
    """What another agency's pool paid stands. What it left has the causes that the plan gives it, and the accumulators move as if it
    was decided here. ``pooled`` runs the steps of the pool. Raises Refusal (NoRule)."""
    prior = case.prior
    assert prior is not None
    charged, paid, beside = prior.act_pay_dedc, prior.hifp_pay or 0, _beside(rules)
    if charged > sheet.open:
        raise _too_much("act_pay_dedc", charged, sheet.open)
    reach = sheet.open + sum(sheet.part(name) for name in beside)
    if charged + paid > reach:
        raise _too_much("hifp_pay", paid, reach - charged)
    here = pooled(case, _charged(case, sheet.copy(), rules, charged), [Stated(rule, charged) for rule in rules])
    if paid < here.pool and any(isinstance(rule, Guarantee) for rule in rules):
        here = pooled(case, _charged(case, sheet.copy(), rules, charged), [Stated(rule, charged, paid) for rule in rules])
    parts = _left(here, reach - charged - paid, beside)
    told = {name: str(amount) for name, amount in parts.items() if amount and name != "coinsurance"}
    if charged + paid > sheet.open:
        told["guaranteed"] = str(charged + paid - sheet.open)
    written = step("prior", plan.scope_of(case.claim), reach, paid, None, {"name": "pool", "deductible": str(charged), **told})
    apart, banded, moved = min(here.apart, paid), here.banded, here.moved
    fixed = max(0, here.fixed + paid - here.pool) if any(isinstance(rule, Fixed) for rule in rules) else 0
    if any(isinstance(rule, Bands) and rule.measured == "payments" for rule in rules):
        banded = max(0, banded + paid - here.pool)
        moved = {name: banded if name == f"{case.benefit}.banded" else amount for name, amount in moved.items()}
    return sheet.but(
        open=0, deductible=charged, still_due=here.still_due, credited=here.credited, banded=banded, fixed=fixed, pool=paid, apart=apart,
        shared=max(here.shared + here.open, paid - apart - here.guaranteed), parts={**sheet.parts, "deductible": charged, **parts}, reduced=parts["reduction"],
        moved=moved, counted_fees=here.counted_fees, counted_pay=here.counted_pay, steps=(*sheet.steps, written),
    )


@dataclass(frozen=True, slots=True)
class Stated:
    """A step of the pool that another agency decided: it charged its own deductible, and needs no value of this plan. ``paid``: of a pool
    that paid less than the plan gives, up to which a guarantee may have paid."""

    rule: StepRule
    charged: int
    paid: int | None = None

    @property
    def kind(self) -> str:
        """That of the step."""
        return self.rule.kind

    @property
    def origin(self) -> Origin:
        """That of the step."""
        return self.rule.origin

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        """The sheet after the step, as it was where no row applies. Raises NoRule where a cap by disease has none to count."""
        if isinstance(self.rule, Deductible):
            return self.rule.stated(case, sheet, self.charged)
        if isinstance(self.rule, Cap):
            self.rule.counter(case)
        try:
            if isinstance(self.rule, Guarantee) and self.paid is not None:
                return self.rule.apply(case, sheet, max(0, self.paid - sheet.pool))
            return self.rule.apply(case, sheet)
        except NoRule:
            return sheet


def _charged(case: Case, sheet: Sheet, rules: Sequence[StepRule], charged: int) -> Sheet:
    """The sheet with the deductible that another agency charged, where the plan itself has none."""
    if any(isinstance(rule, Deductible) for rule in rules):
        return sheet
    return sheet.but(open=sheet.open - charged, deductible=charged, moved=sheet.moves_by({f"{case.benefit}.deductible": charged}))


FUNDED = (Supplement, Guarantee)
"""Steps behind the pool by which a fund pays."""
LEFT = ("reduction", "over_cap", "coinsurance", "out_selfpay", "not_covered")
"""What the pool leaves to the person, in the order in which another agency that paid more than the plan is taken to have paid it."""


def _beside(rules: Sequence[StepRule]) -> tuple[str, ...]:
    """The parts of what is not in scope that a guarantee of the pool may pay, in its order."""
    return tuple(dict.fromkeys(name for rule in rules if isinstance(rule, Guarantee) for name in rule.of if name not in LEFT))


def _left(here: Sheet, rest: int, beside: tuple[str, ...]) -> dict[str, int]:
    """The causes of the ``rest`` that another agency's pool left: those of the plan; what it paid less is coinsurance. ``beside``: the
    parts behind them that it may have paid by a guarantee."""
    names = (*LEFT, *beside)
    parts = {name: here.part(name) + (here.open if name == "coinsurance" else 0) for name in names}
    more = sum(parts.values()) - rest
    for name in names if more > 0 else ():
        taken = min(more, parts[name])
        parts[name] -= taken
        more -= taken
    parts["coinsurance"] -= more
    return parts


def _too_much(name: str, paid: int, left: int) -> Refusal:
    return Refusal("prior_too_much", f"prior.{name}", paid=yuan(paid), left=yuan(left))


def behind(case: Case, sheet: Sheet, later: Sequence[StepRule], prior: Prior) -> Sheet:
    """The steps behind the pool where other agencies have paid for some of their funds. Raises Refusal (NoRule)."""
    stated = _stated(prior)
    last = max((number for number, rule in enumerate(later) if isinstance(rule, FUNDED) and rule.fund in stated), default=-1)
    for number, rule in enumerate(later):
        if number <= last and isinstance(rule, FUNDED):
            paid = _of_stated(case, sheet, rule, later[number + 1 :], stated.get(rule.fund, 0))
            stated[rule.fund] = stated.get(rule.fund, 0) - paid
            sheet = rule.stated(case, sheet, paid)
        else:
            sheet = rule.apply(case, sheet)
    for fund, too_much in stated.items():
        if too_much:
            raise _too_much(fund, _stated(prior)[fund], _stated(prior)[fund] - too_much)
    return sheet


def _of_stated(case: Case, sheet: Sheet, rule: Supplement | Guarantee, following: Sequence[StepRule], left: int) -> int:
    """What a step takes of the ``left`` that is stated for its fund. One that is not for the person leaves what those of the fund
    ``following`` it that are can take: the sum was paid by them, and counts as theirs."""
    if not rule.for_whom(case):
        theirs = {name for other in following if isinstance(other, FUNDED) and other.fund == rule.fund and other.for_whom(case)
                  for name in other.of}
        left = max(0, left - sum(sheet.part(name) for name in theirs))
    return min(left, rule.base(sheet))


def _stated(prior: Prior) -> dict[str, int]:
    """What other agencies paid, by the fund behind the pool that paid it. Steps that share a fund take of it in their order."""
    found = {name: getattr(prior, name) for name in FUNDS[1:]}
    return {name: amount for name, amount in found.items() if amount is not None}
