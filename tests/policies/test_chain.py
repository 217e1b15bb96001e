"""What the audit finds in a row: nothing where nothing is wrong, and each falsification by its name."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from contracts.envelope import Record
from contracts.events import BESIDE
from contracts.events.audit import FINDINGS, AuditFound, finding
from contracts.events.claim import Movement
from contracts.keys import content_hash, derived_id
from contracts.topics import topic_map
from contracts.wire import cut, event_of, to_json
from policies.book import Book
from policies.chain import judge
from policies.continuity import Followed, compare
from policies.judged import Judged, Row
from policies.stage import State
from tests.policies import requests
from tests.policies.standing import (
    AGAIN,
    CREDITED,
    ENROLLED,
    FILED,
    LAST,
    PARTITIONS,
    QUOTED,
    REFUSED,
    REPEATED,
    SETTLED,
    UNREADABLE,
    Standing,
    header,
    settled_with,
    story,
)

ROAD = [topic.name for topic in topic_map().road]
REQUESTED, ON_FILED, ON_CHECKED, ON_PRICED, ON_SETTLED = range(5)


@pytest.fixture
def standing(book: Book) -> Standing:
    return story(book)


@pytest.fixture(scope="module")
def rows(book: Book) -> list[Row]:
    return story(book).rows()


def audited(rows: list[Row]) -> list[Judged]:
    """The rows in order, with the state from one to the next."""
    state, judged = State(Followed(), strict=False), [judge(row, PARTITIONS) for row in rows]
    for one in judged:
        compare(one, state)
    return judged


def told(rows: list[Row]) -> list[tuple[int, str, str]]:
    """Request, code and topic of everything that is found."""
    return [(f.req, f.code, f.topic.removeprefix("yibao.")) for one in audited(rows) for f in one.found]


# --- nothing is wrong -------------------------------------------------------------------------------------------------


def test_nothing_is_found_on_a_sound_road(rows: list[Row]) -> None:
    endings = {event_of(row.records[-1]).type for row in rows if row.records[-1]}
    assert endings == {
        "enrolment.recorded", "account.credited", "filing.decided", "claim.settled", "claim.quoted",
        "request.repeated", "request.refused", "claim.refused", "request.unreadable",
    }
    assert told(rows) == []


def test_numbers_and_trace_context_may_differ_from_topic_to_topic(standing: Standing) -> None:
    for place in (ON_FILED, ON_CHECKED, ON_SETTLED):
        record = standing.at(place, SETTLED)
        standing.alter(place, SETTLED, headers=(*record.headers, ("traceparent", b"00-%d" % place)))
    assert told(standing.rows()) == []


def test_an_unreadable_request_gives_a_copy_with_its_bytes_and_reasons(rows: list[Row]) -> None:
    copies = [one for one in audited(rows) if one.dead]
    assert [one.row.req for one in copies] == [UNREADABLE]
    dead = copies[0].dead
    assert dead is not None
    assert [reason.code for reason in dead.reasons] == ["not_json"]
    assert dead.raw_base64 == "eyJwc25fbm8iOg=="  # printf '{"psn_no":' | base64
    assert dead.key_base64 == "UDE="  # printf P1 | base64
    assert (dead.stage, dead.origin.topic, dead.origin.offset, dead.size) == ("filing", ROAD[0], UNREADABLE, 10)
    assert [one.name for one in dead.headers] == [name for name, _ in rows[UNREADABLE].records[0].headers]  # type: ignore[union-attr]


def test_what_cannot_be_judged_is_told_and_not_raised(rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError("a defect of the program")

    monkeypatch.setattr("policies.chain._laws", failing)
    (found,) = judge(rows[SETTLED], PARTITIONS).found
    assert (found.code, found.topic, found.severity) == ("cannot_check", ROAD[ON_SETTLED], "error")
    assert "RuntimeError: a defect of the program" in found.en


# --- one falsification each -------------------------------------------------------------------------------------------


def test_a_changed_byte_of_the_request_disagrees_with_what_was_filed(standing: Standing) -> None:
    # One fen more; the body still reads, so only the bytes say it. Its id was given: nothing else follows from them.
    value = standing.at(REQUESTED, SETTLED).value
    standing.alter(REQUESTED, SETTLED, value=value.replace(b'"begndate":"2026-03-05"', b'"begndate":"2026-03-04"'))
    assert told(standing.rows()) == [(SETTLED, "request_not_held", "filed")]


def test_a_changed_byte_under_request_disagrees_on_both_sides(standing: Standing) -> None:
    value = standing.at(ON_FILED, SETTLED).value
    standing.alter(ON_FILED, SETTLED, value=value.replace(b"2026-03-05", b"2026-03-04", 1))
    assert told(standing.rows()) == [(SETTLED, "request_not_held", "filed"), (SETTLED, "bytes_changed", "checked")]


def test_both_values_are_shown_where_they_begin_to_differ(standing: Standing) -> None:
    value = standing.at(ON_CHECKED, ENROLLED).value
    standing.alter(ON_CHECKED, ENROLLED, value=value.replace(b"1980-06-15", b"1980-06-16"))
    found = audited(standing.rows())[ENROLLED].found[0]
    assert (found.code, found.law, found.severity) == ("bytes_changed", 4, "error")
    assert "1980-06-16" in found.found and "1980-06-15" in found.expected
    assert found.found[:40] == found.expected[:40]


def test_a_fen_more_in_cash_breaks_law_2(standing: Standing) -> None:
    record = standing.at(ON_SETTLED, LAST)
    cash = event_of(record).body.settled.psn_cash_pay
    standing.alter(ON_SETTLED, LAST, value=settled_with(record, psn_cash_pay=cash + 1))
    (found,) = audited(standing.rows())[LAST].found
    assert (found.code, found.law, found.topic) == ("claim_sum", 2, ROAD[4])
    assert f"{cash + 1}" in settled_text(standing, LAST) and "differ" in found.en


def settled_text(standing: Standing, req: int) -> str:
    return standing.at(ON_SETTLED, req).value.decode()


def test_a_line_that_does_not_add_up_breaks_law_1(standing: Standing) -> None:
    # The priced section is falsified on all topics that hold it, with the hashes made to fit: only law 1 can tell.
    record = standing.at(ON_PRICED, LAST)
    priced = event_of(record).body.priced
    line = priced.lines[0].model_copy(update={"inscp_scp_amt": priced.lines[0].inscp_scp_amt - 1})
    value = record.value.replace(to_json(priced.lines[0]), to_json(line))
    standing.alter(ON_PRICED, LAST, value=value)
    codes = {(code, topic) for _, code, topic in told(standing.rows())}
    assert ("bytes_changed", "settled") in codes
    refit(standing, LAST, value)
    assert told(standing.rows()) == [(LAST, "line_sum", "settled")] * 2  # the line, and the sum of the lines


def refit(standing: Standing, req: int, priced_value: bytes) -> None:
    """The settled record of ``req`` as a forger would write it: bytes, cause and id that fit ``priced_value``."""
    record = standing.at(ON_SETTLED, req)
    cause = content_hash(priced_value)
    tail = record.value[len(cut(record.value, "settled") or b"") - 1 :]
    id = derived_id(event_of(record).attributes.request_id, "claim.settled", cause)
    headers = header(record, "cause", cause.encode())
    headers = header(replace(record, headers=headers), "ce_id", id.encode())
    standing.alter(ON_SETTLED, req, value=priced_value[:-1] + tail, headers=headers)


def test_after_that_is_not_before_plus_movement_breaks_law_3(standing: Standing) -> None:
    record = standing.at(ON_SETTLED, LAST)
    moved = event_of(record).body.settled.accumulators
    name = "outpatient.hifp_pay"
    wrong = moved.model_copy(update={"after": {**moved.after, name: moved.after[name] + 1}})
    standing.alter(ON_SETTLED, LAST, value=settled_with(record, wrong))
    assert told(standing.rows()) == [(LAST, "state_sum", "settled")]


def forged(standing: Standing, req: int, more: int) -> bytes:
    """The settlement of ``req`` with right sums and a deductible of ``more`` fen too much, before and after."""
    record = standing.at(ON_SETTLED, req)
    moved: Movement = event_of(record).body.settled.accumulators
    shifted = {
        part: {**amounts, "outpatient.deductible": amounts["outpatient.deductible"] + more}
        for part, amounts in (("before", moved.before), ("after", moved.after))
    }
    return settled_with(record, moved.model_copy(update=shifted))


def test_right_sums_from_a_wrong_before_are_found_by_the_settlement_before(standing: Standing) -> None:
    standing.alter(ON_SETTLED, LAST, value=forged(standing, LAST, 100))
    assert told(standing.rows()) == [(LAST, "before_differs", "settled")]
    found = audited(standing.rows())[LAST].found[0]
    # claim-1 and claim-2 paid 20 yuan of deductible each (20 a visit at level 1)
    assert "'outpatient.deductible': 4100" in found.found and "'outpatient.deductible': 4000" in found.expected


def test_what_follows_a_forged_state_is_found_once_more_and_no_longer(standing: Standing) -> None:
    standing.alter(ON_SETTLED, SETTLED + 2, value=forged(standing, AGAIN, 100))
    assert AGAIN == SETTLED + 2
    assert told(standing.rows()) == [(AGAIN, "before_differs", "settled"), (LAST, "before_differs", "settled")]


def test_a_balance_out_of_nowhere_is_found(standing: Standing) -> None:
    record = standing.at(ON_SETTLED, LAST)
    account = Movement(before={"balc": 99_999}, movement={}, after={"balc": 99_999})
    standing.alter(ON_SETTLED, LAST, value=settled_with(record, account=account))
    (found,) = audited(standing.rows())[LAST].found
    # 500.00 credited, less 36.00 (claim-1) and 56.00 (claim-2)
    assert (found.code, found.found, found.expected) == ("balance_differs", "99999", "40800")


def test_a_credit_that_settlement_never_saw_is_found(standing: Standing) -> None:
    rows = [row for row in standing.rows() if row.req != CREDITED]
    assert [code for _, code, _ in told(rows)] == ["balance_differs"]


def stays(book: Book) -> Standing:
    """A stay of a person of 郑州 in the place itself, settled in the middle and at the end: requests 0, 1 and 2."""
    standing = Standing(book)
    standing.publish(requests.record("enrolment.recorded", requests.enrolment(requests.spell("410100"))))
    dates = {"begndate": "2026-03-05", "enddate": "2026-03-10", "setl_date": "2026-03-10"}
    for number, interim in enumerate("10", 1):
        bill = requests.claim(
            requests.line(500_000), fixmedins_code="H31011500103", med_type="21", mdtrt_id="Z1", mid_setl_flag=interim, **dates)
        filed = requests.record("filing.requested", requests.filing())
        if number == 1:
            standing.publish(filed)
        standing.publish(requests.record("claim.submitted.v2", bill, f"stay-{number}"))
    return standing


def test_a_stay_is_followed_from_settlement_to_settlement(book: Book) -> None:
    standing = stays(book)
    assert told(standing.rows()) == []
    record = standing.at(ON_SETTLED, 3)
    held: Movement = event_of(record).body.settled.stay
    assert held.before["settlements"] == 1
    wrong = {part: {**getattr(held, part), "deductible": getattr(held, part)["deductible"] + 100} for part in ("before", "after")}
    standing.alter(ON_SETTLED, 3, value=settled_with(record, stay=held.model_copy(update=wrong)))
    assert told(standing.rows()) == [(3, "before_differs", "settled")]


def test_a_stay_that_its_settlement_does_not_name_is_found(book: Book) -> None:
    standing = stays(book)
    standing.alter(ON_SETTLED, 3, value=settled_with(standing.at(ON_SETTLED, 3), stay=None))
    assert told(standing.rows()) == [(3, "verdict_differs", "settled")]


def by_hand(book: Book) -> Standing:
    """Of a person of 克拉玛依: 1 pending, 2 completed and settled, 3 refused for its invoice, 4 a trial, 5 another visit."""
    standing = Standing(book)
    standing.publish(requests.record("enrolment.recorded", requests.enrolment()))
    first = requests.reimbursement(materials=["diagnosis"])
    other = requests.reimbursement(mdtrt_id="M2", invoices=[("I2", 10_000)])
    elsewhere = requests.reimbursement(mdtrt_id="M4", invoices=[("I4", 10_000)], materials=["diagnosis"], prior={"hifp_pay": 5_000})
    for number, (type, data) in enumerate((
        ("reimbursement.requested", first),
        ("reimbursement.requested", first | {"materials": ["invoice_original"], "completes": "r-1"}),
        ("reimbursement.requested", requests.reimbursement(mdtrt_id="M3")),
        ("trial.requested", other),
        ("reimbursement.requested", other),
        ("reimbursement.requested", elsewhere),
    ), 1):
        standing.publish(requests.record(type, data, f"r-{number}"))
    return standing


def test_nothing_is_found_in_sound_reimbursements(book: Book) -> None:
    rows = by_hand(book).rows()
    assert [event_of(row.records[-1]).type.removeprefix("reimbursement.") for row in rows[1:]] == [  # type: ignore[arg-type]
        "pending", "settled", "refused", "quoted", "settled", "pending"]
    assert told(rows) == []


def test_a_fen_more_paid_to_the_person_breaks_law_2(book: Book) -> None:
    standing = by_hand(book)
    standing.alter(ON_SETTLED, 2, value=settled_with(standing.at(ON_SETTLED, 2), payable_amt=6_401))
    assert told(standing.rows()) == [(2, "claim_sum", "settled")]


def test_a_payment_to_another_account_breaks_law_2(book: Book) -> None:
    standing = by_hand(book)
    standing.alter(ON_SETTLED, 2, value=settled_with(standing.at(ON_SETTLED, 2), acct_ref="REF-2"))
    assert told(standing.rows()) == [(2, "claim_sum", "settled")]


def test_a_pending_request_that_pays_is_found(book: Book) -> None:
    standing = by_hand(book)
    standing.alter(ON_SETTLED, 1, value=settled_with(standing.at(ON_SETTLED, 1), payable_amt=1))
    assert told(standing.rows()) == [(1, "claim_sum", "settled")]


def test_an_invoice_that_two_settlements_use_is_found(book: Book) -> None:
    """Two roads settled the same invoice, each without knowing of the other: their records put behind one another."""
    standing, apart = Standing(book), Standing(book)
    visits = [requests.reimbursement(mdtrt_id=visit) for visit in ("M1", "M2")]
    for road, visit in ((standing, visits[0]), (apart, visits[1])):
        road.publish(requests.record("enrolment.recorded", requests.enrolment()))
        road.publish(requests.record("reimbursement.requested", visit, f"r-{visit['mdtrt_id']}"))
    first, second = standing.rows()[1], apart.rows()[1]
    found = {one.code: one for judged in audited([first, second]) for one in judged.found}
    assert set(found) == {"invoice_used_twice", "before_differs"}
    used = found["invoice_used_twice"]
    assert (used.expected, used.found) == tuple(event_of(row.records[-1]).attributes.id for row in (first, second))  # type: ignore[arg-type]
    assert "invoice:I1" in used.en


HEADERS: list[tuple[str, int, int, str, bytes | None, list[tuple[str, str]]]] = [
    ("cause", ON_SETTLED, SETTLED, "cause", b"0" * 64, [("cause_differs", "settled")]),
    ("cause of a forwarded one", ON_SETTLED, ENROLLED, "cause", b"0" * 64, [("cause_differs", "settled")]),
    ("cause of a repeated one", ON_FILED, REPEATED, "cause", b"0" * 64,
     [("cause_differs", "filed"), ("cause_differs", "checked")]),
    ("id", ON_SETTLED, SETTLED, "ce_id", b"other", [("id_differs", "settled")]),
    ("id of a request", REQUESTED, SETTLED, "ce_id", b"other",
     [("id_differs", "filed"), ("headers_changed", "filed")]),
    ("source of a request", REQUESTED, SETTLED, "ce_source", b"/other", [("headers_changed", "filed")]),
    ("request's type", ON_SETTLED, QUOTED, "ce_requesttype", b"cn.yibao.claim.submitted.v1",
     [("headers_changed", "settled")]),
    ("header of an unreadable one", ON_FILED, UNREADABLE, "ce_requestid", b"other",
     [("headers_changed", "filed"), ("headers_changed", "checked")]),
    ("type of a forwarded one", ON_SETTLED, ENROLLED, "ce_type", b"cn.yibao.claim.settled.v1",
     [("headers_changed", "settled")]),
    ("null", ON_SETTLED, SETTLED, "cause", None, [("cause_differs", "settled")]),
    ("source offset", ON_PRICED, SETTLED, "src", b"0", [("source_differs", "priced")]),
]


@pytest.mark.parametrize(
    ("place", "req", "name", "value", "codes"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS]
)
def test_a_changed_header_is_named(
    standing: Standing, place: int, req: int, name: str, value: bytes | None, codes: list[tuple[str, str]]
) -> None:
    rows = standing.rows()
    record = rows[req].records[place]
    assert record is not None
    altered = replace(record, headers=header(record, name, value))
    rows[req] = replace(rows[req], records=(*rows[req].records[:place], altered, *rows[req].records[place + 1 :]))
    assert told(rows) == [(req, *code) for code in codes]


def test_a_header_that_appears_is_named(standing: Standing) -> None:
    record = standing.at(ON_SETTLED, FILED)
    standing.alter(ON_SETTLED, FILED, headers=(*record.headers, ("ce_extra", b"1")))
    (found,) = audited(standing.rows())[FILED].found
    assert found.code == "headers_changed" and "ce_extra" in found.en and "ce_extra" in found.zh


@pytest.mark.parametrize("first", [True, False], ids=["before the others", "behind them"])
@pytest.mark.parametrize("name", ["req", "src", "own"])
def test_a_number_that_is_given_twice_is_named(standing: Standing, name: str, first: bool) -> None:
    """Whatever the first says, and even where both say the same, no stage writes two."""
    record = standing.at(ON_SETTLED, FILED)
    headers = ((name, b"999"), *record.headers) if first else (*record.headers, (name, record.header(name)))
    standing.alter(ON_SETTLED, FILED, headers=headers)
    (found,) = audited(standing.rows())[FILED].found
    assert (found.code, name in found.en) == ("headers_changed", True)
    both = [b"999" if first else record.header(name), record.header(name)]
    assert (found.found, found.expected) == (str(both), str(both[1:]))


def test_another_persons_key_is_found(standing: Standing) -> None:
    standing.alter(ON_SETTLED, LAST, key=b"P2")
    (found,) = audited(standing.rows())[LAST].found
    assert (found.code, found.found, found.expected) == ("key_changed", "P2", "P1")


def test_a_type_that_does_not_belong_on_the_topic_is_found(standing: Standing) -> None:
    # settlement passed the priced claim on instead of deciding it
    priced = standing.at(ON_PRICED, LAST)
    numbers = {name: standing.at(ON_SETTLED, LAST).header(name) for name in ("src", "own")}
    headers = tuple((name, numbers.get(name, value)) for name, value in priced.headers)
    standing.alter(ON_SETTLED, LAST, value=priced.value, headers=headers)
    assert told(standing.rows()) == [(LAST, "type_not_allowed", "settled")]


def test_a_type_that_there_is_not_is_found(standing: Standing) -> None:
    """Its id follows from its type, so that is another one too; and no section is known of it."""
    record = standing.at(ON_SETTLED, LAST)
    standing.alter(ON_SETTLED, LAST, headers=header(record, "ce_type", b"cn.yibao.nothing.known.v1"))
    assert told(standing.rows()) == [
        (LAST, code, "settled") for code in ("type_not_allowed", "type_not_due", "id_differs", "unparsed")]


def test_a_quote_cannot_come_from_a_claim(standing: Standing) -> None:
    # A settlement renamed to a quote would move nothing. Its id is made to fit, as a forger would.
    record = standing.at(ON_SETTLED, LAST)
    attributes = event_of(record).attributes
    id = derived_id(attributes.request_id, "claim.quoted", attributes.cause)
    headers = header(record, "ce_type", b"cn.yibao.claim.quoted.v1")
    standing.alter(ON_SETTLED, LAST, headers=header(replace(record, headers=headers), "ce_id", id.encode()))
    assert told(standing.rows()) == [(LAST, "type_not_due", "settled")]


def test_a_refusal_that_says_settled_is_found(standing: Standing) -> None:
    record = standing.at(ON_SETTLED, LAST)
    standing.alter(ON_SETTLED, LAST, value=settled_with(record, verdict="refused"))
    assert told(standing.rows()) == [(LAST, "verdict_differs", "settled")]


def test_a_settlement_without_accumulators_is_found(standing: Standing) -> None:
    record = standing.at(ON_SETTLED, LAST)
    standing.alter(ON_SETTLED, LAST, value=settled_with(record, accumulators=None))
    assert told(standing.rows()) == [(LAST, "verdict_differs", "settled")]


UNPARSED: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("two sections at once", lambda value: value[:-1] + b',"more":{}}'),
    ("the same section twice", lambda value: value[:-1] + value[len(cut(value, "settled") or b"") - 1 :]),
    ("a section that is no JSON", lambda value: value[:-2] + b"]}"),
    ("a section that is null", lambda value: (cut(value, "settled") or b"")[:-1] + b',"settled":null}'),
]


@pytest.mark.parametrize("falsify", [case[1] for case in UNPARSED], ids=[case[0] for case in UNPARSED])
def test_a_value_that_cannot_be_parsed_is_a_finding(standing: Standing, falsify: Callable[[bytes], bytes]) -> None:
    value = standing.at(ON_SETTLED, LAST).value
    standing.alter(ON_SETTLED, LAST, value=falsify(value))
    assert told(standing.rows()) == [(LAST, "unparsed", "settled")]


def test_an_unreadable_one_that_holds_no_section_is_a_finding(standing: Standing) -> None:
    standing.alter(ON_FILED, UNREADABLE, value=b"{}")
    assert told(standing.rows()) == [(UNREADABLE, "unparsed", "filed")]


def test_a_section_of_another_name_is_a_finding(standing: Standing) -> None:
    value = standing.at(ON_SETTLED, LAST).value
    standing.alter(ON_SETTLED, LAST, value=value.replace(b',"settled":', b',"setted":'))
    assert [code for _, code, _ in told(standing.rows())] == ["bytes_changed", "unparsed"]


def test_a_request_that_was_accepted_although_it_cannot_be_read(standing: Standing) -> None:
    headers = standing.at(REQUESTED, REFUSED).headers
    standing.alter(REQUESTED, REFUSED, headers=tuple(pair for pair in headers if pair[0] != "ce_source"))
    (found,) = audited(standing.rows())[REFUSED].found
    assert (found.code, found.topic) == ("accepted_unreadable", ROAD[ON_FILED])
    assert (found.request_id or "").encode() == standing.at(ON_FILED, REFUSED).header("ce_requestid")


def test_the_bytes_of_an_unreadable_request_are_compared_too(standing: Standing) -> None:
    standing.alter(REQUESTED, UNREADABLE, value=b'{"psn_no"_')
    assert told(standing.rows()) == [(UNREADABLE, "request_not_held", "filed")]
    # what is copied is what stands there
    dead = audited(standing.rows())[UNREADABLE].dead
    assert dead is not None and dead.raw_base64 == "eyJwc25fbm8iXw=="  # printf '{"psn_no"_' | base64


@pytest.mark.parametrize("place", [REQUESTED, ON_FILED, ON_CHECKED, ON_PRICED])
def test_a_record_without_its_cause_is_a_finding(rows: list[Row], place: int) -> None:
    records = rows[LAST].records
    without = replace(rows[LAST], records=(*records[:place], None, *records[place + 1 :]))
    ((_, code, topic),) = told([*rows[:LAST], without])
    assert (code, topic) == ("no_cause", ROAD[place + 1].removeprefix("yibao."))


# --- whatever is changed ----------------------------------------------------------------------------------------------


@given(st.data())
def test_any_byte_that_a_later_record_depends_on(rows: list[Row], data: st.DataObject) -> None:
    """The last section of a terminal record is held by nothing behind it: there, the laws and the state must do."""
    row = data.draw(st.sampled_from(rows))
    place = data.draw(st.integers(REQUESTED, ON_SETTLED))
    record = row.records[place]
    assert record is not None
    bound = len(row.records[ON_PRICED].value) - 1 if place == ON_SETTLED else len(record.value)  # type: ignore[union-attr]
    at, other = data.draw(st.integers(0, bound - 1)), data.draw(st.integers(1, 255))
    value = record.value[:at] + bytes([record.value[at] ^ other]) + record.value[at + 1 :]
    assert found_in(row, place, replace(record, value=value))


@given(st.data())
def test_any_header_that_is_not_a_number_or_a_trace(rows: list[Row], data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows))
    place = data.draw(st.integers(ON_FILED, ON_SETTLED))
    record = row.records[place]
    assert record is not None
    names = [name for name, _ in record.headers if name not in ("req", "own")]
    name = data.draw(st.sampled_from(names))
    value = data.draw(st.none() | st.binary(max_size=70))
    if value != record.header(name):
        assert found_in(row, place, replace(record, headers=header(record, name, value)))


@given(st.data())
def test_no_record_whatever_it_holds_raises(rows: list[Row], data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows))
    pairs = st.tuples(st.sampled_from(["ce_type", "ce_id", "cause", "src", "x"]), st.none() | st.binary(max_size=20))
    place = data.draw(st.integers(REQUESTED, ON_SETTLED))
    garbage = Record(
        data.draw(st.none() | st.binary(max_size=5)), data.draw(st.binary(max_size=50)),
        tuple(data.draw(st.lists(pairs, max_size=5))), offset=7,
    )
    assert found_in(row, place, garbage)


def found_in(row: Row, place: int, record: Record) -> list[AuditFound]:
    records = (*row.records[:place], record, *row.records[place + 1 :])
    return judge(replace(row, records=records), PARTITIONS).found


# --- what is said -----------------------------------------------------------------------------------------------------


def test_each_finding_says_where_and_what_to_do_in_both_languages() -> None:
    for code, kind in FINDINGS.items():
        told = finding(code, "yibao.settled", 3, 17, 5, "id", "is", "due", detail="<detail>")
        assert told.zh.startswith("yibao.settled/3 第 17 条（请求号 5）：") and told.zh.endswith(("。", "）。")), code
        assert told.en.startswith("yibao.settled/3 record 17 (request 5): ") and told.en.isascii(), code
        assert told.en.count(". ") >= 1, code  # what is wrong, and what to do
        assert ("<detail>" in told.zh) == ("<detail>" in told.en), code
        assert (told.law, told.severity) == (kind.law, kind.severity)


def test_texts_are_bounded_and_ids_follow_from_what_a_finding_is_about() -> None:
    def made(**more: object) -> AuditFound:
        return finding("bytes_changed", **({"topic": "t", "partition": 0, "offset": 1, "req": 0} | more))  # type: ignore[arg-type]

    long = made(found="x" * 10_000, expected="y" * 10_000, detail="z" * 10_000, request_id="i" * 10_000)
    assert len(long.model_dump_json()) < 5000
    assert made().id == made(found="other").id == long.id
    others = [made(partition=1), made(req=1), made(offset=2), made(topic="u")]
    assert len({made().id, *(one.id for one in others)}) == 5


def test_the_types_beside_the_road_are_those_of_the_register() -> None:
    assert {f"{name}.v1" for name in BESIDE} == {text for topic in topic_map().beside for text in topic.types}


def test_a_finding_needs_no_more_than_where_it_is_and_its_texts() -> None:
    text = json.dumps({"code": "late", "severity": "warning", "topic": "t", "partition": 0, "offset": 1, "req": 2,
                       "zh": "z", "en": "e"})
    assert AuditFound.model_validate_json(text).law is None


def test_the_checks_are_there_without_the_services() -> None:
    """An auditor installs contracts and policies only."""
    code = "import sys, policies.chain; sys.exit(any(name.startswith(('services', 'aiokafka', 'redis')) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
