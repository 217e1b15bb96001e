"""A body of an older version is read once, in the newest one, only where it is good in its own: the models must show that."""

import json
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import Field, ValidationError, field_validator, model_validator

from contracts.base import Code, Flag, Model, described as of
from contracts.envelope import join_type
from contracts.events import REQUESTS
from contracts.events.bill import FeeLine
from contracts.events.direct import DirectClaim
from contracts.strict import MAX_REASONS, members, reasons_of
from contracts.versions import MAX_COMMAS, bounds, validated
from contracts.wire import Request, Unreadable
from tests.contracts.examples import compact, good, opened
from tests.contracts.test_schemas import SCHEMAS

GOOD = {example.name: example for example in good()}
ONE_DRUG = GOOD["outpatient-one-drug"]
OLDER = [(name, version) for name, known in REQUESTS.items() for version in known.versions if version < known.newest]
ALIKE = [(name, version) for name, version in OLDER if REQUESTS[name].same_form(version)]


def test_older_versions_of_the_same_form_are_shown_to_be_within_the_newest() -> None:
    shown = {(name, version) for name, version in OLDER if bounds(*_models(name, version)) is not None}
    assert shown == set(ALIKE) - {("filing.requested", 2)} == {("enrolment.recorded", 1), ("claim.submitted", 1), ("quote.requested", 1)}


def _models(name: str, version: int) -> tuple[type[Model], type[Model]]:
    known = REQUESTS[name]
    return known.versions[version], known.versions[known.newest]


# --- what is good in an older version of the same form is good in the newest ------------------------------------------------


@pytest.mark.parametrize(("name", "version"), ALIKE)
def test_the_newest_version_asks_for_nothing_that_an_older_one_of_its_form_may_leave_out(name: str, version: int) -> None:
    older, newest = (SCHEMAS[f"{name}.v{number}.request.json"] for number in (version, REQUESTS[name].newest))
    assert set(newest["required"]) <= set(older["required"]) and set(older["properties"]) <= set(newest["properties"])
    for kind in older.get("$defs", {}).keys() & newest.get("$defs", {}).keys():
        assert set(newest["$defs"][kind].get("required", ())) <= set(older["$defs"][kind].get("required", ()))


@pytest.mark.parametrize(("name", "version"), ALIKE)
def test_each_example_of_an_older_version_is_the_same_in_the_newest(name: str, version: int) -> None:
    older, newest = _models(name, version)
    for example in [one for one in good() if one.content["type"] == join_type(name, version)]:
        said = older.model_validate_json(example.record.value).model_dump()
        assert _part_of(said, newest.model_validate_json(example.record.value).model_dump())


def _part_of(older: Any, newer: Any) -> bool:
    if isinstance(older, dict):
        return all(_part_of(value, newer[name]) for name, value in older.items())
    if isinstance(older, tuple):
        return len(older) == len(newer) and all(map(_part_of, older, newer))
    return older == newer


@settings(max_examples=60)
@given(st.from_regex(r"^[01]$", fullmatch=True), st.from_regex(r"^[A-Za-z0-9._-]{1,50}$", fullmatch=True))
def test_a_form_that_differs_is_wider_in_the_newest_version(flag: str, code: str) -> None:
    body = ONE_DRUG.content["data"] | {"acct_used_flag": flag, "insutype": code}
    assert DirectClaim.model_validate_json(compact(body)).acct_used_flag == flag


# --- a body of an older version is held to its own version -------------------------------------------------------------------


@pytest.mark.parametrize(("more", "told"), [
    ({"acct_used_flag": "2"}, ("invalid_field", "acct_used_flag")),  # version 1: 0 or 1
    ({"mid_setl_flag": "0"}, ("unknown_field", "mid_setl_flag")),
    ({"pay_loc": "2"}, ("unknown_field", "pay_loc")),
    ({"refl_date": None}, ("unknown_field", "refl_date")),
    ({"feedetail": [*ONE_DRUG.content["data"]["feedetail"], {**ONE_DRUG.content["data"]["feedetail"][0], "rxno": "R1"}]},
     ("unknown_field", "feedetail.1.rxno")),
])  # fmt: skip
def test_what_only_the_newest_version_knows_is_refused_in_an_older_one(more: dict[str, Any], told: tuple[str, str]) -> None:
    body = ONE_DRUG.content["data"] | more
    DirectClaim.model_validate_json(compact(body))
    refused = opened(replace(ONE_DRUG.record, value=compact(body)))
    assert isinstance(refused, Unreadable) and [(why.code, why.field) for why in refused.reasons] == [told]


