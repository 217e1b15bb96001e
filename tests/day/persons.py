"""A person of the day, and the requests about the person written short. Amounts are fen."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.wire import Event
from services.generator.dice import Dice

DAY = "2026-03-05"
DRUG = "XA02BCA101A010010100001"  # 甲, no ceiling anywhere


@dataclass(frozen=True, slots=True)
class Home:
    """A place of insurance with the type of insurance, and care there that its plan pays: provider and type of care."""

    admdvs: str
    insutype: str
    psn_type: str
    provider: str
    med_type: str


KARAMAY = Home("650200", "310", "11", "H65020000102", "11")
HENGYANG = Home("430400", "310", "11", "H43040000102", "11")
SHAOYANG = Home("430500", "310", "11", "H43050000102", "11")
ZHENGZHOU = Home("410100", "310", "11", "H41010500103", "21")
ZHENGZHOU_390 = Home("410100", "390", "15", "H41010500103", "21")
NANCHANG = Home("360100", "390", "15", "H36010000101", "11")
JIUJIANG = Home("360400", "390", "15", "H36040000101", "11")
BIJIE = Home("520500", "390", "15", "H52050000102", "11")
XIANNING = Home("421200", "310", "11", "H42120000102", "52")
ZHANGJIAKOU = Home("130700", "310", "11", "H11010500001", "11")  # its plan pays care elsewhere only
BEIJING, BEIJING_2, BEIJING_ENDED, BEIJING_VISITS, BEIJING_CARDS = (
    "H11010500001", "H11010200002", "H11010100004", "H11010800003", "H11010700006",
)
SHANGHAI, GUANGZHOU = "H31011500103", "H44010600103"


@dataclass(frozen=True, slots=True)
class Step:
    """A request: ``part`` of the day (given, refused, remedy, settled), its type with version, its body. ``code``: of a refusal."""

    part: str
    type: str
    data: dict[str, Any]
    code: str = ""


Matter = Generator[Step, Event, None]
"""What happens to one person: yields steps, and is sent the verdict on each."""


@dataclass(frozen=True, slots=True)
class Person:
    """``number`` of the day, from 1 on; ``amount``: of the bill in fen, whole yuan."""

    number: int
    home: Home
    amount: int
    brdy: str
    gend: str

    @property
    def psn_no(self) -> str:
        return f"P{self.home.admdvs}-D{self.number:03}"

    def enrolment(self, *more_spells: dict[str, Any], spell: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        home = self.home
        first = {"insuplc_admdvs": home.admdvs, "insutype": home.insutype, "psn_type": home.psn_type, "psn_insu_date": "2012-01-01"}
        return {"psn_no": self.psn_no, "brdy": self.brdy, "gend": self.gend, "insuinfo": [first | (spell or {}), *more_spells], **more}

    def enrolled(self, **more: Any) -> Step:
        return Step("given", "enrolment.recorded.v2", self.enrolment(**more))

    def claim(self, provider: str | None = None, lines: Sequence[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
        """The bill of the day: a visit, or a stay of a week that ends on the day."""
        stay = more.get("med_type", self.home.med_type) in ("21", "52")
        bill = [dict(one) for one in lines] if lines else [self.line()]
        return {
            "psn_no": self.psn_no, "insutype": self.home.insutype, "fixmedins_code": provider or self.home.provider,
            "mdtrt_id": f"V{self.number:03}", "med_type": self.home.med_type, "begndate": "2026-02-26" if stay else DAY, "enddate": DAY,
            "setl_date": DAY, "medfee_sumamt": sum(one["det_item_fee_sumamt"] for one in bill), "acct_used_flag": "0",
            "feedetail": bill,
        } | ({"matn_type": "1"} if self.home.med_type == "52" else {}) | more

    def line(self, amount: int | None = None, item: str = DRUG, sn: str = "1", **more: Any) -> dict[str, Any]:
        amount = self.amount if amount is None else amount
        return {"feedetl_sn": sn, "fee_ocur_date": DAY, "med_list_codg": item, "det_item_fee_sumamt": amount, "cnt": "1",
                "pric": f"{abs(amount) // 100}.{abs(amount) % 100:02}", **more}

    def filing(self, area: str, category: str = "other_temporary", **more: Any) -> dict[str, Any]:
        return {"psn_no": self.psn_no, "insutype": self.home.insutype, "category": category, "mdtrtarea_admdvs": area, "begndate": DAY} | more

    def by_hand(self, why: str, provider: str | None = None, **more: Any) -> dict[str, Any]:
        """The same bill claimed by hand, on the day."""
        invoice = {"invono": f"I-{self.number:03}", "invo_amt": self.amount, "invo_chk": f"C{self.number}"}
        return self.claim(provider) | {
            "manl_reim_rea": why, "payer": "self", "appl_date": DAY, "channel": "window", "acct_ref": f"REF-{self.number}",
            "materials": ["invoice_original", "diagnosis"], "invoinfo": [invoice],
        } | more

    def credit(self, amount: int, **more: Any) -> dict[str, Any]:
        return {"psn_no": self.psn_no, "insutype": "310", "crdt_amt": amount, "crdt_date": DAY, **more}


def claims(data: dict[str, Any], code: str) -> Step:
    """A claim that is refused with ``code``."""
    return Step("refused", "claim.submitted.v2", data, code)


def settles(data: dict[str, Any]) -> Step:
    return Step("settled", "claim.submitted.v2", data)


def files(data: dict[str, Any], part: str = "remedy") -> Step:
    return Step(part, "filing.requested.v3", data)


def born(dice: Dice) -> str:
    return f"{dice.between(1960, 2004)}-{dice.between(1, 12):02}-{dice.between(1, 28):02}"
