"""What is wrong with a field is said in the language of each text, in that of pydantic too."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

import contracts
from contracts.base import Day, Model, Text
from contracts.reasons import REASONS
from contracts.strict import Unreadable, reasons_of
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


@pytest.mark.parametrize("example", [one for one in bad() if one.content["expect"]["code"] == "invalid_field"], ids=lambda one: one.name)
def test_no_chinese_text_of_a_bad_example_holds_english(example: Example) -> None:
    found = opened(example.record)
    assert isinstance(found, Unreadable)
    for why in found.reasons:
        told = why.zh.replace(why.field or "", "", 1)
        assert not ENGLISH.search(re.sub(r"'[^']*'", "", told)), told


def test_validators_of_requests_say_it_in_both_languages() -> None:
    folder = Path(contracts.__file__).with_name("events")
    assert not [path.name for path in folder.glob("*.py") if "raise ValueError(" in path.read_text("utf-8") and path.name != "seal.py"]
