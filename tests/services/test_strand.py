"""The order of one topic as the audit reads it: each case is a small log, what is told of it, and what counts all the same."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from contracts.envelope import Record
from contracts.wire import wrap
from services.audit import strand
from services.audit.strand import AHEAD, Strand

TOPIC, PARTITION = "yibao.filed", 3


def placed(record: Record, offset: int) -> Record:
    return replace(record, offset=offset, topic=TOPIC, partition=PARTITION)


def fence(offset: int, *more: tuple[str, bytes | None], **other: Any) -> Record:
    return replace(placed(Record(None, b"", (("fence", b"token"), *more)), offset), **other)


def said(offset: int, own: int | bytes, req: int, src: int | bytes | None = 7) -> Record:
    texts = [part if isinstance(part, bytes) or part is None else b"%d" % part for part in (req, src, own)]
    return placed(Record(b"P1", b"{}", (*zip(("req", "src", "own"), texts, strict=True),)), offset)


async def read(records: Sequence[Record], numbered: bool = True) -> tuple[list[tuple[Any, ...]], list[tuple[int, int]]]:
    """Code, offset, number, value found and value expected of all that is told; number and offset of each record that counts."""
    told: list[tuple[Any, ...]] = []

    async def pieces() -> AsyncGenerator[Sequence[Record], None]:
        for record in records:
            yield [record]

    one = Strand(TOPIC, PARTITION, pieces(), numbered, lambda code, record, *of: told.append((code, record.offset, *of)))
    counted = []
    while (head := await one.head()) is not None:
        assert one.take() is head[1]
        counted.append((head[0], head[1].offset))
    assert one.records == len(records)
    return told, counted


@pytest.mark.parametrize(("records", "told", "counted"), [
    pytest.param([fence(0), said(1, 0, 0), said(2, 0, 1)], [], [(0, 1), (1, 2)], id="sound"),
    pytest.param([fence(0), said(1, 0, 0), fence(2), said(3, 0, 1), said(4, 2, 1)], [], [(0, 1), (1, 4)], id="the late word of an owner"),
    pytest.param([fence(0), said(1, 0, 0), said(1, 0, 0), said(2, 0, 1)], [("out_of_order", 1, 1, 1, 2)], [(0, 1), (1, 2)], id="doubled"),
    pytest.param([fence(0), said(1, 5, 0), said(2, 0, 0)], [("owner_unknown", 1, 0, b"5", 0)], [(0, 2)], id="an owner to come"),
    pytest.param([fence(0), said(1, b"00", 0)], [("owner_unknown", 1, 0, b"00", 0)], [], id="an owner that is no number"),
    pytest.param([fence(0), said(1, 0, 0), said(2, 1, 1)], [("owner_unknown", 2, 1, b"1", 0)], [(0, 1)], id="an owner that is no fence"),
    pytest.param([fence(0), said(1, 0, 0), said(2, 0, 3), said(3, 0, 4)], [("number_differs", 2, 1, b"3", 1)], [(0, 1), (3, 2), (4, 3)],
                 id="numbers left out: on by the record's own word"),
    pytest.param([fence(0), said(1, 0, 0), said(2, 0, 1), said(3, 0, 1), said(4, 0, 2)], [("number_differs", 3, 2, b"1", 2)],
                 [(0, 1), (1, 2), (2, 4)], id="a number twice: it does not count again"),
    pytest.param([fence(0), said(1, 0, 0, b"x"), said(2, 0, 0)], [("source_differs", 1, 0, b"x", "")], [(0, 2)], id="a source that is none"),
    pytest.param([fence(0), said(1, 0, 0, None)], [("source_differs", 1, 0, None, "")], [], id="no source"),
    pytest.param([fence(0), said(1, 0, 0), said(3, 0, 2), said(4, 0, 3)], [("gap", 3, 1, 3, 2)], [(0, 1), (2, 3), (3, 4)],
                 id="a record is missing: no number is told besides"),
    pytest.param([fence(0), said(1, 0, 0), said(3, 0, 0)], [("gap", 3, 1, 3, 2), ("number_differs", 3, 1, b"0", 1)], [(0, 1)],
                 id="behind a gap a number that was there already"),
    pytest.param([fence(0), said(1, 0, 0), said(3, 0, 2), said(4, 0, 4)], [("gap", 3, 1, 3, 2), ("number_differs", 4, 3, b"4", 3)],
                 [(0, 1), (2, 3), (4, 4)], id="a gap excuses the next number alone"),
    pytest.param([fence(0), said(1, 0, 0), said(3, 2, 1), said(4, 2, 2)], [("gap", 3, 1, 3, 2)], [(0, 1), (1, 3), (2, 4)],
                 id="the fence is missing: the owner is believed"),
    pytest.param([fence(0), said(1, 0, 0), said(4, 1, 1), said(5, 0, 1)], [("gap", 4, 1, 4, 2), ("owner_unknown", 4, 1, b"1", 0)],
                 [(0, 1), (1, 5)], id="an owner below the gap is not"),
    pytest.param([fence(0), said(1, 0, 0), said(3, 3, 1)], [("gap", 3, 1, 3, 2), ("owner_unknown", 3, 1, b"3", 0)], [(0, 1)],
                 id="nor one that names itself"),
    pytest.param([fence(0), said(2, 0, 0), fence(3), said(4, 1, 1)], [("gap", 2, 0, 2, 1), ("owner_unknown", 4, 1, b"1", 3)], [(0, 2)],
                 id="nor behind a fence that is there"),
])
async def test_what_is_told_of_the_order_and_what_counts(
    records: list[Record], told: list[tuple[Any, ...]], counted: list[tuple[int, int]],
) -> None:
    assert await read(records) == (told, counted)


async def test_requests_have_no_numbers() -> None:
    """Gaps are markers of transactions; an offset twice is told."""
    assert await read([said(0, 9, 9), fence(4), said(4, 0, 0)], numbered=False) == ([("out_of_order", 4, 2, 4, 5)], [(0, 0), (1, 4)])


@pytest.mark.parametrize("changed", [
    fence(0, key=b"P1"), fence(0, key=b""), fence(0, value=b"x"), fence(0, ("own", b"0")), fence(0, headers=(("fence", b""),)),
], ids=["a key", "an empty key", "a value", "a header", "no token"])
async def test_a_fence_that_no_stage_writes(changed: Record) -> None:
    told, counted = await read([changed, said(1, 0, 0)])
    assert [one[:3] for one in told] == [("fence_changed", 0, 0)] and counted == [(0, 1)]


async def test_a_fence_may_say_that_the_brake_is_off() -> None:
    assert await read([fence(0, ("brake", b"off"))]) == ([], [])


@pytest.mark.parametrize("more", [{"topic": "yibao.checked"}, {"partition": 4}])
@pytest.mark.parametrize("all_of_them", [False, True])
async def test_a_record_of_another_place_is_told_also_where_all_are(more: dict[str, Any], all_of_them: bool) -> None:
    records = [fence(0), said(1, 0, 0)]
    records = [replace(one, **more) if all_of_them or one.offset else one for one in records]
    told, counted = await read(records)
    names = (f"{more.get('topic', TOPIC)}/{more.get('partition', PARTITION)}", f"{TOPIC}/{PARTITION}")
    assert told == [("misplaced", at, 0, *names) for at in ((0, 1) if all_of_them else (1,))] and counted == [(0, 1)]


async def test_no_more_fences_are_remembered_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two: a third one is in force as ever, and an owner below it that is not remembered is not called unknown."""
    monkeypatch.setattr(strand, "MAX_FENCES", 2)
    assert await read([fence(0), said(1, 9, 0), fence(2), fence(3), said(4, 9, 0), said(5, 3, 0)]) == (
        [("owner_unknown", 1, 0, b"9", 0)], [(0, 5)])


