"""``yibao filings``: a person's filings for care in another place, as they stand on a day."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.keys import PSN_NO_PATTERN
from policies.filings import as_object, filings_on
from policies.statement import as_text
from policies.statement.filings import filings as sheet
from services.cli.account import read_person
from services.cli.check import person_of
from services.cli.console import AsJson, Lang, RulebookDir, coro, fail, found_settings, load_book, out, print_json


@coro
async def filings(
    psn_no: Annotated[str, typer.Argument(help="人员编号 / insured person")],
    on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="哪一天的状态，默认今天 / as of which day, by default today")] = None,
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="离线：按一个请求文件 / offline, from a file of requests")] = None,
    lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """查一个人的异地就医备案：编号、类别、地区或医院、有效期、状态、缺什么材料、当年变更次数、对待遇的影响。只读。

    A person's filings for care elsewhere: number, category, place or hospitals, validity, state, papers that are due, changes
    of the year, and what each means for benefits. Reads only.

    例 / Example: [bold]yibao filings P410100-ZHAO --date 2025-04-01[/bold]
    """
    if not re.fullmatch(PSN_NO_PATTERN, psn_no):
        fail(f"{psn_no}: 不是人员编号（{PSN_NO_PATTERN}）/ is no psn_no")
    settings = None if source else found_settings()
    book = load_book(rulebook or (settings.rulebook if settings else None))
    day = on.date() if on else date.today()
    state = person_of(source, psn_no, book) if source else await read_person(settings, psn_no)
    if state is None:
        fail(f"{psn_no}: 没有这个人的记录，请核对人员编号 / nothing is known of this person; check psn_no")
    found = filings_on(psn_no, state, day, book)
    if as_json:
        print_json({"psn_no": psn_no, "date": day.isoformat(), "filings": [as_object(one) for one in found]})
    else:
        out.print(as_text(sheet(psn_no, found, day, book, lang.value)), soft_wrap=True, end="")
