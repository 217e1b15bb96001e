"""Events of a log that are folded again: of a settled claim, which is most of what a log says, only what its fold reads is read.

It was validated as a whole when it was decided and written. Folded with the whole event the state is the same
(``tests/services/test_refolded.py``); a fold that asks for more finds that it is not there (AttributeError), and is then given the
whole one.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from msgspec import DecodeError
from msgspec.json import Decoder

from contracts.envelope import Record, stage_attributes
from contracts.events import BODIES, REQUESTS
from contracts.part import Names, part_of
from contracts.wire import Event, read_body
from policies.reversal.packing import all_packed

_ALL = None
_KEPT = ("ce_type", b"cn.yibao.claim.settled.v1")
READ: dict[str, Names] = {
    "claim.settled": {
        "request": {
            "fixmedins_code": _ALL, "mdtrt_id": _ALL, "med_type": _ALL, "begndate": _ALL, "enddate": _ALL, "medfee_sumamt": _ALL,
            "pay_loc": _ALL, "invoinfo": {"invono": _ALL},
        },
        "checked": {"insured": {"insuplc_admdvs": _ALL, "insutype": _ALL}},
        "settled": {
            "year": _ALL, "accumulators": _ALL, "account": _ALL, "wallet": _ALL, "stay": _ALL,
            "review": {"keeps": _ALL, "keeps_care": _ALL},
        },
    },
}
"""What the fold of a type reads; of other types everything."""
LINES: Names = {"feedetail": {"fee_ocur_date": _ALL, "med_list_codg": _ALL}}
"""What it reads of the request besides, where items are remembered: a third of the time where a bill has nine lines."""


def event_read(record: Record) -> Event:
    """The event in a record of the road, with as much of its body as its fold reads. Raises BadHeaders, ValidationError."""
    told = stage_attributes(record.headers)
    asked = REQUESTS.get(told.request_type)
    if told.type not in READ or asked is None or not asked.same_form(told.request_version):
        return Event(told, record.key, record.value, headers=record.headers)
    try:
        body = _part(told.type, _remembers_items(record.value)).decode(record.value)
    except (DecodeError, UnicodeDecodeError):  # what is wrong is for the contract to say
        body = read_body(told, record.value)
    return Event(told, record.key, record.value, body, record.headers)


def packed_of(records: Sequence[Record]) -> list[str | None]:
    """Of each record its value as the fold keeps it (``Event.packed``), where it does; a quarter of what folding costs. Other threads
    run meanwhile."""
    keeps = [_KEPT in record.headers for record in records]
    texts = iter(all_packed([record.value for record, kept in zip(records, keeps, strict=True) if kept]))
    return [next(texts) if kept else None for kept in keeps]


def _remembers_items(value: bytes) -> bool:
    """Whether the review, which comes last in what was written, names items."""
    return b'"keeps":[' in value[value.rfind(b'"review":{') :]


@cache
def _part(type: str, lines: bool) -> Decoder[Any]:
    names = READ[type]
    return part_of(BODIES[type], {**names, "request": {**names["request"], **LINES}} if lines else names)
