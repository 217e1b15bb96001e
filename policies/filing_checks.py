"""What is wrong with a request about a filing: every complaint at once, by the rules of the place of insurance on the day."""

from collections.abc import Iterator
from datetime import timedelta

from contracts.events.enrolment import EMPLOYEES
from contracts.events.filing import CARE_CATEGORIES, NEW, Filing
from contracts.reasons import Bilingual, Reason, no_rule, reason
from policies.calendar import add_months, last_day
from policies.filing_asked import Asked
from policies.filing_rules import Paper
from policies.names import CATEGORIES as CATEGORY_NAMES, CHANNELS, MATERIALS, PROVINCES, called, either, listed
from policies.places import covers

KEPT_PENDING = ("redeem", "cancel")
"""What may be done with a filing that is pending."""


def complaints(asked: Asked, limit: int) -> list[Reason]:
    """Every reason to refuse it; papers are among them where it is refused for something else, or is a change."""
    if not asked.facts.insuinfo:
        return [reason("unknown_person", "psn_no", psn_no=asked.request.psn_no)]
    found = [*_named(asked), *_insured(asked), *_where(asked), *_counted(asked, limit), *_how(asked)]
    found += [*_category(asked), *_hospitals(asked), *_validity(asked), *_change(asked), *_letter(asked)]
    return [*found, *missing_papers(asked)] if found or asked.request.oper == "change" else found


def missing_papers(asked: Asked) -> Iterator[Reason]:
    """What has still to be handed in: of each group of papers one, unless the letter stands in for it."""
    if asked.rule is None or not asked.anew_papers or (asked.request.oper == "redeem" and not asked.awaited):
        return
    promised = asked.promised and _letter_counts(asked)
    for paper in asked.rule.papers:
        if not asked.handed_in(paper) and not (paper.letter and promised):
            missing = either(called(MATERIALS, code) for code in paper.one_of)
            yield reason(_paper_code(asked, paper), "materials", category=Bilingual(asked.rule.zh, asked.rule.en), missing=missing)


def _paper_code(asked: Asked, paper: Paper) -> str:
    """Due: where a letter would do, where none would, or because an earlier letter promised it."""
    if paper.letter and _letter_counts(asked):
        return "materials_missing"
    old = asked.facts.filing
    on_letter = asked.request.oper == "redeem" and old is not None and old.pending is None and old.letter == "given"
    return "materials_promised" if on_letter else "materials_only"


def _letter_counts(asked: Asked) -> bool:
    """A letter stands in for materials, but not for those that an earlier letter promised."""
    return asked.request.oper != "redeem" or (asked.facts.filing is not None and asked.facts.filing.pending is not None)


def _named(asked: Asked) -> Iterator[Reason]:
    """The filing that is named: there is one, it holds still (changed or its letter broken, never again), and lacks no papers."""
    request, old = asked.request, asked.facts.filing
    if request.oper in NEW:
        return
    if old is None or old.insutype != request.insutype:
        yield reason("unknown_filing", "trt_dcla_detl_sn", number=request.trt_dcla_detl_sn)
        return
    over = request.oper in ("change", "extend") and old.over
    if old.enddate is not None and (over or old.enddate < request.begndate):
        yield reason("filing_ended", "begndate", number=old.trt_dcla_detl_sn, enddate=old.enddate)
    if old.pending and request.oper not in KEPT_PENDING:
        yield reason("filing_incomplete", "trt_dcla_detl_sn", number=old.trt_dcla_detl_sn)


def _insured(asked: Asked) -> Iterator[Reason]:
    """Insured on the first day, for what begins then; a filing belongs to the place of insurance that took it."""
    request, old, spell = asked.request, asked.facts.filing, asked.spell
    if not asked.begins and request.oper != "extend":
        return
    if spell is None:
        yield reason("not_insured", "insutype", date=request.begndate, insutype=request.insutype)
    elif old is not None and old.insuplc_admdvs != spell.insuplc_admdvs:
        yield reason("filing_of_other_insurance", "trt_dcla_detl_sn", old=old.insuplc_admdvs, new=spell.insuplc_admdvs)


