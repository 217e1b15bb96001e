"""重复收费: two lines of one claim alike in item, day, price and count; refunded ones do not count."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.events.claim import FeeLine
from policies.review.bill import Bill, Charged
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Duplicate:
    """At stake is each line but the first of those that are alike."""

    head: Head
    kind: str = "duplicate"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        repeated = _repeated(bill.claim.feedetail)
        if not repeated:
            return
        alike: dict[tuple[object, ...], list[Charged]] = {}
        for one in bill.named(self.head.items):
            if (same := (one.line.med_list_codg, one.line.fee_ocur_date)) in repeated:
                alike.setdefault((*same, one.price, one.count), []).append(one)
        for (item, day, *_), lines in alike.items():
            if len(lines) > 1:
                facts = {"item": item, "day": day, "times": len(lines)}
                yield Hit("charged_twice", tuple((one, one.amount) for one in lines[1:]), facts)


def _repeated(lines: Sequence[FeeLine]) -> set[tuple[str, date]]:
    """The items and days of which there is more than one line: mostly none, and then nothing else is looked at."""
    seen: set[tuple[str, date]] = set()
    found: set[tuple[str, date]] = set()
    for line in lines:
        same = line.med_list_codg, line.fee_ocur_date
        (found if same in seen else seen).add(same)
    return found
