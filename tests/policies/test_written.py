"""What is written for every claim is made without ``contracts.base.made``: each field is given, in the order of the model."""

from typing import Any

import pytest

from contracts.events.claim import Settled
from contracts.wire import event_of
from policies.accumulators import movement
from policies.book import built_in
from policies.road import Road
from policies.settlement import claims
from policies.settlement.sheet import Origin, step
from policies.stage import View
from tests.policies.requests import claim, enrolment, record


def verdict() -> Settled:
    """That on a plain visit, as it is decided."""
    road = Road(built_in())
    [*road.run(record("enrolment.recorded", enrolment()))]
    priced = [*road.run(record("claim.submitted", claim(), "visit"))][2]
    found = claims.settled(event_of(priced).body, View(), built_in())
    assert found.verdict == "settled"
    return found


@pytest.mark.parametrize("written", [
    step("ratio", Origin("plan#outpatient.2", "S117"), 100, 60, "0.6", {"level": "3"}),
    step("cash", Origin("national/settlement#cash", "S069", "a choice"), 40, 40),
    movement({"balc": 100}, {"balc": -40}),
    movement({}, {}),
    verdict(),
], ids=["step", "step of defaults", "movement", "empty movement", "verdict"])
def test_what_is_written_is_what_reading_it_gives(written: Any) -> None:
    assert [*written.__dict__] == [*type(written).model_fields]
    read = type(written).model_validate_json(written.model_dump_json(exclude_none=True))
    assert read == written
