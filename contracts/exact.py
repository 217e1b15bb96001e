"""A record as one line, exactly: key, every header in its order (null and doubled ones too), and the bytes of the value.

For dumps and proofs. ``contracts.lines`` is for people and drops what they do not need; here nothing is dropped. A text
stands as it is, other bytes as ``{"base64": ...}``; the value stands verbatim behind ``"data":`` where it is a line of JSON.
The topic's name is that of the map.
"""

import base64
import json
from hashlib import sha256
from typing import Any

from pydantic_core import from_json

from contracts.envelope import HEADERS, Record
from contracts.lines import data_of
from contracts.topics import topic_map

_DATA = b'"data":'


def to_exact(record: Record) -> bytes:
    """The record as one line, without the line's end."""
    head = {
        "topic": record.topic, "partition": record.partition, "offset": record.offset, "timestamp": record.timestamp_ms,
        "key": _shown(record.key), "headers": [[name, _shown(value)] for name, value in record.headers],
    }
    return f"{json.dumps(head, ensure_ascii=False, separators=(',', ':'))[:-1]},{data_of(record.value)}}}".encode()


def from_exact(line: bytes) -> Record:
    """The record that ``to_exact`` wrote. Raises ValueError."""
    try:
        line = line.strip()
        if not line.endswith(b"}"):
            raise ValueError("the line is cut off")
        at = line.find(_DATA)
        head = _parsed(line if at < 0 else line[: at - 1] + b"}")
        value = line[at + len(_DATA) : -1] if at >= 0 else base64.b64decode(head["data_base64"], validate=True)
        return Record(
            key=_bytes(head["key"]), value=value, headers=tuple([
                (name, found.encode()) if isinstance(found, str) and isinstance(name, str) else (_text(name), _bytes(found))
                for name, found in head["headers"]]),
            offset=int(head["offset"]), partition=int(head["partition"]), topic=_text(head["topic"]), timestamp_ms=int(head["timestamp"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _parsed(head: bytes) -> Any:
    """What ``json`` reads. The other one needs less than half, takes no text that ``json`` refuses, and makes the same of what it takes."""
    try:
        return from_json(head)
    except ValueError:
        return json.loads(head)


def exact_hash(record: Record, topic: str | None = None) -> str:
    """SHA-256 of all that a record is, but for the broker's time: topic, place, key, headers, value, each with its length.

    ``topic``: the name on the map, where the record came from a road whose topics have a prefix.
    """
    place, name, value = f"{record.partition}/{record.offset}", topic or record.topic, record.value
    head = (_NAMES.get(name) or _sized(name.encode()), f"{len(place)}:{place}".encode(), _sized(record.key), f"{len(value)}:".encode())
    headers: Any = record.headers
    try:
        texts = [_HEADS[name][len(found)] + found for name, found in headers]
    except (KeyError, IndexError, TypeError):  # one that is none of ours, or long, or null
        texts = [_sized(name.encode("utf-8", "surrogateescape")) + _sized(found) for name, found in headers]
    return sha256(b"".join((*head, value, *texts))).hexdigest()


def _sized(part: bytes | None) -> bytes:
    return b"%d:%b" % (len(part), part) if part is not None else b"-"


_NAMES = {topic.name: _sized(topic.name.encode()) for topic in topic_map().all}
_HEADS = {name: [b"%b%d:" % (_sized(name.encode()), length) for length in range(129)] for name in HEADERS}
"""What is hashed before the text of a usual header, by its name and its length: sixty headers a request, made anew, would be a tenth
of the audit."""


def _shown(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(shown: Any) -> bytes | None:
    if shown is None or isinstance(shown, str):
        return None if shown is None else shown.encode()
    return base64.b64decode(shown["base64"], validate=True)


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(f"{found!r} is no text")
    return found
