"""重复开药: the same item again within some days, also at another provider, by what earlier settlements hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Repeat:
    """``days``: within so many days, 0 on the same day; ``elsewhere``: at another provider only. Always names items."""

    head: Head
    days: int
    elsewhere: bool = False
    kind: str = "repeat"
    remembers: bool = True

    def find(self, bill: Bill) -> Iterator[Hit]:
        lines = bill.named(self.head.items)
        for item in dict.fromkeys(one.item for one in lines):
            mine = [one for one in lines if one.item == item]
            earlier = [
                before for before in bill.dispensed
                if before.med_list_codg == item and any(abs((one.day - before.date).days) <= self.days for one in mine)
                and not (self.elsewhere and before.fixmedins_code == bill.claim.fixmedins_code)
            ]
            if earlier:
                last = max(earlier, key=lambda before: (before.date, before.setl_id))
                facts = {"item": item, "day": last.date, "provider": last.fixmedins_code, "days": self.days}
                code = "same_item_again" if self.days else "same_item_same_day"
                yield Hit(code, tuple((one, one.amount) for one in mine), facts, tuple(one.setl_id for one in earlier))
