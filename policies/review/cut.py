"""Cuts lines: what is cut becomes own expense, borne by the patient or, through ``hosp_part_amt``, by the provider.

Law 1 holds of a cut line as of any other. A part of a line takes of its four amounts in proportion, each rounded, the
last one the rest; what lies above a ceiling goes first where the cut is for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.base import altered
from contracts.events.claim import ClaimPriced, Priced, PricedLine, Settled
from contracts.money import round_half_up
from policies.laws import LawBroken, check_line, check_priced, check_settled
from policies.pricing.stage import sums
from policies.review.bill import Bill
from policies.review.note import NOTE


@dataclass(frozen=True, slots=True)
class Cut:
    """``amount`` fen of the line at ``place`` that ``bears``; ``above``: what lies above a ceiling first."""

    place: int
    amount: int
    bears: str
    above: bool = False


def cut_lines(bill: Bill, cuts: Iterable[Cut]) -> tuple[PricedLine, ...]:
    """The lines that are cut, in the order of the bill, each of at most what refunds have left of it."""
    by_place: dict[int, list[Cut]] = {}
    for cut in cuts:
        by_place.setdefault(cut.place, []).append(cut)
    left = {one.place: one.amount for one in bill.charged}
    return tuple(_line(bill.priced.lines[place], left.get(place, 0), by_place[place]) for place in sorted(by_place))


def after_cuts(priced: Priced, lines: Iterable[PricedLine]) -> Priced:
    """The priced claim with ``lines`` in the place of those of their numbers, and its sums. Raises LawBroken."""
    cut = {line.feedetl_sn: line for line in lines}
    if not cut:
        return priced
    all_ = tuple(cut.get(line.feedetl_sn, line) for line in priced.lines)
    for line, before in zip(all_, priced.lines, strict=True):
        if line is not before:
            check_line(line)
            _check_cut(line, before)
    found = altered(priced, lines=all_, **sums(all_))
    check_priced(found, priced.medfee_sumamt)
    return found


def _check_cut(line: PricedLine, before: PricedLine) -> None:
    """Law 1: a cut moves money into own expense, and out of nothing else."""
    same = line.det_item_fee_sumamt == before.det_item_fee_sumamt
    less = all(getattr(line, name) <= getattr(before, name) for name in ("overlmt_amt", "preselfpay_amt", "inscp_scp_amt"))
    if not (same and less and line.hosp_part_amt >= before.hosp_part_amt):
        raise LawBroken(1, f"line {line.feedetl_sn}: what was cut is not what was priced")


def as_settled(priced: Priced, settled: Settled | None) -> Priced:
    """What a verdict settled: the priced claim after the cuts that it names."""
    review = settled.review if settled is not None else None
    return after_cuts(priced, review.lines or ()) if review is not None else priced


def check_settled_claim(priced: Priced, settled: Settled) -> None:
    """Laws 1 to 3 on a claim that was settled, cuts included; of one that is held law 1 on its cuts. Raises LawBroken."""
    cut = as_settled(priced, settled)
    if settled.verdict == "settled":
        check_settled(settled, cut)


def with_cuts(body: ClaimPriced, lines: Sequence[PricedLine]) -> ClaimPriced:
    """The claim as the benefit sees it."""
    return altered(body, priced=after_cuts(body.priced, lines)) if lines else body


def _line(line: PricedLine, left: int, cuts: Sequence[Cut]) -> PricedLine:
    """``line`` after ``cuts``. What the provider bears already stays its own, wherever it lay."""
    borne = line.hosp_part_amt
    above = borne if line.overlmt_amt else 0
    open_ = {
        "over": line.overlmt_amt - above, "own": line.fulamt_ownpay_amt - (borne - above), "borne": borne,
        "first": line.preselfpay_amt, "in_scope": line.inscp_scp_amt,
    }
    by_provider = borne
    for cut in cuts:
        amount = min(cut.amount, left, sum(open_.values()))
        taken = _taken(open_, amount, cut.above)
        left -= amount
        by_provider += amount - taken["borne"] if cut.bears == "provider" else 0
        open_ = {name: held - taken[name] for name, held in open_.items()}
    rest = open_["over"] + open_["first"] + open_["in_scope"]
    return altered(
        line, fulamt_ownpay_amt=line.det_item_fee_sumamt - rest, overlmt_amt=open_["over"], preselfpay_amt=open_["first"],
        inscp_scp_amt=open_["in_scope"], hosp_part_amt=by_provider, note=NOTE,
    )


def _taken(open_: dict[str, int], amount: int, above: bool) -> dict[str, int]:
    """``amount`` taken of the parts in proportion; with ``above`` first of what lies above the ceiling, whoever bears it."""
    first = min(amount, open_["over"]) if above else 0
    also = min(amount - first, open_["borne"]) if above else 0
    taken = {"over": first, "borne": also}
    rest, whole = amount - first - also, sum(open_.values()) - first - also
    for name, held in open_.items():
        part = held - taken.get(name, 0)
        share = round_half_up(part * rest, whole) if whole else 0
        taken[name] = taken.get(name, 0) + share
        rest, whole = rest - share, whole - part
    return taken
