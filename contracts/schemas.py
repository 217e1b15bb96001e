"""Writes the JSON Schema of each version of a request and of an event's body into the folder ``schemas``, and the AsyncAPI
document of the topics (``contracts/asyncapi.py``) beside it.

    python -m contracts.schemas            writes them
    python -m contracts.schemas --check    says which files differ, and exits 1 if one does

``<name>.v<n>.request.json`` is what a gateway publishes, ``<name>.v1.json`` the whole value of a record.

A released schema never changes. What a version allows, it allows for ever: a field that comes, goes or gets
another bound is a new version of the type, with an upcast (``contracts/events``) and a file of its own.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from contracts import asyncapi
from contracts.base import Model
from contracts.envelope import join_type
from contracts.events import BESIDE, BODIES, REQUESTS

FOLDER = Path(__file__).with_name("schemas")
ASYNCAPI = "asyncapi.json"


class _Plain(GenerateJsonSchema):
    """Without the titles that pydantic makes of field names: the national interface names the fields."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


@cache
def documents() -> Mapping[str, bytes]:
    """Every schema as the bytes of its file, by file name."""
    requests = {
        f"{name}.v{version}.request": (join_type(name, version), model)
        for name, known in REQUESTS.items()
        for version, model in known.versions.items()
    }
    bodies = {f"{name}.v1": (join_type(name, 1), model) for name, model in (BODIES | BESIDE).items()}
    return MappingProxyType({f"{name}.json": _document(name, *what) for name, what in (requests | bodies).items()})


def topics_document() -> bytes:
    """The AsyncAPI document as the bytes of its file, in the order of the road."""
    return _written(asyncapi.document(), sort=False)


def differences(folder: Path = FOLDER) -> list[str]:
    """What ``folder`` lacks, holds in another form, or holds too much: one line each, in both languages."""
    wanted, present = {**documents(), ASYNCAPI: topics_document()}, {path.name: path.read_bytes() for path in folder.glob("*.json")}
    beside = folder.with_name(ASYNCAPI)
    present |= {ASYNCAPI: beside.read_bytes()} if beside.is_file() else {}
    said = [f"{name}: 缺失 / missing" for name in sorted(wanted.keys() - present.keys())]
    said += [f"{name}: 多余 / belongs to no type" for name in sorted(present.keys() - wanted.keys())]
    changed = (name for name in sorted(wanted.keys() & present.keys()) if wanted[name] != present[name])
    return said + [f"{name}: 与模型不一致 / differs from its model" for name in changed]


def write(folder: Path = FOLDER) -> None:
    """Makes ``folder`` hold exactly the schemas of the models."""
    folder.mkdir(exist_ok=True)
    wanted = documents()
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, content in wanted.items():
        (folder / name).write_bytes(content)
    folder.with_name(ASYNCAPI).write_bytes(topics_document())


def main(arguments: Sequence[str]) -> int:
    """0: done, or nothing differs; 1: something differs; 2: called wrongly."""
    if list(arguments) not in ([], ["--check"]):
        print("用法 / usage: python -m contracts.schemas [--check]", file=sys.stderr)
        return 2
    if not arguments:
        write()
        return 0
    found = differences()
    print("\n".join(found) or f"{len(documents())} 个模式与 {ASYNCAPI} 均与模型一致 / schemas and {ASYNCAPI} agree with their models")
    if found:
        print("运行 python -m contracts.schemas 重新生成 / run it without --check to write them again")
    return 1 if found else 0


def _document(name: str, type_text: str, model: type[Model]) -> bytes:
    schema = model.model_json_schema(schema_generator=_Plain)
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:yibao:{name}", "title": type_text}
    return _written(schema | head)


def _written(found: Mapping[str, Any], sort: bool = True) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=2, sort_keys=sort) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
