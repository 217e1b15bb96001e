"""住院期间重复就医: care strictly within a stay elsewhere; the days of admission and discharge are free."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.events.finding import Recent
from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Overlap:
    """``visits``: visits are remembered too, so that a stay finds those within it; stays always are.

    At stake are the claim's lines within the other stay; of visits within this one, which are settled, nothing of the claim.
    """

    head: Head
    visits: bool = False
    kind: str = "overlap"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        if not bill.recent:
            return
        claim = bill.claim
        for other in bill.others(stay=True):
            lines = [one for one in bill.named(self.head.items) if other.begndate < one.day < other.enddate]
            if lines:
                yield Hit("care_within_stay", tuple((one, one.amount) for one in lines), _facts(other), (other.setl_id,))
        for other in bill.others(stay=False) if bill.stay else ():
            if claim.begndate < other.enddate and other.begndate < claim.enddate and _inside(other, bill):
                yield Hit("visit_within_stay", (), _facts(other), (other.setl_id,))


def _inside(visit: Recent, bill: Bill) -> bool:
    """Whether a day of the visit lies strictly within the stay."""
    return max(visit.begndate.toordinal(), bill.claim.begndate.toordinal() + 1) <= min(
        visit.enddate.toordinal(), bill.claim.enddate.toordinal() - 1)


def _facts(other: Recent) -> dict[str, object]:
    return {"provider": other.fixmedins_code, "begndate": other.begndate, "enddate": other.enddate}
