"""The page of a place and day: who is insured where, what each plan pays step by step, and the texts that say so."""

from collections.abc import Iterator, Sequence
from datetime import date

from policies.book import Book
from policies.family import FamilyRule
from policies.places import Region
from policies.reversal.rules import ReversalRule, rule_on
from policies.settlement.plan import Benefit, Plan, StepRule
from policies.show import reimbursement, reversal
from policies.show.filing import filing_sections
from policies.show.kinds import Teller
from policies.statement.paper import Row, Section, Statement
from policies.statement.selectors import VALUES
from policies.statement.words import BENEFITS, INSURANCES, PLACES, Names, Words
from policies.tables import KNOWN

DATES: Names = {
    "begndate": ("入院或就诊日期", "the day of admission or visit"), "enddate": ("出院日期", "the day of discharge"),
    "setl_date": ("结算日期", "the day of settlement"),
}
KIN: Names = {
    "spouse": ("配偶", "spouse"), "parent": ("父母", "parent"), "child": ("子女", "child"), "sibling": ("兄弟姐妹", "sibling"),
    "grandparent": ("祖父母、外祖父母", "grandparent"), "grandchild": ("孙子女、外孙子女", "grandchild"),
}


def region_named(book: Book, name: str) -> Region | None:
    """A place of insurance by its code, its name in either language, or the name of its folder."""
    folders = {plan.place: plan.id.partition("/")[0] for plans in book.plans.values() for plan in plans}
    for region in book.regions.values():
        folder = folders.get(region.admdvs, "")
        if name.casefold() in (region.admdvs, region.zh, region.en.casefold(), folder, folder.partition("-")[2]):
            return region
    return None


def plans_on(book: Book, region: Region, day: date, insutype: str | None = None, care: str | None = None) -> list[Plan]:
    """The plans of a place in force on ``day``, by type of insurance; those that pay for ``care`` where it is named."""
    return [
        plan for (place, kind), versions in sorted(book.plans.items()) for plan in versions
        if place == region.admdvs and insutype in (None, kind) and plan.in_force(day) and [*_benefits(plan, care)]
    ]


def benefits_page(book: Book, region: Region, plans: Sequence[Plan], day: date, lang: str, care: str | None = None) -> Statement:
    """The page of ``plans``, all of one place. ``lang``: zh or en; ``care``: only the benefits for it."""
    page = _Page(book, region, day, Words(lang))
    sections = [page.head()]
    for plan in plans:
        sections += page.plan(plan, care)
    if (family := book.family(region.admdvs, day)) is not None:
        sections.append(page.family(family))
    sections += page.filing() if care is None else []
    if (by_hand := page.by_hand()) is not None:
        sections.append(by_hand)
    if (undoing := rule_on(book.reversals, region.admdvs, day)) is not None:
        sections.append(page.undoing(undoing))
    return Statement(page.title(), lang, (*sections, page.sources()))


