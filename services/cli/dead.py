"""``yibao dead``: requests that could not be read. See why, correct them, publish them again, once."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.envelope import Record, request_attributes
from contracts.wire import Unreadable
from services.cli.again import edited, line_of, lines, unchanged
from services.cli.console import (
    CANNOT,
    AsJson,
    DryRun,
    Table,
    Yes,
    confirmed,
    coro,
    err,
    fail,
    kafka_settings,
    moments,
    out,
    print_json,
    printable,
)
from services.cli.letters import Chosen, Letter, letter_of, letters, original
from services.cli.publish import Published, send
from services.runtime.settings import Settings

dead = typer.Typer(no_args_is_help=True, help="无法读取的请求：查看、改正、重新发布。 / Requests that could not be read: see, correct, publish again.")

SHOWN_BYTES = 4096
Id = Annotated[str, typer.Argument(help="副本编号，或其结论的请求编号 / id of the copy, or request id of its verdict")]
ByReason = Annotated[str | None, typer.Option("--reason", metavar="CODE", help="只要该原因 / only this reason")]


@dead.command("list")
@coro
async def list_(
    reason: ByReason = None,
    partition: Annotated[int | None, typer.Option(min=0, help="只要该分区 / only this partition")] = None,
    since: Annotated[str | None, typer.Option(help="写入时间自（UTC）/ written from (UTC)")] = None,
    until: Annotated[str | None, typer.Option(help="写入时间至（不含）/ written before")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="至多列出 / list at most")] = 50,
    as_json: AsJson = False,
) -> None:
    """列出 yibao.dead 上的副本，重复写入的只算一次；最后按原因计数。

    Lists the copies on yibao.dead, each once, and counts them by reason.

    例 / Example: [bold]yibao dead list --reason not_json --since 2025-03-05T08:00[/bold]
    """
    chosen, shown, counts = Chosen(reason, partition, *moments(since, until, ("--since", "--until"))), list[Letter](), Counter[str]()
    total = 0
    async for letter in letters(kafka_settings(), chosen):
        total += 1
        counts.update(set(letter.codes))
        if len(shown) < limit:
            shown.append(letter)
    if as_json:
        print_json({"total": total, "reasons": dict(counts), "dead": [_row(letter) for letter in shown]})
        return
    table = Table("编号 / id", "来源 / origin", "写入 / written (UTC)", "字节\nbytes", "原因 / reasons", title="yibao.dead")
    for letter in shown:
        table.add_row(letter.id, letter.place, letter.time, str(letter.dead.size), ", ".join(letter.codes))
    out.print(table)
    out.print(f"共 / in all {total}: " + ", ".join(f"{code} {count}" for code, count in counts.most_common()))


@dead.command()
@coro
async def show(id: Id, as_json: AsJson = False) -> None:
    """一个副本：原因与办法、来源、消息头、报文。

    One copy: reasons and remedies, origin, headers, body.
    """
    settings = kafka_settings()
    letter = await letter_of(settings, id)
    request = await original(settings, letter)
    if as_json:
        print_json({**_row(letter), **letter.dead.model_dump(mode="json")})
        return
    _tell(letter)
    for name, value in (("key", request.key), *request.headers):
        out.print(f"  {printable(name)}: {'null' if value is None else _text(value)}", soft_wrap=True)
    cut = f"（前 {SHOWN_BYTES} 字节 / the first {SHOWN_BYTES} bytes）" if len(request.value) > SHOWN_BYTES else ""
    out.print(f"报文 / body, {len(request.value)} bytes{cut}:\n{_text(request.value[:SHOWN_BYTES])}", soft_wrap=True)


@dead.command()
@coro
async def fix(
    id: Id,
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help="写入的文件，不得已存在 / file to write, which must not exist")],
    dry_run: DryRun = False,
) -> None:
    """把请求写成一行，供改正后用 yibao dead publish FILE 发布；报文不是 JSON 对象的，原样另存为 FILE.raw。

    Writes the request as a line to be edited and published with yibao dead publish FILE; what is no JSON goes to FILE.raw.
    """
    settings = kafka_settings()
    letter = await letter_of(settings, id)
    line, raw = line_of(letter, await original(settings, letter))
    _tell(letter)
    if dry_run:
        out.print(line, soft_wrap=True)
        return
    _write(to, line.encode() + b"\n")
    if raw is not None:
        _write(beside := to.with_name(f"{to.name}.raw"), raw)
        out.print(f"报文不是可用的 JSON 对象，原样存于 {beside}；请把 data 填好 / the body is no usable JSON object and lies in {beside}: fill in data")
    out.print(f"改好 {to} 后 / edit {to}, then: yibao dead publish {to}", soft_wrap=True)


@dead.command()
@coro
async def publish(
    target: Annotated[str | None, typer.Argument(metavar="ID|FILE", help="副本编号，或 fix 写出并改好的文件 / id of a copy, or an edited file")] = None,
    reason: ByReason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """作为新请求重新发布并注明所替代的请求；发布两次也只生效一次（第二次答以 repeated）。

    Publishes again as a new request that names the old one. Published twice it counts once: the second is answered as repeated.

    With --reason alone: all copies of that reason that can be read now (after a bad deploy of this program was mended).
    """
    settings, done, wrong = kafka_settings(), Published(every_id=True), Counter[str]()
    if (target is None) == (reason is None):
        fail("给出 ID、FILE 或 --reason 之一 / give one of ID, FILE and --reason", CANNOT)
    async with aclosing(_targets(settings, target, reason)) as found:
        records = [record async for record in _readable(found, wrong)]
    if records and not dry_run:
        confirmed(f"重新发布 {len(records)} 个请求？ / publish again (requests: {len(records)})?", yes)
        await send(settings, records, len(records), done)
    if as_json:
        ids = [request_attributes(record.headers).id for record in records]
        print_json({"dry_run": dry_run, "published": done.types.total(), "ids": ids, "wrong": dict(wrong)})
    else:
        for record in records:
            out.print(f"{'会发布 / would publish' if dry_run else '已发布 / published'} {request_attributes(record.headers).id}", soft_wrap=True)
    if wrong or not records:
        fail(f"{wrong.total()} 个仍无法读取或没有可发布的 / {wrong.total()} still cannot be read, or there is nothing to publish")


Target = tuple[Letter, Record, dict[str, Any] | None]


async def _targets(settings: Settings, target: str | None, reason: str | None) -> AsyncIterator[Target]:
    """Each copy that is to be replaced, its request, and the edited line, if there is one."""
    if target is None:
        async for letter in letters(settings, Chosen(reason)):
            yield letter, await original(settings, letter), None
    elif not (path := Path(target)).is_file():
        letter = await letter_of(settings, target)
        yield letter, await original(settings, letter), None
    else:
        with path.open("rb") as stream:
            try:
                for replaces, event in lines(stream):
                    letter = await letter_of(settings, replaces)
                    yield letter, await original(settings, letter), event
            except Unreadable as bad:
                fail("\n".join(f"{path}: {why.zh} / {why.en}" for why in bad.reasons))


async def _readable(targets: AsyncIterator[Target], wrong: Counter[str]) -> AsyncIterator[Record]:
    """What can be published; the others are told and counted."""
    async for letter, request, event in targets:
        try:
            yield unchanged(letter, request) if event is None else edited(letter, request, event)
        except Unreadable as bad:
            wrong.update(why.code for why in bad.reasons[:1])
            for why in bad.reasons:
                err.print(f"{letter.id}: {why.zh}。{why.remedy_zh}\n  {why.en}. {why.remedy_en}", style="red", soft_wrap=True)


def _tell(letter: Letter) -> None:
    out.print(f"{letter.id}  {letter.place}  {letter.time}  {letter.dead.size} bytes", soft_wrap=True)
    for why in letter.dead.reasons:
        where = f"{why.field}: " if why.field else ""
        out.print(printable(f"{where}{why.code}\n  {why.zh}。{why.remedy_zh}\n  {why.en}. {why.remedy_en}"), soft_wrap=True)


def _row(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id, "request_id": letter.dead.request_id, "origin": letter.dead.origin.model_dump(),
        "written": letter.time, "size": letter.dead.size, "codes": letter.codes, "dead_offset": letter.offset,
    }


def _text(value: bytes) -> str:
    """Bytes as text where they are; else in hexadecimal, 32 a line."""
    try:
        return printable(value.decode())
    except UnicodeDecodeError:
        return "\n".join(value[at : at + 32].hex(" ") for at in range(0, len(value), 32))


def _write(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        fail(f"{path}: 无法写入 / cannot be written ({error.strerror})")
