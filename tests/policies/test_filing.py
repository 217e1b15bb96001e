"""The first stage on the road: identity, versions of the request, filings and what they leave behind."""

from typing import Any

import pytest

from contracts.events.filing import Filing
from policies.filing import MAX_FILINGS, filing_verdict, with_filing
from tests.policies.requests import Journey, claim, codes, credit, enrolment, filing, insured, last_section, spell


def test_an_accepted_filing_says_number_place_and_last_day() -> None:
    event = insured(spell("410100")).send("filing.requested", filing(), id="f-1")
    filed = last_section(event)
    assert (event.type, filed.verdict, filed.source) == ("filing.decided", "accepted", "NHSA-2022-22")
    assert (filed.filing.insuplc_admdvs, filed.filing.mdtrtarea_admdvs) == ("410100", "310100")
    assert (str(filed.filing.begndate), str(filed.filing.enddate)) == ("2026-03-01", "2026-08-31")
    assert len(filed.filing.trt_dcla_detl_sn) == 30


@pytest.mark.parametrize("insutype", ["310", "390"])
def test_a_decision_follows_from_the_facts_of_its_own_record(insutype: str) -> None:
    """Insured as an employee: the filing under 310 is accepted; under 390 the person is known, and not insured."""
    journey = insured(spell("410100"))
    event = journey.send("filing.requested", filing(insutype=insutype), id="f-1")
    filed = last_section(event)
    assert codes(filed) == ([] if insutype == "310" else ["not_insured"])
    number = filed.filing.trt_dcla_detl_sn if filed.filing else ""
    assert filing_verdict(event.body.request, filed.facts, number, journey.book) == filed


def test_two_filings_have_two_numbers() -> None:
    journey = insured(spell("410100"))
    numbers = {last_section(journey.send("filing.requested", filing(), id=f"f-{n}")).filing.trt_dcla_detl_sn for n in (1, 2)}
    assert len(numbers) == 2


@pytest.mark.parametrize(("more", "verdict"), [({"cmt_flag": "1"}, "accepted"), ({"materials": ["residence_certificate"]}, "accepted"), ({}, "pending")])
def test_a_letter_stands_in_for_materials(more: dict, verdict: str) -> None:
    filed = last_section(insured(spell("410100")).send("filing.requested", filing(category="long_term_resident", **more)))
    assert filed.verdict == verdict
    assert codes(filed) == ([] if verdict == "accepted" else ["materials_missing"])


def test_version_1_knows_no_letter_and_is_decided_as_if_none_was_handed_in() -> None:
    journey = insured(spell("410100"))
    with_paper = journey.send("filing.requested.v1", filing(category="long_term_resident", materials=["residence_certificate"]))
    without = journey.send("filing.requested.v1", filing(category="long_term_resident"))
    assert last_section(with_paper).verdict == "accepted" and with_paper.body.request.cmt_flag == "0"
    assert codes(last_section(without)) == ["materials_missing"]
    assert b"cmt_flag" not in with_paper.value, "the bytes of the request stay as they came"


def test_the_refusal_names_the_materials_and_the_remedy() -> None:
    event = insured(spell("410100")).send("filing.requested", filing(category="resident_worker"))
    (reason,) = last_section(event).reasons
    assert all(code in reason.en for code in ("posting_letter", "work_certificate", "labour_contract"))
    assert "参保地单位派出证明" in reason.zh and "常驻异地工作人员" in reason.zh
    assert "cmt_flag=1" in reason.remedy_en


def test_too_short_names_the_first_day_that_is_long_enough() -> None:
    event = insured(spell("410100")).send("filing.requested", filing(enddate="2026-08-30"))
    (reason,) = last_section(event).reasons
    assert reason.code == "filing_too_short" and "2026-08-31" in reason.remedy_en


def test_of_two_insurances_on_one_day_the_one_that_began_last_files() -> None:
    """The same one that eligibility takes, so that the filing is found again there."""
    journey = insured(spell("430400", psn_insu_date="2010-01-01"), spell("410100", psn_insu_date="2020-01-01"))
    filed = last_section(journey.send("filing.requested", filing()))
    assert filed.filing.insuplc_admdvs == "410100"
    settled = journey.send("claim.submitted", claim(fixmedins_code="H31011500103", med_type="21"))
    assert last_section(settled).verdict == "settled"


def test_an_insurance_of_another_type_does_not_file() -> None:
    event = insured(spell("410100", insutype="390")).send("filing.requested", filing())
    assert codes(last_section(event)) == ["not_insured"]


def test_the_newest_enrolment_replaces_earlier_ones_and_keeps_filings() -> None:
    journey = insured(spell("410100"))
    journey.send("filing.requested", filing())
    journey.send("enrolment.recorded", enrolment(spell("410100", paus_insu_date="2026-04-01")))
    facts = last_section(journey.send("filing.requested", filing(begndate="2026-04-01"))).facts
    assert facts.in_force == 1 and str(facts.insuinfo[0].paus_insu_date) == "2026-04-01"


def test_the_65th_filing_in_force_is_refused() -> None:
    journey = insured(spell("410100"))
    verdicts = [last_section(journey.send("filing.requested", filing(), id=f"f-{n}")) for n in range(MAX_FILINGS + 1)]
    assert [verdict.verdict for verdict in verdicts] == ["accepted"] * MAX_FILINGS + ["refused"]
    assert codes(verdicts[-1]) == ["too_many_filings"]


def made(begndate: str, enddate: str | None, number: str = "n") -> Filing:
    return Filing.model_validate_json(
        f'{{"trt_dcla_detl_sn":"{number}","insuplc_admdvs":"410100","insutype":"310","category":"other_temporary",'
        f'"mdtrtarea_admdvs":"310100","begndate":"{begndate}"' + (f',"enddate":"{enddate}"}}' if enddate else "}")
    )


