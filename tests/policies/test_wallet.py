"""Debits of the account, and the family wallet from the sharer's account to the relative's purse and back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from contracts.envelope import Record, with_numbers
from contracts.events.claim import Movement
from contracts.wire import Event, event_of
from policies.accumulators import MAX_WALLETS, Purse, moved
from policies.book import Book, built_in
from policies.chain import judge
from policies.continuity import Followed, compare
from policies.courier import SOURCE, carried, is_letter
from policies.deciding import refuse
from policies.family import FamilyRule, rule_of, twice
from policies.judged import Row
from policies.laws import LawBroken, check_moved
from policies.road import Road
from policies.settlement.stage import SettlementStage
from policies.stage import DoesNotFit, State
from policies.statement import as_text, statement
from policies.tables import RulebookError
from tests.policies import rulebooks
from tests.policies.languages import in_english
from tests.policies.requests import Journey, codes, credit, enrolment, last_section, record, spell
from tests.policies.standing import NEIGHBOUR, PARTITIONS, Standing, settled_with

SHARER, USER = "P1", "P2"
NANCHANG, JIUJIANG, KARAMAY = "360100", "360400", "650200"


def debit(amount: int, **more: Any) -> dict[str, Any]:
    return {"psn_no": SHARER, "insutype": "310", "amt": amount, "date": "2026-03-01"} | more


def sharing(amount: int, **more: Any) -> dict[str, Any]:
    return {
        "psn_no": SHARER, "insutype": "310", "user_psn_no": USER, "kin": "parent", "user_insuplc_admdvs": JIUJIANG,
        "amt": amount, "date": "2026-03-01"} | more


def family(balance: int = 100_000) -> Journey:
    """An employee of 南昌 with 1,000.00 on the account, and a relative insured as a resident of 九江."""
    journey = Journey()
    journey.send("enrolment.recorded", enrolment(spell(NANCHANG)))
    journey.send("enrolment.recorded", enrolment(spell(JIUJIANG, "390", "15"), psn_no=USER))
    if balance:
        journey.send("account.credited", credit(balance), id="credit-1")
    return journey


def delivered(road: Road) -> list[Event]:
    """The terminal events of the courier's requests."""
    return [event_of(found) for found in road.deliver() if found.topic == "yibao.settled"]


def purses(road: Road) -> dict[str, Purse]:
    """The purse of every person, as settlement knows it."""
    state = road._stages[-1][1]
    return {name[2:]: purse for name, purse in state._known.items() if name.startswith("p:") and purse is not None}


def money(road: Road) -> int:
    return sum(sum(p.balances.values()) + sum(p.shared().values()) for p in purses(road).values())


# --- debits -----------------------------------------------------------------------------------------------------------


def test_a_debit_moves_balance_out_down_to_nothing() -> None:
    journey = family(100_000)
    first = journey.send("account.debited", debit(30_050), id="d1")
    assert first.type == "account.debited"
    assert first.body.settled.account == Movement(before={"balc": 100_000}, movement={"balc": -30_050}, after={"balc": 69_950})
    rest = journey.send("account.debited", debit(69_950), id="d2")
    assert rest.body.settled.account.after == {"balc": 0}


def test_a_debit_above_the_balance_moves_nothing() -> None:
    journey = family(100_000)
    event = journey.send("account.debited", debit(100_001), id="d1")
    assert event.type == "account.refused" and codes(event.body.settled) == ["insufficient_balance"]
    assert event.body.settled.account is None
    assert "1,000.00 yuan, less than 1,000.01 yuan" in event.body.settled.reasons[0].en
    assert purses(journey.road)[SHARER].balance("310") == 100_000


def test_each_insurance_has_its_own_account() -> None:
    journey = family(100_000)
    assert journey.send("account.debited", debit(1, insutype="390"), id="d1").type == "account.refused"


def test_a_debit_sent_again_moves_once() -> None:
    journey = family(100_000)
    for _ in range(2):
        event = journey.send("account.debited", debit(40_000), id="d1")
    assert event.type == "request.repeated"
    assert purses(journey.road)[SHARER].balance("310") == 60_000


# --- sharing ----------------------------------------------------------------------------------------------------------


