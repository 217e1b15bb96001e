"""People and what their agencies say of them: enrolment, filing, and what moves in the personal account.

Each function gives a request without its id: ``{"type": ..., "data": ...}``.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from policies.calendar import add_months, day_before
from policies.family import FamilyRule
from policies.filing_rules import FilingRule, FilingRules
from services.generator.dice import Dice, deck
from services.generator.mix import AGES, CREDIT_YUAN, FILING_CATEGORIES, FIRST_DAY, INSURED_FROM_AGE, PSN_TYPE, Group

Request = dict[str, Any]

_CATEGORIES = {status: deck(weights) for status, weights in FILING_CATEGORIES.items()}


@dataclass(slots=True)
class Person:
    """One person. ``province``: where care away from home is sought and filed for, its two digits.

    ``filed``, ``filed_until``: whether such a filing was sent, and its last day (None: until it is changed);
    ``discharged``: last day of the last stay; ``seen``: day of the last claim; ``shared``: whether a relative has shared with the person.
    """

    psn_no: str
    group: Group
    status: str
    brdy: date
    gend: str
    insured_from: date
    province: str
    filed: bool = False
    filed_until: date | None = None
    in_arrears: bool = False
    discharged: date | None = None
    seen: date | None = None
    shared: bool = False

    def needs_filing(self, day: date) -> bool:
        """Whether care away from home from ``day`` on is not covered by what was filed."""
        return not self.filed or (self.filed_until is not None and self.filed_until < day)


def person(dice: Dice, psn_no: str, group: Group, provinces: tuple[str, ...]) -> Person:
    """A new person of ``group``."""
    status = "resident" if group.insutype == "390" else "retired" if dice.below(100) < group.retired_percent else "working"
    age = dice.between(*(group.ages or AGES[status]))
    brdy = _day_of(dice, FIRST_DAY.year - 1 - age)
    years = dice.between(1, max(1, min(20, age - INSURED_FROM_AGE[status])))
    return Person(
        psn_no=psn_no,
        group=group,
        status=status,
        brdy=brdy,
        gend="2" if group.care == "52" else dice.pick("12"),
        insured_from=max(brdy, _day_of(dice, FIRST_DAY.year - 1 - years)),
        province=dice.pick(provinces),
    )


def enrolment(who: Person, arrears_from: date | None = None) -> Request:
    """What the agency knows of the person; ``arrears_from``: in arrears from that day on."""
    spell = {
        "insuplc_admdvs": who.group.place,
        "insutype": who.group.insutype,
        "psn_type": PSN_TYPE[who.status],
        "psn_insu_date": who.insured_from.isoformat(),
    }
    if arrears_from is not None:
        spell["arrears"] = [{"begndate": arrears_from.isoformat()}]
    return {
        "type": "cn.yibao.enrolment.recorded.v1",
        "data": {"psn_no": who.psn_no, "brdy": who.brdy.isoformat(), "gend": who.gend, "insuinfo": [spell]},
    }


def credit(dice: Dice, who: Person, day: date) -> Request:
    """What comes into the personal account, in fen."""
    amount = 100 * dice.between(*CREDIT_YUAN) + dice.below(100)
    return {
        "type": "cn.yibao.account.credited.v1",
        "data": {"psn_no": who.psn_no, "insutype": who.group.insutype, "crdt_amt": amount, "crdt_date": day.isoformat()},
    }


def debit(dice: Dice, who: Person, day: date, most: int) -> Request:
    """What is moved out of the personal account, up to ``most`` fen."""
    return {
        "type": "cn.yibao.account.debited.v1",
        "data": {"psn_no": who.psn_no, "insutype": who.group.insutype, "amt": dice.between(1, most), "date": day.isoformat()},
    }


def relative(dice: Dice, who: Person) -> Person:
    """An employee of the same place who shares with ``who``."""
    return person(dice, f"{who.psn_no}-K", _employees(who.group), (who.province,))


def known_relative(who: Person) -> Person:
    """What a credit and a sharing need of the relative of ``who`` who was enrolled before."""
    return replace(who, psn_no=f"{who.psn_no}-K", group=_employees(who.group))


def _employees(group: Group) -> Group:
    return replace(group, insutype="310")


def sharing(dice: Dice, who: Person, sharer: Person, rule: FamilyRule, day: date, most: int) -> Request:
    """What ``sharer`` shares with ``who``, up to ``most`` fen."""
    return {
        "type": "cn.yibao.wallet.requested.v1",
        "data": {
            "psn_no": sharer.psn_no, "insutype": rule.insutype, "user_psn_no": who.psn_no, "kin": dice.pick(rule.kin),
            "user_insuplc_admdvs": who.group.place, "amt": dice.between(1, most), "date": day.isoformat(),
        },
    }


def category(dice: Dice, who: Person) -> str:
    """The category of person under which ``who`` files."""
    return dice.pick(_CATEGORIES[who.status])


def filing(dice: Dice, who: Person, rule: FilingRule, day: date, hospital: str | None, reason: bool) -> Request:
    """A filing for the person's province from ``day`` on, with one of each paper; the person remembers it.

    ``hospital``: the one to file for, where the place of insurance asks for hospitals; ``reason``: whether it asks for one.
    """
    who.filed = True
    who.filed_until = day_before(add_months(day, rule.months)) if rule.months else None
    data = {
        "psn_no": who.psn_no,
        "insutype": who.group.insutype,
        "category": rule.category,
        "mdtrtarea_admdvs": f"{who.province}0000",
        "begndate": day.isoformat(),
    }
    if rule.papers:
        data["materials"] = [dice.pick(paper.one_of) for paper in rule.papers]
    if hospital is not None:
        data["fixmedins_codes"] = [hospital]
    if reason:
        data["rloc_rea"] = "就医 / care"
    version = 3 if hospital is not None or reason else 2
    return {"type": f"cn.yibao.filing.requested.v{version}", "data": data}


def filing_by_rules(
    dice: Dice, rules: FilingRules, who: Person, day: date, hospital: str, name: str | None = None
) -> Request:
    """A filing as the person's place of insurance asks for it; ``name``: its category, else one by chance.

    ``hospital`` is filed for where the place asks for hospitals. Raises LookupError where there is no such rule.
    """
    place, name = who.group.place, name or category(dice, who)
    rule = rules.category(place, name, day)
    if rule is None:
        raise LookupError(f"the rulebook has no rule of filing for {name} of {place} on {day}")
    unit, reason = rules.term(place, "unit", day), bool(rules.term(place, "reason", day))
    return filing(dice, who, rule, day, hospital if unit != "place" else None, reason)


def _day_of(dice: Dice, year: int) -> date:
    return date(year, dice.between(1, 12), dice.between(1, 28))
