"""What codes of filings and places are called, in Chinese and English: for reasons, and for what is put on paper."""

from collections.abc import Iterable, Mapping

from contracts.reasons import Bilingual

Pair = tuple[str, str]
Names = Mapping[str, Pair]

CATEGORIES: Names = {
    "settled_retiree": ("异地安置退休人员", "retiree settled elsewhere"),
    "long_term_resident": ("异地长期居住人员", "long-term resident elsewhere"),
    "resident_worker": ("常驻异地工作人员", "working elsewhere permanently"),
    "referral": ("异地转诊人员", "referred elsewhere"), "emergency": ("异地急诊抢救人员", "emergency elsewhere"),
    "other_temporary": ("其他临时外出就医人员", "other temporary care elsewhere"),
    "disease_approval": ("病种事先审核", "approval of a disease"), "operation_approval": ("手术事先审核", "approval of an operation"),
    "long_stay_approval": ("异地长期住院申请", "approval of a long stay"), "admission_notice": ("入院前预约", "admission announced"),
}
MATERIALS: Names = {
    "e_credential": ("医保电子凭证", "electronic credential"), "id_card": ("身份证件", "ID card"),
    "social_security_card": ("社会保障卡", "social security card"), "insurance_card": ("医保卡", "insurance card"),
    "filing_form": ("备案表", "filing form"), "hukou_page": ("户口簿首页", "first page of the hukou"),
    "resident_page": ("常住人口登记卡", "own page of the hukou"), "hukou_booklet": ("户口本", "hukou booklet"),
    "settlement_certificate": ("异地安置证明", "certificate of settlement"), "residence_certificate": ("居住证明", "certificate of residence"),
    "residence_permit": ("居住证", "residence permit"), "property_certificate": ("房产证", "title to a home"), "lease": ("租房合同", "lease"),
    "posting_letter": ("参保地单位派出证明", "posting letter"), "work_certificate": ("异地工作证明", "certificate of work"),
    "labour_contract": ("劳动（工作）合同", "labour contract"), "referral_form": ("转诊单", "referral form"),
    "hospital_referral": ("转诊责任医院诊断", "diagnosis of the referring hospital"), "agency_consent": ("经办机构同意", "consent of the agency"),
    "emergency_record": ("急诊病历", "record of the emergency"), "emergency_diagnosis": ("急诊诊断证明", "diagnosis of the emergency"),
}
CHANNELS: Names = {
    "app": ("国家医保服务平台", "national app"), "wechat": ("微信", "WeChat"), "alipay": ("支付宝", "Alipay"), "window": ("窗口", "window"),
    "phone": ("电话", "telephone"), "jiangxi_app": ("江西智慧医保 APP", "Jiangxi's app"), "jiangxi_web": ("江西医保网上服务大厅", "Jiangxi's web hall"),
}
CARES: Names = {
    "inpatient": ("住院", "inpatient care"), "outpatient": ("普通门诊", "outpatient care"),
    "chronic": ("门诊慢特病", "care of chronic diseases"), "pharmacy": ("药店购药", "purchases at a pharmacy"),
}
CREDENTIALS: Names = {
    "01": ("医保电子凭证", "electronic credential"), "02": ("居民身份证", "ID card"), "03": ("社会保障卡", "social security card"),
}
KINDRED: Names = {
    "spouse": ("配偶", "spouse"), "parent": ("父母", "parent"), "child": ("子女", "child"), "sibling": ("兄弟姐妹", "sibling"),
    "grandparent": ("祖父母、外祖父母", "grandparent"), "grandchild": ("孙子女、外孙子女", "grandchild"),
}
PROVINCES: Names = {
    "11": ("北京", "Beijing"), "12": ("天津", "Tianjin"), "13": ("河北", "Hebei"), "14": ("山西", "Shanxi"),
    "15": ("内蒙古", "Inner Mongolia"), "21": ("辽宁", "Liaoning"), "22": ("吉林", "Jilin"), "23": ("黑龙江", "Heilongjiang"),
    "31": ("上海", "Shanghai"), "32": ("江苏", "Jiangsu"), "33": ("浙江", "Zhejiang"), "34": ("安徽", "Anhui"),
    "35": ("福建", "Fujian"), "36": ("江西", "Jiangxi"), "37": ("山东", "Shandong"), "41": ("河南", "Henan"),
    "42": ("湖北", "Hubei"), "43": ("湖南", "Hunan"), "44": ("广东", "Guangdong"), "45": ("广西", "Guangxi"),
    "46": ("海南", "Hainan"), "50": ("重庆", "Chongqing"), "51": ("四川", "Sichuan"), "52": ("贵州", "Guizhou"),
    "53": ("云南", "Yunnan"), "54": ("西藏", "Tibet"), "61": ("陕西", "Shaanxi"), "62": ("甘肃", "Gansu"),
    "63": ("青海", "Qinghai"), "64": ("宁夏", "Ningxia"), "65": ("新疆", "Xinjiang"),
}
"""GB/T 2260, first two digits."""


def called(names: Names, code: str) -> Bilingual:
    """``户口簿首页（hukou_page）`` and ``first page of the hukou (hukou_page)``: a code for a reason; as it is where nobody named it."""
    return beside(Bilingual(*names[code]), code) if code in names else Bilingual(code, code)


def beside(name: Bilingual, code: str) -> Bilingual:
    """A name with its code in brackets."""
    return Bilingual(f"{name.zh}（{code}）", f"{name.en} ({code})")


def listed(found: Iterable[Bilingual], zh: str = "、", en: str = ", ") -> Bilingual:
    """Several facts as one, in each language with what it puts between them."""
    found = tuple(found)
    return Bilingual(zh.join(one.zh for one in found), en.join(one.en for one in found))


def either(found: Iterable[Bilingual]) -> Bilingual:
    """Facts of which one is enough."""
    return listed(found, "或", " or ")
