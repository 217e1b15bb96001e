"""Records as JSON lines: CloudEvents in structured JSON, for files and the command line.

A line of a request needs ``type`` and ``data``; ``source`` and ``subject`` (the key) are derived where they are absent
and unambiguous, an absent ``id`` is derived from the content by the first stage.
"""

import base64
import json
from typing import Any

from pydantic_core import from_json

from contracts.envelope import PROTOCOL_HEADERS, TRACE_HEADERS, Record, request_headers, split_type
from contracts.keys import partition_of
from contracts.log import number
from contracts.reasons import reason
from contracts.wire import Unreadable, read_request, strict_object

ALLOWED = frozenset({"specversion", "type", "source", "id", "time", "subject", "datacontenttype", "data"})
MAX_LINE_BYTES = 1_048_576


def request_record(line: bytes, partitions: int) -> Record:
    """The record that a line of a request file publishes, checked as the first stage will. Raises Unreadable."""
    record = line_record(line, partitions)
    read_request(record, record.partition, partitions)
    return record


def line_record(line: bytes, partitions: int) -> Record:
    """The record that a line of a request file stands for; what its data say is not checked. Raises Unreadable."""
    if len(line) > MAX_LINE_BYTES:
        raise Unreadable(reason("request_too_large", None, size=len(line), limit=MAX_LINE_BYTES))
    event = strict_object(line)
    for name in event:
        if name not in ALLOWED:
            raise Unreadable(reason("unknown_field", name))
    type_text, data = _required(event, "type", str), _required(event, "data", dict)
    key = str(event.get("subject", data.get("psn_no", ""))).encode()
    return Record(
        key=key,
        value=json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(),
        headers=request_headers(
            type_text, str(event.get("source") or _source(type_text, data)), _text(event, "id"), _text(event, "time")
        ),
        partition=partition_of(key, partitions),
    )


def to_line(record: Record) -> str:
    """A record as one JSON line. ``data`` holds the value's own bytes; ``data_base64`` those that are no line of JSON."""
    attributes: dict[str, Any] = {"topic": record.topic, "partition": record.partition}
    if record.offset >= 0:
        attributes["offset"] = record.offset
    attributes |= _subject(record.key)
    for name, value in record.headers:
        if name not in TRACE_HEADERS and value is not None:
            text = value.decode("utf-8", "backslashreplace")
            attributes[name.removeprefix("ce_")] = int(text) if name in PROTOCOL_HEADERS and number(value) >= 0 else text
    head = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
    return f"{head[:-1]},{data_of(record.value)}}}"


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
    if _is_line_of_json(value):
        return f'"data":{value.decode()}'
    return f'"data_base64":"{base64.b64encode(value).decode()}"'


def _is_line_of_json(value: bytes) -> bool:
    try:
        from_json(value, allow_inf_nan=False)
    except ValueError:
        return False
    return b"\n" not in value and b"\r" not in value


def _value(line: str | bytes, event: dict[str, Any]) -> bytes:
    if "data_base64" in event:
        return base64.b64decode(event["data_base64"])
    text = line.decode() if isinstance(line, bytes) else line
    return text.strip()[text.strip().index('"data":') + 7 : -1].encode()


def _required(event: dict[str, Any], name: str, kind: type) -> Any:
    found = event.get(name)
    if not isinstance(found, kind):
        what = "an object" if kind is dict else "a text"
        raise Unreadable(reason("invalid_field", name, detail=f"must be {what}"))
    return found


def _text(event: dict[str, Any], name: str) -> str | None:
    found = event.get(name)
    if found is not None and not isinstance(found, str):
        raise Unreadable(reason("invalid_field", name, detail="must be a text"))
    return found


def _source(type_text: str, data: dict[str, Any]) -> str:
    named = split_type(type_text)
    provider = data.get("fixmedins_code")
    if named and named[0] in ("claim.submitted", "quote.requested") and isinstance(provider, str):
        return f"/providers/{provider}"
    return "/agencies"
