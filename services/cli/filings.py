"""``yibao filings``: a person's filings for care in another place, as they stand on a day."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from policies.book import Book
from policies.eligibility import PersonState
from policies.filings import Standing, as_object, filings_on
from policies.names import CATEGORIES, Names
from policies.statement import as_text
from policies.statement.filings import STATES, filings as sheet
from services.cli.account import check_psn_no, read_person
from services.cli.between import Change, Fact, Facts, between, show as show_changes
from services.cli.check import person_of
from services.cli.console import CANNOT, AsJson, Lang, RulebookDir, coro, fail, load_book, out, print_json, redis_settings
from services.cli.past import NOW, AsOf, Dump, Past, Since, day_of, nobody, past
from services.runtime.settings import Settings

FIELDS: Names = {
    "state": ("状态", "state"), "category": ("类别", "category"), "mdtrtarea_admdvs": ("就医地", "place of care"), "hospitals": ("医疗机构", "hospitals"),
    "begndate": ("开始日期", "first day"), "enddate": ("结束日期", "last day"), "missing": ("缺少的材料", "papers that are due"),
    "changes": ("当年变更次数", "changes this year"),
}


@coro
async def filings(
    psn_no: Annotated[str, typer.Argument(help="人员编号 / insured person")],
    on: Annotated[datetime | None, typer.Option(
        "--date", formats=["%Y-%m-%d"], help="哪一天的状态，默认今天或 --as-of 之日 / as of which day, by default today or that of --as-of")] = None,
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="离线：按一个请求文件 / offline, from a file of requests")] = None,
    as_of: AsOf = None, since: Since = None, dump: Dump = None,
    lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """查一个人的异地就医备案：编号、类别、地区或医院、有效期、状态、缺什么材料、当年变更次数、对待遇的影响。只读。

    A person's filings for care elsewhere: number, category, place or hospitals, validity, state, papers that are due, changes
    of the year, and what each means for benefits. Reads only.

    例 / Example: [bold]yibao filings P410100-ZHAO --date 2025-04-01[/bold]
    """
    check_psn_no(psn_no)
    if source is not None and (as_of or since or dump):
        fail("--from 不能与 --as-of、--since、--dump 同用 / use either --from or --as-of, --since, --dump", CANNOT)
    times, day = await past(as_of, since, dump), on.date() if on else None
    settings = None if source or times else redis_settings()
    given = settings or times
    book = load_book(rulebook or (given.rulebook if given else None))
    if times is not None and times.since is not None:
        show_changes(psn_no, times, await _changes(psn_no, times, day, book), as_json)
        return
    state = await _known(psn_no, source, times, settings, book)
    if state is None:
        nobody(psn_no, times)
    day = day or day_of(times.at if times else NOW)
    found = filings_on(psn_no, state, day, book)
    if as_json:
        print_json({"psn_no": psn_no, "date": day.isoformat(), "filings": [as_object(one) for one in found]})
    else:
        out.print(as_text(sheet(psn_no, found, day, book, lang.value)), soft_wrap=True, end="")


async def _known(psn_no: str, source: Path | None, times: Past | None, settings: Settings | None, book: Book) -> PersonState | None:
    """What eligibility knows of the person: from a file, as of a time, or now."""
    if source is not None:
        return person_of(source, psn_no, book)
    if times is not None:
        from services.cli.as_of import person_as_of

        return await person_as_of(times.source, psn_no, times.at)
    assert settings is not None
    return await read_person(settings, psn_no)


async def _changes(psn_no: str, times: Past, day: date | None, book: Book) -> list[Change]:
    """What two times differ in; each on its own day, so that a filing that ended between them is told."""
    from services.cli.as_of import person_as_of

    assert times.since is not None
    states = await times.both(lambda source, at: person_as_of(source, psn_no, at))
    days = (day or day_of(at) for at in (times.since, times.at))
    before, after = (_facts(filings_on(psn_no, state, on, book)) for state, on in zip(states, days, strict=True))
    return between(before, after)


def _facts(found: list[Standing]) -> Facts:
    told: dict[tuple[str, ...], Fact] = {}
    for one in found:
        number, filing = one.filing.trt_dcla_detl_sn, one.filing
        values = {
            "state": " / ".join(STATES[one.state]), "category": " / ".join(CATEGORIES[filing.category]), "mdtrtarea_admdvs": filing.mdtrtarea_admdvs,
            "hospitals": ", ".join(filing.hospitals or ()), "begndate": str(filing.begndate), "enddate": str(filing.enddate or "-"),
            "missing": "；".join(f"{why.zh} / {why.en}" for why in one.missing), "changes": f"{one.changes}"}
        told |= {(number, name): Fact(f"备案 {number} {FIELDS[name][0]}", f"filing {number} {FIELDS[name][1]}", value)
                 for name, value in values.items() if value}
    return told
