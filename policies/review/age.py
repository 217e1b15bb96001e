"""项目与年龄不符: an item that is for persons of another age, in completed years on the day of the fee."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Age:
    """``low`` and ``high``: completed years of those whom the items are for, both included."""

    head: Head
    low: int
    high: int
    kind: str = "age"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        aged = ((one, bill.age(one.day)) for one in bill.named(self.head.items))
        wrong = [(one, age) for one, age in aged if age is not None and not self.low <= age <= self.high]
        if wrong:
            first, age = wrong[0]
            facts = {"item": first.item, "age": age, "low": self.low, "high": self.high}
            yield Hit("item_against_age", tuple((one, one.amount) for one, _ in wrong), facts)
