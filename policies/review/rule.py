"""A rule of review: its head, which all kinds share, and what it hands back when it finds something."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from policies.review.bill import Bill, Charged


@dataclass(frozen=True, slots=True)
class Head:
    """``care``: for which care, all where empty; ``items``: codes or their first digits, all where empty; in force from
    ``begndate`` to ``enddate`` by the claim's day of settlement; ``bears``: of a cut alone."""

    id: str
    zh: str
    en: str
    effect: str
    bears: str | None
    care: frozenset[str]
    items: tuple[str, ...]
    begndate: date
    enddate: date | None
    source: str
    choice: str | None = None

    def in_force(self, day: date) -> bool:
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. ``lines``: each with its fen at stake; ``amount``: where no line of the claim is at stake alone;
    ``code`` and ``facts``: of the reason (contracts.reasons); ``above``: a cut takes what lies above a ceiling first."""

    code: str
    lines: tuple[tuple[Charged, int], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    setl_ids: tuple[str, ...] = ()
    amount: int = 0
    above: bool = False


class Rule(Protocol):
    """A kind of rule: its parameters, and one pure function. ``remembers``: its items must be remembered of each claim."""

    kind: str
    head: Head
    remembers: bool

    def find(self, bill: Bill) -> Iterator[Hit]:
        """What the rule finds in a claim."""
