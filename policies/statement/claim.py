"""The sections of a claim's statement: who and where, the bill, who pays, and what the year has accumulated."""

from collections.abc import Iterator
from itertools import groupby

from contracts.events.claim import ClaimRefused, ClaimSettled, FeeLine, Movement, PricedLine
from contracts.money import yuan
from policies.book import Book
from policies.statement.paper import Column, Row, Section
from policies.statement.words import (
    CARE,
    CLASSES,
    FUNDS,
    HOSPITALS,
    INSURANCES,
    LEVELS,
    OWN_EXPENSE,
    PERSONS,
    PLACES,
    Words,
    accumulated,
    percent,
)
from policies.tables import EXAMPLE


def head(body: ClaimSettled | ClaimRefused, request_id: str, book: Book | None, say: Words) -> Section:
    """Who, where, when, and under which insurance, as far as it is known."""
    claim = body.request
    dates = f"{claim.begndate} " + say("至", "to") + f" {claim.enddate}"
    pairs = [
        (say("请求编号", "request id"), request_id),
        (say("就诊编号", "visit or stay"), claim.mdtrt_id),
        (say("人员编号", "person"), claim.psn_no),
        (say("险种", "insurance"), say.coded(INSURANCES, claim.insutype)),
        *_insured(body, book, say),
        *_provider(body, book, say),
        (say("医疗类别", "type of care"), say.coded(CARE, claim.med_type)),
        (say("就诊日期", "dates of care"), dates),
        (say("结算日期", "settled on"), str(claim.setl_date)),
        *_counted(body, say),
    ]
    return Section("", tuple(map(Row, pairs)))


def _insured(body: ClaimSettled | ClaimRefused, book: Book | None, say: Words) -> Iterator[tuple[str, str]]:
    insured = body.checked.insured
    if insured is not None:
        yield say("人员类别", "category"), say.coded(PERSONS, insured.psn_type)
        yield say("参保地", "insured in"), say.place(insured.insuplc_admdvs, book)


def _provider(body: ClaimSettled | ClaimRefused, book: Book | None, say: Words) -> Iterator[tuple[str, str]]:
    provider, checked = body.checked.provider, body.checked
    if provider is None:
        yield say("医药机构", "provider"), body.request.fixmedins_code
        return
    yield say("医药机构", "provider"), say.beside(provider.name, provider.fixmedins_code)
    level = say.name(LEVELS, provider.dedc_hosp_lv)
    yield say("机构等级", "its level"), say.name(HOSPITALS, provider.hosp_lv) + say(f"；起付线按{level}", f"; deductible of {level}")
    where = say.place(provider.admdvs, book)
    yield say("就医地", "place of care"), f"{where}{say('，', ', ')}{say.name(PLACES, checked.place)}" if checked.place else where
    if checked.filing is not None:
        yield say("异地就医备案", "filing"), checked.filing


def _counted(body: ClaimSettled | ClaimRefused, say: Words) -> Iterator[tuple[str, str]]:
    settled = body.settled
    if settled is not None and settled.year is not None:
        yield say("年龄", "age"), say(f"{settled.age} 周岁", f"{settled.age} completed years")
        yield say("累计年度", "counted in"), str(settled.year)


def bill(body: ClaimSettled, say: Words, short: bool = False) -> Section:
    """The lines by class, each split in four (law 1). ``short``: only the sums of the classes."""
    columns = (
        Column(say("项目", "item")), Column(say("单价×数量", "price x count"), True), Column(say("金额", "amount"), True),
        Column(say("全自费", "own expense"), True), Column(say("超限价", "over ceiling"), True),
        Column(say("先行自付", "first self-pay"), True), Column(say("范围内", "in scope"), True), Column(say("说明", "remark")),
    )
    pairs = sorted(zip(body.priced.lines, body.request.feedetail, strict=True), key=lambda pair: pair[0].chrgitm_lv)
    rows: list[Row] = []
    for class_, of_class in groupby(pairs, key=lambda pair: pair[0].chrgitm_lv):
        lines = list(of_class)
        rows += [] if short else [_line_row(line, asked, say) for line, asked in lines]
        name = say.name(CLASSES, class_)
        rows.append(Row((say(f"{name}小计", f"{name}: sum"), "", *_four([line for line, _ in lines]))))
    rows.append(Row((say("合计", "total"), "", *_four(body.priced.lines)), total=True))
    return Section(say("费用明细（元）", "The bill (yuan)"), tuple(rows), columns)


def _line_row(line: PricedLine, asked: FeeLine, say: Words) -> Row:
    name = line.name or asked.med_list_codg
    return Row((name, f"{asked.pric}×{asked.cnt}", *_four([line]), say("；", "; ").join(_remarks(line, say))))


def _four(lines: list[PricedLine] | tuple[PricedLine, ...]) -> tuple[str, ...]:
    names = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    return tuple(yuan(sum(getattr(line, name) for line in lines)) for name in names)


