"""``make bench``: the three chains in one run, the order turned round between repetitions, and what the targets say.

    python -m tests.bench.road [--claims N] [--repeats N] [--copies N] [--json FILE] [--only throughput|steps|replicas|latency|offline]
"""

import json
import logging
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from policies.book import load as load_book
from services.embedded.stack import Stack
from tests.bench.road.chains import CHAINS, SLOWEST, Run, run
from tests.bench.road.latency import latency
from tests.bench.road.load import MIX, Load, by_topic, growth, make_load, passed
from tests.bench.road.offline import offline
from tests.bench.road.passing import TEXT
from tests.bench.road.profile import NAMES, NotMeasured
from tests.bench.road.rulebook import write_rulebook

RATES = (50, 100, 300, 1000)
LATENCY_S = 14
SIZED = 2000
"""Timed requests whose sizes are measured; the chain that only passes bytes passes as many."""
MEASURED = ("throughput", "steps", "replicas", "latency", "offline")
COPIES = (1, 2, 3)
FILLS = 2
"""Processes of the slowest stage in each chain: with one of yibao's, it keeps one processor busy and the other is left to the audit."""
IDIOMATIC_SHARE = 5
"""The idiomatic chain gets a fifth of the load: its rate does not depend on the length, and it is slow."""
TARGETS: tuple[tuple[str, Callable[[dict[str, Any]], float], float, float, bool], ...] = (
    ("yibao / pass", lambda f: f["ratios"]["pass"], 0.3, 0.5, True),
    ("yibao / idiomatic", lambda f: f["ratios"]["idiomatic"], 5, 8, True),
    ("claims/s from end to end", lambda f: f["throughput"]["yibao"]["claims_s"]["median"], 1200, 2000, True),
    ("p99 at 100 requests/s, ms", lambda f: f["latency"]["100"]["total"]["p99"], 100, 50, False),
    ("offline claims/s, one core", lambda f: f["offline"]["one_core"], 2000, 4000, True),
)
"""Name, where the figure is, what it must be, what it may be, and whether more is better."""
out = Console()


