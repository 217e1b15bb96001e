"""The only door for bytes: read (bound, parse strictly, validate, upcast) and write (wrap, grow).

A value is one JSON object with a section a stage. The first stage puts the request's bytes verbatim under
``request``; each later stage appends its section before the last brace and leaves every earlier byte as it was.
"""

import json
from functools import lru_cache
from typing import Any

from contracts.base import Model, filled, made
from contracts.envelope import (
    Attributes,
    BadHeaders,
    Headers,
    Record,
    RequestAttributes,
    join_type,
    request_attributes,
    split_type,
    stage_attributes,
    stage_headers,
)
from contracts.events import BODIES, REQUESTS, RequestType
from contracts.keys import content_hash, derived_id, partition_of
from contracts.reasons import Bilingual, reason
from contracts.strict import Unreadable
from contracts.versions import upcast, validated

MAX_REQUEST_BYTES = 262_144
MAX_VALUE_BYTES = 4 * 1024 * 1024
"""What a stage may write; the topics take 16 MiB."""
_COURIERS = Bilingual("这一类型的编号由 courier 推出", "for this type it is the one that the courier derives")


class Request:
    """A request that was read: attributes, the record as it came, and the model in its newest version when it is asked for."""

    __slots__ = ("_body", "_known", "attributes", "id", "psn_no", "raw", "record")

    def __init__(self, attributes: RequestAttributes, known: RequestType, body: Model, record: Record) -> None:
        """``body`` in the version that the attributes name, or in the newest one."""
        self.attributes, self.record, self.raw, self._known, self._body = attributes, record, record.value, known, body
        self.psn_no: str = body.psn_no  # type: ignore[attr-defined]
        self.id = attributes.request_id(record.value)

    @property
    def named_as_due(self) -> bool:
        """Whether its id is derived of what it names, where its type asks for that."""
        known = self._known.id_of
        return known is None or self.id == derived_id(getattr(self._body, known), self.attributes.type)

    def naming(self, body: Model) -> "Request":
        """The same request, its bytes too, with another model in the newest version."""
        return Request(self.attributes, self._known, body, self.record)

    @property
    def body(self) -> Model:
        """The model in its newest version."""
        newest = self._known.versions[self._known.newest]
        if self._body.__class__ is not newest:
            self._body = newest.model_validate_json(self.raw)
        return self._body


class Event:
    """An event of the road: its attributes at once, its body parsed when somebody asks for it.

    ``asked``: the request that it is about, where that was read here: its model is not parsed again.
    ``needs``: kept here by whoever asks a stage for the entries that the event needs (``policies.stage``); ``kept``: what a stage
    found when it named them, and needs again when it decides. Each with that of which it holds: the stage, the rulebook.
    ``packed``: the value as a fold keeps it, where that was made before (``policies.reversal.packing``).
    """

    __slots__ = ("_asked", "_body", "attributes", "headers", "kept", "key", "needs", "packed", "psn_no", "type", "value")

    def __init__(
        self, attributes: Attributes, key: bytes | None, value: bytes, body: Any = None, headers: Headers | None = None,
        asked: Request | None = None,
    ) -> None:
        self.attributes, self.key, self.value, self._body, self._asked = attributes, key, value, body, asked
        self.headers: Headers = headers if headers is not None else stage_headers(attributes)
        self.needs: tuple[Any, tuple[str, ...]] | None = None
        self.kept: tuple[Any, Any] | None = None
        self.packed: str | None = None
        self.type = attributes.type
        self.psn_no = (key or b"").decode("utf-8", "replace")  # empty where an unreadable request had no key

    @property
    def body(self) -> Any:
        """The typed body. Raises ValidationError."""
        if self._body is None:
            known = self._asked
            self._body = made(BODIES[self.type], request=known.body) if known is not None else read_body(self.attributes, self.value)
        return self._body


def event_of(record: Record) -> Event:
    """The event in a record of the road, with its headers as they are. Raises BadHeaders."""
    return Event(stage_attributes(record.headers), record.key, record.value, headers=record.headers)


def first_event(request: Request) -> Event:
    """The event that the first stage makes of a request: its bytes verbatim under ``request``."""
    asked, cause = request.attributes, content_hash(request.raw)
    own_id = derived_id(request.id, join_type(asked.type, asked.version), cause)
    attributes = Attributes(
        asked.type, 1, own_id, "/yibao/filing", asked.time, request.id, asked.type, asked.version, asked.source, cause, asked.trace,
    )
    return Event(attributes, request.record.key, wrap(request.raw), asked=request)


def answer(event: Event, stage: str, type: str, section: Model) -> Event:
    """The event that answers ``event``: its bytes, grown by the section of ``stage``, and the hash of its cause."""
    name, attributes = SECTIONS[stage], answering(event.attributes, stage, type, event.value, event.attributes.trace)
    body = filled(BODIES[type], {**event.body.__dict__, name: section})
    return Event(attributes, event.key, grow(event.value, name, section), body)


