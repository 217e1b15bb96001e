"""The difference of two times: what each knows as named facts, and those that are not the same. Amounts are fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.money import yuan
from services.cli.console import Table, out, print_json
from services.cli.past import Past, told

Value = int | str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known. ``value``: an int is an amount in fen; all else is in words."""

    zh: str
    en: str
    value: Value


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that differs; None: not there."""

    key: tuple[str, ...]
    zh: str
    en: str
    was: Value | None
    now: Value | None

    @property
    def more(self) -> int | None:
        """By how many fen it grew, where it is an amount."""
        if not any(isinstance(one, int) for one in (self.was, self.now)):
            return None
        return int(self.now or 0) - int(self.was or 0)


Facts = Mapping[tuple[str, ...], Fact]


def between(before: Facts, after: Facts) -> list[Change]:
    """What differs, in the order of the later one; what is gone stands last."""
    found = []
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        known = now or was
        if known is not None and (was is None or now is None or was.value != now.value):
            found.append(Change(key, known.zh, known.en, was.value if was else None, now.value if now else None))
    return found


def show(psn_no: str, times: Past, found: list[Change], as_json: bool) -> None:
    """Prints the difference."""
    assert times.since is not None
    if as_json:
        print_json({"psn_no": psn_no, "since": told(times.since), "as_of": told(times.at), "changes": [_as_object(one) for one in found]})
    elif not found:
        out.print(f"{psn_no}: 自 {told(times.since)} 至 {told(times.at)} 没有变化 / nothing changed")
    else:
        out.print(_table(psn_no, times, found))


def _as_object(one: Change) -> dict[str, Any]:
    more = {} if one.more is None else {"more": one.more}
    return {"key": one.key, "zh": one.zh, "en": one.en, "was": one.was, "now": one.now} | more


def _table(psn_no: str, times: Past, found: list[Change]) -> Table:
    assert times.since is not None
    table = Table(title=psn_no)
    table.add_column("项目\nitem", overflow="fold")
    for name in (told(times.since), told(times.at), "变化（元）\ndifference (yuan)"):
        table.add_column(name, justify="right")
    for one in found:
        more = "" if one.more is None else f"{'+' if one.more > 0 else ''}{yuan(one.more)}"
        table.add_row(f"{one.zh}\n{one.en}", _text(one.was), _text(one.now), more)
    return table


def _text(value: Value | None) -> str:
    return "-" if value is None else yuan(value) if isinstance(value, int) else value
