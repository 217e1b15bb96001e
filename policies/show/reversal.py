"""The rules of undoing a settlement on the page of a place: what goes first, until when, and the invoice."""

from collections.abc import Callable, Iterator

from policies.reversal.rules import ASKERS, Limit, ReversalRule
from policies.statement.paper import Row, Section
from policies.statement.reversal import REASONS
from policies.statement.words import Names, Words

DATES: Names = {
    "begndate": ("就诊（入院）日期", "the day of visit or admission"), "enddate": ("就医结束（出院）日期", "the last day of care"),
    "setl_date": ("结算日期", "the day of settlement"),
}
WITHIN: Names = {"provider": ("同一机构", "same provider"), "care": ("同类医疗", "same type of care")}
BOUND: Names = {"provider": ("医药机构", "the provider"), "agency": ("经办机构", "the agency")}


def section(rule: ReversalRule, say: Words, cited: Callable[[str], str]) -> Section:
    """One row a rule that there is, with its source."""
    told = {
        "order": (say("后进先出", "last first"), _order), "days": (say("期限", "time limit"), _days), "month": (say("当月", "month"), _month),
        "year": (say("关账", "closed year"), _year), "invoice": (say("发票已打印", "invoice printed"), _invoice),
    }
    rows = [Row((name, write(limit, say)), tuple(_below(limit, say, cited)))
            for key, (name, write) in told.items() if (limit := getattr(rule, key)) is not None]
    return Section(say("撤销结算（反结算）", "Undoing a settlement (反结算)"), tuple(rows))


def _below(limit: Limit, say: Words, cited: Callable[[str], str]) -> Iterator[str]:
    if set(limit.binds) != set(ASKERS):
        yield say("约束", "binds ") + say.listed(BOUND, limit.binds)
    yield cited(limit.source)


def _order(limit: Limit, say: Words) -> str:
    return say.listed(WITHIN, limit.names) if limit.names else say("该参保人的全部结算", "all settlements of the person")


def _days(limit: Limit, say: Words) -> str:
    return say(f"{say.name(DATES, limit.since)}起 {limit.value} 日", f"{limit.value} days from {say.name(DATES, limit.since)} on")


def _month(limit: Limit, say: Words) -> str:
    return say(f"{say.name(DATES, limit.since)}所在月份内", f"in the month of {say.name(DATES, limit.since)}")


def _year(limit: Limit, say: Words) -> str:
    return say(f"累计年度结束后 {limit.value} 日内", f"until {limit.value} days after the last day of the year")


def _invoice(limit: Limit, say: Words) -> str:
    return say("仅限：", "only for: ") + say.listed(REASONS, limit.names)