def test_a_sharing_leaves_the_sharers_account_and_arrives_in_the_users_purse() -> None:
    journey = family(100_000)
    shared = journey.send("wallet.requested", sharing(25_000), id="s1")
    assert shared.type == "wallet.shared" and shared.body.settled.source == "S141"
    assert shared.body.settled.account.after == {"balc": 75_000}
    assert purses(journey.road)[USER].shared() == {}, "it is on its way"
    (arrived,) = delivered(journey.road)
    assert (arrived.type, arrived.psn_no) == ("wallet.credited", USER)
    assert arrived.body.settled.wallet == Movement(before={}, movement={SHARER: 25_000}, after={SHARER: 25_000})
    assert arrived.body.request.shar_id == shared.attributes.id
    assert arrived.attributes.request_source == SOURCE
    assert purses(journey.road)[USER].shared() == {SHARER: 25_000}
    assert delivered(journey.road) == []


@pytest.mark.parametrize("kin", ["spouse", "parent", "child", "sibling", "grandparent", "grandchild"])
def test_all_close_relatives_of_the_text_may_use_the_account(kin: str) -> None:
    # S143: 配偶、父母、子女、兄弟姐妹、祖父母、外祖父母、孙子女、外孙子女
    assert family().send("wallet.requested", sharing(1, kin=kin), id="s1").type == "wallet.shared"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amt": 100_001}, ["insufficient_balance"]),
        ({"user_psn_no": SHARER}, ["shared_with_self"]),
        ({"user_insuplc_admdvs": KARAMAY}, ["wallet_elsewhere"]),  # S142: 必须是江西省的参保人
        ({"user_insuplc_admdvs": KARAMAY, "amt": 100_001}, ["wallet_elsewhere", "insufficient_balance"]),
        ({"date": "2009-12-31"}, ["not_insured"]),  # insured from 2010 on
        ({"date": "2025-03-11"}, ["no_rule"]),  # the rule is applied from 2025-03-12 on
        ({"insutype": "390", "amt": 1}, ["not_insured", "insufficient_balance"]),
    ],
    ids=lambda value: "+".join(value),
)
def test_what_cannot_be_shared_moves_nothing(changes: dict[str, Any], why: list[str]) -> None:
    journey = family(100_000)
    event = journey.send("wallet.requested", sharing(25_000) | changes, id="s1")
    assert event.type == "wallet.refused" and codes(event.body.settled) == why
    assert delivered(journey.road) == []
    assert purses(journey.road)[SHARER].balance("310") == 100_000


def test_the_first_day_of_the_rule_counts() -> None:
    assert family().send("wallet.requested", sharing(1, date="2025-03-12"), id="s1").type == "wallet.shared"


def test_only_the_account_of_the_rules_insurance_is_shared() -> None:
    journey = Journey()
    journey.send("enrolment.recorded", enrolment(spell(NANCHANG, "390", "15")))
    journey.send("account.credited", credit(5_000, insutype="390"), id="c")
    event = journey.send("wallet.requested", sharing(1, insutype="390"), id="s1")
    assert codes(event.body.settled) == ["no_rule"], "S141: 共济人的职工医保账户"
    assert "家庭共济，参保地 360100，险种 390，" in event.body.settled.reasons[0].zh


def test_a_place_without_a_rule_shares_nothing() -> None:
    journey = Journey()
    journey.send("enrolment.recorded", enrolment(spell(KARAMAY)))
    journey.send("account.credited", credit(5_000), id="c")
    event = journey.send("wallet.requested", sharing(1), id="s1")
    assert event.type == "wallet.refused" and codes(event.body.settled) == ["no_rule"]
    assert event.body.settled.insured.insuplc_admdvs == KARAMAY


def test_a_person_who_is_not_enrolled_shares_nothing() -> None:
    journey = Journey()
    journey.send("account.credited", credit(5_000), id="c")
    assert codes(journey.send("wallet.requested", sharing(1), id="s1").body.settled) == ["unknown_person"]


# --- the user's road --------------------------------------------------------------------------------------------------


def fill_from(journey: Journey, sharers: list[str]) -> list[Event]:
    """Each of ``sharers`` is enrolled, gets 0.10 and shares it; the endings of the courier's requests."""
    for who in sharers:
        journey.send("enrolment.recorded", enrolment(spell(NANCHANG), psn_no=who))
        journey.send("account.credited", credit(10, psn_no=who), id=f"c-{who}")
        journey.send("wallet.requested", sharing(10, psn_no=who), id=f"s-{who}")
    return delivered(journey.road)