def main(
    claims: Annotated[int, typer.Option(min=1000)] = 20_000,
    repeats: Annotated[int, typer.Option(min=1)] = 3,
    file: Annotated[Path | None, typer.Option("--json")] = None,
    copies: Annotated[int, typer.Option(min=1, help=f"processes of {SLOWEST} in each of the three chains")] = FILLS,
    only: Annotated[list[str] | None, typer.Option(help=", ".join(MEASURED))] = None,
) -> None:
    """Measures and prints; nothing is asserted."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # each chain's topics are new: the first tries to write say so
    folder, parts = Path(tempfile.mkdtemp(prefix="yibao-bench-")), tuple(only or MEASURED)
    rulebook, path = write_rulebook(folder), folder / "growth.json"
    os.environ["YIBAO_RULEBOOK"] = str(rulebook)  # the workers' too
    book = load_book(rulebook)
    load = make_load(claims, book)
    out.print(f"{claims:,} claims, seed 1, {MIX}; chronic and pharmacy by invented benefits (tests/bench/road/rulebook.py)")
    out.print(f"processes of {SLOWEST} in each chain: {copies}; of each other stage: 1")
    sizes, text = passed(load, SIZED, book)
    path.write_text(json.dumps(growth(sizes)))
    path.with_suffix(TEXT).write_bytes(text)
    found: dict[str, Any] = {"claims": claims, "repeats": repeats, "copies": copies, "mix": MIX, "bytes": by_topic(sizes, SIZED)}
    try:
        with Stack.start(folder / "data", say=lambda text: out.print(text)) as stack:
            if "throughput" in parts:
                found |= _throughput(stack, folder, load, repeats, copies, path)
            if "steps" in parts:
                found["cpu_by_step"] = _by_step(stack, folder, load, path)
            if "replicas" in parts:
                found["replicas"] = {str(copies): _copies(stack, folder, load, copies, path) for copies in COPIES}
            if "latency" in parts:
                found["latency"] = {str(rate): _latency(stack, folder, load, rate, path) for rate in RATES}
        if "offline" in parts:
            found["offline"] = offline(claims, rulebook)
        _show(found)
        if file is not None:
            file.write_text(json.dumps(found, indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _throughput(stack: Stack, folder: Path, load: Load, repeats: int, copies: int, path: Path) -> dict[str, Any]:
    """The ratios are of chains of one repetition, which ran within a minute or two: the median of them. Before the first one the
    bytes are passed once for nothing, so that no chain meets a broker that has only just started."""
    runs: dict[str, list[Run]] = {chain: [] for chain in CHAINS}
    run("pass", stack, "warm.", folder / "warm", load.first(load.timed), load.timed, path)
    for repeat in range(repeats):
        for chain in list(CHAINS)[:: -1 if repeat % 2 else 1]:
            timed = load.timed[: len(load.timed) // (IDIOMATIC_SHARE if chain == "idiomatic" else 1)]
            done = run(chain, stack, f"r{repeat}-{chain}.", folder / f"{repeat}-{chain}", load.first(timed), timed, path, copies=copies)
            runs[chain].append(done)
            out.print(f"{chain} {repeat + 1}/{repeats}: {done.requests / done.seconds:,.0f} requests/s")
    share = load.claims / len(load.timed)
    rates = {chain: [one.requests / one.seconds for one in done] for chain, done in runs.items()}
    pairs = {chain: [ours / other for ours, other in zip(rates["yibao"], rates[chain], strict=True)] for chain in ("pass", "idiomatic")}
    ratios = {chain: round(statistics.median(each), 2) for chain, each in pairs.items()}
    told = {
        chain: {"requests_s": _three(rate), "claims_s": _three([one * share for one in rate]), "runs": [asdict(one) for one in runs[chain]]}
        for chain, rate in rates.items()
    }
    audited = [one.requests / one.audited * share for one in runs["yibao"] if one.audited is not None]
    told["yibao"]["audited_claims_s"] = _three(audited)
    return {"throughput": told, "ratios": ratios}


def _by_step(stack: Stack, folder: Path, load: Load, path: Path) -> dict[str, dict[str, float]]:
    """Microseconds of processor a request, by worker and step: one run undisturbed, parted by the shares of one that is looked at."""
    runs = []
    try:
        for look in (True, False):
            runs.append(run("yibao", stack, f"look{look:d}.", folder / f"look{look:d}", load.first(load.timed), load.timed, path, look=look))
    except NotMeasured as why:
        out.print(f"processor by step: {why}")
        return {}
    looked, plain = runs
    return {name: {step: round(1e6 * plain.cpu[name] / plain.requests * share, 1) for step, share in shares.items()}
            for name, shares in looked.shares.items()}


def _copies(stack: Stack, folder: Path, load: Load, copies: int, path: Path) -> dict[str, float]:
    done = run("yibao", stack, f"c{copies}.", folder / f"c{copies}", load.first(load.timed), load.timed, path, copies=copies)
    rates = {"requests_s": round(done.requests / done.seconds, 1), "claims_s": round(load.claims / done.seconds, 1)}
    out.print(f"{copies} x {SLOWEST}: {rates['requests_s']:,.0f} requests/s")
    return rates


def _latency(stack: Stack, folder: Path, load: Load, rate: int, path: Path) -> dict[str, Any]:
    timed = load.timed[: rate * LATENCY_S]
    found = latency(stack, f"l{rate}.", folder / f"l{rate}", load.first(timed), timed, rate, path)
    out.print(f"{rate}/s: {found['total']}")
    return found


def _three(values: Sequence[float]) -> dict[str, float]:
    return {"min": round(min(values), 1), "median": round(statistics.median(values), 1), "max": round(max(values), 1)}


def _show(found: dict[str, Any]) -> None:
    if "throughput" in found:
        table = Table("chain", "requests/s min", "median", "max", "CPU us a request", "processes: CPU us a request (MiB)")
        for chain, told in found["throughput"].items():
            one = told["runs"][-1]
            each = {name: 1e6 * cpu / one["requests"] for name, cpu in one["cpu"].items()}
            rows = ", ".join(f"{name} {cpu:.0f} ({one['memory'][name]:.0f})" for name, cpu in each.items())
            table.add_row(chain, *(f"{told['requests_s'][name]:,.0f}" for name in ("min", "median", "max")), f"{sum(each.values()):,.0f}", rows)
        out.print(table)
        behind = found["throughput"]["yibao"]["audited_claims_s"]
        out.print(f"yibao until all of it is audited too, which the processors do last: {behind['median']:,.0f} claims/s ({behind['min']:,.0f} to {behind['max']:,.0f})")
        steps = Table("stage", "load", "decide", "produce", "apply", "records a batch", title="yibao: microseconds a request by step (elapsed)")
        one = found["throughput"]["yibao"]["runs"][-1]
        for stage, row in one["steps"].items():
            steps.add_row(stage, *(f"{value:.0f}" for value in row.values()), f"{one['batch'][stage]:.0f}")
        out.print(steps)
    if found.get("cpu_by_step"):
        table = Table("worker", *NAMES, title="yibao: microseconds of processor a request, by step")
        for name, row in found["cpu_by_step"].items():
            table.add_row(name, *(f"{row[step]:.0f}" for step in NAMES))
        out.print(table)
    if "replicas" in found:
        out.print(f"claims/s with copies of {SLOWEST}: " + ", ".join(f"{copies}: {told['claims_s']:,.0f}" for copies, told in found["replicas"].items()))
    out.print("bytes of a value: " + ", ".join(f"{name} {size:,}" for name, size in found["bytes"].items()))
    targets = Table("target", "figure", "must", "stretch", "")
    for name, figure, must, stretch, more in TARGETS:
        try:
            value = figure(found)
        except KeyError:
            continue
        met = (value >= stretch, value >= must) if more else (value <= stretch, value <= must)
        targets.add_row(name, f"{value:,.2f}", f"{must:,}", f"{stretch:,}", "stretch met" if met[0] else "met" if met[1] else "not met")
    out.print(targets)


if __name__ == "__main__":
    sys.exit(typer.run(main))
