"""Every metric of the workers: its name, labels and meaning, in this one file. ``docs/metrics.md`` is made from it.

    python -m services.runtime.metrics > docs/metrics.md

Counters begin at 0 with each process. What can be counted by batch is counted by batch.
"""

import sys
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()
REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)


@dataclass(frozen=True, slots=True)
class Metric:
    """What the documentation says of one metric. ``name``: as Prometheus stores it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    zh: str
    en: str


METRICS: dict[str, Metric] = {}


def _counter(name: str, zh: str, en: str, *labels: str) -> Counter:
    return Counter(_told(name, "counter", labels, zh, en), f"{zh} / {en}", labels, registry=REGISTRY)


def _gauge(name: str, zh: str, en: str, *labels: str) -> Gauge:
    return Gauge(_told(name, "gauge", labels, zh, en), f"{zh} / {en}", labels, registry=REGISTRY)


def _histogram(name: str, zh: str, en: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(_told(name, "histogram", labels, zh, en), f"{zh} / {en}", labels, buckets=buckets, registry=REGISTRY)


def _told(name: str, kind: str, labels: tuple[str, ...], zh: str, en: str) -> str:
    METRICS[name] = Metric(name, kind, labels, zh, en)
    return name


# --- the worker ---------------------------------------------------------------------------------------------------------

WORKER = _gauge(
    "yibao_worker", "恒为 1：进程的阶段、版本与规则库摘要（前 12 位）", "always 1: stage, version and digest of the rulebook (first 12 digits)",
    "stage", "version", "rulebook")
READY = _gauge("yibao_ready", "1：/ready 答 200；0：答 503", "1: /ready answers 200; 0: it answers 503", "stage")
PARTITIONS = _gauge("yibao_partitions", "已接管的分区数", "partitions that were taken over and are worked on", "stage")
TAKEOVERS = _counter("yibao_takeovers_total", "接管分区的次数", "partitions taken over", "stage")
TAKEOVER_SECONDS = _histogram("yibao_takeover_seconds", "接管一个分区的秒数", "seconds to take over one partition", SECONDS, "stage")
REPLAYED = _counter(
    "yibao_replayed_total", "接管时重放的记录数", "records of the stage's own log that were folded again in takeovers", "stage")

# --- batches ------------------------------------------------------------------------------------------------------------

KEPT = _counter("yibao_records_total", "处理完的有效记录数", "records that count and were worked on", "stage", "partition")
BATCH = _histogram("yibao_batch_records", "一批中的有效记录数", "records of a batch that count", RECORDS, "stage")
STEP = _histogram(
    "yibao_step_seconds", "一批各步的秒数：load、decide、produce、apply；审计为 read、check、write",
    "seconds of a batch by step: load, decide, produce, apply; of the audit: read, check, write", SECONDS, "stage", "step")
LAG = _gauge(
    "yibao_lag_records", "该阶段输入中尚未处理的记录数；接管以前按消费组的位置算",
    "records of the stage's input that wait; before the takeover as its group's place says", "stage", "partition")
LATE = _gauge(
    "yibao_lag_seconds", "等待最久的记录至多等了多少秒；无积压为 0", "how long the oldest waiting record has waited at most; 0 where none waits",
    "stage", "partition")

# --- what is decided ----------------------------------------------------------------------------------------------------

VERDICTS = _counter(
    "yibao_verdicts_total", "该阶段作出的结论数，按事件类型；转发的不计", "verdicts that the stage made, by type; what it forwards is not counted",
    "stage", "type")
REASONS = _counter(
    "yibao_reasons_total", "结论中的原因数，按原因代码；一个结论可有多个", "reasons in those verdicts, by code; a verdict may have several",
    "stage", "reason")
LETTERS = _counter("yibao_letters_total", "递送员发布的请求数", "requests that the courier published")
DEAD = _counter("yibao_dead_total", "写入 yibao.dead 的副本数", "copies written to yibao.dead")
FINDINGS = _counter("yibao_findings_total", "审计发现数，按代码", "findings of the audit, by code", "code")
BRAKE = _gauge(
    "yibao_brake_unreadable", "制动窗口（最近若干请求）内无法读取的请求数", "unreadable requests among the last ones, which the brake looks at",
    "partition")

# --- exactly once -------------------------------------------------------------------------------------------------------

FENCES = _counter("yibao_fences_total", "输入中见到的栅栏数", "fences seen in the input", "stage")
VOID = _counter(
    "yibao_void_total", "输入中无效的记录数（失去分区的进程迟到的写入）", "void records in the input: the late word of a worker that had lost the partition",
    "stage")
POSITION = _gauge(
    "yibao_ledger_position", "Redis（递送员：消费组）所记的位置", "position in Redis; of the courier: of its group", "stage", "partition")
BEHIND = _gauge(
    "yibao_ledger_behind_records", "该位置落后于已读写日志的记录数", "records between that position and the log as far as it was written or read",
    "stage", "partition")


HEAD = """# 指标 / Metrics

`/metrics` 的全部指标；由 `services/runtime/metrics.py` 生成：`python -m services.runtime.metrics > docs/metrics.md`。
标签 `stage` 是六个工作进程之一，`partition` 是 0 到 5。含义与处置见 [operations.md](operations.md)。

All metrics of `/metrics`, made from `services/runtime/metrics.py`. `stage` is one of the six workers, `partition` is 0 to 5.
What to do about them: [operations.md](operations.md). Those of the process itself (`process_*`, `python_*`) are prometheus_client's.

| metric | kind | labels | 含义 | meaning |
|---|---|---|---|---|
"""


def page() -> str:
    """The documentation of all metrics."""
    rows = (f"| `{m.name}` | {m.kind} | {', '.join(m.labels)} | {m.zh} | {m.en} |\n" for m in METRICS.values())
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(page())
