"""The steps of a settlement as a person checks them: what went in, which value, why, and what came out."""

from collections.abc import Iterator
from decimal import Decimal

from contracts.events.claim import ClaimSettled, Settled, Step
from contracts.money import yuan
from policies.book import Book
from policies.settlement.plan import Benefit, Plan, StepRule
from policies.statement import later_steps, pool_steps
from policies.statement.paper import Column, Row, Section
from policies.statement.told import Told
from policies.statement.words import Names, Words, percent, points

KINDS: Names = {
    "scope": ("符合政策范围", "in scope"), "prior": ("已由他处支付", "paid elsewhere"), "deductible": ("起付标准", "deductible"),
    "item": ("目录直接报销", "items' own ratio"), "exclude": ("不予支付项目", "not covered"), "out_of_area": ("异地就医", "out of area"),
    "guarantee": ("保底", "guarantee"),
    "ratio": ("支付比例", "ratio"), "bands": ("分段支付", "bands"), "cap": ("最高支付限额", "cap"), "fixed": ("定额（限额）", "fixed sum"),
    "reduction": ("异地降低金额", "reduction"), "supplement": ("补充支付", "supplement"), "supplement_cap": ("补充支付限额", "cap of supplement"),
    "account": ("个人账户", "personal account"), "wallet": ("家庭共济", "family wallet"), "cash": ("个人现金", "cash"),
}
WRITERS = {**pool_steps.WRITERS, **later_steps.WRITERS}
_MONEY = frozenset({"deductible", "cap", "fixed", "exclude", "supplement_cap"})
_RATIOS = frozenset({"ratio", "bands", "item", "guarantee", "supplement"})


class Steps:
    """Writes the steps of one verdict. ``book`` is the rulebook that decided it, or None: then quotes are left out."""

    def __init__(self, body: ClaimSettled, book: Book | None, words: Words) -> None:
        self._body, self._book, self._words = body, book, words
        self._plan = plan_of(book, body.settled)
        self._rules = rules_of(self._plan)
        self._quoted: set[str] = set()

    def section(self) -> Section:
        """All steps, in the order in which they were taken."""
        say, steps = self._words, self._body.settled.steps
        columns = (
            Column("#", True), Column(say("步骤", "step")), Column(say("基数", "from"), True),
            Column(say("取值", "value"), True), Column(say("结果", "result"), True),
        )
        before = (None, *(step.rule for step in steps))
        rows = tuple(self._row(number, step, before[number - 1] != step.rule) for number, step in enumerate(steps, 1))
        return Section(say("计算步骤（元）", "Steps (yuan)"), rows, columns, tuple(self._plan_notes()))

    def _row(self, number: int, step: Step, first: bool) -> Row:
        say = self._words
        cells = (str(number), say.name(KINDS, step.kind), yuan(step.base), _value(step, say), yuan(step.amount))
        told = Told(say, self._body, step, self._rules.get(step.rule), self._book, first)
        return Row(cells, (*WRITERS.get(step.kind, _facts)(told), *self._why(step)))

    def _why(self, step: Step) -> Iterator[str]:
        say = self._words
        whole = step.rule == self._body.settled.plan
        named = say(f"方案 {step.rule}", f"Plan {step.rule}") if whole else say(f"规则 {step.rule}", f"Rule {step.rule}")
        yield f"{named}{say('；', '; ')}{self._source(step.source)}"
        for id in self._rules[step.rule].origin.beside if step.rule in self._rules else ():
            yield say("其中单列的取值另有依据：", "A value of it has a source of its own: ") + self._source(id)
        if step.choice:
            yield say("原文未尽，规则库的选择：", "Left open by the text, chosen by the rulebook: ") + self._choice(step)

    def _choice(self, step: Step) -> str:
        say, rule = self._words, self._rules.get(step.rule)
        national = [origin for origin in (self._plan.scope, self._plan.manual_scope, self._plan.cash) if origin and origin.rule == step.rule] if self._plan else []
        text = rule.origin.choice if rule else next((origin.choice for origin in national), None)
        return say.half(text) if text else say("（见作出决定的规则库）", "(see the rulebook that decided)")

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
        if self._plan is None:
            return
        benefit = _benefit(self._plan, self._body.settled)
        for text in self._plan.choices:
            yield say("方案的选择：", "Chosen for the plan: ") + say.half(text)
        for text in benefit.choices if benefit else ():
            yield say("待遇的选择：", "Chosen for the benefit: ") + say.half(text)


def plan_of(book: Book | None, settled: Settled) -> Plan | None:
    """The plan that a verdict names, in the rulebook that decided it."""
    plans = (plan for plans in book.plans.values() for plan in plans) if book else ()
    return next((plan for plan in plans if plan.id == settled.plan), None)


def rules_of(plan: Plan | None) -> dict[str, StepRule]:
    """The rules of a plan by their names."""
    return {rule.origin.rule: rule for benefit in plan.benefits for rule in benefit.steps} if plan else {}


def _benefit(plan: Plan, settled: Settled) -> Benefit | None:
    return next((found for found in plan.benefits if found.name == settled.benefit), None)


def _facts(told: Told) -> Iterator[str]:
    """A kind that nobody wrote a form for shows what it was decided from."""
    if facts := told.step.facts:
        yield told.say("依据的事实：", "Facts: ") + ", ".join(f"{name}={value}" for name, value in sorted(facts.items()))


def _value(step: Step, say: Words) -> str:
    if step.value is None:
        return ""
    if step.kind == "out_of_area":
        mode = step.facts.get("mode")
        if mode == "subtract":
            return f"-{points(step.value, say)}" if Decimal(step.value) else ""
        return f"× {percent(step.value)}" if mode == "multiply" else percent(step.value)
    if step.kind in _RATIOS:
        return percent(step.value)
    return yuan(int(step.value)) if step.kind in _MONEY else step.value
