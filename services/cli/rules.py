"""``yibao rules``: looks after a rulebook: checks it whole, shows the benefits of a place, begins a new region."""

import re
from datetime import datetime
from pathlib import Path
from shutil import copytree
from typing import Annotated, NoReturn

import typer

from policies.book import BUILT_IN, Book, built_in, load
from policies.cases import Case, load_cases
from policies.check import problems, unused
from policies.files import is_folder, read_files
from policies.filing_schema import filing_schema_text
from policies.handed_on import doubts
from policies.places import NATION, Region
from policies.quoted import unquoted
from policies.schema import schema_text
from policies.show import benefits_page, plans_on, region_named
from policies.statement import as_text
from policies.statement.html import as_html
from policies.tables import KNOWN, RulebookError
from services.cli.console import REFUSED, AsJson, Lang, RulebookDir, err, fail, load_book, out, print_file, print_json
from services.cli.keeping import keep, kept
from services.cli.skeleton import skeleton, slug
from services.cli.writing import to_file

rules = typer.Typer(no_args_is_help=True, help="规则库：检查、查看、存放、新建参保地。 / The rulebook: check it, show a place, keep it, begin a new one.")

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", envvar="YIBAO_RULEBOOK", help="规则库目录，默认内置 / rulebook folder, default: the built-in one"),
]


@rules.command()
def check(folder: Folder = None, as_json: AsJson = False) -> None:
    """检查规则库：能否加载、时间有无空档、算例是否相符、每一行有无算例、出处是否用到。有问题时以 1 退出。

    Checks a rulebook: whether it can be loaded, gaps in time, the cases, a case for every row, unused sources. Each line
    names file, key, what is wrong and what to do. Exit code 1 where something has to be mended.

    例 / Example: [bold]yibao rules check my-rulebook[/bold]
    """
    where = folder or BUILT_IN
    book, cases, wrong = _read(where)
    warnings: list[str] = []
    if book is not None:
        wrong = problems(book, cases)
        warnings = [*doubts(book), *unquoted(book), *unused(book, _texts(where))]
    if as_json:
        print_json({
            "rulebook": book.digest if book else None, "plans": _plans(book), "cases": len(cases),
            "problems": wrong, "warnings": warnings,
        })
    else:
        _tell(where, book, cases, wrong, warnings)
    if wrong:
        raise typer.Exit(REFUSED)


@rules.command()
def show(
    region: Annotated[str, typer.Argument(help="参保地：区划代码、名称或目录名 / place of insurance: code, name or folder")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="哪一天 / on which day")],
    care: Annotated[str | None, typer.Option(help="只看该医疗类别，如 inpatient / only this care")] = None,
    insutype: Annotated[str | None, typer.Option(help="只看该险种：310 职工，390 居民 / only this insurance")] = None,
    lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="写成一个 HTML 文件 / write it as one HTML file")] = None,
    rulebook: RulebookDir = None,
) -> None:
    """某地某日的待遇：起付线、比例、分段、限额、异地、补充、账户，逐项列出处与所作的选择。

    The benefits of a place on a day: deductibles, ratios, bands, caps, out of area, supplements, account, each with its
    source and what was chosen where the text is open.

    例 / Example: [bold]yibao rules show 克拉玛依 --on 2025-03-01 --lang en[/bold]
    """
    book, day = load_book(rulebook), on.date()
    if care is not None and care not in KNOWN["care"]:
        fail(f"--care {care}: 没有这个医疗类别，可用 / there is no such care; use one of: {', '.join(KNOWN['care'])}")
    place = region_named(book, region) or _unknown(book, region)
    plans = plans_on(book, place, day, insutype, care)
    if not plans and (care or insutype or not book.filing.rows_of(place.admdvs)):
        fail(f"{place.zh} {day}: {_in_force(book, place)}")
    page = benefits_page(book, place, plans, day, lang.value, care)
    if html is None:
        out.print(as_text(page), soft_wrap=True, end="")
        return
    with to_file(html) as stream:
        stream.write(as_html(page).encode())


