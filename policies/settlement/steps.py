"""The kinds of steps, and how each reads its parameters from TOML. README.md of the rulebook shows every one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from policies.laws import FUNDS
from policies.select import LINE_SELECTORS, SELECTORS, Row, Rows
from policies.settlement.account import Account, FamilyWallet
from policies.settlement.bands import Band, Bands
from policies.settlement.cap import ABOVE, COUNTS, PER as CAPPED_PER, Cap
from policies.settlement.deductible import PER as CHARGED_PER, Deductible, Once
from policies.settlement.fixed import Fixed
from policies.settlement.guarantee import COSTS, POOL, Guarantee
from policies.settlement.lines import Exclude, Item
from policies.settlement.out_of_area import MODES, OutOfArea
from policies.settlement.period import PERIODS
from policies.settlement.plan import StepRule
from policies.settlement.ratio import Bonus, Linear, Ratio
from policies.settlement.sheet import PARTS, Amount, Limit, Origin
from policies.settlement.supplement import NAMES, CapBonus, Supplement
from policies.tables import Table
from policies.values import wrong_label

LINES = SELECTORS | LINE_SELECTORS
ONE = Decimal(1)
UNLIMITED = "unlimited"
"""What stands for a limit where there is none (不设封顶线)."""


def deductible(table: Table, origin: Origin) -> Deductible:
    """``amount`` rows and how they are charged."""
    return Deductible(
        origin=origin,
        per=table.text("per", among=CHARGED_PER),
        amount=table.rows("amount", "yuan", Table.as_amount),
        year_ceiling=table.yuan("year_ceiling") if table.has("year_ceiling") else None,
        admission=_ladder(table),
        floor=_floor(table),
        shared=table.name("shared", wrong_label) if table.has("shared") else None,
        by_level=table.flag("by_level", False) and _counts_by(table, "by_level", PERIODS),
        by_provider=table.flag("by_provider", False) and _counts_by(table, "by_provider", PERIODS),
        transfer=table.text("transfer", among=("difference",)) if table.has("transfer") else None,
        once=_once(table),
        across=table.text("across", "old", ("old", "new", "none")),
    )


def _counts_by(table: Table, key: str, periods: tuple[str, ...]) -> bool:
    """True. What does not count over one of these ``periods`` has nothing that ``key`` could count apart."""
    if table.has("per") and table.text("per") not in periods:
        table.complain(key, f"只与 per = {'、'.join(periods)} 同用，否则没有要分开累计的，请改 per，或删去它 / "
                            f"goes with per = {', '.join(periods)}, else nothing is counted apart; change per, or remove it")
    return True


def _floor(table: Table) -> int:
    if not table.has("floor"):
        return 0
    if not table.has("admission"):
        table.complain("floor", "是按 admission 降低后的下限，而这里没有 admission，请补上 admission，或删去它 / "
                                "bounds what admission makes less, and there is none; add admission, or remove it")
    return table.yuan("floor")


def _ladder(table: Table) -> tuple[tuple[int, Decimal], ...]:
    """Factors by the number of the stay, in order; each number once."""
    rungs = []
    for row in table.tables("admission") if table.has("admission") else ():
        rungs.append((row.number("from", least=1), row.ratio("factor")))
        row.finish()
    if len({start for start, _ in rungs}) < len(rungs):
        table.complain("admission", "有两个系数从同一次住院起算，请删去一个 / two factors begin with the same stay; remove one")
    return tuple(sorted(rungs))


def _once(table: Table) -> Once | None:
    if not table.has("once"):
        return None
    row = table.only("once")
    found = Once(row.name("name", wrong_label), frozenset(row.texts("diseases", needed=True)))
    row.finish()
    return found


def ratio(table: Table, origin: Origin) -> Ratio:
    """``ratio`` rows, or ``linear`` in age; ``bonus`` rows."""
    if not table.has("linear"):
        return Ratio(origin, table.rows("ratio", "of", Table.as_ratio), bonus=_bonus(table))
    row = table.only("linear")
    found = Ratio(origin, Rows(()), Linear(row.ratio("start"), row.ratio("per_year"), row.ratio("most")), _bonus(table))
    row.finish()
    return found


def _bonus(table: Table) -> Bonus | None:
    if not table.has("bonus"):
        return None
    return Bonus(table.rows("bonus", "points", Table.as_ratio), table.ratio("bonus_most") if table.has("bonus_most") else ONE)


def bands(table: Table, origin: Origin) -> Bands:
    """``band`` rows: ``upto`` (absent: without bound), conditions, ``of``."""
    return Bands(
        origin=origin, bands=read_bands(table),
        measured=table.text("measured", "fees", ("fees", "payments")),
        counted_from=table.text("counted_from", "zero", ("zero", "deductible")),
        continues=table.text("continues", "visit", ("visit", "stay", "year")),
        bonus=_bonus(table),
    )


def read_bands(table: Table) -> tuple[Band, ...]:
    """Rows grouped by their bound; within a bound they must be told apart."""
    groups: dict[Amount | None, list[Row[Decimal]]] = {}
    for row in table.tables("band"):
        upto = row.amount("upto") if row.has("upto") else None
        if (found := row.row("of", Table.as_ratio, SELECTORS, "upto")) is not None:
            groups.setdefault(upto, []).append(found)
    if table.lacks("band"):
        table.complain("band", "至少要有一行写明 of，最后一行不写 upto / needs at least one row with of, the last one without upto")
    elif groups and None not in groups:
        table.complain("band", "缺少不写 upto 的末行，以上部分就没有支付比例，请补上；由个人负担的写 of = 0 / "
                               "has no last row without upto: what lies above would have no ratio; add it, of = 0 where the person bears it")
    for rows in groups.values():
        table.told_apart("band", rows)
    return tuple(Band(upto, Rows(rows)) for upto, rows in groups.items())


def cap(table: Table, origin: Origin) -> Cap:
    """``amount`` rows, what they count and how long."""
    return Cap(
        origin, per=table.text("per", among=CAPPED_PER),
        amount=_bounding(table, "amount", table.rows("amount", "yuan", _limit)),
        counts=table.text("counts", "payments", COUNTS),
        shared=table.name("shared", wrong_label) if table.has("shared") else None,
        by_disease=table.flag("by_disease", False) and _counts_by(table, "by_disease", ("quarter", "month")),
        more_a_disease=_more_a_disease(table),
        above=_above(table),
    )


def _limit(table: Table, key: str, value: Any) -> Limit:
    return None if value == UNLIMITED else table.as_amount(key, value)


def _bounding(table: Table, key: str, limits: Rows[Limit]) -> Rows[Limit]:
    """These limits. That none of them bounds anything is told."""
    if limits and all(row.value is None for row in limits.rows):
        table.complain(key, f"每一行都是 {UNLIMITED}，限额不起作用，请删去，或写上限额 / "
                            f"is {UNLIMITED} in every row, and bounds nothing; remove it, or write a limit")
    return limits


def _above(table: Table) -> str:
    found = table.text("above", "payments", ABOVE)
    if table.has("above") and table.has("counts") and table.text("counts") != "payments":
        table.complain("above", "只用于支付限额（counts = payments）；费用限额以上的本来就是费用，请删去它 / "
                                "goes with counts = payments: what lies above a cap on fees are fees anyway; remove it")
    return found


def _more_a_disease(table: Table) -> int | None:
    if not table.has("more_a_disease"):
        return None
    if table.has("per") and table.text("per") not in PERIODS:
        table.complain("more_a_disease", f"是各病种合计的限额所加，只与 per = {'、'.join(PERIODS)} 同用，请改 per，或删去它 / "
                                         f"adds to one limit of all diseases, and goes with per = {', '.join(PERIODS)}; change per, or remove it")
    if table.flag("by_disease", False):
        table.complain("more_a_disease", "是各病种合计的限额所加，而 by_disease 各病种分别累计，请删去其中之一 / "
                                         "adds to one limit of all diseases, and by_disease counts each apart; remove one of the two")
    return table.yuan("more_a_disease")


def fixed(table: Table, origin: Origin) -> Fixed:
    """``amount`` rows, paid at cost up to them, or whatever the cost."""
    more = table.yuan("more_a_child") if table.has("more_a_child") else 0
    return Fixed(origin, table.text("mode", among=("ceiling", "fixed")), table.rows("amount", "yuan", Table.as_amount), more)


def item(table: Table, origin: Origin) -> Item:
    """Ratios of lines by rows, or the catalogue's."""
    catalogue = table.flag("catalogue", False)
    rows = Rows(()) if catalogue else table.rows("ratio", "of", Table.as_ratio, LINES)
    return Item(origin, rows, catalogue, table.flag("capped", True))


