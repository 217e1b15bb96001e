"""A plan: what one place and type of insurance pays. It holds benefits (for which care), a benefit an ordered list of steps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from contracts.events.claim import Claim
from policies.places import MANUAL
from policies.select import Rows
from policies.settlement.sheet import Case, Origin, Sheet
from policies.tables import UNKNOWN


class StepRule(Protocol):
    """The parameters of a step, and the pure function that applies it.

    ``after_pool``: it comes after the pool has paid. ``tables``: its named tables of rows, for checks and cases.
    """

    kind: str
    origin: Origin
    after_pool: bool

    def apply(self, case: Case, sheet: Sheet) -> Sheet:
        """The sheet after the step. Raises NoRule."""

    def tables(self) -> Iterator[tuple[str, Rows[Any]]]:
        """The rows that the step chooses from, by name."""


@dataclass(frozen=True, slots=True)
class Admissions:
    """What counts as an admission. ``interim``: how a stay that goes on after an interim settlement counts (``continue`` or
    ``new``); ``days``: a stay that goes on longer than this since its last admission is a new one."""

    interim: str = "continue"
    transfer: bool = True
    day_surgery: bool = True
    cross_year: bool = False
    days: int | None = None

    def counts(self, care: str, transferred: bool) -> bool:
        return (self.day_surgery or care != "day_surgery") and (self.transfer or not transferred)


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a plan pays for some care. ``dated_by``, ``year_by``, ``age_on``: dates of the claim that decide the version of the
    plan, the year of the accumulators, and the age; ``manual_year_by``: the year's for manual reimbursement; ``referral_days``: how
    many days a local referral is valid after its own. Of ``steps``: ``pool`` and ``later``, those before and behind the pool's payment;
    ``tops_up``: one of them asks what the last stay was charged; ``caps_fees``: one of them caps the fees of a stay; ``by_visit``: what
    supplements by visit accumulate, which a stay that goes on hands on; ``stayed``: what it hands on for a guarantee;
    ``counts_diseases``: a cap asks for all diseases of the person."""

    name: str
    care: frozenset[str]
    where: frozenset[str]
    dated_by: str
    year_by: str
    manual_year_by: str
    age_on: str
    steps: tuple[StepRule, ...]
    admissions: Admissions = Admissions()
    split_at_new_year: bool = False
    referral_days: int = 0
    choices: tuple[str, ...] = ()
    pool: tuple[StepRule, ...] = field(init=False, compare=False, repr=False)
    later: tuple[StepRule, ...] = field(init=False, compare=False, repr=False)
    tops_up: bool = field(init=False, compare=False, repr=False)
    caps_fees: bool = field(init=False, compare=False, repr=False)
    by_visit: tuple[str, ...] = field(init=False, compare=False, repr=False)
    stayed: frozenset[str] = field(init=False, compare=False, repr=False)
    counts_diseases: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pool", tuple(rule for rule in self.steps if not rule.after_pool))
        object.__setattr__(self, "later", tuple(rule for rule in self.steps if rule.after_pool))
        object.__setattr__(self, "tops_up", any(getattr(rule, "transfer", None) for rule in self.steps))
        object.__setattr__(self, "caps_fees", any(getattr(rule, "counts", "").endswith("fees") for rule in self.steps))
        by_visit = {rule.name for rule in self.later if rule.kind == "supplement" and rule.per == "visit"}  # type: ignore[attr-defined]
        object.__setattr__(self, "by_visit", tuple(f"{name}.{what}" for name in sorted(by_visit) for what in ("base", "paid")))
        object.__setattr__(self, "counts_diseases", any(getattr(rule, "more_a_disease", None) is not None for rule in self.steps))
        object.__setattr__(self, "stayed", frozenset(name for rule in self.steps for name in getattr(rule, "stayed", ())))

    def dated_on(self, claim: Claim) -> date:
        """The day that decides which version of the plan holds. The settlement of what is reimbursed by hand is the agency's payment,
        perhaps of another year: where a plan goes by settlements, it is the day that decides the year of care."""
        return self.counted_on(claim) if claim.pay_loc == MANUAL and self.dated_by == "setl_date" else day_of(claim, self.dated_by)

    def counted_on(self, claim: Claim) -> date:
        """The day that decides which year's accumulators a claim moves, and within it which quarter's and month's."""
        return day_of(claim, self.manual_year_by if claim.pay_loc == MANUAL else self.year_by)

    def year_of(self, claim: Claim) -> int:
        """The year whose accumulators a claim moves."""
        return self.counted_on(claim).year


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan. ``scope``, ``cash``: where the first and the last step come from
    (``manual_scope``: the first one of a manual reimbursement). ``choices``: what was chosen
    where the text leaves something open about the plan as a whole."""

    id: str
    place: str
    insutype: str
    begndate: date
    enddate: date | None
    source: str
    scope: Origin
    cash: Origin
    benefits: tuple[Benefit, ...]
    choices: tuple[str, ...] = ()
    manual_scope: Origin | None = None

    def scope_of(self, claim: Claim) -> Origin:
        """Where the first step comes from: whose catalogue says what is in scope."""
        return self.manual_scope or self.scope if claim.pay_loc == MANUAL else self.scope

    def benefit(self, claim: Claim, care: str, place: str) -> Benefit | None:
        """The benefit for this care at this place, if the plan is in force on the day that the benefit names."""
        for benefit in self.benefits:
            if care in benefit.care and place in benefit.where and self.in_force(benefit.dated_on(claim)):
                return benefit
        return None

    def in_force(self, day: date) -> bool:
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)


def day_of(claim: Claim, name: str) -> date:
    """One of the claim's dates by its field: begndate, enddate, setl_date."""
    return getattr(claim, name)


def overlaps(one: Plan, other: Plan) -> Iterator[str]:
    """Claims to which two benefits apply: same care and place, times that overlap. The later plan is ``other``."""
    if other is not one and one.enddate is not None and one.enddate < other.begndate:
        return
    if other is not one and UNKNOWN in (one.begndate, one.enddate, other.begndate, other.enddate):
        return
    for number, first in enumerate(one.benefits):
        for second in other.benefits[number + 1 :] if other is one else other.benefits:
            if first.care & second.care and first.where & second.where:
                care, where = ", ".join(sorted(first.care & second.care)), ", ".join(sorted(first.where & second.where))
                yield f"{one.id}: {_same(one, first, second, care, where)}" if other is one else (
                    f"{other.id}: 自 {other.begndate} 起与 {one.id} 在 care {care}、where {where} 上重叠，请给 {one.id} 写上此日之前的 `until` / "
                    f"overlaps {one.id} for care {care} at {where} from {other.begndate}; give {one.id} an `until` before that day")


def _same(plan: Plan, first: Benefit, second: Benefit, care: str, where: str) -> str:
    return f"{plan.id} 的待遇 {first.name} 与待遇 {second.name} 在 care {care}、where {where} 上重叠，请让每种医疗类别和就医地只归其中一个 / " \
        f"benefit {first.name} and benefit {second.name} of {plan.id} overlap for care {care} at {where}; give each care and place to one of them"
