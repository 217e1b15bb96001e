"""The sections of a claim's statement: who and where, who pays, the person's part, and an advance payment."""

from collections.abc import Iterator

from contracts.events.claim import ClaimRefused, ClaimSettled
from contracts.money import yuan
from policies.book import Book
from policies.laws import guaranteed
from policies.places import MANUAL
from policies.statement.paper import Column, Row, Section
from policies.statement.words import CARE, CATALOGUES, FUNDS, HOSPITALS, INSURANCES, LEVELS, PARTS, PERSONS, PLACES, Words
from policies.tables import EXAMPLE

OWN = ("own_expense", "over_ceiling")
SHARE = tuple(name for name in PARTS if name not in OWN)
"""The parts of 个人自费, and those of 个人自付."""


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
        *_of_care(body, say),
        (say("就诊日期", "dates of care"), dates),
        (say("结算日期", "settled on"), str(claim.setl_date)),
        *_counted(body, say),
    ]
    return Section("", tuple(map(Row, pairs)))


def _of_care(body: ClaimSettled | ClaimRefused, say: Words) -> Iterator[tuple[str, str]]:
    claim = body.request
    if claim.dise_codg is not None:
        yield say("病种", "disease"), claim.dise_codg
    if claim.matn_type is not None:
        yield say("生育类别", "kind of birth"), claim.matn_type
    if claim.fetus_cnt is not None:
        yield say("胎儿数", "children born"), str(claim.fetus_cnt)
    if claim.mid_setl_flag == "1":
        yield say("中途结算", "interim settlement"), say("是（继续住院）", "yes (the stay goes on)")
    if claim.pay_loc == MANUAL:
        yield say("结算方式", "route"), say("手工报销", "manual reimbursement")


def _insured(body: ClaimSettled | ClaimRefused, book: Book | None, say: Words) -> Iterator[tuple[str, str]]:
    insured = body.checked.insured
    if insured is not None:
        kind, first = say.coded(PERSONS, insured.psn_type), insured.retr_date
        if insured.psn_type_on(body.request.begndate) != insured.psn_type:
            kind += say(f"，自 {first} 起；就诊时在职", f", from {first} on; working at the time")
        yield say("人员类别", "category"), kind
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
        late = say("（补备案）", " (filed late)") if checked.filed_as == "late" else ""
        yield say("异地就医备案", "filing"), checked.filing + late
    elif checked.filed_as == "emergency":
        yield say("异地就医备案", "filing"), say("急诊抢救，视同已备案", "emergency, counts as filed")


def _counted(body: ClaimSettled | ClaimRefused, say: Words) -> Iterator[tuple[str, str]]:
    settled = body.settled
    if settled is not None and settled.year is not None:
        yield say("年龄", "age"), say(f"{settled.age} 周岁", f"{settled.age} completed years")
        yield say("累计年度", "counted in"), str(settled.year)
        yield say("适用待遇", "benefit"), f"{settled.plan}#{settled.benefit}" if settled.benefit else str(settled.plan)


def shares(body: ClaimSettled, say: Words) -> Section:
    """Who pays: each fund, the account, the family wallet, cash, the provider (law 2); an allowance stands apart."""
    settled = body.settled
    rows = [
        Row((say.name(FUNDS, name), yuan(getattr(settled, name)))) for name in FUNDS if getattr(settled, name) or name == "hifp_pay"
    ]
    rows.append(Row((say("基金支付合计", "all funds"), yuan(settled.fund_pay_sumamt)), total=True))
    rows.append(Row((say("个人账户支付", "personal account"), yuan(settled.acct_pay - settled.acct_mulaid_pay))))
    if settled.acct_mulaid_pay:
        rows.append(Row((say("家庭共济支付", "family wallet"), yuan(settled.acct_mulaid_pay))))
    rows.append(Row((say("个人现金支付", "cash"), yuan(settled.psn_cash_pay))))
    if settled.hosp_part_amt:
        rows.append(Row((say("医药机构负担", "provider"), yuan(settled.hosp_part_amt))))
    rows.append(Row((say("医疗费总额", "total"), yuan(settled.medfee_sumamt)), total=True))
    return Section(say("各方支付（元）", "Who pays (yuan)"), tuple(rows), _amounts(say), tuple(_beside(body, say)))


def _beside(body: ClaimSettled, say: Words) -> Iterator[str]:
    if reduced := body.settled.reduced_amt:
        yield say(f"因异地就医统筹基金少支付 {yuan(reduced)}。", f"Out of area the pool pays {yuan(reduced)} less.")
    if allowance := body.settled.allowance_pay:
        yield say(
            f"定额补贴 {yuan(allowance)}：另发给个人，不在上列各项之内。",
            f"Allowance {yuan(allowance)}: paid to the person besides, in none of the amounts above.",
        )


