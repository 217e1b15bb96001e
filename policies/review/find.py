"""Runs the rules of the place of care over a claim: what is found, what is cut, and what is remembered."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from contracts.base import holding, made
from contracts.events.claim import ClaimPriced, PricedLine, Reviewed
from contracts.events.finding import Finding, FoundLine
from contracts.reasons import reason
from policies.places import MANUAL
from policies.review.bill import Bill
from policies.review.cut import Cut, cut_lines
from policies.review.rule import Hit, Rule
from policies.review.rules import Asked


def place_of(body: ClaimPriced) -> str:
    """Whose rules hold: the place of care reviews (S039); a manual reimbursement is reviewed by the place of insurance."""
    provider, insured = body.checked.provider, body.checked.insured
    assert provider is not None and insured is not None, "only eligible claims are reviewed"
    return insured.insuplc_admdvs if body.request.pay_loc == MANUAL else provider.admdvs


class Found(NamedTuple):
    """What the rules found, in the order of their ids; ``lines``: those that were cut, as they stand then."""

    findings: tuple[Finding, ...]
    lines: tuple[PricedLine, ...]

    @property
    def holds(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.effect == "hold")


NOTHING = Found((), ())


def found(rules: Sequence[Rule], bill: Bill) -> Found:
    """What ``rules`` find in ``bill``."""
    hits = [(rule, hit) for rule in rules for hit in rule.find(bill)]
    if not hits:
        return NOTHING
    findings = tuple(_finding(rule, hit) for rule, hit in hits)
    return Found(findings, cut_lines(bill, [cut for rule, hit in hits for cut in _cuts(rule, hit)]))


def reviewed(bill: Bill, asked: Asked, compared: Sequence[str], what: Found) -> Reviewed | None:
    """The part of the verdict; None where nothing was found, looked at or is remembered. ``compared``: the items of the claim that
    are compared with earlier ones: those that are left of it after refunds are remembered."""
    charged = {one.item for one in bill.charged} if compared else ()
    keeps, care = tuple([code for code in compared if code in charged]), asked.keeps_care(bill.stay)
    if not (what.findings or bill.dispensed or bill.recent or keeps or care):
        return None
    return holding(Reviewed, {
        "findings": what.findings or None, "lines": what.lines or None, "dispensed": bill.dispensed or None,
        "recent": bill.recent or None, "keeps": keeps or None, "keeps_care": True if care else None})


def _finding(rule: Rule, hit: Hit) -> Finding:
    head = rule.head
    lines = tuple(made(FoundLine, feedetl_sn=one.line.feedetl_sn, vola_amt=amount) for one, amount in hit.lines)
    return made(
        Finding, rule_id=head.id, rule_name=head.zh, rule_name_en=head.en, effect=head.effect, bears=head.bears,
        source=head.source, choice=head.choice is not None, lines=lines,
        vola_amt=hit.amount or sum(amount for _, amount in hit.lines), setl_ids=hit.setl_ids, reason=reason(hit.code, None, **hit.facts),
    )


def _cuts(rule: Rule, hit: Hit) -> Iterator[Cut]:
    if rule.head.effect == "cut" and rule.head.bears is not None:
        for one, amount in hit.lines:
            yield Cut(one.place, amount, rule.head.bears, hit.above)
