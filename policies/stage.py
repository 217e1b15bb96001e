"""The shape of the four deciding stages, and the state that they fold.

A stage reads an event, says which of a person's entries it needs, decides, and folds what it decided. ``fold`` takes
the movements from the verdict and reads no rulebook: the same fold over the topic brings lost state back.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

from msgspec import DecodeError
from msgspec.json import Decoder, Encoder
from pydantic import TypeAdapter, ValidationError

from contracts.envelope import Record
from contracts.wire import Event

NO_ENTRIES: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class View:
    """What a decision sees of one person: the small part, and the entries that it asked for. None: nothing known. Nobody changes
    one; a tuple takes twice as long to make, and a request makes ten."""

    person: Any = None
    entries: Mapping[str, Any] = field(default_factory=lambda: NO_ENTRIES)


UNKNOWN = object()
"""In the place of a field that nobody has looked at."""
FOLDS = 6
"""Version of what the folds make of the events. States of another version are thrown away and folded anew."""


class DoesNotFit(Exception):
    """A verdict names a state before that is not the state (law 3). The state is wrong, or the log is."""


class BadState(Exception):
    """A stored state cannot be decoded. It is the projection that is wrong, never the request: rebuild it from the log."""


class NotLoaded(KeyError):
    """Fields of a state that a decision or its fold needs and that were never loaded. ``fields``: their names."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(f"state fields {', '.join(fields)} were not loaded")
        self.fields = tuple(fields)


class Codec(Protocol):
    """How states of one kind are stored."""

    def read(self, raw: bytes) -> Any:
        """The state that ``raw`` holds. Raises ValueError or DecodeError."""

    def write(self, state: Any) -> bytes:
        """The state as bytes: the same for the same state."""


class Modelled:
    """States that are models: defaults are left out."""

    __slots__ = ("read", "write")

    def __init__(self, model: Any) -> None:
        known = TypeAdapter(model)  # its own method fills in 14 arguments: half of the time of a state
        self.read, self.write = known.validator.validate_json, partial(known.serializer.to_json, exclude_defaults=True)


class Plain:
    """States that are plain JSON, of the type ``form``: texts, numbers by name. A settlement has four, and msgspec takes a third of the
    time that pydantic takes."""

    __slots__ = ("read", "write")

    def __init__(self, form: Any) -> None:
        self.read, self.write = Decoder(form).decode, Encoder().encode


class Stage(Protocol):
    """One deciding stage."""

    name: str
    person: Codec | None
    entry: Codec | None

    def read(self, record: Record, partition: int, partitions: int) -> Event:
        """The event in a record of the stage's input."""

    def touches(self, event: Event) -> bool:
        """Whether deciding or folding ``event`` needs the person's state."""

    def needs(self, event: Event) -> tuple[str, ...]:
        """The keys of the entries that deciding or folding ``event`` needs."""

    def looks_up(self, event: Event, view: View) -> tuple[str, ...]:
        """Entries that deciding ``event`` needs besides, known only from ``view``; asked again until it names none that
        ``view`` lacks. Only rare events need any: each time costs a round trip."""

    def decide(self, event: Event, view: View) -> Event:
        """The event that leaves the stage: decided, or the same one forwarded."""

    def fold(self, view: View, event: Event) -> View:
        """The state after an event that left the stage. Raises DoesNotFit."""


