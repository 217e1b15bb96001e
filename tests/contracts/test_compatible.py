"""What a release promised holds: its schemas, its records and its requests. And the AsyncAPI document.

``released/0.1.0`` holds the schemas of release 0.1.0, and records that it wrote, one of each type on each topic.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from contracts.envelope import BadHeaders, request_attributes
from contracts.events import BODIES
from contracts.keys import PSN_NO_PATTERN
from contracts.lines import from_line, request_record
from contracts.schemas import FOLDER, topics_document
from contracts.topics import topic_map
from contracts.wire import cut, event_of
from policies.book import built_in
from policies.road import Road
from tests.contracts.compatible import Schema, broken, plain, same
from tests.contracts.examples import Example, good

RELEASED = Path(__file__).with_name("released") / "0.1.0"
OLD: dict[str, Schema] = {path.name: json.loads(path.read_bytes()) for path in sorted((RELEASED / "schemas").glob("*.json"))}
RECORDS = [from_line(line) for line in (RELEASED / "records.jsonl").read_bytes().splitlines()]
OF_ANOTHER_REQUEST = {
    f"{name}.v1.json": [f".request.{field}: need no longer be there" for field in ("category", "mdtrtarea_admdvs")]
    for name in ("filing.requested", "filing.decided")
}
"""Under ``request`` stands the newest version of a request; one of version 3 may ask for what needs neither of the two."""


def new(name: str) -> Schema:
    return json.loads((FOLDER / name).read_bytes())


# --- schemas ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in OLD if name.endswith(".request.json")])
def test_a_released_request_takes_what_it_took(name: str) -> None:
    assert same(OLD[name], new(name)), f"{name} was released: what is to change is a new version of the type"


@pytest.mark.parametrize("name", [name for name in OLD if not name.endswith(".request.json")])
def test_a_released_event_only_grows_by_fields_that_may_be_absent(name: str) -> None:
    assert broken(OLD[name], new(name)) == OF_ANOTHER_REQUEST.get(name, [])


def test_breaches_are_seen() -> None:
    old: Schema = {"type": "object", "properties": {
        "a": {"type": "integer"}, "b": {"$ref": "#/$defs/B"}, "v": {"enum": ["x", "y"]}}, "required": ["a"],
        "$defs": {"B": {"type": "object", "properties": {"c": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}}
    cases: list[tuple[Any, list[str]]] = [
        (lambda s: s["properties"].pop("a"), [".a: is gone"]),
        (lambda s: s["properties"]["a"].update(type="string"), [".a: integer is no longer taken"]),
        (lambda s: s.update(required=[]), [".a: need no longer be there"]),
        (lambda s: s.update(required=["a", "v"]), [".v: is required now"]),
        (lambda s: s["$defs"]["B"].update(required=["c"]), [".b.c: is required now"]),
        (lambda s: s["$defs"]["B"]["properties"]["c"].update(anyOf=[{"type": "string"}]), [".b.c: null is no longer taken"]),
        (lambda s: s["properties"]["v"].update(enum=["y", "z"]), [".v: 'x' is no longer taken"]),
        (lambda s: s["properties"].update(d={"type": "string", "default": ""}), []),
        (lambda s: s.update(title="other"), []),
    ]
    for change, expected in cases:
        changed = deepcopy(old)
        change(changed)
        assert broken(old, changed) == expected
        assert same(old, changed) == (plain(old) == plain(changed))
    assert not same(old, {**old, "required": []}) and same(old, {**old, "title": "other"})


# --- records --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(RECORDS)))
def test_a_record_of_the_release_is_read(number: int) -> None:
    event = event_of(RECORDS[number])
    assert isinstance(event.body, BODIES[event.type])
    last = list(json.loads(event.value))[-1]
    assert last == "request" or cut(event.value, last) is not None


def test_the_records_of_the_release_are_of_all_its_types() -> None:
    """But for those beside the road, and for ``filing.requested``, which the first stage decides at once."""
    types = {event_of(record).type for record in RECORDS}
    bodies = {name.removesuffix(".v1.json") for name in OLD if not name.endswith(".request.json")} - {"audit.found", "request.dead", "filing.requested"}
    assert types == bodies


def lenient(schema: Any) -> Any:
    """As a reader of the release reads: fields that it does not know are passed over, lists of values may have grown."""
    if isinstance(schema, list):
        return [lenient(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = ("additionalProperties", "enum", "const", "pattern", "maximum", "maxItems", "maxLength")
    return {name: lenient(value) for name, value in schema.items() if name not in dropped}


def of_the_release(example: Example) -> bool:
    return f"{example.content['type'].removeprefix('cn.yibao.')}.request.json" in OLD


@pytest.mark.parametrize("example", [one for one in good() if of_the_release(one)], ids=lambda example: example.name)
def test_what_is_written_now_is_read_by_a_reader_of_the_release(example: Example) -> None:
    from jsonschema import Draft202012Validator

    assert example.line is not None
    for record in Road(built_in()).run(request_record(example.line, topic_map().partitions)):
        name = f"{event_of(record).type}.v1.json"
        if name in OLD:
            Draft202012Validator(lenient(plain(OLD[name]))).validate(json.loads(record.value))


# --- AsyncAPI -------------------------------------------------------------------------------------------------------------

DOCUMENT = json.loads(topics_document())


def test_the_document_is_asyncapi_3() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert ApplicationSchema.model_validate(DOCUMENT).info.title == "yibao"


def test_every_topic_has_its_messages_makers_and_readers() -> None:
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == {topic.name for topic in topic_map().all}
    for topic in topic_map().all:
        short = topic.name.removeprefix("yibao.")
        told = {name.removesuffix(".request") for name in DOCUMENT["channels"][short]["messages"]} - {"fence"}
        assert told == topic.types
        does = {(name.split(".")[0], one["action"]) for name, one in DOCUMENT["operations"].items() if one["channel"]["$ref"] == f"#/channels/{short}"}
        assert does == {*((who, "send") for who in topic.makers), *((who, "receive") for who in topic.readers)}


def test_everything_that_is_referred_to_is_there() -> None:
    messages = DOCUMENT["components"]["messages"]
    for channel in DOCUMENT["channels"].values():
        for ref in channel["messages"].values():
            assert ref["$ref"].removeprefix("#/components/messages/") in messages
    for name, message in messages.items():
        if name != "fence":
            assert (FOLDER.parent / message["payload"]["schema"]["$ref"]).is_file(), name


@pytest.mark.parametrize(("name", "value", "taken"), [
    ("ce_id", "urn:uuid:7d9f3f0e-0a52-4d0d-b3a5-9f1b5f9c3a11", True), ("ce_id", "a" * 64, True), ("ce_id", "a" * 65, False),
    ("ce_id", "a b", False), ("ce_id", "", False), ("ce_source", "urn:x:1", True), ("ce_source", "https://h.example/a?b=c", False),
    ("ce_time", "2026-03-05T10:15:30+08:00", True), ("ce_time", "2026-03-05T10:15:30", False), ("ce_time", "2026-03-05 10:15:30Z", False),
])
def test_the_document_takes_the_headers_that_the_door_takes(name: str, value: str, taken: bool) -> None:
    from jsonschema import Draft202012Validator

    told = DOCUMENT["components"]["messages"]["claim.submitted.v2.request"]["headers"]
    given = {"ce_specversion": "1.0", "ce_type": "cn.yibao.claim.submitted.v2", "ce_source": "/providers/H1", name: value}
    assert Draft202012Validator(told).is_valid(given) == taken
    try:
        request_attributes([(key, text.encode()) for key, text in given.items()])
    except BadHeaders:
        assert not taken
    else:
        assert taken


def test_only_a_key_that_was_read_is_said_to_be_a_person() -> None:
    """An unreadable request may have any key, or none; so may its copy and a finding about it, which then have its number."""
    found = {name: message["bindings"]["kafka"]["key"].get("pattern") for name, message in DOCUMENT["components"]["messages"].items() if name != "fence"}
    others = {"request.unreadable.v1", "request.dead.v1", "audit.found.v1", "chain.sealed.v1"}
    assert {name for name, pattern in found.items() if pattern is None} == others
    assert {pattern for name, pattern in found.items() if name not in others} == {PSN_NO_PATTERN}


def test_headers_are_those_that_a_record_has() -> None:
    for record in RECORDS:
        name = event_of(record).type
        needed = set(DOCUMENT["components"]["messages"].get(f"{name}.v1", {}).get("headers", {}).get("required", ()))
        assert needed - {"src", "own"} <= {key for key, _ in record.headers}, "offline there is no src and no own"
