"""Held claims on the road: held, quoted, decided once, settled at a later place with its own dates, remembered, taken back."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts.base import altered, made
from contracts.events.claim import ClaimPriced
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import Event, cut, event_of, to_json
from policies.accumulators import Purse
from policies.book import built_in
from policies.continuity import Followed, differences
from policies.deciding import decide
from policies.review.cut import as_settled, check_settled_claim
from policies.review.find import found as found_by, place_of
from policies.review.held import waiting
from policies.review.inner import as_claim, held_key
from policies.review.level import Level
from policies.review.memory import MAX_CARE, MAX_KEPT, item_key, keys_kept, recent, taken_back
from policies.road import Road
from policies.settlement.claims import MAX_HELD
from policies.settlement.stage import SettlementStage
from policies.stage import BadState, State, View
from services.generator import generate
from tests.policies.lawful import law_1, law_2
from tests.policies.requests import DRUG, HENGYANG_2, PERSON, RESTRICTED, Journey, claim, codes, insured, line
from tests.policies.reviewing import bill, care_of, fee, head

AMOUNTS = (
    "medfee_sumamt", "inscp_scp_amt", "act_pay_dedc", "hifp_pay", "fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay",
    "hosp_part_amt", "psn_parts", "setldetail", "accumulators", "account", "stay", "year", "plan", "benefit", "steps",
)


def visit(amount: int = 30_000, item: str = RESTRICTED, **more: Any) -> dict[str, Any]:
    return claim(line(amount, item), line(2_000, sn="2"), **more)


def decision(held: Event, to: str = "release", **more: Any) -> dict[str, Any]:
    return {"psn_no": PERSON, "held_id": held.attributes.id, "decision": to, "opter": "OP-1", "date": "2026-03-09"} | more


def held() -> tuple[Journey, Event]:
    """A drug that a rule names (``same-drug-same-day``) handed out twice on one day: the second claim is held."""
    journey = insured(balance=5_000)
    assert journey.send("claim.submitted", visit(mdtrt_id="M1"), id="first").type == "claim.settled"
    return journey, journey.send("claim.submitted", visit(mdtrt_id="M2"), id="second")


def amounts(body: Any) -> dict[str, Any]:
    return {name: getattr(body.settled, name) for name in AMOUNTS}


@pytest.mark.parametrize("text", ["{cut", {"x": 1}])
def test_a_held_claim_that_cannot_be_decoded_is_a_matter_of_the_state(text: object) -> None:
    with pytest.raises(BadState, match="held claim h1 cannot be decoded"):
        waiting(View(Purse(), {held_key("h1"): text}), "h1")


# --- held ---------------------------------------------------------------------------------------------------------------


def test_a_claim_that_a_rule_holds_moves_nothing_and_says_why() -> None:
    journey, found = held()
    settled = found.body.settled
    assert (found.type, settled.verdict, codes(settled)) == ("claim.held", "held", ["held_for_review"])
    (finding,) = settled.review.findings
    assert (finding.rule_id, finding.effect, finding.vola_amt) == ("same-drug-same-day", "hold", 30_000)
    assert [line.feedetl_sn for line in finding.lines] == ["1"] and len(finding.setl_ids) == 1
    assert settled.accumulators is None and settled.fund_pay_sumamt == settled.psn_part_amt == 0
    after = journey.send("claim.submitted", claim(mdtrt_id="M3"))
    # of the year only the first claim counts: 320.00 less the first self-pay of 20 % of 300.00 = 260.00
    assert after.body.settled.accumulators.before["outpatient.inscp_scp_amt"] == 26_000


def test_a_quote_says_what_would_be_held_and_holds_nothing() -> None:
    journey, first = held()
    quote = journey.send("quote.requested", visit(mdtrt_id="M4"))
    assert quote.type == "claim.quoted" and quote.body.settled.review.findings[0].effect == "hold"
    assert quote.body.settled.psn_part_amt > 0
    again = journey.send("quote.requested", visit(mdtrt_id="M5"))
    assert quote.body.settled.review.findings == again.body.settled.review.findings
    assert codes(journey.send("review.decided.v1", decision(quote)).body.settled) == ["unknown_held"]


def test_a_person_can_have_only_so_many_held_claims() -> None:
    journey, _ = held()
    for number in range(MAX_HELD - 1):
        assert journey.send("claim.submitted", visit(mdtrt_id=f"H{number}")).type == "claim.held"
    refused = journey.send("claim.submitted", visit(mdtrt_id="too-many"))
    assert refused.type == "claim.refused" and codes(refused.body.settled) == ["too_many_held"]


def test_refused_claims_are_not_remembered() -> None:
    journey = insured()
    assert journey.send("claim.submitted", visit(insutype="390"), id="wrong").type == "claim.refused"
    assert journey.send("claim.submitted", visit(mdtrt_id="M2")).type == "claim.settled"


def test_the_rules_of_the_place_of_care_hold_for_persons_from_elsewhere() -> None:
    journey = Journey()
    journey.send("enrolment.recorded", {
        "psn_no": PERSON, "brdy": "1980-06-15", "gend": "2",
        "insuinfo": [{"insuplc_admdvs": "430400", "insutype": "310", "psn_type": "11", "psn_insu_date": "2010-01-01"}]})
    for id, verdict in (("a", "claim.settled"), ("b", "claim.held")):
        assert journey.send("claim.submitted", visit(fixmedins_code=HENGYANG_2, mdtrt_id=id)).type == verdict


@pytest.mark.parametrize(("pay_loc", "place"), [("2", "430400"), ("1", "650200")])
def test_a_manual_reimbursement_is_reviewed_by_the_place_of_insurance(pay_loc: str, place: str) -> None:
    """S039: the place of care reviews what is settled there; a person of 克拉玛依 in 衡阳."""
    of = bill(fee(100), pay_loc=pay_loc)
    provider = altered(of.checked.provider, admdvs="430400")
    assert place_of(made(ClaimPriced, request=of.claim, checked=altered(of.checked, provider=provider), priced=of.priced)) == place


def test_a_stay_is_compared_with_visits_of_other_days_a_visit_is_not() -> None:
    known = (care_of(date(2026, 3, 1), date(2026, 3, 9)), care_of(date(2026, 3, 4), date(2026, 3, 4), stay=False))
    view, asked = View(Purse(recent=known), {}), bill(fee(100)).claim
    assert recent(view, asked, stay=True) == known and recent(view, asked, stay=False) == known[:1]


def test_what_is_only_noted_beside_a_hold_holds_nothing() -> None:
    """Two items that only level 3 may charge, one noted and one held: the claim waits for the second alone."""
    rules = [Level(head(item, effect=effect, id=effect), ("3",)) for item, effect in (("A", "note"), ("B", "hold"))]
    what = found_by(rules, bill(fee(100, "A"), fee(200, "B", "2")))
    assert [one.rule_id for one in what.findings] == ["note", "hold"] and [one.rule_id for one in what.holds] == ["hold"]


def test_rules_that_find_nothing_change_no_amount() -> None:
    """Generated claims, in which nothing is wrong, with the rules and without any."""
    roads = [Road(built_in()), Road(replace(built_in(), reviews={}))]
    settlements = 0
    for text in generate(60, 250, 5):
        record = request_record(text.encode(), topic_map().partitions)
        with_rules, without = (event_of([*road.run(record)][-1]) for road in roads)
        assert with_rules.type == without.type
        if with_rules.type in ("claim.settled", "claim.quoted"):
            settlements += 1
            assert amounts(with_rules.body) == amounts(without.body) and without.body.settled.review is None
    assert settlements > 200


# --- decided ------------------------------------------------------------------------------------------------------------


def test_a_released_claim_is_settled_as_it_would_have_been_at_once() -> None:
    journey, found = held()
    released = journey.send("review.decided.v1", decision(found))
    at_once = insured(balance=5_000)
    at_once.send("claim.submitted", visit(mdtrt_id="M1"), id="first")
    quote = at_once.send("quote.requested", visit(mdtrt_id="M2"))
    assert released.type == "review.settled" and amounts(released.body) == amounts(quote.body)


def test_it_is_settled_at_its_later_place_with_its_own_dates() -> None:
    journey, found = held()
    between = journey.send("claim.submitted", claim(mdtrt_id="M3", day="2026-03-07"))
    released = journey.send("review.decided.v1", decision(found))
    body = as_claim(released.body)
    assert body.settled.accumulators.before == between.body.settled.accumulators.after
    assert (str(body.request.setl_date), body.settled.year) == ("2026-03-05", 2026)
    last = journey.send("claim.submitted", claim(mdtrt_id="M4"))
    assert last.body.settled.accumulators.before == body.settled.accumulators.after


def test_a_person_cuts_a_line_and_says_who_bears_it() -> None:
    journey, found = held()
    lines = [{"feedetl_sn": "1", "bears": "provider", "amt": 10_001}]
    body = as_claim(journey.send("review.decided.v1", decision(found, "cut", lines=lines)).body)
    (line,) = body.settled.review.lines
    # 300.00 = 60.00 first self-pay + 240.00 in scope; of 100.01 the first bears 100.01 x 60 / 300 = 20.002 -> 20.00
    assert (line.fulamt_ownpay_amt, line.preselfpay_amt, line.inscp_scp_amt) == (10_001, 4_000, 15_999)
    # in scope 159.99 + 20.00 = 179.99; deductible 20.00; 159.99 x 80 % = 127.992 -> 127.99
    assert (body.settled.act_pay_dedc, body.settled.hifp_pay, body.settled.hosp_part_amt) == (2_000, 12_799, 10_001)
    # 320.00 - 127.99 - 100.01 = 92.00
    assert body.settled.psn_part_amt == 9_200
    law_1(as_settled(body.priced, body.settled))
    law_2(body.settled, as_settled(body.priced, body.settled))


def test_a_refused_claim_moves_nothing_and_waits_no_longer() -> None:
    journey, found = held()
    closed = journey.send("review.decided.v1", decision(found, "refuse"))
    assert closed.type == "review.closed" and codes(closed.body.settled) == ["refused_by_review"]
    assert closed.body.settled.held.id == found.attributes.id
    assert journey.send("claim.submitted", claim(mdtrt_id="M3")).body.settled.accumulators.before["outpatient.inscp_scp_amt"] == 26_000


@pytest.mark.parametrize("first", ["release", "refuse"])
def test_a_second_decision_names_the_first(first: str) -> None:
    journey, found = held()
    journey.send("review.decided.v1", decision(found, first), id="decision/1")
    second = journey.send("review.decided.v1", decision(found, "release", date="2026-03-10"), id="decision/2")
    assert second.type == "review.refused" and codes(second.body.settled) == ["decided_before"]
    assert second.body.settled.first == "decision/1" and "decision/1" in second.body.settled.reasons[0].en
    repeated = journey.send("review.decided.v1", decision(found, first), id="decision/1")
    assert repeated.type == "request.repeated"


WRONG = {
    "unknown line": ({"lines": [{"feedetl_sn": "9", "bears": "patient"}]}, ["cut_unknown_line"]),
    "too much": ({"lines": [{"feedetl_sn": "1", "bears": "patient", "amt": 30_001}]}, ["cut_too_much"]),
    "both": ({"lines": [{"feedetl_sn": "2", "bears": "patient", "amt": 2_001}, {"feedetl_sn": "7", "bears": "provider"}]},
             ["cut_too_much", "cut_unknown_line"]),
}


@pytest.mark.parametrize(("more", "expected"), WRONG.values(), ids=WRONG)
def test_a_decision_that_cannot_be_carried_out_leaves_the_claim_waiting(more: dict[str, Any], expected: list[str]) -> None:
    journey, found = held()
    refused = journey.send("review.decided.v1", decision(found, "cut", **more))
    assert refused.type == "review.refused" and codes(refused.body.settled) == expected
    assert journey.send("review.decided.v1", decision(found)).type == "review.settled"


def test_another_persons_held_claim_is_unknown() -> None:
    journey, found = held()
    refused = journey.send("review.decided.v1", decision(found) | {"psn_no": "P2"})
    assert codes(refused.body.settled) == ["unknown_held"]


def test_a_stay_settled_meanwhile_is_not_settled_again() -> None:
    journey = insured(place := {"insuplc_admdvs": "410100", "insutype": "310", "psn_type": "11", "psn_insu_date": "2010-01-01"})
    journey.send("filing.requested", {
        "psn_no": PERSON, "insutype": "310", "category": "other_temporary", "mdtrtarea_admdvs": "110000", "begndate": "2026-01-01"})
    stay = {"fixmedins_code": "H11010500001", "med_type": "21", "begndate": "2026-03-05", "enddate": "2026-03-08", "setl_date": "2026-03-08"}
    broken = claim(line(1_000_000, "003315010010000-331501001"), diseinfo=[{"diag_code": "I10"}], **stay)
    found = journey.send("claim.submitted", broken)
    assert found.type == "claim.held", (codes(found.body.settled) if hasattr(found.body, "settled") else found.type, place)
    assert journey.send("claim.submitted", claim(line(500_000), **stay)).type == "claim.settled"
    refused = journey.send("review.decided.v1", decision(found))
    assert refused.type == "review.refused" and codes(refused.body.settled) == ["stay_settled"]
    assert journey.send("review.decided.v1", decision(found, "refuse")).type == "review.closed"


# --- its own record -----------------------------------------------------------------------------------------------------


def test_a_decision_can_be_decided_again_from_its_own_record() -> None:
    journey, found = held()
    released = journey.send("review.decided.v1", decision(found), id="d1")
    section = released.body.settled
    stage = SettlementStage(built_in())
    state = State(stage, strict=False)
    body = as_claim(released.body)
    year, *_ = SettlementStage(built_in()).needs(released)[1:]
    entries = {held_key(section.held.id): to_json(section.held).decode(), year: body.settled.accumulators.before}
    purse = Purse(balances={"310": body.settled.account.before["balc"]}, held=(section.held.id,))
    value = cut(released.value, "settled")
    assert value is not None
    asked = event_of(next(one for one in journey.records if one.topic.endswith("priced") and one.value == value))
    assert stage.decide(asked, View(purse, entries)).value == released.value
    assert state.missing(asked) == []


def test_the_laws_see_the_cut_lines_of_a_decision() -> None:
    journey, found = held()
    lines = [{"feedetl_sn": "1", "bears": "patient"}]
    body = as_claim(journey.send("review.decided.v1", decision(found, "cut", lines=lines)).body)
    check_settled_claim(body.priced, body.settled)
    assert body.settled.psn_parts["own_expense"] == 30_000 and body.settled.hosp_part_amt == 0


def audited(*events: Event) -> list[list[tuple[str, str]]]:
    """Code and detail of what the audit's own state finds in each event, in their order."""
    state, found = State(Followed(), strict=False), []
    for event in events:
        found.append([(code, detail) for code, _, _, detail in differences(state.view(event), event)])
        state.fold(event)
    return found