@pytest.mark.parametrize("spelt", [
    lambda text: text,
    lambda text: text.replace('":', '" : '),
    lambda text: json.dumps(json.loads(text), indent=1),
    lambda text: text.replace('"psn_no"', '"psn_n\\u006f"'),
])  # fmt: skip
def test_a_body_of_an_older_version_is_read_as_the_newest_however_it_is_spelt(spelt: Any) -> None:
    request = opened(replace(ONE_DRUG.record, value=spelt(ONE_DRUG.record.value.decode()).encode()))
    assert isinstance(request, Request) and request.attributes.version == 1
    assert type(request.body) is DirectClaim and type(request.body.feedetail[0]) is FeeLine
    assert (request.body.psn_no, request.body.pay_loc, request.body.feedetail[0].rxno) == ("P000000001", "2", None)


@pytest.mark.parametrize(("old", "new"), [
    ('{"psn_no":', '{"psn_no":"P000000002","psn_no":'),
    ('{"psn_no":', '{"psn_n\\u006f":"P000000001","psn_no":'),
    ('"feedetl_sn":', '"feedetl_sn" :"1", "feedetl_sn":'),
    ('"mdtrt_id":"', '"mdtrt_id":"a:b","mdtrt_id":"'),
])  # fmt: skip
def test_a_key_that_is_given_twice_is_found_at_any_depth(old: str, new: str) -> None:
    text = ONE_DRUG.record.value.decode()
    assert old in text
    refused = opened(replace(ONE_DRUG.record, value=text.replace(old, new, 1).encode()))
    assert isinstance(refused, Unreadable) and [why.code for why in refused.reasons] == ["duplicate_key"]


def test_members_are_counted_at_any_depth() -> None:
    # 4 + 2 of the one line = 6; the list of `plain` has no members of its own, the absent one none at all.
    body = Outer.model_validate_json('{"name":"a","line":[{"one":"1","two":"2"}],"plain":["x","y"],"inner":null}')
    assert members(body) == 6
    # 2 + 1 of `inner` + 0 of no line
    assert members(Outer.model_validate_json('{"line":[],"inner":{"one":"1"}}')) == 3


# --- what models do not show -------------------------------------------------------------------------------------------------


class Line(Model):
    one: str
    two: str = ""


class Wider(Line):
    three: str = ""


class Outer(Model):
    name: str = ""
    line: tuple[Line, ...]
    plain: tuple[str, ...] = ()
    inner: Line | None = None


class Lists(Model):
    line: tuple[Wider, ...]


class Single(Model):
    line: tuple[Line, ...]


class Bounded(Model):
    line: of(tuple[Line, ...], "行", "lines", max_length=3)


class Number(Model):
    two: int = 0
    one: str


class Later(Line):
    two: str


class Tagged(Model):
    one: Literal["1"]
    two: str = ""


class Flagged(Model):
    one: Flag
    two: str = ""


class Coded(Model):
    one: Code
    two: str = ""


class Asking(Line):
    @model_validator(mode="after")
    def _asks(self) -> "Asking":
        return self


class Changing(Line):
    @model_validator(mode="before")
    @classmethod
    def _changes(cls, found: Any) -> Any:
        return found


class Checking(Line):
    @field_validator("one")
    @classmethod
    def _checks(cls, found: str) -> str:
        return found


class Renamed(Line):
    one: str = Field(alias="first")


class Lax(Line):
    model_config = {"extra": "ignore"}


class Nested(Model):
    line: tuple[Line, ...] = Field(default=())


