"""What the steps of a benefit work on: the case, which stays, and the sheet, which each step hands on.

All that the person bears lies in named parts; a step moves money from ``open`` to the pool and to parts, a later fund
takes it from parts. At any time: total = open + pool + funds + parts + the provider's part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from contracts.base import holding
from contracts.events.claim import Claim, ClaimPriced, FeeLine, PricedLine, Prior, Step
from contracts.money import times
from contracts.reasons import Bilingual
from policies.accumulators import Purse
from policies.select import Rows

PARTS = (
    "own_expense", "over_ceiling", "first_selfpay", "not_covered", "out_selfpay", "deductible", "coinsurance", "over_cap",
    "reduction",
)
"""全自费, 超限价, 先行自付, 本待遇不予支付, 异地先行自付, 起付线, 按比例自付, 超支付限额, 异地降低."""
EMPTY: Mapping[str, int] = MappingProxyType({})


def _nothing() -> Mapping[str, int]:
    return EMPTY


class Refusal(Exception):
    """The claim cannot be settled. ``code`` of contracts.reasons, ``field``, and what its text asks for."""

    def __init__(self, code: str, field: str | None = None, **facts: object) -> None:
        super().__init__(f"{code} {facts.get('detail', '')}".strip())
        self.code, self.field, self.facts = code, field, facts


class NoRule(Refusal):
    """The rulebook does not say what holds here. Never guessed: the claim is refused with this text."""

    def __init__(self, zh: str, en: str) -> None:
        self.detail = Bilingual(zh, en)
        super().__init__("no_rule", None, detail=self.detail)

    def __str__(self) -> str:
        return self.detail.en


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a step's value comes from: its place in the plan, its source, and what was chosen where that is open. ``beside``: the
    sources that single values of it name (``<key>_source``)."""

    rule: str
    source: str
    choice: str | None = None
    beside: tuple[str, ...] = ()


def lacking(origin: Origin, zh: str, en: str, facts: Mapping[str, Any], *tables: Rows[Any]) -> NoRule:
    """What is said where no row of a step's tables applies, with the facts that they ask for; ``-``: what the claim does not say."""
    names = sorted({name for rows in tables for name in rows.names})
    told = ", ".join(f"{name}={facts.get(name, '-')}" for name in names) or "-"
    return NoRule(f"{origin.rule}：没有适用的{zh}（{told}）", f"{origin.rule}: no {en} for {told}")


@dataclass(frozen=True, slots=True)
class Share:
    """An amount that is a share of a dated index, such as 5 % of the average wage."""

    share: Decimal
    index: str


Amount = int | Share
Limit = Amount | None
"""What bounds a payment; None: nothing does (不设封顶线)."""


@dataclass
class Case:
    """What is known before the first step, all of it from the event and the state. Nobody changes it; a frozen one takes thrice
    as long to make.

    ``counted_on``: the day that decides the year of the accumulators; ``facts``: what selects values; ``before``: accumulators of the year; ``stay``: what this stay was charged before, empty
    for a new one; ``went_on``: it was settled before and goes on; ``crossed``: that was in an earlier year; ``indexes`` in fen.
    """

    body: ClaimPriced
    claim: Claim = field(init=False)
    benefit: str
    counted_on: date
    facts: Mapping[str, Any]
    before: Mapping[str, int] = field(default_factory=_nothing)
    stay: Mapping[str, int] = field(default_factory=_nothing)
    went_on: bool = False
    crossed: bool = False
    purse: Purse = field(default_factory=Purse)
    indexes: Mapping[str, int] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        self.claim = self.body.request

    @property
    def prior(self) -> Prior | None:
        return self.claim.prior

    @cached_property
    def lines(self) -> tuple[tuple[FeeLine, PricedLine], ...]:
        """Each line as billed and as priced."""
        return tuple(zip(self.body.request.feedetail, self.body.priced.lines, strict=True))

    def numbered(self, admission: int) -> "Case":
        """The case, with the number of the admission among its facts; mostly it stands there already."""
        if self.facts.get("admission") == admission:
            return self
        found = object.__new__(Case)
        found.__dict__.update(self.__dict__)
        found.__dict__["facts"] = {**self.facts, "admission": admission}
        return found

    def accumulated(self, name: str) -> int:
        """What the year has accumulated under ``name``."""
        return self.before.get(name, 0)

    def fen(self, amount: Amount) -> int:
        """An amount in fen. Raises NoRule where its index has no value on the day."""
        if isinstance(amount, int):
            return amount
        if amount.index not in self.indexes:
            raise NoRule(f"指数 {amount.index} 没有现行的数值", f"index {amount.index} has no value in force")
        return times(self.indexes[amount.index], amount.share)