def test_the_audit_follows_a_claim_from_held_to_decided() -> None:
    journey, second = held()
    first = event_of(next(record for record in journey.records if record.header("ce_type") == b"cn.yibao.claim.settled.v1"))
    released = journey.send("review.decided.v1", decision(second))
    credited = event_of(next(record for record in journey.records if record.topic == "yibao.settled" and b"crdt_amt" in record.value))
    *before, again = audited(credited, first, second, released, released)
    assert before == [[], [], [], []] and ("before_differs", held_key(second.attributes.id)) in again, "it is held no longer"


def test_the_audit_tells_a_decision_that_holds_another_claim_or_comes_twice() -> None:
    journey, second = held()
    closed = journey.send("review.decided.v1", decision(second, "refuse"))
    key = held_key(second.attributes.id)
    assert audited(second, closed, closed) == [[], [], [("before_differs", key)]]
    claim_ = closed.body.settled.held
    other = claim_.model_copy(update={"claim": claim_.claim.model_copy(update={"setl_date": claim_.claim.setl_date.replace(day=6)})})
    false = Event(closed.attributes, closed.key, closed.value, closed.body.model_copy(
        update={"settled": closed.body.settled.model_copy(update={"held": other})}))
    assert audited(second, false) == [[], [("before_differs", key)]]


