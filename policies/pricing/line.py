"""One line, split in four (identities I8 to I11 of the national interface).

amount = own expense + over the ceiling + first self-pay + in scope; each part is rounded once, the rest is in scope.
"""

from dataclasses import dataclass
from typing import NamedTuple

from contracts.base import altered
from contracts.events.claim import FeeLine, PricedLine
from contracts.money import COUNT_PLACES, PRICE_PLACES, round_half_up
from policies.pricing.terms import FEN_SCALE, Terms, scaled


@dataclass(frozen=True, slots=True)
class Bill:
    """What else of a bill decides on one of its lines: diagnoses, and the herbal pieces charged (net of refunds)."""

    diagnoses: tuple[str, ...] = ()
    herbs: frozenset[str] = frozenset()


class Scaled(NamedTuple):
    """Unit price and count of a line, each as a whole number of its last decimal."""

    price: int
    count: int

    @classmethod
    def of(cls, line: FeeLine) -> "Scaled":
        return cls(scaled(line.pric, PRICE_PLACES), scaled(line.cnt, COUNT_PLACES))

    def fen(self) -> int:
        """Price x count (I9)."""
        return round_half_up(self.price * self.count, FEN_SCALE)


def price_line(line: FeeLine, size: Scaled, terms: Terms, bill: Bill) -> PricedLine:
    """The four parts of ``line`` under the ``terms`` of its item. Signs follow the line (refunds)."""
    amount = line.det_item_fee_sumamt
    note = _own_expense(line, terms, bill)
    if note is not None:
        return _own(line, terms.own, note)
    above = 0 if terms.ceiling is None else max(0, size.price - terms.ceiling)
    if above and terms.over == "whole":
        return _own(line, altered(terms.own, pric_uplmt=terms.paid.pric_uplmt), "over_ceiling")
    over = _over(amount, Scaled(above, size.count)) if above else 0
    share = terms.share(size.price)
    first = round_half_up((amount - over) * share.numerator, share.denominator)
    return altered(
        terms.paid, feedetl_sn=line.feedetl_sn, selfpay_prop=share.text, det_item_fee_sumamt=amount, overlmt_amt=over,
        preselfpay_amt=first, inscp_scp_amt=amount - over - first, hosp_part_amt=over if terms.over == "provider" else 0,
    )


def _own_expense(line: FeeLine, terms: Terms, bill: Bill) -> str | None:
    """Why the whole line is own expense whatever its price, if it is (approval: 2204, note 3)."""
    if terms.never is not None:
        return terms.never
    if line.hosp_appr_flag == "2" or (terms.restricted and line.hosp_appr_flag != "1"):
        return "not_approved"
    if terms.diagnoses and not any(code.startswith(terms.diagnoses) for code in bill.diagnoses):
        return "not_for_diagnosis"
    if not terms.alone and not bill.herbs - {line.med_list_codg}:
        return "herb_alone"
    return None


def _over(amount: int, above: Scaled) -> int:
    """What the price lies ``above`` its ceiling x count, never more than the amount itself."""
    lower, upper = sorted((0, amount))
    return max(lower, min(above.fen(), upper))


def _own(line: FeeLine, blank: PricedLine, note: str) -> PricedLine:
    amount = line.det_item_fee_sumamt
    return altered(blank, feedetl_sn=line.feedetl_sn, det_item_fee_sumamt=amount, fulamt_ownpay_amt=amount, note=note)
