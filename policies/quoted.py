"""Values of plans that do not stand in the sentence that they name as their source, where no choice explains them.

A text may write 0.85 as 85%, 8.5折 or 个人负担15%, and 300000.00 as 30万元: each usual way of writing a number counts. What a
sentence says in words alone (不设起付标准, 六百元) is not looked for: zero and one are left out, and texts without digits.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from contracts.money import yuan
from policies.book import Book
from policies.check import stands_at
from policies.prove import steps_of
from policies.settlement.plan import StepRule

TEN_THOUSAND = 10000
BESIDE_ROWS = ("year_ceiling", "floor", "more_a_child", "more_a_disease")
"""Amounts of a step that stand beside its rows."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")
_SPACES = re.compile(r"\s+")


def unquoted(book: Book) -> Iterator[str]:
    """One line each: file, step and table, the value, its source, and what to do."""
    for plan in (plan for versions in book.plans.values() for plan in versions):
        for rule in steps_of(plan):
            if rule.origin.choice is None and (source := book.sources.get(rule.origin.source)) is not None:
                numbers = numbers_of(source.quote)
                for table, value in dict.fromkeys(_values(rule)):
                    if numbers and not ways(value) & numbers:
                        yield f"regions/{plan.id}.toml: {stands_at(f'{rule.origin.rule} {table}')}: {_not_in(value, source.id)}"


def _not_in(value: int | Decimal, quote: str) -> str:
    told = yuan(value).replace(",", "") if isinstance(value, int) else str(value)
    zh, en = (f"{told} 元", f"{told} yuan") if isinstance(value, int) else (told, told)
    return f"出处 {quote} 的原文中没有 {zh}，请改正其中之一，或写明有此数值的出处，或在 `choice` 中说明如何得出 / " \
        f"{en} does not stand in the quote {quote}; correct one of the two, name the source that says it, or say in `choice` how it follows"


def numbers_of(quote: str) -> frozenset[Decimal]:
    """The numbers that a text writes in digits, each also as ten thousand times itself where 万 follows."""
    text = _SEPARATOR.sub("", _SPACES.sub("", normalize("NFKC", quote)))
    found = {(Decimal(match[0]), text[match.end() : match.end() + 1]) for match in _NUMBER.finditer(text)}
    return frozenset(number * TEN_THOUSAND if sign == "万" else number for number, sign in found)


def ways(value: int | Decimal) -> frozenset[Decimal]:
    """The numbers by which a text may say an amount in fen, or a ratio: itself, in per cent, in tenths, or what is left to the person."""
    if isinstance(value, int):
        return frozenset({Decimal(value).scaleb(-2)})
    rest = 1 - value
    return frozenset({value, value * 100, value * 10, rest, rest * 100})


def _values(rule: StepRule) -> Iterator[tuple[str, int | Decimal]]:
    for table, rows in rule.tables():
        yield from ((table, row.value) for row in rows.rows if _looked_for(row.value))
    yield from (("band upto", band.upto) for band in getattr(rule, "bands", ()) if _looked_for(band.upto))
    yield from ((key, value) for key in BESIDE_ROWS if _looked_for(value := getattr(rule, key, None)))
    for bonus in getattr(rule, "cap_bonus", ()):
        yield from (("cap_bonus", value) for value in (bonus.per_year, bonus.most) if _looked_for(value))


def _looked_for(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value not in (0, Decimal(1))
