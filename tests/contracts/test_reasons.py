"""The list of reasons: whole in both languages, and the only source of codes."""

import re
import string
from pathlib import Path

import pytest

import contracts
from contracts.reasons import REASONS, Entry, reason
from contracts.reasons_eligibility import ELIGIBILITY_REASONS
from contracts.reasons_filing import FILING_REASONS
from contracts.reasons_reimbursement import REIMBURSEMENT_REASONS
from contracts.reasons_reversal import REVERSAL_REASONS
from contracts.reasons_review import REVIEW_REASONS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENTRIES = pytest.mark.parametrize(("code", "entry"), REASONS.items(), ids=list(REASONS))


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@ENTRIES
def test_each_reason_has_all_texts_in_both_languages(code: str, entry: Entry) -> None:
    assert re.fullmatch(r"[a-z_]{3,40}", code)
    for zh in (entry.zh, entry.remedy_zh):
        assert CHINESE.search(zh)
    for en in (entry.en, entry.remedy_en):
        assert en.strip() and en.isascii()


@ENTRIES
def test_both_languages_name_the_same_facts(code: str, entry: Entry) -> None:
    assert names_in(entry.zh) == names_in(entry.en)
    assert names_in(entry.remedy_zh) == names_in(entry.remedy_en)
    assert "" not in names_in(entry.zh)


UNSEEN = ("not_json", "not_object", "invalid_field", "missing_header", "null_header", "bad_header")
"""What could not be read is remembered under no id: the same id will do."""


@ENTRIES
def test_what_is_sent_again_needs_a_new_id_in_both_languages(code: str, entry: Entry) -> None:
    """The id of a refused request is taken: sent again with it, it is answered with the first verdict, or refused."""
    new = "新的请求编号" in entry.remedy_zh
    assert new == ("new id" in entry.remedy_en or "new request" in entry.remedy_en)
    again = re.search("重新(发送|结算)", entry.remedy_zh.replace("无需重新发送", "")) or re.search(r"(?<!not )\bsend \w* ?again", entry.remedy_en)
    assert new or again is None or code in UNSEEN


@ENTRIES
def test_the_facts_stand_in_all_the_texts(code: str, entry: Entry) -> None:
    facts = {name: f"<{name}>" for name in names_in(entry.zh + entry.remedy_zh) if name != "field"}
    told = reason(code, "the.field", **facts)
    for text, source in zip(
        (told.zh, told.en, told.remedy_zh, told.remedy_en),
        (entry.zh, entry.en, entry.remedy_zh, entry.remedy_en),
        strict=True,
    ):
        for name in names_in(source):
            assert ("the.field" if name == "field" else f"<{name}>") in text
    assert (told.code, told.field, told.bears) == (code, "the.field", entry.bears)


@pytest.mark.parametrize("part", [ELIGIBILITY_REASONS, FILING_REASONS, REIMBURSEMENT_REASONS, REVERSAL_REASONS, REVIEW_REASONS])
def test_no_code_stands_for_two_reasons(part: dict[str, Entry]) -> None:
    """The parts are merged into one list: a code of two parts would tell the text of the last one for both."""
    assert {code: entry for code, entry in part.items() if REASONS[code] is not entry} == {}


def test_a_fact_may_be_called_like_the_code() -> None:
    told = reason("unknown_provider", "fixmedins_code", code="H1")
    assert (told.code, told.en) == ("unknown_provider", "The provider register does not hold H1")


def test_a_fact_that_holds_braces_is_not_filled_in_again() -> None:
    assert "{field}" in reason("not_json", "x", detail="{field}").en


def test_a_fact_that_nobody_gave_is_a_question_mark() -> None:
    assert reason("not_json").en == "The body is not valid JSON: ?"


def test_a_code_that_is_not_on_the_list_is_an_error() -> None:
    with pytest.raises(KeyError):
        reason("no_such_code")


def test_the_codes_that_contracts_give_are_on_the_list() -> None:
    given = set()
    for path in Path(contracts.__file__).parent.glob("*.py"):
        given |= set(re.findall(r'(?:\breason|BadHeaders)\("([a-z_]+)"', path.read_text("utf-8")))
    assert len(given) > 10
    assert given <= set(REASONS)
