"""重复收费: two lines of one claim alike in item, day, price and count; refunded ones do not count."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill, Charged
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Duplicate:
    """At stake is each line but the first of those that are alike."""

    head: Head
    kind: str = "duplicate"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        if len(set(bill.items)) == len(bill.items):
            return
        same = [(item, line.fee_ocur_date) for item, line in zip(bill.items, bill.claim.feedetail, strict=True)]
        if len(set(same)) == len(same):
            return
        repeated = {one for one, times in Counter(same).items() if times > 1}
        alike: dict[tuple[object, ...], list[Charged]] = {}
        for one in bill.named(self.head.items):
            if (item_and_day := same[one.place]) in repeated:
                alike.setdefault((*item_and_day, one.price, one.count), []).append(one)
        for (item, day, *_), lines in alike.items():
            if len(lines) > 1:
                facts = {"item": item, "day": day, "times": len(lines)}
                yield Hit("charged_twice", tuple((one, one.amount) for one in lines[1:]), facts)
