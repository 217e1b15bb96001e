"""Dumps: byte for byte there and back, gone on with, and never half of what they say."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.exact import exact_hash, from_exact, to_exact
from services.audit import dump as dumps
from services.audit.dump import DumpDir, Dumping, load
from services.audit.manifest import READ
from services.runtime.exits import DataLost, Misconfigured
from tests.memory import MemoryLog, MemoryTopic

NAME = "yibao.filed"
STRANGE = [
    Record(b"P1", b'{"a":1,"data":{"x":"\\"data\\":"}}', (("ce_type", b"t"), ("own", b"0"))),
    Record(None, b"", (("fence", b"f" * 32),)),
    Record(b"\xff\x00", b"\xfe\xff not JSON", (("null", None), ("bytes", b"\x80"), ("twice", b"1"), ("twice", b"2"), ("", b""))),
    Record("医保".encode(), '{"医":"保"} '.encode(), ()),
    Record(b"P1", b'{"line":\n1}', (('"data":', b'"data":{'),)),
]


def topic(*records: Record) -> MemoryTopic:
    found = MemoryTopic(NAME, 3)
    found.add(records)
    return found


@pytest.mark.parametrize("number", range(len(STRANGE)))
def test_a_line_gives_back_every_byte(number: int) -> None:
    record = replace(STRANGE[number], offset=7, partition=3, topic=NAME, timestamp_ms=1_700_000_000_123)
    line = to_exact(record)
    assert b"\n" not in line and from_exact(line) == record


@pytest.mark.parametrize("line", [
    b"", b"{}", b"[]", b'{"data":1}', b"\xff", to_exact(STRANGE[0])[:-9], b'{"headers":[1],"key":null,"data":1}',
    b'{"topic":"","partition":0,"offset":1e999,"timestamp":0,"key":null,"headers":[],"data":1}'])
def test_what_is_no_line_is_an_error_and_nothing_else(line: bytes) -> None:
    with pytest.raises(ValueError):
        from_exact(line)


def test_the_hash_holds_all_but_the_time() -> None:
    one = replace(STRANGE[0], offset=7, partition=3, topic=NAME)
    others = [
        replace(one, offset=8), replace(one, partition=4), replace(one, topic="yibao.priced"), replace(one, key=None),
        replace(one, key=b""), replace(one, value=one.value + b" "), replace(one, headers=one.headers[::-1]),
        replace(one, headers=(*one.headers, ("x", None))), replace(one, headers=(*one.headers, ("x", b""))),
    ]
    assert len({exact_hash(each) for each in (one, *others)}) == 10
    assert exact_hash(replace(one, timestamp_ms=5)) == exact_hash(one)


async def test_a_dump_is_gone_on_with_and_loaded_with_every_offset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumps, "FILE_RECORDS", 2)
    source = topic(*STRANGE)
    await Dumping(tmp_path, 6).log(MemoryLog(source), NAME, 3)
    assert [one.records for one in DumpDir(tmp_path).manifest.files] == [2, 1]
    first = (tmp_path / DumpDir(tmp_path).manifest.files[0].path).read_bytes()
    await Dumping(tmp_path, 6).log(MemoryLog(source), NAME, 5)
    found = DumpDir(tmp_path)
    assert [(one.first, one.last) for one in found.manifest.files] == [(0, 1), (2, 2), (3, 4)]
    assert (tmp_path / found.manifest.files[0].path).read_bytes() == first
    assert list(found.records(NAME, 3)) == source.records
    assert not [one for one in found.manifest.files if found.wrong(one)]

    target = topic(*STRANGE[:2])  # an earlier load ended here
    await load(found, MemoryLog(target), NAME)
    assert target.records == source.records
    await load(found, MemoryLog(target), NAME)
    assert target.records == source.records, "nothing is written twice"


async def test_a_file_that_never_came_under_its_name_is_written_again(tmp_path: Path) -> None:
    source = topic(*STRANGE)
    await Dumping(tmp_path, 6).log(MemoryLog(source), NAME, 2)
    (part := tmp_path / NAME / "3" / ".00000000000000000002-00000000000000000004.jsonl.part").write_bytes(b"half of")
    (whole := tmp_path / NAME / "3" / "00000000000000000002-00000000000000000004.jsonl").write_bytes(b"not named by the manifest")
    await Dumping(tmp_path, 6).log(MemoryLog(source), NAME, 5)
    assert list(DumpDir(tmp_path).records(NAME, 3)) == source.records
    assert not part.exists() and whole.read_bytes().count(b"\n") == 3


async def test_a_dump_does_not_go_on_with_another_log(tmp_path: Path) -> None:
    await Dumping(tmp_path, 6).log(MemoryLog(topic(*STRANGE)), NAME, 3)
    with pytest.raises(DataLost, match="record 2 is not the one"):
        await Dumping(tmp_path, 6).log(MemoryLog(topic(*STRANGE[1:], STRANGE[0])), NAME, 5)
    with pytest.raises(DataLost, match="record 2 is not the one"):
        await Dumping(tmp_path, 6).log(MemoryLog(topic(*STRANGE[:1])), NAME, 5)


async def test_a_log_without_its_beginning_is_not_dumped(tmp_path: Path) -> None:
    cut = topic(*STRANGE)
    cut.first = 2
    with pytest.raises(DataLost, match="starts at 2, 0 is needed"):
        await Dumping(tmp_path, 6).log(MemoryLog(cut), NAME, 5)


async def test_a_dump_tells_of_each_partition_of_each_topic(tmp_path: Path) -> None:
    """Two of the six times six hold something. Whoever takes one out of the manifest takes away what tells of it."""
    for name in READ:
        for partition in range(6):
            with pytest.raises(Misconfigured, match="its manifest lacks"):
                Dumping(tmp_path, 6)
                DumpDir(tmp_path).whole()
            log = MemoryTopic(name, partition)
            log.add(STRANGE[:2] if (name, partition) in ((NAME, 3), ("yibao.sealed", 5)) else [])
            await Dumping(tmp_path, 6).log(MemoryLog(log), name, len(log.records))
    manifest = DumpDir(tmp_path).whole().manifest
    assert len(manifest.files) == 2 and manifest.empty is not None and len(manifest.empty) == 34
    for less in ({"files": manifest.files[:1]}, {"empty": manifest.empty[1:]}):
        (tmp_path / "manifest.json").write_text(manifest.model_copy(update=less).model_dump_json())
        with pytest.raises(Misconfigured, match="its manifest lacks"):
            DumpDir(tmp_path).whole()


async def test_an_empty_partition_that_fills_is_empty_no_longer(tmp_path: Path) -> None:
    await Dumping(tmp_path, 6).log(MemoryLog(topic()), NAME, 0)
    assert DumpDir(tmp_path).manifest.empty == (f"{NAME}/3",)
    await Dumping(tmp_path, 6).log(MemoryLog(topic(*STRANGE)), NAME, 5)
    assert DumpDir(tmp_path).manifest.empty == () and len(DumpDir(tmp_path).manifest.files) == 1


@pytest.mark.parametrize("standing", [STRANGE[1:3], [*STRANGE, STRANGE[0]]])
async def test_nothing_is_loaded_onto_other_records(tmp_path: Path, standing: list[Record]) -> None:
    await Dumping(tmp_path, 6).log(MemoryLog(topic(*STRANGE)), NAME, 5)
    target = topic(*standing)
    with pytest.raises(DataLost):
        await load(DumpDir(tmp_path), MemoryLog(target), NAME)
    assert len(target.records) == len(standing)


async def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    await Dumping(tmp_path, 6).log(MemoryLog(topic(*STRANGE)), NAME, 5)
    found = DumpDir(tmp_path)
    (one,) = found.manifest.files
    file = tmp_path / one.path
    file.write_bytes(file.read_bytes().replace(b"not JSON", b"not JSOM").replace(b'"a":1', b'"a":2'))
    (stands, named) = found.wrong(one) or ("", "")
    assert stands != named == one.sha256
    file.unlink()
    assert "No such file" in (found.wrong(one) or ("", ""))[0]


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"format":2,"partitions":6}', b'{"partitions":6,"files":[{"topic":"../x","partition":0,'
                                     b'"first":0,"last":0,"records":1,"sha256":"' + b"0" * 64 + b'"}]}'])
def test_what_is_no_dump_is_said(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(Misconfigured):
        DumpDir(tmp_path)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Misconfigured, match="neither a dump nor an empty folder"):
        Dumping(tmp_path, 6)
