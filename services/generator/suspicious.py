"""Claims in which something is wrong, by the rule of review (智能审核) that finds it; all else of them is right.

Each is a person of 克拉玛依 with an enrolment and one or two bills, of which the last one is found. The rules are those of
the built-in rulebook for the nation.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.money import round_half_up

Request = dict[str, Any]
VISIT = {"med_type": "11", "fixmedins_code": "H65020000103", "day": "2025-06-10"}
STAY = {"med_type": "21", "fixmedins_code": "H31011500103", "day": "2025-06-01", "until": "2025-06-11", "place": "419900"}

DRUG, IMATINIB, NILOTINIB = "XC08CAA503A001010200004", "XL01XEC303B001030300003", "XL01EXN076E001020100012"
BED, NURSING, INTENSIVE = "001109000010000-110900001", "001201000020000-120100002", "001204000010000-120400001"
CT, STENT, FRACTURE, BIRTH = (
    "002103000010000-210300001", "003207000030000-320700003", "003315010010000-331501001", "003314000010000-331400001")


def _line(code: str, yuan: int, count: int = 1, **more: Any) -> dict[str, Any]:
    return {"med_list_codg": code, "cnt": str(count), "pric": f"{yuan}.00", "det_item_fee_sumamt": round_half_up(yuan * 100 * count), **more}


MADE: Mapping[str, tuple[dict[str, Any], ...]] = {
    "quantity-outpatient": ({**VISIT, "lines": [_line(DRUG, 3, 31, prd_days=31)]},),
    "duplicate-charge": ({**VISIT, "lines": [_line(CT, 180), _line(CT, 180)]},),
    "same-drug-same-day": (
        {**VISIT, "lines": [_line(IMATINIB, 200)]}, {**VISIT, "fixmedins_code": "H65020000102", "lines": [_line(IMATINIB, 200)]}),
    "obstetric-women": ({**STAY, "gend": "1", "lines": [_line(BIRTH, 900)]},),
    "drug-adults": ({**VISIT, "brdy": "2010-01-01", "lines": [_line(NILOTINIB, 200)]},),
    "fracture-operation": ({**STAY, "diagnosis": "I10.x00", "lines": [_line(FRACTURE, 4_000)]},),
    "stent-level": ({**VISIT, "fixmedins_code": "H65020000101", "lines": [_line(STENT, 9_000)]},),
    "bed-days": ({**STAY, "lines": [_line(BED, 40, 12)]},),
    "price-far-above": ({**VISIT, "lines": [_line(CT, 400)]},),
    "nursing-in-intensive-care": ({**STAY, "lines": [_line(INTENSIVE, 300), _line(NURSING, 20)]},),
    "care-within-a-stay": (
        {**STAY, "lines": [_line(BED, 40, 10)]},
        {**STAY, "fixmedins_code": "H11010500001", "day": "2025-06-05", "until": "2025-06-06", "lines": [_line(CT, 180)]}),
    "paid-both-ways": ({**VISIT, "by_hand": True, "lines": [_line(CT, 180)]}, {**VISIT, "lines": [_line(CT, 180)]}),
    "split-stay": (
        {**STAY, "lines": [_line(BED, 40, 10)]},
        {**STAY, "day": "2025-06-15", "until": "2025-06-20", "lines": [_line(BED, 40, 5)]}),
}


def made(psn_no: str, rule: str) -> Iterator[Request]:
    """The requests of one person, of which ``rule`` finds the last. Ids begin with the person's number."""
    claims = MADE[rule]
    first = claims[-1]
    place = first.get("place", "650200")
    spell = {"insuplc_admdvs": place, "insutype": "310", "psn_type": "11", "psn_insu_date": "2010-01-01"}
    person = {"psn_no": psn_no, "brdy": first.get("brdy", "1980-05-01"), "gend": first.get("gend", "2"), "insuinfo": [spell]}
    yield {"type": "cn.yibao.enrolment.recorded.v1", "id": f"{psn_no}-0", "data": person}
    for number, area in enumerate(("310000", "110000") if place == "419900" else ()):
        yield {"type": "cn.yibao.filing.requested.v2", "id": f"{psn_no}-F{number}", "data": {
            "psn_no": psn_no, "insutype": "310", "category": "other_temporary", "mdtrtarea_admdvs": area, "begndate": "2025-01-01",
            "enddate": "2025-12-31"}}
    for number, of in enumerate(claims, 1):
        type, claim = "claim.submitted.v2", _claim(psn_no, number, of)
        if of.get("by_hand"):
            type, claim = "reimbursement.requested.v1", _applied(claim)
        yield {"type": f"cn.yibao.{type}", "id": f"{psn_no}-{number}", "data": claim}


def _claim(psn_no: str, number: int, of: dict[str, Any]) -> dict[str, Any]:
    day, until = of["day"], of.get("until", of["day"])
    lines = [{"feedetl_sn": str(place), "fee_ocur_date": day, **line} for place, line in enumerate(of["lines"], 1)]
    return {
        "psn_no": psn_no, "insutype": "310", "fixmedins_code": of["fixmedins_code"], "mdtrt_id": f"{psn_no}-V{number}",
        "med_type": of["med_type"], "begndate": day, "enddate": until, "setl_date": until,
        "medfee_sumamt": sum(line["det_item_fee_sumamt"] for line in lines), "acct_used_flag": "0",
        "diseinfo": [{"diag_code": of.get("diagnosis", "S82.100"), "maindiag_flag": "1"}], "feedetail": lines,
    }


def _applied(claim: dict[str, Any]) -> dict[str, Any]:
    """The bill paid in full and claimed at the window on the day, with what the place asks for."""
    invoice = {"invono": f"I-{claim['mdtrt_id']}", "invo_amt": claim["medfee_sumamt"], "invo_chk": "C1"}
    return claim | {
        "manl_reim_rea": "system_fault", "payer": "self", "appl_date": claim["setl_date"], "channel": "window",
        "materials": ["invoice_original", "diagnosis"], "acct_ref": "REF-1", "invoinfo": [invoice],
    }
