"""Requests that undo a claim of the stream: a reversal by the provider, a corrected bill, an undo of an unknown outcome.

Each function gives a request without its id: ``{"type": ..., "data": ...}``.
"""

from collections.abc import Callable
from typing import Any

from services.generator.dice import Dice, deck
from services.generator.mix import NEVER_ARRIVED, UNDOING

Request = dict[str, Any]

_KINDS = deck(UNDOING)


def undoing(dice: Dice, claim: Request) -> Request:
    """What undoes ``claim``, a numbered request of the stream, on the day of its settlement."""
    return _WRITERS[dice.pick(_KINDS)](dice, claim)


def _asked(claim: Request, reason: str) -> dict[str, Any]:
    data = claim["data"]
    return {
        "psn_no": data["psn_no"], "fixmedins_code": data["fixmedins_code"], "date": data["setl_date"], "reason": reason, "omsgid": claim["id"],
    }


def reversal(dice: Dice, claim: Request) -> Request:
    """By the provider, on the day of the settlement."""
    return {"type": "cn.yibao.reversal.requested.v1", "data": _asked(claim, dice.pick(("wrong_settlement", "wrong_charges", "refund")))}


def shorter(bill: dict[str, Any]) -> dict[str, Any]:
    """The bill without its last line, where it has more than one."""
    lines = bill["feedetail"][:-1] or bill["feedetail"]
    return {**bill, "feedetail": lines, "medfee_sumamt": sum(line["det_item_fee_sumamt"] for line in lines)}


def _correction(dice: Dice, claim: Request) -> Request:
    return {"type": "cn.yibao.correction.requested.v1", "data": {**_asked(claim, "refund"), "claim": shorter(claim["data"])}}


def _undo(dice: Dice, claim: Request) -> Request:
    """Of the claim, or of a request that never arrived."""
    asked = _asked(claim, "wrong_settlement")
    if dice.happens(NEVER_ARRIVED):
        asked["omsgid"] += "-lost"
    return {"type": "cn.yibao.undo.requested.v1", "data": asked}


_WRITERS: dict[str, Callable[[Dice, Request], Request]] = {"reversal": reversal, "correction": _correction, "undo": _undo}
