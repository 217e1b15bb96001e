"""Requests for the live tests: persons of Karamay with outpatient visits, and records that no gateway should publish."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from contracts.envelope import Record
from contracts.keys import partition_of
from contracts.lines import request_record
from contracts.topics import topic_map

PARTITIONS = topic_map().partitions
LEVELS = {"1": "H65020000101", "2": "H65020000102", "3": "H65020000103"}
"""A provider of Karamay (invented, as the register says) by its level for deductibles."""
ITEM = "XC08CAA503A001010200004"
"""甲 in the catalogue of 650000, without a price ceiling: all of its fee is in scope."""


def request(type: str, id: str | None = None, **data: Any) -> Record:
    """The record that a gateway publishes."""
    event = {"type": f"cn.yibao.{type}", "data": data} | ({"id": id} if id else {})
    return request_record(json.dumps(event).encode(), PARTITIONS)


def enrolment(psn_no: str, psn_type: str = "11") -> Record:
    """An employee of Karamay; psn_type 11 works, 12 is retired."""
    spell = {"insuplc_admdvs": "650200", "insutype": "310", "psn_type": psn_type, "psn_insu_date": "2001-01-01"}
    return request(
        "enrolment.recorded.v1", f"{psn_no}-enrolment", psn_no=psn_no, brdy="1960-05-06", gend="1", insuinfo=[spell]
    )


def credit(psn_no: str, fen: int, number: int = 0) -> Record:
    """Money into the personal account."""
    return request(
        "account.credited.v1", f"{psn_no}-credit-{number}", psn_no=psn_no, insutype="310", crdt_amt=fen,
        crdt_date="2025-01-05",
    )


def visit(psn_no: str, id: str, fen: int, level: str = "1", account: bool = False, **changed: Any) -> Record:
    """An outpatient visit at home whose one line lies wholly in scope. ``changed`` replaces fields of the claim."""
    line = {
        "feedetl_sn": "1", "fee_ocur_date": changed.get("begndate", "2025-03-05"), "med_list_codg": ITEM, "det_item_fee_sumamt": fen,
        "cnt": "1", "pric": f"{fen // 100}.{fen % 100:02}",
    }
    claim = {
        "psn_no": psn_no, "insutype": "310", "fixmedins_code": LEVELS[level], "mdtrt_id": id, "med_type": "11",
        "begndate": "2025-03-05", "enddate": "2025-03-05", "setl_date": "2025-03-05", "medfee_sumamt": fen,
        "acct_used_flag": "1" if account else "0", "feedetail": [line],
    }
    return request("claim.submitted.v1", id, **claim | changed)


def undoing(psn_no: str) -> list[Record]:
    """Visits that are reversed (twice, and with the later ones), corrected, undone known and unknown, and what comes late."""
    asked = {"psn_no": psn_no, "date": "2025-03-06", "reason": "wrong_charges"}
    by_provider, by_agency = {"fixmedins_code": LEVELS["1"]}, {"setl_optins": "650200", "cascade": "1"}
    visits = [visit(psn_no, f"{psn_no}-{number}", 20_000, account=True) for number in range(5)]
    corrected = json.loads(visit(psn_no, f"{psn_no}-1", 10_000, account=True).value)

    def undone(type: str, number: int, id: str, **more: Any) -> Record:
        return request(f"{type}.requested.v1", f"{psn_no}-{id}", **asked, omsgid=f"{psn_no}-{number}", **more)

    return [
        enrolment(psn_no), credit(psn_no, 30_000), *visits[:3],
        undone("reversal", 0, "r1", **by_provider), undone("reversal", 2, "r2", **by_provider), undone("reversal", 2, "r3", **by_provider),
        undone("reversal", 0, "r4", **by_agency), undone("correction", 1, "k1", claim=corrected, **by_provider),
        undone("correction", 1, "k2", claim=corrected, **by_provider), visits[3], undone("undo", 3, "u1", **by_provider),
        undone("undo", 3, "u2", **by_provider), undone("undo", 4, "u3", **by_provider), visits[4], undone("undo", 2, "u4", **by_provider),
        undone("undo", 9, "u5", **by_provider),
    ]


def psn_no_in(partition: int, number: int = 0) -> str:
    """The ``number``-th pseudonym of a series whose road lies on ``partition``."""
    names = (f"N{i:05}" for i in range(100_000))
    return [name for name, _ in zip(_on(partition, names), range(number + 1), strict=False)][number]


def _on(partition: int, names: Iterator[str]) -> Iterator[str]:
    return (name for name in names if partition_of(name.encode(), PARTITIONS) == partition)


def busy_road(count: int, persons: Sequence[str], seed: int) -> list[Record]:
    """``count`` requests: enrolments and credits first, then visits of all levels with what goes wrong between them.

    One in 25 is sent again as it was, one in 40 has the same id and another amount, one in 50 cannot be read, one in
    60 names no known provider.
    """
    random = Random(seed)
    records = [r for n, p in enumerate(persons) for r in (enrolment(p, "12" if n % 3 == 0 else "11"), credit(p, 50_000))]
    number = 0
    while len(records) < count:
        number += 1
        psn_no, level = random.choice(persons), random.choice("123")
        fen = random.choice((random.randrange(0, 3_000), random.randrange(3_000, 60_000), random.randrange(60_000, 400_000)))
        claim = visit(psn_no, f"{seed}-{number}", fen, level, account=random.random() < 0.5)
        records.append(claim)
        if number % 25 == 0:
            records.append(claim)
        if number % 40 == 0:
            records.append(visit(psn_no, f"{seed}-{number}", fen + 1, level))
        if number % 50 == 0:
            records.append(replace(claim, value=claim.value[:-1]))
        if number % 60 == 0:
            records.append(visit(psn_no, f"{seed}-{number}-unknown", fen, fixmedins_code="H65020009999"))
    return records[:count]
