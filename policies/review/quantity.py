"""超量开药: what was handed out of an item in one claim suffices for more days than the limit."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill, Charged
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Quantity:
    """``days``: the most that one claim may hand out of an item; at stake is the share of the days beyond."""

    head: Head
    days: int
    kind: str = "quantity"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        if not [line for line in bill.claim.feedetail if line.__dict__["prd_days"] is not None]:
            return
        handed: dict[str, list[Charged]] = {}
        for one in bill.named(self.head.items):
            if one.line.prd_days is not None:
                handed.setdefault(one.item, []).append(one)
        for item, lines in handed.items():
            days, over = 0, list[tuple[Charged, int]]()
            for one in lines:
                supplied = one.line.prd_days or 0
                days += supplied
                if (beyond := min(supplied, days - self.days)) > 0:
                    over.append((one, one.share(beyond, supplied)))
            if over:
                yield Hit("over_supply", tuple(over), {"item": item, "days": days, "limit": self.days})
