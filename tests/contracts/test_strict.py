"""What is wrong with a field is said in the language of each text, in that of pydantic too."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

import contracts
from contracts.base import Day, Fen, Model, Text
from contracts.reasons import REASONS
from contracts.strict import Unreadable, reasons_of, strict_object
from tests.contracts.examples import Example, bad, opened

ZH, EN = REASONS["invalid_field"].zh, REASONS["invalid_field"].en
ENGLISH = re.compile(r"\b(?:input|should|must|required|valid|least|most|items?|than|before|after|given?|either|or|and|the|is|looks|takes|needs)\b", re.I)


class Inner(Model):
    x: Literal["a", "b", "c"] = "a"


class Fields(Model):
    digits: Annotated[str, Field(pattern="^[0-9]{2}$")] = "00"
    text: Text = "x"
    fen: Annotated[int, Field(ge=0, le=9)] = 0
    more: Annotated[int, Field(gt=0, lt=9)] = 1
    day: Day = Field(default=None)
    list: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("x",)
    inner: Inner | None = None


class Paid(Model):
    amt: Fen


class Needed(Fields):
    needed: str


@pytest.mark.parametrize(("given", "zh", "en"), [
    ({"digits": "x"}, "须符合格式 ^[0-9]{2}$", "String should match pattern '^[0-9]{2}$'"),
    ({"digits": 7}, "应为文本", "Input should be a valid string"),
    ({"text": ""}, "至少 1 个字符", "String should have at least 1 character"),
    ({"text": "x" * 501}, "至多 500 个字符", "String should have at most 500 characters"),
    ({"text": "\n"}, "含有控制字符", "holds a control character"),
    ({"fen": "1"}, "应为整数", "Input should be a valid integer"),
    ({"fen": -1}, "应不小于 0", "Input should be greater than or equal to 0"),
    ({"fen": 10}, "应不大于 9", "Input should be less than or equal to 9"),
    ({"more": 0}, "应大于 0", "Input should be greater than 0"),
    ({"more": 9}, "应小于 9", "Input should be less than 9"),
    ({"day": "2026-02-30"}, "不是日历上的日期", "is not a day of the calendar"),
    ({"list": []}, "至少 1 项", "Tuple should have at least 1 item after validation, not 0"),
    ({"list": ["x"] * 3}, "至多 2 项", "Tuple should have at most 2 items after validation, not 3"),
    ({"list": {}}, "应为数组", "Input should be a valid array"),
    ({"inner": 7}, "应为对象", "Input should be an object"),
    ({"inner": {"x": "d"}}, "应为 'a'、'b'、'c' 之一", "Input should be 'a', 'b' or 'c'"),
])
def test_each_kind_is_told_in_both_languages(given: dict[str, Any], zh: str, en: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Fields.model_validate_json(json.dumps(given))
    (told,) = reasons_of(caught.value)
    assert (told.zh, told.en) == (ZH.format(field=told.field, detail=zh), EN.format(field=told.field, detail=en))


def test_what_is_missing_is_told_in_both_languages() -> None:
    with pytest.raises(ValidationError) as caught:
        Needed.model_validate_json("{}")
    (told,) = reasons_of(caught.value)
    assert (told.zh, told.en) == ("字段 needed 不合要求：缺少该字段", "Field needed is not acceptable: Field required")


@pytest.mark.parametrize("example", bad(), ids=lambda one: one.name)
def test_no_chinese_text_of_a_bad_example_holds_english(example: Example) -> None:
    found = opened(example.record)
    assert isinstance(found, Unreadable)
    for why in found.reasons:
        told = why.zh.replace(why.field or "", "", 1)
        assert not ENGLISH.search(re.sub(r"'[^']*'", "", told)), told


@pytest.mark.parametrize(("value", "zh", "en"), [
    (b"", "报文为空", "it is empty"),
    (b'\xef\xbb\xbf{}', "以字节序标记（BOM）开头，请去掉", "it begins with a byte order mark (BOM): remove it"),
    (b'{"a":"\xbe\xcd"}', "第 6 字节起不是 UTF-8", "not UTF-8 at byte 6"),  # GBK of 就; 6 bytes stand before it
    (b"{", "对象没有写完（第 1 行第 1 列）", "EOF while parsing an object at line 1 column 1"),
    (b"[1", "数组没有写完（第 1 行第 2 列）", "EOF while parsing a list at line 1 column 2"),
    (b'"', "文本没有写完（第 1 行第 1 列）", "EOF while parsing a string at line 1 column 1"),
    (b"\n\n", "值没有写完（第 3 行第 0 列）", "EOF while parsing a value at line 3 column 0"),
    (b'{"a" 1}', "缺少冒号（第 1 行第 6 列）", "expected `:` at line 1 column 6"),
    (b"[1 2]", "缺少逗号或 ]（第 1 行第 4 列）", "expected `,` or `]` at line 1 column 4"),
    (b'{"a":1;}', "缺少逗号或 }（第 1 行第 7 列）", "expected `,` or `}` at line 1 column 7"),
    (b"nil!", "应为 true、false 或 null（第 1 行第 2 列）", "expected ident at line 1 column 2"),
    (b"<xml/>", "应为一个值（第 1 行第 1 列）", "expected value at line 1 column 1"),
    (rb'["\x41"]', "转义有误（第 1 行第 4 列）", "invalid escape at line 1 column 4"),
    (b"[01]", "数字有误（第 1 行第 3 列）", "invalid number at line 1 column 3"),
    (b"9" * 4301, "数字过长（第 1 行第 4301 列）", "number out of range at line 1 column 4301"),
    (b"{'a':1}", "字段名应为双引号中的文本（第 1 行第 2 列）", "key must be a string at line 1 column 2"),
    (b'["\x00"]', "文本含有未转义的控制字符（\\u0000-\\u001F）（第 1 行第 3 列）",
     "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3"),
    (rb'["\ud800x"]', "代理项不成对或转义未写完（第 1 行第 9 列）", "unexpected end of hex escape at line 1 column 9"),
    (rb'["\ud800\u0041"]', "代理项不成对（第 1 行第 14 列）", "lone leading surrogate in hex escape at line 1 column 14"),
    (b"[1,]", "多余的逗号（第 1 行第 4 列）", "trailing comma at line 1 column 4"),
    (b"[" * 300, "嵌套过深（第 1 行第 202 列）", "recursion limit exceeded at line 1 column 202"),
], ids=lambda one: repr(one)[:24])
def test_what_is_no_json_is_told_in_both_languages(value: bytes, zh: str, en: str) -> None:
    with pytest.raises(Unreadable) as caught:
        strict_object(value)
    (told,) = caught.value.reasons
    assert (told.zh, told.en) == (f"报文不是合法的 JSON：{zh}", f"The body is not valid JSON: {en}")


@pytest.mark.parametrize(("given", "shown"), [
    ("null", "null"), ("true", "true"), ('"5000"', '"5000"'), ("5000.00", "5000.0"), ("5e3", "5000.0"), ("1e400", "Infinity"), ("[1]", "[1]"),
])
def test_what_is_no_amount_is_shown_as_it_stands_in_json(given: str, shown: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Paid.model_validate_json(f'{{"amt":{given}}}')
    (told,) = reasons_of(caught.value)
    assert told.code == "fen_not_yuan" and told.en == f"Field amt must be whole fen, not {shown}: fen, not yuan"


def test_validators_of_requests_say_it_in_both_languages() -> None:
    folder = Path(contracts.__file__).with_name("events")
    assert not [path.name for path in folder.glob("*.py") if "raise ValueError(" in path.read_text("utf-8") and path.name != "seal.py"]
