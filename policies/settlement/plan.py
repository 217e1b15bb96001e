"""A plan: what one place of insurance pays for one kind of care, as an ordered list of steps."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from contracts.events.claim import Claim
from policies.settlement.sheet import Origin, Sheet


class NoRule(Exception):
    """The rulebook does not say what holds here. Never guessed: the claim is refused with this text."""


class StepRule(Protocol):
    """The parameters of a step, and the pure function that applies it."""

    kind: str
    origin: Origin

    def apply(self, sheet: Sheet) -> Sheet:
        """The sheet after the step. Raises NoRule."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan. ``dated_by``: which date of the claim decides version and year of the accumulators.

    ``scope``, ``cash``: where the first and the last step come from. ``choices``: what was chosen where the text leaves something open about the plan as a whole.
    """

    id: str
    place: str
    insutype: str
    care: frozenset[str]
    where: frozenset[str]
    begndate: date
    enddate: date | None
    dated_by: str
    age_on: str
    benefit: str
    source: str
    scope: Origin
    cash: Origin
    steps: tuple[StepRule, ...]
    choices: tuple[str, ...] = ()

    def in_force(self, claim: Claim) -> bool:
        day = self.day_of(claim)
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)

    def day_of(self, claim: Claim) -> date:
        return getattr(claim, self.dated_by)

    def year_of(self, claim: Claim) -> int:
        return self.day_of(claim).year
