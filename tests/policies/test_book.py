"""What the loader says of a rulebook that cannot be used: file, key, and what to do. And what a good one is read as."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from policies.book import Book, load
from policies.cases import load_cases
from policies.files import MOST_BYTES
from policies.laws import FUNDS
from policies.prove import steps_of
from policies.settlement.engine import FUND_TYPES
from policies.tables import RulebookError
from policies.values import CODED
from tests.policies.languages import english, in_english
from tests.policies.rulebooks import FILES, FILING, ITEMS, PLAN, PROVIDERS, changed, loaded, written

REGION = "regions/350200-xiamen/region.toml"
MAPS = "national/maps.toml"
CATALOGUE = "catalogues/350000/catalogue.toml"
ROW = "DRUG-B,乙类药,02,0.1,,,,0"

SECOND_BENEFIT = '''
[[benefit]]
name = "injury"
care = ["inpatient", "injury"]
where = ["home"]
dated_by = "enddate"

[[benefit.step]]
kind = "ratio"
source = "T1"
ratio = [{ of = 0.50 }]
'''
CAP = '''
[[benefit.step]]
kind = "cap"
per = "year"
source = "T1"
amount = [{ yuan = 1000.00 }]
'''
SUPPLEMENT = '''
[[then]]
kind = "supplement"
source = "T1"
name = "critical"
fund = "hifmi_pay"
of = ["coinsurance"]
per = "year"
band = [{ of = 0.60 }]
'''
FAMILY = '''
[[family]]
place = ["35"]
insutype = "310"
from = 2020-01-01
source = "T1"
[family.kin]
codes = ["spouse"]
source = "T1"
[family.user]
scope = ["3502"]
source = "T1"
'''
REGION_MAP = '''
[[map]]
name = "level"
from = 2020-01-01
source = "T1"
rows = [{ dedc_hosp_lv = "3", is = "3" }]
'''

WRONG: dict[str, tuple[dict[str, str], str]] = {
    "unknown source": (changed(PLAN, 'stay"\nsource = "T1"', 'stay"\nsource = "T2"'),
                       f"{PLAN}: benefit[1]: step[1]: source: 'T2' is not a known source of a value; name an id of sources.toml"),
    "unknown source of one value": (changed(PLAN, 'per = "stay"', 'per = "stay"\nfloor = 100.00\nfloor_source = "T2"'),
                                    f"{PLAN}: benefit[1]: step[1]: floor_source: 'T2' is not a known source of a value; name an id"),
    "the source of a value that is not there": (changed(PLAN, 'per = "stay"', 'per = "stay"\nfloor_source = "T1"'),
                                                f"{PLAN}: benefit[1]: step[1]: floor_source: is not known here; remove it"),
    "example as the source of a value": (changed(PLAN, 'ratio"\nsource = "T1"', 'ratio"\nsource = "example"'),
                                         f"{PLAN}: benefit[1]: step[2]: source: 'example' is not a known source of a value"),
    "example as a source": ({"sources.toml": FILES["sources.toml"] + '[example]\ntitle="t"\nquote="q"\n'},
                            "sources.toml: example: means that something is invented"),
    "a value without a source": (changed(PLAN, 'ratio"\nsource = "T1"', 'ratio"'), f"{PLAN}: benefit[1]: step[2]: source: is missing; add it"),
    "no sources": ({"sources.toml": ""}, "sources.toml: is missing; every value needs a source"),
    "a source without its title": ({"sources.toml": '[T1]\nquote = "..."'}, "sources.toml: T1: title: is missing; add it"),
    "broken TOML": (changed(PLAN, "[plan]", "[plan"), f"{PLAN}: Expected ']'"),
    "missing key": (changed(PLAN, 'dated_by = "enddate"\n', ""), f"{PLAN}: benefit[1]: dated_by: is missing; add it"),
    "missing table": (changed(REGION, "[region]", "[regions]"), f"{REGION}: region: is missing; add it"),
    "unknown key": (changed(PLAN, "per = ", "pro = "), f"{PLAN}: benefit[1]: step[1]: pro: is not known here; remove it or correct"),
    "unknown key in a row": (changed(PLAN, 'level = "2", yuan', 'lvl = "2", yuan'),
                             f"{PLAN}: benefit[1]: step[1]: amount[1]: lvl: is no selector; use admission, age, away, care"),
    "unknown kind of step": (changed(PLAN, 'kind = "ratio"', 'kind = "ration"'),
                             f"{PLAN}: benefit[1]: step[2]: kind: 'ration' is unknown; use one of deductible, ratio, bands, cap, fixed, item,"),
    "unknown part for the account": (changed(PLAN, '"coinsurance"', '"all"'), f"{PLAN}: benefit[1]: step[3]: pays: 'all' is unknown; use"),
    "a value that can never apply": (changed(PLAN, 'level = "3", of', 'level = "III", of'),
                                     f"{PLAN}: benefit[1]: step[2]: ratio[2]: level: 'III' never applies; use village, community, 1, 2, 3, 4, 9"),
    "third decimal": (changed(PLAN, "500.00", "500.005"), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: 500.005 is not a whole number of fen"),
    "negative amount": (changed(PLAN, "500.00", "-500.00"), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: -500.00 is not a whole number of fen from 0 on"),
    "no number": (changed(PLAN, "500.00", "nan"), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: needs an amount in yuan"),
    "amount as a text": (changed(PLAN, "500.00", '"500"'), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: needs an amount in yuan"),
    "row without its value": (changed(PLAN, "yuan = 500.00", 'status = "retired"'), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: is missing; add it"),
    "ratio above 1": (changed(PLAN, "of = 0.90", "of = 90"), f"{PLAN}: benefit[1]: step[2]: ratio[2]: of: 90 is not a ratio between 0 and 1, such as 0.70"),
    "line above 1": (changed(PLAN, 'ratio = [{ level = "2", of = 0.92 }, { level = "3", of = 0.90 }]',
                             "linear = { start = 0.75, per_year = 0.2, most = 100 }"),
                     f"{PLAN}: benefit[1]: step[2]: linear: most: 100 is not a ratio between 0 and 1"),
    "factor above 1": (changed(PLAN, 'per = "stay"', 'per = "stay"\nadmission = [{ from = 2, factor = 50 }]'),
                       f"{PLAN}: benefit[1]: step[1]: admission[1]: factor: 50 is not a ratio between 0 and 1"),
    "two factors from one stay": (changed(PLAN, 'per = "stay"', 'per = "stay"\nadmission = [{ from = 2, factor = 0.5 }, { from = 2, factor = 0.4 }]'),
                                  f"{PLAN}: benefit[1]: step[1]: admission: two factors begin with the same stay"),
    "ambiguous rows": (changed(PLAN, '{ level = "2", yuan = 500.00 }', '{ status = "retired", yuan = 500.00 }'),
                       f"{PLAN}: benefit[1]: step[1]: amount: two rows apply to level=3, status=retired (status=retired; level=3); add a condition"),
    "the same row twice": (changed(PLAN, '{ level = "2", of', '{ level = "3", of'), f"{PLAN}: benefit[1]: step[2]: ratio: two rows apply to level=3 (level=3; level=3); add"),
    "no rows": (changed(PLAN, 'amount = [{ level = "2", yuan = 500.00 }, { level = "3", yuan = 1000.00 }]', "amount = []"),
                f"{PLAN}: benefit[1]: step[1]: amount: needs at least one row with yuan"),
    "a row that is no table": (changed(PLAN, '{ level = "2", of = 0.92 }', "0.92"), f"{PLAN}: benefit[1]: step[2]: ratio[1]: 0.92 is no table; write keys"),
    "no steps": ({PLAN: FILES[PLAN].partition("[[benefit.step]]")[0]}, f"{PLAN}: benefit[1]: step: is missing; a benefit needs at least one step"),
    "wrong kind": (changed(PLAN, 'care = ["inpatient"]', 'care = "inpatient"'), f"{PLAN}: benefit[1]: care: 'inpatient' is of the wrong kind; write a list in brackets"),
    "a time instead of a day": (changed(PLAN, "from = 2020-01-01", "from = 2020-01-01T00:00:00"), f"{PLAN}: plan: from: 2020-01-01T00:00:00 is of the wrong kind; write a day"),
    "a plan that ends before it begins": (changed(PLAN, "from = 2020-01-01", "from = 2020-01-01\nuntil = 2019-12-31"),
                                          f"{PLAN}: plan: until: 2019-12-31 lies before 2020-01-01; correct one of the two"),
    "a plan of an unknown place": (changed(PLAN, '"350200"', '"350300"'), f"{PLAN}: plan: place: 350300 is not the place of the folder; correct one of the two"),
    "two plans at once": ({"regions/350200-xiamen/second.toml": FILES[PLAN].replace("2020-01-01", "2025-01-01")},
                          "regions/350200-xiamen/second.toml: overlaps 350200-xiamen/plan for care inpatient at home, other_province, same_province from 2025-01-01; give 350200-xiamen/plan an `until`"),
    "two plans on one day": (
        changed(PLAN, "from = 2020-01-01", "from = 2020-01-01\nuntil = 2025-01-01") | {
            "regions/350200-xiamen/second.toml": FILES[PLAN].replace("2020-01-01", "2025-01-01")},
        "regions/350200-xiamen/second.toml: overlaps 350200-xiamen/plan for care inpatient at home, other_province, same_province from 2025-01-01"),
    "two benefits for the same care": (
        {PLAN: FILES[PLAN] + SECOND_BENEFIT},
        f"{PLAN}: benefit inpatient and benefit injury of 350200-xiamen/plan overlap for care inpatient at home;"
        " give each care and place to one of them"),
    "two benefits of one name": ({PLAN: FILES[PLAN] + SECOND_BENEFIT.replace('"injury"', '"inpatient"')},
                                 f"{PLAN}: benefit inpatient is given twice; name one of them otherwise"),
    "a plan without benefits": ({PLAN: FILES[PLAN].partition("[[benefit]]")[0]},
                                f"{PLAN}: benefit: is missing; a plan needs at least one [[benefit]]"),
    "care that nothing is called": (changed(PLAN, 'care = ["inpatient"]', 'care = ["hospital"]'),
                                    f"{PLAN}: benefit[1]: care: 'hospital' is unknown; use outpatient, screening, emergency, chronic"),
    "a pool's step behind an account": ({PLAN: FILES[PLAN] + CAP}, f"{PLAN}: benefit[1]: step: a step of the pool stands behind"),
    "a number that is no range": (changed(PLAN, 'level = "2", yuan', 'age = "70+", yuan'),
                                  f"{PLAN}: benefit[1]: step[1]: amount[1]: age: '70+' is no range of numbers; write \">=70\""),
    "a key with an unknown source of its own": (
        changed(PLAN, 'per = "stay"', 'per = "stay"\nper_source = "T9"'), f"{PLAN}: benefit[1]: step[1]: per_source: 'T9' is not a known source"),
    "a source of a key that is not there": (
        changed(PLAN, 'per = "stay"', 'per = "stay"\nfloor_source = "T1"'), f"{PLAN}: benefit[1]: step[1]: floor_source: is not known here"),
    "a list of values that is empty": (changed(PLAN, 'level = "2", yuan', 'level = [], yuan'),
                                       f"{PLAN}: benefit[1]: step[1]: amount[1]: level: allows nothing; write a value, or remove"),
    "ages that overlap": (
        changed(PLAN, '{ level = "2", of = 0.92 }, { level = "3", of = 0.90 }', '{ age = "<=70", of = 0.92 }, { age = ">=70", of = 0.90 }'),
        f"{PLAN}: benefit[1]: step[2]: ratio: two rows apply to age=70 (age=[0,70]; age=>=70); add a condition"),
    "bands without an end": (
        {PLAN: FILES[PLAN].replace('kind = "ratio"', 'kind = "bands"').replace(
            'ratio = [{ level = "2", of = 0.92 }, { level = "3", of = 0.90 }]', "band = [{ upto = 100.00, of = 0.5 }]")},
        f"{PLAN}: benefit[1]: step[2]: band: has no last row without upto"),
    "a cap's bonus without a cap": (
        {PLAN: FILES[PLAN] + SUPPLEMENT + 'cap_bonus = [{ earned_by = "continuous", yuan = 3800.00, most = 38000.00 }]\n'},
        f"{PLAN}: then[1]: cap_bonus: raises a cap, and there is none; add cap"),
    "an unknown fund": ({PLAN: FILES[PLAN] + SUPPLEMENT.replace("hifmi_pay", "hifp_pay")},
                        f"{PLAN}: then[1]: fund: 'hifp_pay' is unknown; use one of"),
    "a name that no map has": (changed(MAPS, 'name = "status"', 'name = "state"'),
                               f"{MAPS}: map[3]: name: 'state' is unknown; use one of care, level, disease, identity, maternity, status"),
    "a level that no plan knows": (changed(MAPS, 'is = "3"', 'is = "III"'), f"{MAPS}: map[2]: rows: 'III' is no level; use one of village"),
    "a map selects by codes": (changed(MAPS, 'psn_type = "12"', 'status = "12"'),
                               f"{MAPS}: map[3]: rows[2]: status: is no selector; use dedc_hosp_lv, dise_codg"),
    "the same map twice": ({"regions/350200-xiamen/maps.toml": REGION_MAP + REGION_MAP},
                           "regions/350200-xiamen/maps.toml: level: is given twice from 2020-01-01; remove one, or give it another `from`"),
    "an index without its source": ({"regions/350200-xiamen/indexes.toml": '[[index]]\nname = "average_wage"\nfrom = 2025-01-01\nyuan = 1.00\n'},
                                    "regions/350200-xiamen/indexes.toml: index[1]: source: is missing; add it"),
    "the same region twice": ({"regions/350200-again/region.toml": FILES[REGION]},
                              f"{REGION}: region: admdvs: 350200 is said in regions/350200-again/region.toml too; remove one"),
    "a place that is no code": (changed(REGION, '"350200"', '"3502"'), f"{REGION}: region: admdvs: '3502' is no code of a place; write its six digits"),
    "a home that is everywhere": (changed(REGION, '["3502"]', '[""]'), f"{REGION}: region: home: '' is no code of a place; write its first 2 to 6 digits"),
    "missing items": ({ITEMS: ""}, f"{ITEMS}: is missing; a catalogue needs its items"),
    "unknown source of a catalogue": (changed(CATALOGUE, "example", "T9"), f"{CATALOGUE}: source: 'T9' is not a known source"),
    "the same catalogue twice": ({"catalogues/350001/catalogue.toml": FILES[CATALOGUE], "catalogues/350001/items.csv": FILES[ITEMS]},
                                 "catalogues/350001/catalogue.toml: 350000: is given twice from 2020-01-01; remove one, or give it another `from`"),
    "unknown source of providers": (changed(PROVIDERS, "example", "T9"), f"{PROVIDERS}: source: 'T9' is not a known source"),
    "the same provider twice": (
        {"providers/350201/providers.toml": FILES[PROVIDERS]}, "providers/350201/providers.toml: H35020000103: is given twice from 2020-01-01; remove one"),
    "unknown grade": (changed(PROVIDERS, 'hosp_lv = "2"', 'hosp_lv = "三甲"'), f"{PROVIDERS}: provider[1]: hosp_lv: '三甲' is unknown; use one of 1, 2"),
    "unknown connection": (changed(PROVIDERS, '["inpatient"]', '["stay"]'), f"{PROVIDERS}: provider[1]: connected: 'stay' is unknown; use inpatient"),
    "a file that nothing reads": ({"regions/350200-xiamen/more/plan.csv": "a"}, "regions/350200-xiamen/more/plan.csv: nothing reads a file of this name"),
    "columns of a catalogue": (changed(ITEMS, "chrgitm_lv,", "class,"), f"{ITEMS}:1: the columns must be med_list_codg,name,chrgitm_lv"),
    "a cell too few": (changed(ITEMS, ROW, ROW[:-2]), f"{ITEMS}:4: has not 8 cells; write one a column"),
    "a cell too many": (changed(ITEMS, ROW, ROW + ",1"), f"{ITEMS}:4: has not 8 cells; write one a column"),
    "no such class": (changed(ITEMS, "药,02", "药,04"), f"{ITEMS}:4: chrgitm_lv: '04' is wrong; write 01, 02 or 03"),
    "share above 1": (changed(ITEMS, "0.1,", "10,"), f"{ITEMS}:4: selfpay_prop: '10' is wrong; write a ratio between 0 and 1, such as 0.1"),
    "ceiling that is no price": (changed(ITEMS, ROW, "DRUG-B,乙类药,02,0.1,-3,,1e3,0"),
                                 f"{ITEMS}:4: pric_uplmt_1: '-3' is wrong; write a price in yuan"),
    "flag": (changed(ITEMS, ROW, "DRUG-B,乙类药,02,0.1,,,,yes"), f"{ITEMS}:4: lmt_used_flag: 'yes' is wrong; write 0 or 1"),
    "item twice": (changed(ITEMS, "DRUG-B", "DRUG-A"), f"{ITEMS}:4: med_list_codg: DRUG-A is listed twice; remove one"),
    # --- steps, lists and names
    "a supplement behind an account": ({PLAN: FILES[PLAN] + SUPPLEMENT},
                                       f"{PLAN}: benefit[1]: step: a supplement stands behind account, and would pay what that has paid already; put it before"),
    "a supplement behind a wallet": (
        {PLAN: FILES[PLAN].replace('kind = "account"', 'kind = "wallet"') + SUPPLEMENT},
        f"{PLAN}: benefit[1]: step: a supplement stands behind wallet, and would pay what that has paid already; put it before"),
    "a part that is paid twice": (changed(PLAN, '"coinsurance"', '"deductible"'), f"{PLAN}: benefit[1]: step[3]: pays: 'deductible' is listed twice; remove one"),
    "no parts to pay": (changed(PLAN, '["deductible", "coinsurance", "first_selfpay"]', "[]"),
                        f"{PLAN}: benefit[1]: step[3]: pays: is empty; write at least one of own_expense"),
    "care twice": (changed(PLAN, '["inpatient"]', '["inpatient", "inpatient"]'), f"{PLAN}: benefit[1]: care: 'inpatient' is listed twice; remove one"),
    "no care": (changed(PLAN, '["inpatient"]', "[]"), f"{PLAN}: benefit[1]: care: is empty; write at least one of outpatient"),
    "no place of care": (changed(PLAN, 'dated_by', 'where = []\ndated_by'), f"{PLAN}: benefit[1]: where: is empty; write at least one of home"),
    "a value twice in a row": (changed(PLAN, 'level = "3", of', 'level = ["3", "3"], of'), f"{PLAN}: benefit[1]: step[2]: ratio[2]: level: '3' is listed twice; remove one"),
    "a connection twice": (changed(PROVIDERS, '["inpatient"]', '["inpatient", "inpatient"]'), f"{PROVIDERS}: provider[1]: connected: 'inpatient' is listed twice; remove one"),
    "a material twice": (changed(FILING, "validity", 'papers = [{ one_of = ["a", "a"] }]\nvalidity'), f"{FILING}: category[1]: papers[1]: one_of: 'a' is listed twice; remove one"),
    "no material": (changed(FILING, "validity", "papers = [{ one_of = [] }]\nvalidity"), f"{FILING}: category[1]: papers[1]: one_of: is empty; write at least one"),
    "an unknown category": (changed(FILING, '"other_temporary"', '"tourist"'), f"{FILING}: category[1]: category: 'tourist' is unknown; use one of settled_retiree, "),
    "an unknown validity": (changed(FILING, '"at_least"', '"always"'), f"{FILING}: category[1]: validity: 'always' is unknown; use one of until_changed, at_least, fixed"),
    "months of an open filing": (changed(FILING, '"at_least"', '"until_changed"'), f"{FILING}: category[1]: months: is not known here; remove it"),
    "an unknown term": (changed(FILING, "unit =", "units ="), f"{FILING}: rule[1]: units: is not known here; remove it or correct its spelling"),
    "an unknown value of a term": (changed(FILING, '"place"', '"city"'), f"{FILING}: rule[1]: unit: 'city' is unknown; use one of place, hospitals, hospital_a_level"),
    "no hospitals at most": (changed(FILING, "unit =", "most_hospitals = 0\nunit ="), f"{FILING}: rule[1]: most_hospitals: 0 is out of range; write a whole number from 1"),
    "a rule that says nothing": ({FILING: FILES[FILING] + '[[rule]]\nfrom = 2020-01-01\nsource = "T1"\n'}, f"{FILING}: rule[2]: rule: says nothing; write one of other_province, "),
    "a term twice": ({FILING: FILES[FILING] + '[[rule]]\nunit = "place"\nfrom = 2021-01-01\nsource = "T1"\n'},
                     f"{FILING}: rule unit: is given twice for 2021-01-01; let one of them end before"),
    "a rule that ends before it begins": (changed(FILING, "from = 2020-01-01", "from = 2020-01-01\nuntil = 2019-12-31"),
                                          f"{FILING}: rule[1]: until: 2019-12-31 lies before 2020-01-01; write a later day"),
    "an old code of no category": ({FILING: FILES[FILING] + '[[classification]]\nname = "old"\nfrom = 2020-01-01\nsource = "T1"\nrows = [{ code = "1", is = "guest" }]\n'},
                                   f"{FILING}: classification[1]: rows[1]: is: 'guest' is unknown; use one of settled_retiree"),
    "a term without a source of its own": (changed(FILING, 'unit = "place"', 'unit = "place"\nunit_source = "T9"'), f"{FILING}: rule[1]: unit_source: 'T9' is not a known source"),
    "an empty name": (changed(PLAN, 'name = "inpatient"', 'name = " "'), f"{PLAN}: benefit[1]: name: is empty; write a text"),
    "a long name": (changed(PLAN, 'name = "inpatient"', f'name = "{"x" * 101}"'), f"{PLAN}: benefit[1]: name: has 101 characters; write at most 100"),
    "a name of two lines": (changed(PLAN, 'name = "inpatient"', 'name = "in\\npatient"'), f"{PLAN}: benefit[1]: name: is not on one line; write it on one"),
    "a name with a control character": ({PLAN: FILES[PLAN].partition("[[benefit.step]]\nkind = \"account\"")[0] + SUPPLEMENT.replace('"critical"', '"c\\u0007"')},
                                        f"{PLAN}: then[1]: name: holds control characters; write it without them"),
    "an empty disease": (changed(PLAN, 'level = "3", of', 'disease = "", of'), f"{PLAN}: benefit[1]: step[2]: ratio[2]: disease: is empty; write a text"),
    "an empty name in a map": (changed(MAPS, 'is = "3"', 'is = ""'), f"{MAPS}: map[2]: rows[2]: is: is empty; write a text"),
    "an empty quote": (changed("sources.toml", '"..."', '""'), "sources.toml: T1: quote: is empty; write a text"),
    "a choice in one language": (changed(PLAN, 'per = "stay"', 'per = "stay"\nchoice = "只有中文"'),
                                 f"{PLAN}: benefit[1]: step[1]: choice: needs both languages; write 中文 / English"),
    "choices in one language": (changed(PLAN, 'source = "T1"', 'source = "T1"\nchoices = ["English only / "]'),
                                f"{PLAN}: plan: choices: needs both languages; write 中文 / English"),
    "an insurance without funds": (changed(PLAN, '"310"', '"999"'), f"{PLAN}: plan: insutype: '999' is unknown; use one of 310, 390"),
    "a grade that no provider has": (changed(PLAN, 'level = "3", of', 'hosp_lv = "15", of'), f"{PLAN}: benefit[1]: step[2]: ratio[2]: hosp_lv: '15' never applies; use 1, 2"),
    "a class of fees that no provider has": (changed(PLAN, 'level = "3", of', 'fee_class = "4", of'),
                                             f"{PLAN}: benefit[1]: step[2]: ratio[2]: fee_class: '4' never applies; use 1, 2, 3"),
    "a type that no provider has": (changed(PLAN, 'level = "3", of', 'provider = "spa", of'),
                                    f"{PLAN}: benefit[1]: step[2]: ratio[2]: provider: 'spa' never applies; use hospital"),
    "a code in a map that no provider has": (changed(MAPS, 'dedc_hosp_lv = "3"', 'dedc_hosp_lv = "7"'), f"{MAPS}: map[2]: rows[2]: dedc_hosp_lv: '7' never applies; use 1, 2"),
    "a code that is no text": (changed(PLAN, 'level = "3", of', "level = 3, of"), f"{PLAN}: benefit[1]: step[2]: ratio[2]: level: 3 is of the wrong kind; write a text in quotes"),
    "a floor of nothing": (changed(PLAN, 'per = "stay"', 'per = "stay"\nfloor = 100.00'),
                           f"{PLAN}: benefit[1]: step[1]: floor: bounds what admission makes less, and there is none; add admission"),
    # --- bounds
    "an amount above the largest": (changed(PLAN, "500.00", "10000000000.00"), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: 10000000000.00 is too much; write at most 9999999999.99"),
    "an amount of 400 digits": (changed(PLAN, "500.00", "1e400"), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: 1E+400 is too much; write at most"),
    "a decimal behind many": (changed(PLAN, "500.00", f"500.{'0' * 40}1"), f"{PLAN}: benefit[1]: step[1]: amount[1]: yuan: 500.{'0' * 40}1 is not a whole number of fen"),
    "a ratio of a great exponent": (changed(PLAN, "of = 0.90", "of = 1e6000"), f"{PLAN}: benefit[1]: step[2]: ratio[2]: of: 1E+6000 is not a ratio between 0 and 1"),
    "a ratio next to nothing": (changed(PLAN, "of = 0.90", "of = 1e-6000"), f"{PLAN}: benefit[1]: step[2]: ratio[2]: of: 1E-6000 has too many decimals; write at most 12"),
    "days of a referral before its day": (changed(PLAN, "dated_by", "referral_days = -5\ndated_by"),
                                          f"{PLAN}: benefit[1]: referral_days: -5 is out of range; write a whole number from 0 to 9999"),
    "a stay of no day": (changed(PLAN, "dated_by", "admissions = { days = 0 }\ndated_by"),
                         f"{PLAN}: benefit[1]: admissions: days: 0 is out of range; write a whole number from 1 to 9999"),
    "a stay before the first": (changed(PLAN, 'per = "stay"', 'per = "stay"\nadmission = [{ from = 0, factor = 0.5 }]'),
                                f"{PLAN}: benefit[1]: step[1]: admission[1]: from: 0 is out of range; write a whole number from 1"),
    # --- places and their folders
    "a home that is elsewhere": (changed(REGION, '["3502"]', '["3503"]'), f"{REGION}: region: home: does not cover 350200, the place itself; add its first digits"),
    "no home": (changed(REGION, '["3502"]', "[]"), f"{REGION}: region: home: is empty; write at least one"),
    "a home without districts": (
        changed(REGION, '["3502"]', '["3502", "3500"]'),
        f"{REGION}: region: home: 3500 covers 350000 alone and no district; write 35 for all of it, or six digits for the code alone"),
    "a province that is elsewhere": (changed(REGION, '["35"]', '["36"]'), f"{REGION}: region: province: does not cover 3502, which is home; add its first digits"),
    "a place without a name": (changed(REGION, '"厦门"', '""'), f"{REGION}: region: zh: is empty; write a text"),
    "two places of one name": (
        {"regions/350300-putian/region.toml": FILES[REGION].replace("3502", "3503").replace("厦门", "莆田").replace("Xiamen", "xiamen")},
        f"regions/350300-putian/region.toml: region: en: Xiamen is said in {REGION} too; remove one, or write another"),
    "a folder of another place": ({REGION: "", "regions/350300-xiamen/region.toml": FILES[REGION]},
                                  "regions/350300-xiamen/region.toml: region: admdvs: 350200 is not the place of the folder 350300-xiamen; begin its name with 350200"),
    "a place without its region.toml": ({REGION: ""}, f"{REGION}: is missing; it names the place of the folder; add it"),
    "a folder that is no place": ({"regions/xiamen/family.toml": FAMILY}, "regions/xiamen: is no place; begin its name with the six digits"),
    "a rule of a family elsewhere": ({"regions/350200-xiamen/family.toml": FAMILY.replace('["35"]', '["36"]')},
                                     "regions/350200-xiamen/family.toml: family[1]: place: 36 lies outside 350200, the place of the folder; move the rule"),
    "care without filing that is a name": (changed(FILING, "unit =", 'unfiled_care = ["inpatient"]\nunit ='),
                                           f"{FILING}: rule[1]: unfiled_care: 'inpatient' is no code of a type of care (med_type); write its first 2 to 6 digits"),
    "no sources of the first and the last step": ({"national/settlement.toml": ""}, "national/settlement.toml: is missing; the first and the last step"),
    "a plan too deep in the folders": ({"regions/350200-xiamen/old/plan.toml": FILES[PLAN]}, "regions/350200-xiamen/old/plan.toml: nothing reads a file of this name"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_complaint_names_file_key_and_what_to_do(name: str, tmp_path: Path) -> None:
    files, told = WRONG[name]
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, files)
    assert any(problem.startswith(told) for problem in in_english(caught.value.problems)), str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    files = WRONG["third decimal"][0] | WRONG["missing items"][0] | WRONG["unknown grade"][0]
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, files)
    assert [problem.partition(":")[0] for problem in in_english(caught.value.problems)] == [PLAN, PROVIDERS, ITEMS]


# --- each problem once -------------------------------------------------------------------------------------------------

LATER = {"regions/350200-xiamen/later.toml": FILES[PLAN].replace("2020-01-01", "2026-01-01")}
IDENTITIES = '''
[[map]]
name = "identity"
from = 2020-01-01
source = "T1"
rows = [{{ psn_idet_type = "{first}", is = "special" }}, {{ psn_idet_type = "{second}", is = "poor" }}]
'''
ONCE: dict[str, tuple[dict[str, str], str]] = {
    "a plan that is no TOML": (changed(PLAN, "[plan]", "[plan"), f"{PLAN}: Expected ']' at the end of a table declaration (at line 2, column 6); correct the TOML there"),
    "a region that is no TOML": (changed(REGION, "[region]", "[region"), f"{REGION}: Expected ']' at the end of a table declaration (at line 2, column 8); correct the TOML there"),
    "sources that are no TOML": (changed("sources.toml", "[T1]", "[T1"), "sources.toml: Expected ']' at the end of a table declaration (at line 2, column 4); correct the TOML there"),
    "no sources": ({"sources.toml": ""}, "sources.toml: is missing; every value needs a source that is listed there"),
    "sources that are empty": ({"sources.toml": "# nothing"}, "sources.toml: is empty; list the text of every value in it"),
    "rows that are a number": (changed(PLAN, 'amount = [{ level = "2", yuan = 500.00 }, { level = "3", yuan = 1000.00 }]', "amount = 500.00"),
                               f"{PLAN}: benefit[1]: step[1]: amount: 500.00 is of the wrong kind; write a list in brackets"),
    "a date that no claim has": (changed(PLAN, '"enddate"', '"outdate"'),
                                 f"{PLAN}: benefit[1]: dated_by: 'outdate' is unknown; use one of begndate, enddate, setl_date"),
    "an empty region": ({REGION: "# nothing"}, f"{REGION}: region: is missing; add it"),
    "no source": (changed(PLAN, 'stay"\nsource = "T1"', 'stay"'), f"{PLAN}: benefit[1]: step[1]: source: is missing; add it"),
    "a source that is a number": (changed(PLAN, 'stay"\nsource = "T1"', 'stay"\nsource = 3'),
                                  f"{PLAN}: benefit[1]: step[1]: source: 3 is of the wrong kind; write a text in quotes"),
    "a step without its kind": (changed(PLAN, 'kind = "deductible"\n', ""), f"{PLAN}: benefit[1]: step[1]: kind: is missing; add it"),
    "a time of day": (changed(PLAN, "from = 2020-01-01", "from = 10:00:00"),
                      f"{PLAN}: plan: from: 10:00:00 is of the wrong kind; write a day such as 2025-01-01"),
    "a day of another age": (changed(PLAN, "2020-01-01", "0202-01-01"),
                             f"{PLAN}: plan: from: 0202-01-01 is out of range; write a day from 1900-01-01 to 2099-12-31"),
    "a first day in quotes, and a last one": (changed(PLAN, "2020-01-01", '"2020-01-01"\nuntil = 2025-12-31') | LATER,
                                              f"{PLAN}: plan: from: '2020-01-01' is of the wrong kind; write a day such as 2025-01-01"),
    "a last day in quotes": (changed(PLAN, "2020-01-01", '2020-01-01\nuntil = "2025-12-31"') | LATER,
                             f"{PLAN}: plan: until: '2025-12-31' is of the wrong kind; write a day such as 2025-01-01"),
    "a plan in capitals": ({"regions/350200-xiamen/PLAN.TOML": FILES[PLAN]},
                           "regions/350200-xiamen/PLAN.TOML: nothing reads a file of this name; rename it as README.md says, or remove it"),
    "a catalogue in the folder of another province": (
        {"catalogues/340000/catalogue.toml": FILES[CATALOGUE].replace("2020", "2026"), "catalogues/340000/items.csv": FILES[ITEMS]},
        "catalogues/340000/catalogue.toml: admdvs: 350000 lies in another province than the place of the folder 340000; correct one of the two"),
    "a provider in the folder of another province": (
        changed(PROVIDERS, '"350200"', '"440300"'),
        f"{PROVIDERS}: provider[1]: admdvs: 440300 lies in another province than the place of the folder 350200; correct one of the two"),
    "a provider that ends before it begins": (
        changed(PROVIDERS, "from = 2020-01-01", "from = 2020-01-01\nuntil = 2019-12-31"),
        f"{PROVIDERS}: provider[1]: until: 2019-12-31 lies before 2020-01-01; write a later day"),
    "a catalogue of no item": ({ITEMS: FILES[ITEMS].partition("\n")[0]}, f"{ITEMS}: holds no item; list them, or remove the catalogue"),
    "an identity behind one that takes its persons": (
        {"regions/350200-xiamen/maps.toml": IDENTITIES.format(first="23", second="2303")},
        "regions/350200-xiamen/maps.toml: map[1]: rows[2]: psn_idet_type=2303 never applies, for psn_idet_type=23 stands before it and takes "
        "all its persons; put it before"),
    "an identity that another map asks for": (
        {"regions/350200-xiamen/maps.toml": IDENTITIES.format(first="2303", second="23").replace('"identity"', '"disease"')},
        "regions/350200-xiamen/maps.toml: map[1]: rows: psn_idet_type stands in the map identity alone, for a person may have several; write it "
        "there, and let plans select by identity"),
    "a plan of another place": (changed(PLAN, '"350200"', '"350300"'), f"{PLAN}: plan: place: 350300 is not the place of the folder; correct one of the two"),
    "brackets without end": ({"quotes.toml": f"x = {'[' * 3000}{']' * 3000}"}, "quotes.toml: is nested too deep; write fewer brackets within each other"),
    "a number of 5,000 digits": (changed(PLAN, "500.00", "9" * 5000), f"{PLAN}: holds a number of too many digits; write a smaller one"),
    "an exponent that no number has": (changed(PLAN, "500.00", f"1e{'9' * 30}"), f"{PLAN}: holds a number of too many digits; write a smaller one"),
}


@pytest.mark.parametrize("name", ONCE)
def test_a_problem_is_told_once_and_in_one_line(name: str, tmp_path: Path) -> None:
    files, told = ONCE[name]
    assert wrong(written(tmp_path, files)) == [told]


def wrong(folder: Path) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        load(folder)
    return in_english(caught.value.problems)


def test_identities_that_both_match_are_told_apart_by_their_order(tmp_path: Path) -> None:
    """Of code 2304, and of 23 among residents: of a resident with 2304 the first one wins."""
    both = IDENTITIES.format(first="2304", second="23").replace('psn_idet_type = "23",', 'psn_idet_type = "23", insutype = "390",')
    assert "insutype" in both
    loaded(tmp_path, {"regions/350200-xiamen/maps.toml": both})


def test_the_narrower_of_two_identities_stands_first(tmp_path: Path) -> None:
    loaded(tmp_path, {"regions/350200-xiamen/maps.toml": IDENTITIES.format(first="2303", second="23")})


# --- files that cannot be read -----------------------------------------------------------------------------------------


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.toml")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def large(path: Path) -> None:
    os.truncate(path, MOST_BYTES + 1)


def gbk(path: Path) -> None:
    path.write_bytes("# 厦门".encode("gbk"))


@pytest.mark.parametrize("name", [PLAN, REGION, "sources.toml", ITEMS])
@pytest.mark.parametrize(("spoil", "told"), [
    (folder_instead, "is a folder; rename it, or put a file there"),
    (loop, "cannot be read (Too many levels of symbolic links); put a file there that can"),
    (dangling, "cannot be read (No such file or directory); put a file there that can"),
    (pipe, "is no regular file; put a file there"),
    (device, "is no regular file; put a file there"),
    (large, "is larger than 64 MiB; split it"),
])
def test_a_file_that_cannot_be_read_is_told_in_one_line(
        name: str, spoil: Callable[[Path], None], told: str, tmp_path: Path) -> None:
    folder = written(tmp_path)
    spoil(folder / name)
    assert wrong(folder) == [f"{name}: {told}"]


@pytest.mark.parametrize("name", [PLAN, REGION, "sources.toml"])
def test_a_file_in_another_encoding(name: str, tmp_path: Path) -> None:
    """The third byte is the first that is no UTF-8: # and a space come before 厦."""
    folder = written(tmp_path)
    gbk(folder / name)
    assert wrong(folder) == [f"{name}: is not UTF-8 (byte 3); save it as UTF-8"]


