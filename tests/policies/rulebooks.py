"""A small rulebook written by a test, whole in itself: one place, one provider, one catalogue, one plan."""

from dataclasses import replace
from pathlib import Path

from policies.book import Book, load

FILES = {
    "sources.toml": '''
[T1]
title = "a text that a test made up"
quote = "..."
''',
    "national/filing.toml": '''
[[rule]]
other_province = "filed"
same_province = "unfiled"
unit = "place"
from = 2020-01-01
source = "T1"

[[category]]
category = "other_temporary"
zh = "其他临时外出就医人员"
en = "other temporary care elsewhere"
validity = "at_least"
months = 6
from = 2020-01-01
source = "T1"
''',
    "national/filing.cases.toml": '''
[defaults]
insuplc = "350200"
insutype = "310"
insured_from = 2010-01-01
area = "310100"
begndate = 2026-03-01
category = "other_temporary"

[[case]]
name = "elsewhere"
why = "six months from 2026-03-01"
expect = { until = 2026-08-31 }

[[case]]
name = "in the province"
why = "needs none"
area = "350100"
expect = { refused = ["no_filing_needed"] }
''',
    "national/maps.toml": '''
[[map]]
name = "care"
from = 2020-01-01
source = "T1"
rows = [{ med_type = "11", is = "outpatient" }, { med_type = "21", is = "inpatient" }]

[[map]]
name = "level"
from = 2020-01-01
source = "T1"
rows = [{ dedc_hosp_lv = "2", is = "2" }, { dedc_hosp_lv = "3", is = "3" }]

[[map]]
name = "status"
from = 2020-01-01
source = "T1"
rows = [{ psn_type = "11", is = "working" }, { psn_type = "12", is = "retired" }]
''',
    "national/settlement.toml": '''
[scope]
source = "T1"

[cash]
source = "T1"
''',
    "regions/350200-xiamen/region.toml": '''
[region]
admdvs = "350200"
zh = "厦门"
en = "Xiamen"
home = ["3502"]
province = ["35"]
source = "T1"
''',
    "regions/350200-xiamen/plan.toml": '''
[plan]
place = "350200"
insutype = "310"
from = 2020-01-01
source = "T1"

[[benefit]]
name = "inpatient"
care = ["inpatient"]
dated_by = "enddate"

[[benefit.step]]
kind = "deductible"
per = "stay"
source = "T1"
amount = [{ level = "2", yuan = 500.00 }, { level = "3", yuan = 1000.00 }]

[[benefit.step]]
kind = "ratio"
source = "T1"
ratio = [{ level = "2", of = 0.92 }, { level = "3", of = 0.90 }]

[[benefit.step]]
kind = "account"
source = "T1"
pays = ["deductible", "coinsurance", "first_selfpay"]
''',
    "catalogues/350000/catalogue.toml": '''
admdvs = "350000"
from = 2020-01-01
source = "example"
''',
    "catalogues/350000/items.csv": '''med_list_codg,name,chrgitm_lv,selfpay_prop,pric_uplmt_1,pric_uplmt_2,pric_uplmt_3,lmt_used_flag
CARE,诊疗,01,0,,,,0
DRUG-A,甲类药,01,0,,,,0
DRUG-B,乙类药,02,0.1,,,,0
DRUG-C,丙类药,03,1,,,,0
''',
    "providers/350200/providers.toml": '''
source = "example"

[[provider]]
fixmedins_code = "H35020000103"
name = "示例三级医院"
admdvs = "350200"
hosp_lv = "2"
dedc_hosp_lv = "3"
lmtpric_hosp_lv = "3"
connected = ["inpatient"]
from = 2020-01-01
''',
}
PLAN = "regions/350200-xiamen/plan.toml"
ITEMS = "catalogues/350000/items.csv"
FILING = "national/filing.toml"
PROVIDERS = "providers/350200/providers.toml"


def written(folder: Path, files: dict[str, str] | None = None) -> Path:
    """``folder`` with the small rulebook, some of its files changed; an empty text leaves a file out."""
    for name, text in (FILES | (files or {})).items():
        if text:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    return folder


def loaded(folder: Path, files: dict[str, str] | None = None) -> Book:
    return load(written(folder, files))


def beside(book: Book, *others: Book) -> Book:
    """``book`` with ``others`` at hand; each knows all."""
    kept: dict[str, Book] = {}
    kept |= {one.digest: replace(one, kept=kept) for one in (book, *others)}
    return kept[book.digest]


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """One file of the small rulebook with ``old`` (which it must hold) replaced."""
    assert old in FILES[name], f"{name} does not hold {old!r}"
    return {name: FILES[name].replace(old, new, 1)}
