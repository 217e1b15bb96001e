"""What a settlement writes down: the steps of its calculation, what moves, and what each fund pays. In fen."""

from contracts.base import Model, described as of


class Step(Model):
    """One step of the calculation: which rule, from which source, what went in and what came out."""

    kind: of(str, "步骤", "kind of step")
    rule: of(str, "规则", "plan and number of the step")
    source: of(str, "来源", "source of the value")
    choice: of(bool, "是否选择", "the source leaves something open; the rulebook says beside the value what was chosen") = False
    value: of(str | None, "取值", "the value applied: fen, or a ratio") = None
    base: of(int, "基数（分）", "what went in, in fen")
    amount: of(int, "结果（分）", "what came out, in fen")
    facts: of(dict[str, str], "依据", "the facts that chose the value") = {}


class Movement(Model):
    """Accumulators of one year, place and type of insurance. Law 3: after = before + movement."""

    before: dict[str, int]
    movement: dict[str, int]
    after: dict[str, int]


class FundPart(Model):
    """One row of setldetail: what a fund, or the account, pays."""

    fund_pay_type: str
    fund_payamt: int
