"""The steps of a settlement as a person checks them: what went in, which value, why, and what came out."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from contracts.base import ratio_text
from contracts.events.claim import ClaimSettled, Settled, Step
from contracts.money import yuan
from policies.book import Book
from policies.settlement.plan import Benefit, Plan, StepRule
from policies.settlement.ratio import Ratio
from policies.statement.paper import Column, Row, Section
from policies.statement.words import CARE, HOSPITALS, INSURANCES, LEVELS, PARTS, PLACES, STATUS, Names, Words, percent
from policies.tables import EXAMPLE

KINDS: Names = {
    "scope": ("符合政策范围", "in scope"), "deductible": ("起付标准", "deductible"), "ratio": ("支付比例", "ratio"),
    "cap": ("最高支付限额", "cap"), "account": ("个人账户", "personal account"), "cash": ("个人现金", "cash"),
}
SELECTORS: Names = {
    "level": ("起付线医院等级", "level for deductibles"), "hosp_lv": ("医院等级", "level of the hospital"),
    "status": ("人员", "person"), "place": ("就医地", "place of care"), "insutype": ("险种", "insurance"),
    "care": ("医疗类别", "type of care"),
}
_VALUES: dict[str, Names] = {
    "level": LEVELS, "hosp_lv": HOSPITALS, "status": STATUS, "place": PLACES, "insutype": INSURANCES, "care": CARE,
}
_MONEY = frozenset({"deductible", "cap"})


class Steps:
    """Writes the steps of one verdict. ``book`` is the rulebook that decided it, or None: then quotes are left out."""

    def __init__(self, body: ClaimSettled, book: Book | None, words: Words) -> None:
        self._body, self._book, self._words = body, book, words
        self._plan = _plan(book, body.settled)
        self._quoted: set[str] = set()

    def section(self) -> Section:
        """All steps, in the order in which they were taken."""
        say = self._words
        columns = (
            Column("#", True), Column(say("步骤", "step")), Column(say("基数", "from"), True),
            Column(say("取值", "value"), True), Column(say("结果", "result"), True),
        )
        rows = tuple(self._row(number, step) for number, step in enumerate(self._body.settled.steps, 1))
        return Section(say("计算步骤（元）", "Steps (yuan)"), rows, columns, tuple(self._plan_notes()))

    def _row(self, number: int, step: Step) -> Row:
        cells = (str(number), self._words.name(KINDS, step.kind), yuan(step.base), _value(step), yuan(step.amount))
        told = _TOLD.get(step.kind, Steps._facts)
        return Row(cells, (*told(self, step), *self._why(step)))

    def _why(self, step: Step) -> Iterator[str]:
        say = self._words
        whole = step.rule == self._body.settled.plan
        named = say(f"方案 {step.rule}", f"Plan {step.rule}") if whole else say(f"规则 {step.rule}", f"Rule {step.rule}")
        yield f"{named}{say('；', '; ')}{self._source(step.source)}"
        if step.choice:
            rule = _rule(self._plan, step)
            text = rule.origin.choice if rule else None
            yield say("原文未尽，规则库的选择：", "Left open by the text, chosen by the rulebook: ") + (
                say.half(text) if text else say("（见作出决定的规则库）", "(see the rulebook that decided)")
            )

    def _source(self, id: str) -> str:
        say = self._words
        source = self._book.sources.get(id) if self._book else None
        if source is None:
            return say(f"依据 [{id}]", f"source [{id}]")
        if id in self._quoted:
            return say(f"依据 [{id}]，引文同上", f"source [{id}], quoted above")
        self._quoted.add(id)
        return say(f"依据 [{id}]《{source.title}》：“{source.quote}”", f"source [{id}] 《{source.title}》: “{source.quote}”")

    def _plan_notes(self) -> Iterator[str]:
        say = self._words
        yield say("每一步四舍五入到分。", "Each step is rounded half-up to the fen.")
        benefit = _benefit(self._plan, self._body.settled)
        for text in (*self._plan.choices, *(benefit.choices if benefit else ())) if self._plan else ():
            yield say("方案的选择：", "Chosen for the plan: ") + say.half(text)

    # --- one a kind of step -----------------------------------------------------------------------------------------

    def _scope(self, step: Step) -> Iterator[str]:
        say, priced = self._words, self._body.priced
        parts = " - ".join(map(yuan, (priced.medfee_sumamt, priced.fulamt_ownpay_amt, priced.overlmt_selfpay, priced.preselfpay_amt)))
        yield say("总额 - 全自费 - 超限价 - 先行自付：", "Total - own expense - over ceiling - first self-pay: ") + (
            f"{parts} = {yuan(step.amount)}"
        )
        admdvs, source = step.facts.get("catalogue", ""), step.facts.get("catalogue_source", "")
        shown = say("示例数据", "example data") if source == EXAMPLE else f"[{source}]"
        place = say.place(admdvs, self._book)
        yield say(f"就医地目录：{place}，来源 {shown}", f"Catalogue of the place of care: {place}, source: {shown}")

    def _deductible(self, step: Step) -> Iterator[str]:
        say, facts = self._words, step.facts
        standard, due = int(facts.get("standard", step.value or "0")), int(step.value or "0")
        text = say(f"起付标准 {yuan(standard)}", f"Deductible {yuan(standard)}") + self._because(step)
        if due != standard:
            paid = yuan(int(facts.get("paid", "0")))
            text += say(f"；本年已付 {paid}，本次应付 {yuan(due)}", f"; paid before in the year: {paid}, due now: {yuan(due)}")
        yield text
        if step.amount != due:
            yield say(f"不超过范围内费用 {yuan(step.base)}", f"Not more than what is in scope: {yuan(step.base)}")
        left = yuan(step.base - step.amount)
        yield say("进入统筹：", "Goes on to the pool: ") + f"{yuan(step.base)} - {yuan(step.amount)} = {left}"

    def _ratio(self, step: Step) -> Iterator[str]:
        rule = _rule(self._plan, step)
        text = f"{yuan(step.base)} × {percent(step.value or '0')} = {yuan(step.amount)}" + self._because(step)
        if isinstance(rule, Ratio) and rule.linear is not None and "age" in step.facts:
            yield self._line_of_age(rule, int(step.facts["age"]))
        yield text

    def _line_of_age(self, rule: Ratio, age: int) -> str:
        line, say = rule.linear, self._words
        sum_ = line.start + line.per_year * Decimal(age)
        text = f"{_percent(line.start)} + {_percent(line.per_year)} × {age} = {_percent(sum_)}"
        most = say(f"，最高 {_percent(line.most)}", f", at most {_percent(line.most)}") if sum_ > line.most else ""
        return say(f"按年龄 {age} 岁：{text}{most}", f"At the age of {age}: {text}{most}")

    def _cap(self, step: Step) -> Iterator[str]:
        say, facts, limit = self._words, step.facts, int(step.value or "0")
        room = limit
        if facts.get("per") == "year":
            used = int(facts.get("used", "0"))
            room = max(0, limit - used)
            yield say(f"年度限额 {yuan(limit)}", f"Limit of the year {yuan(limit)}") + self._because(step) + say(
                f"；本年已支付 {yuan(used)}，尚余 {yuan(room)}", f"; paid before in the year: {yuan(used)}, left: {yuan(room)}"
            )
        else:
            yield say(f"单次限额 {yuan(limit)}", f"Limit of a visit {yuan(limit)}") + self._because(step)
        yield self._smaller(step.base, room, step.amount)

    def _account(self, step: Step) -> Iterator[str]:
        say, facts = self._words, step.facts
        parts = say("、", ", ").join(say.name(PARTS, part) for part in facts.get("pays", "").split(",") if part)
        yield say(f"个人账户可付：{parts}，共 {yuan(step.base)}", f"The account may pay: {parts}; {yuan(step.base)} in all")
        if facts.get("used") == "1":
            yield say("账户余额：", "Balance: ") + yuan(int(facts.get("balance", "0")))
            yield self._smaller(step.base, int(facts.get("balance", "0")), step.amount)
        else:
            yield say("本次未使用个人账户", "The account was not used this time")

    def _cash(self, step: Step) -> Iterator[str]:
        account = yuan(step.base - step.amount)
        yield self._words("个人负担 - 个人账户：", "Person's part - account: ") + f"{yuan(step.base)} - {account} = {yuan(step.amount)}"

    def _facts(self, step: Step) -> Iterator[str]:
        if step.facts:
            yield self._words("依据的事实：", "Facts: ") + ", ".join(f"{name}={value}" for name, value in sorted(step.facts.items()))

    def _smaller(self, one: int, other: int, found: int) -> str:
        return self._words(
            f"取 {yuan(one)} 与 {yuan(other)} 中较小者 = {yuan(found)}", f"The smaller of {yuan(one)} and {yuan(other)} = {yuan(found)}"
        )

    def _because(self, step: Step) -> str:
        """Why this value and no other: the facts that chose it, in brackets."""
        say = self._words
        known = [name for name in SELECTORS if name in step.facts]
        told = [say.name(SELECTORS, name) + say("：", ": ") + say.name(_VALUES[name], step.facts[name]) for name in known]
        if "admission" in step.facts:
            told.append(say(f"本年第 {step.facts['admission']} 次住院", f"stay {step.facts['admission']} of the year"))
        return say(f"（{'，'.join(told)}）", f" ({', '.join(told)})") if told else ""


_TOLD: dict[str, Callable[[Steps, Step], Iterator[str]]] = {
    "scope": Steps._scope, "deductible": Steps._deductible, "ratio": Steps._ratio, "cap": Steps._cap,
    "account": Steps._account, "cash": Steps._cash,
}


def _plan(book: Book | None, settled: Settled) -> Plan | None:
    plans = (plan for plans in book.plans.values() for plan in plans) if book else ()
    return next((plan for plan in plans if plan.id == settled.plan), None)


def _rule(plan: Plan | None, step: Step) -> StepRule | None:
    rules = (rule for benefit in plan.benefits for rule in benefit.steps) if plan else ()
    return next((rule for rule in rules if rule.origin.rule == step.rule), None)


def _benefit(plan: Plan | None, settled: Settled) -> Benefit | None:
    return next((found for found in plan.benefits if found.name == settled.benefit), None) if plan else None


def _value(step: Step) -> str:
    if step.value is None:
        return ""
    if step.kind == "ratio":
        return percent(step.value)
    return yuan(int(step.value)) if step.kind in _MONEY else step.value


def _percent(ratio: Decimal) -> str:
    return percent(ratio_text(ratio))
