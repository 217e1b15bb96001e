"""The demo's day of 200 persons (``day.jsonl``): by reason, what was refused, remedied, and then settled.

An id says what a request is: ``d017-given-1``, ``d017-refused-not_filed``, ``d017-remedy-1``, ``d017-settled``.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.box import SIMPLE_HEAD

from contracts.wire import Event
from policies.verdict import SETTLES
from services.cli.console import Table
from services.cli.show import reasons

DAY = Path(__file__).with_name("day.jsonl")
ID = re.compile(r"d(?P<who>[0-9]{3})-(?P<part>given|refused|remedy|settled)(?:-.+)?")
THROUGH = SETTLES | {"claim.reversed"}
"""What a matter ends in: the bill is settled, or what was settled wrongly is taken back."""


@dataclass(slots=True)
class Matter:
    """The verdicts on a person's requests, by their part of the day."""

    parts: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    @property
    def codes(self) -> list[str]:
        """Why it was refused, held or left pending."""
        return [why.code for event in self.parts["refused"] for why in reasons(event)]

    @property
    def remedied(self) -> bool:
        """No remedy was refused in its turn. Where none is a request of its own, the next bill is the remedy."""
        return not any(reasons(event) for event in self.parts["remedy"])

    @property
    def settled(self) -> bool:
        return [event.type in THROUGH for event in self.parts["settled"]] == [True]


def matters(events: Iterable[Event]) -> dict[str, Matter]:
    """The matters of the day by the number of the person; other requests are passed over."""
    found: dict[str, Matter] = defaultdict(Matter)
    for event in events:
        if (named := ID.fullmatch(event.attributes.request_id or "")) is not None:
            found[named["who"]].parts[named["part"]].append(event)
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How many matters were refused for ``code``, of them remedied, and settled then."""

    code: str
    refused: int
    remedied: int
    settled: int


def tallies(events: Iterable[Event]) -> Iterator[Tally]:
    """One a reason, in the order of the day."""
    by_code: dict[str, list[Matter]] = defaultdict(list)
    for _, matter in sorted(matters(events).items()):
        for code in dict.fromkeys(matter.codes):
            by_code[code].append(matter)
    for code, of in by_code.items():
        remedied = [matter for matter in of if matter.remedied]
        yield Tally(code, len(of), len(remedied), sum(matter.settled for matter in remedied))


def day_table(events: list[Event]) -> Table:
    """Refused, remedied, settled: a row a reason, sums below."""
    found = list(tallies(events))
    table = Table(title=f"{len(matters(events))} 人的一天 / a day of {len(matters(events))} persons", box=SIMPLE_HEAD, show_footer=True)
    table.add_column("原因 / reason", "合计 / in all")
    for title, name in (("拒绝、暂缓、待补\nrefused", "refused"), ("已办妥\nremedied", "remedied"), ("随后结算\nsettled", "settled")):
        table.add_column(title, str(sum(getattr(one, name) for one in found)), justify="right")
    for one in found:
        table.add_row(one.code, str(one.refused), str(one.remedied), str(one.settled), style=None if one.settled == one.refused else "red")
    return table
