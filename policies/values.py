"""Single values as TOML has them: how they are shown to people, of which kind they are, and within which bounds."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from contracts.money import MAX_FEN, yuan

MOST_SHOWN = 60
MOST_NAME = 100
"""Characters of a name."""
RESERVED = ("cap", "deductible")
"""What names of accumulators begin with that no benefit has alone."""
MOST_PLACES = 12
"""Decimals of a ratio."""
CODED: Mapping[str, tuple[str, ...]] = {
    "insutype": ("310", "390"),
    "hosp_lv": tuple(str(code) for code in range(1, 15)),
    "dedc_hosp_lv": ("1", "2", "3", "4", "9"),
    "fee_class": ("1", "2", "3"),
    **dict.fromkeys(("provider", "medins_type"), ("hospital", "tcm_hospital", "community", "village", "clinic", "pharmacy", "internet")),
    "item_type": tuple(f"{code:02}" for code in range(1, 15)),
    "item_kind": ("negotiated", "chinese", "herbal", "implant"),
}
"""Codes of the national interface that selectors and maps can name: of insurance, providers and items."""
MOST = 9999
"""The largest count, number of days or years."""
_FEN = Decimal("0.01")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CODE = re.compile("[A-Za-z0-9._-]{1,50}")


def shown(value: Any) -> str:
    """A value as TOML writes it, cut where it is long."""
    if isinstance(value, str):
        text = f"'{_CONTROL.sub(_escaped, value)}'"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, date | time | datetime):
        text = value.isoformat()
    elif isinstance(value, list):
        text = f"[{', '.join(shown(one) for one in value[:MOST_SHOWN])}]"
    elif isinstance(value, dict):
        text = f"{{ {', '.join(f'{key} = {shown(one)}' for key, one in value.items())} }}"
    else:
        text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def is_a(found: Any, kind: Any) -> bool:
    """Whether a value of TOML is of a kind. In Python a bool is an int, and a time of day is a day."""
    if isinstance(found, bool | datetime):
        return kind is type(found) or kind is object
    return isinstance(found, kind)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()


def wrong_text(text: str) -> str | None:
    """What is wrong with a text, None where nothing is."""
    if not text.strip():
        return "为空，请写上文字 / is empty; write a text"
    return "含有控制字符，请去掉 / holds control characters; write it without them" if _CONTROL.search(text) else None


def wrong_name(text: str) -> str | None:
    """What is wrong with a name, None where nothing is."""
    if len(text) > MOST_NAME:
        return f"有 {len(text)} 个字，最多 {MOST_NAME} 个 / has {len(text)} characters; write at most {MOST_NAME}"
    return wrong_text(text) or ("不在一行内，请写在一行 / is not on one line; write it on one" if {"\n", "\t"} & {*text} else None)


def wrong_label(text: str) -> str | None:
    """What is wrong with a name of which names of accumulators are made, None where nothing is."""
    if text in RESERVED:
        return f"{shown(text)} 是其他累计账所用的名称，请另取名称 / " \
            f"{shown(text)} is what accumulators of other kinds are called; write another name"
    parting = next((sign for sign in text if sign in ".#" or sign.isspace()), None)
    return wrong_name(text) or (
        f"{shown(text)} 含有 {shown(parting)}，名称里不要用 .、# 和空格 / {shown(text)} holds {shown(parting)}; write a name without . # and spaces"
        if parting else None)


def wrong_code(text: str) -> str | None:
    """What is wrong with a code of an item, a disease or a rule, None where nothing is."""
    return None if _CODE.fullmatch(text) else f"{shown(text)} 不是代码，请用字母、数字、“.”“_”“-”，最多 50 个 / " \
        f"{shown(text)} is no code; write letters, digits, '.', '_' or '-', at most 50"


def wrong_choice(text: str) -> str | None:
    """What is wrong with a choice, None where nothing is: it stands in both languages."""
    first, _, second = text.partition(" / ")
    if not first.strip() or not second.strip():
        return "须中英文都写，中间以斜杠隔开 / needs both languages; write 中文 / English"
    return wrong_text(text)


def wrong_ratio(value: Any) -> str | None:
    """What is wrong with a ratio, None where nothing is."""
    if not is_number(value) or not 0 <= value <= 1:
        return f"{shown(value)} 不是 0 至 1 的比例，请写如 0.70 / {shown(value)} is not a ratio between 0 and 1, such as 0.70"
    exponent = Decimal(value).as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_PLACES:
        return f"{shown(value)} 小数位过多，最多 {MOST_PLACES} 位 / {shown(value)} has too many decimals; write at most {MOST_PLACES}"
    return None


def wrong_yuan(value: Any) -> str | None:
    """What is wrong with an amount in yuan, None where nothing is. Nothing is computed of a number that is too large."""
    if not is_number(value):
        return "须为以元计的金额，如 300.00 / needs an amount in yuan, such as 300.00"
    number = Decimal(value)
    if number.adjusted() > len(str(MAX_FEN)) - 3:
        most = yuan(MAX_FEN).replace(",", "")
        return f"{shown(value)} 过大，最多 {most} / {shown(value)} is too much; write at most {most}"
    if number < 0 or number != number.quantize(_FEN):
        return f"{shown(value)} 不是从 0 起的整分金额，请写以元计的两位小数 / " \
            f"{shown(value)} is not a whole number of fen from 0 on; write yuan with two decimals"
    return None


def twice(values: Sequence[Any]) -> list[Any]:
    """The texts that a list holds more than once, each told once."""
    texts = [value for value in values if isinstance(value, str)]
    return [text for text in dict.fromkeys(texts) if texts.count(text) > 1]
