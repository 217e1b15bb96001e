"""Matters of bills, review, papers, accounts and reversals: who is refused for what, and what is done about it."""

from typing import Any

from tests.day.persons import DAY, Matter, Person, Step, claims, settles

REPEATED = "XL01XEC303B001030300003"  # a drug that the same-day rule of review names


def sum_mismatch(person: Person) -> Matter:
    yield person.enrolled()
    yield claims(person.claim(medfee_sumamt=person.amount + 100), "sum_mismatch")
    yield settles(person.claim())


def line_amount(person: Person) -> Matter:
    yield person.enrolled()
    yield claims(person.claim(lines=[person.line() | {"cnt": "2"}]), "line_amount")
    yield settles(person.claim())


def duplicate_line(person: Person) -> Matter:
    lines = [person.line(person.amount - 1000), person.line(1000)]
    yield person.enrolled()
    yield claims(person.claim(lines=lines), "duplicate_line")
    yield settles(person.claim(lines=[lines[0], lines[1] | {"feedetl_sn": "2"}]))


def negative_net(person: Person) -> Matter:
    """More is refunded than was charged at that price."""
    other, back = person.line(item="XN02BEA707A001010400007"), person.line(1000, sn="2")
    taken = person.line(-1000, sn="3") | {"cnt": "-2", "det_item_fee_sumamt": -2000}
    yield person.enrolled()
    yield claims(person.claim(lines=[other, back, taken]), "negative_net")
    yield settles(person.claim(lines=[other, back, person.line(-1000, sn="3") | {"cnt": "-1"}]))


def stay_settled(person: Person) -> Matter:
    """The stay was settled for good with a line forgotten: reversed, and settled whole."""
    whole = [person.line(), person.line(50_000, "XN02BEA707A001010400007", "2")]
    yield person.enrolled()
    first = yield Step("given", "claim.submitted.v2", person.claim())
    yield claims(person.claim(lines=whole), "stay_settled")
    yield reversal(person, first.attributes.request_id)
    yield settles(person.claim(lines=whole))


def reversal(person: Person, omsgid: str, **more: Any) -> Step:
    data = {"psn_no": person.psn_no, "date": DAY, "omsgid": omsgid, "reason": "wrong_charges", "fixmedins_code": person.home.provider} | more
    return Step("remedy", "reversal.requested.v1", {name: value for name, value in data.items() if value is not None})


def later_first(person: Person) -> Matter:
    """A settlement behind it stands on the same deductible: the agency reverses it and settles the later one again."""
    yield person.enrolled()
    first = yield Step("given", "claim.submitted.v2", person.claim())
    yield Step("given", "claim.submitted.v2", person.claim(mdtrt_id=f"W{person.number:03}"))
    asked = reversal(person, first.attributes.request_id)
    yield Step("refused", asked.type, asked.data, "later_first")
    agency = reversal(person, first.attributes.request_id, fixmedins_code=None, setl_optins=person.home.admdvs, cascade="1")
    yield Step("settled", agency.type, agency.data)


def not_the_provider(person: Person) -> Matter:
    yield person.enrolled()
    first = yield Step("given", "claim.submitted.v2", person.claim())
    asked = reversal(person, first.attributes.request_id, fixmedins_code="H31011500103")
    yield Step("refused", asked.type, asked.data, "not_the_provider")
    yield Step("settled", asked.type, asked.data | {"fixmedins_code": person.home.provider})


def undone(person: Person) -> Matter:
    """The till undid a claim that had not arrived; it arrives, is refused, and is sent again with a new id."""
    undo = {"psn_no": person.psn_no, "date": DAY, "fixmedins_code": person.home.provider, "omsgid": f"d{person.number:03}-refused-undone",
            "reason": "wrong_settlement"}
    yield person.enrolled()
    yield Step("given", "undo.requested.v1", undo)
    yield claims(person.claim(), "undone")
    yield settles(person.claim())


def held_for_review(person: Person) -> Matter:
    """The same drug at two hospitals on a day: held, and released by a person."""
    drug = [person.line(item=REPEATED, prd_days=30)]
    yield person.enrolled()
    yield Step("given", "claim.submitted.v2", person.claim(lines=drug))
    held = yield claims(person.claim("H65020000103", lines=drug, mdtrt_id=f"W{person.number:03}"), "held_for_review")
    yield Step("settled", "review.decided.v1", decided(person, held.attributes.id, "release"))


