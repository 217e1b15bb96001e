"""``yibao quote``: what each claim of a file would be paid (预结算), before it is settled. Nothing moves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from uuid import uuid4

import typer

from contracts.envelope import Record, join_type, request_attributes, request_headers
from contracts.wire import Event, event_of
from policies.book import Book
from policies.road import Road
from policies.statement import as_text, statement
from services.cli.await_verdicts import Awaited
from services.cli.console import (
    CANNOT,
    SERVERS,
    AsJson,
    Lang,
    RulebookDir,
    coro,
    err,
    fail,
    load_book,
    out,
    print_json,
    told_settings,
)
from services.cli.lines import RequestFile, checked, good, opened
from services.cli.publish import Published, send
from services.runtime.settings import KAFKA, NoStack, Settings, settings
from services.runtime.topics import check_topics

TRIALS = {
    "claim.submitted": "quote.requested", "quote.requested": "quote.requested",
    "reimbursement.requested": "trial.requested", "trial.requested": "trial.requested",
}
"""The trial of each type of bill."""


@dataclass(slots=True)
class Asked:
    """The lines of a file: trials with ids of their own, in order, and the facts between them."""

    records: list[Record] = field(default_factory=list)
    trials: int = 0

    @property
    def facts(self) -> int:
        return len(self.records) - self.trials


@coro
async def quote(
    file: RequestFile,
    offline: Annotated[bool, typer.Option("--offline", help="只凭该文件试算，不问运行中的服务 / from this file alone, without the running stack")] = False,
    lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh,
    limit: Annotated[float, typer.Option("--limit", min=1, help="等待的秒数上限 / seconds to wait at most")] = 60.0,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """预结算：文件中每一笔结算、手工报销若现在办理会得到什么；不变动任何累计，紧接着办理的结果与此相同。

    What each claim and each manual reimbursement of the file would be paid now; nothing moves, and what is settled at once comes
    out the same. Every line by itself: none sees another one of the file settled.

    有运行中的服务时以其累计试算，文件中的登记、划入、备案须先发布；没有运行中的服务（会说明）或加 --offline 时只凭文件中的这些行。
    With a running stack its accumulators are used, and enrolments, credits and filings must have been published before; without
    one, which is said, or with --offline, those lines of the file are all that is known.

    例 / Example: [bold]yibao quote claims.jsonl --offline --lang en[/bold]
    """
    found = None if offline else _stack()
    with opened(file) as stream:
        asked = trials(good(stream, checked(stream, False)), live=found is not None)
    if not asked.trials:
        fail("文件中没有结算或手工报销的请求 / this file holds no claim and no reimbursement")
    book = load_book(rulebook or (found.rulebook if found else None))
    _say_how(asked, live=found is not None)
    events = await _live(found, asked, limit) if found is not None else [*decided(Road(book), asked)]
    _print(events, book, lang.value, as_json)


def trials(requests: Iterable[Record], live: bool) -> Asked:
    """Each bill as a trial under a new id: on the live road its own id must stay free for the claim that follows."""
    asked = Asked()
    for request in requests:
        named = request_attributes(request.headers)
        if named.type in TRIALS:
            asked.trials += 1
            id = f"quote-{uuid4().hex}" if live else f"quote-{asked.trials}"
            headers = request_headers(join_type(TRIALS[named.type], named.version), named.source, id, named.time)
            request = replace(request, headers=headers)
        asked.records.append(request)
    return asked


def is_trial(request: Record) -> bool:
    """Whether a request of a file that ``trials`` has read is a trial."""
    return request_attributes(request.headers).type in TRIALS.values()


def decided(road: Road, asked: Asked) -> Iterator[Event]:
    """The verdicts of the trials; facts are decided where they stand, with what the courier makes of them."""
    for request in asked.records:
        *_, last = road.run(request)
        if is_trial(request):
            yield event_of(last)
        else:
            for _ in road.deliver():
                pass


async def _live(found: Settings, asked: Asked, limit: float) -> list[Event]:
    """The verdicts of the running stack."""
    if problems := await check_topics(found):
        fail("\n".join(problems), CANNOT)
    waiting, done = Awaited(found), Published(every_id=True)
    try:
        await waiting.start()
        await send(found, filter(is_trial, asked.records), asked.trials, done)
        verdicts = await waiting.all(done.ids, limit)
    finally:
        await waiting.close()
    if len(verdicts) < asked.trials:
        fail(f"{limit:g} 秒内只有 {len(verdicts)} 个结论；用 yibao status 看积压 / verdicts within {limit:g} s: {len(verdicts)} only; "
             f"see what waits with yibao status", SERVERS)
    order = {id: place for place, id in enumerate(_ids(asked))}
    return sorted((verdict.event for verdict in verdicts), key=lambda event: order[event.attributes.request_id])


def _ids(asked: Asked) -> Iterator[str]:
    return (request_attributes(request.headers).request_id(request.value) for request in asked.records if is_trial(request))


def _stack() -> Settings | None:
    """The settings of the running stack, of which Kafka is asked. None where nobody named one; a part of its addresses is not none."""
    with told_settings():
        try:
            return settings(KAFKA)
        except NoStack as missing:
            if (given := Settings()).redis or given.stack.exists():
                raise
            err.print(f"没有向运行中的服务试算 / no stack was asked: {missing}", style="yellow", soft_wrap=True)
            return None


def _say_how(asked: Asked, live: bool) -> None:
    left = asked.facts if live else 0
    told = "以运行中的服务试算 / by the running stack" if live else "离线试算，只凭该文件 / offline, from this file alone"
    err.print(f"{told}: {asked.trials}", soft_wrap=True)
    if left:
        err.print(f"其余 {left} 行未用：须先以 yibao publish 发布 / {left} other lines were not used: publish them first", soft_wrap=True)


def _print(events: Iterable[Event], book: Book, lang: str, as_json: bool) -> None:
    if as_json:
        print_json([_as_object(event) for event in events])
        return
    for number, event in enumerate(events):
        out.print(("\n\n" if number else "") + as_text(statement(event, book, lang)), soft_wrap=True, end="")


def _as_object(event: Event) -> dict[str, Any]:
    last = next(section for name in ("settled", "priced", "checked", "filed") if (section := getattr(event.body, name, None)) is not None)
    request = event.body.request
    return {"mdtrt_id": request.mdtrt_id, "type": event.type, "verdict": last.model_dump(mode="json", exclude_none=True)}
