"""A piece of a stage's own log, folded again."""

from collections.abc import Awaitable, Callable, Sequence

from contracts.envelope import Record
from contracts.wire import Event, event_of
from policies.refolded import event_read
from policies.stage import State

Load = Callable[[Sequence[Event]], Awaitable[State]]


async def refolded(records: Sequence[Record], load: Load) -> State:
    """The state after ``records``, which count. ``load``: the state that events need. Raises DoesNotFit, BadState."""
    try:
        return await _folded([event_read(record) for record in records], load)
    except AttributeError:  # a fold asks for more than is read of its events
        return await _folded([event_of(record) for record in records], load)


async def _folded(events: Sequence[Event], load: Load) -> State:
    state = await load(events)
    for event in events:
        state.fold(event)
    return state
