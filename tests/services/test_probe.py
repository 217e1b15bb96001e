"""The three pages of a worker, and what its metrics say after batches that are known."""

import json
from dataclasses import dataclass
from time import monotonic, time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from contracts.envelope import Record
from services.runtime.meter import Meter
from services.runtime.metrics import REGISTRY
from services.runtime.part import Seen
from services.runtime.probe import LATELY_S, Pulse, serve
from services.runtime.settings import Settings
from services.runtime.standing import wanting
from services.runtime.step import Done, Step
from tests.policies.languages import english
from tests.services.test_step import FENCE, MARY, Stand, claim, enrolment

AT = Settings(kafka="127.0.0.1:1", redis="redis://127.0.0.1:2/0", metrics_port=0)


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def asked(url: str) -> tuple[int, dict]:
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as refused:
        return refused.code, json.loads(refused.read())


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_pages_follow_the_pulse() -> None:
    pulse = Pulse(monotonic())
    server = serve(AT, pulse)
    assert server is not None
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        assert asked(f"{url}/health") == (200, {"ok": True, "problems": []})
        assert asked(f"{url}/ready") == (503, {"ok": False, "problems": ["正在启动 / starting"]})
        pulse.missing = ()
        assert asked(f"{url}/ready")[0] == 200
        pulse.beaten -= LATELY_S + 1
        assert [asked(f"{url}/{page}")[0] for page in ("health", "ready")] == [503, 503]
        with urlopen(f"{url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        assert "# TYPE yibao_records_total counter" in text and "process_resident_memory_bytes" in text
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{url}/", timeout=10)
    finally:
        server.shutdown()
        server.server_close()


def test_no_port_no_server_and_a_taken_port_is_no_reason_to_stop() -> None:
    assert serve(AT.model_copy(update={"metrics_port": None}), Pulse(0)) is None
    first = serve(AT, Pulse(0))
    assert first is not None
    try:
        with capture_logs() as logs:
            assert serve(AT.model_copy(update={"metrics_port": first.server_port}), Pulse(0)) is None
        assert "YIBAO_METRICS_PORT" in english(logs[0]["why"])
    finally:
        first.shutdown()
        first.server_close()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((True, [], 0, 0), []),
        ((False, [], 0, 0), ["waits for its partitions"]),
        ((True, [4, 2], 0, 0), ["taking over partition 2", "taking over partition 4"]),
        ((True, [], LATELY_S + 1, 0), ["Redis has not answered"]),
        ((True, [], 0, LATELY_S + 1), ["Kafka has not answered"]),
        ((True, [], 0, 0, False), ["run `yibao topics`"]), ((False, [], 0, 0, False), ["waits for its partitions"]),
    ],
)
def test_what_a_worker_waits_for(given: tuple, told: list[str]) -> None:
    found = list(wanting(*given))
    assert len(found) == len(told)
    assert all(text in one for one, text in zip(found, told, strict=True))


# --- numbers ----------------------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """A part whose numbers are set by hand."""

    next_input: int
    seen: Seen
    replayed: int = 0


def test_lag_is_counted_and_timed_from_what_is_known() -> None:
    meter, labels = Meter("lagging"), {"stage": "lagging", "partition": "3"}
    part = Standing(next_input=10, seen=Seen(fences=1, void=2, pos=40, end=41), replayed=7)
    meter.taken(3, part, 0.5)  # type: ignore[arg-type]
    meter.batch(3, Done(received=4, kept=4), round((time() - 100) * 1000))
    meter.look(3, part, 25)  # type: ignore[arg-type]
    assert value("yibao_lag_records", **labels) == 15
    assert 99 <= value("yibao_lag_seconds", **labels) < 160  # what waits came after the record of 100 s ago
    assert value("yibao_ledger_behind_records", **labels) == 1
    part.next_input = 25
    meter.look(3, part, 25)  # type: ignore[arg-type]
    part.seen = Seen(fences=2, void=2, pos=42, end=42)
    meter.look(3, part, 26)  # type: ignore[arg-type]
    assert value("yibao_lag_records", **labels) == 1
    assert value("yibao_lag_seconds", **labels) < 60  # nothing waited a moment ago
    assert value("yibao_fences_total", stage="lagging") == 2
    assert value("yibao_void_total", stage="lagging") == 2
    assert value("yibao_replayed_total", stage="lagging") == 7
    meter.look(3, part, 26, passed=26)  # type: ignore[arg-type]
    assert (value("yibao_lag_records", **labels), value("yibao_lag_seconds", **labels)) == (0, 0), "the marker of a transaction is no request"
    meter.gone(3)
    assert REGISTRY.get_sample_value("yibao_lag_records", labels) is None