def answering(asked: Attributes, stage: str, type: str, cause: bytes, trace: Headers = ()) -> Attributes:
    """The attributes of the event of ``type`` by which ``stage`` answers the one that has ``asked`` and the value ``cause``."""
    hashed = content_hash(cause)
    return Attributes(  # in their order: with their names it costs twice as much, and a request has four
        type, 1, derived_id(asked.request_id, type, hashed), f"/yibao/{stage}", asked.time, asked.request_id, asked.request_type,
        asked.request_version, asked.request_source, hashed, tuple(trace),
    )


SECTIONS = {"filing": "filed", "eligibility": "checked", "pricing": "priced", "settlement": "settled"}
"""The section that each deciding stage appends, in the order of the road."""


def read_request(record: Record, partition: int, partitions: int) -> Request:
    """What a gateway published, believed only after every check. Raises Unreadable."""
    attributes, known = _announced(record)
    body = validated(known, attributes.version, record.value)
    return _addressed(Request(attributes, known, body, record), partition, partitions)


def line_request(record: Record, body: Model, partitions: int) -> Request:
    """The request of a ``record`` whose value was ``validated`` as ``body``: what else ``read_request`` checks. Raises Unreadable."""
    attributes, known = _announced(record)
    return _addressed(Request(attributes, known, body, record), record.partition, partitions)


def _announced(record: Record) -> tuple[RequestAttributes, RequestType]:
    """What its headers say of a request, and its type; the value is not looked at. Raises Unreadable."""
    try:
        attributes = request_attributes(record.headers)
    except BadHeaders as bad:
        raise Unreadable(reason(bad.code, bad.field, detail=bad.detail)) from None
    known = _known(attributes.type, attributes.version)
    if record.key is None:
        raise Unreadable(reason("key_absent", "key"))
    if len(record.value) > MAX_REQUEST_BYTES:
        raise Unreadable(reason("request_too_large", None, size=len(record.value), limit=MAX_REQUEST_BYTES))
    if known.id_required and attributes.id is None:
        raise Unreadable(reason("id_required", "ce_id", detail=attributes.type))
    return attributes, known


def _addressed(request: Request, partition: int, partitions: int) -> Request:
    """``request``, whose key is its person's and lies where it belongs. Raises Unreadable."""
    key = request.record.key
    if key is None or request.psn_no.encode() != key:
        raise Unreadable(reason("key_mismatch", "key"))
    expected = partition_of(key, partitions)
    if expected != partition:
        raise Unreadable(reason("misrouted", None, got=partition, expected=expected))
    if not request.named_as_due:
        raise Unreadable(reason("bad_header", "ce_id", detail=_COURIERS))
    return request


def read_body(attributes: Attributes, value: bytes) -> Model:
    """The body of an event of the road, with its request in the newest version. Raises ValidationError."""
    return read_as(attributes.type, attributes.request_type, attributes.request_version, value)


def read_as(type: str, request_type: str, request_version: int, value: bytes) -> Model:
    """The body of an event of ``type`` whose request came in this version. Raises ValidationError."""
    model, known = BODIES[type], REQUESTS.get(request_type)
    if known is None or known.same_form(request_version) or type.startswith("request."):
        return model.model_validate_json(value)
    grown = json.loads(value)
    grown["request"] = upcast(known, request_version, grown["request"])
    return model.model_validate_json(json.dumps(grown))


def answers(verdict: Record, request: Record) -> bool:
    """Whether a record of the road holds the bytes of ``request``, or, where those could not be shown, names their hash."""
    return verdict.value.startswith(wrap(request.value)[:-1]) or verdict.header("cause") == content_hash(request.value).encode()


def wrap(raw: bytes | None) -> bytes:
    """The first value of a request: its bytes verbatim under ``request`` (null where they cannot be shown)."""
    return b'{"request":%b}' % (raw if raw is not None else b"null")


def grow(value: bytes, name: str, section: Model) -> bytes:
    """``value`` with the section ``name`` appended; every earlier byte stays."""
    return b"".join((value[:-1], _member(name), to_json(section), b"}"))  # a third of the time that formatting takes


@lru_cache(maxsize=64)
def _member(name: str) -> bytes:
    return f',"{name}":'.encode()


def cut(value: bytes, name: str) -> bytes | None:
    """``value`` without its last section, which must be ``name``: the bytes of its cause. None where absent."""
    at = value.rfind(_member(name))
    return value[:at] + b"}" if at > 0 else None


def to_json(model: Model) -> bytes:
    """A model as JSON, fields in the order of the model, absent ones left out: the same bytes for the same content."""
    return model.__pydantic_serializer__.to_json(model, exclude_none=True)


def known_version(type_text: str) -> tuple[RequestType, int]:
    """The type and version that ``cn.yibao.claim.submitted.v1`` names. Raises Unreadable."""
    name, version = split_type(type_text) or (type_text, 0)
    return _known(name, version), version


def _known(name: str, version: int) -> RequestType:
    known = REQUESTS.get(name)
    if known is None:
        raise Unreadable(reason("unknown_type", "ce_type", detail=name))
    if version not in known.versions:
        raise Unreadable(reason("unknown_version", "ce_type", detail=join_type(name, version)))
    return known
