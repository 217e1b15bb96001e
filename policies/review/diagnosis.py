"""项目与诊断不符: an item that is for other diagnoses. A claim that names none is found too."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.review.bill import Bill
from policies.review.rule import Head, Hit


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """``diagnoses``: codes, or their first signs, of which the claim must name one."""

    head: Head
    diagnoses: tuple[str, ...]
    kind: str = "diagnosis"
    remembers: bool = False

    def find(self, bill: Bill) -> Iterator[Hit]:
        lines = () if any(code.startswith(self.diagnoses) for code in bill.diagnoses) else bill.named(self.head.items)
        if lines:
            facts = {"item": lines[0].item, "codes": ", ".join(bill.diagnoses) or "-", "wanted": ", ".join(self.diagnoses)}
            yield Hit("item_against_diagnosis", tuple((one, one.amount) for one in lines), facts)