@rules.command()
def new(
    admdvs: Annotated[str, typer.Argument(help="参保地区划代码，六位 / code of the place of insurance, six digits")],
    zh: Annotated[str, typer.Option(help="中文名称 / name in Chinese")],
    en: Annotated[str, typer.Option(help="英文名称，也作目录名 / name in English, which names the folder too")],
    into: Annotated[Path, typer.Option(metavar="DIR", help="规则库目录；不存在时先复制内置的 / rulebook folder; begun with the built-in one")],
    insutype: Annotated[str, typer.Option(help="险种：310 职工，390 居民 / insurance")] = "310",
    care: Annotated[str, typer.Option(help="医疗类别，如 inpatient / care")] = "outpatient",
) -> None:
    """新建参保地：写出带说明的骨架（region.toml、方案、算例），照原文填好后用 yibao rules check 检查。

    Begins a place of insurance: writes a commented skeleton (region.toml, plan, cases) to be filled in from the text, then
    checked by `yibao rules check`.

    例 / Example: [bold]yibao rules new 321000 --zh 扬州 --en Yangzhou --into my-rulebook[/bold]
    """
    if not re.fullmatch("[0-9]{6}", admdvs):
        fail(f"{admdvs}: 不是六位区划代码 / is no code of six digits")
    files = skeleton(admdvs, zh, en, insutype, care, _med_type(care))
    try:
        if not into.exists():
            copytree(BUILT_IN, into)
        found = next(iter(sorted((into / "regions").glob(f"{admdvs}-*"))), into / "regions" / f"{admdvs}-{slug(en)}")
        written = {found / name: text for name, text in files.items() if name != "region.toml" or not (found / name).exists()}
        if there := next((path for path in written if path.exists()), None):
            fail(f"{there}: 已经有了，不覆盖 / is there already and is not overwritten")
        found.mkdir(parents=True, exist_ok=True)
        for path, text in written.items():
            path.write_text(text, "utf-8")
            out.print(f"{path}", soft_wrap=True)
    except OSError as error:
        fail(f"{into}: 无法写入，请给出可写的位置 / cannot be written, give a place that can ({error.strerror})")
    out.print(f"照原文填好，再检查 / fill it in from the text, then check: yibao rules check {into}", soft_wrap=True)


@rules.command()
def schema(filing: Annotated[bool, typer.Option("--filing", help="备案规则（filing.toml）的 / that of rules of filing")] = False) -> None:
    """打印方案文件的 JSON Schema，供编辑器补全与检查。

    Prints the JSON Schema of plan files, by which editors complete and check them.

    例 / Example: [bold]yibao rules schema > my-rulebook/plan.schema.json[/bold]
    """
    print_file(filing_schema_text() if filing else schema_text())


rules.command()(keep)
rules.command()(kept)


def _med_type(care: str) -> str:
    """A code of the care, by the nation's map."""
    (table, *_) = built_in().maps_of(NATION, "care")["care"]
    codes = {row.value: dict(row.when)["med_type"] for row in (table.rows.rows if table.rows else ())}
    if care not in codes:
        fail(f"--care {care}: 没有这个医疗类别，可用 / there is no such care; use one of: {', '.join(codes)}")
    return min(codes[care].of)


def _unknown(book: Book, name: str) -> NoReturn:
    known = ", ".join(f"{found.admdvs} {found.zh} {found.en}" for found in book.regions.values())
    fail(f"{name}: 规则库没有这个参保地，可用 / the rulebook has no such place; it has: {known}")


def _in_force(book: Book, region: Region) -> str:
    """Which plans a place has, for whoever asked for another day, insurance or care."""
    plans = [plan for versions in book.plans.values() for plan in versions if plan.place == region.admdvs]
    told = ", ".join(f"{plan.id} {plan.begndate} – {plan.enddate or ''}".rstrip() for plan in plans)
    return f"没有符合条件的方案；该地的方案 / no plan matches; the plans of the place: {told or '无 / none'}"


def _read(folder: Path) -> tuple[Book | None, tuple[Case, ...], list[str]]:
    """The rulebook and its cases, as far as they can be read, and why the rest cannot."""
    book, cases, wrong = None, (), []
    try:
        book = load(folder)
    except RulebookError as error:
        wrong += error.problems
    try:
        cases = load_cases(folder) if is_folder(folder) else ()
    except RulebookError as error:
        book, wrong = None, wrong + error.problems
    return book, cases, [*dict.fromkeys(wrong)]


def _texts(folder: Path) -> list[str]:
    """The TOML but for sources.toml, of a rulebook that could be loaded."""
    files = read_files(folder, lambda name: name.endswith(".toml"), [])
    return [content.decode("utf-8-sig") for name, content in files.items() if name != "sources.toml"]


def _plans(book: Book | None) -> int:
    return sum(len(versions) for versions in book.plans.values()) if book else 0


def _tell(folder: Path, book: Book | None, cases: tuple[Case, ...], wrong: list[str], warnings: list[str]) -> None:
    for line in wrong:
        out.print(line, style="red", soft_wrap=True)
    for line in warnings:
        out.print(f"提醒 / note: {line}", style="yellow", soft_wrap=True)
    if wrong:
        err.print(f"{folder}: 有 {len(wrong)} 处要改 / {len(wrong)} to mend", style="red", soft_wrap=True)
        return
    assert book is not None
    out.print(
        f"规则库无误 / the rulebook is right: {_plans(book)} 个方案 / plans, {len(cases)} 个算例 / cases, "
        f"{len(book.sources)} 个出处 / sources, 摘要 / digest {book.digest[:12]}", soft_wrap=True,
    )
