"""Matters of filing for care elsewhere: who is refused for what, and what is done about it."""

from typing import Any

from tests.day.persons import BEIJING, BEIJING_2, DAY, SHANGHAI, Matter, Person, Step, claims, files, settles


def away(person: Person, provider: str = BEIJING, **more: Any) -> dict[str, Any]:
    return person.claim(provider, **more)


def oper(person: Person, what: str, number: str, **more: Any) -> Step:
    return files({"psn_no": person.psn_no, "insutype": person.home.insutype, "oper": what, "trt_dcla_detl_sn": number, "begndate": DAY} | more)


def number_of(event: Any) -> str:
    return event.body.filed.filing.trt_dcla_detl_sn


def not_filed(person: Person) -> Matter:
    yield person.enrolled()
    yield claims(away(person), "not_filed")
    yield files(person.filing("110000", "long_term_resident", cmt_flag="1"))
    yield settles(away(person))


def filing_elsewhere(person: Person) -> Matter:
    yield person.enrolled()
    filed = yield files(person.filing("310000", "resident_worker", materials=["labour_contract"], begndate="2026-01-05"), "given")
    yield claims(away(person), "filing_elsewhere")
    yield oper(person, "change", number_of(filed), mdtrtarea_admdvs="110000")
    yield settles(away(person))


def filing_not_in_force(person: Person) -> Matter:
    """Six months of temporary care ended in January."""
    yield person.enrolled()
    yield files(person.filing("110000", begndate="2025-07-15"), "given")
    yield claims(away(person), "filing_not_in_force")
    yield files(person.filing("110000"))
    yield settles(away(person))


def filing_pending(person: Person) -> Matter:
    yield person.enrolled()
    filed = yield files(person.filing("310000", "referral", begndate="2026-02-20"), "given")
    yield claims(away(person, SHANGHAI), "filing_pending")
    yield oper(person, "redeem", number_of(filed), materials=["referral_form"])
    yield settles(away(person, SHANGHAI))


def letter_unredeemed(person: Person) -> Matter:
    """Back home for a stay while the papers that the letter promised are still due."""
    yield person.enrolled()
    filed = yield files(person.filing("310000", "long_term_resident", cmt_flag="1", begndate="2026-01-05"), "given")
    yield claims(person.claim(), "letter_unredeemed")
    yield oper(person, "redeem", number_of(filed), materials=["residence_certificate"], begndate="2026-02-26")
    yield settles(person.claim())


def filed_late(person: Person) -> Matter:
    """Paid at the discharge in February, filed for afterwards: by hand."""
    dates = {"begndate": "2026-02-09", "enddate": "2026-02-13", "setl_date": "2026-02-13"}
    yield person.enrolled()
    yield files(person.filing("110000", oper="late", begndate="2026-02-09", dcla_date="2026-02-20"), "given")
    yield claims(away(person, **dates), "filed_late")
    yield Step("settled", "reimbursement.requested.v1", person.by_hand("self_paid", BEIJING, **dates | {"setl_date": DAY}))


def emergency_not_filed(person: Person) -> Matter:
    """毕节 sends an emergency without a filing to manual reimbursement (S028)."""
    yield person.enrolled()
    yield claims(away(person, BEIJING_2, otp_er_refl_flag="1"), "emergency_not_filed")
    asked = person.by_hand("emergency_not_filed", BEIJING_2, otp_er_refl_flag="1", materials=["invoice_original", "medical_record", "fee_list"])
    yield Step("settled", "reimbursement.requested.v1", asked)


def filing_too_short(person: Person) -> Matter:
    """A filing for two weeks is refused; temporary care is filed for six months at least."""
    yield person.enrolled()
    yield Step("refused", "filing.requested.v3", person.filing("110000", enddate="2026-03-19"), "filing_too_short")
    yield files(person.filing("110000"))
    yield settles(away(person))


def channel_not_taken(person: Person) -> Matter:
    yield person.enrolled()
    yield Step("refused", "filing.requested.v3", person.filing("110000", dcla_souc="fax"), "channel_not_taken")
    yield files(person.filing("110000", dcla_souc="window"))
    yield settles(away(person))


def no_filing_needed(person: Person) -> Matter:
    """In the own province none is needed: the visit goes through without one."""
    yield person.enrolled()
    yield Step("refused", "filing.requested.v3", person.filing("360400" if person.home.admdvs == "360100" else "650100"), "no_filing_needed")
    yield settles(person.claim("H36040000101" if person.home.admdvs == "360100" else "H65010000102"))


def unknown_filing(person: Person) -> Matter:
    """A number that was mistyped."""
    yield person.enrolled()
    filed = yield files(person.filing("310000", "resident_worker", materials=["labour_contract"], begndate="2026-01-05"), "given")
    wrong = {"psn_no": person.psn_no, "insutype": person.home.insutype, "oper": "change", "begndate": DAY, "mdtrtarea_admdvs": "110000"}
    yield Step("refused", "filing.requested.v3", wrong | {"trt_dcla_detl_sn": "F0000"}, "unknown_filing")
    yield oper(person, "change", number_of(filed), mdtrtarea_admdvs="110000")
    yield settles(away(person))


# --- nothing is refused -------------------------------------------------------------------------------------------------


def at_home(person: Person) -> Matter:
    yield person.enrolled()
    yield settles(person.claim())


def filed_in_time(person: Person) -> Matter:
    yield person.enrolled()
    yield files(person.filing("310000", begndate="2026-02-20"), "given")
    yield settles(away(person, SHANGHAI))


def emergency(person: Person) -> Matter:
    """An emergency counts as filed."""
    yield person.enrolled()
    yield settles(away(person, **({"ipt_type": "2"} if person.home.med_type == "21" else {"otp_er_refl_flag": "1"})))


def needs_none(person: Person) -> Matter:
    """Outpatient care of 湖南 across provinces (S099)."""
    yield person.enrolled()
    yield settles(away(person, "H44010600103"))


def by_hand(person: Person) -> Matter:
    """The network failed: paid, and claimed by hand on the same day."""
    yield person.enrolled()
    yield Step("settled", "reimbursement.requested.v1", person.by_hand("network_failure"))
