"""The bill: by class on the statement (law 1), line by line with its sums by type of item on the fee list (费用清单)."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from contracts.events.claim import ClaimRefused, ClaimSettled, FeeLine, Priced, PricedLine
from contracts.money import yuan
from policies.statement.paper import Column, Row, Section
from policies.statement.words import CLASSES, ITEM_TYPES, OWN_EXPENSE, Words, percent

Pair = tuple[PricedLine, FeeLine]
AMOUNTS = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")


def bill(body: ClaimSettled, say: Words, short: bool = False) -> Section:
    """The lines by class, each split in four. ``short``: only the sums of the classes."""
    columns = (Column(say("项目", "item")), Column(say("单价×数量", "price x count"), True), *_columns(say), Column(say("说明", "remark")))
    rows: list[Row] = []
    for class_, lines in _grouped(_pairs(body, body.priced), lambda line: line.chrgitm_lv):
        rows += [] if short else [_line_row(line, asked, say) for line, asked in lines]
        name = say.name(CLASSES, class_)
        rows.append(Row((say(f"{name}小计", f"{name}: sum"), "", *_amounts(line for line, _ in lines))))
    rows.append(Row((say("合计", "total"), "", *_amounts(body.priced.lines)), total=True))
    return Section(say("费用明细（元）", "The bill (yuan)"), tuple(rows), columns)


def _line_row(line: PricedLine, asked: FeeLine, say: Words) -> Row:
    return Row((line.name or asked.med_list_codg, _price(asked), *_amounts([line]), say("；", "; ").join(_remarks(line, say))))


def fee_list(body: ClaimSettled | ClaimRefused, priced: Priced, say: Words) -> Iterator[Section]:
    """Every line in the order of the bill, then the sums by type of item and in all."""
    first, *amounts, inside = _columns(say)
    titles = (("日期", "date"), ("编码", "code"), ("名称", "name"), ("等级", "class"))
    columns = (
        Column(say("序号", "no."), True), *(Column(say(*title)) for title in titles), Column(say("单价×数量", "price x count"), True),
        first, *amounts, Column(say("自付比例", "ratio"), True), inside, Column(say("说明", "remark")),
    )
    rows = [_listed(line, asked, say) for line, asked in _pairs(body, priced)]
    *four, in_scope = _amounts(priced.lines)
    total = Row((say("合计", "total"), "", "", "", "", "", *four, "", in_scope, ""), total=True)
    yield Section(say("费用清单（元）", "Fee lines (yuan)"), (*rows, total), columns)
    yield _by_type(_pairs(body, priced), say)


def _listed(line: PricedLine, asked: FeeLine, say: Words) -> Row:
    *four, in_scope = _amounts([line])
    name = line.name or say("（目录外）", "(not listed)")
    return Row((
        line.feedetl_sn, str(asked.fee_ocur_date), asked.med_list_codg, name, say.name(CLASSES, line.chrgitm_lv), _price(asked),
        *four, percent(line.selfpay_prop), in_scope, say("；", "; ").join(_remarks(line, say)),
    ))


def _by_type(pairs: list[Pair], say: Words) -> Section:
    """The sums by med_chrgitm_type; lines whose catalogue names none stand last."""
    groups = _grouped(pairs, lambda line: line.med_chrgitm_type or "~")
    rows = [Row((_type(code, say), *_amounts(line for line, _ in lines))) for code, lines in groups]
    rows.append(Row((say("合计", "total"), *_amounts(line for line, _ in pairs)), total=True))
    return Section(say("按收费项目类别汇总（元）", "By type of item (yuan)"), tuple(rows), (Column(say("类别", "type")), *_columns(say)))


def _type(code: str, say: Words) -> str:
    return f"{code} {say.name(ITEM_TYPES, code)}" if code in ITEM_TYPES else say("未分类", "no type") if code == "~" else code


def _pairs(body: ClaimSettled | ClaimRefused, priced: Priced) -> list[Pair]:
    return list(zip(priced.lines, body.request.feedetail, strict=True))


def _grouped(pairs: list[Pair], key: Callable[[PricedLine], str]) -> Iterator[tuple[str, list[Pair]]]:
    for name, group in groupby(sorted(pairs, key=lambda pair: key(pair[0])), key=lambda pair: key(pair[0])):
        yield name, list(group)


def _columns(say: Words) -> list[Column]:
    names = (("金额", "amount"), ("全自费", "own expense"), ("超限价", "over ceiling"), ("先行自付", "first self-pay"), ("范围内", "in scope"))
    return [Column(say(*name), True) for name in names]


def _price(asked: FeeLine) -> str:
    return f"{asked.pric}×{asked.cnt}"


def _amounts(lines: Iterable[PricedLine]) -> list[str]:
    held = list(lines)
    return [yuan(sum(getattr(line, name) for line in held)) for name in AMOUNTS]


def _remarks(line: PricedLine, say: Words) -> Iterator[str]:
    if line.note is not None:
        yield say.name(OWN_EXPENSE, line.note)
    if line.pric_uplmt is not None:
        yield say(f"限价 {line.pric_uplmt}", f"ceiling {line.pric_uplmt}")
    if line.preselfpay_amt:
        yield say(f"先行自付 {percent(line.selfpay_prop)}", f"first self-pay {percent(line.selfpay_prop)}")
    if line.drt_reim_prop is not None:
        yield say(f"目录直接报销 {percent(line.drt_reim_prop)}", f"paid at its own ratio {percent(line.drt_reim_prop)}")
    if line.hosp_part_amt:
        yield say(f"医药机构负担 {yuan(line.hosp_part_amt)}", f"the provider bears {yuan(line.hosp_part_amt)}")
    if line.ctlg_begndate is not None:
        yield say(f"目录版本 {line.ctlg_begndate}", f"catalogue of {line.ctlg_begndate}")
