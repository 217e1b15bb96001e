"""分解收费: an item charged apart on a day on which another was charged that contains it."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Unbundling:
    """``within``: codes, or their first digits, of the items that contain the rule's items. At stake are the contained."""

    head: Head
    within: tuple[str, ...]
    kind: str = "unbundling"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        whole = {one.day: one.item for one in reversed(bill.named(self.within))}
        parts = [one for one in bill.named(self.head.items) if one.day in whole and not one.item.startswith(self.within)]
        if parts:
            facts = {"item": parts[0].item, "whole": whole[parts[0].day], "day": parts[0].day}
            yield Hit("charged_apart", tuple((one, one.amount) for one in parts), facts)
