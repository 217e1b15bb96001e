"""What holds for any history of filings: what concerns another date, place or request changes nothing."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st

from contracts.events.claim import PersonFacts
from contracts.events.enrolment import Spell
from contracts.events.filing import Filing, FilingRequest
from policies.book import built_in
from policies.filed import Covered, covered
from policies.filing import FilingState, filing_facts, filing_verdict, with_filed
from tests.policies.requests import SHANGHAI, claim, model

BOOK = built_in()
SPELL = Spell(insuplc_admdvs="410100", insutype="310", psn_type="11", psn_insu_date=date(2010, 1, 1))
PROVIDER = BOOK.provider(SHANGHAI, date(2026, 1, 1))
PLACES = ("110000", "110100", "440100", "440300", "500000")
"""Places other than 上海."""
FIRST = date(2024, 1, 1)
days = st.integers(0, 1_000).map(lambda n: FIRST + timedelta(days=n))
lengths = st.integers(0, 400).map(timedelta)


@st.composite
def filings(draw: st.DrawFn, areas: tuple[str, ...]) -> Filing:
    begndate = draw(days)
    return Filing(
        trt_dcla_detl_sn=f"F{draw(st.integers(0, 10**9))}", insuplc_admdvs="410100", insutype="310",
        category=draw(st.sampled_from(["long_term_resident", "referral", "other_temporary"])), mdtrtarea_admdvs=draw(st.sampled_from(areas)),
        begndate=begndate, enddate=draw(st.one_of(st.none(), lengths.map(lambda n: begndate + n))),
        letter=draw(st.sampled_from([None, "given"])), pending=draw(st.sampled_from([None, None, "1"])),
    )


@st.composite
def requests(draw: st.DrawFn, areas: tuple[str, ...] = PLACES) -> FilingRequest:
    return FilingRequest(
        psn_no="P1", insutype="310", category=draw(st.sampled_from(["long_term_resident", "referral", "emergency", "other_temporary"])),
        mdtrtarea_admdvs=draw(st.sampled_from(areas)), begndate=draw(days), cmt_flag=draw(st.sampled_from(["0", "1"])),
        materials=draw(st.sampled_from([(), ("residence_certificate",), ("referral_form", "emergency_record")])),
    )


def stay(first: date, length: timedelta, known: tuple[Filing, ...]) -> Covered:
    """Which filing covers a stay in 上海."""
    last = first + length
    data = claim(fixmedins_code=SHANGHAI, med_type="21", begndate=str(first), enddate=str(last), setl_date=str(last))
    facts = PersonFacts(insuinfo=(SPELL,), filings=known)
    return covered(model(data), facts, SPELL, PROVIDER, BOOK.regions["410100"], "other_province", BOOK)


def sent(state: FilingState, request: FilingRequest, number: str) -> tuple[Any, FilingState]:
    """The verdict, and the state behind it."""
    filed = filing_verdict(request, filing_facts(request, state), number, BOOK)
    return filed, FilingState(insuinfo=state.insuinfo, filings=with_filed(state.filings, filed) if filed.verdict != "refused" else state.filings)


@settings(max_examples=200, deadline=None)
@given(first=days, length=lengths, mine=st.lists(filings(("310000", "310100", "310115")), max_size=3), others=st.lists(filings(PLACES), max_size=4))
def test_filings_for_other_places_change_nothing(first: date, length: timedelta, mine: list[Filing], others: list[Filing]) -> None:
    alone, together = stay(first, length, tuple(mine)), stay(first, length, (*others, *mine, *others))
    assert (alone.filing, alone.filed_as, bool(alone.reasons)) == (together.filing, together.filed_as, bool(together.reasons))


@settings(max_examples=200, deadline=None)
@given(first=days, length=lengths, known=st.lists(filings(("310000", "110000")), max_size=5))
def test_filings_of_other_days_change_nothing(first: date, length: timedelta, known: list[Filing]) -> None:
    touching = tuple(one for one in known if one.touches(first, first + length))
    whole, less = stay(first, length, tuple(known)), stay(first, length, touching)
    assert (whole.filing, bool(whole.reasons)) == (less.filing, bool(less.reasons))


@settings(max_examples=200, deadline=None)
@given(one=requests(), other=requests())
def test_the_order_of_two_filings_changes_nothing(one: FilingRequest, other: FilingRequest) -> None:
    start = FilingState(insuinfo=(SPELL,))
    first, state = sent(start, one, "A")
    second, state = sent(state, other, "B")
    second_first, turned = sent(start, other, "B")
    first_second, turned = sent(turned, one, "A")
    assert (first.verdict, first.filing, first.reasons) == (first_second.verdict, first_second.filing, first_second.reasons)
    assert (second.verdict, second.filing, second.reasons) == (second_first.verdict, second_first.filing, second_first.reasons)
    assert sorted(state.filings, key=str) == sorted(turned.filings, key=str)


@settings(max_examples=200, deadline=None)
@given(before=st.lists(filings(("310100", "110000")), max_size=3), asked=requests(("310100",)), day=days, first=days, length=lengths)
def test_a_cancelled_filing_leaves_the_person_as_before_from_that_day(
    before: list[Filing], asked: FilingRequest, day: date, first: date, length: timedelta
) -> None:
    start = FilingState(insuinfo=(SPELL,), filings=tuple({one.trt_dcla_detl_sn: one for one in before}.values()))
    filed, state = sent(start, asked, "A")
    cancel = FilingRequest(psn_no="P1", insutype="310", oper="cancel", trt_dcla_detl_sn="A", begndate=day)
    cancelled, after = sent(state, cancel, "B")
    if filed.verdict == "refused" or cancelled.verdict == "refused":
        return
    assert day <= (filed.filing.enddate or day)
    if first >= day:
        assert stay(first, length, after.filings).filing == stay(first, length, start.filings).filing
    elif first + length < day:
        with_it, cut = stay(first, length, state.filings).filing, stay(first, length, after.filings).filing
        assert (with_it and with_it.trt_dcla_detl_sn) == (cut and cut.trt_dcla_detl_sn)
