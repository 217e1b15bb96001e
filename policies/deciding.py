"""One decision, whatever happens in it: decided, bounded, folded; an error refuses the one request, not its neighbours."""

from contracts.events.claim import Checked, PersonFacts, Priced, Settled
from contracts.events.filing import FiledFiling, FilingFacts
from contracts.events.reimbursement import Reimbursed
from contracts.events.review import Decided
from contracts.reasons import Reason, reason
from contracts.wire import MAX_VALUE_BYTES, Event, answer
from policies import VERSION, wallet
from policies.reversal import kinds as reversal
from policies.stage import BadState, DoesNotFit, Stage, State, View

NOTHING = View()


def decide(stage: Stage, event: Event, state: State, digest: str, told: list[Exception] | None = None) -> Event:
    """What leaves ``stage`` for ``event``; ``state`` holds what it needs and is folded."""
    found = decided(stage, event, state, digest, told)
    state.fold(found)
    return found


def decided(stage: Stage, event: Event, state: State, digest: str, told: list[Exception] | None = None) -> Event:
    """What leaves ``stage`` for ``event``; ``state`` holds what it needs and stays as it is.

    An exception in the decision becomes a refusal (``cannot_decide``) and is handed to ``told``. DoesNotFit and BadState
    are not caught: then it is the state that is wrong, and no decision may stand on it.
    """
    try:
        found = stage.decide(event, state.view(event) if stage.touches(event) else NOTHING)
    except (DoesNotFit, BadState):
        raise
    except Exception as error:
        if told is not None:
            told.append(error)
        found = refuse(stage, event, digest, reason("cannot_decide", None, detail=type(error).__name__))
    if found is not event and len(found.value) > MAX_VALUE_BYTES:
        found = refuse(stage, event, digest, reason("too_large", None, size=len(found.value), limit=MAX_VALUE_BYTES))
    return found


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
