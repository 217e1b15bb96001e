"""The third stage: each fee line split by the catalogue of the place of care (就医地目录, S001, S002).

甲 counts in full, 乙 after a first self-pay, 丙 is own expense; what lies above a price ceiling is the patient's, the
whole line own expense, or the provider's, as the catalogue says. A manual reimbursement (pay_loc 1) is priced by the
catalogue of the place of insurance.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from contracts.base import HELD, altered, filled
from contracts.envelope import Record
from contracts.events.claim import Checked, Claim, Priced, PricedLine
from contracts.events.reversal import claim_of
from contracts.money import PRICE_PLACES
from contracts.reasons import Reason, reason
from contracts.wire import Event, answer, event_of
from policies import VERSION, invoices
from policies.book import Book
from policies.due import DUE
from policies.laws import check_line, check_priced
from policies.places import MANUAL
from policies.pricing.catalogue import Catalogue
from policies.pricing.line import Bill, price_line
from policies.pricing.terms import FEN_SCALE, count_of, fen_of, scaled
from policies.stage import View

SUMS = {
    "medfee_sumamt": "det_item_fee_sumamt", "fulamt_ownpay_amt": "fulamt_ownpay_amt", "overlmt_selfpay": "overlmt_amt",
    "preselfpay_amt": "preselfpay_amt", "inscp_scp_amt": "inscp_scp_amt", "hosp_part_amt": "hosp_part_amt",
}
"""The amounts of a claim, and those of its lines of which they are the sums."""
_AMOUNTS = itemgetter(*SUMS.values())
Held = Mapping[str, Any]
"""What a line holds: an attribute of a model costs twice as much to read, and a line is read a dozen times."""


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
    billed: list[Held] = [*map(HELD, claim.feedetail)]
    days = sorted({held["fee_ocur_date"] for held in billed})
    by_day = {day: found for day in days if (found := book.catalogue(admdvs, day)) is not None}
    prices = [scaled(held["pric"], PRICE_PLACES) for held in billed]
    reasons = list(_bill_reasons(claim, billed, prices))
    reasons += [reason("no_catalogue", "fee_ocur_date", admdvs=admdvs, date=day) for day in days if day not in by_day]
    if days[0] < claim.begndate or days[-1] > claim.setl_date:
        reasons += _strange_days(claim)
    catalogue = by_day.get(claim.begndate) or book.catalogue(admdvs, claim.begndate)
    if catalogue is None and not reasons:
        reasons.append(reason("no_catalogue", "begndate", admdvs=admdvs, date=claim.begndate))
    if reasons or catalogue is None:
        return Priced(verdict="refused", reasons=tuple(reasons), **named)
    lines, amounts = _lines(claim, billed, prices, checked, catalogue, by_day)
    parts = _sums(amounts)
    if min(parts.values()) < 0:
        negative = [reason("rounded_refund", name) for name, amount in parts.items() if amount < 0]
        return Priced(verdict="refused", reasons=tuple(negative), **named)
    priced = filled(Priced, {"verdict": "accepted", "catalogue": catalogue.facts, "lines": lines, **parts, **named})
    check_priced(priced, claim.medfee_sumamt)
    return priced


def _strange_days(claim: Claim) -> list[Reason]:
    """The days of fees that lie before the care, or behind its settlement."""
    strange = {line.fee_ocur_date: line.feedetl_sn for line in reversed(claim.feedetail)
               if not claim.begndate <= line.fee_ocur_date <= claim.setl_date}
    return [reason("fee_day_strange", "fee_ocur_date", sn=strange[day], date=day, first=claim.begndate, last=claim.setl_date)
            for day in sorted(strange)]


def sums(lines: tuple[PricedLine, ...]) -> dict[str, int]:
    """The sums of a claim, which has lines, under their names in the claim."""
    return _sums(map(_AMOUNTS, map(HELD, lines)))


def _sums(amounts: Iterable[Sequence[int]]) -> dict[str, int]:
    """The sums of the amounts of lines, each in the order of SUMS."""
    return dict(zip(SUMS, map(sum, zip(*amounts, strict=True)), strict=True))


def _priced_in(claim: Claim, checked: Checked) -> str:
    """Whose catalogue prices the claim: the place of care's, for a manual reimbursement that of the place of insurance."""
    assert checked.provider is not None and checked.insured is not None, "only eligible claims are priced"
    return checked.insured.insuplc_admdvs if claim.pay_loc == MANUAL else checked.provider.admdvs


def _lines(
    claim: Claim, billed: Sequence[Held], prices: Sequence[int], checked: Checked, catalogue: Catalogue,
    by_day: Mapping[date, Catalogue],
) -> tuple[tuple[PricedLine, ...], list[tuple[int, ...]]]:
    """Each line under the catalogue of its day, and its amounts; one priced by another version than ``catalogue`` names it."""
    assert checked.provider is not None, "only eligible claims are priced"
    level, insutype = checked.provider.lmtpric_hosp_lv, claim.insutype
    terms = {day: found.terms(level, insutype) for day, found in by_day.items()}
    others = {day: found for day, found in by_day.items() if found is not catalogue}
    bill = Bill(claim, billed, terms)
    lines: list[PricedLine] = []
    amounts: list[tuple[int, ...]] = []
    for held, price in zip(billed, prices, strict=True):
        day = held["fee_ocur_date"]
        priced = price_line(held, price, terms[day][held["med_list_codg"]], bill)
        if others and day in others:
            priced = altered(priced, ctlg_begndate=others[day].begndate)
        amounts.append(check_line(priced))
        lines.append(priced)
    return tuple(lines), amounts


def _bill_reasons(claim: Claim, billed: Sequence[Held], prices: Sequence[int]) -> Iterator[Reason]:
    """What is wrong with the bill itself: numbers twice, amounts that are not price x count, refunds, the total."""
    numbers, amounts = [held["feedetl_sn"] for held in billed], [held["det_item_fee_sumamt"] for held in billed]
    if len(set(numbers)) < len(numbers):
        yield from (reason("duplicate_line", "feedetail", sn=number) for number, times in Counter(numbers).items() if times > 1)
    for place, (held, amount, price) in enumerate(zip(billed, amounts, prices, strict=True)):
        count = count_of(held["cnt"])
        if abs(price * count - amount * FEN_SCALE) <= FEN_SCALE:
            continue  # within a fen already before it is rounded
        if not -1 <= (product := fen_of(price, count)) - amount <= 1:
            field = f"feedetail.{place}.det_item_fee_sumamt"
            yield reason("line_amount", field, sn=numbers[place], amount=amount, product=product)
    if min(amounts) < 0:
        yield from _refunds(billed, prices)
    total = sum(amounts)
    if total != claim.medfee_sumamt:
        yield reason("sum_mismatch", "medfee_sumamt", sum=total, total=claim.medfee_sumamt)
    yield from invoices.wrong(claim)


def _refunds(billed: Sequence[Held], prices: Sequence[int]) -> Iterator[Reason]:
    """No more of an item is given back than was charged at that price."""
    net: Counter[tuple[str, int]] = Counter()
    for held, price in zip(billed, prices, strict=True):
        net[held["med_list_codg"], price] += held["det_item_fee_sumamt"]
    yield from (reason("negative_net", "feedetail", item=item) for (item, _), amount in net.items() if amount < 0)
