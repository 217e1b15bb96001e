"""限医院等级: an item that providers of this level may not charge."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Level:
    """``levels``: ``lmtpric_hosp_lv`` of the providers that may charge the items."""

    head: Head
    levels: tuple[str, ...]
    kind: str = "level"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        provider = bill.checked.provider
        level = provider.lmtpric_hosp_lv if provider is not None else None
        lines = bill.named(self.head.items) if level is not None and level not in self.levels else ()
        if lines:
            facts = {"item": lines[0].item, "level": level, "levels": ", ".join(self.levels)}
            yield Hit("item_above_level", tuple((one, one.amount) for one in lines), facts)
