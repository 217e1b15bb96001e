"""What a person claims: the body of a claim, with a diagnosis, a bill and the account that is to pay."""

from datetime import date
from typing import Any

from policies.calendar import age_on
from policies.places import care_kind
from policies.providers import Provider
from services.generator.bills import Patient, Shelves, bill
from services.generator.dice import Dice
from services.generator.mix import (
    ACCOUNT_USED,
    DIAGNOSES_CHRONIC,
    DIAGNOSES_INPATIENT,
    DIAGNOSES_MATERNITY,
    DIAGNOSES_OUTPATIENT,
    LINES,
)
from services.generator.people import Person

BIRTH, PHARMACY = "52", "41"
_DIAGNOSES = {BIRTH: DIAGNOSES_MATERNITY, "14": DIAGNOSES_CHRONIC, PHARMACY: DIAGNOSES_CHRONIC}


def kind_of(care: str) -> str:
    """The kind of bill that care has: outpatient, inpatient or pharmacy."""
    kind = care_kind(care)
    return "outpatient" if kind == "chronic" else kind


def claim(
    dice: Dice, shelves: Shelves, who: Person, care: str, provider: Provider, mdtrt_id: str, days: tuple[date, date],
    setl_date: date, size: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """A claim of ``who`` for care from the first to the last of ``days``; ``size``: lines from and to, where not the usual ones."""
    kind = kind_of(care)
    diagnosis = dice.pick(_DIAGNOSES.get(care) or (DIAGNOSES_INPATIENT if kind == "inpatient" else DIAGNOSES_OUTPATIENT))
    patient = Patient(diagnosis, age_on(who.brdy, days[0]), provider.lmtpric_hosp_lv)
    lines, total = bill(dice, shelves.at(provider, kind), patient, days, size or LINES[kind], kind)
    return {
        "psn_no": who.psn_no,
        "insutype": who.group.insutype,
        "fixmedins_code": provider.fixmedins_code,
        "mdtrt_id": mdtrt_id,
        "med_type": care,
        "begndate": days[0].isoformat(),
        "enddate": days[1].isoformat(),
        "setl_date": setl_date.isoformat(),
        "medfee_sumamt": total,
        "acct_used_flag": _account(dice, who),
        "diseinfo": [{"diag_code": diagnosis, "maindiag_flag": "1"}],
        "feedetail": lines,
    }


def _account(dice: Dice, who: Person) -> str:
    """Whether the claim uses the own account (1), the family's wallet (2) or none (0)."""
    own = who.group.insutype == "310"
    if not (own or who.shared) or not dice.happens(ACCOUNT_USED):
        return "0"
    return "1" if own else "2"
