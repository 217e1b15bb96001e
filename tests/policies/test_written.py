"""What is written for every claim is made without ``contracts.base.made``: each field is given, in the order of the model."""

from typing import Any

import pytest

from contracts.events.claim import Movement, Step
from policies.accumulators import movement
from policies.settlement.sheet import Origin, step


@pytest.mark.parametrize("written", [
    step("ratio", Origin("plan#outpatient.2", "S117"), 100, 60, "0.6", {"level": "3"}),
    step("cash", Origin("national/settlement#cash", "S069", "a choice"), 40, 40),
    movement({"balc": 100}, {"balc": -40}),
    movement({}, {}),
], ids=["step", "step of defaults", "movement", "empty movement"])
def test_what_is_written_is_what_reading_it_gives(written: Any) -> None:
    assert [*written.__dict__] == [*type(written).model_fields]
    read = type(written).model_validate_json(written.model_dump_json(exclude_none=True))
    assert read == written and isinstance(written, Step | Movement)