def test_of_too_many_filings_the_first_to_end_is_forgotten() -> None:
    others = tuple(made("2022-01-01", f"{2022 + n}-12-31", f"n{n}") for n in range(MAX_FILINGS - 1))
    new, open_end = made("2026-03-01", None), made("2010-01-01", None, "open")
    assert with_filing((*others, open_end), new) == (*others[1:], open_end, new)


def test_a_filing_that_begins_years_ahead_forgets_none() -> None:
    """A year mistyped (2062 for 2026): the filing of now stands."""
    journey = insured(spell("410100"))
    now = last_section(journey.send("filing.requested", filing(), id="f-1")).filing
    journey.send("filing.requested", filing(begndate="2062-03-01"), id="f-2")
    extend = {"psn_no": "P1", "insutype": "310", "oper": "extend", "trt_dcla_detl_sn": now.trt_dcla_detl_sn, "begndate": "2026-04-01"}
    assert last_section(journey.send("filing.requested.v3", extend, id="f-3")).verdict == "accepted"


def test_same_id_and_body_is_repeated_and_changes_nothing() -> None:
    journey = insured(spell("410100"))
    first = journey.send("filing.requested", filing(), id="f-1")
    again = journey.send("filing.requested", filing(), id="f-1")
    third = journey.send("filing.requested", filing(), id="f-2")
    assert (first.type, again.type) == ("filing.decided", "request.repeated")
    assert codes(last_section(again)) == ["repeated"] and "f-1" in last_section(again).reasons[0].en
    assert last_section(third).facts.in_force == 1


def test_same_id_with_another_body_is_a_conflict() -> None:
    journey = insured(spell("410100"))
    journey.send("filing.requested", filing(), id="f-1")
    again = journey.send("filing.requested", filing(mdtrtarea_admdvs="110100"), id="f-1")
    assert again.type == "request.refused" and codes(last_section(again)) == ["id_conflict"]
    assert journey.send("filing.requested", filing(mdtrtarea_admdvs="110100"), id="f-1").type == "request.refused", "nor is it remembered"
    assert journey.send("filing.requested", filing(), id="f-1").type == "request.repeated"


def test_same_id_with_another_type_is_a_conflict() -> None:
    journey = insured()
    journey.send("quote.requested", claim(), id="x-1")
    assert journey.send("claim.submitted", claim(), id="x-1").type == "request.refused"


def test_an_id_belongs_to_a_person() -> None:
    journey = insured()
    journey.send("enrolment.recorded", enrolment(psn_no="P2"), id="e-1")
    assert journey.send("enrolment.recorded", enrolment(), id="e-1").type == "enrolment.recorded"


def test_without_an_id_equal_requests_are_one_and_credits_need_one() -> None:
    journey = insured()
    assert journey.send("claim.submitted", claim()).type == "claim.settled"
    assert journey.send("claim.submitted", claim()).type == "request.repeated"
    for number in (1, 2):
        assert journey.send("account.credited", credit(100), id=f"c-{number}").type == "account.credited"
    settled = last_section(journey.send("claim.submitted", claim(mdtrt_id="M2", acct_used_flag="1")))
    assert settled.account.before == {"balc": 200}


@pytest.mark.parametrize(("changes", "codes_told", "zh", "en"), [
    ({"mdtrtarea_admdvs": "990000"}, ["unknown_area"], "990000", "990000"),
    ({"category": "on_holiday"}, ["category_not_taken"], "其他临时外出就医人员（other_temporary）",
     "other temporary care elsewhere (other_temporary)"),
    ({"dcla_souc": "fax"}, ["channel_not_taken"], "支付宝（alipay）", "Alipay (alipay)"),
    ({"oper": "change", "trt_dcla_detl_sn": "F1", "category": None}, ["unknown_filing"], "F1", "F1"),
])
def test_a_refusal_names_what_may_be_given_instead(changes: dict[str, Any], codes_told: list[str], zh: str, en: str) -> None:
    """In words and codes, in the language of each half; and nothing is said of what a request without a filing leaves out."""
    data = {name: value for name, value in (filing() | changes).items() if value is not None}
    section = last_section(insured(spell("410100")).send("filing.requested.v3", data))
    assert codes(section) == codes_told and zh in section.reasons[0].zh and en in section.reasons[0].en


@pytest.mark.parametrize(("who", "codes_told"), [
    ({"psn_type": "12"}, []), ({"psn_type": "12", "retr_date": "2026-03-01"}, []), ({"psn_type": "12", "retr_date": "2026-03-02"}, ["category_not_for_working"]),
    ({"psn_type": "11"}, ["category_not_for_working"]),
])
def test_who_settled_elsewhere_after_retiring_is_retired_on_the_first_day(who: dict[str, str], codes_told: list[str]) -> None:
    """S020: 异地安置退休人员指退休后在异地定居并且户籍迁入定居地的人员; the filing begins on 2026-03-01."""
    journey = Journey()
    journey.send("enrolment.recorded.v2", enrolment(spell("410100", **who)))
    assert codes(last_section(journey.send("filing.requested", filing(category="settled_retiree", cmt_flag="1")))) == codes_told


def test_care_that_needs_no_filing_is_told_that_alone() -> None:
    """南昌 files for hospitals (S122); in the own province none is to be chosen, for nothing is to be filed."""
    data = filing(insutype="390", mdtrtarea_admdvs="360400")
    assert codes(last_section(insured(spell("360100", insutype="390", psn_type="15")).send("filing.requested.v3", data))) == ["no_filing_needed"]
