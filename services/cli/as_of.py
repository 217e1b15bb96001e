"""What was known of a person at a time that has passed: the topics folded up to the broker's time, not Redis."""

from contextlib import aclosing

from contracts.envelope import BadHeaders
from contracts.keys import partition_of
from contracts.log import Gap, Kept
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.accumulators import Purse
from policies.book import built_in
from policies.eligibility import PersonState
from policies.road import stage_named
from policies.settlements import Listed, listed
from policies.stage import BadState, DoesNotFit, State
from policies.statement.words import accumulated, is_money
from services.audit.sources import Source
from services.cli.account import ELIGIBILITY, EN, SETTLEMENT, ZH, Account, entries_of, insurance, years_of
from services.cli.between import Fact, Facts
from services.ledger import Position
from services.runtime.exits import DataLost


async def account_as_of(source: Source, psn_no: str, at_ms: int, year: int | None = None) -> Account:
    """The account as it stood when the broker's clock said ``at_ms`` (milliseconds). Raises DataLost."""
    partition = partition_of(psn_no.encode(), topic_map().partitions)
    settled, kept = await _folded(source, SETTLEMENT, partition, psn_no, at_ms)
    checked, _ = await _folded(source, ELIGIBILITY, partition, psn_no, at_ms)
    purse = settled.person(psn_no) or Purse()
    head = f"e:{psn_no}:year:{'' if year is None else f'{year}/'}"
    years = years_of({name: raw for name, raw in settled.changes().items() if name.startswith(head)})
    position = Position(owner=kept.fence, pos=kept.next, req=kept.req, src=kept.src)
    return Account(psn_no, partition, position, dict(purse.balances), purse.wallets, sorted(years), checked.person(psn_no))


def account_facts(found: Account) -> Facts:
    """The account as facts that two times may differ in."""
    told = {("account", insutype): Fact(f"个人账户余额，{insurance(insutype)}", f"balance of the account, {insutype}", balance)
            for insutype, balance in found.balances.items()}
    told |= {("wallet", one.sharer): Fact(f"家庭共济余额，共济人 {one.sharer}", f"family wallet, shared by {one.sharer}", one.balc) for one in found.wallets}
    for year in found.years:
        where = f"{year.year} {year.place} {year.insutype}"
        for name, value in year.accumulators.items():
            shown = value if is_money(name) else accumulated(name, value)
            told[(str(year.year), year.place, year.insutype, name)] = Fact(f"{where} {ZH.accumulator(name)}", f"{where} {EN.accumulator(name)}", shown)
    for one in found.person.insuinfo if found.person else ():
        told[("insurance", one.insuplc_admdvs, one.insutype, one.psn_insu_date.isoformat())] = Fact(
            f"参保，{one.insuplc_admdvs} {insurance(one.insutype)}", f"insured, {one.insuplc_admdvs} {one.insutype}",
            f"{one.psn_type}, {one.psn_insu_date} – {one.paus_insu_date or ''}".rstrip())
    return told


async def person_as_of(source: Source, psn_no: str, at_ms: int) -> PersonState | None:
    """What eligibility knew of the person: insurances, filings ... Raises DataLost."""
    partition = partition_of(psn_no.encode(), topic_map().partitions)
    return (await _folded(source, ELIGIBILITY, partition, psn_no, at_ms))[0].person(psn_no)


async def settlements_as_of(source: Source, psn_no: str, at_ms: int) -> list[Listed]:
    """The person's settlements as they stood. Raises DataLost, BadState."""
    partition, head = partition_of(psn_no.encode(), topic_map().partitions), f"e:{psn_no}:"
    state, _ = await _folded(source, SETTLEMENT, partition, psn_no, at_ms)
    return listed(entries_of({name.removeprefix(head): raw for name, raw in state.changes().items() if name.startswith(head)}))


async def _folded(source: Source, stage: str, partition: int, psn_no: str, at_ms: int) -> tuple[State, Kept]:
    """The person's state after the records of a stage that the broker took until then; folds read no rulebook. Raises DataLost."""
    state, kept, key = State(stage_named(stage, built_in()), strict=False), Kept(), psn_no.encode()
    topic = topic_map().of_stage(stage)[1].name
    try:
        async with aclosing(source.pieces(topic, partition)) as pieces:
            async for piece in pieces:
                for record in piece:
                    if record.timestamp_ms > at_ms:  # the broker's times never fall within a partition
                        return state, kept
                    if kept.feed(record.offset, record.headers) and record.key == key:
                        state.fold(event_of(record))
    except (Gap, DoesNotFit, BadState, BadHeaders, ValueError, KeyError) as error:
        raise DataLost(f"{topic}/{partition}: {type(error).__name__}: {error}; 先用 yibao audit verify 核对 / verify it first") from None
    return state, kept