@pytest.mark.parametrize(("older", "newer", "shown"), [
    (Line, Wider, True),       # only more fields
    (Wider, Line, False),      # the newer one does not know a field
    (Single, Lists, True),     # a list of what is shown
    (Lists, Single, False),
    (Bounded, Lists, False),   # the lists have other bounds
    (Nested, Lists, False),    # one may leave out what the other asks for
    (Number, Line, False),     # another type
    (Later, Line, False),      # asks for what may be left out in the newer one
    (Flagged, Coded, True),    # a text of another form: the older form is asked
    (Tagged, Line, False),     # no text
    (Line, Asking, True),      # the newer one asks more of the whole
    (Asking, Line, False),     # the older one does
    (Line, Changing, False),   # what is read may be changed first
    (Line, Checking, False),   # a rule of a field that both have
    (Checking, Line, False),
    (Line, Renamed, False),    # another name in JSON
    (Line, Lax, False),        # another configuration
])  # fmt: skip
def test_bounds_are_found_only_where_the_models_show_them(older: type[Model], newer: type[Model], shown: bool) -> None:
    assert (bounds(older, newer) is not None) is shown


def test_bounds_hold_a_text_to_its_older_form_and_lists_to_their_older_fields() -> None:
    texts, lists = bounds(Flagged, Coded), bounds(Single, Lists)
    assert texts is not None and lists is not None
    assert [texts.hold(Coded(one=one)) for one in ("0", "1", "2")] == [True, True, False]
    assert [lists.hold(Lists.model_validate_json(text)) for text in ('{"line":[{"one":"1"}]}', '{"line":[{"one":"1"},{"one":"1","three":""}]}')] == [True, False]


# --- what lines rely on ------------------------------------------------------------------------------------------------------


def test_no_request_holds_a_number_that_is_not_whole_nor_a_list_of_numbers() -> None:
    """So a line may be taken as it stands (contracts.lines): 1.50 or 1e2 could be printed otherwise."""
    for name, schema in SCHEMAS.items():
        if name.endswith(".request.json"):
            for part in _parts(schema):
                assert part.get("type") != "number", name
                assert part.get("type") != "array" or part["items"].get("type") != "integer", name
                assert set(part) & {"type", "$ref", "anyOf", "allOf", "const", "enum", "$defs"} or part == {}, name


def _parts(schema: Any) -> list[dict[str, Any]]:
    """Every schema within one."""
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *[part for one in inner for part in _parts(one)]]


# --- how much is looked at of what is not good ------------------------------------------------------------------------------


def _most(schema: dict[str, Any], of: dict[str, Any]) -> int:
    """How many commas a value of ``schema`` can have at most: between members and elements, and in texts without a pattern."""
    if "$ref" in schema:
        return _most(of[schema["$ref"].rpartition("/")[2]], of)
    if "anyOf" in schema:
        return max(_most(one, of) for one in schema["anyOf"])
    if "properties" in schema:
        return sum(_most(one, of) + 1 for one in schema["properties"].values())
    if "items" in schema:
        return schema["maxItems"] * (_most(schema["items"], of) + 1)
    written = {"pattern", "enum", "const", "format"} & schema.keys()
    return schema["maxLength"] if schema.get("type") == "string" and not written else 0


@pytest.mark.parametrize(("name", "version"), [(name, version) for name, known in REQUESTS.items() for version in known.versions])
def test_no_good_request_has_too_many_commas(name: str, version: int) -> None:
    schema = REQUESTS[name].versions[version].model_json_schema()
    assert _most(schema, schema.get("$defs", {})) <= MAX_COMMAS


@pytest.mark.parametrize("field", ["feedetail", "diseinfo", "nonsense"])
def test_what_holds_too_many_values_is_not_looked_at(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value = json.dumps(json.loads(ONE_DRUG.record.value) | {field: [{}] * (MAX_COMMAS + 1)}).encode()
    monkeypatch.setattr("contracts.versions._read_once", None)
    with pytest.raises(Unreadable) as caught:
        validated(REQUESTS["claim.submitted"], 2, value)
    (told,) = caught.value.reasons
    assert (told.code, told.field) == ("invalid_field", "*") and f"more than {MAX_COMMAS} commas" in told.en


def test_no_more_faults_are_put_in_words_than_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("contracts.strict.chinese", lambda found, en: told.append(en) or en)
    with pytest.raises(ValidationError) as caught:
        REQUESTS["claim.submitted"].versions[2].model_validate_json(json.dumps(json.loads(ONE_DRUG.record.value) | {"feedetail": [{}] * 600}))
    assert caught.value.error_count() == 600 * 6 + 1  # six fields of a line are missing, and the list is short of lines that are good
    assert len(reasons_of(caught.value)) == len(told) == MAX_REASONS
