"""How many outpatient claims of 8 lines one core decides a second: eligibility, pricing and settlement, without JSON.

    python -m tests.bench.decide [claims]

Prints claims a second, and microseconds a claim by stage. Not a test: speed is measured, never asserted.
"""

import sys
from dataclasses import replace
from datetime import date
from time import process_time

from contracts.events.bill import Diagnosis
from contracts.events.claim import Claim, ClaimPriced, FeeLine
from contracts.events.enrolment import Spell
from policies.accumulators import Purse
from policies.book import Book, built_in
from policies.eligibility import PersonState, check, facts_for
from policies.pricing.stage import price
from policies.settlement.claims import settled
from policies.stage import View

PROVIDER = "H65020000102"
DAY = date(2026, 3, 5)
STAGES = ("eligibility", "pricing", "settlement")


def main(count: int) -> None:
    """Decides ``count`` claims of as many persons and prints what it took, with the rules of review and without."""
    book = built_in()
    for name, of in (("with review", book), ("without", replace(book, reviews={}))):
        _measure(name, of, count)


def _measure(name: str, book: Book, count: int) -> None:
    claims = [_claim(number, sorted(book.catalogues["650000"][0].items)) for number in range(count)]
    spell = Spell(insuplc_admdvs="650200", insutype="310", psn_type="11", psn_insu_date=date(2010, 1, 1))
    person = PersonState(brdy=date(1980, 5, 1), gend="1", insuinfo=(spell,))
    _decide(book, claims[:50], person)
    taken = _decide(book, claims, person)
    total = sum(taken)
    print(f"{count} claims of 8 lines, {name}: {count / total:,.0f} claims/s, {total / count * 1e6:.0f} us a claim")
    for name, seconds in zip(STAGES, taken, strict=True):
        print(f"  {name:12} {seconds / count * 1e6:6.1f} us")


def _decide(book: Book, claims: list[Claim], person: PersonState) -> list[float]:
    taken, view = [0.0, 0.0, 0.0], View(Purse(balances={"310": 100_000}), {})
    for claim in claims:
        marks = [process_time()]
        checked = check(claim, facts_for(claim, person), book)
        marks.append(process_time())
        priced = price(claim, checked, book)
        marks.append(process_time())
        body = ClaimPriced.model_construct(request=claim, checked=checked, priced=priced)
        settled(body, view, book)
        marks.append(process_time())
        for stage in range(3):
            taken[stage] += marks[stage + 1] - marks[stage]
    return taken


def _claim(number: int, items: list[str]) -> Claim:
    lines = tuple(
        FeeLine(
            feedetl_sn=str(n), fee_ocur_date=DAY, med_list_codg=items[(number + n) % len(items)],
            det_item_fee_sumamt=1_250 * (n + 1), cnt=str(n + 1), pric="12.5",
        )
        for n in range(8)
    )
    return Claim(
        psn_no=f"P{number}", insutype="310", fixmedins_code=PROVIDER, mdtrt_id=f"M{number}", med_type="11", begndate=DAY,
        enddate=DAY, setl_date=DAY, medfee_sumamt=sum(one.det_item_fee_sumamt for one in lines), acct_used_flag="1",
        diseinfo=(Diagnosis(diag_code="S82.100", maindiag_flag="1"),), feedetail=lines,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
