"""The load that the chains are compared on: the same for the same seed, and as large at each stage as on the real road."""

from contracts.topics import topic_map
from policies.book import built_in
from policies.road import Road
from tests.bench.road.load import LETTERS, WARM_UP, growth, make_load


def test_the_load_is_the_seeds_and_asks_the_courier_for_nothing() -> None:
    load = make_load(1_000)
    assert load == make_load(1_000) and len(load.warm_up) == WARM_UP
    assert not {record.header("ce_type") for record in (*load.warm_up, *load.timed)} & set(LETTERS)
    assert load.claims == sum(b".claim.submitted." in (record.header("ce_type") or b"") for record in load.timed) > 300


def test_growth_is_what_a_stage_adds() -> None:
    """One enrolment: the first stage wraps it in {"request":...}, 12 bytes; the others forward it."""
    request = next(record for record in make_load(1_000).warm_up if record.header("ce_type") == b"cn.yibao.enrolment.recorded.v1")
    (grown,) = growth([request]).values()
    assert grown == [len(b'{"request":}'), 0, 0, 0]
    assert sum(grown) + len(request.value) == len(list(Road(built_in()).run(request))[-1].value)
    assert len(topic_map().road) == len(grown) + 1
