"""What the settlement stage does with each type of event: one Kind a type, all in one table (``stage.KINDS``)."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.wire import Event
from policies.book import Book
from policies.stage import View


def _nothing(event: Event, *_: object) -> tuple[str, ...]:
    return ()


def _unmoved(view: View, event: Event) -> View:
    return view


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of event. ``decide``: absent for what is forwarded or was decided; ``fold`` reads no rulebook.

    ``needs(event, book)`` and ``looks_up(event, view)`` name entries as in ``policies.stage.Stage``.
    """

    needs: Callable[[Event, Book], tuple[str, ...]] = _nothing
    looks_up: Callable[[Event, View], tuple[str, ...]] = _nothing
    decide: Callable[[Event, View, Book], Event] | None = None
    fold: Callable[[View, Event], View] = _unmoved
