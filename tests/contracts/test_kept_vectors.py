"""The test vectors of ``kept``: what docs/consumers.md says in words, in Python and, where there is Node, in JavaScript."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import contracts
from contracts.log import Gap, Kept

FOLDER = Path(contracts.__file__).with_name("examples") / "kept"
VECTORS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
PAGE = (Path(__file__).parents[2] / "docs" / "consumers.md").read_text("utf-8")
FIELDS = ("next", "fence", "req", "src", "void", "odd")
RUNNER = """
import { readFileSync } from "node:fs";
import { feed, start } from "./kept.mjs";
for (const path of process.argv.slice(2)) {
  const vector = JSON.parse(readFileSync(path)), place = start(), kept = [];
  for (const [name, value] of Object.entries(vector.from ?? {})) place[name] = BigInt(value);
  let gap = null;
  try {
    for (const { offset, headers } of vector.records) {
      const found = {};
      for (const [name, value] of headers) {
        const bytes = value === null ? null : Buffer.from(value);
        found[name] = name in found ? [found[name], bytes].flat() : bytes;
      }
      if (feed(place, BigInt(offset), found)) kept.push(offset);
    }
  } catch { gap = Number(place.next); }
  const numbers = Object.fromEntries(Object.entries(place).map(([name, value]) => [name, Number(value)]));
  console.log(JSON.stringify({ kept, gap, place: numbers }));
}
"""


def block(title: str) -> str:
    """A piece of code of the page."""
    return re.search(rf"^```\w+ title={title}\n(.*?)^```", PAGE, re.M | re.S)[1]  # type: ignore[index]


def due(vector: dict[str, Any]) -> dict[str, Any]:
    return {"kept": vector["kept"], "gap": vector.get("gap"), "place": vector["place"]}


@pytest.mark.parametrize("name", VECTORS)
def test_python_agrees_with_the_vector(name: str) -> None:
    vector = VECTORS[name]
    place, found, gap = Kept(**vector.get("from", {})), [], None
    try:
        for record in vector["records"]:
            headers = tuple((key, None if text is None else text.encode()) for key, text in record["headers"])
            found += [record["offset"]] if place.feed(record["offset"], headers) else []
    except Gap as error:
        gap = error.expected
    assert {"kept": found, "gap": gap, "place": {field: getattr(place, field) for field in FIELDS}} == due(vector)


def test_node_agrees_with_the_vectors(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    (tmp_path / "kept.mjs").write_text(block("kept"))
    (tmp_path / "runner.mjs").write_text(RUNNER)
    done = subprocess.run([node, "runner.mjs", *(str(FOLDER / f"{name}.json") for name in VECTORS)], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert dict(zip(VECTORS, map(json.loads, done.stdout.splitlines()), strict=True)) == {name: due(one) for name, one in VECTORS.items()}


def test_every_vector_says_what_it_shows_in_both_languages() -> None:
    assert len(VECTORS) >= 15
    for name, vector in VECTORS.items():
        zh, _, en = vector["about"].partition(" / ")
        assert not zh.isascii() and en.isascii() and en, name


def test_a_consumer_in_python_has_twenty_lines() -> None:
    for title in ("plain", "stream"):
        assert len([line for line in block(title).splitlines() if line.strip()]) <= 20
