"""What the loader says of a rulebook that cannot be used: file, key, and what to do. And what a good one is read as."""

from datetime import date
from pathlib import Path

import pytest

from policies.book import Book, load
from policies.prove import steps_of
from policies.tables import RulebookError
from tests.policies.rulebooks import FILES, ITEMS, PLAN, PROVIDERS, changed, loaded, written

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
                                    f"{PLAN}: benefit[1]: care: 'hospital' is unknown; use outpatient, emergency, chronic"),
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
}


@pytest.mark.parametrize("name", WRONG)
def test_a_complaint_names_file_key_and_what_to_do(name: str, tmp_path: Path) -> None:
    files, told = WRONG[name]
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, files)
    assert any(problem.startswith(told) for problem in caught.value.problems), str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    files = WRONG["third decimal"][0] | WRONG["missing items"][0] | WRONG["unknown grade"][0]
    with pytest.raises(RulebookError) as caught:
        loaded(tmp_path, files)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [PLAN, PROVIDERS, ITEMS]


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


def test_values_of_the_built_in_rulebook_never_say_example(book: Book) -> None:
    plans = [plan for versions in book.plans.values() for plan in versions]
    origins = {rule.origin.source for plan in plans for rule in steps_of(plan)}
    named = origins | {plan.source for plan in plans} | {region.source for region in book.regions.values()}
    named |= {rule.source for rules in book.filing_rules.values() for rule in rules}
    named |= {dated.source for names in (*book.maps.values(), *book.indexes.values()) for versions in names.values() for dated in versions}
    assert named <= set(book.sources) and "example" not in named
    assert {provider.source for versions in book.providers.values() for provider in versions} == {"example"}


def test_every_provider_of_the_built_in_rulebook_has_a_catalogue(book: Book) -> None:
    for versions in book.providers.values():
        for provider in versions:
            assert book.catalogue(provider.admdvs, date(2026, 1, 1)) is not None, provider.fixmedins_code
            assert provider.fixmedins_code.startswith(f"H{provider.admdvs}")
