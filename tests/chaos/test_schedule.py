"""The schedule is the seed's, and only the seed's."""

import pytest

from policies.road import STAGES
from services.runtime.points import POINTS
from tests.chaos.faults import KINDS
from tests.chaos.requests import requests
from tests.chaos.schedule import REPLICAS, SECONDS, WEIGHTS, schedule

ALL = list(WEIGHTS)


def test_a_seed_repeats_its_schedule() -> None:
    assert schedule(5, 100, 200, ALL) == schedule(5, 100, 200, ALL)
    assert schedule(5, 100, 200, ALL) != schedule(6, 100, 200, ALL)


def test_every_kind_of_fault_can_be_done() -> None:
    assert KINDS.keys() == WEIGHTS.keys() and SECONDS.keys() <= WEIGHTS.keys()


@pytest.mark.parametrize("count", [len(ALL), 60, 300])
def test_there_are_as_many_as_asked_for_of_every_kind_and_in_order(count: int) -> None:
    found = schedule(1, count, 100, ALL)
    assert len(found) == count and {fault.kind for fault in found} == set(ALL)
    assert [fault.at for fault in found] == sorted(fault.at for fault in found) and found[0].at >= 0 and found[-1].at <= 100
    assert all(fault.replica < REPLICAS[fault.stage] and fault.point in POINTS for fault in found)


def test_rulebooks_and_late_batches_are_for_stages_that_decide_and_points_for_the_worker_that_has_them() -> None:
    for fault in schedule(2, 400, 100, ALL):
        if fault.kind in ("rulebook", "late"):
            assert fault.stage in STAGES
        if fault.kind == "crash":
            due = {"courier.carried": "courier", "audit.told": "audit"}.get(fault.point)
            assert fault.stage == due or (due is None and fault.stage in STAGES)


def test_a_kind_that_is_missing_is_not_drawn() -> None:
    assert "clock" not in {fault.kind for fault in schedule(1, 200, 100, [kind for kind in ALL if kind != "clock"])}


def test_the_requests_are_the_seeds_and_of_all_types_with_repeats_and_conflicts() -> None:
    found = list(requests(3, 2_000))
    assert len(found) == 2_000 and found == list(requests(3, 2_000))
    types = {(record.header("ce_type") or b"").decode().split(".")[2] for record in found}
    assert types == {
        "enrolment", "account", "filing", "quote", "claim", "wallet", "reversal", "correction", "undo", "review", "reimbursement", "trial"}
    ids: dict[bytes, set[bytes]] = {}
    for record in found:
        if (id := record.header("ce_id")) is not None:
            ids.setdefault(id, set()).add(record.value)
    assert len(found) - len({(record.header("ce_id"), record.value) for record in found}) > 20, "the same again"
    assert sum(len(bodies) > 1 for bodies in ids.values()) > 5, "the same id with another body"
