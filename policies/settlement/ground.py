"""What a priced claim stands on in the rulebook: its plan, its benefit, and the rules of review that look at it.

Found once: it is asked for when the entries of the claim are named, and again when the claim is decided.
"""

from typing import NamedTuple

from contracts.events.claim import Checked, Claim, ClaimPriced
from contracts.reasons import Bilingual
from contracts.wire import Event
from policies.book import Book
from policies.review.bill import items_of
from policies.review.find import place_of
from policies.review.rules import Asked
from policies.settlement.entries import entry_keys
from policies.settlement.facts import chosen
from policies.settlement.plan import Benefit, Plan
from policies.settlement.sheet import NoRule


class Ground(NamedTuple):
    """``found``: plan, benefit and care; ``items``: the code of each line; ``asked``: the rules of review that look at the claim;
    ``compared``: its items that they compare with earlier claims; ``sums``: the entries of the year and of the stay."""

    found: tuple[Plan, Benefit, str]
    items: tuple[str, ...]
    asked: Asked
    compared: tuple[str, ...]
    sums: tuple[str, ...]


def ground_of(body: ClaimPriced, book: Book) -> Ground:
    """The ground of a claim. Raises NoRule."""
    claim, found = body.request, chosen(book, body.checked, body.request)
    if found is None:
        raise no_plan(body.checked, claim, f"{claim.begndate}/{claim.setl_date}")
    items = items_of(claim)
    asked = book.review_rules(place_of(body)).of(items, claim.setl_date, found[2])
    return Ground(found, items, asked, asked.compared(items), entry_keys(claim, body.checked, found[1].year_of(claim)))


def ground_kept(event: Event, book: Book) -> Ground:
    """The ground of an event's claim, kept with the event; where there is none, why. Raises NoRule."""
    if event.kept is None or event.kept[0] is not book:
        try:
            event.kept = book, ground_of(event.body, book)
        except NoRule as missing:
            event.kept = book, missing.detail
    found = event.kept[1]
    if isinstance(found, Bilingual):
        raise NoRule(*found)
    return found


def no_plan(checked: Checked, claim: Claim, day: object) -> NoRule:
    """What is said where no plan of the place pays for the care on the day."""
    place = checked.insured.insuplc_admdvs if checked.insured is not None else "-"
    return NoRule(
        f"参保地 {place}，险种 {claim.insutype}，医疗类别 {claim.med_type}，{day}",
        f"place {place}, insutype {claim.insutype}, med_type {claim.med_type}, {day}")
