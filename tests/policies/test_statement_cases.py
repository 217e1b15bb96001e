"""Every case of the rulebook on paper: each sum, product and smaller of two that is written out is right, in both languages."""

import re
from decimal import Decimal

import pytest

from contracts.events.claim import ClaimSettled, Settled
from contracts.money import times
from policies.book import BUILT_IN, Book
from policies.cases import PlanCase, load_cases
from policies.prove import settle_case
from policies.statement import Section, Statement, as_text, year
from policies.statement.claim import person, shares
from policies.statement.steps import Steps
from policies.statement.words import Words

CASES = [case for case in load_cases(BUILT_IN) if isinstance(case, PlanCase)]
AMOUNT = r"-?[\d,]+\.\d\d"
SUM = re.compile(rf"({AMOUNT}(?: [-+] {AMOUNT})+) = ({AMOUNT})")
PRODUCT = re.compile(rf"({AMOUNT}) × ([\d.]+)% = ({AMOUNT})")
SMALLER = re.compile(rf"(?:取|smaller of) ({AMOUNT}) (?:与|and) ({AMOUNT}) ?(?:中较小者)? ?= ({AMOUNT})")


def fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def paper(body: ClaimSettled, book: Book, say: Words) -> str:
    sections: list[Section | None] = [Steps(body, book, say).section(), shares(body, say), person(body, say)]
    sections += [year.accumulators(body, say), year.stay(body, say), year.room(body, book, say)]
    return as_text(Statement("", say.lang, tuple(section for section in sections if section is not None)), width=10_000)


def check_sums(text: str) -> int:
    for left, right in SUM.findall(text):
        terms = re.findall(rf"(?:^|([-+]) )({AMOUNT})", left)
        assert sum(-fen(value) if sign == "-" else fen(value) for sign, value in terms) == fen(right), left
    for base, ratio, found in PRODUCT.findall(text):
        assert times(fen(base), Decimal(ratio) / 100) == fen(found), (base, ratio, found)
    for one, other, found in SMALLER.findall(text):
        assert min(fen(one), fen(other)) == fen(found), (one, other, found)
    return len(SUM.findall(text))


@pytest.mark.parametrize("place", sorted({case.plan.partition("/")[0] for case in CASES}))
def test_what_is_written_out_is_right(place: str, book: Book) -> None:
    for case in (case for case in CASES if case.plan.startswith(f"{place}/")):
        for visit, verdict in settle_case(case, book):
            if not isinstance(verdict, Settled):
                continue
            body = ClaimSettled(request=visit.body.request, checked=visit.body.checked, priced=visit.body.priced, settled=verdict)
            for lang in ("zh", "en"):
                text = paper(body, book, Words(lang))
                assert check_sums(text) >= 2, "scope and cash at least"
                assert "Facts:" not in text and "依据的事实" not in text, "every kind of step has a form"
                assert all(step.rule in text for step in verdict.steps)
