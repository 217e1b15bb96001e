"""Requests written short: what a test does not name has a plain value."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.envelope import Record
from contracts.events.claim import Claim
from contracts.lines import request_record
from contracts.money import COUNT_PLACES, PRICE_PLACES
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book, built_in
from policies.pricing.terms import fen_of, scaled
from policies.road import Road

PERSON = "P1"
DRUG = "XA02BCA101A010010100001"          # 甲, no ceiling anywhere
SHARED_DRUG = "XB01ACA808A002010100008"   # 乙, 10 % first self-pay everywhere
OWN_DRUG = "XA11GAA111A001010100011"      # 丙
CT = "002103000010000-210300001"          # 乙, with price ceilings
RESTRICTED = "XL01XEC303B001030300003"    # 乙, only with the hospital's approval

DAY = "2026-03-05"
KARAMAY_1, HENGYANG_2, HENGYANG_3 = "H65020000101", "H43040000102", "H43040000103"
BEIJING, BEIJING_ENDED, BEIJING_OUTPATIENT = "H11010500001", "H11010100004", "H11010800003"
SHANGHAI, CHANGSHA = "H31011500103", "H43010000103"


def line(amount: int, item: str = DRUG, sn: str = "1", cnt: str = "1", pric: str | None = None, **more: Any) -> dict[str, Any]:
    """A line of ``amount`` fen; unless told otherwise one piece of that price."""
    price = pric if pric is not None else f"{abs(amount) // 100}.{abs(amount) % 100:02d}"
    return {"feedetl_sn": sn, "fee_ocur_date": DAY, "med_list_codg": item, "det_item_fee_sumamt": amount,
            "cnt": cnt, "pric": price, **more}


def product(pric: str, cnt: str) -> int:
    """Price times count in fen, as pricing counts it."""
    return fen_of(scaled(pric, PRICE_PLACES), scaled(cnt, COUNT_PLACES))


def claim(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A visit at a community centre of 克拉玛依 on 2026-03-05; 100 yuan of a drug in full where no line is given. Lines that have no
    other day are of the first day of the care."""
    day = more.pop("day", DAY)
    first = more.get("begndate", day)
    bill = [one | {"fee_ocur_date": first} if one["fee_ocur_date"] == DAY else one for one in lines or [line(10_000)]]
    found = {
        "psn_no": PERSON, "insutype": "310", "fixmedins_code": KARAMAY_1, "mdtrt_id": "M1", "med_type": "11",
        "begndate": day, "enddate": day, "setl_date": day, "acct_used_flag": "0", "feedetail": bill,
        "medfee_sumamt": sum(one["det_item_fee_sumamt"] for one in bill),
    }
    return found | more


def model(data: dict[str, Any]) -> Claim:
    """A claim as the deciders get it."""
    return Claim.model_validate_json(json.dumps(data))


def spell(place: str = "650200", insutype: str = "310", psn_type: str = "11", **more: Any) -> dict[str, Any]:
    return {"insuplc_admdvs": place, "insutype": insutype, "psn_type": psn_type, "psn_insu_date": "2010-01-01"} | more


def enrolment(*spells: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"psn_no": PERSON, "brdy": "1980-06-15", "gend": "2", "insuinfo": list(spells) or [spell()]} | more


def filing(**more: Any) -> dict[str, Any]:
    return {"psn_no": PERSON, "insutype": "310", "category": "other_temporary", "mdtrtarea_admdvs": "310100",
            "begndate": "2026-03-01"} | more


def credit(amount: int, **more: Any) -> dict[str, Any]:
    return {"psn_no": PERSON, "insutype": "310", "crdt_amt": amount, "crdt_date": "2026-01-01"} | more


def record(type: str, data: dict[str, Any], id: str | None = None) -> Record:
    """A request as a gateway publishes it, checked at the door."""
    version = "v2" if type == "filing.requested" else "v1"
    name = type if type.rpartition(".")[2].startswith("v") else f"{type}.{version}"
    event = {"type": f"cn.yibao.{name}", "data": data, **({"id": id} if id else {})}
    return request_record(json.dumps(event).encode(), topic_map().partitions)


@dataclass
class Journey:
    """A road, and what came out of it."""

    book: Book = field(default_factory=built_in)
    requests: list[Record] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.road = Road(self.book)

    def send(self, type: str, data: dict[str, Any], id: str | None = None) -> Event:
        """The terminal event of one request."""
        return self.publish(record(type, data, id))

    def publish(self, request: Record) -> Event:
        self.requests.append(request)
        passed = list(self.road.run(request))
        self.records += passed
        return event_of(passed[-1])

    def values(self) -> list[tuple[str, bytes]]:
        return [(found.topic, found.value) for found in self.records]


def insured(*spells: dict[str, Any], balance: int = 0, **more: Any) -> Journey:
    """A road on which the person is enrolled already, with a balance on the account."""
    journey = Journey()
    journey.send("enrolment.recorded", enrolment(*spells, **more))
    if balance:
        journey.send("account.credited", credit(balance), id="credit-1")
    return journey


def codes(section: Any) -> list[str]:
    """The codes of the reasons of a section, in their order."""
    return [reason.code for reason in section.reasons]


def last_section(event: Event) -> Any:
    """The section of the last stage that decided."""
    body = event.body
    names: Sequence[str] = ("settled", "priced", "checked", "filed")
    return next(section for name in names if (section := getattr(body, name, None)) is not None)


def reimbursement(*lines: dict[str, Any], invoices: Sequence[tuple[str, int]] | None = None, **more: Any) -> dict[str, Any]:
    """A visit at a community centre of 克拉玛依 on 2026-03-05, paid in full and claimed at the window on 2026-04-02; 100 yuan of a
    drug in full and one invoice where nothing else is given."""
    bill = claim(*lines, day=more.pop("day", "2026-03-05"))
    day = more.pop("applied", "2026-04-02")
    found = invoices if invoices is not None else [("I1", bill["medfee_sumamt"])]
    return bill | {
        "setl_date": day, "appl_date": day, "manl_reim_rea": "system_fault", "payer": "self", "channel": "window",
        "materials": ["invoice_original", "diagnosis"], "acct_ref": "REF-1",
        "invoinfo": [{"invono": number, "invo_amt": amount, "invo_chk": "C1"} for number, amount in found],
    } | more
