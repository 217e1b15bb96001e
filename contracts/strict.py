"""JSON as a request must be written: one object, no key twice, nothing behind it; and what is wrong with it, as reasons."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import from_json

from contracts.base import Model
from contracts.reasons import Bilingual, Reason, reason

MAX_REASONS = 8
_ZH = {
    "missing": "缺少该字段", "string_type": "应为文本", "string_pattern_mismatch": "须符合格式 {pattern}",
    "string_too_short": "至少 {min_length} 个字符", "string_too_long": "至多 {max_length} 个字符",
    "int_type": "应为整数", "int_parsing": "应为整数", "int_from_float": "应为整数", "int_parsing_size": "整数过大",
    "greater_than": "应大于 {gt}", "greater_than_equal": "应不小于 {ge}", "less_than": "应小于 {lt}", "less_than_equal": "应不大于 {le}",
    "too_short": "至少 {min_length} 项", "too_long": "至多 {max_length} 项", "tuple_type": "应为数组", "model_type": "应为对象",
    "literal_error": "应为 {expected} 之一", "bool_parsing": "应为 true 或 false", "float_parsing": "应为数", "finite_number": "应为有限的数",
}
"""What pydantic finds, by its kind, in Chinese; a kind that is not here is told in English."""
_JSON_ZH = {
    "EOF while parsing a list": "数组没有写完", "EOF while parsing an object": "对象没有写完", "EOF while parsing a string": "文本没有写完",
    "EOF while parsing a value": "值没有写完", "expected `:`": "缺少冒号", "expected `,` or `]`": "缺少逗号或 ]",
    "expected `,` or `}`": "缺少逗号或 }", "expected ident": "应为 true、false 或 null", "expected value": "应为一个值",
    "invalid escape": "转义有误", "invalid number": "数字有误", "number out of range": "数字过长",
    "invalid unicode code point": "不是合法的字符", "key must be a string": "字段名应为双引号中的文本",
    "control character (\\u0000-\\u001F) found while parsing a string": "文本含有未转义的控制字符（\\u0000-\\u001F）",
    "lone leading surrogate in hex escape": "代理项不成对", "unexpected end of hex escape": "代理项不成对或转义未写完",
    "trailing comma": "多余的逗号", "recursion limit exceeded": "嵌套过深",
}
"""What the parser of the models says of JSON, before the place, in Chinese."""
_INT_ERRORS = frozenset({"int_type", "int_parsing", "int_from_float", "int_parsing_size"})


class Unreadable(ValueError):
    """A request that cannot be read. ``reasons`` say why, for the one who sent it."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(r.en for r in reasons))
        self.reasons = reasons


def strict_object(value: bytes) -> dict[str, Any]:
    """``value`` as one JSON object: UTF-8, no key twice, nothing behind it, no NaN. Raises Unreadable."""
    return parsed(_json_text(value))


def parsed(text: str) -> dict[str, Any]:
    """``text``, which starts with JSON that the models' parser takes, as one object. Raises Unreadable."""
    try:
        found = _ONCE.decode(text)
    except json.JSONDecodeError as error:
        at = len(text[: error.pos].encode())
        raise Unreadable(reason("trailing_bytes", None, at=at)) from None
    except _KeyTwice as twice:
        raise Unreadable(reason("duplicate_key", str(twice)[:80], key=str(twice)[:80])) from None
    if not isinstance(found, dict):
        raise Unreadable(reason("not_object"))
    return found


def reasons_of(error: ValidationError) -> list[Reason]:
    """What pydantic found, as reasons: the path of each field and what is wrong with it, at most MAX_REASONS."""
    found = error.errors(include_url=False)
    return [*islice((_reason_of(one) for one in found if not _only_follows(one, found)), MAX_REASONS)]


GIVEN = attrgetter("__pydantic_fields_set__")
"""The names of the fields that a model was given."""


def members(body: Model) -> int:
    """How many members the JSON of ``body`` gives, in all of its objects; one that is given twice counts once."""
    found, held = len(GIVEN(body)), body.__dict__
    flat, deep = _holding_models(body.__class__)
    for name in flat:
        found += sum(map(len, map(GIVEN, held[name])))
    for name in deep:
        one = held[name]
        found += sum(map(members, one)) if one.__class__ is tuple else members(one) if one is not None else 0
    return found


