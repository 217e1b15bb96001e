"""Words for amounts that the contract names without describing them."""

from policies.statement.words import COUNTED, DAYS
from policies.statement.year import AMOUNTS

AMOUNT_WORDS = {
    "medfee_sumamt": ("医疗费总额", "total"),
    "inscp_scp_amt": ("符合政策范围金额", "in scope"),
    "det_item_fee_sumamt": ("明细项目费用总额", "amount of the line"),
    "payable_amt": ("应付本人金额（手工报销）", "paid to the person by the agency (reimbursements)"),
}


def unit_of(purse: str, name: str) -> str:
    """The unit of an accumulator: ``fen``, ``count`` or ``day``. ``purse``: year, stay, account or wallet."""
    what = name.rpartition(".")[2]
    if what in DAYS or (purse == "stay" and what in ("since", "until")):
        return "day"
    counted = name not in AMOUNTS and "." not in name if purse == "stay" else what in COUNTED
    return "count" if counted else "fen"