def person(body: ClaimSettled, say: Words) -> Section:
    """The person's part by cause: own expense and above ceilings (个人自费), and the rest (个人自付)."""
    settled, parts = body.settled, parts_of(body)
    own, share = (sum(parts[name] for name in names if name in parts) for names in (OWN, SHARE))
    causes = [name for name in SHARE if name in parts]
    sums = say(" + ", " + ").join(say.name(PARTS, name) for name in causes) + say("：", ": ") + " + ".join(yuan(parts[name]) for name in causes)
    rows = (
        *(Row((say.name(PARTS, name), yuan(parts[name]))) for name in PARTS if name in parts),
        Row((say("个人自费", "own expense (个人自费)"), yuan(own)), (_own_expense(body, own, say),), total=True),
        Row((say("个人自付", "own share (个人自付)"), yuan(share)), (f"{sums} = {yuan(share)}",) if causes else ()),
        Row((say("个人负担合计", "person's part"), yuan(settled.psn_part_amt)), total=True),
    )
    paid = settled.fund_pay_sumamt - settled.hifp_pay
    note = say("各项为补充基金支付后个人仍负担的部分。", "Each is what is left behind the funds that pay after the pool.")
    return Section(say("个人负担（元）", "The person's part (yuan)"), rows, _amounts(say), (note,) if paid else ())


def _own_expense(body: ClaimSettled, own: int, say: Words) -> str:
    """``0.00 + 10.00 - 10.00 = 0.00``: own expense and over the ceiling, less what the provider and funds pay of them, or a cap cut of
    what was guaranteed."""
    priced, provider = body.priced, body.settled.hosp_part_amt
    named, amounts = say("全自费 + 超限价", "own expense + over ceiling"), f"{yuan(priced.fulamt_ownpay_amt)} + {yuan(priced.overlmt_selfpay)}"
    if provider:
        named, amounts = named + say(" - 医药机构负担", " - the provider's part"), f"{amounts} - {yuan(provider)}"
    if funds := priced.fulamt_ownpay_amt + priced.overlmt_selfpay - provider - own:
        cut = guaranteed(body.settled) and body.settled.psn_parts.get("over_cap")
        less = say(" - 基金支付或超限额", " - paid by funds or over a cap") if cut else say(" - 基金支付", " - paid by funds")
        named, amounts = named + less, f"{amounts} - {yuan(funds)}"
    return f"{named}{say('：', ': ')}{amounts} = {yuan(own)}"


def parts_of(body: ClaimSettled) -> dict[str, int]:
    """The person's part by cause. Verdicts of version 1 do not name the causes: there whatever else is left is coinsurance."""
    settled, priced = body.settled, body.priced
    if settled.psn_parts:
        return settled.psn_parts
    known = {
        "own_expense": priced.fulamt_ownpay_amt, "over_ceiling": priced.overlmt_selfpay - settled.hosp_part_amt,
        "first_selfpay": priced.preselfpay_amt, "deductible": settled.act_pay_dedc,
    }
    found = known | {"coinsurance": settled.psn_part_amt - sum(known.values())}
    return {name: amount for name, amount in found.items() if amount}


def advance(body: ClaimSettled, paid: int, say: Words) -> Section:
    """What of an advance payment (预交金, in fen) is refunded, or what is still due. It is no part of the event."""
    cash = body.settled.psn_cash_pay
    refund = paid >= cash
    last = say("应退", "refunded") if refund else say("应补", "still due")
    rows = (
        Row((say("预交金", "advance payment"), yuan(paid))), Row((say("个人现金支付", "cash"), yuan(cash))),
        Row((last, yuan(abs(paid - cash))), total=True),
    )
    return Section(say("预交金结算（元）", "Advance payment (yuan)"), rows, _amounts(say))


def examples(body: ClaimSettled | ClaimRefused, say: Words) -> Iterator[str]:
    """Says plainly where invented data was used."""
    provider, priced = body.checked.provider, body.priced
    if provider is not None and provider.source == EXAMPLE:
        yield say("示例数据：医药机构信息为虚构。", "Example data: the provider is invented.")
    if priced is not None and priced.catalogue is not None and priced.catalogue.source == EXAMPLE:
        zh, en = CATALOGUES[body.request.pay_loc == MANUAL]
        yield say(f"示例数据：{zh}为虚构。", f"Example data: the {en} is invented.")


def _amounts(say: Words) -> tuple[Column, Column]:
    return Column(say("项目", "item")), Column(say("金额", "amount"), True)
