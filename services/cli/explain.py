"""``yibao explain``: the statement (结算单) or the fee list (费用清单) of a verdict, from the live chain or from a file of records."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from pydantic import ValidationError

from contracts.envelope import BadHeaders, Record, join_type
from contracts.events.claim import Settled
from contracts.events.reversal import Reversed, claim_of
from contracts.lines import from_line
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import Book
from policies.laws import LawBroken, check_moved, check_payable, check_priced
from policies.reversal.folded import check_reversed
from policies.review.cut import check_settled_claim
from policies.review.inner import inner
from policies.settlements import settled_in, took_back
from policies.statement import Statement, as_html, as_text, itemised, marked, money, statement
from policies.statement.reimbursement import SETTLED as REIMBURSED
from policies.verdict import BILLS, REVERSALS
from services.cli.console import (
    AsJson,
    Lang,
    RulebookDir,
    RulebooksDir,
    coro,
    fail,
    kafka_settings,
    load_book,
    out,
    print_file,
    print_json,
)
from services.cli.lines import opened
from services.cli.past import Dump
from services.cli.search import LAST, Logs, by_id, by_visit, partitions_for, scan
from services.cli.writing import to_file

TYPES_TAKING_BACK = frozenset(join_type(name, 1).encode() for name in REVERSALS)
YUAN = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Form:
    """What is put on paper of a verdict, and how. ``advance`` in fen; ``html``: a file, - for standard output."""

    lang: str
    fees: bool
    advance: int | None
    html: str | None
    as_json: bool

    def prints(self, event: Event) -> bool:
        """A fee list needs priced lines, an advance payment something that was settled."""
        if self.fees:
            return bool(getattr(inner(event.body.__dict__).get("priced"), "lines", ()))
        return self.advance is None or event.type in BILLS

    @property
    def missing(self) -> str:
        """What is said where nothing can be printed."""
        if self.fees:
            return "没有列出费用的终局结论 / holds no verdict with priced lines"
        return "没有终局结论 / holds no verdict" if self.advance is None else "没有结算 / holds no settlement"

    def sheet(self, event: Event, book: Book) -> Statement:
        return itemised(event, book, self.lang) if self.fees else statement(event, book, self.lang, self.advance)


@coro
async def explain(
    claim: Annotated[str, typer.Argument(help="请求编号，或 settle 写出的文件（- 为标准输入）/ request id, or a file written by settle (- is standard input)")],
    lang: Annotated[Lang, typer.Option(help="语言 / language")] = Lang.zh,
    fees: Annotated[bool, typer.Option("--list", help="费用清单，代替结算单 / the fee list instead of the statement")] = False,
    advance: Annotated[str | None, typer.Option(help="预交金（元），算出应退或应补 / advance payment in yuan: what is refunded or due")] = None,
    html: Annotated[str | None, typer.Option(help="写成网页文件（- 为标准输出）/ write an HTML page to this file (- is standard output)")] = None,
    mdtrt: Annotated[bool, typer.Option("--mdtrt", help="参数是就诊编号 mdtrt_id / the argument is an mdtrt_id")] = False,
    psn: Annotated[str | None, typer.Option(help="只找该人员的分区 / look only in this person's partition")] = None,
    dump: Dump = None,
    rulebook: RulebookDir = None,
    rulebooks: RulebooksDir = None,
    as_json: AsJson = False,
) -> None:
    """结算单：每一步的基数、取值、规则与出处，可以用手核对。

    The statement of a verdict: what went into each step, which value, rule and source, and what came out.

    例 / Example: [bold]yibao explain li-2-outpatient-level2 --lang en[/bold]
    """
    form = _form(lang, fees, advance, html, as_json)
    if dump is None and (claim == "-" or claim.endswith((".json", ".jsonl")) or Path(claim).is_file()):
        book, remedy = load_book(rulebook, rulebooks), "请用 settle --only verdicts 写出 / write it with settle --only verdicts"
        with opened(Path(claim)) as stream:  # read twice: whether a settlement was taken back stands behind it
            gone = _taken_back_in(stream)
            printed = _print(_sheets(_verdicts_in(stream), gone, book, form), form)
    else:
        book, gone, records = await _looked_up(claim, mdtrt, psn, dump, rulebook, rulebooks)
        trace = f"用 yibao trace {claim} 查看走到哪里 / see how far it came with yibao trace {claim}"
        remedy = trace if dump is None else "请核对编号 / check the id"
        printed = _print(_sheets(records, gone, book, form), form)
    if not printed:
        fail(f"{claim}: {form.missing}: {remedy}")


def _form(lang: Lang, fees: bool, advance: str | None, html: str | None, as_json: bool) -> Form:
    if fees and advance is not None:
        fail("--advance 只用于结算单，不能与 --list 同用 / goes with the statement, not with --list")
    if html is not None and as_json:
        fail("--html 与 --json 只能用一个 / use either --html or --json")
    return Form(lang.value, fees, None if advance is None else _fen(advance), html, as_json)


def _fen(text: str) -> int:
    """``1000.50`` yuan in fen."""
    found = YUAN.fullmatch(text)
    if found is None:
        fail(f"--advance {text}: 不是金额，请写元，最多两位小数 / is no amount; write yuan with at most two decimals, such as 1000.00")
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def _sheets(records: Iterable[Record], gone: Mapping[str, str], book: Book, form: Form) -> Iterator[Statement]:
    """The sheets of the records that have one, marked where ``gone`` names a settlement of theirs. What contradicts itself is not
    put on paper."""
    for record in records:
        try:
            event = event_of(record)
            _believed(event)
            sheet = form.sheet(event, book) if form.prints(event) else None
            if sheet is not None:
                sheet = marked(sheet, {id: gone[id] for id in settled_in(event) if id in gone})
        except (BadHeaders, ValidationError, LawBroken, KeyError, ValueError) as error:
            id = (record.header("ce_requestid") or b"?").decode("utf-8", "replace")
            fail(f"{id}: 记录有误，不出结算单 / the record is wrong, no statement is made: {error}")
        if sheet is not None:
            yield sheet


def _print(sheets: Iterator[Statement], form: Form) -> int:
    """Prints the sheets; as text each as it comes, since a file may hold many. Returns how many there were."""
    if form.advance is not None:
        sheets = iter(_only(list(sheets)))
    if form.as_json or form.html is not None:
        found = list(sheets)
        if found and form.html is not None:
            _page(as_html(*found), form.html)
        elif found:
            print_json([asdict(sheet) for sheet in found])
        return len(found)
    number = 0
    for number, sheet in enumerate(sheets, 1):
        out.print(("\n\n" if number > 1 else "") + as_text(sheet), soft_wrap=True, end="")
    return number


def _only(sheets: list[Statement]) -> list[Statement]:
    """An advance payment is for one settlement."""
    if len(sheets) > 1:
        fail(f"--advance 只用于一次结算，这里有 {len(sheets)} 次 / is for one settlement; here are {len(sheets)}")
    return sheets


def _page(text: str, where: str) -> None:
    if where == "-":
        print_file(text)
        return
    with to_file(Path(where)) as stream:
        stream.write(text.encode())


async def _looked_up(
    claim: str, mdtrt: bool, psn: str | None, dump: Path | None, rulebook: Path | None, rulebooks: Path | None
) -> tuple[Book, dict[str, str], list[Record]]:
    """The rulebook, the verdicts that are asked for, and what was taken back behind them."""
    settings = kafka_settings() if dump is None else None
    book = load_book(rulebook or (settings.rulebook if settings else None), rulebooks or (settings.rulebooks if settings else None))
    wanted, gone = by_visit(claim) if mdtrt else by_id(claim), dict[str, str]()
    async with Logs(settings) if settings else _dumped(dump) as logs:
        hits = await scan(logs, LAST, partitions_for(psn), wanted, whole=mdtrt, behind=lambda record: gone.update(_took_back(record)))
    return book, gone, [hit.record for hit in hits]


def _dumped(dump: Path) -> Logs:
    from services.audit.dump import DumpDir  # the auditor's, and only where a dump is read
    from services.cli.dumped import DumpedLogs, tell_unnamed

    found = DumpDir(dump)
    tell_unnamed(found)
    return DumpedLogs(found)


def _took_back(record: Record) -> dict[str, str]:
    """The settlements that a record takes back, by which request; none where it cannot be read."""
    if record.header("ce_type") in TYPES_TAKING_BACK:
        with suppress(BadHeaders, ValueError, KeyError):
            return took_back(event_of(record))
    return {}


def _taken_back_in(stream: BinaryIO) -> dict[str, str]:
    """The settlements that the verdicts of a file take back. What is no record is told when it is read again."""
    gone: dict[str, str] = {}
    for line in stream:
        if any(name in line for name in TYPES_TAKING_BACK):
            with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
                gone |= _took_back(from_line(line))
    stream.seek(0)
    return gone


def _verdicts_in(stream: BinaryIO) -> Iterator[Record]:
    """The terminal records of a file; others on the road are passed over."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = from_line(line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            fail(f"第 {number} 行 / line {number}: 不是 settle 写出的记录 / is no record written by settle ({error})")
        if record.topic.endswith(topic_map().road[-1].name):
            yield record


def _believed(event: Event) -> None:
    """The laws hold again when a verdict is read. Raises LawBroken."""
    sections = inner(event.body.__dict__)
    request, priced, settled = (sections.get(name) for name in ("request", "priced", "settled"))
    if priced is not None and priced.lines:
        check_priced(priced, claim_of(request).medfee_sumamt)
    if priced is not None and priced.lines and isinstance(settled, Settled):
        check_settled_claim(priced, settled)
    if event.type in REIMBURSED:
        check_payable(event.body.request, event.body.settled)
    if isinstance(settled, Reversed):
        check_reversed(event.body)
    if event.type in money.TITLES:
        check_moved(event.body.request, event.body.settled)
