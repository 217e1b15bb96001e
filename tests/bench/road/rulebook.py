"""The rulebook of the load: the built-in one, and benefits for chronic care and pharmacies, which no quoted text gives.

They are invented, and stand in no release: without them 15 of 100 requests of the load would be refused for want of a rule,
and cost less than they should.
"""

from pathlib import Path
from shutil import copytree

from policies.book import BUILT_IN

PLACES = ("650200-karamay", "430400-hengyang")
SOURCE = '''
[BENCH]
title = "示例，用于测量速度 / an example to measure speed with"
quote = "（虚构 / invented）"
'''
BENEFITS = '''
[[benefit]]
name = "chronic"
care = ["chronic"]
dated_by = "setl_date"

[[benefit.step]]
kind = "deductible"
per = "year"
source = "BENCH"
amount = [{ yuan = 300.00 }]

[[benefit.step]]
kind = "ratio"
source = "BENCH"
ratio = [{ level = ["1", "2"], of = 0.80 }, { level = "3", of = 0.70 }]

[[benefit.step]]
kind = "cap"
per = "year"
source = "BENCH"
amount = [{ yuan = 8000.00 }]

[[benefit.step]]
kind = "account"
source = "BENCH"
pays = ["deductible", "coinsurance", "over_cap", "first_selfpay"]

[[benefit]]
name = "pharmacy"
care = ["pharmacy"]
dated_by = "setl_date"

[[benefit.step]]
kind = "ratio"
source = "BENCH"
ratio = [{ of = 0.60 }]

[[benefit.step]]
kind = "cap"
per = "year"
source = "BENCH"
amount = [{ yuan = 1000.00 }]

[[benefit.step]]
kind = "account"
source = "BENCH"
pays = ["coinsurance", "over_cap", "first_selfpay"]
'''
PHARMACY = '''
[[provider]]
fixmedins_code = "P{admdvs}00001"
name = "示例药店 / example pharmacy"
admdvs = "{admdvs}"
hosp_lv = "11"
dedc_hosp_lv = "9"
lmtpric_hosp_lv = "1"
medins_type = "pharmacy"
connected = ["pharmacy"]
from = 2020-01-01
'''


def write_rulebook(folder: Path) -> Path:
    """The rulebook in ``folder``."""
    found = copytree(BUILT_IN, folder / "rulebook")
    _append(found / "sources.toml", SOURCE)
    for place in PLACES:
        _append(found / "regions" / place / "outpatient-310.toml", BENEFITS)
        _append(found / "providers" / place[:6] / "providers.toml", PHARMACY.format(admdvs=place[:6]))
    return found


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")
