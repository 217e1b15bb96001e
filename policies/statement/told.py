"""What the writers of steps have in common: the step with all that explains it, and the forms in which a sum is written out."""

from dataclasses import dataclass
from decimal import Decimal

from contracts.base import ratio_text
from contracts.events.claim import ClaimSettled, Step
from contracts.money import yuan
from policies.book import Book
from policies.settlement.plan import StepRule
from policies.settlement.ratio import Bonus
from policies.statement.selectors import because
from policies.statement.words import Words, percent, points


@dataclass(frozen=True, slots=True)
class Told:
    """A step to be told. ``rule``: its rule, None where the rulebook that decided is not at hand; ``first``: the step before
    it is of another rule (bands write one step each)."""

    say: Words
    body: ClaimSettled
    step: Step
    rule: StepRule | None
    book: Book | None
    first: bool

    def fen(self, name: str) -> int:
        """A fact that is an amount; 0 where the step does not state it."""
        return int(self.step.facts.get(name, "0"))

    def because(self, *more: str) -> str:
        return because(self.step.facts, self.say, *more)

    def product(self) -> str:
        """``9,100.00 × 87% = 7,917.00``, and why this ratio."""
        step = self.step
        return f"{yuan(step.base)} × {percent(step.value or '0')} = {yuan(step.amount)}{self.because()}"

    def smaller(self, one: int, other: int, found: int) -> str:
        return self.say(
            f"取 {yuan(one)} 与 {yuan(other)} 中较小者 = {yuan(found)}", f"The smaller of {yuan(one)} and {yuan(other)} = {yuan(found)}"
        )

    def borne(self, over: int) -> str:
        """What lies above a limit: the base less what came out of it."""
        base = self.step.base
        return self.say("超出部分由个人负担：", "What lies above is the person's: ") + difference(base, base - over)


def difference(one: int, other: int) -> str:
    """``300.00 - 40.00 = 260.00``."""
    return f"{yuan(one)} - {yuan(other)} = {yuan(one - other)}"


def changed_ratio(told: Told) -> str | None:
    """``80% + 2 个百分点 - 10 个百分点 = 72%``: the plan's ratio with bonus and reduction; None where nothing changed it."""
    facts, final, say = told.step.facts, Decimal(told.step.value or "0"), told.say
    if "bonus" not in facts and "reduced" not in facts:
        return None
    ratio = Decimal(facts.get("ratio", told.step.value or "0"))
    text = percent(ratio_text(ratio))
    if "bonus" in facts:
        text += f" + {points(facts['bonus'], say)}"
        raised = ratio + Decimal(facts["bonus"])
        ratio = raised if (most := _most(told)) is None else max(ratio, min(most, raised))
        if ratio != raised:
            text += say(f"（最高 {percent(ratio_text(ratio))}）", f" (at most {percent(ratio_text(ratio))})")
    if "reduced" in facts:
        mode, _, value = facts["reduced"].partition(" ")
        if mode == "multiply":
            text = f"({text}) × {percent(value)}" if "bonus" in facts else f"{text} × {percent(value)}"
        else:
            text += f" - {points(value, say)}"
    return say("支付比例：", "Ratio: ") + f"{text} = {percent(ratio_text(final))}"


def _most(told: Told) -> Decimal | None:
    bonus: Bonus | None = getattr(told.rule, "bonus", None)
    return bonus.most if bonus is not None else None


def band(told: Told, start: int | None, width: int) -> str:
    """The bounds of a band, and what lies in it of an amount that begins at ``start`` (None: not known) of its measure."""
    low, say = told.fen("from"), told.say
    text = say(f"分段：{yuan(low)} 以上", f"Band: above {yuan(low)}")
    if "upto" in told.step.facts:
        upto = yuan(told.fen("upto"))
        text += say(f"至 {upto}", f" up to {upto}")
    if start is None:
        return text
    at = max(start, low)
    return text + say("；本次在此段：", "; of this visit: ") + difference(at + width, at)