class _Page:
    """Writes the sections, and remembers which sources they named."""

    def __init__(self, book: Book, region: Region, day: date, say: Words) -> None:
        self._book, self._region, self._day, self._say = book, region, day, say
        self._teller = Teller(say, book.indexes_on(region.admdvs, day))
        self._named: dict[str, None] = {}

    def title(self) -> str:
        say = self._say
        return say(f"{self._region.zh}医疗保险待遇", f"Benefits of medical insurance: {self._region.en}")

    def head(self) -> Section:
        say, region = self._say, self._region
        rows = [Row((say("参保地", "place of insurance"), say.beside(say(region.zh, region.en), region.admdvs))),
                Row((say("日期", "on"), str(self._day))), Row((say("规则库摘要", "digest of the rulebook"), self._book.digest[:16]))]
        return Section("", tuple(rows))

    def plan(self, plan: Plan, care: str | None) -> Iterator[Section]:
        say = self._say
        until = say(f" 至 {plan.enddate}", f" to {plan.enddate}") if plan.enddate else say(" 起", " on")
        rows = (Row((say("方案", "plan"), plan.id)), Row((say("有效期", "in force"), f"{plan.begndate}{until}")),
                Row((say("出处", "source"), self._cited(plan.source))))
        yield Section(say.coded(INSURANCES, plan.insutype), rows, notes=self._choices(plan.choices))
        shown = [*_benefits(plan, care)]
        then = [rule for rule in shown[0].steps if "#then." in rule.origin.rule]
        for benefit in shown:
            yield self._benefit(benefit)
            for number, rule in enumerate((rule for rule in benefit.steps if rule not in then), 1):
                yield from self._step(f"{number}. ", rule)
        if then:
            yield Section(say("以上待遇之后", "Behind all of these"))
            for number, rule in enumerate(then, 1):
                yield from self._step(f"{number}. ", rule)

    def family(self, rule: FamilyRule) -> Section:
        say = self._say
        rows = (
            Row((say("账户", "account"), say.coded(INSURANCES, rule.insutype))),
            Row((say("可共济的亲属", "relatives"), say.listed(KIN, rule.kin))),
            Row((say("亲属的参保地（区划）", "where they are insured (codes)"), ", ".join(rule.scope))),
            Row((say("出处", "source"), self._cited(rule.source))),
        )
        return Section(say("个人账户家庭共济", "Account shared with the family"), rows)

    def filing(self) -> Iterator[Section]:
        return filing_sections(self._book, self._region, self._day, self._say, self._cited)

    def by_hand(self) -> Section | None:
        return reimbursement.section(self._book.reimbursement, self._region.admdvs, self._day, self._say, self._cited)

    def undoing(self, rule: ReversalRule) -> Section:
        return reversal.section(rule, self._say, self._cited)

    def sources(self) -> Section:
        """The texts that the page names, quoted."""
        rows = []
        for id in self._named:
            source = self._book.sources[id]
            rows.append(Row((id, source.title), (self._say(f"“{source.quote}”", f"“{source.quote}”"),)))
        return Section(self._say("出处原文", "The texts"), tuple(rows))

    def _benefit(self, benefit: Benefit) -> Section:
        say = self._say
        places = say.listed(PLACES, [place for place in KNOWN["place"] if place in benefit.where])
        cares = say.listed(VALUES["care"], [care for care in KNOWN["care"] if care in benefit.care])
        rows = [Row((say("医疗类别", "care"), cares)), Row((say("就医地", "place of care"), places)),
                Row((say("规则版本看", "version by"), say.name(DATES, benefit.dated_by))),
                Row((say("累计年度看", "year by"), say.name(DATES, benefit.year_by))),
                Row((say("年龄看", "age on"), say.name(DATES, benefit.age_on)))]
        if benefit.manual_year_by != benefit.year_by:
            rows.insert(-1, Row((say("手工报销的累计年度看", "year by, claimed by hand"), say.name(DATES, benefit.manual_year_by))))
        if benefit.referral_days:
            rows.append(Row((say("转诊有效天数", "days that a referral is valid"), str(benefit.referral_days))))
        notes = (*self._admissions(benefit), *self._choices(benefit.choices))
        return Section(say("待遇：", "Benefit: ") + say.name(BENEFITS, benefit.name), tuple(rows), notes=notes)

    def _admissions(self, benefit: Benefit) -> Iterator[str]:
        """What counts as an admission, where the plan says otherwise than usual."""
        say, rule = self._say, benefit.admissions
        if rule.interim == "new":
            yield say("中途结算后按再次住院计算。", "After an interim settlement a stay counts as a new one.")
        if rule.days is not None:
            yield say(f"连续住院超过 {rule.days} 天按再次住院计算。", f"A stay that goes on beyond {rule.days} days counts as a new one.")
        if not rule.transfer:
            yield say("转院不计住院次数。", "A transfer does not count as an admission.")
        if not rule.day_surgery:
            yield say("日间手术不计住院次数。", "Day surgery does not count as an admission.")
        if rule.cross_year:
            yield say("跨年住院在新年再计一次。", "A stay over New Year counts again in the new year.")
        if benefit.split_at_new_year:
            yield say("跨年住院须在年末结算一次。", "A stay over New Year has to be settled at the end of the year.")

    def _step(self, number: str, rule: StepRule) -> Iterator[Section]:
        told = self._teller.told(rule)
        choice = self._choices((rule.origin.choice,) if rule.origin.choice else ())
        notes = (*told.notes, *map(self._source, (rule.origin.source, *rule.origin.beside)), *choice)
        grids = told.grids
        if not grids:
            yield Section(number + told.title, notes=notes)
        for place, table in enumerate(grids, 1):
            title = " · ".join(part for part in (number + told.title if place == 1 else "", table.name) if part)
            yield Section(title, table.lines, table.columns, notes if place == len(grids) else ())

    def _source(self, id: str) -> str:
        return self._say(f"出处：{self._cited(id)}", f"Source: {self._cited(id)}")

    def _cited(self, id: str) -> str:
        self._named[id] = None
        return f"{id} {self._book.sources[id].title}"

    def _choices(self, choices: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._say("选择：", "Choice: ") + self._say.half(choice) for choice in choices)


def _benefits(plan: Plan, care: str | None) -> Iterator[Benefit]:
    return (benefit for benefit in plan.benefits if care is None or care in benefit.care)