@dataclass(frozen=True, slots=True)
class Adjust:
    """How care out of area lowers a ratio: by percentage points or by a factor."""

    mode: str
    value: Decimal

    def applied(self, ratio: Decimal) -> Decimal:
        return ratio * self.value if self.mode == "multiply" else max(Decimal(0), ratio - self.value)


@dataclass
class Sheet:
    """One claim's: each step changes it (``but``) and hands it on; who needs it as it stands takes a ``copy``. A new one at each
    step would be 45,000 instructions a claim.

    All amounts in fen. ``open``: what the pool can still share; ``deductible``: what was charged (later funds may pay
    some of that part); ``still_due``: of the deductible, what the stay goes on with; ``credited``: what counted of the stay
    before a transfer; ``shared``: what the pool shared; ``fixed``: what it paid of a fixed sum; ``guaranteed``: to a guaranteed share; ``apart``: of ``pool`` what no cap counts;
    ``taken``: the places of the lines that were looked at alone.

    ``parts``: what the person bears, by cause; ``funds``: what later funds pay, by field; ``funded``: by fund of a guarantee what all up to it pay; ``covered``: of the
    parts, what account and wallet pay; ``moved``: accumulators;
    ``counted_fees``, ``counted_pay``: names of caps that count this visit once the pool is closed (gross: with deductible).
    """

    open: int
    parts: Mapping[str, int]
    deductible: int = 0
    still_due: int = 0
    credited: int = 0
    pool: int = 0
    apart: int = 0
    taken: frozenset[int] = frozenset()
    shared: int = 0
    funds: Mapping[str, int] = field(default_factory=_nothing)
    funded: Mapping[str, int] = field(default_factory=_nothing)
    account: int = 0
    wallet: Mapping[str, int] = field(default_factory=_nothing)
    covered: Mapping[str, int] = field(default_factory=_nothing)
    moved: Mapping[str, int] = field(default_factory=_nothing)
    counted_fees: tuple[tuple[str, bool], ...] = ()
    counted_pay: tuple[str, ...] = ()
    adjust: Adjust | None = None
    ratio: str | None = None
    banded: int = 0
    fixed: int = 0
    guaranteed: int = 0
    reduced: int = 0
    allowance: int = 0
    steps: tuple[Step, ...] = ()

    def but(self, **changes: Any) -> "Sheet":
        """This sheet, with these fields changed."""
        self.__dict__.update(changes)
        return self

    def copy(self) -> "Sheet":
        """Another sheet that says the same (dataclasses.replace, without running the constructor)."""
        found = object.__new__(Sheet)
        found.__dict__ = self.__dict__.copy()
        return found

    def part(self, name: str) -> int:
        return self.parts.get(name, 0)

    def bears(self, name: str, amount: int) -> Mapping[str, int]:
        """The parts, with ``amount`` more under ``name``."""
        return {**self.parts, name: self.parts.get(name, 0) + amount} if amount else self.parts

    def relieved(self, names: tuple[str, ...], amount: int) -> Mapping[str, int]:
        """The parts, with ``amount`` less of these, in their order."""
        parts = dict(self.parts)
        for name in names:
            taken = min(amount, parts.get(name, 0))
            if taken:
                parts[name] -= taken
                amount -= taken
        return parts

    def covers(self, names: tuple[str, ...], amount: int) -> Mapping[str, int]:
        """What account and wallet pay of each part, with ``amount`` more of these parts, in their order."""
        if not amount:
            return self.covered
        parts, covered = self.parts, dict(self.covered)
        for name in names:
            taken = min(amount, parts.get(name, 0) - covered.get(name, 0))
            if taken > 0:
                covered[name] = covered.get(name, 0) + taken
                amount -= taken
        return covered

    def uncovered(self, names: tuple[str, ...]) -> int:
        """What these parts still hold beyond what account and wallet pay of them."""
        parts, covered = self.parts, self.covered
        held = sum([parts[name] for name in names if name in parts])
        return held - sum([covered[name] for name in names if name in covered]) if covered else held

    def moves_by(self, amounts: Mapping[str, int]) -> Mapping[str, int]:
        """The accumulators' movement, with these amounts more."""
        if not self.moved:
            return amounts
        found = dict(self.moved)
        for name, amount in amounts.items():
            found[name] = found.get(name, 0) + amount
        return found


OPENED = Sheet(open=0, parts={})
"""What a sheet begins as. It is copied, not made anew for each claim: its constructor sets two dozen fields one by one."""


def step(kind: str, origin: Origin, base: int, amount: int, value: str | None = None, facts: Mapping[str, str] = EMPTY) -> Step:
    """One written step."""
    return holding(Step, {
        "kind": kind, "rule": origin.rule, "source": origin.source, "choice": origin.choice is not None,
        "value": value, "base": base, "amount": amount, "facts": facts or {},
    })