def refused_by_review(person: Person) -> Matter:
    """The person who decides refuses it; without the drug the claim goes through."""
    drug, visit = person.line(item=REPEATED, prd_days=30), person.line(10_000, sn="2")
    yield person.enrolled()
    yield Step("given", "claim.submitted.v2", person.claim(lines=[drug]))
    held = yield Step("given", "claim.submitted.v2", person.claim("H65020000103", lines=[drug, visit], mdtrt_id=f"W{person.number:03}"))
    yield Step("refused", "review.decided.v1", decided(person, held.attributes.id, "refuse"), "refused_by_review")
    yield settles(person.claim("H65020000103", lines=[visit], mdtrt_id=f"W{person.number:03}"))


def decided(person: Person, held_id: str, decision: str) -> dict[str, Any]:
    return {"psn_no": person.psn_no, "held_id": held_id, "decision": decision, "opter": "R07", "date": DAY}


def papers_missing(person: Person) -> Matter:
    """Pending without a diagnosis; completed by it."""
    yield person.enrolled()
    first = yield Step("refused", "reimbursement.requested.v1", person.by_hand("system_fault", materials=["invoice_original"]), "papers_missing")
    rest = {"materials": ["diagnosis"], "completes": first.attributes.request_id}
    yield Step("settled", "reimbursement.requested.v1", person.by_hand("system_fault", **rest))


def invoices_mismatch(person: Person) -> Matter:
    asked = person.by_hand("self_paid")
    short = [asked["invoinfo"][0] | {"invo_amt": person.amount - 100}]
    yield person.enrolled()
    yield Step("refused", "reimbursement.requested.v1", asked | {"invoinfo": short}, "invoice_sum")
    yield Step("settled", "reimbursement.requested.v1", asked)


def invoice_used(person: Person) -> Matter:
    """Settled directly with its invoice by mistake, though the person had paid: reversed, then paid by hand."""
    asked = person.by_hand("self_paid")
    yield person.enrolled()
    first = yield Step("given", "claim.submitted.v2", person.claim(invoinfo=asked["invoinfo"]))
    yield Step("refused", "reimbursement.requested.v1", asked | {"mdtrt_id": f"W{person.number:03}"}, "invoice_used")
    yield reversal(person, first.attributes.request_id)
    yield Step("settled", "reimbursement.requested.v1", asked | {"mdtrt_id": f"W{person.number:03}"})


def by_another_channel(person: Person) -> Matter:
    yield person.enrolled()
    yield Step("refused", "reimbursement.requested.v1", person.by_hand("system_fault", channel="mail"), "manual_channel_not_taken")
    yield Step("settled", "reimbursement.requested.v1", person.by_hand("system_fault"))


def too_much_before(person: Person) -> Matter:
    """More is stated as paid elsewhere than the pool would pay."""
    yield person.enrolled()
    yield claims(person.claim(prior={"act_pay_dedc": 0, "hifp_pay": person.amount * 2}), "prior_too_much")
    yield settles(person.claim(prior={"act_pay_dedc": 0, "hifp_pay": 1000}))


# --- the family wallet: shared in the morning, used in the afternoon ---------------------------------------------------


def sharing(person: Person, sharer: str, amount: int, kin: str = "parent") -> dict[str, Any]:
    return {"psn_no": sharer, "insutype": "310", "user_psn_no": person.psn_no, "kin": kin, "user_insuplc_admdvs": person.home.admdvs,
            "amt": amount, "date": DAY}


def shared_wallet(person: Person) -> Matter:
    """A child, an employee of 南昌, shares 100 yuan of the account; the visit takes what the person bears from it."""
    sharer = f"{person.psn_no}-K"
    spell = {"insuplc_admdvs": "360100", "insutype": "310", "psn_type": "11", "psn_insu_date": "2012-01-01"}
    yield Step("given", "enrolment.recorded.v2", {"psn_no": sharer, "brdy": "1990-01-01", "gend": "1", "insuinfo": [spell]})
    yield Step("given", "account.credited.v1", person.credit(20_000) | {"psn_no": sharer})
    yield person.enrolled()
    yield Step("given", "wallet.requested.v1", sharing(person, sharer, 10_000))
    yield settles(person.claim(acct_used_flag="2"))
