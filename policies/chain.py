"""Law 4 and the laws of money on what stands on the road: one request, its record on each of the five topics.

Nothing is decided again here. A *row* holds the kept records of one request, requested to settled; ``judge`` says what
is wrong with it. It never raises: what cannot be checked is a finding itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import ValidationError

from contracts.base import made
from contracts.envelope import (
    OUTSIDE,
    TYPE_PREFIX,
    Attributes,
    BadHeaders,
    Headers,
    Record,
    split_type,
    stage_attributes,
    stage_headers,
)
from contracts.events import BODIES
from contracts.events.account import AccountMoved
from contracts.events.claim import PricedLine, Settled
from contracts.events.reimbursement import Reimbursed
from contracts.events.reversal import Reversed, claim_of
from contracts.events.wallet import WalletFilled
from contracts.log import number
from contracts.strict import Unreadable, reasons_of
from contracts.topics import topic_map
from contracts.wire import SECTIONS, Event, answering, event_of, first_event, read_request, wrap
from policies.continuity import followed
from policies.due import DUE, grown_by, promised, section_model
from policies.intake import unreadable
from policies.judged import Judged, Row, around, dead_copy, shown
from policies.laws import LawBroken, check_line, check_moved, check_payable, check_priced
from policies.reversal.folded import check_reversed
from policies.review.cut import check_settled_claim
from policies.review.inner import inner

STAGES = tuple(SECTIONS)
_TYPES = [{f"{TYPE_PREFIX}{name}".encode(): name.rpartition(".")[0] for name in topic.types} for topic in topic_map().road]
"""On each topic: its types by what stands in the header."""
_NUMBERS = ["req", "src", "own"]
LAWS = {1: "line_sum", 2: "claim_sum", 3: "state_sum"}


@dataclass(slots=True)
class Link:
    """An event of the chain as it stands on one topic, changed from topic to topic; ``pairs``: its headers without numbers and trace
    context; ``texts``: the bytes of its sections."""

    attributes: Attributes
    offset: int
    key: bytes | None
    value: bytes
    pairs: Headers
    sections: dict[str, Any]
    texts: dict[str, bytes] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return self.attributes.type


def judge(row: Row, partitions: int) -> Judged:
    """Everything that the row's records say against each other and against the laws."""
    judged = Judged(row)
    try:
        link = _filed(judged, partitions)
        for place in range(2, len(row.records)):
            link = _hop(judged, place, link)
        if link is not None:
            _laws(judged, link)
            judged.event = followed(judged, link.attributes, link.value, link.sections, link.texts)
    except Exception as error:  # a record may hold anything; the rows behind it are to be judged all the same
        judged.tell("cannot_check", len(row.records) - 1, detail=f"{type(error).__name__}: {error}")
    return judged


# --- from topic to topic ----------------------------------------------------------------------------------------------


def _filed(judged: Judged, partitions: int) -> Link | None:
    """The first stage: the request's bytes verbatim, or the verdict that they cannot be read."""
    requested, record = judged.row.records[:2]
    if record is None or requested is None:
        return _hop(judged, 1, None)
    judged.request_id = shown(record.header("ce_requestid") or b"-")
    if record.header("ce_type") == b"cn.yibao.request.unreadable.v1":
        return _unreadable(judged, requested, record)
    try:
        request = read_request(requested, judged.row.partition, partitions)
    except Unreadable as error:
        judged.tell("accepted_unreadable", 1, detail=str(error))
        return _alone(judged, 1, record)
    judged.request_id = request.id
    event = judged.first = first_event(request)
    return _hop(judged, 1, _link(event, requested.offset, {"request": request.body}))


