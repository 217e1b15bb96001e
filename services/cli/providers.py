"""``yibao providers``: who settles what at a place of care, by the register of the rulebook."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from policies.book import Book
from policies.places import area_of
from policies.providers import CONNECTIONS, Provider
from services.cli.console import AsJson, RulebookDir, Table, fail, load_book, out, print_json

FLAGS = {"inpatient": "住院 inpatient", "outpatient": "门诊 outpatient", "chronic": "慢特病 chronic", "pharmacy": "药店 pharmacy"}


def providers(
    place: Annotated[str, typer.Option(help="就医地区划代码：省、市或县 / code of a place of care: province, city or county")],
    on: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="哪一天 / on which day")],
    care: Annotated[str | None, typer.Option(help=f"只看跨省开通该项的 / only those connected for: {', '.join(CONNECTIONS)}")] = None,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """某地某日的定点机构：级别、类型、跨省开通了哪些、是否暂停、受理哪些凭证。

    Designated providers of a place on a day: level, type, what they are connected for across provinces, suspension, credentials.

    例 / Example: [bold]yibao providers --place 110000 --date 2025-03-01 --care inpatient[/bold]
    """
    if care is not None and care not in CONNECTIONS:
        fail(f"--care {care}: 没有这一项，可用 / there is no such flag; use one of: {', '.join(CONNECTIONS)}")
    day = on.date()
    found = connected(load_book(rulebook), place, day, care)
    if as_json:
        print_json([as_object(one, day) for one in found])
        return
    if not found:
        fail(f"{place} {day}: 没有这样的定点机构，核对区划、日期与 --care / no such provider; check place, date and --care")
    out.print(_table(found, day))


def connected(book: Book, place: str, day: date, care: str | None) -> list[Provider]:
    """The providers of a place that are designated on ``day``, by code; with ``care`` those connected for it and not suspended."""
    here = (book.provider(code, day) for code in sorted(book.providers))
    mine = [one for one in here if one is not None and one.admdvs.startswith(area_of(place)) and one.designated_on(day)]
    return [one for one in mine if care is None or (care in one.connected and one.suspension_on(day) is None)]


def as_object(one: Provider, day: date) -> dict[str, Any]:
    """A provider for JSON."""
    return {
        "fixmedins_code": one.fixmedins_code, "name": one.name, "admdvs": one.admdvs, "hosp_lv": one.hosp_lv,
        "dedc_hosp_lv": one.dedc_hosp_lv, "medins_type": one.medins_type, "fee_class": one.fee_class,
        "connected": [name for name in CONNECTIONS if name in one.connected], "suspended": one.suspension_on(day) is not None,
        "credentials": list(one.credentials), "from": one.begndate, "until": one.enddate, "source": one.source,
    }


def _table(found: list[Provider], day: date) -> Table:
    table = Table()
    table.add_column("机构\nprovider", no_wrap=True)
    for name in ("级别、类型\nlevel, type", "跨省开通\nconnected for", "凭证\ncredentials"):
        table.add_column(name)
    for one in found:
        flags = "\n".join(FLAGS[name] for name in CONNECTIONS if name in one.connected)
        state = "（暂停 / suspended）" if one.suspension_on(day) is not None else ""
        level = f"{one.dedc_hosp_lv} {one.medins_type or '-'}"
        table.add_row(f"{one.fixmedins_code}\n{one.name}{state}", level, flags or "-", " ".join(one.credentials))
    return table
