"""The settlements of a person, numbered 1, 2, 3, ... in their order, so that one can be taken back long after.

| entry | holds |
|---|---|
| ``asked:<request id>`` | the id of the settlement in force for this claim |
| ``setl:<setl_id>`` | its number; behind a blank, the id of the request that took it back |
| ``done:<number>`` | the settlement in force at this place: two ids, the version of its request, its value (``packing``); ``-``: none |

None of them is loaded for an ordinary claim, and the small part holds the count alone. What is settled again stands at the
place of what it replaces, so the order of the numbers stays that of the first decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from contracts.base import altered
from contracts.events import REQUESTS
from contracts.events.claim import ClaimSettled
from contracts.wire import Event, read_as, to_json
from policies.accumulators import Purse
from policies.reversal.packing import packed, unpacked
from policies.settlement.entries import entry_keys
from policies.stage import BadState

NONE = "-"
VERSION = REQUESTS["claim.submitted"].newest


@dataclass(frozen=True, slots=True)
class Done:
    """One settlement in force."""

    number: int
    setl_id: str
    omsgid: str
    body: ClaimSettled

    @property
    def keys(self) -> tuple[str, ...]:
        """The entries that it moved: the year's, and that of the stay."""
        return entry_keys(self.body.request, self.body.checked, self.body.settled.year)


def asked_key(omsgid: str) -> str:
    return f"asked:{omsgid}"


def setl_key(setl_id: str) -> str:
    return f"setl:{setl_id}"


def done_key(number: int) -> str:
    return f"done:{number}"


def remembered(purse: Purse, event: Event, body: ClaimSettled | None, omsgid: str | None) -> tuple[Purse, dict[str, str]]:
    """The purse that counts one settlement more, and the entries by which it is found again.

    ``body``: the settled claim, where the event is not ``claim.settled`` itself but holds one; ``omsgid``: the request of that
    claim, where it is not the event's.
    """
    number, id, asked = purse.settlements + 1, event.attributes.id, omsgid or event.attributes.request_id
    kept = replaced(number, id, asked, body) if body is not None else _in_force(
        number, id, asked, event.attributes.request_version, event.packed or packed(event.value))
    return altered(purse, settlements=number), kept


def replaced(number: int, setl_id: str, omsgid: str, body: ClaimSettled) -> dict[str, str]:
    """The entries of a settlement that stands at this place, which may have been another's."""
    return _in_force(number, setl_id, omsgid, VERSION, packed(to_json(body)))


def _in_force(number: int, setl_id: str, omsgid: str, version: int, text: str) -> dict[str, str]:
    return {asked_key(omsgid): setl_id, setl_key(setl_id): str(number), done_key(number): f"{setl_id} {omsgid} {version} {text}"}


def taken_back(number: int, setl_id: str, by: str) -> dict[str, str]:
    """The entries of a settlement that the request ``by`` took back."""
    return {setl_key(setl_id): f"{number} {by}", done_key(number): NONE}


def place_of(entries: Mapping[str, object], setl_id: str | None) -> tuple[int, str] | None:
    """The number of a settlement and the request that took it back (empty: it is in force); None where it is not known.

    Raises BadState.
    """
    found = entries.get(setl_key(setl_id)) if setl_id is not None else None
    if found is None:
        return None
    number, _, by = found.partition(" ") if isinstance(found, str) else ("", "", "")
    if not number.isdecimal():
        raise BadState(f"settlement {setl_id} has no number")
    return int(number), by


def done_at(entries: Mapping[str, object], number: int) -> Done | None:
    """The settlement in force at a place, or None."""
    kept = entries.get(done_key(number))
    return _unpacked(number, kept) if isinstance(kept, str) and kept != NONE else None


def plain(raw: bytes) -> bytes:
    """A stored entry, with what it keeps compressed as it was: another version of the compressor writes other bytes for the same."""
    head, blank, text = raw.rpartition(b" ")
    try:
        return head + blank + unpacked(text.removesuffix(b'"').decode()) if blank else raw
    except ValueError:
        return raw


@lru_cache(maxsize=64)
def _unpacked(number: int, kept: str) -> Done:
    """The settlement in an entry. Those of one decision are remembered, which asks for each of them some times; one of 500 lines takes
    more than a megabyte. Raises BadState."""
    try:
        setl_id, omsgid, version, text = kept.split(" ")
        body = read_as("claim.settled", "claim.submitted", int(version), unpacked(text))
    except ValueError as error:
        raise BadState(f"settlement {number} cannot be decoded: {type(error).__name__}") from None
    return Done(number, setl_id, omsgid, body)  # type: ignore[arg-type]
