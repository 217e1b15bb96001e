"""The exact mirror of a settlement: what was paid with the other sign, each step, each accumulator; and law 3 on it."""

from collections.abc import Mapping

from contracts.base import altered, made
from contracts.events.claim import Movement, Settled
from contracts.events.reversal import AMOUNTS, Mirror
from policies.laws import LawBroken, check_movement

MOVEMENTS = ("accumulators", "account", "wallet", "stay")


def taken_from(before: Mapping[str, int], moved: Movement | None) -> Movement | None:
    """``before`` without what was moved; what falls to nothing is left out, as if it had never been."""
    if moved is None:
        return None
    back = {name: -amount for name, amount in moved.movement.items()}
    return moving(before, back)


def moving(before: Mapping[str, int], moved: Mapping[str, int]) -> Movement:
    """``before``, what moves and the sum, without names that hold nothing. Law 3 is checked."""
    after = {name: before.get(name, 0) + moved.get(name, 0) for name in sorted({*before, *moved})}
    found = made(
        Movement, before=dict(before), movement={name: amount for name, amount in sorted(moved.items()) if amount},
        after={name: amount for name, amount in after.items() if amount})
    check_movement(found)
    return found


def mirror_of(settled: Settled, movements: Mapping[str, Movement | None]) -> Mirror:  # type: ignore[valid-type]
    """The mirror of a settlement. ``movements``: its four movements back, from the state as it is now."""
    found = made(Mirror, **settled.__dict__)
    return altered(
        found, **{name: -getattr(settled, name) for name in AMOUNTS}, **movements,
        psn_parts={name: -amount for name, amount in settled.psn_parts.items()},
        setldetail=tuple(altered(part, fund_payamt=-part.fund_payamt) for part in settled.setldetail),
        steps=tuple(altered(step, base=-step.base, amount=-step.amount) for step in settled.steps),
    )


def check_mirror(mirror: Mirror, settled: Settled) -> None:  # type: ignore[valid-type]
    """Law 3: a reversal is the exact mirror of what it reverses. Only the state around its movements is its own."""
    mine = {name: getattr(mirror, name) for name in MOVEMENTS}
    due = mirror_of(settled, mine)
    for name in due.__class__.model_fields:
        if getattr(mirror, name) != getattr(due, name):
            raise LawBroken(3, f"{name} of a reversal is not the mirror: {getattr(mirror, name)} and {getattr(due, name)}")
    for name, moved in mine.items():
        was = getattr(settled, name)
        back = {key: -amount for key, amount in was.movement.items()} if was is not None else None
        if (moved.movement if moved is not None else None) != back:
            raise LawBroken(3, f"{name} of a reversal moves {moved.movement if moved else None}, and not {back}")
        if moved is not None:
            check_movement(moved)
