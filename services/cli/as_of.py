"""What was known of a person at a time that has passed: the topics folded up to the broker's time, not Redis."""

from contextlib import aclosing

from contracts.keys import partition_of
from contracts.log import Kept
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.accumulators import Purse
from policies.book import built_in
from policies.road import stage_named
from policies.stage import State
from services.audit.verify import Source
from services.cli.account import ELIGIBILITY, SETTLEMENT, Account, years_of
from services.ledger import Position


async def account_as_of(source: Source, psn_no: str, at_ms: int, year: int | None = None) -> Account:
    """The account as it stood when the broker's clock said ``at_ms`` (milliseconds). Raises Gap, DoesNotFit."""
    partition = partition_of(psn_no.encode(), topic_map().partitions)
    settled, kept = await _folded(source, SETTLEMENT, partition, psn_no, at_ms)
    checked, _ = await _folded(source, ELIGIBILITY, partition, psn_no, at_ms)
    purse = settled.person(psn_no) or Purse()
    head = f"e:{psn_no}:year:{'' if year is None else f'{year}/'}"
    years = years_of({name: raw for name, raw in settled.changes().items() if name.startswith(head)})
    position = Position(owner=kept.fence, pos=kept.next, req=kept.req, src=kept.src)
    return Account(psn_no, partition, position, dict(purse.balances), purse.wallets, sorted(years), checked.person(psn_no))


async def _folded(source: Source, stage: str, partition: int, psn_no: str, at_ms: int) -> tuple[State, Kept]:
    """The person's state after the records of a stage that the broker took until then; folds read no rulebook."""
    state, kept, key = State(stage_named(stage, built_in()), strict=False), Kept(), psn_no.encode()
    async with aclosing(source.pieces(topic_map().of_stage(stage)[1].name, partition)) as pieces:
        async for piece in pieces:
            for record in piece:
                if record.timestamp_ms > at_ms:  # the broker's times never fall within a partition
                    return state, kept
                if kept.feed(record.offset, record.headers) and record.key == key:
                    state.fold(event_of(record))
    return state, kept
