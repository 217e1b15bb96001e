"""What is read of an event to fold it again: enough, and the same; and what is read is still asked."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any

import pytest
from msgspec.structs import asdict
from pydantic import ValidationError

from contracts.base import Model
from contracts.envelope import Record, with_numbers
from contracts.events.claim import ClaimSettled
from contracts.lines import request_record
from contracts.log import Kept
from contracts.part import part_of
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies import refolded as refolded_module
from policies.book import built_in
from policies.refolded import LINES, READ, event_read, packed_of
from policies.reversal import history
from policies.reversal.packing import packed
from policies.road import STAGES, Road, stage_named
from policies.stage import State
from services.generator import generate
from services.runtime.replay import Replay
from tests.contracts.examples import good
from tests.memory import MemoryLog, MemoryTopic

PERSONS, REQUESTS = 150, 1500


@pytest.fixture(scope="module")
def road() -> list[Record]:
    """All records of the good examples, each twice (under its own name it may be refused), and of a load with every type."""
    asked = [one.record for one in good()] + [
        request_record(line.encode(), topic_map().partitions) for line in generate(PERSONS, REQUESTS, 5, mix="all")]
    running = Road(built_in())
    return [record for request in asked for record in running.run(request)] + [*running.deliver()]


@pytest.fixture(scope="module")
def settled(road: list[Record]) -> Record:
    """A visit in 2025, the first one of its person and year."""
    marks = (b'"account":{"before":{"balc":0}', b'"accumulators":{"before":{},', b'"med_type":"11"', b'"year":2025,"age"')
    return next(r for r in road if r.header("ce_type") == b"cn.yibao.claim.settled.v1" and all(mark in r.value for mark in marks))


def written(road: list[Record], stage: str) -> list[Record]:
    return [record for record in road if record.topic == topic_map().of_stage(stage)[1].name]


def folded(records: Sequence[Record], stage: str, read: Callable[[Record], Event]) -> dict[str, bytes]:
    state = State(stage_named(stage, built_in()), strict=False)
    for record in records:
        state.fold(read(record))
    return state.changes()


@pytest.mark.parametrize("stage", STAGES)
def test_the_state_is_that_of_the_whole_events(road: list[Record], stage: str) -> None:
    records = written(road, stage)
    assert folded(records, stage, event_read) == folded(records, stage, event_of)


def test_the_load_has_what_the_fold_of_a_settled_claim_looks_at(road: list[Record]) -> None:
    assert READ.keys() == {"claim.settled"}
    claims = [event.body.settled for event in map(event_of, written(road, "settlement")) if event.type == "claim.settled"]
    for held in (
        lambda settled: settled.stay, lambda settled: settled.review.keeps, lambda settled: settled.review.keeps_care,
        lambda settled: settled.account.movement,
    ):
        assert any(map(held, claims))


@pytest.mark.parametrize("altered", [
    {"request": {"invoinfo": [{"invono": "1", "invo_amt": 5}, {"invono": "2", "invo_amt": 5}]}},
    {"request": {"invoinfo": [{"invono": "1", "invo_amt": 5}], "pay_loc": "1"}},
    {"settled": {"wallet": {"before": {}, "movement": {"P2": 5}, "after": {"P2": 5}}}},
    {"settled": {"review": None}},
    {"settled": {"account": None}},
    {"settled": {"review": {"keeps": ["XX"], "keeps_care": False}}, "request": {"feedetail": [
        {"feedetl_sn": "1", "fee_ocur_date": "2025-03-04", "med_list_codg": "XX", "det_item_fee_sumamt": 5, "cnt": "1",
         "pric": "0.05"}]}},
    {"settled": {"review": {"keeps": [], "keeps_care": True}}},
])
def test_so_it_is_of_claims_that_the_load_has_not(settled: Record, altered: dict[str, dict]) -> None:
    body = json.loads(settled.value)
    for section, members in altered.items():
        body[section] |= members
    record = replace(settled, value=json.dumps(body, separators=(",", ":")).encode())
    found = folded([record], "settlement", event_read)
    assert found == folded([record], "settlement", event_of) != folded([settled], "settlement", event_of)


FENCE = Record(None, b"", (("fence", b"x"),))


async def replayed(records: Sequence[Record], most: int) -> dict[str, bytes]:
    """The ledger that a takeover of settlement folds of ``records``, ``most`` at a time."""
    topic, ledger = MemoryTopic("settled"), dict[str, bytes]()
    numbered = [Record(r.key, r.value, with_numbers(r.headers, req, req, 0)) for req, r in enumerate(records)]
    topic.add([FENCE, *numbered, FENCE])

    async def load(fields: list[str]) -> dict[str, bytes | None]:
        assert fields
        return {name: ledger.get(name) for name in fields}

    async def apply(*told: Any) -> None:
        await asyncio.sleep(0)
        ledger.update(told[-1])

    replay = Replay(MemoryLog(topic), Kept(), len(records) + 1, stage_named("settlement", built_in()), load, apply)
    await replay.run(most)
    assert replay.records == len(records) + 2
    return ledger


@pytest.mark.parametrize("most", [1, 7, 100, 10_000])
async def test_pieces_of_any_size_leave_the_same_behind(road: list[Record], most: int) -> None:
    records = written(road, "settlement")[: 400 if most == 1 else None]
    assert await replayed(records, most) == folded(records, "settlement", event_of)


async def test_what_a_takeover_keeps_is_compressed_ahead_of_the_fold(road: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    records = written(road, "settlement")[:400]
    claims = [record.header("ce_type") == b"cn.yibao.claim.settled.v1" for record in records]
    assert [text is not None for text in packed_of(records)] == claims and 50 < sum(claims) < 400
    due, asked = folded(records, "settlement", event_of), list[bytes]()
    monkeypatch.setattr(history, "packed", lambda value: asked.append(value) or packed(value))
    assert await replayed(records, 201) == due  # 400 and two fences in two pieces: a piece shorter than a turn is compressed as it is folded
    assert not {record.value for record, claim in zip(records, claims, strict=True) if claim}.intersection(asked)


def _without(names: dict, path: tuple[str, ...]) -> dict:
    name, *rest = path
    return {n: _without(inner, tuple(rest)) if n == name and rest else inner for n, inner in names.items() if rest or n != name}


@pytest.mark.parametrize("path", [
    ("settled", "year"), ("request", "medfee_sumamt"), ("checked", "insured", "insutype"), ("settled", "stay")])
async def test_a_fold_that_asks_for_more_than_is_read_is_given_the_whole(
    road: list[Record], path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READ, "claim.settled", _without(READ["claim.settled"], path))
    monkeypatch.setattr(refolded_module, "_part", refolded_module._part.__wrapped__)
    records = written(road, "settlement")[:400]
    with pytest.raises(AttributeError):
        folded(records, "settlement", event_read)

    assert await replayed(records, 100) == folded(records, "settlement", event_of)


@pytest.mark.parametrize(("old", "new"), [
    (b'"year":2025,"age"', b'"year":"2025","age"'),
    (b'"med_type":"11",', b""),
    (b'"accumulators":{"before"', b'"accumulators":{"befor"'),
    (b'"insured":{"insuplc_admdvs":"', b'"insured":{"insuplc_admdvs":"x'),
    (b'"begndate":"2025-', b'"begndate":"25-'),
    (b'"begndate":"2025-', b'"begndate":"1850-'),
    (b'"steps":[{', b'"steps":[{{'),
    (b'"priced":{', b'"priced"{'),
])
def test_what_does_not_fit_is_an_error(settled: Record, old: bytes, new: bytes) -> None:
    value = settled.value.replace(old, new)
    assert value != settled.value
    with pytest.raises(ValidationError):
        event_read(replace(settled, value=value))


@pytest.mark.parametrize("lines", [False, True])
def test_a_part_has_the_fields_of_the_model_and_no_others(road: list[Record], lines: bool) -> None:
    names = READ["claim.settled"]
    names = names | {"request": names["request"] | LINES} if lines else names
    all_claims = [r for r in written(road, "settlement") if r.header("ce_type") == b"cn.yibao.claim.settled.v1"]
    claims = [r for r in all_claims if (b'"keeps":' in r.value) == lines]
    assert len(claims) > 100
    for record in claims:
        whole, part = event_of(record).body, event_read(record).body
        assert same(part, whole, names)
        assert bool(whole.settled.review.keeps) == lines
        assert not hasattr(part, "priced") and not hasattr(part.settled, "steps")


def test_a_part_is_only_of_what_the_model_has() -> None:
    with pytest.raises(KeyError):
        part_of(ClaimSettled, {"request": {"no_such_field": None}})


def same(part: Any, whole: Any, names: dict | None) -> bool:
    """Whether all that the part has is what the whole has."""
    if isinstance(whole, tuple):
        return len(part) == len(whole) and all(map(same, part, whole, repeat(names)))
    if not isinstance(whole, Model):
        return part == whole
    known = names if names is not None else dict.fromkeys(type(whole).model_fields)
    held = asdict(part)
    return held.keys() == known.keys() and all(same(held[name], getattr(whole, name), inner) for name, inner in known.items())


def test_members_that_are_left_out_have_the_defaults_of_the_model(settled: Record) -> None:
    body = json.loads(settled.value)
    body["settled"].pop("review", None)
    part = event_read(replace(settled, value=json.dumps(body).encode())).body
    assert (part.settled.review, part.request.pay_loc, part.request.invoinfo) == (None, "2", ())
