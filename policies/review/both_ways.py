"""一单两报: what looks like care that was paid the other way (directly, or by hand) under another visit id.

At the same provider. Of a stay: days in common, more than the day on which one ends and the other begins. Of a visit: the same
days and the same total.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.events.finding import Recent
from policies.places import MANUAL
from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class BothWays:
    """At stake is the whole claim. Under the same visit id settlement refuses it (``policies.visits``, ``stay_settled``)."""

    head: Head
    kind: str = "both_ways"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        claim = bill.claim
        for other in bill.others(stay=bill.stay) if bill.recent else ():
            if other.fixmedins_code == claim.fixmedins_code and bool(other.by_hand) != (claim.pay_loc == MANUAL) and _alike(other, bill):
                facts = {"setl_id": other.setl_id, "mdtrt_id": other.mdtrt_id, "begndate": other.begndate, "enddate": other.enddate}
                yield Hit("like_paid_other_way", (), facts, (other.setl_id,), claim.medfee_sumamt)


def _alike(other: Recent, bill: Bill) -> bool:
    claim = bill.claim
    same = (other.begndate, other.enddate) == (claim.begndate, claim.enddate)
    if bill.stay:
        return same or max(other.begndate, claim.begndate) < min(other.enddate, claim.enddate)
    return same and other.medfee_sumamt == claim.medfee_sumamt
