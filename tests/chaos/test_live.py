"""A short run of ``make chaos``: every kind of fault once, overlapping, and nothing lost, doubled or wrong."""

import os
import sys
from pathlib import Path

import pytest

from services.embedded.errors import EmbeddedMissing
from tests.chaos.run import ZERO, Asked, run
from tests.chaos.schedule import WEIGHTS, missing
from tests.servers import none_can_be_started

ASKED = Asked(faults=len(WEIGHTS), requests=1_200, seed=20)
"""About 40 s of faults, and what the calm and the check take."""
MET = {
    "claim.held", "review.settled", "reimbursement.settled", "reimbursement.pending", "claim.reversed", "claim.corrected", "claim.undone",
    "request.undone", "reversal.refused", "reversal.repeated", "wallet.shared", "wallet.credited",
}
"""Verdicts that its requests end in, besides those of ordinary claims; of each three and more."""


@pytest.mark.live
@pytest.mark.skipif(sys.platform != "linux", reason="limits of files and the end with the parent are Linux's")
@pytest.mark.timeout(900)
async def test_nothing_is_lost_and_nothing_twice_whatever_happens(tmp_path: Path) -> None:
    try:
        told = await run(ASKED, tmp_path)
    except EmbeddedMissing as absent:
        none_can_be_started(absent, os.environ)
    line = told.line()
    assert {name: line[name] for name in ZERO} == dict.fromkeys(ZERO, 0), line["wrong_in_words"]
    assert told.well and line["requests"] >= ASKED.requests
    assert line["verdicts"].keys() >= MET, MET - line["verdicts"].keys()
    assert set(line["faults"]) == WEIGHTS.keys() - missing().keys()
