"""Bills for rules of review, written short: what a test does not name has a plain value and breaks no rule."""

from datetime import date
from typing import Any

from contracts.events.claim import Checked, FeeLine, PersonFacts, Priced, PricedLine, ProviderFacts
from contracts.events.enrolment import Spell
from contracts.events.finding import Dispensed, Recent
from policies.pricing.stage import sums
from policies.review.bill import Bill
from policies.review.rule import Head, Hit, Rule
from tests.policies.requests import KARAMAY_1, claim, line, model

DAY = date(2026, 3, 5)
NAMED = {"rulebook": "0" * 64, "policies": "0.0.0"}
ANY = Head("r", "规则", "rule", "note", None, frozenset(), (), date(2020, 1, 1), None, "example")


def head(*items: str, **more: Any) -> Head:
    """The head of a rule about ``items``."""
    fields = {name: getattr(ANY, name) for name in ANY.__slots__} | {"items": items} | more
    return Head(**fields)


def fee(amount: int, item: str = "A", sn: str = "1", day: str = "2026-03-05", **more: Any) -> dict[str, Any]:
    return line(amount, item, sn, fee_ocur_date=day, **more)


def priced(*lines: PricedLine) -> Priced:
    return Priced(verdict="accepted", lines=lines, **sums(lines), **NAMED)


def in_scope(of: FeeLine, **parts: Any) -> PricedLine:
    """A line that is in scope but for the ``parts`` given."""
    amount = of.det_item_fee_sumamt
    taken = sum(parts.get(name, 0) for name in ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt"))
    found = {"fulamt_ownpay_amt": 0, "overlmt_amt": 0, "preselfpay_amt": 0, "inscp_scp_amt": amount - taken} | parts
    return PricedLine(feedetl_sn=of.feedetl_sn, name="x", chrgitm_lv="01", selfpay_prop="0", det_item_fee_sumamt=amount, **found)


def bill(
    *lines: dict[str, Any], parts: dict[str, dict[str, Any]] | None = None, brdy: date | None = date(1980, 6, 15), gend: str | None = "2",
    level: str = "1", dispensed: tuple[Dispensed, ...] = (), recent: tuple[Recent, ...] = (), care: str = "outpatient", **of_claim: Any,
) -> Bill:
    """A bill of ``lines``; ``parts`` of the priced lines by their numbers."""
    asked = model(claim(*lines, **of_claim))
    provider = ProviderFacts(
        fixmedins_code=KARAMAY_1, name="x", admdvs="650200", hosp_lv="8", dedc_hosp_lv="1", lmtpric_hosp_lv=level, source="example")
    checked = Checked(
        verdict="accepted", facts=PersonFacts(brdy=brdy, gend=gend), provider=provider, place="home",
        insured=Spell(insuplc_admdvs="650200", insutype="310", psn_type="11", psn_insu_date=date(2010, 1, 1)), **NAMED)
    of = priced(*(in_scope(one, **(parts or {}).get(one.feedetl_sn, {})) for one in asked.feedetail))
    return Bill(asked, checked, of, care, asked.med_type == "21", dispensed, recent)


def earlier(item: str, day: date, provider: str = KARAMAY_1, setl_id: str = "s1") -> Dispensed:
    return Dispensed(med_list_codg=item, setl_id=setl_id, fixmedins_code=provider, date=day)


def care_of(begndate: date, enddate: date, stay: bool = True, provider: str = "H9", mdtrt_id: str = "M9", **more: Any) -> Recent:
    return Recent(setl_id="s9", fixmedins_code=provider, mdtrt_id=mdtrt_id, begndate=begndate, enddate=enddate, stay=stay, **more)


def told(rule: Rule, of: Bill) -> list[tuple[str, dict[str, int], int]]:
    """Code, lines with fen at stake, and the amount beside lines, of each hit."""
    return [_told(hit) for hit in rule.find(of)]


def _told(hit: Hit) -> tuple[str, dict[str, int], int]:
    return hit.code, {one.line.feedetl_sn: amount for one, amount in hit.lines}, hit.amount
