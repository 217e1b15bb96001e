"""One line, split in four (identities I8 to I11 of the national interface).

amount = own expense + over the ceiling + first self-pay + in scope; each part is rounded once, the rest is in scope.
"""

from dataclasses import dataclass

from contracts.base import altered, holding
from contracts.events.claim import FeeLine, PricedLine
from contracts.money import round_half_up
from policies.pricing.terms import Terms, count_of, fen_of

NO_HERBS = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Bill:
    """What else of a bill decides on one of its lines: diagnoses, and the herbal pieces charged (net of refunds)."""

    diagnoses: tuple[str, ...] = ()
    herbs: frozenset[str] = NO_HERBS


def price_line(line: FeeLine, price: int, terms: Terms, bill: Bill) -> PricedLine:
    """The four parts of ``line``, of this scaled unit price, under the ``terms`` of its item. Signs follow the line (refunds)."""
    amount = line.det_item_fee_sumamt
    if terms.asks or line.hosp_appr_flag == "2":
        note = _own_expense(line, terms, bill)
        if note is not None:
            return _own(line, terms.own, note)
    share, over = terms.share(price), 0
    if terms.ceiling is not None and price > terms.ceiling:
        if terms.over == "whole":
            return _own(line, altered(terms.own, pric_uplmt=terms.paid.pric_uplmt), "over_ceiling")
        over = _over(amount, fen_of(price - terms.ceiling, count_of(line.cnt)))
    first = round_half_up((amount - over) * share.numerator, share.denominator)
    values = terms.paid.__dict__.copy()  # 2 % of the stage less than to alter a model
    values["feedetl_sn"], values["selfpay_prop"], values["det_item_fee_sumamt"] = line.feedetl_sn, share.text, amount
    values["preselfpay_amt"], values["inscp_scp_amt"] = first, amount - over - first
    if over:
        values["overlmt_amt"], values["hosp_part_amt"] = over, over if terms.over == "provider" else 0
    return holding(PricedLine, values)


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


def _over(amount: int, above: int) -> int:
    """What the price lies ``above`` its ceiling x count, never more than the amount itself."""
    return max(0, min(above, amount)) if amount >= 0 else max(amount, min(above, 0))


def _own(line: FeeLine, blank: PricedLine, note: str) -> PricedLine:
    amount = line.det_item_fee_sumamt
    return altered(blank, feedetl_sn=line.feedetl_sn, det_item_fee_sumamt=amount, fulamt_ownpay_amt=amount, note=note)
