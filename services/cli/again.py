"""A request that could not be read, made into one that can, never twice.

Its id is the one that the sender gave, so that his own next try and ours are one. Where he gave none that can be read, the same bytes
go without one too, and get that which his next try gets, derived from them; what was edited, and what needs an id, has one that is
derived from the id of the unreadable verdict. The header ``ce_replaces`` names that verdict.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from contracts.envelope import BadHeaders, Headers, Record, join_type, request_attributes, request_headers, trace_of
from contracts.keys import derived_id, partition_of
from contracts.lines import MAX_LINE_BYTES, request_record
from contracts.reasons import Bilingual, reason
from contracts.strict import Unreadable, strict_object
from contracts.topics import topic_map
from contracts.wire import known_version, read_request
from services.cli.letters import Letter

REPLACES = "ce_replaces"
_CHECKED = ("ce_type", "ce_source", "ce_id", "ce_time")


def new_id(letter: Letter, request: Record) -> str:
    """The id of what replaces ``request``."""
    given = _attributes(request).get("id")
    return given or derived_id("request.dead", letter.dead.request_id)


def unchanged(letter: Letter, request: Record) -> Record:
    """The same bytes again, on the right partition, with their key. Raises Unreadable: it still cannot be read."""
    partitions, found = topic_map().partitions, strict_object(request.value)
    key = str(found.get("psn_no", "")).encode()
    kept = _attributes(request)
    type = kept.get("type", "")
    id = kept.get("id") or (new_id(letter, request) if known_version(type)[0].id_required else None)
    headers = request_headers(type, kept.get("source", ""), id, kept.get("time"))
    record = Record(key, request.value, tuple(_naming(headers, letter, request)), partition=partition_of(key, partitions))
    read_request(record, record.partition, partitions)
    return record


def line_of(letter: Letter, request: Record) -> tuple[str, bytes | None]:
    """A line to be edited; and the bytes of the body, where they are no JSON object that the line could hold."""
    found, raw = _attributes(request), None
    line: dict[str, Any] = {"type": found.get("type", "")} | {name: found[name] for name in ("source", "time") if name in found}
    line |= {"id": new_id(letter, request), "replaces": letter.id}
    try:
        line["data"] = strict_object(request.value)
    except Unreadable:
        line["data"], raw = {}, request.value
    return json.dumps(line, ensure_ascii=False), raw


def lines(stream: BinaryIO) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id of the copy that is replaced, and the rest of each line. Raises Unreadable."""
    while line := stream.readline(MAX_LINE_BYTES + 2):
        if not line.strip():
            continue
        event = strict_object(line)
        replaces = event.pop("replaces", None)
        if not isinstance(replaces, str):
            raise Unreadable(reason("invalid_field", "replaces", detail=Bilingual(
                "须指明 yibao.dead 上的副本，照 yibao dead fix 写出的样子", "must name a copy on yibao.dead, as yibao dead fix wrote it")))
        yield replaces, event


def edited(letter: Letter, request: Record, event: dict[str, Any]) -> Record:
    """What an edited line publishes. Raises Unreadable."""
    id = new_id(letter, request)
    if event.get("id", id) != id:
        raise Unreadable(reason("invalid_field", "id", detail=Bilingual(
            f"须保持为 {id}：换一个编号可能结算两次", f"must stay {id}: with another id it could be settled twice")))
    text = json.dumps({**event, "id": id}, ensure_ascii=False)
    record = request_record(text.encode(), topic_map().partitions)
    return replace(record, headers=tuple(_naming(record.headers, letter, request)))


def _naming(headers: Headers, letter: Letter, request: Record) -> Headers:
    """With the name of the verdict that is replaced, and the trace of the request."""
    return (*headers, (REPLACES, letter.dead.request_id.encode()), *trace_of(request.headers))


def _attributes(request: Record) -> dict[str, str]:
    """Those attributes of a request that can be read, each looked at alone."""
    good = dict(request_headers(join_type("claim.submitted", 1), "/agencies"))
    found: dict[str, str] = {}
    for name in _CHECKED:
        value = request.header(name)
        if value is None:
            continue
        try:
            request_attributes(tuple((good | {name: value}).items()))
        except BadHeaders:
            continue
        found[name.removeprefix("ce_")] = value.decode()
    return found
