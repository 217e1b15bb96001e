"""The third stage: each fee line split by the catalogue of the place of care (就医地目录, S001, S002).

甲 counts in full, 乙 after a first self-pay, 丙 is own expense; what lies above a price ceiling is the patient's, the
whole line own expense, or the provider's, as the catalogue says. A manual reimbursement (pay_loc 1) is priced by the
catalogue of the place of insurance.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.base import altered, made
from contracts.envelope import Record
from contracts.events.claim import CatalogueFacts, Checked, Claim, Priced, PricedLine
from contracts.events.reversal import claim_of
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer, event_of
from policies import VERSION, invoices
from policies.book import Book
from policies.due import DUE
from policies.laws import check_line, check_priced
from policies.places import MANUAL
from policies.pricing.catalogue import Catalogue
from policies.pricing.line import Bill, Scaled, price_line
from policies.pricing.terms import Terms
from policies.stage import View

SUMS = {
    "medfee_sumamt": "det_item_fee_sumamt", "fulamt_ownpay_amt": "fulamt_ownpay_amt", "overlmt_selfpay": "overlmt_amt",
    "preselfpay_amt": "preselfpay_amt", "inscp_scp_amt": "inscp_scp_amt", "hosp_part_amt": "hosp_part_amt",
}
"""The amounts of a claim, and those of its lines of which they are the sums."""


@dataclass(frozen=True, slots=True)
class PricingStage:
    """Prices checked claims and quotes; has no past."""

    book: Book
    name: str = "pricing"
    person: None = None
    entry: None = None

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        return event_of(record)

    def touches(self, event: Event) -> bool:
        return False

    def needs(self, event: Event) -> tuple[str, ...]:
        return ()

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        return ()

    def decide(self, event: Event, view: View) -> Event:
        if event.type not in DUE[self.name]:
            return event
        priced = price(claim_of(event.body.request), event.body.checked, self.book)
        kind = event.type.partition(".")[0]
        return answer(event, "pricing", f"{kind}.{'priced' if priced.verdict == 'accepted' else 'refused'}", priced)

    def fold(self, view: View, event: Event) -> View:
        return view


def price(claim: Claim, checked: Checked, book: Book) -> Priced:
    """The lines split, and their sums; or refused with every reason. The catalogue is the one of each line's day."""
    named = {"rulebook": book.digest, "policies": VERSION}
    admdvs = _priced_in(claim, checked)
    days = sorted({line.fee_ocur_date for line in claim.feedetail})
    by_day = {day: found for day in days if (found := book.catalogue(admdvs, day)) is not None}
    sizes = [Scaled.of(line) for line in claim.feedetail]
    reasons = list(_bill_reasons(claim, sizes))
    reasons += [reason("no_catalogue", "fee_ocur_date", admdvs=admdvs, date=day) for day in days if day not in by_day]
    catalogue = book.catalogue(admdvs, claim.begndate)
    if catalogue is None and not reasons:
        reasons.append(reason("no_catalogue", "begndate", admdvs=admdvs, date=claim.begndate))
    if reasons or catalogue is None:
        return Priced(verdict="refused", reasons=tuple(reasons), **named)
    lines = _lines(claim, sizes, checked, catalogue, by_day)
    parts = sums(lines)
    if negative := [reason("rounded_refund", name) for name, amount in parts.items() if amount < 0]:
        return Priced(verdict="refused", reasons=tuple(negative), **named)
    priced = made(Priced, version=2, verdict="accepted", catalogue=_facts(catalogue), lines=lines, **parts, **named)
    check_priced(priced, claim.medfee_sumamt)
    return priced


def sums(lines: tuple[PricedLine, ...]) -> dict[str, int]:
    """The sums of a claim under their names in the claim."""
    return {of_claim: sum([getattr(line, of_line) for line in lines]) for of_claim, of_line in SUMS.items()}


def _priced_in(claim: Claim, checked: Checked) -> str:
    """Whose catalogue prices the claim: the place of care's, for a manual reimbursement that of the place of insurance."""
    assert checked.provider is not None and checked.insured is not None, "only eligible claims are priced"
    return checked.insured.insuplc_admdvs if claim.pay_loc == MANUAL else checked.provider.admdvs


def _lines(
    claim: Claim, sizes: Sequence[Scaled], checked: Checked, catalogue: Catalogue, by_day: Mapping[date, Catalogue]
) -> tuple[PricedLine, ...]:
    """Each line under the catalogue of its day; one priced by another version than ``catalogue`` names it."""
    assert checked.provider is not None, "only eligible claims are priced"
    level, insutype = checked.provider.lmtpric_hosp_lv, claim.insutype
    terms = [by_day[line.fee_ocur_date].terms(line.med_list_codg, level, insutype) for line in claim.feedetail]
    bill = Bill(tuple(one.diag_code for one in claim.diseinfo), _herbs(claim, terms))
    lines = []
    for line, size, of_line in zip(claim.feedetail, sizes, terms, strict=True):
        priced, used = price_line(line, size, of_line, bill), by_day[line.fee_ocur_date]
        if used is not catalogue:
            priced = altered(priced, ctlg_begndate=used.begndate)
        check_line(priced)
        lines.append(priced)
    return tuple(lines)


def _herbs(claim: Claim, terms: list[Terms]) -> frozenset[str]:
    """The herbal pieces of which something is charged after refunds."""
    net: Counter[str] = Counter()
    for line, of_line in zip(claim.feedetail, terms, strict=True):
        if of_line.herbal:
            net[line.med_list_codg] += line.det_item_fee_sumamt
    return frozenset(code for code, amount in net.items() if amount > 0)


def _facts(catalogue: Catalogue) -> CatalogueFacts:
    return made(CatalogueFacts, admdvs=catalogue.admdvs, begndate=catalogue.begndate, source=catalogue.source)


def _bill_reasons(claim: Claim, sizes: Sequence[Scaled]) -> Iterator[Reason]:
    """What is wrong with the bill itself: numbers twice, amounts that are not price x count, refunds, the total."""
    numbers = [line.feedetl_sn for line in claim.feedetail]
    if len(set(numbers)) < len(numbers):
        yield from (reason("duplicate_line", "feedetail", sn=number) for number, times in Counter(numbers).items() if times > 1)
    net: dict[tuple[str, int], int] = {}
    for place, (line, size) in enumerate(zip(claim.feedetail, sizes, strict=True)):
        amount, product = line.det_item_fee_sumamt, size.fen()
        if not -1 <= product - amount <= 1:
            yield reason("line_amount", f"feedetail.{place}.det_item_fee_sumamt", sn=line.feedetl_sn, amount=amount, product=product)
        item = line.med_list_codg, size.price
        net[item] = net.get(item, 0) + amount
    yield from (reason("negative_net", "feedetail", item=item) for (item, _), amount in net.items() if amount < 0)
    total = sum(line.det_item_fee_sumamt for line in claim.feedetail)
    if total != claim.medfee_sumamt:
        yield reason("sum_mismatch", "medfee_sumamt", sum=total, total=claim.medfee_sumamt)
    yield from invoices.wrong(claim)