def _remarks(line: PricedLine, say: Words) -> Iterator[str]:
    if line.note is not None:
        yield say.name(OWN_EXPENSE, line.note)
        return
    if line.pric_uplmt is not None:
        yield say(f"限价 {line.pric_uplmt}", f"ceiling {line.pric_uplmt}")
    if line.preselfpay_amt:
        yield say(f"先行自付 {percent(line.selfpay_prop)}", f"first self-pay {percent(line.selfpay_prop)}")


def shares(body: ClaimSettled, say: Words) -> Section:
    """Who pays: each fund, the account, cash, the provider (law 2)."""
    settled = body.settled
    rows = [
        Row((say.name(FUNDS, name), yuan(getattr(settled, name)))) for name in FUNDS if getattr(settled, name) or name == "hifp_pay"
    ]
    rows.append(Row((say("基金支付合计", "all funds"), yuan(settled.fund_pay_sumamt)), total=True))
    notes = (say(f"其中家庭共济 {yuan(settled.acct_mulaid_pay)}", f"of it from the family wallet: {yuan(settled.acct_mulaid_pay)}"),)
    rows.append(Row((say("个人账户支付", "personal account"), yuan(settled.acct_pay)), notes if settled.acct_mulaid_pay else ()))
    rows.append(Row((say("个人现金支付", "cash"), yuan(settled.psn_cash_pay))))
    if settled.hosp_part_amt:
        rows.append(Row((say("医药机构负担", "provider"), yuan(settled.hosp_part_amt))))
    rows.append(Row((say("医疗费总额", "total"), yuan(settled.medfee_sumamt)), total=True))
    return Section(say("各方支付（元）", "Who pays (yuan)"), tuple(rows), _amounts(say))


def person(body: ClaimSettled, say: Words) -> Section:
    """The person's part: own expense and above ceilings (个人自费), and the rest (个人自付)."""
    settled, priced = body.settled, body.priced
    own = priced.fulamt_ownpay_amt + priced.overlmt_selfpay - settled.hosp_part_amt
    share = settled.psn_part_amt - own
    rest = share - priced.preselfpay_amt - settled.act_pay_dedc
    own_parts = f"{yuan(priced.fulamt_ownpay_amt)} + {yuan(priced.overlmt_selfpay)}"
    own_parts += f" - {yuan(settled.hosp_part_amt)}" if settled.hosp_part_amt else ""
    share_parts = f"{yuan(priced.preselfpay_amt)} + {yuan(settled.act_pay_dedc)} + {yuan(rest)}"
    beside = say(" - 医药机构负担", " - the provider's part") if settled.hosp_part_amt else ""
    rows = (
        Row((say("个人自费", "own expense (个人自费)"), yuan(own)), (
            say("全自费 + 超限价", "own expense + over ceiling") + f"{beside}{say('：', ': ')}{own_parts} = {yuan(own)}",)),
        Row((say("个人自付", "own share (个人自付)"), yuan(share)), (
            say("先行自付 + 起付线 + 按比例自付及超限额：", "first self-pay + deductible + coinsurance and above caps: ")
            + f"{share_parts} = {yuan(share)}",)),
        Row((say("个人负担合计", "person's part"), yuan(settled.psn_part_amt)), total=True),
    )
    return Section(say("个人负担（元）", "The person's part (yuan)"), rows, _amounts(say))


def accumulators(body: ClaimSettled, say: Words) -> Section:
    """The accumulators of the year and the balance of the account: before, movement, after (law 3)."""
    settled = body.settled
    year, account = settled.accumulators or Movement(before={}, movement={}, after={}), settled.account
    columns = (
        Column(say("累计项目", "accumulator")), Column(say("之前", "before"), True),
        Column(say("本次", "movement"), True), Column(say("之后", "after"), True),
    )
    rows = [Row((say.accumulator(name), *_moved(name, year))) for name in sorted({*year.before, *year.after})]
    if account is not None:
        rows.append(Row((say("个人账户余额", "balance of the account"), *_moved("balc", account))))
    title = say(f"{settled.year} 年度累计与账户（元）", f"Accumulators of {settled.year} and account (yuan)")
    return Section(title, tuple(rows), columns)


def _moved(name: str, found: Movement) -> tuple[str, ...]:
    return tuple(accumulated(name, part.get(name, 0)) for part in (found.before, found.movement, found.after))


def examples(body: ClaimSettled | ClaimRefused, say: Words) -> Iterator[str]:
    """Says plainly where invented data was used."""
    provider, priced = body.checked.provider, body.priced
    if provider is not None and provider.source == EXAMPLE:
        yield say("示例数据：医药机构信息为虚构。", "Example data: the provider is invented.")
    if priced is not None and priced.catalogue is not None and priced.catalogue.source == EXAMPLE:
        yield say("示例数据：就医地目录为虚构。", "Example data: the catalogue of the place of care is invented.")


def _amounts(say: Words) -> tuple[Column, Column]:
    return Column(say("项目", "item")), Column(say("金额", "amount"), True)
