"""The third stage: each fee line split by the catalogue of the place of care (就医地目录, S001, S002).

甲 counts in full, 乙 after a first self-pay, 丙 is own expense; what lies above a price ceiling is the patient's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from contracts.envelope import Record
from contracts.events.claim import CatalogueFacts, Claim, FeeLine, Priced, PricedLine, ProviderFacts
from contracts.money import price_times_count
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer, event_of
from policies import VERSION
from policies.book import Book
from policies.laws import check_line, check_priced
from policies.pricing.catalogue import Catalogue
from policies.pricing.line import price_line
from policies.stage import View


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

    def decide(self, event: Event, view: View) -> Event:
        if event.type not in ("claim.checked", "quote.checked"):
            return event
        priced = price(event.body.request, event.body.checked.provider, self.book)
        kind = event.type.partition(".")[0]
        return answer(event, "pricing", f"{kind}.{'priced' if priced.verdict == 'accepted' else 'refused'}", priced)

    def fold(self, view: View, event: Event) -> View:
        return view


def price(claim: Claim, provider: ProviderFacts, book: Book) -> Priced:
    """The lines split, and their sums; or refused with every reason. The catalogue is the one of each line's day."""
    named = {"rulebook": book.digest, "policies": VERSION}
    catalogue = book.catalogue(provider.admdvs, claim.begndate)
    reasons = list(_bill_reasons(claim))
    days = {line.fee_ocur_date for line in claim.feedetail}
    by_day = {day: book.catalogue(provider.admdvs, day) for day in sorted(days)}
    reasons += [
        reason("no_catalogue", "fee_ocur_date", admdvs=provider.admdvs, date=day)
        for day, found in by_day.items() if found is None
    ]
    if catalogue is None and not reasons:
        reasons.append(reason("no_catalogue", "begndate", admdvs=provider.admdvs, date=claim.begndate))
    if reasons or catalogue is None:
        return Priced(verdict="refused", reasons=tuple(reasons), **named)
    lines = tuple(_line(line, by_day[line.fee_ocur_date], provider) for line in claim.feedetail)
    parts = sums(lines)
    if negative := [reason("negative_net", name, item=name) for name, amount in parts.items() if amount < 0]:
        return Priced(verdict="refused", reasons=tuple(negative), **named)  # refunds rounded apart from what they refund
    priced = Priced(verdict="accepted", catalogue=_facts(catalogue), lines=lines, **parts, **named)
    check_priced(priced, claim.medfee_sumamt)
    return priced


def sums(lines: tuple[PricedLine, ...]) -> dict[str, int]:
    """The sums of a claim under their names in the claim."""
    return {
        "medfee_sumamt": sum(line.det_item_fee_sumamt for line in lines),
        "fulamt_ownpay_amt": sum(line.fulamt_ownpay_amt for line in lines),
        "overlmt_selfpay": sum(line.overlmt_amt for line in lines),
        "preselfpay_amt": sum(line.preselfpay_amt for line in lines),
        "inscp_scp_amt": sum(line.inscp_scp_amt for line in lines),
    }


def _line(line: FeeLine, catalogue: Catalogue, provider: ProviderFacts) -> PricedLine:
    priced = price_line(line, catalogue.item(line.med_list_codg), provider.lmtpric_hosp_lv)
    check_line(priced)
    return priced


def _facts(catalogue: Catalogue) -> CatalogueFacts:
    return CatalogueFacts(admdvs=catalogue.admdvs, begndate=catalogue.begndate, source=catalogue.source)


def _bill_reasons(claim: Claim) -> Iterator[Reason]:
    """What is wrong with the bill itself: numbers twice, amounts that are not price x count, refunds, the total."""
    numbers = Counter(line.feedetl_sn for line in claim.feedetail)
    for number, times in numbers.items():
        if times > 1:
            yield reason("duplicate_line", "feedetail", sn=number)
    net: Counter[tuple[str, str]] = Counter()
    for place, line in enumerate(claim.feedetail):
        product = price_times_count(Decimal(line.pric), Decimal(line.cnt))
        if abs(product - line.det_item_fee_sumamt) > 1:
            field = f"feedetail.{place}.det_item_fee_sumamt"
            yield reason("line_amount", field, sn=line.feedetl_sn, amount=line.det_item_fee_sumamt, product=product)
        net[line.med_list_codg, line.pric] += line.det_item_fee_sumamt
    for (item, _), amount in net.items():
        if amount < 0:
            yield reason("negative_net", "feedetail", item=item)
    total = sum(line.det_item_fee_sumamt for line in claim.feedetail)
    if total != claim.medfee_sumamt:
        yield reason("sum_mismatch", "medfee_sumamt", sum=total, total=claim.medfee_sumamt)