@pytest.mark.parametrize("spoil", [folder_instead, loop, dangling, pipe, device, large, gbk])
def test_cases_that_cannot_be_read(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    path = written(tmp_path, {"regions/350200-xiamen/plan.cases.toml": "# none"}) / "regions/350200-xiamen/plan.cases.toml"
    spoil(path)
    with pytest.raises(RulebookError) as caught:
        load_cases(tmp_path)
    assert len(caught.value.problems) == 1 and english(caught.value.problems[0]).startswith("regions/350200-xiamen/plan.cases.toml: ")


@pytest.mark.parametrize("name", [PLAN, REGION, "sources.toml", MAPS])
def test_a_file_saved_with_a_byte_order_mark(name: str, tmp_path: Path) -> None:
    book = loaded(tmp_path, {name: "\ufeff" + FILES[name]})
    assert book.plans["350200", "310"][0].benefits[0].name == "inpatient"


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    hidden = {"regions/350200-xiamen/.plan.toml.swp.toml": "x", ".git/config.toml": "x"}
    assert loaded(tmp_path / "a", hidden).digest == loaded(tmp_path / "b").digest


def test_a_link_to_a_folder_is_not_followed_and_told(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "regions" / "350200-xiamen" / "up").symlink_to("..")
    assert wrong(folder) == ["regions/350200-xiamen/up: is a link to a folder, which is not followed; put the folder itself there"]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, listed = written(tmp_path), Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path.name == "providers":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert wrong(folder) == ["providers: cannot be listed (Permission denied); allow to read it"]


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, read = written(tmp_path), Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "providers.toml":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert wrong(folder) == [f"{PROVIDERS}: cannot be read (Permission denied); put a file there that can"]


def test_items_that_are_not_utf_8(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / ITEMS).write_bytes(FILES[ITEMS].encode("gbk"))
    with pytest.raises(RulebookError, match="save it as CSV in UTF-8"):
        load(folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="there is no such folder; give one with sources.toml"):
        load(tmp_path / "none")


# --- what a good one is read as -----------------------------------------------------------------------------------------

def test_the_small_rulebook_is_good(tmp_path: Path) -> None:
    book = loaded(tmp_path)
    assert [plan.id for plans in book.plans.values() for plan in plans] == ["350200-xiamen/plan"]
    assert book.sources["T1"].title == "a text that a test made up"


def test_one_byte_is_another_digest_and_cases_are_none_of_it(tmp_path: Path) -> None:
    first = loaded(tmp_path / "a")
    with_cases = loaded(tmp_path / "b", {"regions/350200-xiamen/plan.cases.toml": "# none"})
    other = loaded(tmp_path / "c", changed(PLAN, "500.00", "500.01"))
    assert first.digest == with_cases.digest != other.digest and len(first.digest) == 64


def test_items_saved_by_a_spreadsheet_with_a_byte_order_mark(tmp_path: Path) -> None:
    plain = loaded(tmp_path / "a").catalogues["350000"][0]
    marked = loaded(tmp_path / "b", {ITEMS: "\ufeff" + FILES[ITEMS].replace("\n", "\r\n")}).catalogues["350000"][0]
    assert marked.items == plain.items and len(plain.items) == 4


def test_a_plan_may_follow_another_from_the_day_after_its_end(tmp_path: Path) -> None:
    files = changed(PLAN, "from = 2020-01-01", "from = 2020-01-01\nuntil = 2024-12-31")
    book = loaded(tmp_path, files | {"regions/350200-xiamen/plan-2025.toml": FILES[PLAN].replace("2020-01-01", "2025-01-01")})
    assert [plan.begndate.year for plan in book.plans["350200", "310"]] == [2020, 2025]


def test_the_register_has_the_entry_of_the_day(tmp_path: Path) -> None:
    later = FILES[PROVIDERS].replace("2020-01-01", "2025-07-01").replace('dedc_hosp_lv = "3"', 'dedc_hosp_lv = "2"')
    book = loaded(tmp_path, {"providers/350299/providers.toml": later})
    levels = {day: book.provider("H35020000103", date.fromisoformat(day)) for day in ("2025-06-30", "2025-07-01", "2019-01-01")}
    assert [found.dedc_hosp_lv for found in levels.values() if found] == ["3", "2", "3"]
    assert book.provider("H1", date(2025, 1, 1)) is None


def test_the_catalogue_nearest_to_the_place_of_care_in_force_on_the_day(tmp_path: Path) -> None:
    city = {"catalogues/350200/catalogue.toml": FILES[CATALOGUE].replace("350000", "350200"), "catalogues/350200/items.csv": FILES[ITEMS]}
    newer = {"catalogues/350000-2025/catalogue.toml": FILES[CATALOGUE].replace("2020-01-01", "2025-01-01"),
             "catalogues/350000-2025/items.csv": FILES[ITEMS]}
    book = loaded(tmp_path, city | newer)

    def found(admdvs: str, day: str) -> str:
        catalogue = book.catalogue(admdvs, date.fromisoformat(day))
        return f"{catalogue.admdvs} {catalogue.begndate}" if catalogue else "none"

    assert found("350203", "2026-01-01") == "350200 2020-01-01"
    assert found("350100", "2026-01-01") == "350000 2025-01-01"
    assert found("350100", "2024-12-31") == "350000 2020-01-01"
    assert found("350100", "2019-12-31") == found("990000", "2026-01-01") == "none"


def test_an_insurance_that_a_plan_may_have_is_one_with_a_pool_and_every_fund() -> None:
    assert {(insutype, fund) for insutype in CODED["insutype"] for fund in FUNDS} == set(FUND_TYPES)


def test_values_of_the_built_in_rulebook_never_say_example(book: Book) -> None:
    plans = [plan for versions in book.plans.values() for plan in versions]
    origins = {rule.origin.source for plan in plans for rule in steps_of(plan)}
    named = origins | {plan.source for plan in plans} | {region.source for region in book.regions.values()}
    named |= {row.source for row in book.filing.rows}
    named |= {dated.source for names in (*book.maps.values(), *book.indexes.values()) for versions in names.values() for dated in versions}
    assert named <= set(book.sources) and "example" not in named
    assert {provider.source for versions in book.providers.values() for provider in versions} == {"example"}


def test_every_provider_of_the_built_in_rulebook_has_a_catalogue(book: Book) -> None:
    for versions in book.providers.values():
        for provider in versions:
            assert book.catalogue(provider.admdvs, date(2026, 1, 1)) is not None, provider.fixmedins_code
            assert provider.fixmedins_code.startswith(f"H{provider.admdvs}")
