"""The requests of a simulated run: four persons on one partition, every kind of request, and what is none.

Two persons are insured in 衡阳 (deductible of the year, account), one in 河南省直 (stays in another province,
filed or not), one nowhere. Claims are taken back by the provider or the agency, alone or with those behind them, corrected,
and undone whether or not they have arrived. Amounts are in fen. The same ``random.Random`` gives the same requests.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from contracts.envelope import Record, join_type, request_headers
from contracts.keys import partition_of
from contracts.topics import topic_map

PARTITIONS = topic_map().partitions
PARTITION = 2
PERSONS = [f"P{i:09d}" for i in range(60) if partition_of(b"P%09d" % i, PARTITIONS) == PARTITION][:4]
PLACES = dict(zip(PERSONS[:3], ("430400", "430400", "419900"), strict=True))
"""Where the first three are insured; the fourth is never enrolled."""
OFTEN = (6, 3, 2, 1)
"""How often each asks for something: settlements of one person stand on each other."""
ITEMS = ("XA02BCA101A010010100001", "XC08CAA503A001010200004", "XC10AAA606A001010100006", "XA11GAA111A001010100011")


@dataclass(frozen=True)
class Asked:
    """One request and what it is: a kind of KINDS or UNDOING, ``late``, ``repeat``, ``conflict`` or ``unreadable``."""

    kind: str
    record: Record


def requests(rng: Random, count: int) -> list[Asked]:
    """``count`` requests. The enrolments come early, though not always before the first claim."""
    early = [asked(rng, "enrolment", psn_no, f"e{n}") for n, psn_no in enumerate(rng.sample(PERSONS[:3], 3))]
    early.insert(rng.randint(0, 3), asked(rng, "claim", _somebody(rng), "c0"))
    found = early
    while len(found) < count:
        found.append(_next(rng, found, len(found)))
    return found


def asked(rng: Random, kind: str, psn_no: str, number: str) -> Asked:
    """A request of ``kind`` for a person. Claims and quotes carry no id of their own now and then."""
    body = KINDS[kind](rng, psn_no, number)
    id = None if kind in ("claim", "quote") and rng.random() < 0.3 else f"id-{number}"
    return Asked(kind, _record(TYPES[kind], psn_no, body, id))


def _somebody(rng: Random) -> str:
    return rng.choices(PERSONS, OFTEN)[0]


def _next(rng: Random, before: list[Asked], number: int) -> Asked:
    kind = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if kind in KINDS:
        return asked(rng, kind, _somebody(rng), f"{kind[0]}{number}")
    if kind in UNDOING:
        return _undoing(rng, kind, before, number)
    if kind == "late":
        return _late(rng, before, number)
    if kind == "unreadable":
        return Asked(kind, rng.choice(UNREADABLE)(before[0].record, number))
    first = rng.choice([one for one in before if one.kind in TYPES])
    if kind == "repeat" or first.record.header("ce_id") is None:
        return Asked("repeat", first.record)
    return Asked("conflict", replace(first.record, value=_changed(first.record.value, number)))


def _undoing(rng: Random, kind: str, before: list[Asked], number: int) -> Asked:
    """What takes back a claim that was sent with an id; where there is none, or now and then, one that nobody has sent."""
    claims = [one.record for one in before if one.kind == "claim" and one.record.header("ce_id") is not None]
    if not claims:
        return asked(rng, "claim", _somebody(rng), f"c{number}")
    claim = rng.choice(claims)
    psn_no, name = (claim.key or b"").decode(), (claim.header("ce_id") or b"").decode()
    if kind == "undo" and rng.random() < 0.4:
        name = f"lost-{number}"
    return Asked(kind, _record(TYPES[kind], psn_no, UNDOING[kind](rng, json.loads(claim.value), name), f"id-{kind[0]}{number}"))


def _asks(rng: Random, claim: dict[str, Any], name: str, agency: float) -> dict[str, Any]:
    """By the agency in so many cases; it alone takes along what stands behind, and may come late."""
    asker: dict[str, Any] = {"fixmedins_code": claim["fixmedins_code"]}
    if rng.random() < agency:
        asker = {"setl_optins": PLACES.get(claim["psn_no"], "430400")}
    return {"psn_no": claim["psn_no"], "date": rng.choice(("2026-03-06", "2026-05-01")), "reason": "wrong_charges", "omsgid": name, **asker}


def _reversal(rng: Random, claim: dict[str, Any], name: str) -> dict[str, Any]:
    found = _asks(rng, claim, name, 0.7)
    return {**found, "cascade": "1"} if "setl_optins" in found and rng.random() < 0.7 else found


def _correction(rng: Random, claim: dict[str, Any], name: str) -> dict[str, Any]:
    line = _line(rng, "1", 6_000)
    corrected = {**claim, "feedetail": [line], "medfee_sumamt": line["det_item_fee_sumamt"]}
    return {**_reversal(rng, claim, name), "claim": corrected}


def _undo(rng: Random, claim: dict[str, Any], name: str) -> dict[str, Any]:
    return _asks(rng, claim, name, 0.5)


def _late(rng: Random, before: list[Asked], number: int) -> Asked:
    """The request that was undone before it arrived; another claim where none was."""
    lost = [json.loads(one.record.value) for one in before if one.kind == "undo" and b'"lost-' in one.record.value]
    if not lost:
        return asked(rng, "claim", _somebody(rng), f"c{number}")
    undone = rng.choice(lost)
    claim = _claim(rng, undone["psn_no"], f"l{number}")
    return Asked("late", _record(TYPES["claim"], undone["psn_no"], claim, undone["omsgid"]))


def _changed(value: bytes, number: int) -> bytes:
    body = json.loads(value)
    name = {"brdy": "brdy", "crdt_amt": "crdt_amt", "amt": "amt", "category": "dcla_souc", "omsgid": "memo"}
    field = next((to for at, to in name.items() if at in body), "mdtrt_id")
    body[field] = {"brdy": f"19{50 + number}-01-02", "crdt_amt": number, "amt": number}.get(field, f"other-{number}")
    return _json(body)


def _enrolment(rng: Random, psn_no: str, number: str) -> dict[str, Any]:
    spell = {
        "insuplc_admdvs": PLACES.get(psn_no, "430400"), "insutype": "310", "psn_type": rng.choice(("11", "12")),
        "psn_insu_date": "2010-01-01", "cvlserv_flag": "0", "arrears": [],
    }
    return {"psn_no": psn_no, "brdy": f"19{rng.randint(40, 99)}-05-06", "gend": rng.choice("12"), "insuinfo": [spell]}


def _credit(rng: Random, psn_no: str, number: str) -> dict[str, Any]:
    return {"psn_no": psn_no, "insutype": "310", "crdt_amt": rng.randint(1, 30_000), "crdt_date": "2026-03-01"}


def _debit(rng: Random, psn_no: str, number: str) -> dict[str, Any]:
    return {"psn_no": psn_no, "insutype": "310", "amt": rng.randint(1, 9_000), "date": "2026-03-04"}


def _filing(rng: Random, psn_no: str, number: str) -> dict[str, Any]:
    return {
        "psn_no": psn_no, "insutype": "310", "category": rng.choice(("long_term_resident", "referral")),
        "mdtrtarea_admdvs": "430000", "begndate": "2026-02-01", "materials": [], "cmt_flag": rng.choice("01"),
    }


def _claim(rng: Random, psn_no: str, number: str) -> dict[str, Any]:
    stay = PLACES.get(psn_no) == "419900"
    lines = [_line(rng, str(n), 60_000 if stay else 6_000) for n in range(1, rng.randint(2, 4))]
    return {
        "psn_no": psn_no, "insutype": "310", "mdtrt_id": f"m-{number}", "med_type": "21" if stay else "11",
        "fixmedins_code": "H43040000103" if stay else rng.choice(("H43040000102", "H43040000103")),
        "begndate": "2026-03-01", "enddate": "2026-03-05", "setl_date": "2026-03-05",
        "acct_used_flag": rng.choice("011"),
        "medfee_sumamt": sum(line["det_item_fee_sumamt"] for line in lines), "feedetail": lines,
    }


def _line(rng: Random, number: str, most: int) -> dict[str, Any]:
    price, count = rng.randint(1, most), rng.randint(1, 5)
    return {
        "feedetl_sn": number, "fee_ocur_date": "2026-03-02", "med_list_codg": rng.choice(ITEMS),
        "det_item_fee_sumamt": price * count, "cnt": str(count), "pric": f"{price // 100}.{price % 100:02d}",
    }


def _record(type_text: str, psn_no: str, body: dict[str, Any], id: str | None) -> Record:
    return Record(psn_no.encode(), _json(body), request_headers(type_text, "/simulated", id), partition=PARTITION)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


KINDS: dict[str, Callable[[Random, str, str], dict[str, Any]]] = {
    "enrolment": _enrolment, "credit": _credit, "debit": _debit, "filing": _filing, "claim": _claim, "quote": _claim,
}
UNDOING: dict[str, Callable[[Random, dict[str, Any], str], dict[str, Any]]] = {
    "reversal": _reversal, "correction": _correction, "undo": _undo,
}
TYPES = {
    "enrolment": join_type("enrolment.recorded", 1), "credit": join_type("account.credited", 1),
    "filing": join_type("filing.requested", 2), "claim": join_type("claim.submitted", 1),
    "quote": join_type("quote.requested", 1), "debit": join_type("account.debited", 1),
    "reversal": join_type("reversal.requested", 1), "correction": join_type("correction.requested", 1),
    "undo": join_type("undo.requested", 1),
}
WEIGHTS = {
    "claim": 9, "credit": 3, "filing": 3, "quote": 1, "enrolment": 1, "debit": 1, "reversal": 3, "correction": 2, "undo": 3, "late": 1,
    "repeat": 2, "conflict": 2, "unreadable": 2,
}
UNREADABLE: list[Callable[[Record, int], Record]] = [
    lambda good, number: replace(good, value=b"\xff\x00 no JSON %d" % number),
    lambda good, number: replace(good, value=good.value + b"{}"),
    lambda good, number: replace(good, key=None),
    lambda good, number: replace(good, key=b"%d" % number),
    lambda good, number: replace(good, headers=(("ce_specversion", None), *good.headers[1:])),
    lambda good, number: replace(good, headers=()),
]
