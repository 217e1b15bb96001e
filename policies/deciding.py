"""One decision, whatever happens in it: decided, bounded, folded; an error refuses the one request, not its neighbours."""

from typing import Any

from contracts.events.claim import Checked, PersonFacts, Priced, Settled
from contracts.events.filing import FiledFiling, FilingFacts
from contracts.events.reimbursement import Reimbursed
from contracts.events.review import Decided
from contracts.reasons import Reason, reason
from contracts.wire import MAX_VALUE_BYTES, Event, answer
from policies import VERSION, wallet
from policies.reversal import kinds as reversal
from policies.stage import BadState, DoesNotFit, NotLoaded, Stage, State, View

NOTHING = View()


def decide(stage: Stage, event: Event, state: State, digest: str, told: list[Exception] | None = None) -> Event:
    """What leaves ``stage`` for ``event``; ``state`` holds what it needs and is folded."""
    found, changed = decided(stage, event, state, digest, told)
    if changed:
        state.put(changed)
    return found


def decided(
    stage: Stage, event: Event, state: State, digest: str, told: list[Exception] | None = None
) -> tuple[Event, dict[str, Any]]:
    """What leaves ``stage`` for ``event``, and what that changes; ``state`` holds what it needs and stays as it is.

    An exception in the decision becomes a refusal (``cannot_decide``) and is handed to ``told``. So does a decision that does
    not fit the very state that it was made from: written, no worker could ever go past it. DoesNotFit in the decision, or of an
    event that is only forwarded, and BadState are not caught: then it is the state that is wrong, and no decision may stand on it. Nor is MemoryError: it is not the
    request's.
    """
    found, seen = _bounded(stage, event, state, digest, told)
    try:
        return found, state.folded(found, seen)
    except (BadState, NotLoaded, MemoryError):
        raise
    except Exception as error:
        if found is event:
            raise
        refused = _failed(stage, event, digest, error, told)
        return refused, state.folded(refused)


def _bounded(stage: Stage, event: Event, state: State, digest: str, told: list[Exception] | None) -> tuple[Event, View | None]:
    """What is decided, and what was seen of the state; None where nothing was."""
    seen = None
    try:
        seen = state.view(event) if stage.touches(event) else None
        found = stage.decide(event, seen or NOTHING)
    except (DoesNotFit, BadState, NotLoaded, MemoryError):
        raise
    except Exception as error:
        found = _failed(stage, event, digest, error, told)
    if found is not event and len(found.value) > MAX_VALUE_BYTES:
        found = refuse(stage, event, digest, reason("too_large", None, size=len(found.value), limit=MAX_VALUE_BYTES))
    return found, seen


def _failed(stage: Stage, event: Event, digest: str, error: Exception, told: list[Exception] | None) -> Event:
    if told is not None:
        told.append(error)
    return refuse(stage, event, digest, reason("cannot_decide", None, detail=type(error).__name__))


def refuse(stage: Stage, event: Event, digest: str, why: Reason) -> Event:
    """The refusal of ``event`` by ``stage`` for a reason that has nothing to do with its rules."""
    named = {"verdict": "refused", "reasons": (why,), "rulebook": digest, "policies": VERSION}
    kind = event.type.partition(".")[0]
    if stage.name == "filing" and event.type == "filing.requested":
        return answer(event, stage.name, "filing.decided", FiledFiling(facts=FilingFacts(), **named))
    if stage.name == "eligibility":
        return answer(event, stage.name, f"{kind}.refused", Checked(facts=PersonFacts(), **named))
    if stage.name == "pricing":
        return answer(event, stage.name, f"{kind}.refused", Priced(**named))
    if stage.name == "settlement" and event.type in wallet.REFUSALS:
        return wallet.refuse(event, digest, (why,))
    if stage.name == "settlement" and event.type in reversal.DONE:
        return reversal.refuse(event, digest, (why,))
    if stage.name == "settlement":
        section = {"reimbursement": Reimbursed, "trial": Reimbursed, "review": Decided}.get(kind, Settled)
        return answer(event, stage.name, f"{kind}.refused", section(**named))
    raise RuntimeError(f"stage {stage.name} cannot refuse {event.type}")
