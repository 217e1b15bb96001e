"""``yibao explain``: the statement (结算单) of a verdict, from the live chain or from a file of records."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from contracts.envelope import BadHeaders, Record
from contracts.lines import from_line
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book
from policies.laws import LawBroken, check_moved, check_priced, check_settled
from policies.statement import Statement, as_text, money, statement
from services.cli.console import AsJson, Lang, coro, fail, found_settings, load_book, out, print_json
from services.cli.lines import opened
from services.cli.search import Logs, by_id, by_visit, partitions_for, scan

LAST = len(topic_map().road) - 1


@coro
async def explain(
    claim: Annotated[str, typer.Argument(help="请求编号，或 settle 写出的文件（- 为标准输入）/ request id, or a file written by settle (- is standard input)")],
    lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh,
    mdtrt: Annotated[bool, typer.Option("--mdtrt", help="参数是就诊编号 mdtrt_id / the argument is an mdtrt_id")] = False,
    psn: Annotated[str | None, typer.Option(help="只找该人员的分区 / look only in this person's partition")] = None,
    rulebook: Annotated[Path | None, typer.Option(help="作出决定的规则库 / the rulebook that decided")] = None,
    as_json: AsJson = False,
) -> None:
    """结算单：每一步的基数、取值、规则与出处，可以用手核对。

    The statement of a verdict: what went into each step, which value, rule and source, and what came out.

    例 / Example: [bold]yibao explain li-2-outpatient-level2 --lang en[/bold]
    """
    if claim == "-" or claim.endswith((".json", ".jsonl")) or Path(claim).is_file():
        book = load_book(rulebook)
        found = _print((_sheet(record, book, lang) for record in _verdicts_in(Path(claim))), as_json)
        if not found:
            fail(f"{claim}: 没有终局结论，请用 settle --only verdicts 写出 / holds no verdict; write it with settle --only verdicts")
    else:
        _print(await _looked_up(claim, lang, mdtrt, psn, rulebook), as_json)


def _print(sheets: Iterable[Statement], as_json: bool) -> int:
    """Prints each as it comes, since a file may hold many; returns how many there were."""
    if as_json:
        found = [asdict(sheet) for sheet in sheets]
        if found:
            print_json(found)
        return len(found)
    number = 0
    for number, sheet in enumerate(sheets, 1):
        out.print(("\n\n" if number > 1 else "") + as_text(sheet), soft_wrap=True, end="")
    return number


async def _looked_up(claim: str, lang: Lang, mdtrt: bool, psn: str | None, rulebook: Path | None) -> list[Statement]:
    settings = found_settings()
    book = load_book(rulebook or settings.rulebook)
    wanted = by_visit(claim) if mdtrt else by_id(claim)
    async with Logs(settings) as logs:
        hits = await scan(logs, LAST, partitions_for(psn), wanted, whole=mdtrt)
    if not hits:
        fail(
            f"{claim}: 没有终局结论；用 yibao trace {claim} 查看走到哪里 / no verdict of this; see how far it came with "
            f"yibao trace {claim}"
        )
    return [_sheet(hit.record, book, lang) for hit in hits]


def _verdicts_in(path: Path) -> Iterator[Record]:
    """The terminal records of a file; others on the road are passed over."""
    with opened(path) as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                record = from_line(line)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                fail(f"第 {number} 行 / line {number}: 不是 settle 写出的记录 / is no record written by settle ({error})")
            if record.topic.endswith(topic_map().road[-1].name):
                yield record


def _sheet(record: Record, book: Book, lang: Lang) -> Statement:
    """The statement of one record. What contradicts itself is not put on paper."""
    try:
        event = event_of(record)
        _believed(event)
        return statement(event, book, lang.value)
    except (BadHeaders, ValidationError, LawBroken, KeyError, ValueError) as error:
        id = (record.header("ce_requestid") or b"?").decode("utf-8", "replace")
        fail(f"{id}: 记录有误，不出结算单 / the record is wrong, no statement is made: {error}")


def _believed(event: Event) -> None:
    """The laws hold again when a verdict is read. Raises LawBroken."""
    if event.type in ("claim.settled", "claim.quoted"):
        check_priced(event.body.priced, event.body.request.medfee_sumamt)
        check_settled(event.body.settled, event.body.priced)
    if event.type in money.TITLES:
        check_moved(event.body.request, event.body.settled)
