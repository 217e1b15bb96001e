"""CloudEvents attributes <-> Kafka headers, and the record that everything reads and writes.

A record of the road carries, beside the CloudEvents attributes of its own event, those of the request that it
answers (``ce_requestid``, ``ce_requesttype``, ``ce_requestsource``), the hash of its cause (``cause``) and the three
numbers of the protocol (``req``, ``src``, ``own``). The numbers and the trace context lie outside every hash.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from contracts.keys import derived_id
from contracts.reasons import Bilingual

Headers = Sequence[tuple[str, bytes | None]]

TYPE_PREFIX = "cn.yibao."
SPECVERSION = "1.0"
_SPECVERSION = ("ce_specversion", SPECVERSION.encode())
PROTOCOL_HEADERS = frozenset({"req", "src", "own"})
"""What a stage numbers its records with: different in every run, so never part of what is compared."""
TRACE_HEADERS = frozenset({"traceparent", "tracestate"})
OUTSIDE = PROTOCOL_HEADERS | TRACE_HEADERS
"""What lies outside every hash."""
HEADERS = frozenset({
    "ce_specversion", "ce_type", "ce_source", "ce_id", "ce_time", "ce_requestid", "ce_requesttype", "ce_requestsource", "cause",
}) | OUTSIDE
"""The names of headers that records of the road have."""

MAX_HEADERS = 32
MAX_HEADER_BYTES = 1024

_TYPE = re.compile(r"cn\.yibao\.([a-z]+\.[a-z]+)\.v([1-9][0-9]{0,2})")
_ID = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_SOURCE = re.compile(r"[A-Za-z0-9._:/-]{1,128}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
FORMS = {name: form.pattern for name, form in (("ce_source", _SOURCE), ("ce_id", _ID), ("ce_time", _TIME))}
"""What the whole of a header of a request must match, where it is given."""
CHINA = timezone(timedelta(hours=8))
"""The clocks of China, by which a moment has its day."""


@dataclass(slots=True, unsafe_hash=True)
class Record:
    """One Kafka record. ``offset`` is -1 until it has been appended; ``timestamp_ms`` is the broker's.

    Nothing changes one. It is not frozen, because that makes it four times as dear to make, and a request makes ten.
    """

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes | None], ...]
    offset: int = -1
    partition: int = -1
    topic: str = ""
    timestamp_ms: int = -1

    def header(self, name: str) -> bytes | None:
        """The header called ``name``, the last one where it is given twice, as for every reader (``dict``); or None."""
        for key, value in reversed(self.headers):
            if key == name:
                return value
        return None


class Attributes(NamedTuple):
    """What the headers of a record of the road say. ``type`` is without prefix: ``claim.settled``."""

    type: str
    version: int
    id: str
    source: str
    time: str | None
    request_id: str
    request_type: str
    request_version: int
    request_source: str
    cause: str
    trace: tuple[tuple[str, bytes | None], ...] = ()


class BadHeaders(ValueError):
    """The headers cannot be believed. ``code`` is a reason code, ``field`` the header, ``detail`` what is wrong, in both languages."""

    def __init__(self, code: str, field: str, zh: str, en: str) -> None:
        super().__init__(f"header {field}: {en}")
        self.code, self.field, self.detail = code, field, Bilingual(zh, en)


@lru_cache(maxsize=1024)
def split_type(text: str) -> tuple[str, int] | None:
    """``cn.yibao.claim.submitted.v1 -> ("claim.submitted", 1)``; None where it is not of that form."""
    match = _TYPE.fullmatch(text)
    return (match[1], int(match[2])) if match else None


def join_type(name: str, version: int) -> str:
    """``("claim.submitted", 1) -> cn.yibao.claim.submitted.v1``."""
    return f"{TYPE_PREFIX}{name}.v{version}"


@lru_cache(maxsize=1024)
def _type_header(name: str, version: int) -> bytes:
    return join_type(name, version).encode()


class RequestAttributes(NamedTuple):
    """What the headers of a request say. ``id`` is None where it is to be derived from the content."""

    type: str
    version: int
    id: str | None
    source: str
    time: str | None
    trace: tuple[tuple[str, bytes | None], ...] = ()

    def request_id(self, value: bytes) -> str:
        """The id as given, or derived from type and content."""
        return self.id or derived_id(join_type(self.type, self.version), value)


def request_attributes(headers: Headers) -> RequestAttributes:
    """The attributes of a request, each bounded and checked. Raises BadHeaders."""
    found = _bounded(headers)
    if "ce_specversion" not in found and (found.get("content-type") or b"").startswith(b"application/cloudevents"):
        raise BadHeaders(
            "bad_header", "content-type", "不收结构化模式：请用二进制模式，属性作为消息头 ce_*，值只是正文",
            "structured mode is not taken: send the attributes as headers ce_*, and the body alone as the value (binary mode)")
    if _text(found, "ce_specversion") != SPECVERSION:
        raise BadHeaders("bad_header", "ce_specversion", f"须为 {SPECVERSION}", f"must be {SPECVERSION}")
    type_text = _text(found, "ce_type")
    named = split_type(type_text)
    if named is None:
        text, form = repr(type_text[:80]), "cn.yibao.<noun>.<verb>.v<n>"
        raise BadHeaders("unknown_type", "ce_type", f"{text}：不是 {form} 的形式", f"{text}: it is not of the form {form}")
    return RequestAttributes(
        *named,
        _matching(found, "ce_id", _ID) if "ce_id" in found else None,
        _matching(found, "ce_source", _SOURCE),
        _time(found) if "ce_time" in found else None,
        trace_of(headers) if not TRACE_HEADERS.isdisjoint(found) else (),
    )


def request_headers(
    type_text: str, source: str, id: str | None = None, time: str | None = None
) -> tuple[tuple[str, bytes | None], ...]:
    """The headers that a gateway publishes a request with."""
    pairs = [_SPECVERSION, ("ce_type", type_text.encode()), ("ce_source", source.encode())]
    if id:
        pairs.append(("ce_id", id.encode()))
    if time:
        pairs.append(("ce_time", time.encode()))
    return tuple(pairs)


def stage_headers(attributes: Attributes) -> tuple[tuple[str, bytes | None], ...]:
    """The headers of a record that a stage writes, in their fixed order, without the numbers of the protocol."""
    type, version, id, source, time, request_id, request_type, request_version, request_source, cause, trace = attributes
    own = (
        _SPECVERSION, ("ce_type", _type_header(type, version)), ("ce_source", source.encode()), ("ce_id", id.encode()),
    )
    asked = (
        ("ce_requestid", request_id.encode()), ("ce_requesttype", _type_header(request_type, request_version)),
        ("ce_requestsource", request_source.encode()), ("cause", cause.encode()),
    )
    return (*own, *((("ce_time", time.encode()),) if time else ()), *asked, *trace)


def stage_attributes(headers: Headers) -> Attributes:
    """The attributes of a record of the road. Raises BadHeaders."""
    found: dict[str, Any] = dict(headers)
    try:
        return Attributes(
            *split_type(found["ce_type"].decode()), found["ce_id"].decode(), found["ce_source"].decode(),
            found["ce_time"].decode() if "ce_time" in found else None, found["ce_requestid"].decode(),
            *split_type(found["ce_requesttype"].decode()), found["ce_requestsource"].decode(), found["cause"].decode(),
            trace_of(headers) if not TRACE_HEADERS.isdisjoint(found) else (),
        )
    except (KeyError, AttributeError, TypeError, UnicodeDecodeError):
        raise _bad(found) from None


def _bad(found: dict[str, bytes | None]) -> BadHeaders:
    """What is wrong with headers of the road that give no attributes."""
    try:
        if None in (split_type(_text(found, "ce_type")), split_type(_text(found, "ce_requesttype"))):
            return BadHeaders("unknown_type", "ce_type", "不是路上事件的类型", "is not the type of an event of the road")
        for name in ("ce_id", "ce_source", *(("ce_time",) if "ce_time" in found else ()), "ce_requestid", "ce_requestsource", "cause"):
            _text(found, name)
    except BadHeaders as bad:
        return bad
    raise AssertionError("headers that give no attributes lack one, or hold one that cannot be read")


def with_numbers(headers: Headers, req: int, src: int, own: int) -> tuple[tuple[str, bytes | None], ...]:
    """``headers`` with the numbers of the protocol, old ones replaced."""
    kept = [pair for pair in headers if pair[0] not in PROTOCOL_HEADERS]
    return (*kept, ("req", b"%d" % req), ("src", b"%d" % src), ("own", b"%d" % own))


def comparable(headers: Headers) -> list[tuple[str, bytes | None]]:
    """What must be equal between two runs over the same requests: all but ``src``, ``own`` and the trace context."""
    return [pair for pair in headers if pair[0] not in TRACE_HEADERS and pair[0] not in ("src", "own")]


def trace_of(headers: Headers) -> tuple[tuple[str, bytes | None], ...]:
    """The W3C trace context, carried along unread."""
    return tuple([(k, v) for k, v in headers if k in TRACE_HEADERS and v is not None and len(v) <= 512])


def _bounded(headers: Headers) -> dict[str, bytes | None]:
    if len(headers) > MAX_HEADERS:
        raise BadHeaders("bad_header", "*", f"消息头多于 {MAX_HEADERS} 个", f"more than {MAX_HEADERS} headers")
    for name, value in headers:
        if value is not None and len(value) > MAX_HEADER_BYTES:
            raise BadHeaders("bad_header", name[:64], f"长于 {MAX_HEADER_BYTES} 字节", f"longer than {MAX_HEADER_BYTES} bytes")
    found = dict(headers)
    if len(found) < len(headers):
        ours = [name for name, _ in headers if name.startswith("ce_")]
        twice = next((name for at, name in enumerate(ours) if name in ours[:at]), None)
        if twice is not None:
            raise BadHeaders("bad_header", "ce_*", f"{twice[:64]} 出现两次", f"{twice[:64]} is given twice")
    return found


def _text(found: dict[str, bytes | None], name: str) -> str:
    try:
        return found[name].decode()  # type: ignore[union-attr]
    except KeyError:
        raise BadHeaders("missing_header", name, "缺少", "is missing") from None
    except AttributeError:
        raise BadHeaders("null_header", name, "为空值", "is null") from None
    except UnicodeDecodeError:
        raise BadHeaders("bad_header", name, "不是 UTF-8", "is not UTF-8") from None


def _matching(found: dict[str, bytes | None], name: str, pattern: re.Pattern[str]) -> str:
    text = _text(found, name)
    if not pattern.fullmatch(text):
        given = repr(text[:80])
        raise BadHeaders("bad_header", name, f"{given} 不符合 {pattern.pattern}", f"{given} does not match {pattern.pattern}")
    return text


def _time(found: dict[str, bytes | None]) -> str:
    text = _matching(found, "ce_time", _TIME)
    try:
        day_of(text)
    except (ValueError, OverflowError):
        raise BadHeaders("bad_header", "ce_time", f"没有 {text!r} 这一时刻", f"there is no such time as {text!r}") from None
    return text


def day_of(time: str) -> date:
    """The day of a ``ce_time`` by the clocks of China (UTC+8). Raises ValueError, OverflowError where there is no such time."""
    return datetime.fromisoformat(time).astimezone(CHINA).date()
