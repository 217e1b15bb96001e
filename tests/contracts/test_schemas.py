"""The committed schemas: those of the models, valid, and in agreement with the examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.events import REQUESTS
from contracts.schemas import FOLDER, differences, documents, main, write
from tests.contracts.examples import Example, bad, good

SCHEMAS: dict[str, Any] = {path.name: json.loads(path.read_bytes()) for path in FOLDER.glob("*.json")}


def schema_of(type_text: str) -> dict[str, Any] | None:
    return SCHEMAS.get(f"{type_text.removeprefix('cn.yibao.')}.request.json")


def test_the_committed_schemas_are_those_of_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert differences() == []
    assert main(["--check"]) == 0
    assert "agree" in capsys.readouterr().out


def test_a_missing_a_changed_and_a_strange_file_are_named(tmp_path: Path) -> None:
    tmp_path = tmp_path / "schemas"
    write(tmp_path)
    assert differences(tmp_path) == []
    (tmp_path / "claim.settled.v1.json").unlink()
    (tmp_path / "claim.priced.v1.json").write_bytes(documents()["claim.priced.v1.json"].rstrip())
    (tmp_path / "claim.lost.v1.json").write_text("{}")
    assert [line.partition(":")[0] for line in differences(tmp_path)] == [
        "claim.settled.v1.json",
        "claim.lost.v1.json",
        "claim.priced.v1.json",
    ]
    write(tmp_path)
    assert differences(tmp_path) == []


def test_an_unknown_argument_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chek"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_is_a_schema_that_says_what_it_is(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:yibao:{name.removesuffix('.json')}"
    assert schema["title"] == "cn.yibao." + name.removesuffix(".json").removesuffix(".request")
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("example", good(), ids=lambda example: example.name)
def test_a_good_example_fits_its_schema(example: Example) -> None:
    schema = schema_of(example.content["type"])
    assert schema is not None
    Draft202012Validator(schema).validate(example.content["data"])


# What a sender can find with the schema alone, before anything is published. The exception is 7680.0, which
# JSON Schema takes for a whole number and the door does not.
FOUND = [
    example
    for example in bad()
    if example.content["expect"]["code"] in ("unknown_field", "fen_not_yuan")
    and example.name != "fen-not-yuan-whole-number-with-point"
]


@pytest.mark.parametrize("example", FOUND, ids=lambda example: example.name)
def test_a_bad_example_does_not_fit_its_schema(example: Example) -> None:
    event = example.content["line"]
    assert not Draft202012Validator(schema_of(event["type"])).is_valid(event["data"])


@pytest.mark.parametrize("name", REQUESTS)
def test_each_field_of_a_request_is_described_in_both_languages(name: str) -> None:
    schema = SCHEMAS[f"{name}.v{REQUESTS[name].newest}.request.json"]
    for part in (schema, *schema.get("$defs", {}).values()):
        for field, said in part.get("properties", {}).items():
            zh, _, en = said["description"].partition(" / ")
            assert not zh.isascii() or zh == "就诊ID", (part["title"], field)
            assert en.isascii() and en, (part["title"], field)
