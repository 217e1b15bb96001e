"""The rules of a place and type of insurance about who is entitled when: ``regions/<admdvs>-<name>/entitlement.toml``.

Each part has the text that it comes from. A part that a place lacks asks for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.events.enrolment import Spell
from policies.groups import newest
from policies.settlement.sheet import Origin

REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Window:
    """When contributions are collected for the benefits from ``begndate`` to ``enddate``.

    ``supplement``: last day of a second window, of which the text does not say when benefits begin.
    """

    origin: Origin
    begndate: date
    enddate: date
    opens: date
    closes: date
    supplement: date | None = None

    def covers(self, day: date) -> bool:
        return self.begndate <= day <= self.enddate


@dataclass(frozen=True, slots=True)
class YearlyWindow:
    """The window of every year without one of its own: month and day, ``before`` years before the year of the benefits."""

    origin: Origin
    opens: tuple[int, int]
    closes: tuple[int, int]
    before: int

    def of(self, year: int) -> Window:
        opens, closes = date(year - self.before, *self.opens), date(year - self.before, *self.closes)
        return Window(self.origin, date(year, 1, 1), date(year, 12, 31), opens, closes)


@dataclass(frozen=True, slots=True)
class Missed:
    """The variable part of a waiting period: ``a_year`` months for each year missed in a row before.

    ``first_counts``: whether the first of them counts; ``counted_from``: years before it never count; ``repair``: a missed year
    paid afterwards takes its months away; from ``least_from`` missed years on at least ``least`` months in all.
    """

    origin: Origin
    a_year: int
    first_counts: bool
    counted_from: int
    repair: bool
    least_from: int = 0
    least: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A waiting period of ``months``, for whom paid after the window (``late``) or has a gap (``gap``).

    ``begins``: with the day of ``payment`` or with the ``benefits``; ``count``: ``days`` goes to the same day of the month,
    ``months`` counts calendar months, of which that of the beginning is the first if ``first_month``.
    """

    origin: Origin
    months: int
    when: tuple[str, ...]
    begins: str
    count: str
    exempt: tuple[str, ...]
    first_month: bool = True
    missed: Missed | None = None


@dataclass(frozen=True, slots=True)
class BackPayment:
    """Contributions paid after a break of at most ``months``.

    ``measured``: from the first day not paid for to the ``payment``, or by the calendar months left ``unpaid`` before it;
    ``restores``: the time paid for (``covers``), or from the first of the month of payment on (``payment_month``).
    """

    origin: Origin
    months: int
    measured: str
    restores: str


@dataclass(frozen=True, slots=True)
class Late:
    """What is paid after the window does not count for the year (``lost``)."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class Retirement:
    """Years of contribution by which a person of one sex is retired; ``deemed``: whether deemed months count."""

    origin: Origin
    gend: str
    years: int
    actual: int
    deemed: bool


@dataclass(frozen=True, slots=True)
class Cares:
    """A rule about some care (med_type or its first digits), at places of care as seen from home."""

    origin: Origin
    care: tuple[str, ...]
    where: tuple[str, ...]

    def applies(self, med_type: str, place: str | None) -> bool:
        return med_type.startswith(self.care) and place in self.where


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The rules of some places for one type of insurance, in force from ``begndate``.

    ``flexible``: for those in flexible employment alone; ``stop``: when benefits end after the end was reported: with the
    ``next_month`` or on the ``same_day``; ``student``, ``chosen``, ``chronic``: care that is claimed by hand by students, needs a
    chosen provider, needs the disease to be approved; ``account``: care that the account may still pay for in a gap.
    """

    origin: Origin
    places: tuple[str, ...]
    insutype: str
    flexible: bool
    begndate: date
    windows: tuple[Window, ...] = ()
    yearly: YearlyWindow | None = None
    wait: Wait | None = None
    back: BackPayment | None = None
    late: Late | None = None
    stop: str | None = None
    stop_origin: Origin | None = None
    retirement: tuple[Retirement, ...] = ()
    student: Cares | None = None
    chosen: Cares | None = None
    chronic: Cares | None = None
    account: Cares | None = None

    def window(self, day: date) -> Window | None:
        """The window of the benefits on ``day``."""
        found = next((window for window in self.windows if window.covers(day)), None)
        return found or (self.yearly.of(day.year) if self.yearly else None)

    def parts(self) -> list[Origin]:
        """Every part that needs a case."""
        missed = self.wait.missed if self.wait else None
        cares = (self.student, self.chosen, self.chronic, self.account)
        found = [*self.windows, self.yearly, self.wait, missed, self.back, self.late, *self.retirement, *cares]
        stop = [self.stop_origin] if self.stop_origin else []
        return [part.origin for part in found if part is not None] + stop


@dataclass(frozen=True, slots=True)
class Nation:
    """What holds where a place says nothing else: ``national/entitlement.toml``.

    ``routes``: code of a reason -> whether the way by hand is ``open``, open ``after`` the remedy, or ``closed``.
    """

    stop: str | None = None
    stop_origin: Origin | None = None
    paid: Origin | None = None
    retired: Origin | None = None
    account: Cares | None = None
    routes: tuple[tuple[str, str, Origin], ...] = ()


class Entitlements:
    """All rules. Remembers which may hold for which insurance: the same few places come again."""

    __slots__ = ("_known", "rules")

    def __init__(self, rules: Sequence[Entitlement] = ()) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.flexible, rule.begndate)))
        self._known: dict[tuple[str, str, str | None], tuple[Entitlement, ...]] = {}

    def rule_for(self, spell: Spell, day: date) -> Entitlement | None:
        """The rule of an insurance on ``day``: that for flexible employment before the other, then the newest."""
        asked = (spell.insuplc_admdvs, spell.insutype, spell.flxempe_flag)
        if (found := self._known.get(asked)) is None:
            found = tuple(rule for rule in self.rules if _of(rule, spell))
            if len(self._known) < REMEMBERED:
                self._known[asked] = found
        return newest(found, day)


def _of(rule: Entitlement, spell: Spell) -> bool:
    mine = rule.insutype == spell.insutype and spell.insuplc_admdvs.startswith(rule.places)
    return mine and (not rule.flexible or spell.flxempe_flag == "1")
