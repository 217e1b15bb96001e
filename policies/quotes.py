"""Quotes that are the source of no value, each with the reason why not: ``quotes.toml``.

One table a quote: ``id`` (in sources.toml), ``why`` (of WHY), ``of`` (the quote that it contradicts or repeats) and a note
in both languages. A quote is either listed here or the source of a value, never both: a test holds it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from policies import wording
from policies.tables import Table
from policies.values import shown

WHY = {
    "contradicts": "says the contrary of the quote `of`, which is followed",
    "duplicate": "says what the quote `of` says",
    "cut_off": "breaks off before the value",
    "vague": "has no value that a claim can be decided by",
    "general": "holds everywhere: built into the code, or said in passing",
    "not_benefits": "decides nothing between a person and the fund",
    "reversal": "about taking back or correcting what was settled",
    "reconciliation": "about money between funds, agencies and hospitals",
}
POINTING = ("contradicts", "duplicate")
"""Reasons that name another quote in ``of``."""


@dataclass(frozen=True, slots=True)
class Unused:
    """A quote that is the source of no value. ``of``: the id that it contradicts or repeats, else empty."""

    id: str
    why: str
    of: str
    zh: str
    en: str


def read_unused(file: Table, known: Collection[str] | None) -> tuple[Unused, ...]:
    """The quotes that are listed in ``file``; ``known``: the ids of sources.toml, None
    where they cannot be read. Problems are noted in the table."""
    found = tuple(_unused(row, known) for row in file.tables("quote"))
    file.finish()
    for id in _twice(found):
        file.complain("quote", wording.listed_twice(id))
    return found


def _unused(row: Table, known: Collection[str] | None) -> Unused:
    found = Unused(
        row.text("id"), row.text("why", among=tuple(WHY)), row.text("of", ""), row.text("note_zh"), row.text("note_en"))
    if found.id and known is not None and found.id not in known:
        row.complain("id", f"sources.toml 中没有 {shown(found.id)}，请补上原文，或改正编号 / "
                           f"{shown(found.id)} is not in sources.toml; add the text there, or correct the id")
    if found.why in POINTING and known is not None and (found.of not in known or found.of == found.id):
        row.complain("of", f"{shown(found.of)} 不是另一段原文，{found.why} 须写所依从的那一段在 sources.toml 中的编号 / "
                           f"{shown(found.of)} is no other text; {found.why} needs the id in sources.toml of the one that is followed")
    if found.of and found.why not in POINTING:
        row.complain("of", f"在 why 为 {found.why} 时没有意义，请删去，或让 why 用句末所列之一 / "
                           f"says nothing where why is {found.why}; remove it, or use one of {', '.join(POINTING)}")
    row.finish()
    return found


def _twice(found: tuple[Unused, ...]) -> Iterator[str]:
    ids = [quote.id for quote in found]
    return (id for id in sorted(set(ids)) if ids.count(id) > 1)