def told(name: str, partition: int) -> float | None:
    return REGISTRY.get_sample_value(name, {"stage": "starting", "partition": str(partition)})


def test_who_ends_before_its_first_batch_is_done_tells_what_waits() -> None:
    """A crash loop: 5 records wait behind 20 of 25, the oldest came 90 s ago. What the broker has not told yet is not nought."""
    meter, part = Meter("starting"), Standing(next_input=20, seen=Seen())
    meter.found(2, 20, 25)
    meter.found(4, 7, 7)
    assert told("yibao_lag_records", 2) == 5 and told("yibao_lag_records", 4) == 0
    meter.taken(2, part, 0.5)  # type: ignore[arg-type]
    meter.look(2, part, None)  # type: ignore[arg-type]
    assert told("yibao_lag_records", 2) == 5
    assert told("yibao_records_total", 2) == 0, "a series that appears with its first batch has no increase by it"
    meter.came(2, round((time() - 90) * 1000))
    meter.came(2, round(time() * 1000))
    meter.look(2, part, 25)  # type: ignore[arg-type]
    assert told("yibao_lag_records", 2) == 5 and 89 <= (told("yibao_lag_seconds", 2) or 0) < 150
    meter.only([2])
    assert told("yibao_lag_records", 4) is None and told("yibao_lag_records", 2) == 5


async def test_a_batch_counts_what_the_stage_decided_itself() -> None:
    """An enrolment is forwarded, a claim is decided by each stage; a body that is cut off is filing's verdict."""
    stand, broken = Stand(), claim(MARY, 2, 100)
    stand.ask(enrolment(MARY), claim(MARY, 1, 10_000), claim(MARY, 1, 10_000), Record(
        broken.key, broken.value[:-1], broken.headers, partition=broken.partition))
    done = {stage: await batch(stand, stage) for stage in ("filing", "eligibility")}
    assert done["filing"].verdicts == {"request.repeated": 1, "request.unreadable": 1}
    assert done["filing"].reasons == {"repeated": 1, "not_json": 1}
    assert (done["eligibility"].verdicts, done["eligibility"].reasons) == ({"claim.checked": 1}, {})
    meter = Meter("filing")
    meter.taken(0, await stand.owner(), 0.1)
    before = value("yibao_verdicts_total", stage="filing", type="request.unreadable")
    meter.batch(0, done["filing"], 0)
    assert value("yibao_verdicts_total", stage="filing", type="request.unreadable") == before + 1
    assert b'yibao_step_seconds_count{stage="filing",step="decide"}' in generate_latest(REGISTRY)


async def test_a_step_tells_fences_void_records_and_where_its_ledger_stands() -> None:
    stand = Stand()
    stand.ask(enrolment(MARY))
    await batch(stand, "filing")
    stand.out("filing").add([FENCE])
    step = await stand.owner("eligibility")
    await step.batch(stand.inp("eligibility").records)
    # filing's log: fence 0, verdict 1, foreign fence 2; eligibility's: fence 0, verdict 1, and its ledger behind both
    assert step.seen == Seen(fences=2, void=0, pos=2, end=2)


async def batch(stand: Stand, stage: str) -> Done:
    step: Step = await stand.owner(stage)
    return await step.batch(stand.inp(stage).records)
