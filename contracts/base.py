"""What all messages share: strict, frozen models and the bounded types of their fields.

Field names are those of the national interface where it names the thing; each field says so in both languages.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import core_schema as cs

from contracts.keys import PSN_NO_PATTERN
from contracts.money import MAX_FEN

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)


class Wrong(ValueError):
    """What a validator finds fault with, in Chinese and English: the text of an error is English, ``zh`` stands beside it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


class Model(BaseModel):
    """Strict (no number from a string), frozen, and without fields that the version does not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class _WrittenDay:
    """A day in JSON is written in one way: pydantic alone takes the text of a Unix time for a day too. All of it is checked
    by pydantic's core, without a call of Python: a bill holds a day a line."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> cs.CoreSchema:
        known = _told(cs.date_schema(strict=True, ge=FIRST_DAY, le=LAST_DAY), f"须在 {FIRST_DAY} 至 {LAST_DAY} 之间", f"must lie between {FIRST_DAY} and {LAST_DAY}")
        written = _told(cs.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), "须写作 YYYY-MM-DD", "must be written YYYY-MM-DD")
        day = _told(cs.date_schema(strict=False), "不是日历上的日期", "is not a day of the calendar")
        return cs.json_or_python_schema(json_schema=cs.chain_schema([written, day, known]), python_schema=known)

    def __get_pydantic_json_schema__(self, schema: cs.CoreSchema, handler: Any) -> dict[str, Any]:
        return handler(cs.date_schema())


def _told(schema: cs.CoreSchema, zh: str, en: str) -> cs.CoreSchema:
    """``schema`` whose errors say ``en``, and ``zh`` beside it."""
    return cs.custom_error_schema(schema, custom_error_type="day", custom_error_message=en, custom_error_context={"zh": zh})


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _no_control(text: str) -> str:
    if _CONTROL.search(text):
        raise Wrong("含有控制字符", "holds a control character")
    return text


Fen = Annotated[int, Field(ge=0, le=MAX_FEN)]
MoreThanNothing = Annotated[int, Field(gt=0, le=MAX_FEN)]
"""Fen, at least one."""
SignedFen = Annotated[int, Field(ge=-MAX_FEN, le=MAX_FEN)]
Day = Annotated[date, _WrittenDay()]
PsnNo = Annotated[str, Field(pattern=PSN_NO_PATTERN)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,50}$")]
RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")]
Admdvs = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_no_control)]
Price = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,6})?$")]
Count = Annotated[str, Field(pattern=r"^-?[0-9]{1,8}(\.[0-9]{1,4})?$")]
Ratio = Annotated[str, Field(pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$")]
Flag = Annotated[str, Field(pattern=r"^[01]$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def described(type_: Any, zh: str, en: str, **more: Any) -> Any:
    """A field with its description in both languages."""
    return Annotated[type_, Field(description=f"{zh} / {en}", **more)]


M = TypeVar("M", bound=Model)


class _Blanks(dict[type[Model], dict[str, Any]]):
    """Of each model that is made every field in its order, with its default; fields without one are None."""

    def __missing__(self, model: type[Model]) -> dict[str, Any]:
        fields = model.model_fields.items()
        found = self[model] = {name: None if field.is_required() else field.get_default() for name, field in fields}
        return found


class _Names(dict[type[Model], set[str]]):
    """The names of the fields of each model that is made."""

    def __missing__(self, model: type[Model]) -> set[str]:
        found = self[model] = set(model.model_fields)
        return found


_BLANKS, _NAMES = _Blanks(), _Names()

HELD: Callable[[Model], dict[str, Any]] = attrgetter("__dict__")
"""What a model holds, by field: reading many fields of many models one by one costs twice as much and more."""


def made(model: type[M], **values: Any) -> M:
    """A model from values that this program computed: nothing is validated, which is several times faster.

    For verdicts, whose values the laws check. Every field without a default must be given.
    """
    return holding(model, _BLANKS[model] | values)


def filled(model: type[M], values: dict[str, Any]) -> M:
    """What ``made`` makes, of values that stand in a dict: as keywords they would be merged one by one, at twice the cost."""
    return holding(model, _BLANKS[model] | values)


def altered(found: M, **values: Any) -> M:
    """A copy of a model that this program computed, with other values; nothing is validated (see ``made``)."""
    return holding(found.__class__, found.__dict__ | values)


_new = object.__new__
_put_values, _put_given, _put_extra, _put_private = (
    BaseModel.__dict__[slot].__set__ for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"))
"""The slots of every model. Models are frozen, and ``object.__setattr__`` would look each slot up again: 0.6 microseconds a model and
not 0.35, and a settled claim makes 15."""


def holding(model: type[M], values: dict[str, Any]) -> M:
    """A model that holds ``values`` as they are: every field of it, in their order. What ``made`` does for most; alone it takes half
    as long, which pays where a claim makes ten of one kind."""
    found = _new(model)
    _put_values(found, values)
    _put_given(found, _NAMES[model])
    _put_extra(found, None)
    _put_private(found, None)
    return found


@lru_cache(maxsize=1024)
def ratio_text(value: Decimal) -> str:
    """A ratio on the wire: plain decimal, no exponent, no trailing zeros. The same few come again and again."""
    return format(value.normalize(), "f")
