"""项目与性别不符: an item that is for persons of another sex. Where the sex is not known nothing is found."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit

SEXES = ("1", "2")
"""男, 女; other codes of ``gend`` say that it is not known."""


@dataclass(frozen=True, slots=True)
class Sex:
    """``gend``: code of those whom the items are for."""

    head: Head
    gend: str
    kind: str = "sex"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        gend = bill.checked.facts.gend
        lines = bill.named(self.head.items) if gend in SEXES and gend != self.gend else ()
        if lines:
            yield Hit("item_against_sex", tuple((one, one.amount) for one in lines), {"item": lines[0].item, "gend": gend})
