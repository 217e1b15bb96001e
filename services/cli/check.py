"""``yibao check``: may this person be treated there, and what will be reduced, before anything happens."""

import re
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from policies.book import Book
from policies.eligibility import PersonState
from policies.inquiry import CARES, as_object, inquire, insurance_of, sentence, visit
from policies.road import Road
from services.cli.account import check_psn_no, read_person
from services.cli.console import REFUSED, AsJson, RulebookDir, coro, fail, load_book, out, print_json, redis_settings
from services.cli.lines import checked as checked_lines, good, opened


@coro
async def check(
    psn_no: Annotated[str, typer.Argument(help="人员编号 / insured person")],
    provider: Annotated[str, typer.Option(metavar="CODE", help="定点医药机构编号 / provider")],
    date: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="就诊或入院日期 / day of visit or admission")],
    care: Annotated[str, typer.Option(help=f"{', '.join(CARES)}，或医疗类别代码 / or a code of care (med_type)")],
    insutype: Annotated[str | None, typer.Option(help="险种，默认当日参保的 / insurance, by default that of the day")] = None,
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="离线：按一个请求文件 / offline, from a file of requests")] = None,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """就医前查询：这个人能否在那里直接结算、为什么不能、怎么办、会降低多少。只读，不产生任何事件；不能直接结算时以 1 退出。

    Before care: may it be settled there, if not why and what to do, and what is reduced. Reads only. Exit code 1 where it
    cannot be settled directly.

    例 / Example: [bold]yibao check P0001 --provider H65020000102 --date 2025-03-03 --care outpatient[/bold]
    """
    check_psn_no(psn_no)
    med_type = CARES.get(care, care)
    if not re.fullmatch("[0-9]{2,6}", med_type):
        fail(f"--care {care}: 没有这个医疗类别，可用 / there is no such care; use one of: {', '.join(CARES)}")
    settings = None if source else redis_settings()
    book = load_book(rulebook or (settings.rulebook if settings else None))
    day = date.date()
    state = person_of(source, psn_no, book) if source else await read_person(settings, psn_no)
    found = inquire(visit(psn_no, provider, day, med_type, insutype or insurance_of(state, day)), state, book)
    if as_json:
        print_json(as_object(found))
    else:
        out.print(sentence(found, "zh"), sentence(found, "en"), sep="\n", soft_wrap=True)
    if found.checked.route != "direct" or found.no_rule is not None:
        raise typer.Exit(REFUSED)


def person_of(file: Path, psn_no: str, book: Book) -> PersonState | None:
    """What eligibility knows of the person behind the requests of a file."""
    road = Road(book)
    with opened(file) as stream:
        for request in good(stream, checked_lines(stream, False)):
            if request.key == psn_no.encode():
                deque(road.run(request), maxlen=0)
    return road.person("eligibility", psn_no)
