"""Sums by batch: what became of the reimbursements that an employer or a school handed in together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.money import yuan
from contracts.wire import Event
from services.cli.console import Table

KIND = "reimbursement."
ENDS = ("settled", "pending", "refused")


@dataclass(slots=True)
class Batch:
    """Requests of a batch by how they ended, and what is paid to their persons, in fen."""

    ends: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDS, 0))
    payable_amt: int = 0


@dataclass(slots=True)
class Batches:
    """The batches among the verdicts that were added."""

    found: dict[str, Batch] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Counts a terminal event, if it is a reimbursement of a batch."""
        end = event.type.removeprefix(KIND)
        if not event.type.startswith(KIND) or end not in ENDS or event.body.request.batch_no is None:
            return
        batch = self.found.setdefault(event.body.request.batch_no, Batch())
        batch.ends[end] += 1
        batch.payable_amt += event.body.settled.payable_amt if end == "settled" else 0

    def table(self) -> Table:
        """One row a batch."""
        table = Table(title="批次 / batches (元 / yuan)")
        table.add_column("批次\nbatch", overflow="fold")
        for title in ("已支付\nsettled", "待补\npending", "拒绝\nrefused", "应付合计\npaid to persons"):
            table.add_column(title, justify="right", no_wrap=True)
        for name, batch in sorted(self.found.items()):
            table.add_row(name, *(str(batch.ends[end]) for end in ENDS), yuan(batch.payable_amt))
        return table

    def as_object(self) -> Mapping[str, Any]:
        return {name: {**batch.ends, "payable_amt": batch.payable_amt} for name, batch in sorted(self.found.items())}
