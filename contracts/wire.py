"""The only door for bytes: read (bound, parse strictly, validate, upcast) and write (wrap, grow).

A value is one JSON object with a section a stage. The first stage puts the request's bytes verbatim under
``request``; each later stage appends its section before the last brace and leaves every earlier byte as it was.
"""

import json
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from contracts.base import Model, made
from contracts.envelope import (
    Attributes,
    BadHeaders,
    Headers,
    Record,
    RequestAttributes,
    join_type,
    request_attributes,
    stage_attributes,
    stage_headers,
)
from contracts.events import BODIES, REQUESTS, RequestType
from contracts.keys import content_hash, derived_id, partition_of
from contracts.reasons import Reason, reason

MAX_REQUEST_BYTES = 262_144
MAX_VALUE_BYTES = 4 * 1024 * 1024
"""What a stage may write; the topics take 16 MiB."""
MAX_REASONS = 8

_INT_ERRORS = frozenset({"int_type", "int_parsing", "int_from_float", "int_parsing_size"})


class Unreadable(ValueError):
    """A request that cannot be read. ``reasons`` say why, for the one who sent it."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(r.en for r in reasons))
        self.reasons = reasons


class Request:
    """A request that was read: attributes, the bytes as they came, and the model in its newest version when it is asked for."""

    __slots__ = ("_body", "_known", "attributes", "id", "psn_no", "raw")

    def __init__(self, attributes: RequestAttributes, known: RequestType, body: Model, raw: bytes) -> None:
        """``body`` in the version that the attributes name, or in the newest one where their forms differ."""
        self.attributes, self.raw, self._known, self._body = attributes, raw, known, body
        self.psn_no: str = body.psn_no  # type: ignore[attr-defined]
        self.id = attributes.request_id(raw)

    @property
    def body(self) -> Model:
        """The model in its newest version."""
        newest = self._known.versions[self._known.newest]
        if self._body.__class__ is not newest:
            self._body = newest.model_validate_json(self.raw)
        return self._body


class Event:
    """An event of the road: its attributes at once, its body parsed when somebody asks for it.

    ``needs``: kept here by whoever asks a stage for the entries that the event needs (``policies.stage``); ``kept``: what a stage
    found when it named them, and needs again when it decides. Each with that of which it holds: the stage, the rulebook.
    """

    __slots__ = ("_body", "attributes", "headers", "kept", "key", "needs", "type", "value")

    def __init__(
        self, attributes: Attributes, key: bytes | None, value: bytes, body: Any = None, headers: Headers | None = None
    ) -> None:
        self.attributes, self.key, self.value, self._body = attributes, key, value, body
        self.type = attributes.type
        self.headers: Headers = headers if headers is not None else stage_headers(attributes)
        self.needs: tuple[Any, tuple[str, ...]] | None = None
        self.kept: tuple[Any, Any] | None = None

    @property
    def psn_no(self) -> str:
        """The person, from the key; empty where an unreadable request had none."""
        return (self.key or b"").decode("utf-8", "replace")

    @property
    def body(self) -> Any:
        """The typed body. Raises ValidationError."""
        if self._body is None:
            self._body = read_body(self.attributes, self.value)
        return self._body


def event_of(record: Record) -> Event:
    """The event in a record of the road, with its headers as they are. Raises BadHeaders."""
    return Event(stage_attributes(record.headers), record.key, record.value, headers=record.headers)


def first_event(attributes: RequestAttributes, id: str, key: bytes | None, raw: bytes) -> Event:
    """The event that the first stage makes of a request: its bytes verbatim under ``request``."""
    type_text, cause = join_type(attributes.type, attributes.version), content_hash(raw)
    return Event(
        Attributes(
            type=attributes.type, version=1, id=derived_id(id, type_text, cause), source="/yibao/filing",
            time=attributes.time, request_id=id, request_type=attributes.type,
            request_version=attributes.version, request_source=attributes.source, cause=cause, trace=attributes.trace,
        ),
        key,
        wrap(raw),
    )


def answer(event: Event, stage: str, type: str, section: Model) -> Event:
    """The event that answers ``event``: its bytes, grown by the section of ``stage``, and the hash of its cause."""
    name, attributes = SECTIONS[stage], answering(event.attributes, stage, type, event.value, event.attributes.trace)
    body = made(BODIES[type], **{**event.body.__dict__, name: section})
    return Event(attributes, event.key, grow(event.value, name, section), body)


def answering(asked: Attributes, stage: str, type: str, cause: bytes, trace: Headers = ()) -> Attributes:
    """The attributes of the event of ``type`` by which ``stage`` answers the one that has ``asked`` and the value ``cause``."""
    hashed = content_hash(cause)
    return Attributes(
        type=type, version=1, id=derived_id(asked.request_id, type, hashed), source=f"/yibao/{stage}", time=asked.time,
        request_id=asked.request_id, request_type=asked.request_type, request_version=asked.request_version,
        request_source=asked.request_source, cause=hashed, trace=tuple(trace),
    )


SECTIONS = {"filing": "filed", "eligibility": "checked", "pricing": "priced", "settlement": "settled"}
"""The section that each deciding stage appends, in the order of the road."""


def read_request(record: Record, partition: int, partitions: int) -> Request:
    """What a gateway published, believed only after every check. Raises Unreadable."""
    try:
        attributes = request_attributes(record.headers)
    except BadHeaders as bad:
        raise Unreadable(reason(bad.code, bad.field, detail=bad.detail)) from None
    known = _known_type(attributes)
    if record.key is None:
        raise Unreadable(reason("key_absent", "key"))
    if len(record.value) > MAX_REQUEST_BYTES:
        raise Unreadable(reason("request_too_large", None, size=len(record.value), limit=MAX_REQUEST_BYTES))
    if known.id_required and attributes.id is None:
        raise Unreadable(reason("id_required", "ce_id", detail=attributes.type))
    body = _validated(known, attributes.version, record.value)
    request = Request(attributes, known, body, record.value)
    if request.psn_no.encode() != record.key:
        raise Unreadable(reason("key_mismatch", "key"))
    expected = partition_of(record.key, partitions)
    if expected != partition:
        raise Unreadable(reason("misrouted", None, got=partition, expected=expected))
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
    grown["request"] = _upcast(known, request_version, grown["request"])
    return model.model_validate_json(json.dumps(grown))


def wrap(raw: bytes | None) -> bytes:
    """The first value of a request: its bytes verbatim under ``request`` (null where they cannot be shown)."""
    return b'{"request":%b}' % (raw if raw is not None else b"null")


def grow(value: bytes, name: str, section: Model) -> bytes:
    """``value`` with the section ``name`` appended; every earlier byte stays."""
    return b'%b,"%b":%b}' % (value[:-1], name.encode(), to_json(section))


def cut(value: bytes, name: str) -> bytes | None:
    """``value`` without its last section, which must be ``name``: the bytes of its cause. None where absent."""
    at = value.rfind(b',"%b":' % name.encode())
    return value[:at] + b"}" if at > 0 else None


def to_json(model: Model) -> bytes:
    """A model as JSON, fields in the order of the model, absent ones left out: the same bytes for the same content."""
    return model.__pydantic_serializer__.to_json(model, exclude_none=True)


def strict_object(value: bytes) -> dict[str, Any]:
    """``value`` as one JSON object: UTF-8, no key twice, nothing behind it, no NaN. Raises Unreadable."""
    return _object(_json_text(value))


def _object(text: str) -> dict[str, Any]:
    """``text``, which starts with JSON that the models' parser takes, as one object. Raises Unreadable."""
    try:
        found = _ONCE.decode(text)
    except json.JSONDecodeError as error:
        at = len(text[: error.pos].encode())
        raise Unreadable(reason("trailing_bytes", None, at=at)) from None
    except _KeyTwice as twice:
        raise Unreadable(reason("duplicate_key", str(twice)[:80], key=str(twice)[:80])) from None
    if not isinstance(found, dict):
        raise Unreadable(reason("not_object"))
    return found


