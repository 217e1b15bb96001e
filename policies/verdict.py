"""A terminal event that names or moves a state, and what it says of states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.base import made
from contracts.envelope import Attributes
from contracts.events import BODIES
from contracts.events.claim import Claim, ClaimSettled, Movement
from contracts.events.reversal import Again
from contracts.keys import content_hash
from contracts.wire import Event, to_json
from policies import VERSION, invoices
from policies.accumulators import stay_key, year_key
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


class Verdict(Event):
    """A terminal event as the audit has it. ``texts``: the bytes of its sections as they stand on the road."""

    __slots__ = ("facts", "texts")

    def __init__(self, attributes: Attributes, value: bytes, sections: Mapping[str, Any], texts: Mapping[str, bytes]) -> None:
        """The person is the request's, whatever the key became."""
        body = made(BODIES[attributes.type], **sections)
        super().__init__(attributes, sections["request"].psn_no.encode(), value, body, headers=())
        self.texts, self.facts = texts, Facts.of(self)


@dataclass(slots=True)
class Facts:
    """What a verdict says of states, found once: it is asked when they are loaded, compared, folded and summed.

    ``claim``: what it settles, or would; ``new``: what a reversal settles in the places of others; ``moved``: what moves, by the
    entry that holds it; ``accounts``: by type of insurance; ``bills``: the settlement and the claim by which invoices are used and
    visits paid, empty for what is taken back, which comes first.
    """

    claim: ClaimSettled | None = None
    new: list[tuple[Again, ClaimSettled]] = field(default_factory=list)
    moved: Mapping[str, Movement] = field(default_factory=dict)
    accounts: Mapping[str, Movement] = field(default_factory=dict)
    wallet: Movement | None = None
    bills: list[tuple[str, Claim]] = field(default_factory=list)

    @classmethod
    def of(cls, event: Event) -> "Facts":
        type, body = event.type, event.body
        if type in BILLS:
            return cls._of_bill(event, as_claim(body))
        if type in REVERSALS:
            moved, new = body.settled.moved, [*new_bodies(body)]
            bills = [(invoices.FREE, one.original.claim) for one in body.settled.undone]
            bills += [(again.setl_id, claim.request) for again, claim in new]
            return cls(None, new, moved.entries, moved.accounts, moved.wallet, bills)
        if type in HELD:
            return cls(moved=_held(event), wallet=named(body.settled, "wallet"))
        if type in MOVES:
            account, wallet = named(body.settled, "account"), named(body.settled, "wallet")
            return cls(accounts={body.request.insutype: account} if account is not None else {}, wallet=wallet)
        return cls()

    @classmethod
    def _of_bill(cls, event: Event, body: ClaimSettled) -> "Facts":
        claim, insured, settled = body.request, body.checked.insured, body.settled
        assert insured is not None and settled.year is not None and settled.accumulators is not None
        moved = {year_key(settled.year, insured.insuplc_admdvs, insured.insutype): settled.accumulators}
        if event.type == "review.settled":
            moved |= _held(event)
        if settled.stay is not None:
            moved[stay_key(claim.fixmedins_code, claim.mdtrt_id)] = settled.stay
        accounts = {insured.insutype: settled.account} if settled.account is not None else {}
        return cls(body, [], moved, accounts, settled.wallet, [(event.attributes.id, claim)])


def facts_of(event: Event) -> Facts:
    """The facts of an event that names or moves a state; a Verdict has them at hand."""
    return event.facts if isinstance(event, Verdict) else Facts.of(event)


def hash_of(event: Event, claim: ClaimSettled) -> str:
    """The hash by which the settlement of ``claim`` by ``event`` is known, should it be taken back.

    The sections of ``claim.settled`` are taken as they stand: what this version of the program wrote, it prints so again. Printing
    them took 5 % of the audit.
    """
    texts = event.texts if isinstance(event, Verdict) and event.type == "claim.settled" else {}
    if len(texts) < 3 or any(section.policies != VERSION for section in (claim.checked, claim.priced, claim.settled)):
        return hash_of_claim(claim)
    request = Claim.__pydantic_serializer__.to_json(claim.request, exclude_none=True)
    return content_hash(b'{"request":%b,"checked":%b,"priced":%b,"settled":%b}' % (request, texts["checked"], texts["priced"], texts["settled"]))


def hash_of_claim(claim: ClaimSettled) -> str:
    """The same hash of a settlement that another verdict holds."""
    return content_hash(to_json(claim))


def _held(event: Event) -> dict[str, Movement]:
    """The held claim, which comes or goes."""
    mark = _mark(event)
    before, after, id = ({}, mark, event.attributes.id) if event.type == "claim.held" else (mark, {}, held_of(event).id)
    return {held_key(id): made(Movement, before=before, movement={}, after=after)}


def _mark(event: Event) -> dict[str, int]:
    """The held claim as a number, so that a decision is compared with what was held without keeping it twice."""
    return {"mark": int(content_hash(to_json(held_of(event)))[:15], 16)}
