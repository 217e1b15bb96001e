"""Claims that wait for a person's decision, found on ``yibao.settled``: held, and neither settled nor closed by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.envelope import Record
from contracts.events.finding import Finding
from contracts.wire import Event, event_of
from services.cli.search import LAST, Logs, partitions_for, scan

HELD = b"cn.yibao.claim.held.v1"
ENDED = frozenset({b"cn.yibao.review.settled.v1", b"cn.yibao.review.closed.v1"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held claim, and the decision that ended its waiting, if there is one."""

    held: Event
    decided: Event | None = None

    @property
    def id(self) -> str:
        return self.held.attributes.id

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those that hold it."""
        return tuple(one for one in self.held.body.settled.review.findings if one.effect == "hold")

    @property
    def at_stake(self) -> int:
        return sum(one.vola_amt for one in self.findings)

    def as_object(self) -> dict[str, Any]:
        claim = self.held.body.request
        return {
            "held_id": self.id, "request_id": self.held.attributes.request_id, "psn_no": claim.psn_no,
            "fixmedins_code": claim.fixmedins_code, "setl_date": str(claim.setl_date), "medfee_sumamt": claim.medfee_sumamt,
            "rules": [one.rule_id for one in self.findings], "vola_amt": self.at_stake,
            "decided_by": self.decided.attributes.request_id if self.decided else None,
        }


async def held_claims(logs: Logs, psn: str | None = None) -> list[Waiting]:
    """All held claims of a person, or of all, in the order of their partitions and settlements."""
    wanted = {HELD, *ENDED}
    hits = await scan(logs, LAST, partitions_for(psn), lambda record: record.header("ce_type") in wanted, whole=True)
    found = paired(hit.record for hit in hits)
    return [one for one in found if psn is None or one.held.psn_no == psn]


def paired(records: Iterable[Record]) -> Iterator[Waiting]:
    """Each held claim with its decision. ``records``: kept ones, in order."""
    held: dict[str, Event] = {}
    decided: dict[str, Event] = {}
    for record in records:
        event = event_of(record)
        if record.header("ce_type") == HELD:
            held[event.attributes.id] = event
        else:
            decided.setdefault(event.body.request.held_id, event)
    return (Waiting(event, decided.get(id)) for id, event in held.items())
