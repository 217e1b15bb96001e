"""docs/consumers.md: its piece of Python says which request a verdict answers, of what could not be read too."""

import shutil
import subprocess
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import Record
from policies.book import built_in
from policies.road import Road
from tests.contracts.examples import bad, good
from tests.contracts.test_kept_vectors import block
from tests.policies.requests import claim, enrolment, record

RUNNER = """
import { readFileSync } from "node:fs";
import { requestId } from "./id.mjs";
console.log(requestId(process.argv[2], readFileSync("body")));
"""
GOOD = record("claim.submitted", claim(), "visit-1")


def answered(*requests: Record) -> Any:
    """What the page's function says of the verdict on the last of the requests."""
    names: dict[str, Any] = {}
    exec(block("answers"), names)
    road = Road(built_in())
    verdict = [[*road.run(request)][-1] for request in requests][-1]
    return names["answers"](dict(verdict.headers), verdict.value)


@pytest.mark.parametrize("requests", [(GOOD,), (record("enrolment.recorded", enrolment(), "who"), GOOD), (GOOD, GOOD)], ids=["refused", "settled", "repeated"])
def test_a_verdict_names_its_request(requests: tuple[Record, ...]) -> None:
    assert answered(*requests) == ("visit-1", None)


@pytest.mark.parametrize("sent", [
    replace(GOOD, value=b""), replace(GOOD, partition=(GOOD.partition + 1) % 6), replace(GOOD, key=None), replace(GOOD, headers=GOOD.headers[:1] + GOOD.headers[2:]),
], ids=["empty body", "wrong partition", "no key", "no type"])
def test_what_could_not_be_read_is_known_by_its_id_or_its_body(sent: Record) -> None:
    assert answered(sent) == ("visit-1", sha256(sent.value).hexdigest())


def test_node_derives_the_id_of_a_request_without_one(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    request = next(one for one in good() if one.name == "outpatient-without-id").record
    (tmp_path / "id.mjs").write_text(block("request-id"))
    (tmp_path / "run.mjs").write_text(RUNNER)
    (tmp_path / "body").write_bytes(request.value)
    done = subprocess.run([node, "run.mjs", "cn.yibao.claim.submitted.v1"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (answered(request)[0], "")


@pytest.mark.parametrize("example", bad(), ids=lambda one: one.name)
def test_every_bad_example_is_known_by_its_body(example: Any) -> None:
    id, digest = answered(example.record)
    assert digest == sha256(example.record.value).hexdigest() and (id is None or "ce_id" in dict(example.record.headers))