def test_sharers_are_bound_in_the_order_of_their_first_credit() -> None:
    journey = family(0)
    fill_from(journey, ["Z9", "A1", "M5"])
    fill_from(journey, ["B2"])
    journey.send("account.credited", credit(7, psn_no="A1"), id="again")
    journey.send("wallet.requested", sharing(7, psn_no="A1"), id="s-again")
    delivered(journey.road)
    assert list(purses(journey.road)[USER].shared().items()) == [("Z9", 10), ("A1", 17), ("M5", 10), ("B2", 10)]


def test_a_full_wallet_sends_the_money_back() -> None:
    journey = family(0)
    sharers = [f"S{number:02}" for number in range(MAX_WALLETS)]
    assert {event.type for event in fill_from(journey, sharers)} == {"wallet.credited"}
    returned, back = fill_from(journey, ["LATE"])
    assert (returned.type, codes(returned.body.settled)) == ("wallet.returned", ["wallet_full"])
    assert returned.body.settled.wallet is None
    assert (back.type, back.psn_no, back.body.request.crdt_amt) == ("account.credited", "LATE", 10)
    found = purses(journey.road)
    assert found["LATE"].balance("310") == 10 and list(found[USER].shared()) == sharers
    assert money(journey.road) == (MAX_WALLETS + 1) * 10


def test_a_sharer_who_is_bound_already_can_fill_a_full_wallet() -> None:
    journey = family(0)
    fill_from(journey, [f"S{number:02}" for number in range(MAX_WALLETS)])
    journey.send("account.credited", credit(5, psn_no="S03"), id="more")
    journey.send("wallet.requested", sharing(5, psn_no="S03"), id="s-more")
    assert [event.type for event in delivered(journey.road)] == ["wallet.credited"]
    assert purses(journey.road)[USER].shared()["S03"] == 15


@pytest.mark.parametrize(
    ("spells", "ends"),
    [
        ([spell(JIUJIANG, "390", "15", psn_insu_date="2026-12-31")], "wallet.credited"),  # 当年: on its last day too
        ([spell(JIUJIANG, "390", "15", paus_insu_date="2026-01-02")], "wallet.credited"),  # insured on 1 January
        ([spell(JIUJIANG, "390", "15", paus_insu_date="2026-01-01")], "wallet.returned"),
        ([spell(JIUJIANG, "390", "15", psn_insu_date="2027-01-01")], "wallet.returned"),
        ([spell(KARAMAY, "390", "15")], "wallet.returned"),
        ([spell(KARAMAY, "390", "15"), spell(NANCHANG)], "wallet.credited"),  # of several, one is enough
    ],
)
def test_the_user_must_be_insured_in_the_province_in_the_year(spells: list[dict[str, Any]], ends: str) -> None:
    journey = family(1_000)
    journey.send("enrolment.recorded", enrolment(*spells, psn_no=USER))
    journey.send("wallet.requested", sharing(400), id="s1")
    event, *back = delivered(journey.road)
    assert event.type == ends
    assert [one.type for one in back] == (["account.credited"] if ends == "wallet.returned" else [])
    assert money(journey.road) == 1_000
    if ends == "wallet.returned":
        assert codes(event.body.settled) == ["not_insured_in_year"]
        assert purses(journey.road)[SHARER].balance("310") == 1_000


def test_a_user_whom_nobody_enrolled_gets_nothing() -> None:
    journey = Journey()
    journey.send("enrolment.recorded", enrolment(spell(NANCHANG)))
    journey.send("account.credited", credit(100), id="c")
    journey.send("wallet.requested", sharing(60), id="s1")
    returned, back = delivered(journey.road)
    assert codes(returned.body.settled) == ["unknown_person"]
    assert back.type == "account.credited" and purses(journey.road)[SHARER].balance("310") == 100


def test_a_credit_under_a_rulebook_without_the_rule_goes_back(tmp_path: Path) -> None:
    shared = family(100).send("wallet.requested", sharing(60), id="s1")
    letter = carried(terminal(shared))
    assert letter is not None
    other = Journey(rulebooks.loaded(tmp_path))
    returned = other.publish(letter)
    assert returned.type == "wallet.returned" and codes(returned.body.settled) == ["no_rule"]


def test_what_the_program_cannot_decide_goes_back_too(book: Book) -> None:
    journey = family(100)
    journey.send("wallet.requested", sharing(60), id="s1")
    priced = next(event_of(found) for found in journey.road.deliver() if found.topic == "yibao.priced")
    stage = SettlementStage(book)
    returned = refuse(stage, priced, book.digest, last_section(family().send("account.debited", debit(10**9), "d")).reasons[0])
    assert returned.type == "wallet.returned" and returned.body.settled.verdict == "returned"


