"""How each kind of step is told on paper: a title, its tables, and its parameters in sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.base import ratio_text
from contracts.money import times, yuan
from policies.settlement.account import Account, FamilyWallet
from policies.settlement.bands import Band, Bands
from policies.settlement.cap import Cap
from policies.settlement.deductible import Deductible
from policies.settlement.fixed import Fixed
from policies.settlement.guarantee import Guarantee
from policies.settlement.lines import Exclude, Item
from policies.settlement.out_of_area import OutOfArea
from policies.settlement.plan import StepRule
from policies.settlement.ratio import Bonus, Ratio
from policies.settlement.sheet import Limit
from policies.settlement.supplement import Supplement
from policies.show.grid import Grid, band_grid, conditions, grid, notes_of
from policies.statement.words import BENEFITS, FUNDS, PARTS, Names, Words, percent

PER: Names = {
    "visit": ("每次", "a visit"), "stay": ("每次住院", "a stay"), "year": ("每年", "a year"),
    "quarter": ("每季度", "a quarter"), "month": ("每月", "a month"),
    "disease": ("每病种每年", "a disease and year"), "bed_day": ("每床日", "a day of bed"),
}
COUNTS: Names = {
    "payments": ("按统筹支付额计", "counted in payments of the pool"), "fees": ("按起付线以上的费用计", "counted in fees behind the deductible"),
    "gross_fees": ("按含起付线的费用计", "counted in fees with the deductible"),
}
MODES: Names = {
    "subtract": ("降低百分点", "percentage points off"), "multiply": ("按比例折算", "factor on the ratio"),
    "first_selfpay": ("先行自付比例", "first self-pay"),
}
ACROSS: Names = {
    "old": ("跨年住院：补足上年起付线", "stay over New Year: topped up to the old year's deductible"),
    "new": ("跨年住院：补足新年起付线", "stay over New Year: topped up to the new year's deductible"),
    "none": ("跨年住院：不再收起付线", "stay over New Year: no further deductible"),
}
CONTINUES: Names = {
    "visit": ("每次重新分段", "bands begin anew each visit"), "stay": ("一次住院内连续分段", "bands go on within a stay"),
    "year": ("年度内连续分段", "bands go on over the year"),
}
MEASURED: Names = {
    "fees": ("按费用分段", "bands on fees"), "payments": ("按支付额分段", "bands on payments"),
}
STARTS: Names = {
    "zero": ("自零起算（起付线在段中）", "counted from zero, the deductible lies in the first band"),
    "deductible": ("自起付线以上起算", "counted from the deductible"),
}
SUPPLEMENT_STARTS: Names = {
    "zero": ("分段自零起算", "bands counted from zero"), "threshold": ("分段自起付标准以上起算", "bands counted from the threshold"),
}
GUARANTEED: Names = {"total": ("按医疗费总额", "of the whole bill"), "in_scope": ("按政策范围内费用", "of what is in scope")}
EARNED: Names = {"continuous": ("连续参保", "continuous insurance"), "zero_claim": ("年度零报销", "years without a claim")}


@dataclass(frozen=True, slots=True)
class Told:
    """A step on paper."""

    title: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells steps in one language. ``indexes``: values of the day, in fen."""

    say: Words
    indexes: Mapping[str, int]

    def told(self, rule: StepRule) -> Told:
        return _KINDS[rule.kind](self, rule)

    def amount(self, found: Limit) -> str:
        """Yuan; a share of an index with what that is on the day; None: no limit."""
        if found is None:
            return self.say("不设限额", "no limit")
        if isinstance(found, int):
            return yuan(found)
        share = f"{found.index} × {percent(ratio_text(found.share))}"
        return f"{share} = {yuan(times(self.indexes[found.index], found.share))}" if found.index in self.indexes else share

    def deductible(self, rule: Deductible) -> Told:
        say = self.say
        notes = []
        for start, factor in rule.admission:
            notes.append(say(f"本年第 {start} 次住院起：{_part(factor)}", f"from stay {start} of the year: {_part(factor)}"))
        if rule.floor:
            notes.append(say(f"最低 {yuan(rule.floor)} 元", f"at least {yuan(rule.floor)} yuan"))
        if rule.year_ceiling is not None:
            notes.append(say(f"年度累计最高 {yuan(rule.year_ceiling)} 元", f"at most {yuan(rule.year_ceiling)} yuan a year"))
        if rule.shared:
            notes.append(say(f"与同名待遇合并计算：{rule.shared}", f"counted together with benefits that name {rule.shared}"))
        if rule.by_level:
            notes.append(say("各级别分别累计", "each level counts for itself"))
        if rule.by_provider:
            notes.append(say("各医药机构分别累计", "each provider counts for itself"))
        if rule.transfer:
            notes.append(say("转诊：补足差额", "after a transfer: only the difference"))
        if rule.once is not None:
            named = ", ".join(sorted(rule.once.diseases))
            notes.append(say(f"一年只收一次：{named}", f"charged once a year: {named}"))
        if rule.per == "stay":
            notes.append(say.name(ACROSS, rule.across))
        table = grid(rule.amount, self.amount, say("元", "yuan"), say)
        return Told(self._titled(("起付标准", "deductible"), PER, rule.per), (table,), tuple(notes))

    def ratio(self, rule: Ratio) -> Told:
        say, notes = self.say, [*self._bonus(rule.bonus)]
        grids = (grid(rule.rows, _percent, say("比例", "ratio"), say),) if rule.linear is None else ()
        if (line := rule.linear) is not None:
            told = f"{_percent(line.start)} + {_percent(line.per_year)} × "
            notes.insert(0, say(f"{told}年龄，最高 {_percent(line.most)}", f"{told}age, at most {_percent(line.most)}"))
        return Told(say("支付比例", "ratio"), grids, tuple(notes))

    def bands(self, rule: Bands) -> Told:
        say = self.say
        notes = (say.name(MEASURED, rule.measured), say.name(STARTS, rule.counted_from), say.name(CONTINUES, rule.continues))
        return Told(say("分段支付比例", "bands"), (self._banded(rule.bands),), (say("；", "; ").join(notes), *self._bonus(rule.bonus)))

    def cap(self, rule: Cap) -> Told:
        say = self.say
        notes = [say.name(COUNTS, rule.counts)]
        if rule.shared:
            told = say.name(BENEFITS, rule.shared)
            notes.append(say(f"与同名限额合并计算：{told}", f"counted together with caps that name {told}"))
        if rule.by_disease:
            notes.append(say("各病种分别累计", "each disease counts for itself"))
        if rule.above == "fees":
            notes.append(say("超出的按费用算", "what lies above are the fees"))
        several, more = [], yuan(rule.more_a_disease or 0)
        if rule.more_a_disease is not None:
            several.append(say(f"几个病种取限额最高的，每多一个加 {more} 元，合并累计",
                               f"of several diseases the highest, {more} yuan more for each further one, counted together"))
        table = grid(rule.amount, self.amount, say("元", "yuan"), say)
        return Told(self._titled(("最高支付限额", "cap"), PER, rule.per), (table,), (say("；", "; ").join(notes), *several))

    def fixed(self, rule: Fixed) -> Told:
        say = self.say
        title = say("定额", "fixed sum") if rule.mode == "fixed" else say("限额", "ceiling")
        notes = [say("低于定额的差额发给本人", "what the sum exceeds the cost by is paid to the person") if rule.mode == "fixed" else say(
            "限额以内按实际费用支付", "the cost is paid up to the ceiling")]
        if rule.more_a_child:
            more = yuan(rule.more_a_child)
            notes.append(say(f"每多一孩加 {more} 元", f"{more} yuan more for each further child"))
        return Told(title, (grid(rule.amount, self.amount, say("元", "yuan"), say),), tuple(notes))

    def item(self, rule: Item) -> Told:
        say = self.say
        notes = [say("按目录直接报销比例", "at the catalogue's own ratio")] if rule.catalogue else []
        if not rule.capped:
            notes.append(say("不计入最高支付限额", "caps do not count it"))
        grids = () if rule.catalogue else (grid(rule.rows, _percent, say("比例", "ratio"), say),)
        return Told(say("单列项目", "items with a ratio of their own"), grids, tuple(notes))

    def exclude(self, rule: Exclude) -> Told:
        say = self.say
        told = {True: say("不予支付", "not paid"), False: say("支付", "paid")}
        return Told(say("不予支付的项目", "lines that are not paid"), (grid(rule.rows, told.__getitem__, "", say),))

    def out_of_area(self, rule: OutOfArea) -> Told:
        say = self.say
        return Told(say("异地就医", "out of area"), (grid(rule.rows, _percent, say.name(MODES, rule.mode), say),))

    def guarantee(self, rule: Guarantee) -> Told:
        say = self.say
        counted = [say.name(STARTS, rule.counted_from)] if rule.counted_from == "deductible" else []
        title = say.beside(say("保底", "guarantee"), say("，", ", ").join((say.name(GUARANTEED, rule.costs), say.name(FUNDS, rule.fund))))
        return Told(title, (grid(rule.ratio, _percent, say("比例", "ratio"), say),), (*counted, self._pays(rule.of)))

    def supplement(self, rule: Supplement) -> Told:
        say, unit = self.say, self.say("元", "yuan")
        notes = [say(f"计入：{say.listed(PARTS, rule.of)}", f"base: {say.listed(PARTS, rule.of)}")]
        if rule.when is not None:
            notes.append(say("限于：", "only for: ") + conditions(rule.when, say))
        notes.append(say.name(SUPPLEMENT_STARTS, rule.counted_from))
        notes += [self._more(bonus.earned_by, bonus.per_year, bonus.after, bonus.most) for bonus in rule.cap_bonus]
        tables = [(say("起付标准", "threshold"), rule.threshold), (say("最高支付限额", "cap"), rule.cap)]
        (threshold, cap) = ([grid(rows, self.amount, unit, say, name)] if rows is not None else [] for name, rows in tables)
        title = say.beside(say.name(BENEFITS, rule.name), say("，", ", ").join((say.name(PER, rule.per), say.name(FUNDS, rule.fund))))
        banded = self._banded(rule.bands, say("支付比例", "ratio"))
        return Told(title, (*threshold, banded, *cap), (*notes, *self._bonus(rule.bonus)))

    def account(self, rule: Account) -> Told:
        say = self.say
        first = (say("家庭共济前先用本人账户", "before the family wallet the own account pays"),) if rule.with_family else ()
        return Told(say("个人账户", "personal account"), (), (self._pays(rule.pays), *first))

    def wallet(self, rule: FamilyWallet) -> Told:
        return Told(self.say("家庭共济", "family wallet"), (), (self._pays(rule.pays),))

    def _titled(self, name: tuple[str, str], names: Names, code: str) -> str:
        return self.say.beside(self.say(*name), self.say.name(names, code))

    def _pays(self, parts: Sequence[str]) -> str:
        return self.say(f"可支付：{self.say.listed(PARTS, parts)}", f"may pay: {self.say.listed(PARTS, parts)}")

    def _banded(self, bands: Sequence[Band], name: str = "") -> Grid:
        told = zip(self._ranges(bands), (band.ratio for band in bands), strict=True)
        return band_grid([*told], _percent, self.say, name)

    def _ranges(self, bands: Sequence[Band]) -> Iterator[str]:
        """A band begins where the one before it ends, where all have the same conditions; else only its bound is told."""
        same = len({frozenset(row.when for row in band.ratio.rows) for band in bands}) == 1
        low = ""
        for band in bands:
            if band.upto is None:
                yield self.say(f"{low} 以上", f"above {low}") if same and low else self.say("以上全部", "all above")
            else:
                bound = self.amount(band.upto)
                yield f"{low} – {bound}" if same and low else self.say(f"至 {bound}", f"up to {bound}")
                low = bound

    def _bonus(self, bonus: Bonus | None) -> Iterator[str]:
        if bonus is None:
            return
        say = self.say
        most = say(f"，合计最高 {_percent(bonus.most)}", f", at most {_percent(bonus.most)} in all")
        for told in notes_of(bonus.points, lambda value: "+" + _points(value, say), say):
            yield say("加成 ", "bonus ") + told + most

    def _more(self, earned_by: str, per_year: int, after: int, most: int) -> str:
        say, what = self.say, self.say.name(EARNED, earned_by)
        since = say(f"满 {after} 年后", f" beyond {after} years") if after else ""
        return say(
            f"{what}{since}每年提高限额 {yuan(per_year)} 元，最高 {yuan(most)} 元",
            f"{what}{since}: the cap grows by {yuan(per_year)} yuan a year, at most by {yuan(most)}",
        )


_KINDS: Mapping[str, Callable[[Teller, Any], Told]] = {
    "deductible": Teller.deductible, "ratio": Teller.ratio, "bands": Teller.bands, "cap": Teller.cap, "fixed": Teller.fixed,
    "item": Teller.item, "exclude": Teller.exclude, "out_of_area": Teller.out_of_area, "guarantee": Teller.guarantee, "supplement": Teller.supplement,
    "account": Teller.account, "wallet": Teller.wallet,
}


def _percent(ratio: Decimal) -> str:
    return percent(ratio_text(ratio))


def _part(factor: Decimal) -> str:
    return f"× {_percent(factor)}"


def _points(value: Decimal, say: Words) -> str:
    number = _percent(value).removesuffix("%")
    return say(f"{number} 个百分点", f"{number} points")
