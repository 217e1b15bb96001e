"""The mixes ``bench`` and ``all``, the roll and the dice: exact shares, every type, and stories that end as they are written."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import split_type
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import REQUESTS, Event, event_of
from policies.book import built_in
from policies.road import Road
from services.generator import MAX_PERSONS, MAX_SEED, MIXES, generate
from services.generator.dice import Dice
from services.generator.load import HUNDRED, LINES, Load
from services.generator.mix import GROUPS
from services.generator.pen import Pen, Scene
from services.generator.people import Person
from services.generator.roll import Roll
from services.generator.sent import RECENT
from services.generator.stories import by_hand, cascade, review, unknown_outcome, wallet
from services.generator.woven import MOST, Woven

SEED = 7


def name(request: dict[str, Any]) -> str:
    return split_type(request["type"])[0]


# --- all mixes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mix", MIXES)
def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(mix: str) -> None:
    def digest(seed: int) -> str:
        return sha256("\n".join(generate(120, 300, seed, mix=mix)).encode()).hexdigest()

    assert digest(1) == digest(1) != digest(2)


@pytest.mark.parametrize("mix", MIXES)
def test_it_streams_and_the_largest_numbers_make_ids_that_fit(mix: str) -> None:
    stream = generate(MAX_PERSONS, 10**9, MAX_SEED, mix=mix)
    for line in islice(stream, 200):
        request_record(line.encode(), topic_map().partitions)


def test_a_mix_that_there_is_not_and_too_few_persons_are_named() -> None:
    with pytest.raises(ValueError, match="mix must be one of day, bench, all, not night"):
        generate(10, 10, 1, mix="night")
    with pytest.raises(ValueError, match="at least 100"):
        generate(99, 10, 1, mix="bench")


# --- bench --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def load() -> list[dict[str, Any]]:
    """Three hundreds: 3 x 97 claims."""
    return list(Load(150, 291, SEED, built_in()).load())


def test_each_hundred_is_78_outpatient_15_chronic_and_pharmacy_4_stays_2_filings_1_reversal(load: list[dict[str, Any]]) -> None:
    assert len(load) == 300
    for hundred in (load[at : at + 100] for at in (0, 100, 200)):
        found = Counter(one["data"].get("med_type", name(one)) for one in hundred)
        assert found.pop("11") == 78 and found.pop("14") + found.pop("41") == 15 and found.pop("21") == 4
        assert found == {"filing.requested": 2, "reversal.requested": 1}
    assert sum(share for _, share in HUNDRED) == 100


def test_bills_of_the_load_have_as_many_lines_as_they_are_said_to(load: list[dict[str, Any]]) -> None:
    sizes: dict[str, list[int]] = {}
    for one in load:
        if "feedetail" in one["data"]:
            sizes.setdefault(one["data"]["med_type"], []).append(len(one["data"]["feedetail"]))
    assert LINES["11"] == (3, 8) and LINES["21"] == (40, 120)
    for care, (low, high) in LINES.items():
        assert low <= min(sizes[care]) and max(sizes[care]) <= high
    assert (min(sizes["11"]), max(sizes["11"])) == (3, 8)


def test_what_is_reversed_was_claimed_before_and_is_the_last_of_its_person(load: list[dict[str, Any]]) -> None:
    last: dict[str, str] = {}
    for one in load:
        if name(one) == "reversal.requested":
            assert last.pop(one["data"]["psn_no"]) == one["data"]["omsgid"]
        elif name(one) == "claim.submitted":
            last[one["data"]["psn_no"]] = one["id"]


def test_whoever_claims_was_enrolled_before_the_load_and_memory_is_a_few_bytes_a_person() -> None:
    generated = Load(200, 10**6, SEED, built_in())
    enrolled = {one["data"]["psn_no"] for one in generated.needed() if name(one) == "enrolment.recorded"}
    assert len(enrolled) == 200
    for one in islice(generated.load(), 2000):
        assert one["data"]["psn_no"] in enrolled
    assert len(generated._sent.recent) <= RECENT and generated._seen.itemsize + generated._left.itemsize + 1 == 5


def test_the_page_shows_what_is_generated() -> None:
    page = (Path(__file__).parents[2] / "docs" / "generate.md").read_text("utf-8")
    shown = {name: int(count) for name, count in re.findall(r"│ (cn\.yibao\.\S+) +│ +(\d+) │", page)}
    assert shown == Counter(json.loads(line)["type"] for line in generate(600, 970, 1, mix="bench"))


# --- all ----------------------------------------------------------------------------------------------------------


def test_all_has_every_type_that_is_not_the_couriers() -> None:
    found = {name(json.loads(line)) for line in generate(200, 1500, SEED, mix="all")}
    assert found == REQUESTS.keys() - {"wallet.credited"}


def test_the_requests_of_day_stand_in_all_in_their_order() -> None:
    day = list(generate(50, 200, SEED))
    woven = [line for line in generate(50, 200, SEED, mix="all") if json.loads(line)["id"].startswith("G")]
    assert woven == day


def test_stories_that_go_on_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.generator.woven.BEGUN", 1000)
    woven, most = Woven(50, 10**6, SEED, built_in()), 0
    for _ in islice(woven.requests(), 300):
        most = max(most, len(woven._open))
    assert most == MOST


# --- stories ------------------------------------------------------------------------------------------------------


def ends(story: Any, seed: int) -> list[tuple[str, Event]]:
    """Types of requests and how they end."""
    road, found = Road(built_in()), []
    for request in story(Pen(Scene(seed, built_in()), f"S{seed}-000001")):
        record = request_record(json.dumps(request).encode(), topic_map().partitions)
        *_, last = road.run(record)
        found.append((name(request), event_of(last)))
    for record in road.deliver():
        if record.topic == topic_map().road[-1].name:
            found.append(("courier", event_of(record)))
    return found


def stories(story: Any) -> Iterator[list[tuple[str, Event]]]:
    return (ends(story, seed) for seed in range(24))


def test_what_review_holds_is_decided_once() -> None:
    held = decided = 0
    for one in stories(review):
        claim = [event for kind, event in one if kind == "claim.submitted"][-1]
        decisions = [event.type for kind, event in one if kind == "review.decided" and not event.body.request.held_id.endswith("unknown")]
        assert bool(decisions) == (claim.type == "claim.held")
        if decisions:
            held += 1
            assert decisions[0] in ("review.settled", "review.closed") and set(decisions[1:]) <= {"review.refused"}
            decided += len(decisions[1:])
    assert held and decided


def test_a_reimbursement_is_paid_at_most_once_unless_it_was_taken_back() -> None:
    types = Counter[str]()
    for one in stories(by_hand):
        kinds = [event.type for _, event in one]
        paid, back = kinds.count("reimbursement.settled"), kinds.count("claim.reversed")
        assert paid <= 1 + back
        types.update(kinds)
    assert {"reimbursement.settled", "reimbursement.pending", "reimbursement.quoted", "reimbursement.refused", "claim.reversed"} <= types.keys()


def test_the_agency_takes_along_what_stands_behind() -> None:
    along = 0
    for one in stories(cascade):
        granted = [event for _, event in one if event.type in ("claim.reversed", "claim.corrected")]
        assert granted and one[-1][1].type == "claim.settled"
        along += any(len(event.body.settled.again) > 0 for event in granted)
    assert along


def test_an_undone_request_has_no_effect_whenever_it_arrives() -> None:
    for one in stories(unknown_outcome):
        assert [event.type for _, event in one[1:]] == [
            "request.undone", "request.undone", "request.refused", "claim.settled", "claim.undone", "undo.repeated"]


def test_a_wallet_is_filled_or_the_money_goes_back() -> None:
    types = Counter[str]()
    for one in stories(wallet):
        kinds = Counter(event.type for _, event in one)
        assert kinds["wallet.shared"] == kinds["wallet.credited"] + kinds["wallet.returned"]
        assert kinds["account.credited"] == 1 + kinds["wallet.returned"]
        types += kinds
    assert {"wallet.credited", "wallet.returned", "wallet.refused", "claim.reversed"} <= types.keys()


# --- roll and dice ------------------------------------------------------------------------------------------------


def test_the_roll_gives_back_who_was_put() -> None:
    roll = Roll(3, SEED)
    who = Person(
        psn_no=f"P650200-G{SEED}-000001", group=GROUPS[0], status="retired", brdy=date(1950, 2, 28), gend="2",
        insured_from=date(2001, 1, 1), province="31", filed=True, filed_until=date(2025, 6, 30), in_arrears=True,
        discharged=None, seen=date(2025, 3, 1), shared=False)
    roll.put(1, who)
    assert roll.get(1) == who and roll.get(0) is None and roll.get(2) is None
    assert roll.get(1).group is GROUPS[0]


def test_dice_of_a_number_follow_split_mix() -> None:
    """SplitMix64 from 0: the first outputs are 0xE220A8397B1DCDAF and 0x6E789E6AA1B965F4 (reference implementation, Vigna 2015);
    as a share of 2**64 they are 0.8833... and 0.4315..."""
    dice = Dice.of(0, 0)
    assert [dice.below(10_000) for _ in range(2)] == [0xE220A8397B1DCDAF * 10_000 >> 64, 0x6E789E6AA1B965F4 * 10_000 >> 64] == [8833, 4315]
    assert Dice.of(1, 5).below(10**9) != Dice.of(1, 6).below(10**9) != Dice.of(2, 5).below(10**9)


def test_shuffled_keeps_what_there_is() -> None:
    assert sorted(Dice(1).shuffled(range(100))) == list(range(100)) != Dice(1).shuffled(range(100))
