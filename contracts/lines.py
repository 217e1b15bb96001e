"""Records as JSON lines: CloudEvents in structured JSON, for files and the command line.

A line of a request needs ``type`` and ``data``; ``source`` and ``subject`` (the key) are derived where they are absent
and unambiguous, an absent ``id`` is derived from the content by the first stage.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from contracts.envelope import PROTOCOL_HEADERS, SPECVERSION, TRACE_HEADERS, Record, request_headers, split_type
from contracts.keys import partition_of
from contracts.log import number
from contracts.reasons import Bilingual, reason
from contracts.strict import Unreadable, strict_object
from contracts.versions import validated
from contracts.wire import Request, known_version, line_request, read_request

ALLOWED = frozenset({"specversion", "type", "source", "id", "time", "subject", "datacontenttype", "data"})
MAX_LINE_BYTES = 1_048_576
_DATA = b',"data":{'
_PRINTED_OTHERWISE = (b"\\", b" ", b"\t", b"\n", b"\r", b":-0")
"""What may stand in JSON and would be printed otherwise; it may stand in a text too, and then the line is only read more slowly."""
_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def request_record(line: bytes, partitions: int) -> Record:
    """The record that a line of a request file publishes, checked as the first stage will. Raises Unreadable."""
    return read_line(line, partitions).record


def read_line(line: bytes, partitions: int) -> Request:
    """The request that a line of a request file publishes, read as the first stage will read it. Raises Unreadable."""
    found = _as_printed(line, partitions)
    if found is None:
        record = line_record(line, partitions)
        found = read_request(record, record.partition, partitions)
    return found


def line_record(line: bytes, partitions: int) -> Record:
    """The record that a line of a request file stands for; what its data say is not checked. Raises Unreadable."""
    if len(line) > MAX_LINE_BYTES:
        raise Unreadable(reason("request_too_large", None, size=len(line), limit=MAX_LINE_BYTES))
    event = strict_object(line)
    type_text, data = _type(event), _required(event, "data", dict)
    return _record(type_text, event, data, _ENCODED(data).encode(), partitions)


def _as_printed(line: bytes, partitions: int) -> Request | None:
    """The request of a line whose data stand there as they would be printed: then they need not be printed, nor parsed twice.

    That is so without any space and any escape, with numbers that are whole (all of a request's are, and none stands in a list)
    and not ``-0``: a third of the time. None where it is not so, and where anything is wrong.
    """
    at = line.find(_DATA)
    if at < 0 or len(line) > MAX_LINE_BYTES:
        return None
    for sign in _PRINTED_OTHERWISE:
        if sign in line:
            return None
    value = line[at + len(_DATA) - 1 : -1]
    try:
        head = _texts(line[:at] + line[-1:])
        if head is None:
            return None
        type_text = _type(head)
        body = validated(*known_version(type_text), value)
        if "data" in head:
            return None
        return line_request(_record(type_text, head, body.__dict__, value, partitions), body, partitions)
    except Unreadable:
        return None


def _texts(head: bytes) -> dict[str, str] | None:
    """``head``, without a space and an escape, as one JSON object of texts, none of its keys twice: as many as there are signs that
    can stand behind a key alone. None where it is anything else."""
    try:
        found = from_json(head, allow_inf_nan=False)
    except ValueError:
        return None
    if not isinstance(found, dict) or len(found) != head.count(b'":') or {*map(type, found.values())} != {str}:
        return None
    return found


def _type(event: Mapping[str, Any]) -> str:
    """The type of a line, which has no member that is not known. Raises Unreadable."""
    if not event.keys() <= ALLOWED:
        raise Unreadable(reason("unknown_field", next(name for name in event if name not in ALLOWED)))
    if event.get("specversion", SPECVERSION) != SPECVERSION:
        raise Unreadable(reason("bad_header", "specversion", detail=Bilingual(f"须为 {SPECVERSION}", f"must be {SPECVERSION}")))
    return _required(event, "type", str)


def _record(type_text: str, event: Mapping[str, Any], data: Mapping[str, Any], value: bytes, partitions: int) -> Record:
    """The record of a line with the members of ``event``, whose ``data`` are printed as ``value``. Raises Unreadable."""
    key = str(event.get("subject", data.get("psn_no", ""))).encode()
    source = str(event.get("source") or _source(type_text, data))
    return Record(
        key=key, value=value, headers=request_headers(type_text, source, _text(event, "id"), _text(event, "time")),
        partition=partition_of(key, partitions),
    )


def to_line(record: Record) -> str:
    """A record as one JSON line. ``data`` holds the value's own bytes; ``data_base64`` those that are no line of JSON."""
    return line_of(record).decode()


def line_of(record: Record, printed: bool = False) -> bytes:
    """``to_line`` as bytes. ``printed``: the road printed the value just now, so it is JSON and not parsed to see that."""
    attributes: dict[str, Any] = {"topic": record.topic, "partition": record.partition}
    if record.offset >= 0:
        attributes["offset"] = record.offset
    attributes |= _subject(record.key)
    for name, value in record.headers:
        if name not in TRACE_HEADERS and value is not None:
            text = value.decode("utf-8", "backslashreplace")
            attributes[name.removeprefix("ce_")] = int(text) if name in PROTOCOL_HEADERS and number(value) >= 0 else text
    return b"".join((to_json(attributes)[:-1], b",", *_data_of(record.value, printed), b"}"))


def from_line(line: str | bytes) -> Record:
    """The record that ``to_line`` wrote: the same key, headers and value. Raises ValueError."""
    event = json.loads(line)
    names = ("specversion", "type", "source", "id", "time", "requestid", "requesttype", "requestsource")
    headers = [(f"ce_{name}", str(event[name]).encode()) for name in names if name in event]
    headers += [(name, str(event[name]).encode()) for name in ("cause", "fence", "req", "src", "own") if name in event]
    return Record(
        key=_key(event),
        value=_value(line, event),
        headers=tuple(headers),
        offset=event.get("offset", -1),
        partition=event.get("partition", -1),
        topic=event.get("topic", ""),
    )


def _subject(key: bytes | None) -> dict[str, str]:
    if key is None:
        return {}
    try:
        return {"subject": key.decode()}
    except UnicodeDecodeError:
        return {"subject_base64": base64.b64encode(key).decode()}


def _key(event: dict[str, Any]) -> bytes | None:
    if "subject_base64" in event:
        return base64.b64decode(event["subject_base64"])
    return event["subject"].encode() if "subject" in event else None


def data_of(value: bytes) -> str:
    """The member of a line that holds ``value``: its own bytes, or base64 where they are no line of JSON."""
    return b"".join(_data_of(value, False)).decode()


def _data_of(value: bytes, printed: bool) -> tuple[bytes, ...]:
    """``data_of`` in parts. ``printed``: it is JSON; line feeds of the request's own may stand in it all the same."""
    if b"\n" not in value and b"\r" not in value and (printed or _is_json(value)):
        return b'"data":', value
    return b'"data_base64":"', base64.b64encode(value), b'"'


def _is_json(value: bytes) -> bool:
    try:
        from_json(value, allow_inf_nan=False)
    except ValueError:
        return False
    return True


def _value(line: str | bytes, event: dict[str, Any]) -> bytes:
    if "data_base64" in event:
        return base64.b64decode(event["data_base64"])
    text = line.decode() if isinstance(line, bytes) else line
    return text.strip()[text.strip().index('"data":') + 7 : -1].encode()


def _required(event: Mapping[str, Any], name: str, kind: type) -> Any:
    found = event.get(name)
    if not isinstance(found, kind):
        zh, en = ("对象", "an object") if kind is dict else ("文本", "a text")
        raise Unreadable(reason("invalid_field", name, detail=Bilingual(f"应为{zh}", f"must be {en}")))
    return found


def _text(event: Mapping[str, Any], name: str) -> str | None:
    found = event.get(name)
    if found is not None and not isinstance(found, str):
        raise Unreadable(reason("invalid_field", name, detail=Bilingual("应为文本", "must be a text")))
    return found


def _source(type_text: str, data: Mapping[str, Any]) -> str:
    named = split_type(type_text)
    provider = data.get("fixmedins_code")
    if named and named[0] in ("claim.submitted", "quote.requested") and isinstance(provider, str):
        return f"/providers/{provider}"
    return "/agencies"
