"""What the selectors of the rulebook and their values are called: why a value was chosen and no other."""

from collections.abc import Iterator, Mapping

from policies.names import CATEGORIES
from policies.statement.words import CLASSES, HOSPITALS, INSURANCES, ITEM_TYPES, LEVELS, PLACES, Names, Words

YES_NO: Names = {"yes": ("是", "yes"), "no": ("否", "no")}
SELECTORS: Names = {
    "insutype": ("险种", "insurance"), "status": ("人员", "person"), "identity": ("身份", "identity"), "age": ("年龄", "age"),
    "years": ("连续参保", "insured without a break"), "cvlserv": ("公务员", "civil servant"), "care": ("医疗类别", "type of care"),
    "disease": ("病种", "disease"), "maternity": ("生育类别", "kind of birth"), "fetus": ("胎儿数", "children born"),
    "level": ("机构级别", "level of the provider"), "hosp_lv": ("医院等级", "grade of the hospital"),
    "provider": ("机构类型", "type of provider"), "fee_class": ("收费类别", "class of fees"), "place": ("就医地", "place of care"),
    "filing": ("备案类别", "filing"), "filed": ("已备案", "filed"), "away": ("长期异地备案后回参保地就医", "filed away, treated at home"),
    "emergency": ("急诊抢救", "emergency"), "referral": ("本地转诊有效", "local referral valid"), "route": ("结算方式", "route"),
    "online": ("互联网问诊", "online"), "injury": ("外伤", "injury"), "admission": ("本年第几次住院", "stay of the year"),
    "class": ("收费项目等级", "class of the item"), "item_type": ("收费项目类别", "type of item"), "item_kind": ("目录特项", "kind of item"),
    "prescription": ("有处方", "on prescription"),
}
_LEVELS: Names = {
    **LEVELS, "village": ("村卫生室", "village clinic"), "community": ("社区卫生服务机构", "community centre"),
}
_STATUS: Names = {
    "working": ("在职", "working"), "retired": ("退休", "retired"), "minor": ("未成年居民", "minor"), "adult": ("成年居民", "adult"),
    "aged": ("老年居民", "aged"), "resident": ("居民", "resident"), "veteran": ("离休", "retired with honours"),
}
_CARE: Names = {
    "outpatient": ("普通门诊", "outpatient"), "screening": ("癌症筛查", "cancer screening"), "emergency": ("急诊", "emergency"), "chronic": ("门诊慢特病", "chronic disease"),
    "two_diseases": ("门诊两病", "two diseases"), "single_disease": ("门诊单病种", "single disease, outpatient"),
    "nucleic_acid_test": ("核酸检测", "nucleic acid test"), "special_drug": ("特药", "special drug"), "inpatient": ("普通住院", "inpatient"),
    "injury": ("外伤住院", "inpatient, injury"), "day_surgery": ("日间手术", "day surgery"), "home_bed": ("家庭病床", "bed at home"),
    "pharmacy": ("药店购药", "pharmacy"), "online": ("互联网问诊", "online"),
    "maternity_outpatient": ("生育门诊", "maternity, outpatient"), "maternity_inpatient": ("生育住院", "maternity, inpatient"),
}
_IDENTITIES: Names = {
    "extreme_poor": ("特困人员", "in extreme poverty"), "poor": ("困难人员", "poor"), "subsistence": ("低保对象", "on subsistence allowance"),
    "marginal": ("低保边缘", "low income"), "returned_poor": ("返贫致贫人口", "fallen into poverty"), "favoured": ("优抚对象", "entitled group"),
}
_MATERNITY: Names = {
    "natural": ("顺产", "natural birth"), "difficult": ("难产", "difficult birth"), "caesarean": ("剖宫产", "caesarean"),
    "assisted": ("助娩产", "assisted birth"), "abortion": ("流产", "abortion"), "induction": ("引产", "induced labour"),
    "antenatal": ("产前检查", "antenatal care"), "sterilisation": ("计划生育手术", "family planning operation"),
}
_PROVIDERS: Names = {
    "hospital": ("医院", "hospital"), "community": ("社区卫生服务机构", "community centre"), "village": ("村卫生室", "village clinic"),
    "tcm_hospital": ("中医医院", "hospital of Chinese medicine"), "clinic": ("诊所", "clinic"), "pharmacy": ("定点药店", "pharmacy"), "internet": ("互联网医院", "internet hospital"),
}
_FEE_CLASSES: Names = {"1": ("一类", "class 1"), "2": ("二类", "class 2"), "3": ("三类", "class 3")}
_ROUTES: Names = {"direct": ("直接结算", "direct"), "manual": ("手工报销", "manual reimbursement")}
_ITEM_KINDS: Names = {
    "negotiated": ("谈判药品", "negotiated drug"), "chinese": ("中医药", "Chinese medicine"),
    "herbal": ("中药饮片", "herbal piece"), "implant": ("植入材料", "implant"),
}
VALUES: Mapping[str, Names] = {
    "insutype": INSURANCES, "status": _STATUS, "identity": _IDENTITIES, "care": _CARE, "maternity": _MATERNITY, "level": _LEVELS,
    "hosp_lv": HOSPITALS, "provider": _PROVIDERS, "fee_class": _FEE_CLASSES, "place": PLACES, "route": _ROUTES,
    "filing": {**CATEGORIES, "none": ("无", "none")}, "filed": {**YES_NO, "late": ("补备案", "late")},
    "class": CLASSES, "item_type": ITEM_TYPES, "item_kind": _ITEM_KINDS,
    **dict.fromkeys(("away", "emergency", "referral", "online", "injury", "cvlserv", "prescription"), YES_NO),
}
"""By selector; what has no name here (a disease, a name of the region's own) is told as it is."""
_UNITS: Names = {"age": ("{} 周岁", "{} years"), "years": ("{} 年", "{} years")}


def because(facts: Mapping[str, str], say: Words, *more: str) -> str:
    """In brackets why a value was chosen: ``more``, then the facts that chose it; empty where there is nothing to say."""
    told = [*more, *_chosen(facts, say)]
    return say(f"（{'，'.join(told)}）", f" ({', '.join(told)})") if told else ""


def _chosen(facts: Mapping[str, str], say: Words) -> Iterator[str]:
    for name in SELECTORS:
        if name == "admission" and name in facts:
            yield say(f"本年第 {facts[name]} 次住院", f"stay {facts[name]} of the year")
        elif name in facts:
            yield say.name(SELECTORS, name) + say("：", ": ") + _value(name, facts[name], say)


def _value(name: str, value: str, say: Words) -> str:
    return say(*_UNITS[name]).format(value) if name in _UNITS else say.name(VALUES.get(name, {}), value)
