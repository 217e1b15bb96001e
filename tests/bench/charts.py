"""Draws what the benchmarks measured, as SVG for docs/performance.md.

    python -m tests.bench.charts BENCH.json SCALE.json [DIR]

``BENCH.json``: of ``make bench JSON=``; ``SCALE.json``: of ``python -m tests.bench.scale --json``. Needs ``pip install yibao[charts]``.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.charts import Bars, Said, same, svg

MS, US, RATE = ("毫秒", "milliseconds"), ("每个请求的微秒数", "microseconds a request"), ("每秒请求数", "requests a second")
CURVES: Mapping[str, Said] = {
    "lines": ("账单行数", "lines of a bill"), "history": ("此人已有的结算", "settlements that the person had"),
    "catalogue": ("目录项数", "items of the catalogue"), "regions": ("参保地数", "places of insurance"),
    "persons": ("Redis 中的人数", "persons in Redis"),
}


def drawn(bench: Mapping[str, Any], scale: Sequence[Mapping[str, Any]]) -> Iterator[Bars]:
    """Every chart that the figures suffice for."""
    chains = bench.get("throughput", {})
    if chains:
        spread = {which: [told["requests_s"][which] for told in chains.values()] for which in ("min", "median", "max")}
        yield _bars("throughput", ("三条链路", "three chains"), RATE, list(chains), spread)
        cpu = {name: told["runs"][-1] for name, told in chains.items()}
        processes = list(dict.fromkeys(process for one in cpu.values() for process in one["cpu"]))
        yield _bars("cpu", ("处理器时间", "processor time"), US, processes, {
            name: [1e6 * one["cpu"].get(process, 0) / one["requests"] for process in processes] for name, one in cpu.items()})
        steps = cpu["yibao"]["steps"]
        kinds = list(next(iter(steps.values())))
        yield _bars("steps", ("yibao 各步骤的历时", "yibao: time that passes in each step"), US, list(steps), {
            kind: [row[kind] for row in steps.values()] for kind in kinds})
    if bench.get("cpu_by_step"):
        workers = bench["cpu_by_step"]
        yield _bars("processor", ("处理器时间用在哪一步", "processor time by step"), US, list(workers), {
            step: [row[step] for row in workers.values()] for step in next(iter(workers.values()))})
    if "replicas" in bench:
        told = bench["replicas"]
        yield _bars("replicas", ("最慢环节的副本数", "copies of the slowest stage"), ("每秒结算", "claims a second"), list(told), {
            "": [one["claims_s"] for one in told.values()]})
    if "latency" in bench:
        rates = bench["latency"]
        yield _bars("latency", ("从发布到终局结论", "from publication to the terminal verdict"), MS, [f"{rate}/s" for rate in rates], {
            which: [told["total"][which] for told in rates.values()] for which in ("p50", "p95", "p99")})
    if "bytes" in bench:
        yield _bars("bytes", ("各主题上的大小", "size on each topic"), ("字节", "bytes"), list(bench["bytes"]), {"": list(bench["bytes"].values())})
    for name, title in CURVES.items():
        points = [point for point in scale if point["curve"] == name]
        if points:
            stages = list(points[0]["us"])
            yield _bars(f"scale-{name}", title, ("每笔的微秒数", "microseconds a claim"), [f"{point['x']:,}" for point in points], {
                stage: [point["us"][stage] for point in points] for stage in stages})


def _bars(name: str, title: Said, unit: Said, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> Bars:
    return Bars(name, title, unit, same(labels), tuple(((one, one), tuple(values)) for one, values in series.items()))


def main(given: argparse.Namespace) -> None:
    given.folder.mkdir(parents=True, exist_ok=True)
    for chart in drawn(json.loads(given.bench.read_text("utf-8")), json.loads(given.scale.read_text("utf-8"))):
        path = given.folder / f"{chart.name}.svg"
        path.write_text(svg(chart), "utf-8")
        print(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.charts", description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("scale", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/performance"))
    main(parser.parse_args())
