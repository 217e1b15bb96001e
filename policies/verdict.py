"""A terminal event that names or moves a state, and what it says of states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from contracts.base import altered, made
from contracts.envelope import Attributes
from contracts.events import BODIES
from contracts.events.claim import Claim, ClaimSettled, Movement, Settled
from contracts.keys import content_hash
from contracts.wire import Event, to_json
from policies import VERSION, invoices
from policies.accumulators import stay_key, year_key
from policies.laws import FUNDS
from policies.reversal.folded import new_bodies
from policies.reversal.kinds import DONE
from policies.review.inner import as_claim, held_key, held_of, named

MOVES = frozenset({"account.debited", "wallet.shared", "wallet.credited"})
"""Types that move a purse and no accumulators: what a verdict of theirs must hold is an account or a wallet."""
SETTLES = frozenset({"claim.settled", "review.settled", "reimbursement.settled"})
QUOTES = frozenset({"claim.quoted", "reimbursement.quoted"})
"""Types that settle a bill (its own, or the held one that a decision holds), and those that would: they move nothing."""
BILLS = SETTLES | QUOTES
HELD = frozenset({"claim.held", "review.closed"})
REVERSALS = frozenset(DONE.values())
"""Types that take settlements back."""


PAID = (*FUNDS, "acct_pay", "psn_cash_pay")


class Verdict(Event):
    """A terminal event as the audit keeps it: of a bill no more than its facts. Models of hundreds of requests at once cost a tenth of
    the audit, in memory that is no longer at hand when they are looked at again and thrown away."""

    __slots__ = ("facts",)

    def __init__(self, attributes: Attributes, value: bytes, sections: Mapping[str, Any], texts: Mapping[str, bytes]) -> None:
        """``texts``: the bytes of its sections as they stand on the road. The person is the request's, whatever the key became."""
        super().__init__(attributes, sections["request"].psn_no.encode(), value, made(BODIES[attributes.type], **sections), headers=())
        self.facts = Facts.of(self, texts)
        if self.type in BILLS:
            self._body = None  # whoever asks for it has it parsed


@dataclass(slots=True)
class Facts:
    """What a verdict says of states, found once: it is asked when they are loaded, compared, folded and summed.

    ``moved``: what moves, by the entry that holds it; ``accounts``: by type of insurance; ``bills``: the settlement and the claim,
    without its lines, by which invoices are used and visits paid; empty for what is taken back, which comes first; ``settled``: each
    settlement that it puts in force, and its hash; ``paid``: place of insurance, fund and fen.
    """

    moved: Mapping[str, Movement] = field(default_factory=dict)
    accounts: Mapping[str, Movement] = field(default_factory=dict)
    wallet: Movement | None = None
    bills: list[tuple[str, Claim]] = field(default_factory=list)
    settled: dict[str, str] = field(default_factory=dict)
    paid: list[tuple[str, str, int]] = field(default_factory=list)

    @classmethod
    def of(cls, event: Event, texts: Mapping[str, bytes] = {}) -> "Facts":
        """``texts``: the bytes of its sections, where they are at hand."""
        type, body = event.type, event.body
        if type in BILLS:
            return cls._of_bill(event, as_claim(body), texts)
        if type in REVERSALS:
            return cls._of_reversal(body)
        if type in HELD:
            return cls(moved=_held(event), wallet=named(body.settled, "wallet"))
        if type in MOVES:
            account, wallet = named(body.settled, "account"), named(body.settled, "wallet")
            return cls(accounts={body.request.insutype: account} if account is not None else {}, wallet=wallet)
        return cls()

    @classmethod
    def _of_bill(cls, event: Event, body: ClaimSettled, texts: Mapping[str, bytes]) -> "Facts":
        claim, insured, settled, id = body.request, body.checked.insured, body.settled, event.attributes.id
        assert insured is not None and settled.year is not None and settled.accumulators is not None
        moved = {year_key(settled.year, insured.insuplc_admdvs, insured.insutype): settled.accumulators}
        if event.type == "review.settled":
            moved |= _held(event)
        if settled.stay is not None:
            moved[stay_key(claim.fixmedins_code, claim.mdtrt_id)] = settled.stay
        accounts = {insured.insutype: settled.account} if settled.account is not None else {}
        found = cls(moved, accounts, settled.wallet, [(id, altered(claim, feedetail=()))])
        if event.type in SETTLES:
            found.settled, found.paid = {id: hash_of(body, texts if event.type == "claim.settled" else {})}, [*_paid(body, settled)]
        return found

    @classmethod
    def _of_reversal(cls, body: Any) -> "Facts":
        moved, undone, new = body.settled.moved, body.settled.undone, [*new_bodies(body)]
        bills = [(invoices.FREE, one.original.claim) for one in undone] + [(again.setl_id, claim.request) for again, claim in new]
        paid = [*chain.from_iterable(_paid(one.original.body, one.mirror) for one in undone)]
        paid += chain.from_iterable(_paid(claim, claim.settled) for _, claim in new)
        return cls(moved.entries, moved.accounts, moved.wallet, bills, {again.setl_id: hash_of(claim) for again, claim in new}, paid)


def facts_of(event: Event) -> Facts:
    """The facts of an event that names or moves a state; a Verdict has them at hand."""
    return event.facts if isinstance(event, Verdict) else Facts.of(event)


def hash_of(claim: ClaimSettled, texts: Mapping[str, bytes] = {}) -> str:
    """The hash by which a settlement is known, should it be taken back.

    ``texts``: the bytes of its sections where they are at hand. What this version of the program wrote, it prints so again; printing it
    took 5 % of the audit.
    """
    if len(texts) < 3 or any(section.policies != VERSION for section in (claim.checked, claim.priced, claim.settled)):
        return content_hash(to_json(claim))
    request = Claim.__pydantic_serializer__.to_json(claim.request, exclude_none=True)
    return content_hash(b'{"request":%b,"checked":%b,"priced":%b,"settled":%b}' % (request, texts["checked"], texts["priced"], texts["settled"]))


def _paid(claim: ClaimSettled, settled: Settled) -> Iterator[tuple[str, str, int]]:
    amounts, insured = settled.__dict__, claim.checked.insured  # an attribute of a model takes longer
    for name in PAID:
        if (amount := amounts[name]) and insured is not None:
            yield insured.insuplc_admdvs, name, amount


def _held(event: Event) -> dict[str, Movement]:
    """The held claim, which comes or goes."""
    mark = _mark(event)
    before, after, id = ({}, mark, event.attributes.id) if event.type == "claim.held" else (mark, {}, held_of(event).id)
    return {held_key(id): made(Movement, before=before, movement={}, after=after)}


def _mark(event: Event) -> dict[str, int]:
    """The held claim as a number, so that a decision is compared with what was held without keeping it twice."""
    return {"mark": int(content_hash(to_json(held_of(event)))[:15], 16)}
