"""A part of a model: only the fields that somebody reads, derived from the model itself, so that no second definition can drift.

What is named is asked for its type, its bounds and its pattern; what is not named must be JSON, and is dropped unseen. So a part is
for what was validated whole before, like one's own log: what only pydantic can ask (validators of a whole model) is not asked again. Its instances are structs of msgspec, which reads them: a part of a settled claim in a third of the time that
pydantic takes for the same part.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from msgspec import Meta, defstruct
from msgspec.json import Decoder
from pydantic.fields import FieldInfo

from contracts.base import FIRST_DAY, LAST_DAY, Model

Names = Mapping[str, Any]
"""Fields, each with what is read of the models in it: their Names, or None for all of it."""
_ASKED = ("ge", "le", "pattern", "min_length", "max_length")


def part_of(model: type[Model], names: Names) -> Decoder[Any]:
    """What reads the fields ``names`` of a ``model`` out of JSON; it raises ``msgspec.DecodeError``.

    Raises KeyError where the model has no such field.
    """
    return Decoder(_struct(model, names))


def _struct(model: type[Model], names: Names) -> type:
    """``model`` with no other fields than ``names``."""
    fields = []
    for name, inner in names.items():
        known = model.model_fields[name]
        form = _asked(_with_parts(known.annotation, inner), known.metadata)
        fields.append((name, form) if known.is_required() else (name, form, known.default))
    days = [name for name in names if model.model_fields[name].annotation is date]
    return defstruct(model.__name__, fields, kw_only=True, namespace={"__post_init__": _within(days)} if days else None)


def _within(days: list[str]) -> Callable[[Any], None]:
    """What asks of a struct that its ``days`` are those that contracts know; msgspec has no bounds of days."""
    def ask(part: Any) -> None:
        for name in days:
            if not FIRST_DAY <= getattr(part, name) <= LAST_DAY:
                raise ValueError(f"{name} must lie between {FIRST_DAY} and {LAST_DAY}")

    return ask


def _with_parts(found: Any, names: Names | None) -> Any:
    """The annotation ``found`` with a part in the place of each model."""
    if isinstance(found, type) and issubclass(found, Model):
        return _struct(found, names if names is not None else dict.fromkeys(found.model_fields))
    origin, inner = get_origin(found), get_args(found)
    if origin is Annotated:
        return _asked(_with_parts(inner[0], names), inner[1:])
    parts = tuple([_with_parts(one, names) for one in inner])
    return reduce(or_, parts) if origin in (Union, UnionType) else origin[parts] if origin is not None else found


def _asked(form: Any, metadata: Iterable[Any]) -> Any:
    """``form`` with the bounds and the pattern that pydantic's ``metadata`` ask for."""
    known = [inner for one in metadata for inner in (one.metadata if isinstance(one, FieldInfo) else (one,))]
    asked = {name: found for one in known for name in _ASKED if (found := getattr(one, name, None)) is not None}
    return Annotated[form, Meta(**asked)] if asked else form
