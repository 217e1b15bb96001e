"""Bills: fee lines of the items of the catalogue at the place of care, each price x count rounded half-up to the fen."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.money import round_half_up
from policies.book import Book
from policies.pricing.catalogue import Catalogue, Item
from policies.providers import Provider
from services.generator.dice import Dice, deck
from services.generator.mix import FIRST, FIRST_DAY, FITS, KINDS, NOT_APPROVED, OTHER, REFUNDS, UNLISTED, UNLISTED_CODE, Kind

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """An item at a level of provider. ``low``, ``high``: unit price in units of its last decimal."""

    code: str
    kind: Kind
    low: int
    high: int
    restricted: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a place offers for one kind of care. ``first``: what every bill begins with; ``rest``: drawn from by weight."""

    first: tuple[tuple[Offer, ...], ...]
    rest: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """What decides which items are ordered."""

    diagnosis: str
    age: int
    level: str

    def takes(self, code: str) -> bool:
        return all(fit.suits(self.diagnosis, self.age, self.level) for fit in FITS if code.startswith(fit.codes))


UNLISTED_OFFER = Offer(UNLISTED_CODE, OTHER, *OTHER.price, False)


class Shelves:
    """The shelf of each catalogue, level and kind of care, made once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._made: dict[tuple[str, str, str], Shelf] = {}

    def at(self, provider: Provider, kind: str) -> Shelf:
        """The shelf of a provider for ``outpatient`` care, ``inpatient`` care or a ``pharmacy``."""
        catalogue = self._book.catalogue(provider.admdvs, FIRST_DAY)
        if catalogue is None:
            raise LookupError(f"no catalogue covers {provider.admdvs} on {FIRST_DAY}; add one to the rulebook")
        key = (catalogue.admdvs, provider.lmtpric_hosp_lv, kind)
        if key not in self._made:
            self._made[key] = _shelf(catalogue, provider.lmtpric_hosp_lv, kind)
        return self._made[key]


def bill(
    dice: Dice, shelf: Shelf, patient: Patient, days: tuple[date, date], size: tuple[int, int], kind: str
) -> tuple[list[Line], int]:
    """The lines of a visit or stay, from and to so many, and their sum in fen."""
    wanted = dice.between(*size)
    refund = dice.happens(REFUNDS[kind])
    begndate, length = days[0], (days[1] - days[0]).days
    dates = [(begndate + timedelta(days=n)).isoformat() for n in range(length + 1)]
    lines: list[Line] = []
    seen: set[tuple[str | None, ...]] = set()
    for number in range(wanted - refund):
        day = dates[number * length // wanted]
        line, before = None, len(seen)
        while line is None or len(seen) == before:  # what is charged twice is a finding of review
            offer = dice.pick(shelf.first[number]) if number < len(shelf.first) else _drawn(dice, shelf, patient)
            line = _line(dice, offer, number + 1, day, max(1, length))
            seen.add((day, offer.code, line["cnt"], line["pric"], line.get("hosp_appr_flag")))
        lines.append(line)
    if refund:
        lines.append(_taken_back(dice, dice.pick(lines), wanted, dates[-1]))
    return lines, sum(line["det_item_fee_sumamt"] for line in lines)


def _shelf(catalogue: Catalogue, level: str, kind: str) -> Shelf:
    offers = [_offer(item, level) for _, item in sorted(catalogue.items.items())]
    first = [tuple(offer for offer in offers if offer.kind.name == name) for name in FIRST[kind]]
    rest = deck([(offer, getattr(offer.kind, kind)) for offer in offers])
    if not rest:
        raise LookupError(f"the catalogue of {catalogue.admdvs} has nothing for {kind} care; add items to the rulebook")
    return Shelf(tuple(found for found in first if found), rest)


def _offer(item: Item, level: str) -> Offer:
    """Prices lie around the ceiling where there is one (70 % to 120 %), else where the kind says."""
    code = item.med_list_codg
    kind = next((kind for kind in KINDS if code.startswith(kind.codes)), OTHER)
    ceiling = item.ceiling(level)
    low, high = kind.price if ceiling is None else (int(ceiling * 70), int(ceiling * 120))
    unit = 10 ** (kind.places - 2)
    return Offer(code, kind, low * unit, high * unit, item.restricted)


def _drawn(dice: Dice, shelf: Shelf, patient: Patient) -> Offer:
    while not patient.takes((offer := UNLISTED_OFFER if dice.happens(UNLISTED) else dice.pick(shelf.rest)).code):
        pass
    return offer


def _line(dice: Dice, offer: Offer, number: int, day: str, days: int) -> Line:
    kind = offer.kind
    price = dice.between(offer.low, offer.high)
    count = days if kind.daily else dice.between(1, kind.most)
    scale = 10**kind.places
    line = {
        "feedetl_sn": str(number),
        "fee_ocur_date": day,
        "med_list_codg": offer.code,
        "det_item_fee_sumamt": round_half_up(price * count * 100, scale),
        "cnt": str(count),
        "pric": f"{price // scale}.{price % scale:0{kind.places}d}",
    }
    if offer.restricted and dice.happens(NOT_APPROVED):
        line["hosp_appr_flag"] = "0"
    return line


def _taken_back(dice: Dice, line: Line, number: int, day: str) -> Line:
    """A refund of part of ``line``, at its price: the same item, count and amount negative."""
    count = dice.between(1, int(line["cnt"]))
    whole, _, part = line["pric"].partition(".")
    amount = round_half_up(int(whole + part) * count * 100, 10 ** len(part))
    return {
        **line, "feedetl_sn": str(number), "fee_ocur_date": day, "cnt": f"-{count}", "det_item_fee_sumamt": -amount,
    }
