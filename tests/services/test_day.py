"""The demo's day of 200 persons: each refusal, its remedy, and the request that goes through; amounts worked out by hand.

Amounts are fen. All drugs are 甲 without a ceiling, so the whole bill is in scope, but for the drug of the review (乙, 20 %
first self-pay). Stays are from 26 February to 5 March 2026; 郑州 pays 75 % + 0.2 % a year of age, above 600.00 (employees) or
1,200.00 (residents).
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.wire import Event, event_of
from policies.book import built_in
from policies.courier import is_letter
from services.cli.day import DAY, ID, Matter, day_table, matters, tallies
from services.cli.demo import told
from services.cli.show import reasons
from tests.day.write import Writer
from tests.policies.languages import CHINESE
from tests.policies.standing import PARTITIONS, Standing
from tests.policies.test_wallet import told as findings

LINES = DAY.read_bytes().splitlines()
REQUESTS = [json.loads(line) for line in LINES]
REFUSED = [request["id"] for request in REQUESTS if "-refused-" in request["id"]]
ENDS = (
    "claim.refused", "claim.held", "filing.decided", "reimbursement.refused", "reimbursement.pending", "reversal.refused", "review.closed", "request.refused",
)


@cache
def standing() -> dict[int, Standing]:
    """The partitions as the workers leave them, when the file has been published from top to bottom."""
    found = {partition: Standing(built_in(), partition) for partition in range(PARTITIONS)}
    for record in records():
        found[record.partition].publish(record)
    return found


def records() -> list[Record]:
    return [request_record(line, PARTITIONS) for line in LINES]


@cache
def ends() -> list[Event]:
    """The terminal events."""
    return [event_of(row.records[-1]) for one in standing().values() for row in one.rows()]  # type: ignore[arg-type]


@cache
def all_matters() -> dict[str, Matter]:
    return matters(ends())


def test_the_file_is_what_the_script_writes() -> None:
    assert [line.decode() for line in LINES] == Writer().day()


def test_it_is_a_day_of_200_persons_of_many_places() -> None:
    assert len(all_matters()) == 200 and set(all_matters()) == {f"{number:03}" for number in range(1, 201)}
    assert all(request.get("time", "2026-03-05").startswith("2026-03-05") for request in REQUESTS)
    places = {spell["insuplc_admdvs"] for request in REQUESTS for spell in request["data"].get("insuinfo", ())}
    assert (len(places), len({place[:2] for place in places})) == (9, 7)  # as docs/day.md says
    assert all(re.fullmatch(r"P[0-9]{6}-D[0-9]{3}(-K)?", request["data"]["psn_no"]) for request in REQUESTS)


@pytest.mark.parametrize("id", REFUSED)
def test_the_refusal_its_remedy_and_then_it_goes_through(id: str) -> None:
    who, code = id[1:4], id.partition("-refused-")[2]
    matter = all_matters()[who]
    (refused,) = matter.parts["refused"]
    assert ([why.code for why in reasons(refused)], refused.type in ENDS) == ([code], True)
    assert [why.code for event in matter.parts["remedy"] for why in reasons(event)] == []
    assert matter.settled, [event.type for event in matter.parts["settled"]]


@pytest.mark.parametrize("who", [who for who in (f"{number:03}" for number in range(1, 201)) if not any(f"d{who}-refused" in id for id in REFUSED)])
def test_who_is_not_refused_is_settled(who: str) -> None:
    matter = all_matters()[who]
    assert (matter.codes, matter.settled) == ([], True)


def test_every_request_of_the_file_is_told() -> None:
    told_of = [ID.fullmatch(request["id"]) is not None for request in REQUESTS]
    letters = [is_letter(record) for record in records()]
    assert [not letter for letter in letters] == told_of and sum(letters) == 4


@pytest.mark.parametrize("event", [event for event in ends() if reasons(event)], ids=lambda event: event.attributes.request_id)
def test_no_text_lacks_a_fact(event: Event) -> None:
    """A fact that nobody gave is printed as a question mark."""
    assert not any("?" in text for why in reasons(event) for text in (why.zh, why.en, why.remedy_zh, why.remedy_en))


@pytest.mark.parametrize("event", [event for event in ends() if reasons(event)], ids=lambda event: event.attributes.request_id)
def test_each_half_of_a_reason_is_in_one_language(event: Event) -> None:
    """No Chinese in the English; in the Chinese nothing English in brackets, but for codes and commands."""
    for why in reasons(event):
        assert CHINESE.search(why.en + why.remedy_en) is None and re.search(r"[\u4e00-\u9fff] ?\(", why.zh + why.remedy_zh) is None, why


@pytest.mark.parametrize(("who", "funds", "account", "cash"), [
    ("001", 327_60, 0, 180_40),  # 650200, level 2, bill 508.00: (508.00 - 40.00) x 70 %
    ("019", 6_023_52, 0, 1_696_48),  # 410100, 48 years, 7,720.00: (7,720.00 - 600.00) x 84.6 %
    ("025", 251_55, 0, 135_45),  # 360100, 387.00 x 65 %
    ("029", 2_200_00, 0, 9_167_00),  # 421200, a birth at level 2: at most 2,200.00 of 11,367.00
    ("035", 168_60, 0, 312_40),  # 430500, level 2, 481.00: (481.00 - 200.00) x 60 %
    ("043", 8_912_05, 0, 2_674_95),  # 410100, resident, 54 years, by hand, 11,587.00: 10,387.00 x 85.8 % = 8,912.046
    ("049", 357_00, 0, 2_157_00),  # 130700, working, 2,514.00: (2,514.00 - 1,800.00) x 50 %
    ("079", 203_40, 0, 225_60),  # 650200, level 3 in Shanghai, 429.00: (429.00 - 90.00) x 60 %
    ("091", 7_882_23, 0, 2_123_77),  # 410100, 44 years on 9 February, by hand, 10,006.00: 9,406.00 x 83.8 % = 7,882.228
    ("093", 341_40, 0, 227_60),  # 520500, level 2, an emergency by hand, 569.00 x 60 %
    ("127", 7_146_80, 0, 1_861_20),  # 410100, 50 years, settled anew with 500.00 more, 9,008.00: 8,408.00 x 85 %
    ("142", 112_56, 0, 234_44),  # 650200, level 3, held and released, 347.00: (347.00 x 80 % - 90.00) x 60 %
    ("146", 6_00, 0, 94_00),  # 650200, level 3, the visit alone after the drug was refused: (100.00 - 90.00) x 60 %
    ("152", 196_00, 0, 124_00),  # 650200, level 2, by hand with the diagnosis, 320.00: 280.00 x 70 %
    ("170", 263_90, 100_00, 42_10),  # 360100, 406.00 x 65 %; of 142.10 the child's 100.00 pay what they can
    ("194", 88_20, 0, 358_80),  # 430400, level 3 in Guangzhou, 447.00: (447.00 - 300.00) x 60 %
])
def test_totals_by_hand(who: str, funds: int, account: int, cash: int) -> None:
    (event,) = all_matters()[who].parts["settled"]
    settled = event.body.settled
    assert (settled.fund_pay_sumamt, settled.acct_pay, settled.psn_cash_pay) == (funds, account, cash)


def test_the_cascade_gives_back_the_first_and_settles_the_second_again() -> None:
    """d131, 430400, level 2, two visits of one bill. Taken back: the first, (bill - 200.00) x 60 %, and the second, whose
    deductible was paid, bill x 60 %; the second is settled again with the deductible: 200.00 x 60 % = 120.00 less than it was."""
    (event,) = all_matters()["131"].parts["settled"]
    (again,) = event.body.settled.again
    assert again.owed["fund_pay_sumamt"] == -120_00 and [len(event.body.settled.undone)] == [2]


def test_the_audit_finds_nothing() -> None:
    """Chain, laws of money and states from settlement to settlement."""
    assert [code for one in standing().values() for code in findings(one.rows())] == []


def test_the_tallies_of_the_demo() -> None:
    found = list(tallies(ends()))
    assert Counter({one.code: one.refused for one in found}) == Counter(id.partition("-refused-")[2] for id in REFUSED)
    assert all(one.refused == one.remedied == one.settled for one in found)
    assert day_table(ends()).row_count == len(found)


def test_a_remedy_that_fails_is_not_counted() -> None:
    """Without its remedy the claim is refused again: neither remedied requests nor settlements are made up."""
    left = [event for event in ends() if event.attributes.request_id != "d058-settled"]
    (one,) = [one for one in tallies(left) if one.code == "not_filed"]
    assert (one.refused, one.remedied, one.settled) == (9, 9, 8)


def test_the_demo_tells_all_of_it() -> None:
    story = told(built_in(), DAY)
    assert len(story.carried) == 4 and sorted(story.ids) == sorted(request["id"] for request in REQUESTS)


def test_the_page_tells_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs/day.md").read_text("utf-8")
    shown = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    assert shown == [(one.code, str(one.refused), str(one.remedied), str(one.settled)) for one in tallies(ends())]
    assert f"{len(LINES)} 行请求" in page and f"{len(REFUSED)} 人先被拒绝" in page and f"其余 {200 - len(REFUSED)} 人" in page
