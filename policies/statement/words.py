"""What codes are called, in Chinese and English: those of the national interface, and the names of the state."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from contracts.money import yuan
from policies.book import Book
from policies.names import PROVINCES, Names, Pair

INSURANCES: Names = {
    "310": ("职工基本医疗保险", "employees' basic medical insurance"),
    "390": ("城乡居民基本医疗保险", "residents' basic medical insurance"),
}
PERSONS: Names = {
    "11": ("在职", "working"), "1112": ("伤残军人退休", "disabled serviceman, retired"), "12": ("退休", "retired"),
    "13": ("离休", "retired with honours"), "1404": ("大学生", "student of a university"), "1701": ("城乡居民", "resident"),
    "14": ("居民（未成年）", "resident, minor"), "15": ("居民（成年）", "resident, adult"), "16": ("居民（老年）", "resident, aged"),
}
CARE: Names = {
    "11": ("普通门诊", "outpatient"), "1103": ("癌症筛查", "cancer screening"), "13": ("急诊", "emergency"),
    "14": ("门诊慢特病", "chronic disease, outpatient"), "18": ("特药购药", "special drug"), "21": ("普通住院", "inpatient"),
    "2102": ("单病种住院", "inpatient, single disease"), "2106": ("生育平产（居民）", "natural birth, resident"),
    "2107": ("生育剖宫产（居民）", "caesarean, resident"), "22": ("外伤住院", "inpatient, injury"),
    "28": ("日间手术", "day surgery"), "41": ("定点药店购药", "pharmacy"), "51": ("生育门诊", "maternity, outpatient"),
    "52": ("生育住院", "maternity, inpatient"), "71": ("家庭病床", "bed at home"), "9901": ("门诊两病", "two diseases, outpatient"),
    "990101": ("门诊单病种", "single disease, outpatient"), "990103": ("新冠病毒核酸检测", "test for Covid-19"),
}
HOSPITALS: Names = {
    "1": ("三级特等", "level 3, special grade"), "2": ("三级甲等", "level 3, grade A"), "3": ("三级乙等", "level 3, grade B"),
    "4": ("三级丙等", "level 3, grade C"), "5": ("二级甲等", "level 2, grade A"), "6": ("二级乙等", "level 2, grade B"),
    "7": ("二级丙等", "level 2, grade C"), "8": ("一级甲等", "level 1, grade A"), "9": ("一级乙等", "level 1, grade B"),
    "10": ("一级丙等", "level 1, grade C"), "11": ("无等级", "ungraded"), "12": ("三级无等", "level 3, no grade"),
    "13": ("二级无等", "level 2, no grade"), "14": ("一级无等", "level 1, no grade"),
}
LEVELS: Names = {
    "1": ("一级及以下", "level 1 or below"), "2": ("二级", "level 2"), "3": ("三级", "level 3"), "4": ("其他", "other"),
    "9": ("未定级", "ungraded"),
}
PLACES: Names = {
    "home": ("参保地内", "in the place of insurance"), "same_province": ("同省异地", "in the same province"),
    "other_province": ("跨省异地", "in another province"),
}
CLASSES: Names = {"01": ("甲类", "class A (甲)"), "02": ("乙类", "class B (乙)"), "03": ("丙类", "class C (丙)")}
CATALOGUES: Mapping[bool, Pair] = {
    False: ("就医地目录", "catalogue of the place of care"), True: ("参保地目录", "catalogue of the place of insurance"),
}
"""Whose catalogue prices a claim: by whether it is a manual reimbursement."""
OWN_EXPENSE: Names = {
    "not_listed": ("目录外", "not in the catalogue"), "class_c": ("丙类，全自费", "class C, own expense"),
    "not_approved": ("未经医院审批", "not approved by the hospital"),
    "not_for_diagnosis": ("限定诊断以外使用", "not for these diagnoses"), "herb_alone": ("中药饮片单味使用", "herbal piece used alone"),
    "not_for_insutype": ("不适用于该险种", "not for this type of insurance"),
    "not_for_level": ("不适用于该级别机构", "not at this level of provider"),
    "over_ceiling": ("单价超限价，全自费", "price above the ceiling, own expense"), "cut": ("审核扣减", "cut by review"),
}
ITEM_TYPES: Names = {
    "01": ("床位费", "bed"), "02": ("诊察费", "consultation"), "03": ("检查费", "examination"), "04": ("化验费", "laboratory"),
    "05": ("治疗费", "treatment"), "06": ("手术费", "operation"), "07": ("护理费", "nursing"), "08": ("卫生材料费", "materials"),
    "09": ("西药费", "western medicine"), "10": ("中药饮片费", "herbal pieces"), "11": ("中成药费", "Chinese patent medicine"),
    "12": ("一般诊疗费", "general consultation"), "13": ("挂号费", "registration"), "14": ("其他费", "other"),
}
"""med_chrgitm_type."""
FUNDS: Names = {
    "hifp_pay": ("基本医疗保险统筹基金", "pool of basic insurance"), "cvlserv_pay": ("公务员医疗补助", "civil servants' aid"),
    "hifes_pay": ("企业补充医疗保险", "enterprise supplement"), "hifmi_pay": ("居民大病保险", "residents' critical illness"),
    "hifob_pay": ("职工大额医疗费用补助", "employees' large amounts"), "hifdm_pay": ("伤残人员医疗保障基金", "disabled servicemen"),
    "maf_pay": ("医疗救助基金", "medical assistance"), "oth_pay": ("其他基金", "other funds"),
}
PARTS: Names = {
    "own_expense": ("全自费", "own expense"), "over_ceiling": ("超限价", "over ceiling"),
    "first_selfpay": ("先行自付", "first self-pay"), "not_covered": ("本待遇不予支付", "not covered by the benefit"),
    "out_selfpay": ("异地先行自付", "first self-pay out of area"), "deductible": ("起付线", "deductible"),
    "coinsurance": ("按比例自付", "coinsurance"), "over_cap": ("超支付限额", "above a cap"),
    "reduction": ("异地降低", "reduction out of area"),
}
OPERATIONS: Names = {
    "file": ("备案", "file"), "late": ("补备案", "file late"), "change": ("变更", "change"), "cancel": ("取消", "cancel"), "extend": ("延长", "extend"),
    "redeem": ("补齐材料", "hand in materials"), "break": ("承诺未履行", "letter broken"),
}
BEARS: Names = {
    "patient": ("个人", "the patient"), "provider": ("医药机构", "the provider"), "agency": ("经办机构", "the agency"),
    "nobody": ("不产生金额", "nobody: no amount arises"),
}
BENEFITS: Names = {
    "outpatient": ("门诊", "outpatient"), "screening": ("癌症筛查", "cancer screening"), "emergency": ("急诊", "emergency"), "chronic": ("门诊慢特病", "chronic diseases"),
    "two_diseases": ("门诊两病", "two diseases"), "special_drug": ("特药", "special drugs"), "inpatient": ("住院", "inpatient"),
    "day_surgery": ("日间手术", "day surgery"), "home_bed": ("家庭病床", "bed at home"), "pharmacy": ("药店购药", "pharmacy"),
    "maternity": ("生育", "maternity"), "maternity_outpatient": ("生育门诊", "maternity, outpatient"),
    "maternity_inpatient": ("生育住院", "maternity, inpatient"), "antenatal": ("产前检查", "antenatal care"),
    "outpatient_antenatal": ("门诊与产前检查", "outpatient and antenatal care"), "critical": ("大病保险", "critical illness"),
    "large": ("大额医疗费用补助", "large amounts"), "enterprise": ("企业补充保险", "enterprise supplement"),
    "civil_servants": ("公务员补助", "civil servants' aid"), "assistance": ("医疗救助", "medical assistance"),
    "second_assistance": ("二次救助", "second assistance"), "pool": ("统筹基金", "pool"),
}
"""Benefits and supplements; the rulebook may name others."""
ACCUMULATED: Names = {
    "deductible": ("起付线累计", "deductible paid"), "inscp_scp_amt": ("政策范围内费用累计", "fees in scope"),
    "hifp_pay": ("统筹基金支付累计", "paid by the pool"), "apart": ("不计封顶的统筹支付累计", "paid by the pool outside caps"),
    "admissions": ("次数", "stays settled"), "banded": ("分段累计", "measured by bands"),
    "last_deductible": ("上次起付线", "deductible of the last stay"), "last_enddate": ("上次出院日期", "last discharge"),
    "base": ("计入费用累计", "counted"), "paid": ("支付累计", "paid"), "funded": ("及此前各项基金支付累计", "paid by all funds up to it"),
    "zero_claim_used": ("零报销奖励已用次数", "bonus for years without a claim used"),
}
SHARED: Names = {"deductible": ("合并起付线累计", "deductible shared"), "cap": ("限额累计", "counted by cap")}
"""Accumulators under a name that benefits or caps share."""
COUNTS: Names = {
    "payments": ("支付额", "payments"), "fees": ("费用", "fees"), "gross_fees": ("含起付线的费用", "fees with the deductible"),
}
"""What a cap without such a name counts of its benefit."""
STAY: Names = {
    "admission": ("本年第几次住院", "number of the stay in the year"), "since": ("入院日期", "admission"), "until": ("结算至", "settled until"),
    "settlements": ("结算次数", "settlements"), "year": ("累计年度", "counted in"), "open": ("继续住院（1 是，0 否）", "goes on (1 yes, 0 no)"),
    "deductible": ("起付线", "deductible"), "fees": ("政策范围内费用", "fees in scope"), "paid": ("统筹基金支付", "paid by the pool"),
    "banded": ("分段累计", "measured by bands"), "due": ("尚未扣足的起付线", "deductible still due"),
    "credited": ("转诊前已扣起付线", "deductible counted from the stay before"),
    "apart": ("不计封顶的统筹支付", "paid by the pool outside caps"), "shared": ("限额已计费用", "fees counted by caps"),
    "fixed": ("定额已支付", "paid of the fixed sum"), "costs": ("医疗费总额", "whole bill"),
}
"""What an entry of a stay holds."""
COUNTED = frozenset({"admissions", "zero_claim_used"})
"""Accumulators that are counts, not fen."""
DAYS = frozenset({"last_enddate"})
"""Accumulators that are days, as their ordinals."""
class Words:
    """Says things in one language: ``words("中文", "English")``."""

    def __init__(self, lang: str) -> None:
        if lang not in ("zh", "en"):
            raise ValueError(f"language {lang!r} is unknown; use zh or en")
        self.lang = lang

    def __call__(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def name(self, names: Names, code: str) -> str:
        """What ``code`` is called; the code itself where nobody named it."""
        return self(*names[code]) if code in names else code

    def coded(self, names: Names, code: str) -> str:
        """``职工基本医疗保险（310）``; a longer code is called by the first digits that have a name, as maps read it."""
        known = next((some for some in (code, *(code[:size] for size in range(len(code) - 1, 1, -1))) if some in names), None)
        return self.beside(self(*names[known]), code) if known is not None else code

    def beside(self, name: str, code: str) -> str:
        """A name with its code in brackets."""
        return self(f"{name}（{code}）", f"{name} ({code})")

    def months(self, number: int) -> str:
        return self._count(number, "个月", "month")

    def days(self, number: int) -> str:
        return self._count(number, "天", "day")

    def _count(self, number: int, zh: str, en: str) -> str:
        return self(f"{number} {zh}", f"{number} {en}{'s' if number != 1 else ''}")

    def half(self, text: str) -> str:
        """This language's half of a text of the rulebook, ``中文 / English``; the whole where it has no halves."""
        zh, found, en = text.partition(" / ")
        return self(zh, en) if found else text

    def place(self, admdvs: str, book: Book | None) -> str:
        """A place by the regions of the rulebook, else by its province."""
        for code in (admdvs, admdvs[:4] + "00") if book else ():
            if code in book.regions:
                return self.beside(self(book.regions[code].zh, book.regions[code].en), admdvs)
        return self.coded(PROVINCES, admdvs)

    def listed(self, names: Names, codes: Iterable[str]) -> str:
        """``起付线、按比例自付``."""
        return self("、", ", ").join(self.name(names, code) for code in codes)

    def accumulator(self, name: str) -> str:
        """``outpatient.deductible -> 门诊起付线累计``; what follows stands in brackets: ``cap.chronic#m03 -> 限额累计（门诊慢特病，3 月）``."""
        whole, _, at = name.partition("#")
        first, _, behind = whole.partition(".")
        second, _, rest = behind.partition(".")
        if first in SHARED:
            told, more = self.name(SHARED, first), [self.name(BENEFITS, second)]
        else:
            told, more = f"{self.name(FUNDS if first in FUNDS else BENEFITS, first)}{self('', ': ')}{self.name(ACCUMULATED, second)}", []
        more += [*self._of(rest), *([self.period(at)] if at else [])]
        return self.beside(told, self("，", ", ").join(more)) if more else told

    def _of(self, rest: str) -> Iterator[str]:
        """What is counted or at which level, then the disease or provider, whose codes may hold points: ``2.H1 -> level 2, H1``."""
        head, _, code = rest.partition(".")
        if head in COUNTS or head in LEVELS:
            yield self.name(COUNTS, head) if head in COUNTS else self.name(LEVELS, head)
        else:
            code = rest
        if code:
            yield code

    def period(self, at: str) -> str:
        """A quarter or a month of the year: ``q1 -> 第 1 季度``, ``m03 -> 3 月``."""
        number = int(at[1:])
        return self(f"第 {number} 季度", f"quarter {number}") if at[0] == "q" else self(f"{number} 月", f"month {number}")


def is_money(name: str) -> bool:
    """Whether an accumulator counts fen."""
    return name.rpartition(".")[2] not in DAYS | COUNTED


def accumulated(name: str, value: int) -> str:
    """The value of an accumulator on paper: yuan, a count, or a day (empty for none)."""
    what = name.rpartition(".")[2]
    if what in DAYS:
        return str(date.fromordinal(value)) if value else ""
    return str(value) if what in COUNTED else yuan(value)


def percent(ratio: str) -> str:
    """``0.7 -> 70%``."""
    return format((Decimal(ratio) * 100).normalize(), "f") + "%"


def points(ratio: str, say: Words) -> str:
    """``0.1 -> 10 个百分点``."""
    number = percent(ratio).rstrip("%")
    return say(f"{number} 个百分点", f"{number} points")