# --- the courier ------------------------------------------------------------------------------------------------------


def terminal(event: Event) -> Record:
    return Record(event.key, event.value, tuple(event.headers))


def test_a_letter_depends_on_its_verdict_alone() -> None:
    one, other = (family().send("wallet.requested", sharing(10), id="s1") for _ in range(2))
    letter = carried(terminal(one))
    assert letter == carried(terminal(other)) and letter is not None and is_letter(letter)
    assert letter.key == USER.encode() and letter.topic == "yibao.requested"
    again = family().send("wallet.requested", sharing(10), id="s2")
    assert carried(terminal(again)).header("ce_id") != letter.header("ce_id")  # type: ignore[union-attr]


def test_other_verdicts_ask_for_nothing() -> None:
    journey = family()
    journey.send("account.debited", debit(1), id="d1")
    journey.send("account.debited", debit(10**9), id="d2")
    journey.send("wallet.requested", sharing(10**9), id="s1")
    assert [carried(found) for found in journey.records if found.topic == "yibao.settled"] == [None] * 6
    assert all(carried(found) is None for found in journey.records)
    assert not any(is_letter(request) for request in journey.requests)


def test_a_letter_that_was_given_stands_where_it_stood() -> None:
    """The requests of a live run hold the courier's: none is made a second time."""
    first = family(100)
    shared = first.send("wallet.requested", sharing(60), id="s1")
    letter = carried(terminal(shared))
    assert letter is not None
    road = Road(first.book)
    for request in (*first.requests, letter):
        list(road.run(request))
    assert delivered(road) == [] and purses(road)[USER].shared() == {SHARER: 60}


def test_offline_the_letters_follow_in_the_order_of_their_verdicts() -> None:
    journey = family(0)
    letters = fill_from(journey, ["Z9", "A1", "M5"])
    assert [event.body.request.sharer for event in letters] == ["Z9", "A1", "M5"]


@dataclass
class Live:
    """A road with a courier that takes its letters in any order, and some of them twice.

    ``total``: what gateways credited less what was debited; what the courier credits is no new money.
    """

    picks: Iterator[int]
    road: Road = field(default_factory=lambda: Road(built_in()))
    waiting: list[Record] = field(default_factory=list)
    sent: list[Record] = field(default_factory=list)
    total: int = 0

    def publish(self, request: Record) -> None:
        *_, settled = self.road.run(request)
        event = event_of(settled)
        if event.type == "account.credited" and not is_letter(request):
            self.total += event.body.request.crdt_amt
        if event.type == "account.debited":
            self.total -= event.body.request.amt
        if (letter := carried(settled)) is not None:
            self.waiting.append(letter)

    def carry(self) -> None:
        """One letter that waits, and at times one that was sent before."""
        if self.waiting:
            self.sent.append(self.waiting.pop(self._pick() % len(self.waiting)))
            self.publish(self.sent[-1])
        if self.sent and self._pick() % 2:
            self.publish(self.sent[self._pick() % len(self.sent)])

    def run(self, requests: list[Record]) -> None:
        for request in requests:
            self.publish(request)
            if self._pick() % 2:
                self.carry()
        while self.waiting:
            self.carry()

    def _pick(self) -> int:
        return next(self.picks, 0)


PERSONS = [f"Q{number}" for number in range(4)]
ASKED = st.tuples(
    st.sampled_from(["account.credited", "account.debited", "wallet.requested"]), st.sampled_from(PERSONS),
    st.sampled_from(PERSONS), st.integers(1, 90), st.integers(0, 12))


@settings(max_examples=60)
@given(st.lists(ASKED, max_size=25), st.lists(st.integers(0, 9), max_size=80))
def test_money_is_neither_made_nor_lost(asked: list[tuple[str, str, str, int, int]], picks: list[int]) -> None:
    """Accounts and wallets of all together hold what was credited less what was debited, whatever the courier does.

    The last person is insured elsewhere, so that what is shared with that one comes back. Ids are drawn too: some
    requests repeat another, some conflict with it.
    """
    requests = [record("enrolment.recorded", enrolment(spell(NANCHANG), psn_no=who)) for who in PERSONS[:-1]]
    requests += [record("enrolment.recorded", enrolment(spell(KARAMAY), psn_no=PERSONS[-1]))]
    for type, who, other, amount, id in asked:
        body = {
            "account.credited": credit(amount), "account.debited": debit(amount),
            "wallet.requested": sharing(amount, user_psn_no=other),
        }[type]
        requests.append(record(type, body | {"psn_no": who}, f"{type}-{id}"))
    live = Live(iter(picks))
    live.run(requests)
    assert money(live.road) == live.total


