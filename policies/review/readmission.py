"""分解住院: admitted again within some days of a discharge; a transfer (ipt_type 3) is none."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Readmission:
    """``days``: at most so many from discharge to admission; ``same_provider``: at the provider of that stay only."""

    head: Head
    days: int
    same_provider: bool = True
    kind: str = "readmission"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        claim = bill.claim
        if not bill.stay or not bill.recent or claim.ipt_type == "3":
            return
        for other in bill.others(stay=True):
            apart = (claim.begndate - other.enddate).days
            if 0 <= apart <= self.days and not (self.same_provider and other.fixmedins_code != claim.fixmedins_code):
                facts = {"provider": other.fixmedins_code, "day": other.enddate, "days": apart, "limit": self.days}
                yield Hit("stay_split", (), facts, (other.setl_id,), claim.medfee_sumamt)