def exclude(table: Table, origin: Origin) -> Exclude:
    """Lines that the benefit does not pay."""
    return Exclude(origin, table.rows("lines", "out", Table.as_flag, LINES))


def out_of_area(table: Table, origin: Origin) -> OutOfArea:
    """``by`` rows of points, factors or shares."""
    return OutOfArea(origin, table.text("mode", among=MODES), table.rows("by", "of", Table.as_ratio))


def guarantee(table: Table, origin: Origin) -> Guarantee:
    """A share of the costs up to which a fund pays."""
    fund = table.text("fund", POOL, FUNDS)
    found = Guarantee(
        origin, table.text("costs", among=COSTS), table.rows("ratio", "of", Table.as_ratio), table.texts("pays", None, PARTS, True),
        table.text("counted_from", "zero", ("zero", "deductible")), fund, after_pool=fund != POOL,
    )
    for part in () if found.after_pool else ("deductible", "reduction"):
        if part in found.of:
            table.complain("pays", f"统筹的保底不支付 {part}，请删去，或写由哪项其他基金（fund）支付 / "
                                   f"a guarantee of the pool does not pay {part}; remove it, or let another fund pay")
    return found


def supplement(table: Table, origin: Origin) -> Supplement:
    """A fund behind the pool."""
    found = Supplement(
        origin=origin, name=table.name("name", wrong_label), fund=table.text("fund", among=FUNDS[1:]), of=table.texts("of", None, PARTS, True),
        per=table.text("per", among=("visit", "year")), bands=read_bands(table),
        threshold=table.rows("threshold", "yuan", Table.as_amount) if table.has("threshold") else None,
        counted_from=table.text("counted_from", "zero", ("zero", "threshold")),
        cap=_bounding(table, "cap", table.rows("cap", "yuan", _limit)) if table.has("cap") else None,
        bonus=_bonus(table), cap_bonus=tuple(_cap_bonus(row) for row in table.tables("cap_bonus")) if table.has("cap_bonus") else (),
        when=table.when("when"),
    )
    if found.cap_bonus and found.cap is None:
        table.complain("cap_bonus", "用于提高限额，而这里没有 cap，请补上 cap，或删去它 / raises a cap, and there is none; add cap, or remove it")
    return found


def _cap_bonus(row: Table) -> CapBonus:
    found = CapBonus(row.text("earned_by", among=NAMES), row.yuan("yuan"), row.yuan("most"), row.number("after", 0))
    row.finish()
    return found


def account(table: Table, origin: Origin) -> Account:
    """Which parts the own account pays."""
    return Account(origin, table.texts("pays", None, PARTS, True), table.flag("with_family", False))


def wallet(table: Table, origin: Origin) -> FamilyWallet:
    """Which parts the family wallet pays."""
    return FamilyWallet(origin, table.texts("pays", None, PARTS, True))


KINDS: dict[str, Callable[[Table, Origin], StepRule]] = {
    "deductible": deductible, "ratio": ratio, "bands": bands, "cap": cap, "fixed": fixed, "item": item, "exclude": exclude,
    "out_of_area": out_of_area, "guarantee": guarantee, "supplement": supplement, "account": account, "wallet": wallet,
}
