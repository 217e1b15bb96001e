"""重复开药: the same item again within some days, also at another provider, by what earlier settlements hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from policies.groups import groups
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
        if not bill.dispensed:
            return
        known = groups(bill.dispensed, attrgetter("med_list_codg"), attrgetter("date"))
        for item, mine in groups(bill.named(self.head.items), attrgetter("item"), attrgetter("place")).items():
            earlier = [
                before for before in known.get(item, ())
                if any(abs((one.day - before.date).days) <= self.days for one in mine)
                and not (self.elsewhere and before.fixmedins_code == bill.claim.fixmedins_code)
            ]
            if earlier:
                last = max(earlier, key=lambda before: (before.date, before.setl_id))
                facts = {"item": item, "day": last.date, "provider": last.fixmedins_code, "days": self.days}
                code = "same_item_again" if self.days else "same_item_same_day"
                yield Hit(code, tuple((one, one.amount) for one in mine), facts, tuple(one.setl_id for one in earlier))
