"""What codes of filings and places are called, in Chinese and English: for reasons, and for what is put on paper."""

from collections.abc import Iterable, Mapping

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


def both(names: Names, codes: Iterable[str]) -> str:
    """``户口簿首页 (first page of the hukou, hukou_page), ...``: for texts whose facts are the same in both languages."""
    return ", ".join(f"{names[code][0]} ({names[code][1]}, {code})" if code in names else code for code in codes)