@cache
def _holding_models(model: type[Model]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of ``model`` that are lists of one model that holds no other: the lines of a bill; and all others with models."""
    models = {name: [*models_in(field.annotation)] for name, field in model.model_fields.items()}
    flat = tuple(name for name, found in models.items() if list_of(model.model_fields[name]) and not any(_holding_models(found[0])))
    return flat, tuple(name for name, found in models.items() if found and name not in flat)


def list_of(field: FieldInfo) -> type[Model] | None:
    """The model of a field that is ``tuple[<model>, ...]``, None for any other."""
    found = get_args(field.annotation)
    is_list = get_origin(field.annotation) is tuple and found[1:] == (...,) and isinstance(found[0], type) and issubclass(found[0], Model)
    return found[0] if is_list else None


def models_in(annotation: Any) -> Iterator[type[Model]]:
    """The models that a type names: ``tuple[FeeLine, ...] | None -> FeeLine``."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


class _KeyTwice(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _KeyTwice(next(name for name, _ in pairs if name in seen or seen.add(name)))
    return found


_ONCE = json.JSONDecoder(object_pairs_hook=_once)


def _json_text(value: bytes) -> str:
    """``value`` as text that starts with JSON. Raises Unreadable.

    The parser of the models goes first: its bounds on depth and digits do not depend on the caller's stack, and it
    takes no lone surrogate, so nothing after it can fail on one. All that is left to find is what follows the value.
    """
    try:
        text = value.decode("utf-8")
        from_json(value, allow_inf_nan=False)
    except UnicodeDecodeError as error:
        found = Bilingual(f"第 {error.start} 字节起不是 UTF-8", f"not UTF-8 at byte {error.start}")
        raise Unreadable(reason("not_json", None, detail=found)) from None
    except ValueError as error:
        if not str(error).startswith("trailing characters"):
            raise Unreadable(reason("not_json", None, detail=_fault(value, str(error)[:120]))) from None
    return text


def _fault(value: bytes, en: str) -> Bilingual:
    """What the parser found, in both languages; of what it only calls no value, what it is."""
    if not value:
        return Bilingual("报文为空", "it is empty")
    if value.startswith(BOM_UTF8):
        return Bilingual("以字节序标记（BOM）开头，请去掉", "it begins with a byte order mark (BOM): remove it")
    what, _, place = en.partition(" at line ")
    line, _, column = place.partition(" column ")
    return Bilingual(f"{_JSON_ZH[what]}（第 {line} 行第 {column} 列）" if what in _JSON_ZH else en, en)


def _only_follows(one: Any, found: list[Any]) -> bool:
    """A list that is too short only because pydantic dropped its faulty elements: those are told, it is not."""
    at = one["loc"]
    within = (other["loc"][: len(at)] == at and len(other["loc"]) > len(at) for other in found)
    return one["type"] == "too_short" and any(within)


def _reason_of(found: Any) -> Reason:
    field = ".".join(str(part) for part in found["loc"])[:200] or "*"
    if found["type"] == "extra_forbidden":
        return reason("unknown_field", field)
    if found["type"] in _INT_ERRORS and field.rpartition(".")[2].endswith(("amt", "pay")):
        return reason("fen_not_yuan", field, detail=json.dumps(found["input"], ensure_ascii=False, default=str)[:40])
    en = found["msg"].removeprefix("Value error, ")[:200]
    return reason("invalid_field", field, detail=Bilingual(chinese(found, en)[:200], en))


def chinese(found: Any, en: str) -> str:
    """One of pydantic's ``errors()`` in Chinese: as the validator says it, or by its kind; ``en``, its English, where neither does."""
    context = found.get("ctx", {})
    if (zh := context.get("zh") or getattr(context.get("error"), "zh", None)) is not None:
        return zh
    if "expected" in context:
        context = {"expected": context["expected"].replace(" or ", "、").replace(", ", "、")}
    return _ZH[found["type"]].format_map(context) if found["type"] in _ZH else en
