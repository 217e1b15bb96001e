"""Cuts: a line's four amounts after a cut, worked out by hand, and laws 1 and 2 for cuts of any size."""

from random import Random
from typing import Any

import pytest

from policies.laws import LawBroken, check_line, check_priced
from policies.review.cut import Cut, after_cuts, cut_lines
from tests.policies.reviewing import bill, fee

PARTS = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")
SPLIT = {"overlmt_amt": 2_000, "preselfpay_amt": 800}              # of 100.00: 20.00 above the ceiling, 8.00 first, 72.00 in scope
PROVIDER = {"overlmt_amt": 2_000, "preselfpay_amt": 800, "hosp_part_amt": 2_000}
OWN = {"fulamt_ownpay_amt": 10_000}
CASES: dict[str, tuple[dict[str, Any], list[Cut], tuple[int, int, int, int, int]]] = {
    "all, borne by the patient": (SPLIT, [Cut(0, 10_000, "patient")], (10_000, 0, 0, 0, 0)),
    "all, borne by the provider": (SPLIT, [Cut(0, 10_000, "provider")], (10_000, 0, 0, 0, 10_000)),
    # half: 10.00 of 20.00, 4.00 of 8.00, 36.00 of 72.00
    "half": (SPLIT, [Cut(0, 5_000, "patient")], (5_000, 1_000, 400, 3_600, 0)),
    # 0.01: 0.01 x 20 / 100 = 0.002 -> 0; 0.01 x 8 / 80 = 0.001 -> 0; the rest, 0.01, of what is in scope
    "a fen": (SPLIT, [Cut(0, 1, "provider")], (1, 2_000, 800, 7_199, 1)),
    # above the ceiling first: 15.00 of 20.00
    "above the ceiling": (SPLIT, [Cut(0, 1_500, "provider", above=True)], (1_500, 500, 800, 7_200, 1_500)),
    # 20.00 above the ceiling, then 10.00 of 80.00: 1.00 of 8.00, 9.00 of 72.00
    "above the ceiling and more": (SPLIT, [Cut(0, 3_000, "patient", above=True)], (3_000, 0, 700, 6_300, 0)),
    # the provider's 20.00 become own expense that it bears; of the other 50.00: 10.00 were its own, 4.00 first, 36.00 in scope
    "the provider bore some": (PROVIDER, [Cut(0, 5_000, "patient")], (6_000, 0, 400, 3_600, 2_000)),
    # as before, but 40.00 more are the provider's
    "the provider bore some and bears more": (PROVIDER, [Cut(0, 5_000, "provider")], (6_000, 0, 400, 3_600, 6_000)),
    "own expense, borne by the patient": (OWN, [Cut(0, 4_000, "patient")], (10_000, 0, 0, 0, 0)),
    "own expense, borne by the provider": (OWN, [Cut(0, 4_000, "provider")], (10_000, 0, 0, 0, 4_000)),
    "two rules, together too much": ({}, [Cut(0, 7_000, "patient"), Cut(0, 7_000, "provider")], (10_000, 0, 0, 0, 3_000)),
}


@pytest.mark.parametrize(("parts", "cuts", "expected"), CASES.values(), ids=CASES)
def test_a_line_after_its_cuts(parts: dict[str, Any], cuts: list[Cut], expected: tuple[int, ...]) -> None:
    (line,) = cut_lines(bill(fee(10_000), parts={"1": parts}), cuts)
    assert tuple(getattr(line, name) for name in PARTS) == expected
    check_line(line)


@pytest.mark.parametrize("pric", ["10.00", "10", "010.000"])
def test_a_refund_leaves_less_to_cut(pric: str) -> None:
    """100.00 less 60.00 taken back, however its price is written (pricing takes all three for one): at most 40.00 can be cut."""
    of = bill(fee(10_000, cnt="10", pric="10.00"), fee(-6_000, sn="2", cnt="-6", pric=pric))
    (line,) = cut_lines(of, [Cut(0, 10_000, "provider")])
    assert (line.fulamt_ownpay_amt, line.inscp_scp_amt, line.hosp_part_amt) == (4_000, 6_000, 4_000)
    assert after_cuts(of.priced, [line]).inscp_scp_amt == 0


def random_bill(dice: Random) -> Any:
    lines, parts = [], {}
    for number in range(1, dice.randint(2, 6)):
        amount = dice.randint(1, 50_000)
        over = dice.choice([0, dice.randint(0, amount)])
        first = dice.choice([0, dice.randint(0, amount - over)])
        own = dice.choice([0, 0, amount])
        lines.append(fee(amount, sn=str(number)))
        borne = dice.choice([0, own or over])
        parts[str(number)] = {"fulamt_ownpay_amt": own, "hosp_part_amt": borne} if own else {
            "overlmt_amt": over, "preselfpay_amt": first, "hosp_part_amt": borne}
    return bill(*lines, parts=parts)


@pytest.mark.parametrize("seed", range(300))
def test_law_1_holds_for_any_cuts_and_nobody_is_paid_twice(seed: int) -> None:
    dice = Random(seed)
    of = random_bill(dice)
    places = range(len(of.priced.lines))
    cuts = [
        Cut(dice.choice(places), dice.randint(0, 60_000), dice.choice(("patient", "provider")), dice.choice((True, False)))
        for _ in range(dice.randint(1, 8))
    ]
    after = after_cuts(of.priced, cut_lines(of, cuts))
    check_priced(after, of.claim.medfee_sumamt)
    for line, before in zip(after.lines, of.priced.lines, strict=True):
        check_line(line)
        mine = [cut for cut in cuts if cut.place == int(line.feedetl_sn) - 1]
        most = min(sum(cut.amount for cut in mine), line.det_item_fee_sumamt)
        borne = min(sum(cut.amount for cut in mine if cut.bears == "provider"), most)
        assert before.hosp_part_amt <= line.hosp_part_amt <= before.hosp_part_amt + borne
        out = sum(getattr(before, name) - getattr(line, name) for name in PARTS[1:4])
        assert 0 <= out <= most + before.hosp_part_amt  # what the provider bore above the ceiling is own expense of a cut line


@pytest.mark.parametrize("change", [
    {"inscp_scp_amt": 5_001, "fulamt_ownpay_amt": 4_999}, {"det_item_fee_sumamt": 9_000, "inscp_scp_amt": 4_000},
    {"hosp_part_amt": 6_001},
], ids=str)
def test_a_cut_that_is_none_of_what_was_priced_breaks_law_1(change: dict[str, int]) -> None:
    of = bill(fee(10_000), parts={"1": {"fulamt_ownpay_amt": 5_000}})
    (line,) = cut_lines(of, [Cut(0, 2_000, "patient")])
    with pytest.raises(LawBroken):
        after_cuts(of.priced, [line.model_copy(update=change)])
