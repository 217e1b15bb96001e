"""A request's body in any version of its type, and whether one that was read in the newest could be said in an older one.

Then it need not be read in both. Shown by the models alone, once for each pair of them (``bounds``): what they have in common is
the same, or a list of models of which this is shown, or a text whose older form is asked again.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from contracts.base import Model
from contracts.events import RequestType
from contracts.events.claim import MAX_LINES
from contracts.reasons import Bilingual, reason
from contracts.strict import GIVEN, Unreadable, list_of, members, parsed, reasons_of, strict_object

MAX_COMMAS = 8192
"""No request that is good has so many, those within its texts counted in. The models tell each fault of each value: of all those that
256 KiB can hold, half a million faults, a gigabyte and eight seconds of a processor."""


def validated(known: RequestType, version: int, value: bytes) -> Model:
    """The body in its version, or in the newest one. Raises Unreadable.

    The models go first: most requests are good.
    """
    if value.count(b",") > MAX_COMMAS:
        raise Unreadable(reason("invalid_field", "*", detail=Bilingual(
            f"逗号多于 {MAX_COMMAS} 个，任何请求都没有这么多值（一张单据至多 {MAX_LINES} 行明细）",
            f"it has more than {MAX_COMMAS} commas, and no request has so many values (a bill has at most {MAX_LINES} lines)")))
    if (read := _read_once(known, version, value)) is not None:
        return read
    try:
        body = known.versions[version].model_validate_json(value)
    except ValidationError as error:
        strict_object(value)  # what is wrong with the JSON itself is said first
        raise Unreadable(*reasons_of(error)) from None
    found = parsed(value.decode())
    if known.same_form(version):
        return body
    try:
        return known.versions[known.newest].model_validate_json(json.dumps(upcast(known, version, found)))
    except ValidationError as error:
        raise Unreadable(*reasons_of(error)) from None


def _read_once(known: RequestType, version: int, value: bytes) -> Model | None:
    """The body in the newest version, where it shows by itself that it is good in its own one, and that no member is given twice:
    as many colons stand in the value as members were read. None where it does not; a colon in a text is enough for that."""
    own, newest = known.versions[version], known.versions[known.newest]
    within = bounds(own, newest) if own is not newest else None
    if own is not newest and (within is None or not known.same_form(version)):
        return None
    try:
        body = newest.__pydantic_validator__.validate_json(value)
    except ValidationError:
        return None
    return body if members(body) == value.count(b":") and (within is None or within.hold(body)) else None


def upcast(known: RequestType, version: int, body: dict[str, Any]) -> dict[str, Any]:
    """A body of ``version``, as the newest one reads it."""
    while version < known.newest:
        body = known.upcasts[version](body)
        version += 1
    return body


class Bounds(NamedTuple):
    """What a body of a newer model must keep to. ``added``: the fields that it may not give; ``texts``: those that the older model
    takes in another form, with its form; ``lists``: those that hold models, with the bounds of each."""

    added: frozenset[str]
    texts: tuple[tuple[str, Any], ...]
    lists: tuple[tuple[str, "Bounds"], ...]

    def hold(self, body: Model) -> bool:
        """Whether the older model takes what ``body`` was read from."""
        if not self.added.isdisjoint(GIVEN(body)):
            return False
        held = body.__dict__
        for name, inner in self.lists:
            if not inner.hold_all(held[name]):
                return False
        try:
            for name, form in self.texts:
                form.validate_python(held[name])
        except ValidationError:
            return False
        return True

    def hold_all(self, bodies: Sequence[Model]) -> bool:
        """Whether the older model takes what each of ``bodies`` was read from."""
        if self.texts or self.lists:
            return all(map(self.hold, bodies))
        return all(map(self.added.isdisjoint, map(GIVEN, bodies)))


@cache
def bounds(older: type[Model], newer: type[Model]) -> Bounds | None:
    """The bounds within which a body of ``newer`` is one of ``older``; None where the models do not show it."""
    fields, texts, lists = older.model_fields, [], []
    if older.model_config != newer.model_config or not _same_rules(older, newer) or not fields.keys() <= newer.model_fields.keys():
        return None
    for name, field in fields.items():
        other = newer.model_fields[name]
        if (field.is_required(), field.validation_alias) != (other.is_required(), other.validation_alias):
            return None
        if field.annotation == other.annotation and field.metadata == other.metadata:
            continue
        if field.annotation is str and other.annotation is str:
            texts.append((name, TypeAdapter(Annotated[(str, *field.metadata)]).validator))
        elif (inner := _of_elements(field, other)) is not None:
            lists.append((name, inner))
        else:
            return None
    return Bounds(frozenset(newer.model_fields.keys() - fields), tuple(texts), tuple(lists))


def _of_elements(field: FieldInfo, other: FieldInfo) -> Bounds | None:
    """The bounds of the elements of two fields that are lists of models, and alike otherwise."""
    older, newer = list_of(field), list_of(other)
    return bounds(older, newer) if older and newer and field.metadata == other.metadata else None


def _same_rules(older: type[Model], newer: type[Model]) -> bool:
    """Whether ``newer`` asks of a whole body what ``older`` asks, and neither asks more of a field that both have than its type."""
    of_fields = {name for model in (older, newer) for one in _decorators(model, "field") for name in one.info.fields}
    asked, also = _rules(older), _rules(newer)
    added = [mode for rule, mode in also.items() if rule not in asked]
    return of_fields.isdisjoint(older.model_fields) and asked.items() <= also.items() and all(mode == "after" for mode in added)


def _rules(model: type[Model]) -> dict[Callable[..., Any], str]:
    """What is asked of a whole body, and when."""
    return {getattr(model, one.cls_var_name): one.info.mode for one in _decorators(model, "model")}


def _decorators(model: type[Model], kind: str) -> list[Any]:
    return [*getattr(model.__pydantic_decorators__, f"{kind}_validators").values()]
