"""Stories: a few requests of one person, or two, that follow from each other. The mix ``all`` weaves them between the others.

Each function gives a story as requests with ids. Some requests are refused, as they would be: a second decision of review,
a settlement that others stand on, an invoice used twice, a sharing above the balance.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.generator.claims import PHARMACY
from services.generator.dice import deck
from services.generator.pen import Pen, Scene, verdict
from services.generator.people import Person, Request, credit, debit, enrolment, filing_by_rules, person, sharing
from services.generator.suspicious import MADE, made
from services.generator.undoing import shorter

Story = Iterator[Request]
AGENCY_DAYS, PROVIDER_DAYS = 40, 3
"""An agency undoes so many days after the last claim, a provider so many."""


def review(pen: Pen) -> Story:
    """A claim in which review finds something; where it is held, the decision, sometimes a second one, and what undoes it."""
    requests = list(made(pen.tag, pen.dice.pick(sorted(MADE))))
    yield from requests
    held, claim = verdict(pen.scene.book, requests), requests[-1]
    if pen.dice.happens(100):
        yield _decided(pen, claim, f"{pen.tag}-unknown", "release")
    if held.type != "claim.held":
        return
    decision = pen.dice.pick(("release", "release", "cut", "refuse"))
    yield _decided(pen, claim, held.attributes.id, decision)
    if pen.dice.happens(300):
        yield _decided(pen, claim, held.attributes.id, "release")
    if decision != "refuse" and pen.dice.happens(300):
        yield pen.request("reversal.requested.v1", _undoes(claim, setl_optins=_insured(requests)))


def by_hand(pen: Pen) -> Story:
    """Manual reimbursement: tried before, pending for want of a paper and completed, an invoice used twice, taken back and sent again."""
    who, enrolled = pen.person("650200", "310")
    yield enrolled
    bill = pen.visit(who)
    late = pen.dice.happens(100)
    whole = {**_applied(pen, bill, pen.later(100 if late else pen.dice.between(3, 30))), "materials": ["invoice_original", "diagnosis"]}
    if pen.dice.happens(300):
        yield pen.request("trial.requested.v1", whole)
    if pen.dice.happens(400):
        first = pen.request("reimbursement.requested.v1", {**whole, "materials": ["invoice_original"]})
        yield first
        day = pen.later(14)
        whole = {**whole, "materials": ["diagnosis"], "appl_date": day, "setl_date": day, "completes": first["id"]}
    paid = pen.request("reimbursement.requested.v1", whole)
    yield paid
    if pen.dice.happens(300):  # the same invoices, another visit
        yield pen.request("reimbursement.requested.v1", {**whole, "mdtrt_id": f"{pen.tag}-W"})
    if pen.dice.happens(300):
        yield pen.request("reversal.requested.v1", _undoes(paid, setl_optins=who.group.place))
        if pen.dice.happens(500):
            yield pen.request("reimbursement.requested.v1", whole)


def cascade(pen: Pen) -> Story:
    """Claims that stand on each other; the first is refused to its provider, and taken back by the agency with all behind it."""
    who, enrolled = pen.person("430400", "310")
    yield enrolled
    yield pen.written(credit(pen.dice, who, pen.day))
    claims = [pen.request("claim.submitted.v1", pen.visit(who, pen.dice.between(1, 5))) for _ in range(pen.dice.between(2, 6))]
    yield from claims
    first, last = pen.dice.pick(claims[:-1]), claims[-1]
    day = pen.later(1)
    yield pen.request("reversal.requested.v1", {**_undoes(first, fixmedins_code=first["data"]["fixmedins_code"]), "date": day})
    if pen.dice.happens(250):
        yield pen.request("undo.requested.v1", {**_undoes(last, fixmedins_code=last["data"]["fixmedins_code"]), "date": day})
    asked = {**_undoes(first, setl_optins=who.group.place), "date": pen.later(AGENCY_DAYS), "cascade": "1"}
    if pen.dice.happens(400):
        yield pen.request("correction.requested.v1", {**asked, "claim": shorter(first["data"])})
    else:
        yield pen.request("reversal.requested.v1", asked)
    yield pen.request("reversal.requested.v1", asked)
    yield pen.request("claim.submitted.v1", pen.visit(who))


def wallet(pen: Pen) -> Story:
    """An employee shares the account with a relative: too much, then a part; the relative's care, and one of the claims taken back.

    Now and then the relative is insured where nothing may be shared, and the money goes back.
    """
    who, enrolled = pen.person("360400", "390")
    if stranger := pen.dice.happens(200):
        who, enrolled = pen.person("650200", "310")
    yield enrolled
    sharer = person(pen.dice, f"{pen.tag}-K", replace(who.group, place="360400", insutype="310"), (who.province,))
    yield pen.written(enrolment(sharer))
    money = credit(pen.dice, sharer, pen.day)
    yield pen.written(money)
    balance = money["data"]["crdt_amt"]
    if pen.dice.happens(300):
        yield pen.request("wallet.requested.v1", {**_shared(pen, sharer, who, 1), "amt": balance + 1})
    yield pen.request("wallet.requested.v1", _shared(pen, sharer, who, balance))
    claims = []
    for _ in range(pen.dice.between(1, 3)):
        claims.append(pen.request("claim.submitted.v2", {**pen.visit(who), "acct_used_flag": "1" if stranger else "2"}))
        yield claims[-1]
    if pen.dice.happens(400):
        yield pen.request("reversal.requested.v1", _undoes(claims[-1], fixmedins_code=claims[-1]["data"]["fixmedins_code"]))


def unknown_outcome(pen: Pen) -> Story:
    """Undone before it arrives, and again; then it arrives. Another one is undone after it was settled, and again."""
    who, enrolled = pen.person("650200", "310")
    yield enrolled
    for settled_first in (False, True):
        claim = pen.request("claim.submitted.v1", pen.visit(who))
        undo = pen.request("undo.requested.v1", _undoes(claim, fixmedins_code=claim["data"]["fixmedins_code"]))
        again = pen.request("undo.requested.v1", undo["data"])
        yield from (claim, undo, again) if settled_first else (undo, again, claim)


def account(pen: Pen) -> Story:
    """What moves in an account: a credit, a debit, one above what is left, drugs at a pharmacy, a quote."""
    who, enrolled = pen.person("650200", "310")
    yield enrolled
    money = credit(pen.dice, who, pen.day)
    yield pen.written(money)
    yield pen.written(debit(pen.dice, who, pen.day, money["data"]["crdt_amt"]))
    yield pen.request("account.debited.v1", {**debit(pen.dice, who, pen.day, 1)["data"], "amt": money["data"]["crdt_amt"] + 1})
    bill = pen.visit(who)
    yield pen.request("quote.requested.v1", bill)
    yield pen.request("claim.submitted.v1", {**bill, "med_type": PHARMACY} if pen.dice.happens(200) else bill)


def filings(pen: Pen) -> Story:
    """Filed for another province, and what becomes of it: changed, extended, redeemed, broken, cancelled. Some of it is refused."""
    who, enrolled = pen.person("410100", "310")
    hospital = pen.scene.map.away(who.group, lambda province: province == who.province)[0].fixmedins_code
    filed = pen.written(filing_by_rules(pen.dice, pen.scene.book.filing, who, pen.day, hospital))
    papers = filed["data"].get("materials", [])
    if letter := pen.dice.happens(500):
        filed["data"] = {**{name: value for name, value in filed["data"].items() if name != "materials"}, "cmt_flag": "1"}
    yield enrolled
    yield filed
    found = verdict(pen.scene.book, [enrolled, filed]).body.filed.filing
    named: dict[str, Any] = {"psn_no": who.psn_no, "insutype": "310", "trt_dcla_detl_sn": found.trt_dcla_detl_sn if found else "none"}
    first = (pen.dice.pick(("redeem", "break")),) if letter else ()
    for oper in (*first, pen.dice.pick(("change", "extend")), "cancel"):
        more = {"redeem": {"materials": papers}, "change": {"mdtrtarea_admdvs": "310000"}}.get(oper, {})
        yield pen.request("filing.requested.v3", {**named, "oper": oper, "begndate": pen.later(20), **more})


STORIES: tuple[tuple[Callable[[Pen], Story], int], ...] = (
    (review, 25), (by_hand, 20), (cascade, 15), (wallet, 12), (unknown_outcome, 10), (account, 8), (filings, 10),
)
"""Of 100 stories."""
_DECK = deck(STORIES)


def story(scene: Scene, tag: str) -> Story:
    """One of them by chance."""
    return scene.dice.pick(_DECK)(Pen(scene, tag))


def _decided(pen: Pen, claim: Request, held_id: str, decision: str) -> Request:
    """What a person decides of a held claim: of the cut, the first line, of which the provider bears half."""
    line = claim["data"]["feedetail"][0]
    cut = [{"feedetl_sn": line["feedetl_sn"], "bears": "provider", "amt": max(1, line["det_item_fee_sumamt"] // 2)}]
    day = date.fromisoformat(claim["data"]["setl_date"]) + timedelta(days=7)
    return pen.request("review.decided.v1", {
        "psn_no": claim["data"]["psn_no"], "held_id": held_id, "decision": decision, "opter": "OP-1", "date": day.isoformat(),
        **({"lines": cut} if decision == "cut" else {}),
    })


def _undoes(claim: Request, **asker: str) -> dict[str, Any]:
    """By a provider (``fixmedins_code``) soon, or by the agency (``setl_optins``)."""
    days = AGENCY_DAYS if "setl_optins" in asker else PROVIDER_DAYS
    day = date.fromisoformat(claim["data"]["setl_date"]) + timedelta(days=days)
    return {
        "psn_no": claim["data"]["psn_no"], **asker, "date": day.isoformat(), "reason": "wrong_charges", "omsgid": claim["id"],
    }


def _insured(requests: list[Request]) -> str:
    """The place of insurance of the person who is enrolled first."""
    return requests[0]["data"]["insuinfo"][0]["insuplc_admdvs"]


def _applied(pen: Pen, bill: dict[str, Any], day: str) -> dict[str, Any]:
    """The application for a bill on ``day``, with one invoice or two."""
    total = bill["medfee_sumamt"]
    first = pen.dice.between(1, total - 1) if total > 1 and pen.dice.happens(400) else total
    amounts = [amount for amount in (first, total - first) if amount]
    return {
        **bill, "setl_date": day, "acct_used_flag": "0", "manl_reim_rea": pen.dice.pick(("system_fault", "network_failure", "no_credential")),
        "payer": "self", "appl_date": day, "channel": "window", "acct_ref": "REF-1",
        "invoinfo": [{"invono": f"{pen.tag}-I{n}", "invo_amt": amount, "invo_chk": "K1"} for n, amount in enumerate(amounts)],
    }


def _shared(pen: Pen, sharer: Person, who: Person, most: int) -> dict[str, Any]:
    """A sharing of at most ``most`` fen, by the rule of the sharer's place."""
    rule = pen.scene.book.family(sharer.group.place, pen.day)
    if rule is None:
        raise LookupError(f"the rulebook has no rule of the family wallet for {sharer.group.place} on {pen.day}")
    return {**sharing(pen.dice, who, sharer, rule, pen.day, most)["data"], "user_insuplc_admdvs": sharer.group.place}
