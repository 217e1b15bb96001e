"""The steps of the pool, written out: one function a kind."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from contracts.base import ratio_text
from contracts.money import times, yuan
from policies.places import MANUAL
from policies.settlement.bands import Bands
from policies.settlement.cap import YEARLY
from policies.settlement.deductible import Deductible
from policies.settlement.fixed import Fixed
from policies.settlement.guarantee import Guarantee
from policies.settlement.ratio import Linear, Ratio
from policies.statement.told import Told, band, changed_ratio, difference
from policies.statement.words import CATALOGUES, Names, Words, percent, points
from policies.tables import EXAMPLE

LIMITS: Names = {
    "visit": ("单次限额", "Limit of a visit"), "year": ("年度限额", "Limit of the year"),
    "quarter": ("季度限额", "Limit of the quarter"), "month": ("月度限额", "Limit of the month"),
    "disease": ("该病种年度限额", "Limit of the year for the disease"), "bed_day": ("床日限额", "Limit by bed days"),
}
COUNTS: Names = {
    "payments": ("按统筹支付额计", "counted in payments"), "fees": ("按费用计", "counted in fees"),
    "gross_fees": ("按含起付线的费用计", "counted in fees with the deductible"),
}
GUARANTEED: Names = {"total": ("医疗费总额", "The whole bill"), "in_scope": ("政策范围内费用", "In scope")}
"""Of which costs a share is guaranteed."""
BEFORE: Names = {
    "year": ("本年已", " before in the year"), "disease": ("本年已", " before in the year"),
    "quarter": ("本季度已", " before in the quarter"), "month": ("本月已", " before in the month"),
}
"""What was paid or counted of a limit in its time: ``本月已`` and what it is in Chinese, that and the rest in English."""


def scope(told: Told) -> Iterator[str]:
    say, priced, facts = told.say, told.body.priced, told.step.facts
    parts = " - ".join(map(yuan, (priced.medfee_sumamt, priced.fulamt_ownpay_amt, priced.overlmt_selfpay, priced.preselfpay_amt)))
    yield say("总额 - 全自费 - 超限价 - 先行自付：", "Total - own expense - over ceiling - first self-pay: ") + (
        f"{parts} = {yuan(told.step.amount)}"
    )
    source = facts.get("catalogue_source", "")
    shown = say("示例数据", "example data") if source == EXAMPLE else f"[{source}]"
    place = say.place(facts.get("catalogue", ""), told.book)
    zh, en = CATALOGUES[told.body.request.pay_loc == MANUAL]
    yield say(f"{zh}：{place}，来源 {shown}", f"{en[0].upper()}{en[1:]}: {place}, source: {shown}")


def deductible(told: Told) -> Iterator[str]:
    say, step, rule = told.say, told.step, told.rule
    due, paid = int(step.value or "0"), told.fen("paid")
    standard = int(step.facts.get("standard", due))
    full = int(step.facts.get("full", standard))
    yield say(f"起付标准 {yuan(full)}", f"Deductible {yuan(full)}") + told.because(*_period(told))
    if full != standard:
        yield _by_admission(told, full, standard)
    if paid:
        yield _paid_before(told, standard, paid)
    if due < max(0, standard - paid):
        limit = say("全年起付线封顶", "Ceiling of the year")
        limit += f" {yuan(rule.year_ceiling)}" if isinstance(rule, Deductible) and rule.year_ceiling is not None else ""
        yield say(f"{limit}，本次应付 {yuan(due)}", f"{limit}: due now {yuan(due)}")
    if step.amount != due:
        yield say(f"不超过进入本步的费用 {yuan(step.base)}", f"Not more than what went in: {yuan(step.base)}")
    yield say("进入统筹：", "Goes on to the pool: ") + difference(step.base, step.amount)


def _by_admission(told: Told, full: int, standard: int) -> str:
    """``800.00 × 50% = 400.00``: the standard by the number of the stay, and the floor where it holds; of a stay that goes on what
    it was charged before and what is still due of it."""
    say, rule = told.say, told.rule
    number, charged = told.fen("admission"), told.fen("paid")
    if not isinstance(rule, Deductible) and number:
        return say(f"按住院次数为 {yuan(standard)}", f"By the number of the stay: {yuan(standard)}")
    factor = [factor for start, factor in rule.admission if start <= number] if isinstance(rule, Deductible) else []
    reckoned = times(full, factor[-1]) if factor else full
    if not factor or standard != max(reckoned, min(rule.floor, full)):
        sum_ = f"{yuan(charged)} + {yuan(standard - charged)} = {yuan(standard)}"
        return say(f"住院延续，此前已付 + 尚应付：{sum_}", f"The stay goes on, paid before + still due: {sum_}")
    text = say(f"第 {number} 次住院：", f"Stay {number}: ") + f"{yuan(full)} × {percent(ratio_text(factor[-1]))} = {yuan(reckoned)}"
    return text if reckoned == standard else text + say(f"，最低 {yuan(standard)}", f", at least {yuan(standard)}")


def _paid_before(told: Told, standard: int, paid: int) -> str:
    per = told.rule.per if isinstance(told.rule, Deductible) else ""
    zh, en = BEFORE.get(per, ("此前已", " before"))
    text = told.say(f"{zh}付", f"Paid{en}")
    text += told.say(f" {yuan(paid)}，", f": {yuan(paid)}; ")
    if paid >= standard:
        return text + told.say("本次不再应付", "nothing more is due")
    return text + told.say("本次应付：", "due now: ") + difference(standard, paid)


def ratio(told: Told) -> Iterator[str]:
    rule, facts = told.rule, told.step.facts
    if isinstance(rule, Ratio) and rule.linear is not None and "age" in facts:
        yield _line_of_age(told.say, rule.linear, int(facts["age"]))
    if (changed := changed_ratio(told)) is not None:
        yield changed
    yield told.product()


def _line_of_age(say: Words, line: Linear, age: int) -> str:
    start, per_year, most = (percent(ratio_text(value)) for value in (line.start, line.per_year, line.most))
    sum_ = line.start + line.per_year * Decimal(age)
    text = f"{start} + {per_year} × {age} = {percent(ratio_text(sum_))}"
    limit = say(f"，最高 {most}", f", at most {most}") if sum_ > line.most else ""
    return say(f"按年龄 {age} 岁：{text}{limit}", f"At the age of {age}: {text}{limit}")


def bands(told: Told) -> Iterator[str]:
    say, rule, step, before = told.say, told.rule, told.step, told.fen("before")
    payments = step.facts.get("measured") == "payments"
    if told.first and payments:
        yield say(f"按支付额分段，此前已支付 {yuan(before)}", f"Bands on payments; paid before: {yuan(before)}")
    start = None
    if isinstance(rule, Bands):
        charged = told.body.settled.act_pay_dedc if rule.counted_from == "zero" and not payments else 0
        start = before + charged
        if told.first and not payments and start:
            yield say("分段起点（此前累计 + 起付线）：", "Bands begin at (before + deductible): ") + (
                f"{yuan(before)} + {yuan(charged)} = {yuan(start)}"
            )
    yield band(told, start, step.amount if payments else step.base)
    if (changed := changed_ratio(told)) is not None:
        yield changed
    yield told.product()


def cap(told: Told) -> Iterator[str]:
    step, facts = told.step, told.step.facts
    per, counts = facts.get("per", "visit"), facts.get("counts", "payments")
    if step.value is None:
        yield told.say.name(LIMITS, per) + told.say("：不设", ": none") + told.because(told.say.name(COUNTS, counts))
        return
    limit, used, charged, more = int(step.value or "0"), told.fen("used"), told.fen("deductible"), told.fen("more")
    yield told.say.name(LIMITS, per) + " " + _limit(told, limit - more) + told.because(told.say.name(COUNTS, counts), *_period(told))
    if (diseases := told.fen("diseases")) > 1:
        sum_ = f"{yuan(limit - more)} + {yuan(more // (diseases - 1))} × {diseases - 1} = {yuan(limit)}"
        yield told.say(f"{diseases} 个病种，取限额最高的，每多一个另加：", f"{diseases} diseases, the highest limit and more for each further one: ") + sum_
    if per in YEARLY or used or charged:
        yield _room(told, limit, used if per in YEARLY or used else None, charged)
    yield told.smaller(step.base, max(0, limit - used - charged), step.amount)
    if step.base > step.amount:
        yield told.borne(step.base - step.amount)
    if own := told.fen("coinsurance"):
        cut = step.base - step.amount
        yield told.say("超出的支付额 + 其费用的按比例自付 = 限额以上的费用：", "Payments above + the coinsurance of their fees = fees above: ") + (
            f"{yuan(cut)} + {yuan(own)} = {yuan(cut + own)}")


def _room(told: Told, limit: int, used: int | None, charged: int) -> str:
    """``4,000.00 - 500.00 = 3,500.00``: the limit less what the year or the stay has counted and, in gross fees, the deductible."""
    say, left = told.say, limit - (used or 0) - charged
    named, amounts = say("限额", "Limit"), yuan(limit)
    if used is not None:
        zh, en = BEFORE.get(told.step.facts.get("per", ""), ("本次住院此前已", " before in the stay"))
        named, amounts = named + say(f" - {zh}计", f" - counted{en}"), f"{amounts} - {yuan(used)}"
    if charged:
        named, amounts = named + say(" - 本次起付线", " - deductible"), f"{amounts} - {yuan(charged)}"
    return f"{named}{say('：', ': ')}{amounts} = {yuan(left)}" + (say("，无余额", ": no room") if left < 0 else "")


def _period(told: Told) -> list[str]:
    """The quarter or month that a limit is of."""
    return [told.say.period(told.step.facts["period"])] if "period" in told.step.facts else []


def _limit(told: Told, limit: int) -> str:
    days = told.fen("days")
    if not days:
        return yuan(limit)
    return told.say(f"{yuan(limit // days)} × {days} 日", f"{yuan(limit // days)} × {days} days") + f" = {yuan(limit)}"


def fixed(told: Told) -> Iterator[str]:
    say, step, children = told.say, told.step, told.fen("children")
    sum_, before, allowance = int(step.value or "0"), told.fen("before"), told.fen("allowance")
    more = told.rule.more_a_child * (children - 1) if isinstance(told.rule, Fixed) and children > 1 else 0
    whole = step.facts.get("mode") == "fixed"
    yield say("定额" if whole else "限额", "Fixed sum" if whole else "Ceiling") + f" {yuan(sum_ - more)}" + told.because()
    if more:
        each = yuan(told.rule.more_a_child)  # type: ignore[union-attr]
        yield say(f"{children} 个胎儿：", f"{children} children: ") + f"{yuan(sum_ - more)} + {each} × {children - 1} = {yuan(sum_)}"
    if before:
        yield say("本次住院此前已付后尚余：", "Left after what the stay was paid before: ") + difference(sum_, before)
    yield told.smaller(step.base, max(0, sum_ - before), step.amount)
    if step.base > step.amount:
        yield told.borne(step.base - step.amount)
    if allowance:
        yield say("定额补贴（另发给个人）：", "Allowance (paid to the person besides): ") + difference(sum_ - before, step.amount)


def item(told: Told) -> Iterator[str]:
    say, step, billed = told.say, told.step, told.fen("billed")
    yield say(f"按目录直接报销比例的项目，范围内 {yuan(billed)}", f"Items paid at their own ratio, in scope: {yuan(billed)}")
    if billed != step.base:
        yield say(f"不超过进入本步的费用 {yuan(step.base)}", f"Not more than what went in: {yuan(step.base)}")
    yield told.product()
    if step.facts.get("capped") == "0":
        yield say("不计入封顶", "No cap counts it")


def exclude(told: Told) -> Iterator[str]:
    say, step = told.say, told.step
    amount = int(step.value or "0")
    yield say(f"本待遇不予支付 {yuan(amount)}", f"Not covered by the benefit: {yuan(amount)}") + told.because()
    yield say("其余：", "The rest: ") + difference(step.base, amount)


def out_of_area(told: Told) -> Iterator[str]:
    say, step, mode, value = told.say, told.step, told.step.facts.get("mode"), told.step.value or "0"
    if mode == "first_selfpay":
        taken = step.base - step.amount
        yield say("异地先行自付：", "First self-pay out of area: ") + f"{yuan(step.base)} × {percent(value)} = {yuan(taken)}{told.because()}"
        yield say("其余：", "The rest: ") + difference(step.base, taken)
    elif Decimal(value) == (1 if mode == "multiply" else 0):
        yield say("支付比例不降低", "The ratios are not lowered") + told.because()
    elif mode == "multiply":
        yield say(f"其后各支付比例 × {percent(value)}", f"Each ratio behind it × {percent(value)}") + told.because()
    else:
        less = points(value, say)
        yield say(f"其后各支付比例 - {less}", f"Each ratio behind it - {less}") + told.because()


def guarantee(told: Told) -> Iterator[str]:
    say, step = told.say, told.step
    now, before, charged, due, paid, bears = (told.fen(name) for name in ("costs", "before", "deductible", "due", "paid", "bears"))
    if isinstance(rule := told.rule, Guarantee):
        provider = told.body.settled.hosp_part_amt if rule.costs == "total" else 0
        named = say.name(GUARANTEED, rule.costs) + (say(" - 医药机构负担：", " - the provider's part: ") if provider else " ")
        yield named + (difference(now + provider, provider) if provider else yuan(now))
    if before or charged:
        named, amounts = say("计入", "Counted"), yuan(now)
        if before:
            named, amounts = named + say("（本次住院此前 + 本次）", " (of the stay before + now)"), f"{yuan(before)} + {amounts}"
        if charged:
            named, amounts = named + say(" - 起付线", " - deductible"), f"{amounts} - {yuan(charged)}"
        yield f"{named}{say('：', ': ')}{amounts} = {yuan(step.base)}"
    yield say("保底：", "Guaranteed: ") + f"{yuan(step.base)} × {percent(step.value or '0')} = {yuan(due)}{told.because()}"
    payer = say("此前各项基金", "all funds before it") if "fund" in step.facts else say("统筹", "the pool")
    if paid >= due:
        yield say(f"{payer}已支付 {yuan(paid)}，不低于保底，不再支付", f"Paid by {payer}: {yuan(paid)}, not less than guaranteed: nothing more")
        return
    yield say(f"{payer}已支付，补足：", f"Less what {payer} paid: ") + difference(due, paid)
    if step.amount < due - paid:
        yield say("不超过可支付的个人负担：", "At most what the person bears of what it may pay: ") + yuan(bears)


def reduction(told: Told) -> Iterator[str]:
    step = told.step
    yield told.say("不降低时统筹支付 - 降低后统筹支付：", "Paid by the pool unreduced - reduced: ") + difference(
        step.base, step.base - step.amount)
    yield told.say(
        "个人负担的构成按不降低时计算，少支付的部分列为异地降低",
        "The person's part by cause is that of the unreduced calculation; what is paid less is the reduction",
    )


WRITERS: Mapping[str, Callable[[Told], Iterator[str]]] = {
    "scope": scope, "deductible": deductible, "ratio": ratio, "bands": bands, "cap": cap, "fixed": fixed, "item": item,
    "exclude": exclude, "out_of_area": out_of_area, "guarantee": guarantee, "reduction": reduction,
}
