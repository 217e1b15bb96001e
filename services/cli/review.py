"""``yibao review``: claims that wait for a person: list them, show one with what was found, decide it."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.money import yuan
from contracts.topics import topic_map
from contracts.wire import Unreadable
from policies.statement import as_text, statement
from services.cli.await_verdicts import Awaited, verdict_rows
from services.cli.console import (
    CANNOT,
    SERVERS,
    AsJson,
    Lang,
    RulebookDir,
    Table,
    coro,
    fail,
    kafka_settings,
    load_book,
    out,
    print_json,
)
from services.cli.explain import YUAN
from services.cli.past import NOW, day_of
from services.cli.publish import Published, send
from services.cli.search import Logs
from services.cli.waiting import Waiting, held_claims
from services.runtime.settings import Settings
from services.runtime.topics import check_topics

review = typer.Typer(no_args_is_help=True, help="智能审核：等待人工决定的费用。 / Review: claims that wait for a person's decision.")
HeldId = Annotated[str, typer.Argument(metavar="HELD_ID", help="暂缓编号，见 review list / id of the held claim, see review list")]
Psn = Annotated[str | None, typer.Option(help="只看该人员 / only this person")]


@review.command("list")
@coro
async def list_(
    psn: Psn = None,
    decided: Annotated[bool, typer.Option("--all", help="连同已决定的 / those that were decided too")] = False,
    as_json: AsJson = False,
) -> None:
    """等待人工决定的费用：编号、人员、机构、金额、命中的规则。

    Claims that wait for a person: id, person, provider, amounts, the rules that hold them.

    例 / Example: [bold]yibao review list[/bold]
    """
    async with Logs(kafka_settings()) as logs:
        found = [one for one in await held_claims(logs, psn) if decided or one.decided is None]
    if as_json:
        print_json([one.as_object() for one in found])
    elif not found:
        out.print("没有等待审核的费用 / no claim waits for review")
    else:
        out.print(waiting_table(found))


def waiting_table(found: list[Waiting]) -> Table:
    """One row a held claim; amounts in yuan."""
    table = Table(title="等待审核 / waiting for review (元 / yuan)")
    for title in ("暂缓编号\nheld claim", "人员、机构\nperson, provider", "结算日期\nsettled on"):
        table.add_column(title, overflow="fold")
    for title in ("总额\ntotal", "涉及\nat stake"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("规则\nrules", overflow="fold")
    for one in found:
        claim = one.held.body.request
        rules = "\n".join(f"{rule.rule_name} / {rule.rule_name_en}" for rule in one.findings)
        ended = f"\n已决定 / decided: {one.decided.attributes.request_id}" if one.decided else ""
        table.add_row(
            one.id, f"{claim.psn_no}\n{claim.fixmedins_code}", str(claim.setl_date), yuan(claim.medfee_sumamt), yuan(one.at_stake),
            rules + ended, style="dim" if ended else None,
        )
    return table


@review.command()
@coro
async def show(
    held_id: HeldId, psn: Psn = None, lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh, rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """一笔暂缓费用：明细、审核发现与处理；已决定的附上决定。

    One held claim: its lines and what the review found; with the decision where there is one.

    例 / Example: [bold]yibao review show 3f0c… --lang en[/bold]
    """
    settings = kafka_settings()
    found = await _found(settings, held_id, psn)
    book = load_book(rulebook or settings.rulebook)
    sheets = [statement(event, book, lang.value) for event in (found.held, found.decided) if event is not None]
    if as_json:
        print_json([asdict(sheet) for sheet in sheets])
    else:
        out.print("\n\n".join(as_text(sheet) for sheet in sheets), soft_wrap=True, end="")


@review.command()
@coro
async def decide(
    held_id: HeldId,
    decision: Annotated[str, typer.Argument(help="release 放行，cut 扣减，refuse 不予支付 / release, cut or refuse")],
    by: Annotated[str, typer.Option("--by", metavar="OPTER", help="经办人编号，不写姓名 / reference to the reviewer, no name")],
    cuts: Annotated[list[str] | None, typer.Option(
        "--cut", metavar="LINE:BEARS[:YUAN]", help="扣减的明细：流水号:承担方[:金额（元）]，承担方 patient 或 provider / line to cut, who bears it, how much")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="决定日期，默认今天 / day of the decision, default: today")] = None,
    note: Annotated[str | None, typer.Option(help="说明 / note")] = None,
    psn: Psn = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只打印请求，不发布 / only print the request")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问 / do not ask")] = False,
    limit: Annotated[float, typer.Option("--limit", min=1, help="等待结论的秒数上限 / seconds to wait for the verdict at most")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """决定一笔暂缓费用：放行、扣减明细后结算，或不予支付。发布 review.decided 并等待结论。

    Decides a held claim: settles it as billed, settles it after cuts, or settles nothing. Publishes review.decided and
    waits for the verdict.

    例 / Example: [bold]yibao review decide 3f0c… cut --cut 1:provider:100.01 --by OP-7[/bold]
    """
    settings = kafka_settings()
    found = await _found(settings, held_id, psn)
    data = {"psn_no": found.held.body.request.psn_no, "held_id": held_id, "decision": decision, "lines": [_cut(text) for text in cuts or ()],
            "opter": by, "date": str(on.date() if on else day_of(NOW)), **({"memo": note} if note else {})}
    record = _request(data)
    if found.decided is not None:
        fail(f"{held_id}: 已由 {found.decided.attributes.request_id} 决定 / was decided by {found.decided.attributes.request_id}")
    if dry_run:
        print_json({"type": "cn.yibao.review.decided.v1", "data": json.loads(record.value)})
        return
    if not yes:
        out.print(waiting_table([found]))
        typer.confirm(f"{decision}?", abort=True)
    await _publish(settings, record, limit, as_json)


async def _found(settings: Settings, held_id: str, psn: str | None) -> Waiting:
    async with Logs(settings) as logs:
        found = next((one for one in await held_claims(logs, psn) if one.id == held_id), None)
    if found is None:
        fail(f"{held_id}: 没有这笔暂缓费用，用 yibao review list 核对 / there is no such held claim; see yibao review list")
    return found


def _cut(text: str) -> dict[str, Any]:
    """``1:provider`` or ``1:provider:100.01`` as a line of the request."""
    number, _, rest = text.partition(":")
    bears, _, amount = rest.partition(":")
    found = YUAN.fullmatch(amount) if amount else None
    if not number or bears not in ("patient", "provider") or (amount and found is None):
        fail(f"--cut {text}: 应写 流水号:patient|provider[:金额（元）]，如 1:provider:100.01 / write LINE:patient|provider[:YUAN], such as 1:provider:100.01")
    fen = {"amt": int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))} if found else {}
    return {"feedetl_sn": number, "bears": bears, **fen}


def _request(data: dict[str, Any]) -> Record:
    """The request, checked as the first stage will."""
    try:
        line = json.dumps({"type": "cn.yibao.review.decided.v1", "data": data}, ensure_ascii=False)
        return request_record(line.encode(), topic_map().partitions)
    except Unreadable as bad:
        fail("\n".join(f"{why.zh}。{why.remedy_zh}\n{why.en}. {why.remedy_en}" for why in bad.reasons))


async def _publish(settings: Settings, record: Record, limit: float, as_json: bool) -> None:
    if problems := await check_topics(settings):
        fail("\n".join(problems), CANNOT)
    done, waiting = Published(every_id=True), Awaited(settings)
    try:
        await waiting.start()
        await send(settings, [record], 1, done)
        verdicts = await waiting.all(done.ids, limit)
    finally:
        await waiting.close()
    if not verdicts:
        fail(f"{limit:g} 秒内没有结论；用 yibao trace 查询 {done.ids[0][1]} / no verdict within {limit:g} s; look it up with yibao trace", SERVERS)
    if as_json:
        print_json([verdict.as_object() for verdict in verdicts])
    else:
        out.print(verdict_rows(verdicts))
    if verdicts[0].type not in ("review.settled", "review.closed"):
        raise typer.Exit(1)