# --- which request a record was decided from ------------------------------------------------------------------------------

REQUESTS = [replace(placed(Record(b"P1", b'{"n":%d}' % at, ()), at), topic="yibao.requested") for at in range(AHEAD + 2)]


@pytest.mark.parametrize(("src", "value", "passed", "found"), [
    (0, b"", [], 0), (2, b"", [0, 1], 2),
    (AHEAD - 1, b"", [*range(AHEAD - 1)], AHEAD - 1), (AHEAD, b"", [], None),  # as far as it looks, and one behind
    (-1, wrap(REQUESTS[2].value), [0, 1], 2),  # no number, but its bytes
    (-1, wrap(b'{"n":2000}'), [], None),
])
async def test_the_cause_is_looked_for_by_number_and_by_bytes(src: int, value: bytes, passed: list[int], found: int | None) -> None:
    async def pieces() -> AsyncGenerator[Sequence[Record], None]:
        for request in REQUESTS:
            yield [request]

    one = Strand("yibao.requested", PARTITION, pieces(), False, lambda *_: None)
    before, cause = await one.cause_of(replace(said(1, 0, 0, src), value=value))
    assert [number for number, _ in before] == passed and (cause.offset if cause is not None else None) == found
    head = await one.head()
    assert head is not None and head[0] == (found + 1 if found is not None else 0)
