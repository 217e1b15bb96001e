"""``yibao demo``: the whole road on a real Kafka and Redis, from nothing, in one command."""

import asyncio
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.log import kept
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book
from policies.courier import is_letter
from policies.road import Road
from policies.statement import as_text, statement
from services.cli.account import Account, account_table, read_account
from services.cli.console import SERVERS, AsJson, Lang, RulebookDir, err, fail, load_book, out, print_json
from services.cli.day import DAY, day_table, tallies
from services.cli.progress import Watch, last_numbers, positions
from services.cli.publish import pieces
from services.cli.show import number_table, refusal_table, verdict_table
from services.cli.up import Trouble, running
from services.generator import generate
from services.runtime.ending import limited
from services.runtime.kafka import KafkaLog, make_producer
from services.runtime.log import whole
from services.runtime.settings import HOME, Settings

PERSONS = ("P650200-LI", "P410100-ZHAO")
STATEMENT = "li-2-outpatient-level2"
STORY = Path(__file__).with_name("story.jsonl")
SHARING = b"cn.yibao.wallet.requested.v1"
LIMIT_S = 150.0


@dataclass(frozen=True, slots=True)
class Story:
    """Requests in two parts. ``carried``: the verdicts on what the courier publishes of the first, before the rest."""

    first: tuple[Record, ...]
    carried: tuple[Record, ...]
    rest: tuple[Record, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of all requests, in order."""
        names = [*((r, "ce_id") for r in self.first), *((r, "ce_requestid") for r in self.carried), *((r, "ce_id") for r in self.rest)]
        return [(record.header(name) or b"").decode() for record, name in names]


def told(book: Book, file: Path = STORY) -> Story:
    """The story of the file. Lines of the courier's divide it and are left out: the courier publishes them itself."""
    lines = [request_record(line, topic_map().partitions) for line in file.read_bytes().splitlines()]
    divided = max(number for number, request in enumerate(lines) if is_letter(request))
    first = tuple(request for request in lines[:divided] if not is_letter(request))
    road = Road(book)
    for request in first:
        deque(road.run(request), maxlen=0)
    last = topic_map().road[-1].name
    return Story(first, tuple(record for record in road.deliver() if record.topic == last), tuple(lines[divided + 1 :]))


@dataclass(slots=True)
class Outcome:
    """What the demo saw: terminal events of the story and of the day, accounts, numbers of the topics, time and rate."""

    verdicts: list[Event]
    day: list[Event]
    before: dict[str, Account]
    after: dict[str, Account]
    numbers: dict[str, list[int]]
    total: int
    requests: int
    seconds: float

    @property
    def rate(self) -> int:
        return round(self.requests / self.seconds)


def demo(
    claims: Annotated[int, typer.Option(min=0, max=200_000, help="生成的结算请求数 / generated claims")] = 2000,
    seed: Annotated[int, typer.Option(help="生成器种子 / seed of the generator")] = 1,
    lang: Annotated[Lang, typer.Option(help="结算单语言 / language of the statement")] = Lang.zh,
    keep: Annotated[bool, typer.Option("--keep", help="保留数据目录 / keep the data folder")] = False,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """从零演示：真实的 Kafka 与 Valkey、六个进程、一个故事、200 人的一天与两千笔生成的请求；结束后不留任何进程。

    From nothing: real Kafka and Valkey, six processes, a story, a day of 200 persons and generated requests; leaves nothing
    running.

    例 / Example: [bold]yibao demo --claims 5000[/bold]
    """
    load_book(rulebook)
    HOME.mkdir(exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="demo-", dir=HOME))
    try:
        with running(data, data / "log", {}, rulebook) as (found, trouble):
            err.print(f"Kafka {found.kafka}  Redis {found.redis}  六个工作进程 / six workers")
            asyncio.run(_tell(found, trouble, claims, seed, lang, as_json))
    finally:
        if not keep:
            shutil.rmtree(data, ignore_errors=True)


async def _tell(found: Settings, trouble: Trouble, claims: int, seed: int, lang: Lang, as_json: bool) -> None:
    book = load_book(found.rulebook)
    outcome = await _run(found, trouble, book, claims, seed)
    if as_json:
        print_json(_as_json(outcome))
    else:
        _show(book, outcome, lang)
    if len({tuple(row) for row in outcome.numbers.values()}) != 1:
        fail("各主题末号不一致 / the last numbers differ between topics", SERVERS)


async def _run(found: Settings, trouble: Trouble, book: Book, claims: int, seed: int) -> Outcome:
    """Publishes story and day in two parts (accounts are read in between) and the generated requests; waits for all verdicts.

    Each generated sharing makes the courier publish one request more.
    """
    story, day = told(book), told(book, DAY)
    generated = [request_record(line, topic_map().partitions) for line in _generated(claims, seed, book)]
    shared = sum(record.header("ce_type") == SHARING for record in generated)
    half = sum(len(one.first) + len(one.carried) for one in (story, day))
    total = len(story.ids) + len(day.ids) + len(generated) + shared
    async with Watch(found) as watch:
        await _until_ready(watch, trouble, found)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("终局结论 / terminal verdicts", total=total)
            await _publish(found, (*story.first, *day.first))
            await _settled(trouble, found, half, bar, task)
            before = {psn_no: await read_account(found, psn_no) for psn_no in PERSONS}
            started = time.monotonic()
            await _publish(found, (*story.rest, *day.rest, *generated))
            await _settled(trouble, found, total, bar, task)
            seconds = time.monotonic() - started
    after = {psn_no: await read_account(found, psn_no) for psn_no in PERSONS}
    seen = await _verdicts(found, [*story.ids, *day.ids])
    told_of = {*story.ids}
    parted = [event for event in seen if event.attributes.request_id in told_of], [event for event in seen if event.attributes.request_id not in told_of]
    return Outcome(*parted, before, after, await last_numbers(found), total, total - half, seconds)


def _show(book: Book, outcome: Outcome, lang: Lang) -> None:
    out.print(verdict_table(outcome.verdicts, book))
    out.print(refusal_table(outcome.verdicts))
    out.print(day_table(outcome.day))
    example = next(event for event in outcome.verdicts if event.attributes.request_id == STATEMENT)
    out.print(as_text(statement(example, book, lang.value)), soft_wrap=True)
    for psn_no in PERSONS:
        out.print(account_table(outcome.before[psn_no], book, "之前 / before"))
        out.print(account_table(outcome.after[psn_no], book, "之后 / after"))
    out.print(number_table(outcome.numbers))
    out.print(
        f"共 {outcome.total} 个请求，每个恰有一条终局结论 / {outcome.total} requests, one terminal verdict each. "
        f"后 {outcome.requests} 个计时 / the last {outcome.requests} were timed: {outcome.seconds:.1f} s, "
        f"{outcome.rate} /s (发布到终局 / published to terminal)"
    )


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "total": outcome.total, "timed": outcome.requests, "seconds": round(outcome.seconds, 3), "per_second": outcome.rate,
        "last_req": outcome.numbers, "verdicts": {e.attributes.request_id: e.type for e in outcome.verdicts},
        "day": [asdict(one) for one in tallies(outcome.day)],
    }