# --- what is remembered -------------------------------------------------------------------------------------------------


def settlement_state(journey: Journey) -> State:
    state = State(SettlementStage(built_in()), strict=False)
    for record in journey.records:
        if record.topic == "yibao.settled":
            state.fold(event_of(record))
    return state


def test_replaying_the_verdicts_gives_the_same_state() -> None:
    journey, found = held()
    journey.send("review.decided.v1", decision(found))
    _, deciding, _ = journey.road._stages[-1]
    assert settlement_state(journey).changes() == deciding.changes()


def test_a_worker_loads_before_it_decides_and_gives_the_same_bytes() -> None:
    """Every request with a state of its own, which knows only what was loaded for it."""
    journey, found = held()
    journey.send("review.decided.v1", decision(found), id="d1")
    again = journey.send("claim.submitted", visit(mdtrt_id="M3"))
    journey.send("review.decided.v1", decision(again, "refuse"), id="d2")
    journey.send("review.decided.v1", decision(again), id="d3")
    stage, stored = SettlementStage(built_in()), dict[str, bytes]()
    asked = [record for record in journey.records if record.topic == "yibao.priced"]
    given = [record.value for record in journey.records if record.topic == "yibao.settled"]
    for record, expected in zip(asked, given, strict=True):
        event, state = event_of(record), State(stage)
        state.loaded({name: stored.get(name) for name in state.fields(event)})
        while names := state.missing(event):
            state.loaded({name: stored.get(name) for name in names})
        told: list[Exception] = []
        assert decide(stage, event, state, built_in().digest, told).value == expected and not told
        stored |= state.changes()


