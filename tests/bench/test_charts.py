"""The charts of what was measured: a bar for each figure, nothing left out, nothing made up."""

import pytest

pytest.importorskip("matplotlib")

from tests.bench.charts import drawn  # noqa: E402

RUN = {"requests": 100, "cpu": {"filing": 0.01, "kafka": 0.02}, "steps": {"filing": {"load": 1.0, "decide": 2.0}}}
CHAIN = {"requests_s": {"min": 1.0, "median": 2.0, "max": 3.0}, "runs": [RUN]}
BENCH = {
    "throughput": {"pass": CHAIN, "yibao": CHAIN}, "latency": {"50": {"total": {"p50": 1, "p95": 2, "p99": 3, "max": 4}}},
    "bytes": {"yibao.requested": 1000}, "cpu_by_step": {"filing": {"read": 3.0, "decide": 4.0}},
    "replicas": {"1": {"requests_s": 11.0, "claims_s": 10.0}, "2": {"requests_s": 21.0, "claims_s": 20.0}},
}
SCALE = [{"curve": "lines", "x": 1000, "us": {"filing": 5, "pricing": 7}}]


def test_every_figure_is_a_bar() -> None:
    found = {chart.name: chart for chart in drawn(BENCH, SCALE)}
    assert list(found) == ["throughput", "cpu", "steps", "processor", "replicas", "latency", "bytes", "scale-lines"]
    assert found["throughput"].series == ((("min", "min"), (1.0, 1.0)), (("median", "median"), (2.0, 2.0)), (("max", "max"), (3.0, 3.0)))
    assert dict(found["cpu"].series)[("yibao", "yibao")] == (100.0, 200.0)  # 0.01 s and 0.02 s of 100 requests
    assert found["processor"].series == ((("read", "read"), (3.0,)), (("decide", "decide"), (4.0,)))
    assert found["replicas"].series[0][1] == (10.0, 20.0)
    assert found["scale-lines"].labels == (("1,000", "1,000"),) and found["scale-lines"].series[1][1] == (7,)


def test_what_was_not_measured_is_not_drawn() -> None:
    assert list(drawn({}, [])) == []