async def _verdicts(found: Settings, ids: list[str]) -> list[Event]:
    """The terminal events of these requests, in their order."""
    order = {id: number for number, id in enumerate(ids)}
    events: list[Event] = []
    for p in range(topic_map().partitions):
        log = KafkaLog(found, None, found.topic(topic_map().road[-1].name), p)
        try:
            records = [record async for record in whole(log)]
        finally:
            await log.close()
        events += [event for event in map(event_of, kept(records)) if event.attributes.request_id in order]
    return sorted(events, key=lambda event: order[event.attributes.request_id])


def _generated(claims: int, seed: int, book: Book) -> Iterator[bytes]:
    return (line.encode() for line in generate(max(1, claims // 10), claims, seed, book)) if claims else iter(())


async def _publish(found: Settings, requests: Sequence[Record]) -> None:
    producer = make_producer(found, "demo")
    await producer.start()
    try:
        name = found.topic(topic_map().road[0].name)
        logs = [KafkaLog(found, producer, name, p) for p in range(topic_map().partitions)]
        for piece in pieces(requests):
            await asyncio.gather(*(logs[p].append(records) for p, records in piece.items()))
    finally:
        await limited(producer.stop())


async def _until_ready(watch: Watch, trouble: Trouble, found: Settings) -> None:
    """Each of the four stages has put its fence on each partition."""
    deadline = time.monotonic() + LIMIT_S
    last = [found.topic(topic.name) for topic in topic_map().road[1:]]
    with err.status("工作进程接管分区 / workers take over their partitions"):
        while any(end == 0 for (name, _), end in (await watch.ends()).items() if name in last):
            await _alive(trouble, deadline)


async def _settled(trouble: Trouble, found: Settings, wanted: int, bar: Progress, task: TaskID) -> None:
    """Waits until ``wanted`` terminal records stand on the last topic, by the position of settlement."""
    deadline = time.monotonic() + LIMIT_S + wanted / 100
    while True:
        reached = sum(place.req + 1 for place in (await positions(found, ("settlement",)))[0])
        bar.update(task, completed=reached)
        if reached >= wanted:
            return
        await _alive(trouble, deadline)


async def _alive(trouble: Trouble, deadline: float) -> None:
    if (what := trouble()) is not None:
        fail(what, SERVERS)
    if time.monotonic() > deadline:
        fail("超时：工作进程没有完成 / the workers did not finish in time", SERVERS)
    await asyncio.sleep(0.2)