def test_ordinary_claims_load_and_keep_no_item() -> None:
    journey = insured()
    found = journey.send("claim.submitted", claim(line(10_000, DRUG)))
    assert found.body.settled.review.keeps is None
    assert SettlementStage(built_in()).needs(found) == ("year:2026/650200/310", "visit:H65020000101/M1")


def test_a_settlement_is_taken_back_by_its_id() -> None:
    journey = insured()
    first = journey.send("claim.submitted", visit(mdtrt_id="M1"))
    key = item_key(RESTRICTED)
    review, id = first.body.settled.review, first.attributes.id
    state = settlement_state(journey)
    view = View(state._get(f"p:{PERSON}"), {key: state._get(f"e:{PERSON}:{key}")})
    assert keys_kept(review) == (key,) and list(view.entries[key]) == [f"{id}/{first.body.request.fixmedins_code}"]
    assert [one.setl_id for one in view.person.recent] == [id]
    after = taken_back(view, id, review)
    assert after.entries[key] == {} and after.person.recent == ()
    assert taken_back(view, "another", review) == view


def test_memory_is_bounded() -> None:
    journey = insured()
    for number in range(MAX_KEPT + 3):
        day = f"2026-{1 + number // 28:02}-{1 + number % 28:02}"
        found = journey.send("claim.submitted", visit(mdtrt_id=f"M{number}", day=day) | {
            "feedetail": [line(30_000, RESTRICTED, fee_ocur_date=day)], "medfee_sumamt": 30_000})
        assert found.type == "claim.settled"
    state = settlement_state(journey)
    kept = state._get(f"e:{PERSON}:{item_key(RESTRICTED)}")
    assert len(kept) == MAX_KEPT and min(kept.values()) == max(kept.values()) - MAX_KEPT + 1
    assert len(state._get(f"p:{PERSON}").recent) == MAX_CARE
