"""A part of a model: only the fields that somebody reads, derived from the model itself, so that no second definition can drift.

What is named is validated as the model does it, member by member; what is not named must be JSON, and is dropped unseen. So a
part is for what was validated whole before, like one's own log. Its instances are plain dataclasses: a part of a settled claim is
read in a third of the time, and each of its attributes too.
"""

from collections.abc import Mapping
from dataclasses import field, make_dataclass
from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter

from contracts.base import Model

Names = Mapping[str, Any]
"""Fields, each with what is read of the models in it: their Names, or None for all of it."""
_CONFIG = ConfigDict(strict=True, extra="ignore")


def part_of(model: type[Model], names: Names) -> TypeAdapter:
    """What reads the fields ``names`` of a ``model`` out of JSON. Raises KeyError where the model has no such field."""
    return TypeAdapter(_dataclass(model, names))


def _dataclass(model: type[Model], names: Names) -> type:
    """``model`` with no other fields than ``names``."""
    fields = []
    for name, inner in names.items():
        known = model.model_fields[name]
        type_ = _with_parts(known.annotation, inner)
        form = Annotated[(type_, *known.metadata)] if known.metadata else type_
        fields.append((name, form, field() if known.is_required() else field(default=known.default)))
    return make_dataclass(model.__name__, fields, kw_only=True, namespace={"__pydantic_config__": _CONFIG})


def _with_parts(found: Any, names: Names | None) -> Any:
    """The annotation ``found`` with a part in the place of each model."""
    if isinstance(found, type) and issubclass(found, Model):
        return _dataclass(found, names if names is not None else dict.fromkeys(found.model_fields))
    origin, inner = get_origin(found), get_args(found)
    if origin is Annotated:
        return Annotated[(_with_parts(inner[0], names), *inner[1:])]
    parts = tuple([_with_parts(one, names) for one in inner])
    return reduce(or_, parts) if origin in (Union, UnionType) else origin[parts] if origin is not None else found
