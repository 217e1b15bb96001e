"""What is doubtful where benefits count together, or one version of a plan follows another: it can be meant, and hardly ever is.

Accumulators are found by name alone (``policies.accumulators``): under a new name within the year a deductible is charged
again and a cap is paid out again, and what is to be shared counts alone under a name that stands nowhere else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from policies.book import Book
from policies.maps import Dated
from policies.places import NATION
from policies.settlement.bands import Bands
from policies.settlement.cap import YEARLY, Cap
from policies.settlement.deductible import Deductible
from policies.settlement.plan import Benefit, Plan, StepRule
from policies.settlement.read import DATES
from policies.settlement.supplement import Supplement
from policies.values import shown

Version = tuple[Plan, Benefit]
REFUSED = ("care", "level", "status", "disease", "maternity")
"""Maps without which a claim is refused, where the place has one of its own."""


def doubts(book: Book) -> list[str]:
    """What an author should look at, one line each: file, benefit, what happens, and what to do where it is not meant."""
    of_plans = (told for plans in book.plans.values() for find in (alone, never_together, handed_on) for told in find(plans))
    return list(dict.fromkeys([*of_plans, *unnamed_from(book), *unnamed_until(book)]))


def unnamed_from(book: Book) -> Iterator[str]:
    """Names that a map gives and the next one of its name no longer does: who had the name is refused, or no longer favoured."""
    for area, maps in book.maps.items():
        for name, tables in maps.items():
            for one, other in pairwise(tables):
                for lost in sorted(_given(one) - _given(other)):
                    yield f"{'national' if area == NATION else area}: maps.toml: {name}: {shown(lost)} 由 {one.begndate} 起的映射给出，" \
                        f"{other.begndate} 起的不再给出，后一张映射不沿用前一张的行，请补上该行 / {shown(lost)} is given by the map from " \
                        f"{one.begndate} on, and by none from {other.begndate} on; add its row, which the later map does not take over"


def unnamed_until(book: Book) -> Iterator[str]:
    """Maps of a place that begin behind the first care that its plans pay for, whose codes are then refused: maps are read on the first
    day of care, and a plan that goes by a later date pays for care that began before it."""
    for (area, _), plans in book.plans.items():
        begun = {name: tables[0].begndate for name, tables in book.maps.get(area, {}).items() if name in REFUSED}
        for plan in plans:
            at_once = all(benefit.dated_by == DATES[0] for benefit in plan.benefits)
            for name, day in begun.items():
                if day > plan.begndate or (day == plan.begndate and not at_once):
                    yield f"regions/{plan.id}.toml: plan: from: 为 {plan.begndate}，而 {area} 的映射 {name} 自 {day} 起：方案管到的、在该日之前开始的就医" \
                        f"没有 {name}，会被拒付，请让映射早些开始 / is {plan.begndate}, the map {name} of {area} begins on {day}: care that the plan " \
                        f"covers and that began before that day has no {name} and is refused; let the map begin earlier"


def _given(table: Dated) -> set[str]:
    return {row.value for row in table.rows.rows} if table.rows is not None else set()


def alone(plans: Sequence[Plan]) -> Iterator[str]:
    """Names under which steps are to count together, and which one step alone has; that of another version counts as a second."""
    steps = [(plan, benefit, rule, name) for plan in plans for benefit in plan.benefits for rule in benefit.steps
             if (name := getattr(rule, "shared", None)) is not None]
    count = Counter((rule.kind, name) for _, _, rule, name in steps)
    for plan, benefit, rule, name in steps:
        if count[rule.kind, name] == 1:
            yield f"{_where(plan, benefit)}: {rule.kind}: shared {shown(name)} 的名称别处没有，没有与它合并累计的步骤，请写其他步骤所用的名称，或删去 / " \
                f"shared {shown(name)} stands nowhere else, so nothing counts together with it; write the name that the others have, or remove it"


def never_together(plans: Sequence[Plan]) -> Iterator[str]:
    """Names that caps of several benefits have, and under which those of one count over another time, or by disease, unlike all others."""
    counted: dict[str, list[tuple[Plan, Benefit, set[tuple[str, bool]]]]] = defaultdict(list)
    for plan, benefit in ((one, benefit) for one in plans for benefit in one.benefits):
        caps = [rule for rule in benefit.steps if isinstance(rule, Cap) and rule.shared]
        for name in dict.fromkeys(str(rule.shared) for rule in caps):
            times = {(rule.per, rule.by_disease) for rule in caps if rule.shared == name}
            counted[name].append((plan, benefit, times))
    for name, found in counted.items():
        for plan, benefit, times in found if len(found) > 1 else ():
            if all(other is benefit or not times & theirs for _, other, theirs in found):
                yield f"{_where(plan, benefit)}: cap: shared {shown(name)} 在别处的 per 或 by_disease 不同，没有与它合并累计的步骤，请写与别处相同的，" \
                    f"或另取名称 / shared {shown(name)} has another per or by_disease elsewhere, so nothing counts together with it; write those " \
                    "of the others, or another name"


def handed_on(plans: Sequence[Plan]) -> Iterator[str]:
    """Of each care at each place: what happens where one version ends and the next one begins on the day after."""
    versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for plan in plans:
        for benefit in plan.benefits:
            for what in ((care, place) for care in sorted(benefit.care) for place in sorted(benefit.where)):
                versions[what].append((plan, benefit))
    for found in versions.values():
        for one, other in pairwise(found):
            yield from _dated(one, other)
            yield from _counted(one, other)
            yield from _measured(one, other)


def _dated(one: Version, other: Version) -> Iterator[str]:
    """Two versions that go by different dates of a claim, so that some claims fall under both; where they fall under neither is a
    gap (``policies.check``)."""
    (plan, benefit), (later, second) = one, other
    if DATES.index(benefit.dated_by) < DATES.index(second.dated_by):
        yield f"{_where(later, second)}: dated_by: 为 {second.dated_by}，而 {plan.id} 的为 {benefit.dated_by}：{benefit.dated_by} 不晚于 {plan.enddate} 且 " \
            f"{second.dated_by} 不早于 {later.begndate} 的单据两个版本都管，按 {plan.id} 结算，请让两者按同一日期确定 / " \
            f"is {second.dated_by}, that of {plan.id} is {benefit.dated_by}: a claim with " \
            f"{benefit.dated_by} until {plan.enddate} and {second.dated_by} from {later.begndate} on falls under both, and is decided by " \
            f"{plan.id}; date both by the same day"


def _counted(one: Version, other: Version) -> Iterator[str]:
    """What counts over the year under other names from a day within the year on."""
    (plan, benefit), (later, second) = one, other
    if not _within_a_year(plan, later):
        return
    before, behind = _names(benefit), _names(second)
    if not any("<" in name for name in behind.get("deductible", ())):  # what each level or provider has counted, all of them have
        before = {kind: {name.partition(".<")[0] for name in names} for kind, names in before.items()}
    for kind in sorted(before.keys() & behind.keys()):
        gone, come = sorted(before[kind] - behind[kind]), sorted(behind[kind] - before[kind])
        if gone and come:
            yield f"{_where(later, second)}: {kind}: 累计于 {', '.join(come)}，而 {plan.id} 累计于 {', '.join(gone)}：当年截至 {plan.enddate} 的累计" \
                "不再算数，请让两个版本的待遇（或 `shared`、补充）同名 / " \
                f"counts in {', '.join(come)}, {plan.id} in {', '.join(gone)}: what the year has " \
                f"counted until {plan.enddate} is forgotten; give the benefit, or `shared`, or the supplement the same name in both"


def _within_a_year(plan: Plan, later: Plan) -> bool:
    return plan.enddate is not None and plan.enddate.year >= later.begndate.year


def _measured(one: Version, other: Version) -> Iterator[str]:
    """What counts over the year under one name, and from a day within the year on counts something else."""
    (plan, benefit), (later, second) = one, other
    before, behind = _measures(benefit), _measures(second)
    for name in sorted(before.keys() & behind.keys()) if _within_a_year(plan, later) else ():
        if before[name] != behind[name]:
            yield f"{_where(later, second)}: {name}: 计 {behind[name]}，而 {plan.id} 计 {before[name]}：当年截至 {plan.enddate} 的累计会按 " \
                f"{behind[name]} 接着算，请让两个版本口径相同，或给待遇（或 `shared`）另取名称 / " \
                f"counts {behind[name]}, {plan.id} {before[name]}: what the year has counted until {plan.enddate} goes on as {behind[name]}; " \
                "count the same in both, or give the benefit, or `shared`, another name"


def _measures(benefit: Benefit) -> dict[str, str]:
    """What the accumulators of the year count whose names do not say it."""
    found = {}
    for rule in benefit.steps:
        if isinstance(rule, Bands) and rule.continues == "year":
            gross = rule.measured == "fees" and rule.counted_from == "zero"
            found[f"{benefit.name}.banded"] = "gross_fees" if gross else rule.measured
        elif isinstance(rule, Cap) and rule.shared and rule.per in YEARLY:
            found[rule.name] = rule.counts
    return found


def _names(benefit: Benefit) -> Mapping[str, set[str]]:
    """The accumulators of the year that the steps of a benefit go by, by kind of step."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in benefit.steps:
        if (name := _name(rule, benefit)) is not None:
            found[rule.kind].add(name)
    return found


def _name(rule: StepRule, benefit: Benefit) -> str | None:
    if isinstance(rule, Deductible):
        of_year = rule.per == "year" or rule.year_ceiling is not None
        if of_year:
            return rule.counted_as(benefit.name) + ".<level>" * rule.by_level + ".<provider>" * rule.by_provider
        return f"{benefit.name}.admissions" if rule.admission else None
    if isinstance(rule, Bands):
        return f"{benefit.name}.banded" if rule.continues == "year" else None
    if isinstance(rule, Supplement):
        return f"{rule.name}.base" if rule.per == "year" else None
    return (rule.yearly or f"{benefit.name}.hifp_pay") if isinstance(rule, Cap) and rule.per in ("year", "disease") else None


def _where(plan: Plan, benefit: Benefit) -> str:
    return f"regions/{plan.id}.toml: benefit {benefit.name}"