def reasons_of(error: ValidationError) -> list[Reason]:
    """What pydantic found, as reasons: the path of each field and what is wrong with it, at most MAX_REASONS."""
    found = error.errors(include_url=False, include_context=False)
    return [_reason_of(one) for one in found if not _only_follows(one, found)][:MAX_REASONS]


class _KeyTwice(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _KeyTwice(next(name for name, _ in pairs if name in seen or seen.add(name)))
    return found


_ONCE = json.JSONDecoder(object_pairs_hook=_once)


def _json_text(value: bytes) -> str:
    """``value`` as text that starts with JSON. Raises Unreadable.

    The parser of the models goes first: its bounds on depth and digits do not depend on the caller's stack, and it
    takes no lone surrogate, so nothing after it can fail on one. All that is left to find is what follows the value.
    """
    try:
        text = value.decode("utf-8")
        from_json(value, allow_inf_nan=False)
    except UnicodeDecodeError as error:
        raise Unreadable(reason("not_json", None, detail=f"not UTF-8 at byte {error.start}")) from None
    except ValueError as error:
        if not str(error).startswith("trailing characters"):
            raise Unreadable(reason("not_json", None, detail=str(error)[:120])) from None
    return text


def _known_type(attributes: RequestAttributes) -> RequestType:
    known = REQUESTS.get(attributes.type)
    if known is None:
        raise Unreadable(reason("unknown_type", "ce_type", detail=attributes.type))
    if attributes.version not in known.versions:
        detail = join_type(attributes.type, attributes.version)
        raise Unreadable(reason("unknown_version", "ce_type", detail=detail))
    return known


def _validated(known: RequestType, version: int, value: bytes) -> Model:
    """The body in its version; in the newest one where that has another form. The models go first: most requests are good."""
    try:
        body = known.versions[version].model_validate_json(value)
    except ValidationError as error:
        strict_object(value)  # what is wrong with the JSON itself is said first
        raise Unreadable(*reasons_of(error)) from None
    found = _object(value.decode())
    if known.same_form(version):
        return body
    try:
        return known.versions[known.newest].model_validate_json(json.dumps(_upcast(known, version, found)))
    except ValidationError as error:
        raise Unreadable(*reasons_of(error)) from None


def _upcast(known: RequestType, version: int, body: dict[str, Any]) -> dict[str, Any]:
    while version < known.newest:
        body = known.upcasts[version](body)
        version += 1
    return body


def _only_follows(one: Any, found: list[Any]) -> bool:
    """A list that is too short only because pydantic dropped its faulty elements: those are told, it is not."""
    at = one["loc"]
    within = (other["loc"][: len(at)] == at and len(other["loc"]) > len(at) for other in found)
    return one["type"] == "too_short" and any(within)


def _reason_of(found: Any) -> Reason:
    field = ".".join(str(part) for part in found["loc"])[:200] or "*"
    if found["type"] == "extra_forbidden":
        return reason("unknown_field", field)
    if found["type"] in _INT_ERRORS and field.rpartition(".")[2].endswith(("amt", "pay")):
        return reason("fen_not_yuan", field, detail=repr(found["input"])[:40])
    return reason("invalid_field", field, detail=found["msg"].removeprefix("Value error, ")[:200])
