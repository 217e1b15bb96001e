"""One line, split in four (identities I8 to I11 of the national interface).

amount = own expense + over the ceiling + first self-pay + in scope; each part is rounded once, the rest is in scope.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from contracts.base import holding
from contracts.events.claim import Claim, PricedLine
from contracts.money import round_half_up
from policies.pricing.terms import Terms, count_of, fen_of


class Bill:
    """What else of a bill decides on one of its lines, found when a line first asks for it."""

    __slots__ = ("_claim", "_diagnoses", "_herbs", "_lines", "_terms")

    def __init__(self, claim: Claim, lines: Sequence[Mapping[str, Any]], terms: Mapping[date, Mapping[str, Terms]]) -> None:
        """``lines``: what those of the claim hold; ``terms``: those of items, by day and code."""
        self._claim, self._lines, self._terms = claim, lines, terms
        self._diagnoses: tuple[str, ...] | None = None
        self._herbs: frozenset[str] | None = None

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The codes of the diagnoses."""
        if self._diagnoses is None:
            self._diagnoses = tuple([one.diag_code for one in self._claim.diseinfo])
        return self._diagnoses

    @property
    def herbs(self) -> frozenset[str]:
        """The herbal pieces of which something is charged after refunds."""
        if self._herbs is None:
            net: Counter[str] = Counter()
            for line in self._lines:
                if self._terms[line["fee_ocur_date"]][line["med_list_codg"]].herbal:
                    net[line["med_list_codg"]] += line["det_item_fee_sumamt"]
            self._herbs = frozenset(code for code, amount in net.items() if amount > 0)
        return self._herbs


def price_line(line: Mapping[str, Any], price: int, terms: Terms, bill: Bill) -> PricedLine:
    """The four parts of a line: what a FeeLine holds, with its scaled unit price, under the ``terms`` of its item.

    Signs follow the line (refunds).
    """
    amount = line["det_item_fee_sumamt"]
    if terms.asks or line["hosp_appr_flag"] == "2":
        note = _own_expense(line, terms, bill)
        if note is not None:
            return _own(line, terms.own, note)
    share, over = terms.share(price), 0
    if terms.ceiling is not None and price > terms.ceiling:
        if terms.over == "whole":
            return _own(line, terms.own | {"pric_uplmt": terms.paid["pric_uplmt"]}, "over_ceiling")
        over = _over(amount, fen_of(price - terms.ceiling, count_of(line["cnt"])))
    first = round_half_up((amount - over) * share.numerator, share.denominator) if share.numerator else 0
    found = terms.paid.copy()
    found["feedetl_sn"], found["selfpay_prop"], found["det_item_fee_sumamt"] = line["feedetl_sn"], share.text, amount
    found["preselfpay_amt"], found["inscp_scp_amt"] = first, amount - over - first
    if over:
        found["overlmt_amt"], found["hosp_part_amt"] = over, over if terms.over == "provider" else 0
    return holding(PricedLine, found)


def _own_expense(line: Mapping[str, Any], terms: Terms, bill: Bill) -> str | None:
    """Why the whole line is own expense whatever its price, if it is (approval: 2204, note 3)."""
    if terms.never is not None:
        return terms.never
    if line["hosp_appr_flag"] == "2" or (terms.restricted and line["hosp_appr_flag"] != "1"):
        return "not_approved"
    if terms.diagnoses and not any(code.startswith(terms.diagnoses) for code in bill.diagnoses):
        return "not_for_diagnosis"
    if not terms.alone and not bill.herbs - {line["med_list_codg"]}:
        return "herb_alone"
    return None


def _over(amount: int, above: int) -> int:
    """What the price lies ``above`` its ceiling x count, never more than the amount itself."""
    return max(0, min(above, amount)) if amount >= 0 else max(amount, min(above, 0))


def _own(line: Mapping[str, Any], blank: dict[str, Any], note: str) -> PricedLine:
    found = blank.copy()
    found["feedetl_sn"], found["note"] = line["feedetl_sn"], note
    found["det_item_fee_sumamt"] = found["fulamt_ownpay_amt"] = line["det_item_fee_sumamt"]
    return holding(PricedLine, found)
