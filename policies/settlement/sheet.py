"""The working sheet that the steps of a plan hand on: what is known, what is still to be paid, and the steps so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from contracts.events.claim import Priced, Step


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a step's value comes from: its place in the plan, its source, and what was chosen where that is open."""

    rule: str
    source: str
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All amounts in fen. ``open`` is what the pool can still pay a part of; ``pool`` what it pays.

    ``before``: accumulators of the year; ``facts``: what selects values; ``admission``: number of this stay in the year.
    """

    priced: Priced
    before: Mapping[str, int]
    facts: Mapping[str, str]
    benefit: str
    age: int
    admission: int
    balance: int
    use_account: bool
    open: int
    deductible: int = 0
    pool: int = 0
    over_cap: int = 0
    account: int = 0
    ratio: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def coinsurance(self) -> int:
        """The person's part of what the pool shares: in scope, less deductible, pool and what lies above a cap."""
        return self.priced.inscp_scp_amt - self.deductible - self.pool - self.over_cap

    def accumulated(self, what: str) -> int:
        """What the year has accumulated for this benefit."""
        return self.before.get(f"{self.benefit}.{what}", 0)

    def with_step(self, step: Step, **changes: object) -> "Sheet":
        return replace(self, steps=(*self.steps, step), **changes)


def step(kind: str, origin: Origin, base: int, amount: int, value: str | None = None, **facts: str) -> Step:
    """One written step."""
    return Step(
        kind=kind, rule=origin.rule, source=origin.source, choice=origin.choice is not None,
        value=value, base=base, amount=amount, facts=facts,
    )