class State:
    """States of persons in memory, decoded when they are first looked at, and what has changed.

    Fields are ``p:<psn_no>`` and ``e:<psn_no>:<key>``, as in the ledger. ``strict``: a field that was never loaded is
    an error (a worker loads before it decides); otherwise it is empty (offline, all state is in memory), or what
    ``behind`` holds of it.
    """

    def __init__(self, stage: Stage, strict: bool = True, behind: Mapping[str, bytes] | None = None) -> None:
        self._stage, self._strict, self._behind = stage, strict, behind
        self._raw: dict[str, bytes | None] = {}
        self._known: dict[str, Any] = {}
        self._changed: dict[str, Any] = {}

    def fields(self, event: Event) -> list[str]:
        """The fields that ``event`` needs."""
        if not self._stage.touches(event):
            return []
        psn_no = event.psn_no
        return [f"p:{psn_no}", *[f"e:{psn_no}:{key}" for key in self._needs(event)]]

    def needed(self, events: Iterable[Event]) -> list[str]:
        """The fields that ``events`` need, each once."""
        return list(dict.fromkeys(name for event in events for name in self.fields(event)))

    def needed_to_decide(self, events: Iterable[Event]) -> list[str]:
        """The same of events that are still to be decided. One whose fields cannot be named has none: its decision fails at the same
        place, which refuses it and not its neighbours (``policies.deciding``)."""
        found: dict[str, None] = {}
        for event in events:
            with suppress(Exception):
                found.update(dict.fromkeys(self.fields(event)))
        return list(found)

    def loaded(self, fields: Mapping[str, bytes | None]) -> None:
        """Takes what the ledger holds; fields already known here are newer and stay."""
        for name, raw in fields.items():
            self._raw.setdefault(name, raw)

    def follow(self, before: "State | None", fields: Iterable[str]) -> None:
        """Takes of ``fields`` what a state ``before`` this one knows, which is newer than what was loaded here."""
        if before is not None:
            for name in fields:
                if name in before._known:
                    self._known[name] = before._known[name]
                elif name in before._raw:
                    self._raw[name] = before._raw[name]

    def missing(self, event: Event) -> list[str]:
        """The fields that ``event`` needs besides, as far as they are known and not here yet; mostly none."""
        return self._seen(event)[1] if self._stage.touches(event) else []

    def view(self, event: Event) -> View:
        """What ``event`` may see. Raises NotLoaded where a field is missing."""
        view, missing = self._seen(event)
        if missing:
            raise NotLoaded(missing)
        return view

    def person(self, psn_no: str) -> Any:
        """The small part of a person, None where nothing is known."""
        return self._get(f"p:{psn_no}")

    def fold(self, event: Event) -> None:
        """Folds an event that left the stage. Raises DoesNotFit."""
        self.put(self.folded(event))

    def folded(self, event: Event, seen: View | None = None) -> dict[str, Any]:
        """The fields that an event that left the stage changes, for ``put``; nothing is changed yet. Raises DoesNotFit.

        ``seen``: what the decision saw. It serves for the fold too where it holds what that needs, as it mostly does.
        """
        if not self._stage.touches(event):
            return {}
        before = seen if seen is not None and self._serves(seen, event) else self.view(event)
        after, psn_no, had = self._stage.fold(before, event), event.psn_no, before.entries.get
        found = {f"p:{psn_no}": after.person} if after.person is not before.person else {}
        head = f"e:{psn_no}:"
        for key, value in after.entries.items():
            if value is not had(key):
                found[head + key] = value
        return found

    def put(self, fields: Mapping[str, Any]) -> None:
        """Takes what ``folded`` gave."""
        self._known.update(fields)
        self._changed.update(fields)

    def changes(self) -> dict[str, bytes]:
        """The changed fields as bytes, in the order of their first change; afterwards nothing counts as changed."""
        codec = self._codec
        found = {name: codec(name).write(state) for name, state in self._changed.items()}
        self._changed.clear()
        return found

    def spilled(self) -> dict[str, bytes]:
        """The changed fields, for what lies behind; nothing is held here any more."""
        found = self.changes()
        self._known.clear()
        return found

    def under(self, stage: Stage) -> None:
        """Goes on under another rulebook: ``stage`` is the same one with another book."""
        self._stage = stage

    def _needs(self, event: Event) -> tuple[str, ...]:
        """The keys of the event's entries, found once: it is asked when they are loaded, and again when they are seen."""
        if event.needs is None or event.needs[0] is not self._stage:
            event.needs = self._stage, self._stage.needs(event)
        return event.needs[1]

    def _serves(self, seen: View, event: Event) -> bool:
        """Whether a view, made for another event of the same person, holds what ``event`` needs."""
        entries = seen.entries
        return not [key for key in (*self._needs(event), *self._stage.looks_up(event, seen)) if key not in entries]

    def _seen(self, event: Event) -> tuple[View, list[str]]:
        """The view as far as it can be made, and the fields that it lacks."""
        person, head, known, entries = self._get(f"p:{event.psn_no}"), f"e:{event.psn_no}:", self._known, {}
        for key in self._needs(event):
            found = known.get(name := head + key, UNKNOWN)
            entries[key] = self._read(name) if found is UNKNOWN else found
        view = View(person, entries)
        while keys := [key for key in self._stage.looks_up(event, view) if key not in view.entries]:
            if missing := [head + key for key in keys if not self._here(head + key)]:
                return view, missing
            view = View(view.person, {**view.entries, **{key: self._get(head + key) for key in keys}})
        return view, []

    def _here(self, name: str) -> bool:
        return not self._strict or name in self._known or name in self._raw

    def _get(self, name: str) -> Any:
        found = self._known.get(name, UNKNOWN)
        return self._read(name) if found is UNKNOWN else found

    def _read(self, name: str) -> Any:
        """A field that is looked at for the first time."""
        if not self._here(name):
            raise NotLoaded([name])
        raw = self._raw.get(name) if self._behind is None else self._behind.get(name)
        try:
            found = self._known[name] = self._codec(name).read(raw) if raw is not None else None
        except (ValueError, DecodeError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise BadState(f"state {name} cannot be decoded: {why}") from None
        return found

    def _codec(self, name: str) -> Codec:
        codec = self._stage.person if name.startswith("p:") else self._stage.entry
        assert codec is not None, f"stage {self._stage.name} has no state for {name}"
        return codec