def _where(asked: Asked) -> Iterator[Reason]:
    """Care there has to be filed for at all."""
    if not asked.begins or asked.spell is None:
        return
    region = asked.book.regions.get(asked.place)
    if region is None:
        yield no_rule("insutype", f"参保地 {asked.place}", f"place of insurance {asked.place}")
    elif asked.category in CARE_CATEGORIES and asked.area:  # without one: a change of a filing that is unknown
        where = region.place_of(asked.area)
        if asked.area[:2] not in PROVINCES:
            yield reason("unknown_area", "mdtrtarea_admdvs", area=asked.area)
        elif asked.unneeded:
            yield reason("no_filing_needed", "mdtrtarea_admdvs", place=asked.area)
        elif asked.term(where) is None:
            day = asked.request.begndate
            yield no_rule("mdtrtarea_admdvs", f"就医备案 {where} {day}", f"filing for care {where} {day}")


def _counted(asked: Asked, limit: int) -> Iterator[Reason]:
    if asked.begins and asked.facts.in_force >= limit:
        yield reason("too_many_filings", None, limit=limit)


def _how(asked: Asked) -> Iterator[Reason]:
    """Channel, reason, and the day on which it was asked for."""
    request = asked.request
    channels = asked.term("channels")
    if request.dcla_souc is not None and channels is not None and request.dcla_souc not in channels:
        yield reason("channel_not_taken", "dcla_souc", channel=request.dcla_souc, allowed=listed(called(CHANNELS, code) for code in channels))
    if asked.begins and asked.term("reason") and request.rloc_rea is None:
        yield reason("reason_missing", "rloc_rea")
    if request.oper == "late" and asked.place and asked.term("late") is None:
        yield no_rule("oper", f"补办备案 {request.begndate}", f"late filing {request.begndate}")
    past = request.dcla_date is not None and request.begndate < request.dcla_date
    if request.oper == "late" and not past:
        yield reason("not_late", "oper", begndate=request.begndate, date=request.dcla_date)
    elif asked.begins and request.oper != "late" and past:
        yield reason("backdated", "begndate", begndate=request.begndate, date=request.dcla_date)


def _category(asked: Asked) -> Iterator[Reason]:
    """A category that the place takes on the day, for this insurance, with what it has to name."""
    request, rule = asked.request, asked.rule
    if not asked.begins or not asked.category or asked.spell is None or asked.place not in asked.book.regions:
        return  # without a category: a change of a filing that is unknown
    taken = asked.book.filing.open_to(asked.place, request.begndate)
    if rule is None or (asked.category in CARE_CATEGORIES and asked.category not in taken):
        category, day = asked.category, request.begndate
        if taken:
            yield reason("category_not_taken", "category", category=called(CATEGORY_NAMES, category), date=day, allowed=listed(called(CATEGORY_NAMES, one) for one in taken))
        else:
            yield no_rule("category", f"备案 {category} {day}", f"filing {category} {day}")
        return
    if rule.insutypes and request.insutype not in rule.insutypes:
        yield reason("category_not_for_insurance", "category", category=Bilingual(rule.zh, rule.en), insutype=request.insutype)
    if rule.retired and request.insutype == EMPLOYEES and not asked.spell.retired_on(request.begndate):
        yield reason("category_not_for_working", "category", category=Bilingual(rule.zh, rule.en), date=request.begndate)
    for name in rule.names:
        if getattr(request, name) is None:
            yield reason("approval_names_nothing", name, category=Bilingual(rule.zh, rule.en))


