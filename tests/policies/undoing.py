"""A small place whose plan has all that a reversal must give back, and requests that undo, written short."""

from typing import Any

from contracts.keys import derived_id
from contracts.wire import Event
from policies.accumulators import Purse
from policies.book import Book
from policies.road import Road, stage_named
from policies.settlement.stage import SettlementStage
from policies.stage import State
from tests.policies import rulebooks
from tests.policies.requests import PERSON, Journey, credit, enrolment, spell
from tests.policies.test_wallet import FAMILY, RULE as FAMILY_RULE

XIAMEN, HOSPITAL, CLINIC = "350200", "H35020000103", "H35020000104"
PLAN = '''
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
amount = [{ yuan = 1000.00 }]
admission = [{ from = 2, factor = 0.50 }]

[[benefit.step]]
kind = "ratio"
source = "T1"
ratio = [{ of = 0.80 }]

[[benefit]]
name = "outpatient"
care = ["outpatient"]
dated_by = "setl_date"

[[benefit.step]]
kind = "deductible"
per = "year"
source = "T1"
amount = [{ yuan = 300.00 }]

[[benefit.step]]
kind = "ratio"
source = "T1"
ratio = [{ of = 0.60 }]

[[then]]
kind = "supplement"
name = "critical"
fund = "hifmi_pay"
of = ["deductible", "coinsurance"]
per = "year"
source = "T1"
threshold = [{ yuan = 5000.00 }]
band = [{ of = 0.60 }]

[[then]]
kind = "supplement"
name = "assistance"
fund = "maf_pay"
of = ["deductible", "coinsurance"]
per = "year"
source = "T1"
threshold = [{ yuan = 2000.00 }]
band = [{ of = 0.50 }]

[[then]]
kind = "account"
source = "T1"
with_family = true
pays = ["deductible", "coinsurance", "first_selfpay"]

[[then]]
kind = "wallet"
source = "T1"
pays = ["deductible", "coinsurance", "first_selfpay"]
'''
LAST_FIRST = '[[reversal]]\nfrom = 2020-01-01\n[reversal.order]\nsource = "T1"\n'
CLINIC_TOO = rulebooks.FILES[rulebooks.PROVIDERS] + '''
[[provider]]
fixmedins_code = "H35020000104"
name = "示例诊所"
admdvs = "350200"
hosp_lv = "2"
dedc_hosp_lv = "2"
lmtpric_hosp_lv = "2"
connected = ["inpatient"]
from = 2020-01-01
'''
FILES = {
    rulebooks.PLAN: PLAN, FAMILY: FAMILY_RULE, rulebooks.PROVIDERS: CLINIC_TOO,
    "national/reversal.toml": LAST_FIRST,
}


def person(book: Any, balance: int = 0, **wallets: int) -> Journey:
    """Insured in the small place, with a balance on the account and in each sharer's part of the wallet, in this order."""
    journey = Journey(book)
    journey.send("enrolment.recorded", enrolment(spell(XIAMEN)))
    if balance:
        journey.send("account.credited", credit(balance), "credit-1")
    for sharer, amount in wallets.items():
        journey.send("wallet.credited", {
            "psn_no": PERSON, "sharer": sharer, "insutype": "310", "insuplc_admdvs": XIAMEN, "amt": amount, "date": "2026-01-02",
            "shar_id": f"share-{sharer}"}, derived_id(f"share-{sharer}", "wallet.credited"))
    return journey


def bill(fen: int, visit: str = "M1", day: str = "2026-03-05", **more: Any) -> dict[str, Any]:
    """A bill of one drug in full at the hospital of the small place; outpatient unless ``med_type`` says otherwise."""
    line = {"feedetl_sn": "1", "fee_ocur_date": day, "med_list_codg": "DRUG-A", "det_item_fee_sumamt": fen, "cnt": "1",
            "pric": f"{fen // 100}.{fen % 100:02d}"}
    found = {"psn_no": PERSON, "insutype": "310", "fixmedins_code": HOSPITAL, "mdtrt_id": visit, "med_type": "11", "begndate": day,
             "enddate": day, "setl_date": day, "acct_used_flag": "0", "feedetail": [line], "medfee_sumamt": fen}
    return found | more


def stay(fen: int, visit: str = "S1", day: str = "2026-03-05", **more: Any) -> dict[str, Any]:
    return bill(fen, visit, day, med_type="21", **more)


def claim(journey: Journey, id: str, data: dict[str, Any]) -> Event:
    """The verdict on a claim, which must be settled."""
    event = journey.send("claim.submitted.v2", data, id)
    assert event.type == "claim.settled", event.value
    return event


def asked(omsgid: str, day: str = "2026-03-06", reason: str = "wrong_charges", **more: Any) -> dict[str, Any]:
    """By the hospital, unless an agency or another provider is given."""
    by = {} if "setl_optins" in more else {"fixmedins_code": HOSPITAL}
    return {"psn_no": PERSON, "omsgid": omsgid, "date": day, "reason": reason, **by} | more


def reverse(journey: Journey, omsgid: str, id: str = "r1", **more: Any) -> Event:
    return journey.send("reversal.requested", asked(omsgid, **more), id)


def cascade(journey: Journey, omsgid: str, id: str = "r1", **more: Any) -> Event:
    return reverse(journey, omsgid, id, setl_optins=XIAMEN, cascade="1", **more)


def upgraded(road: Road, book: Book, *kept: Book) -> None:
    """The road goes on under ``book``; ``kept``: the rulebooks that are at hand beside it."""
    road.book = rulebooks.beside(book, *kept)
    for place, (stage, state, topic) in enumerate(road._stages):
        road._stages[place] = (stage_named(stage.name, road.book), state, topic)
        state.under(road._stages[place][0])


def state_of(journey: Journey) -> State:
    """The state of settlement at the end of the road."""
    return next(state for stage, state, _ in journey.road._stages if isinstance(stage, SettlementStage))


def held(journey: Journey) -> dict[str, Any]:
    """What the person's state holds: balances, wallet, open stays, and every entry of a year or a stay, without zeros."""
    known = state_of(journey)._known
    purse: Purse = known[f"p:{PERSON}"]
    entries = {name.removeprefix(f"e:{PERSON}:"): value for name, value in known.items() if name.startswith((f"e:{PERSON}:year", f"e:{PERSON}:stay"))}
    return {
        "balances": {name: amount for name, amount in purse.balances.items() if amount}, "wallet": purse.shared(), "open": set(purse.stays),
        **{key: kept for key, value in entries.items() if (kept := {name: amount for name, amount in (value or {}).items() if amount})},
    }