def _unreadable(judged: Judged, requested: Record, record: Record) -> Link | None:
    """The verdict must hold what came. Whether it could have been read is not asked: types come with the versions."""
    section = _section(judged, 1, "request.unreadable", grown_by(wrap(None), record.value, "filed"))
    if section is None:
        return None
    event = unreadable(requested, section.reasons)
    judged.request_id = event.attributes.request_id
    judged.dead = dead_copy(judged, requested, event.body.filed)
    if record.value != event.value:
        judged.tell("request_not_held", 1, *around(record.value, event.value))
        return _alone(judged, 1, record)
    return _forwarded(judged, 1, _link(event, requested.offset, {"filed": section}), record)


def _hop(judged: Judged, place: int, before: Link | None) -> Link | None:
    """The record on topic ``place`` as it follows from ``before``, which becomes it; None where there is none that can be read."""
    record = judged.row.records[place]
    if record is None:
        return None
    if before is None:
        if judged.row.records[place - 1] is None:
            judged.tell("no_cause", place)
        return _alone(judged, place, record)
    if record.value == before.value:
        return _forwarded(judged, place, before, record)
    return _grown(judged, place, before, record)


def _forwarded(judged: Judged, place: int, link: Link, record: Record) -> Link:
    """The same bytes and the same headers, but for numbers and trace context."""
    _place(judged, place, link, record)
    _stands(judged, place, link, record, link.attributes, link.pairs)
    return link


def _grown(judged: Judged, place: int, link: Link, record: Record) -> Link | None:
    """The bytes of its cause, grown by the one section of the stage."""
    stage = STAGES[place - 1]
    name, section_name = _place(judged, place, link, record), SECTIONS[stage]
    grown = grown_by(link.value, record.value, section_name)
    if grown is None:
        code = "request_not_held" if place == 1 else "bytes_changed"
        judged.tell(code, place, *around(record.value, link.value))
        return _alone(judged, place, record)
    if name not in DUE[stage].get(link.type, ()):
        judged.tell("type_not_due", place, name, detail=link.type)
    due = answering(link.attributes, stage, name, link.value)
    _stands(judged, place, link, record, due, stage_headers(due))
    section = _section(judged, place, name, grown)
    if section is None:
        return None
    link.value, link.sections[section_name], link.texts[section_name] = record.value, section, grown
    return link


def _stands(judged: Judged, place: int, link: Link, record: Record, due: Attributes, pairs: Headers) -> None:
    """The link as it stands in ``record``: its place, key and headers. Tells where the headers are not ``pairs``."""
    usual = _are_usual(record.headers, pairs)
    found = pairs if usual else _plain(record.headers)
    if found != pairs:
        _tell_headers(judged, place, dict(found), dict(pairs))
        due = _standing(record, due)
    elif not usual and (name := _twice([name for name, _ in record.headers])) is not None:
        judged.tell("headers_changed", place, [value for one, value in record.headers if one == name], [record.header(name)], name)
    link.attributes, link.pairs, link.offset, link.key = due, found, record.offset, record.key


def _alone(judged: Judged, place: int, record: Record) -> Link | None:
    """A record whose cause is missing or another one, so that what follows it can be judged."""
    try:
        event = event_of(record)
        return _link(event, record.offset, dict(event.body.__dict__))
    except (BadHeaders, ValidationError, KeyError, ValueError) as error:
        judged.tell("unparsed", place, detail=_why(error))
        return None


def _place(judged: Judged, place: int, before: Link, record: Record) -> str:
    """Key, source and type of the record; returns the name of its type."""
    if record.key != before.key:
        judged.tell("key_changed", place, record.key, before.key)
    if number(record.header("src")) != before.offset:
        judged.tell("source_differs", place, record.header("src"), before.offset)
    type = record.header("ce_type")
    name = _TYPES[place].get(type) if type is not None else None
    if name is None:
        text = shown(type)
        judged.tell("type_not_allowed", place, detail=text)
        name = (split_type(text) or (text, 0))[0]
    return name


