"""``yibao replay``: recorded requests decided again, and what comes out otherwise than is recorded."""

import json
from typing import Annotated, Any

import typer

from contracts.money import yuan
from services.audit.replay import Chosen, Difference, Replayed, replay as replayed
from services.cli.console import (
    CANNOT,
    REFUSED,
    AsJson,
    RulebookDir,
    Table,
    coro,
    fail,
    kafka_settings,
    load_book,
    out,
    print_json,
    printable,
)
from services.cli.dumping import advancing
from services.cli.search import partitions_for
from services.cli.verifying import LIVE, From, To, Where, trusted, window

SHOWN, SHOWN_FIELDS, SHOWN_TEXT = 20, 8, 120


@coro
async def replay(
    where: Where = LIVE, start: From = None, end: To = None,
    region: Annotated[str | None, typer.Option(help="参保地代码或其开头 / place of insurance, or how its code begins")] = None,
    person: Annotated[str | None, typer.Option(metavar="PSN_NO", help="只重算该人员 / only this person")] = None,
    rulebook: RulebookDir = None, as_json: AsJson = False,
) -> None:
    """把记录的请求从头重新核算，说明与记录有何不同；规则库相同则没有不同。只读，不加入消费组，不打开生产者。

    Decides recorded requests again from the start and says what differs from the record: nothing, with the same rulebook.
    It only reads: no consumer group, no producer.

    例 / Example: [bold]yibao replay audit-2025 --region 6502[/bold]
    """
    source = await trusted(where)
    book = load_book(rulebook if rulebook or where != LIVE else kafka_settings().rulebook, code=CANNOT)
    chosen = Chosen(window(start, end), region, person)
    with advancing("重算 / replaying", source.requests) as told:
        found = await replayed(source, book, partitions_for(person), chosen, told)
    if as_json:
        print_json(_as_object(found))
    else:
        _show(found)
    if not found.requests:
        fail("没有符合条件且已有结论的请求 / there is no such request that has a verdict")
    if found.differing:
        raise typer.Exit(REFUSED)


def _as_object(found: Replayed) -> dict[str, Any]:
    return {
        "requests": found.requests, "same": found.same, "differing": found.differing, "unanswered": found.unanswered,
        "types": [{"recorded": was, "now": now, "count": count} for (was, now), count in sorted(found.types.items())],
        "amounts": dict(found.amounts),
        "differences": [
            {"request_id": one.request_id, "partition": one.partition, "offset": one.offset, "recorded": one.recorded, "now": one.now,
             "fields": [{"field": path, "recorded": was, "now": now} for path, was, now in one.fields]}
            for one in found.told
        ],
    }


def _show(found: Replayed) -> None:
    for one in found.told[:SHOWN]:
        _tell(one)
    if found.differing > SHOWN:
        out.print(f"… 另有 / and {found.differing - SHOWN} more (--json)")
    table = Table("记录 / recorded", "现在 / now", "请求 / requests")
    for (was, now), count in sorted(found.types.items()):
        table.add_row(printable(was), now, str(count))
    if found.types:
        out.print(table)
        for name, amount in found.amounts.items():
            out.print(f"{name}: {'+' if amount > 0 else ''}{yuan(amount)} 元 / yuan")
    more = f"；未到终局 / not settled yet {found.unanswered}" if found.unanswered else ""
    out.print(f"请求 / requests {found.requests}，相同 / same {found.same}，不同 / differing {found.differing}{more}")


def _tell(one: Difference) -> None:
    out.print(f"{printable(one.request_id)} ({one.partition}/{one.offset}): {printable(one.recorded)} -> {one.now}", style="yellow")
    for path, was, now in one.fields[:SHOWN_FIELDS]:
        out.print(f"  {printable(path)}: {_text(was)} -> {_text(now)}", soft_wrap=True)


def _text(value: Any) -> str:
    return "-" if value is None else printable(json.dumps(value, ensure_ascii=False))[:SHOWN_TEXT]
