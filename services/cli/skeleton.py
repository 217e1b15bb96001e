"""The files of a new place of insurance: what is known is filled in, the rest stands there as comments to be completed."""

from collections.abc import Mapping

from policies.places import area_of
from policies.settlement.facts import is_stay
from policies.statement.selectors import VALUES

NAMES = {"310": ("职工", "employees"), "390": ("居民", "residents")}
PSN_TYPES = {"310": "11", "390": "15"}
DATED_BY = {True: "enddate", False: "setl_date"}

REGION = """[region]
admdvs = "{admdvs}"
zh = "{zh}"
en = "{en}"
home = ["{home}"]                # 本地：区划代码或其前几位 / home: codes or their first digits
province = ["{province}"]
source = "GBT-2260"
"""
PLAN = """#:schema ../../plan.schema.json
# {zh} {who_zh} {care_zh} / {en}, {who_en}, {care_en}
# 每一种步骤的写法见规则库的 README.md；没有原文依据的不写。
# README.md of the rulebook shows every kind of step; nothing is written that no text says.

[plan]
place = "{admdvs}"
insutype = "{insutype}"
# from = 2025-01-01              # 施行日期 / first day
# source = "ID"                  # 在 sources.toml 中的编号 / id in sources.toml
# choices = ["整个方案所作的选择。 / What was chosen about the plan as a whole."]

[[benefit]]
name = "{care}"
care = ["{care}"]
dated_by = "{dated_by}"

# [[benefit.step]]
# kind = "deductible"
# per = "{per}"                  # visit, stay, year, quarter, month
# source = "ID"
# amount = [{{ level = "1", yuan = 0.00 }}, {{ level = "2", yuan = 0.00 }}, {{ level = "3", yuan = 0.00 }}]

# [[benefit.step]]
# kind = "ratio"
# source = "ID"
# ratio = [{{ level = "1", of = 0.00 }}, {{ level = "2", of = 0.00 }}, {{ level = "3", of = 0.00 }}]

# [[benefit.step]]
# kind = "cap"
# per = "year"
# source = "ID"
# amount = [{{ yuan = 0.00 }}]

# [[benefit.step]]
# kind = "account"
# source = "ID"
# pays = ["deductible", "coinsurance", "first_selfpay"]
"""
CASES = """# 每一行都要有算例；why 写手工计算，不抄程序的输出。
# Every row needs a case; why is the calculation by hand, never what the program printed.

[defaults]
insuplc = "{admdvs}"
insutype = "{insutype}"
med_type = "{med_type}"
where = "home"
psn_type = "{psn_type}"
brdy = 1980-01-01
begndate = 2025-05-08
hosp_lv = "5"

# [[case]]
# name = "level 2"
# why = "(1000.00 - 0.00) x 0% = 0.00"
# level = "2"
# in_scope = 1000.00
# expect = {{ deductible = 0.00, pool = 0.00, account = 0.00, cash = 1000.00 }}
"""


def slug(name: str) -> str:
    """The name of a folder: letters and digits only."""
    return "".join(sign for sign in name.lower() if sign.isascii() and sign.isalnum())


def skeleton(admdvs: str, zh: str, en: str, insutype: str, care: str, med_type: str) -> Mapping[str, str]:
    """The texts of the files by their names in the region's folder. ``med_type``: a code of the care."""
    stay = is_stay(med_type)
    who, what = NAMES.get(insutype, (insutype, insutype)), VALUES["care"][care]
    told = {
        "admdvs": admdvs, "zh": zh, "en": en, "insutype": insutype, "care": care, "med_type": med_type, "home": area_of(admdvs),
        "province": admdvs[:2], "who_zh": who[0], "who_en": who[1], "care_zh": what[0], "care_en": what[1],
        "dated_by": DATED_BY[stay], "per": "stay" if stay else "year", "psn_type": PSN_TYPES.get(insutype, "11"),
    }
    files = {"region.toml": REGION, f"{care}-{insutype}.toml": PLAN, f"{care}-{insutype}.cases.toml": CASES}
    return {name: text.format_map(told) for name, text in files.items()}
