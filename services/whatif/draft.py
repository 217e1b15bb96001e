"""A draft rulebook: a whole one, or only the files that it changes, laid over the present one.

A file of a draft stands where its path says: ``regions/650200-karamay/outpatient-310.toml`` in the folder that is given; or in a
folder of a place (``650200-karamay/outpatient-310.toml``), or alone. So one TOML of one city can be copied, edited and named.
"""

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path

from policies.book import SETTLEMENT, Book, load
from policies.files import is_rule, parsed, read_files
from policies.tables import RulebookError

FOLDERS, BESIDE, SOURCES = ("regions", "national", "catalogues", "providers"), ("sources.toml", "quotes.toml"), "sources.toml"
PLACE = re.compile("[0-9]{6}-.+")


@dataclass(frozen=True, slots=True)
class Books:
    """The two rulebooks, and the files in which they differ. ``whole``: the draft stands alone."""

    present: Book
    draft: Book
    whole: bool
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def books(present: Path, draft: Path) -> Books:
    """Both rulebooks. Raises RulebookError with every problem found in either."""
    under, problems = read_files(present, is_rule, []), list[str]()
    files = _files(draft, problems)
    if not files and not problems:
        problems.append(f"{draft}: 没有规则库的文件，请给出规则库，或其中改动过的 TOML、CSV 文件 / "
                        "holds no file of a rulebook; give a rulebook, or TOML and CSV files of one that were changed")
    whole = SETTLEMENT in files and SOURCES in files
    over = files if whole else _named(draft, files, problems)
    if SOURCES in over and not whole:
        over[SOURCES] = _with_sources(under.get(SOURCES, b""), over[SOURCES], problems)
    if problems:
        raise RulebookError(problems)
    found = over if whole else {**under, **over}
    return Books(
        load(present), load(draft) if whole else load(present, over), whole,
        changed=tuple(sorted(name for name in found.keys() & under.keys() if found[name] != under[name])),
        added=tuple(sorted(found.keys() - under.keys())), removed=tuple(sorted(under.keys() - found.keys())),
    )


def _files(draft: Path, problems: list[str]) -> dict[str, bytes]:
    """The files of a folder by name, or the one that ``draft`` is."""
    if draft.is_file():
        found = read_files(draft.parent, lambda name: name == draft.name and is_rule(name), problems)
        return {name: content for name, content in found.items() if name == draft.name}
    if not draft.is_dir():
        problems.append(f"{draft}: 没有这个文件夹或文件，请给出规则库，或其中改动过的文件 / "
                        "there is no such folder or file; give a rulebook, or the files of one that were changed")
        return {}
    return read_files(draft, is_rule, problems)


def _named(draft: Path, files: dict[str, bytes], problems: list[str]) -> dict[str, bytes]:
    """The files under the names that they have in a rulebook."""
    root, found = (draft.parent if draft.is_file() else draft).absolute(), dict[str, bytes]()
    for name, content in files.items():
        if (stands := _stands(root, name)) is None:
            problems.append(
                f"{name}: 由路径看不出它在规则库中的位置，请放到规则库里相应的位置，如 regions/650200-karamay/{name} / "
                f"its path names no place in a rulebook; put it where it stands there, such as regions/650200-karamay/{name}")
        else:
            found[stands] = content
    return found


def _stands(root: Path, name: str) -> str | None:
    if name.partition("/")[0] in FOLDERS or name in BESIDE:
        return name
    parts = (root / name).parts
    if known := [at for at, part in enumerate(parts[:-1]) if part in FOLDERS]:
        return "/".join(parts[known[-1]:])
    return f"regions/{parts[-2]}/{parts[-1]}" if PLACE.fullmatch(parts[-2]) else None


def _with_sources(under: bytes, over: bytes, problems: list[str]) -> bytes:
    """New sources stand beside the present ones; a list that holds all of those takes their place."""
    present, draft = (parsed(SOURCES, content, problems) or {} for content in (under, over))
    if not present.keys() & draft.keys():
        return under + b"\n" + over.removeprefix(BOM_UTF8)
    if missing := sorted(present.keys() - draft.keys()):
        some = ", ".join(missing[:3])
        problems.append(f"{SOURCES}: 重复列出现行规则库的出处，却缺少 {some} …，请只留新的，或全部保留 / "
                        f"repeats sources of the present rulebook and lacks {some} …; leave only new ones in it, or keep all")
    return over
