"""床日超过住院天数: more bed days than the stay has nights; a stay of one day has one."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import PIECE, Bill, Charged
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class BedDays:
    """``grace``: days beyond the nights that are let pass. At stake are the last days charged."""

    head: Head
    grace: int = 0
    kind: str = "bed_days"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        if not bill.stay:
            return
        nights = max(1, (bill.claim.enddate - bill.claim.begndate).days)
        lines = bill.named(self.head.items)
        charged = sum(one.count for one in lines)
        beyond = charged - (nights + self.grace) * PIECE
        over: list[tuple[Charged, int]] = []
        for one in reversed(lines):
            if (taken := min(beyond, one.count)) > 0:
                over.insert(0, (one, one.share(taken, one.count)))
                beyond -= taken
        if over:
            yield Hit("too_many_bed_days", tuple(over), {"days": _plain(charged), "nights": nights})


def _plain(count: int) -> str:
    whole, part = divmod(count, PIECE)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")
