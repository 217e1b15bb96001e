"""Matters of insurance, contributions, providers and credentials: who is refused for what, and what is done about it."""

from tests.day.persons import (
    BEIJING_2,
    BEIJING_CARDS,
    BEIJING_ENDED,
    BEIJING_VISITS,
    DAY,
    Matter,
    Person,
    Step,
    claims,
    files,
    settles,
)


def recorded(person: Person, **more: object) -> Step:
    """The agency records the enrolment, as it should have been."""
    return Step("remedy", "enrolment.recorded.v2", person.enrolment(**more))


def unknown_person(person: Person) -> Matter:
    yield claims(person.claim(), "unknown_person")
    yield recorded(person)
    yield settles(person.claim())


def not_insured(person: Person) -> Matter:
    """Enrolled from April on, by mistake."""
    yield person.enrolled(spell={"psn_insu_date": "2026-04-01"})
    yield claims(person.claim(), "not_insured")
    yield recorded(person)
    yield settles(person.claim())


def in_arrears(person: Person) -> Matter:
    yield person.enrolled(spell={"arrears": [{"begndate": "2026-01-01"}]})
    yield claims(person.claim(), "in_arrears")
    yield recorded(person, spell={"arrears": [{"begndate": "2026-01-01", "enddate": "2026-01-31"}]})
    yield settles(person.claim())


def year(person: Person, paid: str | None = None, begndate: str = "2026-01-01", enddate: str = "2026-12-31") -> dict[str, str]:
    """A contribution for a time; ``paid``: the day on which it arrived, where that is not when it was due."""
    found = {"insuplc_admdvs": person.home.admdvs, "insutype": person.home.insutype, "begndate": begndate, "enddate": enddate}
    return found | ({"clct_date": paid} if paid else {})


def not_paid(person: Person) -> Matter:
    """Last year is paid for, this one is not; paying in the window of 南昌 (S135) had not been recorded."""
    last = year(person, None, "2025-01-01", "2025-12-31")
    yield person.enrolled(clctinfo=[last])
    yield claims(person.claim(), "not_paid")
    yield recorded(person, clctinfo=[last, year(person, "2025-12-20")])
    yield settles(person.claim())


def waiting(person: Person) -> Matter:
    """Paid behind the window: three months of waiting (S134), unless the agency records why there are none."""
    yield person.enrolled(clctinfo=[year(person, "2026-02-10")])
    yield claims(person.claim(), "waiting")
    yield recorded(person, clctinfo=[year(person, "2026-02-10")], exmpinfo=[{"exmp_type": "graduate", "begndate": "2026-01-01"}])
    yield settles(person.claim())


def restored_later(person: Person) -> Matter:
    """Flexible employment in 湖北 (S179): the month of payment was recorded wrongly."""
    paid = [year(person, None, "2025-01-01", "2025-12-31")]
    yield person.enrolled(spell={"flxempe_flag": "1"}, clctinfo=[*paid, year(person, "2026-03-02")])
    yield claims(person.claim(), "restored_later")
    yield recorded(person, spell={"flxempe_flag": "1"}, clctinfo=[*paid, year(person, "2026-02-02")])
    yield settles(person.claim())


def unknown_provider(person: Person) -> Matter:
    yield person.enrolled()
    yield claims(person.claim("H99999999999"), "unknown_provider")
    yield settles(person.claim())


def provider_not_designated(person: Person) -> Matter:
    yield person.enrolled()
    yield files(person.filing("110000"), "given")
    yield claims(person.claim(BEIJING_ENDED), "provider_not_designated")
    yield settles(person.claim(BEIJING_2))


def provider_not_connected(person: Person) -> Matter:
    """A stay where only visits are connected: paid, and claimed by hand."""
    yield person.enrolled()
    yield files(person.filing("110000"), "given")
    yield claims(person.claim(BEIJING_VISITS), "provider_not_connected")
    yield Step("settled", "reimbursement.requested.v1", person.by_hand("provider_not_connected", BEIJING_VISITS))


def credential_not_accepted(person: Person) -> Matter:
    yield person.enrolled()
    yield files(person.filing("110000"), "given")
    yield claims(person.claim(BEIJING_CARDS, mdtrt_cert_type="01"), "credential_not_accepted")
    yield settles(person.claim(BEIJING_CARDS, mdtrt_cert_type="03"))


def student_at_home(person: Person) -> Matter:
    """A student of 南昌 who was ill at home in 九江 in the holidays: claimed through the school (S138)."""
    yield person.enrolled(spell={"stdt_flag": "1"})
    visit = {"begndate": "2026-02-10", "enddate": "2026-02-10", "setl_date": "2026-02-10"}
    yield claims(person.claim("H36040000101", **visit), "student_at_home")
    asked = person.by_hand("student_at_home", "H36040000101", **visit | {"setl_date": DAY}, channel="school")
    yield Step("settled", "reimbursement.requested.v1", asked | {"batch_no": "SCHOOL-2026-03"})


def no_rule(person: Person) -> Matter:
    """郑州 says nothing of hospitals of level 2: the next stay is at one of level 3."""
    yield person.enrolled()
    yield claims(person.claim("H41010500102"), "no_rule")
    yield settles(person.claim())
