"""Names are on the disk before anybody counts on them: what a machine that stops has lost is never what a later step builds on."""

import os
import stat
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import pytest

from contracts.envelope import Record
from services.audit.dump import MANIFEST, Dumping
from services.feed import folder as folder_module
from services.feed.folder import Folder, Place
from services.runtime.disk import renamed, write_whole
from services.runtime.rulebooks import keep
from tests.memory import MemoryLog, MemoryTopic
from tests.policies.rulebooks import written


class Disk:
    """What the machine would find when it starts again: the folders whose names were synced after they last changed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lost: dict[Path, Path] = {}
        self.at_name: list[tuple[Path, set[Path]]] = []
        replace, fsync, mkdir = os.replace, os.fsync, os.mkdir
        monkeypatch.setattr(os, "replace", lambda source, target: (replace(source, target), self._named(Path(target)))[0])
        monkeypatch.setattr(os, "mkdir", lambda path, mode=0o777: (mkdir(path, mode), self._new(Path(path)))[0])
        monkeypatch.setattr(os, "fsync", lambda handle: (fsync(handle), self._synced(handle))[0])

    def _new(self, path: Path) -> None:
        self.lost[path.absolute()] = path.absolute().parent

    def _named(self, target: Path) -> None:
        self.at_name.append((target, set(self.lost)))
        self._new(target)

    def _synced(self, handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            here = os.fstat(handle).st_ino
            self.lost = {path: folder for path, folder in self.lost.items() if folder.exists() and folder.stat().st_ino != here}


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_file_is_there_with_every_folder_above_it(tmp_path: Path, disk: Disk) -> None:
    write_whole(tmp_path / "a" / "b" / "file", b"content")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"content" and not disk.lost
    renamed(tmp_path / "a" / "b", tmp_path / "c" / "d")
    assert (tmp_path / "c" / "d" / "file").read_bytes() == b"content" and not disk.lost


async def test_a_manifest_names_no_file_that_a_power_loss_takes(tmp_path: Path, disk: Disk) -> None:
    log = MemoryTopic("yibao.filed", 3)
    log.add([Record(b"P1", b"{}", ())])
    await Dumping(tmp_path / "dump", 6).log(MemoryLog(log), "yibao.filed", 1)
    manifests = [lost for target, lost in disk.at_name if target.name == MANIFEST]
    assert len(manifests) >= 2 and not any(manifests) and not disk.lost


def test_a_piece_of_a_feed_is_there_before_its_progress_and_after(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "write", lambda path, table, rows: path.write_bytes(b""))
    folder = Folder(tmp_path / "feed", "here")
    folder.commit(Place(source="here", partition=0, next=1), 0, {("filings", "2026-01-01", "650200"): []})
    (progress,) = [lost for target, lost in disk.at_name if target.name == "0.json"]
    assert not progress and not disk.lost


@pytest.mark.parametrize("before", [lambda store: None, Path.mkdir], ids=["no folder yet", "an empty folder"])
def test_a_rulebook_is_kept_with_all_its_names(tmp_path: Path, disk: Disk, before: Callable[[Path], None]) -> None:
    source, store = written(tmp_path / "source"), tmp_path / "kept"
    before(store)
    disk.lost.clear()
    book, _ = keep(source, store)
    (named,) = [lost for target, lost in disk.at_name if target == store / book.digest]
    assert not named and not disk.lost


def test_a_full_disk_names_the_file_and_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(file := tmp_path / "file", b"before")
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(ENOSPC, "No space left on device")))
    with pytest.raises(OSError, match="No space left on device: '.*/file'"):
        write_whole(file, b"after")
    assert file.read_bytes() == b"before"
