"""One line, split in four (identities I8 to I11 of the national interface).

amount = own expense + over the ceiling + first self-pay + in scope; each part is rounded once, the rest is in scope.
"""

from decimal import Decimal

from contracts.base import ratio_text
from contracts.events.claim import FeeLine, PricedLine
from contracts.money import price_times_count, times
from policies.pricing.catalogue import Item

ONE, NOTHING = Decimal(1), Decimal(0)


def price_line(line: FeeLine, item: Item | None, level: str) -> PricedLine:
    """The four parts of ``line`` at a provider of ``level`` for price ceilings. Signs follow the line (refunds)."""
    amount = line.det_item_fee_sumamt
    note = _own_expense(line, item)
    if item is None or note is not None:
        return _split(line, item, own=amount, over=0, first=0, note=note)
    ceiling = item.ceiling(level)
    over = _over(line, ceiling)
    first = times(amount - over, item.selfpay_prop)
    return _split(line, item, own=0, over=over, first=first, note=None, ceiling=ceiling)


def _own_expense(line: FeeLine, item: Item | None) -> str | None:
    """Why the whole line is own expense, if it is: 丙, not in the catalogue, or not approved (2204, note 3)."""
    if item is None:
        return "not_listed"
    if item.chrgitm_lv == "03":
        return "class_c"
    if line.hosp_appr_flag == "2" or (item.restricted and line.hosp_appr_flag != "1"):
        return "not_approved"
    return None


def _over(line: FeeLine, ceiling: Decimal | None) -> int:
    """(price - ceiling) x count, never more than the amount itself."""
    price = Decimal(line.pric)
    if ceiling is None or price <= ceiling:
        return 0
    over = price_times_count(price - ceiling, Decimal(line.cnt))
    lower, upper = sorted((0, line.det_item_fee_sumamt))
    return max(lower, min(over, upper))


def _split(
    line: FeeLine, item: Item | None, own: int, over: int, first: int, note: str | None, ceiling: Decimal | None = None
) -> PricedLine:
    share = NOTHING if item is None else item.selfpay_prop
    return PricedLine(
        feedetl_sn=line.feedetl_sn,
        name=item.name if item else "",
        chrgitm_lv=item.chrgitm_lv if item else "03",
        selfpay_prop=ratio_text(ONE if note else share),
        pric_uplmt=format(ceiling, "f") if ceiling is not None else None,
        det_item_fee_sumamt=line.det_item_fee_sumamt,
        fulamt_ownpay_amt=own,
        overlmt_amt=over,
        preselfpay_amt=first,
        inscp_scp_amt=line.det_item_fee_sumamt - own - over - first,
        note=note,
    )