def _tell_headers(judged: Judged, place: int, found: dict[str, bytes | None], due: dict[str, bytes | None]) -> None:
    differing = [name for name in (due | found) if found.get(name) != due.get(name)] or ["*"]
    first: dict[str, str] = {}  # one finding a code
    for name in differing:
        first.setdefault({"cause": "cause_differs", "ce_id": "id_differs"}.get(name, "headers_changed"), name)
    for code, name in first.items():
        judged.tell(code, place, found.get(name), due.get(name), name)


def _standing(record: Record, due: Attributes) -> Attributes:
    """What changed headers say, so that what follows them is judged by them; ``due`` where they say nothing."""
    try:
        return stage_attributes(record.headers)._replace(type=due.type, version=due.version, trace=())
    except BadHeaders:
        return due


def _section(judged: Judged, place: int, type: str, grown: bytes | None) -> Any:
    """The one section by which a value has grown, parsed; None (and told) where it is none."""
    name = SECTIONS[STAGES[place - 1]]
    model = section_model(type, name) if type in BODIES else None  # any text may stand in a header; only types are remembered
    if model is None or grown is None:
        judged.tell("unparsed", place, detail=f"{type} without a section {name}")
        return None
    try:
        section = model.validate_json(grown)
    except ValidationError as error:
        judged.tell("unparsed", place, detail=_why(error))
        return None
    due = promised(type)
    if due is not None and section.verdict != due:
        judged.tell("verdict_differs", place, section.verdict, due, type)
    return section


# --- what the verdict says of money -----------------------------------------------------------------------------------


def _laws(judged: Judged, link: Link) -> None:
    """Laws 1 to 3 within the terminal event, as they were asserted when it was decided."""
    sections = inner(link.sections)
    request, priced, settled = (sections.get(name) for name in ("request", "priced", "settled"))
    kinds = _kinds(settled.__class__)
    if AccountMoved in kinds or WalletFilled in kinds:
        _holds(judged, check_moved, request, settled)
    elif Reversed in kinds:
        _holds(judged, check_reversed, made(BODIES[link.type], **link.sections))
    if priced is None or priced.verdict != "accepted":
        return
    _holds(judged, _check_lines, priced.lines)
    _holds(judged, check_priced, priced, claim_of(request).medfee_sumamt)
    if Settled in kinds:
        _holds(judged, check_settled_claim, priced, settled)
    if Reimbursed in kinds:
        _holds(judged, check_payable, request, settled)


def _holds(judged: Judged, check: Callable[..., object], *of: Any) -> None:
    try:
        check(*of)
    except LawBroken as broken:
        judged.tell(LAWS[broken.law], len(judged.row.records) - 1, detail=broken.what)


def _check_lines(lines: Iterable[PricedLine]) -> None:
    for line in lines:
        check_line(line)


@cache
def _kinds(section: type) -> frozenset[type]:
    """A section's type and its bases: ``isinstance`` of a model takes a microsecond where it is another one."""
    return frozenset(section.__mro__)


# --- parts ------------------------------------------------------------------------------------------------------------


def _link(event: Event, offset: int, sections: dict[str, Any]) -> Link:
    return Link(event.attributes, offset, event.key, event.value, _plain(event.headers), sections)


def _plain(headers: Headers) -> Headers:
    return tuple([pair for pair in headers if pair[0] not in OUTSIDE])  # faster than a generator, and hot


def _are_usual(headers: Headers, pairs: Headers) -> bool:
    """Whether they are ``pairs`` and the numbers behind them, as a stage writes them: then nothing needs to be picked out."""
    return headers[:-3] == pairs and [name for name, _ in headers[-3:]] == _NUMBERS


def _twice(names: list[str]) -> str | None:
    """A number of the protocol that is given more than once: readers go by the last one, and no stage writes two."""
    return next((name for name in _NUMBERS if names.count(name) > 1), None)


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(why.en for why in reasons_of(error)) or str(error)
    return f"{type(error).__name__}: {error}"
