"""The examples of ``contracts/examples`` as records, unchecked, so that every door can be tried with them.

A good example is one line of a request file: ``{"type": ..., "id": ..., "data": {...}}``. A bad one says what
it ``shows`` and the ``code`` and ``field`` of the reason to ``expect``, and holds a ``line`` or a raw record:

- ``key``: text, or null for no key; ``key_base64`` where it is not UTF-8
- ``headers``: pairs of a name and a text, null, or ``{"base64": ...}``
- ``value``: text; ``value_base64`` where it is not UTF-8; ``value_repeated``: pairs of a text and its times
- ``partition_shift``: how many partitions away from its own the record lies (0 where absent)
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import contracts
from contracts.envelope import Record, request_headers
from contracts.keys import partition_of
from contracts.wire import Request, Unreadable, read_request

FOLDER = Path(contracts.__file__).with_name("examples")
PARTITIONS = 6


@dataclass(frozen=True)
class Example:
    """One example: its name, what its file holds, and the record that it publishes."""

    name: str
    content: dict[str, Any]
    record: Record

    @property
    def line(self) -> bytes | None:
        """It as a line of a request file; None for a raw record."""
        found = self.content.get("line") if "expect" in self.content else self.content
        return compact(found) if found is not None else None


def good() -> list[Example]:
    """All good examples, by name."""
    return [Example(path.stem, content, _of_line(content)) for path, content in _files("good")]


def bad() -> list[Example]:
    """All bad examples, by name."""
    return [
        Example(path.stem, content, _of_line(content["line"]) if "line" in content else _of_parts(content))
        for path, content in _files("bad")
    ]


def opened(record: Record) -> Request | Unreadable:
    """What the door makes of a record. Any other exception fails the caller's test."""
    try:
        return read_request(record, record.partition, PARTITIONS)
    except Unreadable as refused:
        return refused


def compact(value: Any) -> bytes:
    """JSON without blanks, as ``contracts.lines`` publishes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _files(folder: str) -> list[tuple[Path, dict[str, Any]]]:
    return [(path, json.loads(path.read_text("utf-8"))) for path in sorted((FOLDER / folder).glob("*.json"))]


def _of_line(event: dict[str, Any]) -> Record:
    key = event["data"]["psn_no"].encode()
    source = event.get("source", "/agencies")
    headers = request_headers(event["type"], source, event.get("id"), event.get("time"))
    return Record(key, compact(event["data"]), headers, partition=partition_of(key, PARTITIONS))


def _of_parts(content: dict[str, Any]) -> Record:
    key = _bytes({"base64": content["key_base64"]} if "key_base64" in content else content["key"])
    own = partition_of(key, PARTITIONS) if key is not None else 0
    return Record(
        key,
        _value(content),
        tuple((name, _bytes(value)) for name, value in content["headers"]),
        partition=(own + content.get("partition_shift", 0)) % PARTITIONS,
    )


def _value(content: dict[str, Any]) -> bytes:
    if "value_repeated" in content:
        return "".join(text * times for text, times in content["value_repeated"]).encode()
    if "value_base64" in content:
        return base64.b64decode(content["value_base64"])
    return content["value"].encode()


def _bytes(value: str | dict[str, str] | None) -> bytes | None:
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    return value.encode() if value is not None else None
