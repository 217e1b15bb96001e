"""Whether a schema keeps the promises of a released one. Schemas are compared without their words and the names of their parts."""

import json
from collections.abc import Iterator
from typing import Any

WORDS = ("description", "title", "$id", "$schema", "$defs", "default")
Schema = dict[str, Any]


def plain(schema: Schema) -> Schema:
    """The schema with its parts in the places where they are referred to, and without words."""
    return _plain(schema, schema.get("$defs", {}))


def _plain(part: Any, defs: Schema) -> Any:
    if isinstance(part, list):
        return [_plain(one, defs) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _plain(defs[part["$ref"].rpartition("/")[2]], defs)
    found = {name: _plain(value, defs) for name, value in part.items() if name not in WORDS or name == "properties"}
    if "properties" in part:
        found["properties"] = {name: _plain(value, defs) for name, value in part["properties"].items()}
    return found


def same(old: Schema, new: Schema) -> bool:
    """A released request takes for ever what it took, and nothing else."""
    return plain(old) == plain(new)


def broken(old: Schema, new: Schema) -> list[str]:
    """Where ``new`` breaks a promise to readers of ``old``: one line each.

    A field keeps its name and type, one that was always there stays so, and a new one may be absent.
    """
    return [*_broken(plain(old), plain(new), "")]


def _broken(old: Schema, new: Schema, at: str) -> Iterator[str]:
    was, now = _branches(old), _branches(new)
    if missing := {kind for kind, _ in was} - {kind for kind, _ in now}:
        yield f"{at}: {', '.join(sorted(missing))} is no longer taken"
    for kind, one in was:
        for other in (branch for found, branch in now if found == kind):
            yield from _within(one, other, at)
            break


def _within(old: Schema, new: Schema, at: str) -> Iterator[str]:
    if "items" in old and "items" in new:
        yield from _broken(old["items"], new["items"], f"{at}[]")
    if isinstance(old.get("additionalProperties"), dict) and isinstance(new.get("additionalProperties"), dict):
        yield from _broken(old["additionalProperties"], new["additionalProperties"], f"{at}.*")
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(needs - needed):
        yield f"{at}.{name}: is required now"
    for name in sorted(needed - needs):
        yield f"{at}.{name}: need no longer be there"
    for name, one in before.items():
        if name not in after:
            yield f"{at}.{name}: is gone"
        else:
            yield from _broken(one, after[name], f"{at}.{name}")
    for value in old.get("enum", [old["const"]] if "const" in old else []):
        if value not in new.get("enum", [new["const"]] if "const" in new else [value]):
            yield f"{at}: {value!r} is no longer taken"


def _branches(schema: Schema) -> list[tuple[str, Schema]]:
    """The kinds of value that a schema takes, each with what it says of them. ``any``: whatever it is."""
    found = schema.get("anyOf", [schema])
    return [(one.get("type", "any" if not ("enum" in one or "const" in one) else type((one.get("enum") or [one.get("const")])[0]).__name__), one) for one in found]


def loaded(text: bytes) -> Schema:
    return json.loads(text)
