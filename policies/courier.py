"""What follows from a verdict on another person's road: the request that the courier publishes.

Nothing reads or changes another person's state, so money that leaves one purse for another travels as a request. Its id
is derived from the verdict's: published twice, it is answered as repeated and moves once.
"""

from collections.abc import Callable, Mapping

from contracts.base import Model
from contracts.envelope import Record, join_type, request_headers
from contracts.events.account import AccountCredit
from contracts.events.wallet import WalletCredit
from contracts.keys import derived_id, partition_of
from contracts.topics import topic_map
from contracts.wire import Event, event_of, to_json

SOURCE = "/yibao/courier"


def carried(record: Record) -> Record | None:
    """The request that a terminal record that counts asks for, with the partition it belongs to; mostly None."""
    known = _LETTERS.get((record.header("ce_type") or b"").decode("utf-8", "replace"))
    if known is None:
        return None
    type, write = known
    event = event_of(record)
    letter = write(event)
    key = letter.psn_no.encode()  # type: ignore[attr-defined]
    headers = request_headers(join_type(type, 1), SOURCE, derived_id(event.attributes.id, type))
    topics = topic_map()
    return Record(
        key, to_json(letter), (*headers, *event.attributes.trace), partition=partition_of(key, topics.partitions),
        topic=topics.road[0].name,
    )


def is_letter(record: Record) -> bool:
    """Whether a request is one of the courier's."""
    return record.header("ce_source") == SOURCE.encode()


def _to_user(event: Event) -> WalletCredit:
    asked, settled = event.body.request, event.body.settled
    return WalletCredit(
        psn_no=asked.user_psn_no, sharer=asked.psn_no, insutype=asked.insutype,
        insuplc_admdvs=settled.insured.insuplc_admdvs, amt=asked.amt, date=asked.date, shar_id=event.attributes.id,
    )


def _back_to_sharer(event: Event) -> AccountCredit:
    asked = event.body.request
    return AccountCredit(
        psn_no=asked.sharer, insutype=asked.insutype, crdt_amt=asked.amt, crdt_date=asked.date,
        memo=f"家庭共济退回 / returned from the family wallet: {asked.shar_id}",
    )


_LETTERS: Mapping[str, tuple[str, Callable[[Event], Model]]] = {
    join_type("wallet.shared", 1): ("wallet.credited", _to_user),
    join_type("wallet.returned", 1): ("account.credited", _back_to_sharer),
}