def _hospitals(asked: Asked) -> Iterator[Reason]:
    """As many as the place of insurance asks for, of the place of care, where it files for hospitals."""
    if not asked.begins or asked.category not in CARE_CATEGORIES or asked.spell is None or not asked.area or asked.unneeded:
        return
    unit, chosen, field = asked.term("unit"), asked.hospitals or (), "fixmedins_codes"
    if unit is None:
        yield no_rule(field, f"备案单位 {asked.request.begndate}", f"unit of a filing {asked.request.begndate}")
    elif unit == "place":
        if chosen:
            yield reason("hospitals_not_chosen", field, area=asked.area)
        return
    most = asked.term("most_hospitals")
    if unit is not None and (not chosen or (most is not None and len(chosen) > most)):
        yield reason("hospitals_needed", field, least=1, most=most or Bilingual("无", "none"), got=len(chosen))
    levels: dict[str, str] = {}
    for code in chosen:
        provider = asked.book.provider(code, asked.request.begndate)
        if provider is None:
            yield reason("unknown_provider", field, code=code)
        elif not covers(asked.area, provider.admdvs):
            yield reason("hospital_elsewhere", field, code=code, place=provider.admdvs, area=asked.area)
        elif unit == "hospital_a_level" and (other := levels.setdefault(provider.dedc_hosp_lv, code)) != code:
            yield reason("hospitals_of_one_level", field, code=code, other=other, level=provider.dedc_hosp_lv)


def _validity(asked: Asked) -> Iterator[Reason]:
    """The last day that is asked for."""
    request, old, rule = asked.request, asked.facts.filing, asked.rule
    if request.oper == "extend" and old is not None:
        yield from _extension(asked, old)
    if rule is None or not asked.begins or request.enddate is None or asked.least_end is None or not asked.anew:
        return
    if rule.validity == "at_least" and request.enddate < asked.least_end:
        yield reason("filing_too_short", "enddate", months=rule.months, until=asked.least_end)
    elif rule.validity == "fixed" and request.enddate != asked.least_end:
        yield reason("filing_fixed", "enddate", months=rule.months, until=asked.least_end)


def _extension(asked: Asked, old: Filing) -> Iterator[Reason]:
    asked_for = asked.extended_to
    if old.enddate is None:
        yield reason("nothing_to_extend", "trt_dcla_detl_sn", number=old.trt_dcla_detl_sn)
    elif asked.rule is None:
        yield no_rule("category", f"备案 {old.category} {asked.request.begndate}", f"filing {old.category} {asked.request.begndate}")
    elif asked_for is None:  # as long as its category may last: until it is changed
        return
    elif asked_for <= old.enddate:
        yield reason("extension_too_short", "enddate", enddate=old.enddate)
    elif asked.rule.validity == "fixed" and asked_for != (due := last_day(old.enddate + timedelta(days=1), asked.rule.months)):
        yield reason("filing_fixed", "enddate", months=asked.rule.months, until=due)


def _change(asked: Asked) -> Iterator[Reason]:
    """How soon and how often a filing may be changed or cancelled."""
    request, old = asked.request, asked.facts.filing
    if old is None or request.oper not in ("change", "cancel"):
        return
    months = asked.term("months_to_change" if request.oper == "change" else "months_to_cancel")
    earliest = add_months(old.begndate, months) if months else old.begndate if request.oper == "change" else None
    if earliest is not None and request.begndate < earliest:
        code = "change_too_early" if request.oper == "change" else "cancel_too_early"
        yield reason(code, "begndate", begndate=old.begndate, earliest=earliest)
    if request.oper == "cancel":
        return
    most = asked.term("changes_a_year")
    if asked.term("change") is None:
        yield no_rule("oper", f"变更备案 {request.begndate}", f"change of a filing {request.begndate}")
    if most is not None and asked.changes >= most:
        yield reason("too_many_changes", "oper", most=most, year=request.begndate.year, next=request.begndate.year + 1)
    if (asked.area, asked.category, {*(asked.hospitals or ())}) == (old.mdtrtarea_admdvs, old.category, {*(old.hospitals or ())}):
        yield reason("nothing_changes", "oper", number=old.trt_dcla_detl_sn)


def _letter(asked: Asked) -> Iterator[Reason]:
    """A letter can be redeemed or broken where one stands in for materials; papers also complete a pending filing."""
    old, oper = asked.facts.filing, asked.request.oper
    waiting = asked.awaited if oper == "redeem" else old is not None and old.letter == "given"
    if oper in ("redeem", "break") and old is not None and not waiting:
        yield reason("no_letter", "trt_dcla_detl_sn", number=old.trt_dcla_detl_sn)
