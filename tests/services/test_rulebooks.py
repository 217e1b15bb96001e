"""Rulebooks that are kept by digest: put there whole, never changed, found again, and told where they are not right."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from policies.book import built_in, load
from policies.tables import RulebookError
from services.cli.console import CANNOT, REFUSED
from services.runtime.exits import Misconfigured
from services.runtime.main import rulebook
from services.runtime.rulebooks import MOST_HELD, Rulebooks, keep, kept_in
from services.runtime.settings import Settings
from tests.policies.rulebooks import PLAN, changed, written
from tests.services.conftest import Run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "source")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def other(folder: Path, yuan: int = 600) -> Path:
    """The small rulebook with another deductible."""
    return written(folder, changed(PLAN, "500.00", f"{yuan}.00"))


def test_what_is_kept_is_what_was_there_and_is_not_written_again(source: Path, store: Path, tmp_path: Path) -> None:
    (source / "README.md").write_text("no rule", "utf-8")
    book, new = keep(source, store)
    assert new and kept_in(store) == [book.digest] and load(store / book.digest).digest == book.digest
    assert not (store / book.digest / "README.md").exists(), "only what the digest covers"
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    again, new = keep(source, store)
    assert (again.digest, new) == (book.digest, False)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before
    assert keep(other(tmp_path / "other"), store)[1] and len(kept_in(store)) == 2


def test_many_at_once_keep_one(source: Path, store: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: keep(source, store), range(8)))
    assert sum(new for _, new in found) == 1 and len({book.digest for book, _ in found}) == 1
    assert [path.name for path in store.iterdir()] == [found[0][0].digest], "nothing is left of the others"


def test_what_a_process_left_behind_when_it_was_killed_is_passed_over(source: Path, store: Path) -> None:
    (store / ".0123456789ab.77.00000000" / "national").mkdir(parents=True)
    book, new = keep(source, store)
    assert new and list(Rulebooks(store)) == [book.digest]


def test_a_rulebook_that_cannot_be_loaded_is_not_kept(store: Path, tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="500.005 is not a whole number of fen"):
        keep(written(tmp_path / "wrong", changed(PLAN, "500.00", "500.005")), store)
    assert not store.exists()


def one_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def unreadable(path: Path) -> None:
    path.write_bytes(b"\xff")


@pytest.mark.parametrize("alter", [one_byte, unreadable, Path.unlink])
def test_what_was_altered_is_not_at_hand_and_told_once(source: Path, store: Path, alter: Callable[[Path], None]) -> None:
    book, _ = keep(source, store)
    told: list[str] = []
    rulebooks = Rulebooks(store, told.append)
    alter(store / book.digest / PLAN)
    assert rulebooks.get(book.digest) is None and rulebooks.get(book.digest) is None
    (what,) = told
    assert book.digest[:12] in what
    with pytest.raises(RulebookError, match=r"yibao rules keep DIR"):
        keep(source, store)  # never mended in silence


def test_they_are_loaded_when_asked_for_and_few_are_held(store: Path, tmp_path: Path) -> None:
    digests = [keep(other(tmp_path / f"{n}", 600 + n), store)[0].digest for n in range(MOST_HELD + 2)]
    rulebooks = Rulebooks(store)
    for _ in range(2):
        for digest in digests:
            found = rulebooks[digest]
            assert found.digest == digest and found.kept is rulebooks, "a rulebook knows the others too"
    assert len(rulebooks._held) == MOST_HELD and sorted(digests) == list(rulebooks)
    assert rulebooks[digests[-1]] is rulebooks[digests[-1]]


def test_one_that_is_kept_later_is_found_without_a_restart(source: Path, store: Path) -> None:
    rulebooks, digest = Rulebooks(store), load(source).digest
    assert rulebooks.get(digest) is None
    keep(source, store)
    assert rulebooks[digest].digest == digest


@pytest.mark.parametrize("name", ["", ".", "..", "../source", "source", "f" * 64, "F" * 64])
def test_only_a_digest_names_one(source: Path, store: Path, name: str) -> None:
    keep(source, store)
    (store / "source").mkdir()
    assert Rulebooks(store).get(name) is None


def test_the_one_that_decides_is_at_hand_kept_or_not(source: Path, store: Path) -> None:
    rulebooks, book = Rulebooks(store), load(source)
    around = rulebooks.around(book)
    assert around.named(book.digest) is around and rulebooks[book.digest] is around
    assert book.named("f" * 64) is None and around.named("f" * 64) is None


# --- workers and commands ---------------------------------------------------------------------------------------------


def test_a_worker_keeps_its_rulebook_before_it_decides(source: Path, store: Path, tmp_path: Path) -> None:
    first = rulebook(Settings(rulebook=source, rulebooks=store))
    assert kept_in(store) == [first.digest]
    second = rulebook(Settings(rulebook=other(tmp_path / "other"), rulebooks=store))
    assert second.named(first.digest) is not None and len(kept_in(store)) == 2
    assert rulebook(Settings(rulebook=source)).kept == {}, "nothing is kept unless somebody says where"


def test_a_worker_that_cannot_keep_its_rulebook_does_not_start(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    with pytest.raises(Misconfigured, match="yibao rules keep"):
        rulebook(Settings(rulebook=source, rulebooks=tmp_path / "file" / "kept"))


def test_keep_and_kept(run: Run, source: Path, store: Path) -> None:
    digest = load(source).digest
    done = run("rules", "keep", source, "--rulebooks", store)
    assert done.exit_code == 0 and f"已存放 / kept: {store / digest}" in done.stdout
    again = json.loads(run("rules", "keep", source, "--rulebooks", store, "--json").stdout)
    assert again == {"rulebook": digest, "folder": str(store / digest), "new": False}
    assert run("rules", "keep", "--rulebooks", store).exit_code == 0
    listed = run("rules", "kept", "--rulebooks", store, "--json")
    assert json.loads(listed.stdout)["rulebooks"] == [{"rulebook": one, "wrong": ""} for one in sorted((digest, built_in().digest))]
    one_byte(store / digest / PLAN)
    damaged = run("rules", "kept", "--rulebooks", store)
    assert damaged.exit_code == REFUSED and "its files do not give the digest of its name" in damaged.stdout.replace("\n", " ")


def test_without_a_place_they_are_kept_where_the_local_stack_keeps_them(run: Run, tmp_path: Path) -> None:
    assert run("rules", "keep").exit_code == 0
    assert kept_in(tmp_path / ".yibao" / "data" / "rulebooks") == [built_in().digest]
    (tmp_path / "file").touch()
    assert run("rules", "keep", "--rulebooks", tmp_path / "file" / "kept").exit_code == CANNOT