# --- state, laws and the rule's file ----------------------------------------------------------------------------------


def movement(before: int, moves: int, after: int, name: str = "balc") -> Movement:
    return Movement(before={name: before}, movement={name: moves}, after={name: after})


def test_a_verdict_that_names_another_balance_does_not_fit() -> None:
    purse = Purse(balances={"310": 100}).with_wallets({"A": 5})
    assert moved(purse, "310", movement(100, -40, 60), None).balance("310") == 60
    with pytest.raises(DoesNotFit, match="account 310"):
        moved(purse, "310", movement(99, -40, 59), None)
    with pytest.raises(DoesNotFit, match="wallet"):
        moved(purse, "310", None, Movement(before={}, movement={"A": 5}, after={"A": 5}))


@pytest.mark.parametrize("account", [movement(100, -9, 91), movement(100, -10, 91), movement(5, -10, -5), None])
def test_law_3_binds_what_moves_to_what_was_asked(account: Movement | None) -> None:
    event = family(100).send("account.debited", debit(10), id="d1")
    check_moved(event.body.request, event.body.settled)
    with pytest.raises(LawBroken, match="law 3"):
        check_moved(event.body.request, event.body.settled.model_copy(update={"account": account}))


def test_a_refusal_moves_nothing() -> None:
    event = family(100).send("account.debited", debit(101), id="d1")
    check_moved(event.body.request, event.body.settled)
    with pytest.raises(LawBroken, match="law 3"):
        check_moved(event.body.request, event.body.settled.model_copy(update={"account": movement(101, -101, 0)}))


def test_the_newest_rule_that_has_begun_is_the_rule() -> None:
    old = FamilyRule(("36",), "310", ("spouse",), ("36",), True, date(2020, 1, 1), "T1")
    new = replace(old, kin=("child",), begndate=date(2024, 7, 1))
    assert rule_of((old, new), "360100", date(2019, 12, 31)) is None
    assert rule_of((old, new), "360100", date(2024, 6, 30)) is old
    assert rule_of((old, new), "360100", date(2024, 7, 1)) is new
    assert rule_of((old, new), "350200", date(2024, 7, 1)) is None


def test_two_rules_of_one_place_and_day_are_a_problem() -> None:
    one = FamilyRule(("36",), "310", ("spouse",), ("36",), True, date(2020, 1, 1), "T1")
    assert in_english(twice((one, replace(one, places=("3601",))))) == [
        "family: 3601 has two rules from 2020-01-01; remove one, or give it another `from`"]
    assert [*twice((one, replace(one, places=("35",)), replace(one, begndate=date(2021, 1, 1))))] == []


FAMILY = "regions/350200-xiamen/family.toml"
RULE = """
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
"""


