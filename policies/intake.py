"""What the first stage does with every request before anything else: read it strictly, and know it again.

A request that cannot be read becomes an unreadable verdict; a repeated one is answered with the first one's id.
"""

import base64

from contracts.envelope import Attributes, Headers, Record, trace_of
from contracts.events.request import RAW_LIMIT, FiledSeen, FiledUnreadable, RawHeader, RequestUnreadable
from contracts.events.reversal import FiledUndone
from contracts.keys import content_hash, derived_id
from contracts.reasons import Reason, reason
from contracts.wire import Event, Unreadable, answer, cut, first_event, grow, read_request, wrap

HEADERS_KEPT, HEADER_LIMIT = 32, 256


def intake(record: Record, partition: int, partitions: int) -> Event:
    """The first event of a request: wrapped, or unreadable with the reasons."""
    try:
        request = read_request(record, partition, partitions)
    except Unreadable as error:
        return unreadable(record, error.reasons)
    return first_event(request)


def unreadable(record: Record, reasons: tuple[Reason, ...]) -> Event:
    """The verdict on a request that cannot be read: the raw bytes (cut at a limit) and why."""
    cause = content_hash(record.value)
    section = FiledUnreadable(
        reasons=reasons,
        key_base64=_base64(record.key[:HEADER_LIMIT]) if record.key is not None else None,
        headers=_shown(record.headers),
        size=len(record.value),
        sha256=cause,
        raw_base64=_base64(record.value[:RAW_LIMIT]),
    )
    id = derived_id(cause, *(part for pair in section.headers for part in (pair.name, pair.value_base64 or "-")))
    attributes = Attributes(
        type="request.unreadable", version=1, id=derived_id(id, "request.unreadable"), source="/yibao/filing", time=None,
        request_id=id, request_type="request.unreadable", request_version=1, request_source="/unknown",
        cause=cause, trace=trace_of(record.headers),
    )
    body = RequestUnreadable.model_construct(request=None, filed=section)
    return Event(attributes, record.key, grow(wrap(None), "filed", section), body)


def seen_before(event: Event, first_hash: str) -> Event:
    """The verdict on a request whose id was used: repeated where the body is the same, else refused."""
    id = event.attributes.request_id
    if (by := undone_by(first_hash)) is not None:
        section = FiledSeen(verdict="refused", reasons=(reason("undone", "ce_id", by=by[0]),), first_hash=by[1])
        return answer(event, "filing", "request.refused", section)
    if first_hash == identity(event):
        section = FiledSeen(verdict="repeated", reasons=(reason("repeated", "ce_id", id=id),), first_hash=first_hash)
        return answer(event, "filing", "request.repeated", section)
    section = FiledSeen(verdict="refused", reasons=(reason("id_conflict", "ce_id", id=id),), first_hash=first_hash)
    return answer(event, "filing", "request.refused", section)


UNDONE = "undone"


def undo(event: Event, known: str | None) -> Event:
    """The answer to an undo (冲正) of a request of which ``known`` is remembered; what was decided goes on to settlement."""
    if known is not None and (by := undone_by(known)) is None:
        return event
    first, reasons = identity(event), ()
    if known is not None:
        first, reasons = by[1], (reason("undone_before", "omsgid", by=by[0]),)
    return answer(event, "filing", "request.undone", FiledUndone(first_hash=first, reasons=reasons))


def undone_entry(event: Event) -> str:
    """What is remembered of a request that was undone before it arrived: by which request, and its hash."""
    return f"{UNDONE} {event.attributes.request_id} {event.body.filed.first_hash}"


def undone_by(known: str) -> tuple[str, str] | None:
    """The request that undid one, and its hash; None where it was not undone."""
    word, _, rest = known.partition(" ")
    by, _, first_hash = rest.partition(" ")
    return (by, first_hash) if word == UNDONE else None


def identity(event: Event) -> str:
    """What must be equal for two requests with one id to be the same: type and body, before the decision and after it."""
    asked, cause = event.attributes, event.attributes.cause
    if asked.type != asked.request_type and (request := cut(event.value, "filed")) is not None:
        cause = content_hash(request[len(wrap(b"")) - 1 : -1])  # the cause of a decided event is the wrapped request
    return content_hash(f"{asked.request_type}.v{asked.request_version} {cause}".encode())


def _shown(headers: Headers) -> tuple[RawHeader, ...]:
    return tuple(
        RawHeader(name=name[:HEADER_LIMIT], value_base64=_base64(value[:HEADER_LIMIT]) if value is not None else None)
        for name, value in headers[:HEADERS_KEPT]
    )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