def test_the_file_says_whose_account_may_pay_for_whom(tmp_path: Path) -> None:
    book = rulebooks.loaded(tmp_path, {FAMILY: RULE})
    assert book.family("350200", date(2026, 1, 1)) == FamilyRule(
        ("35",), "310", ("spouse",), ("3502",), False, date(2020, 1, 1), "T1")
    assert book.family("360100", date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["spouse"]', '["cousin"]', "kin: codes: 'cousin' is unknown"),
        ('scope = ["3502"]', 'scope = ["x"]', "user: scope: 'x' is no code of a place"),
        ('codes = ["spouse"]\nsource = "T1"', 'codes = ["spouse"]\nsource = "S999"', "kin: source: 'S999' is not a known source"),
        ("from = 2020-01-01", "", "from: is missing"),
        ('insutype = "310"', 'insutype = "310"\nlimit = 5', "limit: is not known here"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in RULE
    with pytest.raises(RulebookError, match="family.toml") as wrong:
        rulebooks.loaded(tmp_path, {FAMILY: RULE.replace(old, new, 1)})
    assert any(said in one for one in in_english(wrong.value.problems))


# --- the audit and the statement --------------------------------------------------------------------------------------


def test_the_audit_finds_nothing_in_a_wallets_life_and_each_false_amount(book: Book) -> None:
    """All in one partition, the courier's requests too. What was built on a false amount is found once more, then no more."""
    assert told(wallet_life(book).rows()) == []
    for type, changes, found in (
        ("wallet.shared", {"account": movement(1_000, -249, 751)}, ["state_sum", "balance_differs"]),
        ("wallet.shared", {"account": movement(900, -250, 650)}, ["balance_differs", "balance_differs"]),
        ("wallet.shared", {"account": None}, ["state_sum", "verdict_differs", "balance_differs"]),
        ("wallet.credited", {"wallet": movement(1, 250, 251, SHARER)}, ["balance_differs", "balance_differs"]),
        ("wallet.credited", {"wallet": Movement(before={}, movement={SHARER: 350}, after={SHARER: 350})}, ["state_sum", "balance_differs"]),
        ("wallet.credited", {"verdict": "returned"}, ["verdict_differs", "state_sum"]),
        ("account.refused", {"account": movement(750, -751, -1)}, ["state_sum"]),
    ):
        standing = wallet_life(book)
        record_ = next(row.records[-1] for row in standing.rows() if event_of(row.records[-1]).type == type)  # type: ignore[arg-type]
        standing.topics[4][record_.offset] = replace(record_, value=settled_with(record_, **changes))  # type: ignore[union-attr]
        assert told(standing.rows()) == found, (type, changes)


def test_a_request_that_settlement_forwards_undecided_is_found(book: Book) -> None:
    standing = wallet_life(book)
    row = next(row for row in standing.rows() if event_of(row.records[-1]).type == "account.debited")  # type: ignore[arg-type]
    priced, settled = row.records[-2:]
    numbers = {name: int(settled.header(name) or b"") for name in ("req", "src", "own")}  # type: ignore[union-attr]
    forged = replace(settled, value=priced.value, headers=with_numbers(priced.headers, **numbers))  # type: ignore[union-attr]
    standing.topics[4][settled.offset] = forged  # type: ignore[union-attr]
    assert told(standing.rows()) == ["verdict_differs"]


def wallet_life(book: Book) -> Standing:
    """Sharer and user in one partition: a sharing, its credit, another of each, a debit that is refused and one that is not."""
    standing, neighbour = Standing(book), {"user_psn_no": NEIGHBOUR}
    first = record("wallet.requested", sharing(250, **neighbour), "s1")
    second = record("wallet.requested", sharing(100, **neighbour), "s2")
    for request in (
        record("enrolment.recorded", enrolment(spell(NANCHANG))),
        record("enrolment.recorded", enrolment(spell(JIUJIANG, "390", "15"), psn_no=NEIGHBOUR)),
        record("account.credited", credit(1_000), "c1"),
        first, letter_of(standing, 0), record("account.debited", debit(751), "d1"), second, letter_of(standing, 1),
        record("account.debited", debit(650), "d2"),
    ):
        standing.publish(request() if callable(request) else request)
    return standing


def letter_of(standing: Standing, number: int) -> Callable[[], Record]:
    """The courier's request for the sharing ``number`` that stands on the road by then."""
    return lambda: [letter for found in standing.topics[4] if (letter := carried(found))][number]


def told(rows: list[Row]) -> list[str]:
    """The codes of all findings, in the order of the requests."""
    state, judged = State(Followed(), strict=False), [judge(row, PARTITIONS) for row in rows]
    for one in judged:
        compare(one, state)
    return [found.code for one in judged for found in one.found]


def test_each_ending_has_a_receipt_in_both_languages() -> None:
    journey = family(100_000)
    debited = journey.send("account.debited", debit(30_050), id="d1")
    shared = journey.send("wallet.requested", sharing(25_000), id="s1")
    refused = journey.send("wallet.requested", sharing(99_999, user_insuplc_admdvs=KARAMAY), id="s2")
    (arrived,) = delivered(journey.road)
    assert "个人账户转出回执" in sheet(debited, "zh") and "金额（元） 300.50" in sheet(debited, "zh")
    assert "balance of the account 1,000.00 -300.50 699.50" in sheet(debited, "en")
    assert "亲属关系 父母" in sheet(shared, "zh") and "个人账户余额 699.50 -250.00 449.50" in sheet(shared, "zh")
    assert "Source [S141] 《江西可以使用医保家庭共济吗》" in sheet(shared, "en")
    assert f"from {SHARER} 0.00 250.00 250.00" in sheet(arrived, "en")
    assert "The user is insured in 650200" in sheet(refused, "en") and "balance of the account" not in sheet(refused, "en")
    assert "The account holds 449.50 yuan, less than 999.99 yuan" in sheet(refused, "en")


def sheet(event: Event, lang: str) -> str:
    """The statement with one blank between words and columns."""
    return " ".join(as_text(statement(event, built_in(), lang)).split())
