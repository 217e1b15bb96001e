"""The generator: the same bytes for the same arguments, lines that are valid, and verdicts as the mix documents them."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from contracts.envelope import split_type
from contracts.events.reversal import Reversed
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import Event, event_of
from policies.book import built_in
from policies.laws import check_line, check_priced, check_settled
from policies.reversal.folded import check_reversed
from policies.road import Road
from services.cli.generate import generate as command
from services.generator import MAX_PERSONS, MAX_SEED, generate
from services.generator.dice import Dice
from services.generator.mix import FAULTS, GROUPS, MATERNITY, QUOTED, REPEATED, UNDOING, UNDONE, UNLISTED_CODE
from services.generator.sent import RECENT
from services.generator.stream import Stream
from services.generator.undoing import undoing
from tests.policies.requests import product

PERSONS, CLAIMS, SEED = 500, 2000, 7

FAULT_CODES = {
    "not_filed": {"not_filed", "filing_elsewhere"},
    "unknown_provider": {"unknown_provider"},
    "no_rule": {"no_rule"},
    "in_arrears": {"in_arrears"},
}
"""The reasons by which each fault of the mix is refused."""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return list(generate(PERSONS, CLAIMS, SEED))


@pytest.fixture(scope="module")
def requests(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def road() -> Road:
    return Road(built_in())


@pytest.fixture(scope="module")
def verdicts(lines: list[str], road: Road) -> list[Event]:
    """The terminal event of each line."""
    partitions = topic_map().partitions
    return [event_of(list(road.run(request_record(line.encode(), partitions)))[-1]) for line in lines]


def digest(lines: Iterator[str]) -> str:
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def name(request: dict[str, Any]) -> str:
    return split_type(request["type"])[0]


def settlements_of(requests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The claims by id, interim settlements too: one that was sent twice counts once."""
    return {request["id"]: request["data"] for request in requests if name(request) == "claim.submitted"}


def claims_of(requests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The claims by id, without the interim settlements."""
    return {id: data for id, data in settlements_of(requests).items() if data.get("mid_setl_flag") != "1"}


def shares_only(psn_no: str) -> bool:
    """Whether this is a relative who shares an account and claims nothing."""
    return psn_no.endswith("-K")


def near(found: int, share: float, of: int) -> bool:
    """Within four standard deviations of a share of ``of`` draws (binomial)."""
    return abs(found - of * share) <= 4 * (of * share * (1 - share)) ** 0.5


# --- the same bytes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_bytes_in_another_process(hash_seed: str) -> None:
    program = (
        "import sys\nfrom services.generator import generate\n"
        "for line in generate(60, 400, 11): sys.stdout.write(line + '\\n')"
    )
    root = Path(__file__).parents[2]
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root), "TZ": "America/New_York"}
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment, cwd=root)
    assert sha256(made.stdout).hexdigest() == digest(generate(60, 400, 11))


def test_another_seed_gives_other_requests() -> None:
    assert digest(generate(60, 400, 11)) != digest(generate(60, 400, 12))


def test_dice_follow_the_sequence_that_python_keeps_for_a_seed() -> None:
    # Random(1).random(): 0.1343..., 0.8474..., 0.7637..., 0.2550..., 0.4954..., 0.4494...
    dice = Dice(1)
    assert [dice.below(1000) for _ in range(6)] == [134, 847, 763, 255, 495, 449]


# --- valid, and in order ------------------------------------------------------------------------------------------


def test_each_line_is_one_line_that_publish_takes(lines: list[str]) -> None:
    partitions = topic_map().partitions
    for line in lines:
        assert "\n" not in line
        assert request_record(line.encode(), partitions).header("ce_id")


def test_claims_are_as_many_as_asked_for_and_persons_no_more(requests: list[dict[str, Any]]) -> None:
    assert len(claims_of(requests)) == CLAIMS
    enrolled = {r["data"]["psn_no"] for r in requests if name(r) == "enrolment.recorded"}
    assert {r["data"]["psn_no"] for r in requests} == enrolled
    claimants = {psn_no for psn_no in enrolled if not shares_only(psn_no)}
    assert PERSONS * 0.9 < len(claimants) <= PERSONS  # 2,000 draws of 500 leave out e^-4 of them, some 2 %


def test_ids_come_from_seed_and_number_and_only_a_repeated_request_uses_one_twice(lines: list[str]) -> None:
    by_id: dict[str, set[str]] = {}
    for line in lines:
        by_id.setdefault(json.loads(line)["id"], set()).add(line)
    assert list(by_id) == [f"G{SEED}-{number:06d}" for number in range(1, len(by_id) + 1)]
    assert all(len(same) == 1 for same in by_id.values())


def test_a_person_is_enrolled_first_and_an_employee_has_a_credit_before_the_first_claim(
    requests: list[dict[str, Any]],
) -> None:
    seen: dict[str, list[str]] = {}
    for request in requests:
        seen.setdefault(request["data"]["psn_no"], []).append(name(request))
    insutype = {data["psn_no"]: data["insutype"] for data in claims_of(requests).values()}
    for psn_no, names in seen.items():
        assert names[0] == "enrolment.recorded"
        assert (names[1] == "account.credited") is (shares_only(psn_no) or insutype[psn_no] == "310")


def test_claims_are_settled_all_over_2025_in_the_order_of_publication(requests: list[dict[str, Any]]) -> None:
    days = [date.fromisoformat(data["setl_date"]) for data in claims_of(requests).values()]
    assert days == sorted(days)
    assert len(set(days)) == 365
    assert {day.year for day in days} == {2025}


def test_an_interim_settlement_is_followed_by_the_rest_of_its_stay(requests: list[dict[str, Any]]) -> None:
    stays = sum(data["med_type"] == "21" for data in claims_of(requests).values())
    rest = {data["mdtrt_id"]: data for data in claims_of(requests).values()}
    interim = [data for data in settlements_of(requests).values() if data.get("mid_setl_flag") == "1"]
    assert 0 < len(interim) < 0.06 * stays  # 30 of 1,000
    for data in interim:
        last = rest[data["mdtrt_id"]]
        same = ("psn_no", "insutype", "fixmedins_code", "med_type", "begndate")
        assert [data[name] for name in same] == [last[name] for name in same]
        assert data["enddate"] < last["enddate"] and last["mid_setl_flag"] == "0"
        assert max(line["fee_ocur_date"] for line in data["feedetail"]) <= data["enddate"]
        assert min(line["fee_ocur_date"] for line in last["feedetail"]) >= data["enddate"]


def test_a_birth_is_a_womans_one_claim(requests: list[dict[str, Any]]) -> None:
    gend = {r["data"]["psn_no"]: r["data"]["gend"] for r in requests if name(r) == "enrolment.recorded"}
    births = [data for data in claims_of(requests).values() if data["med_type"] == "52"]
    assert births
    for data in births:
        assert gend[data["psn_no"]] == "2" and data["matn_type"] in dict(MATERNITY)
    assert len({data["psn_no"] for data in births}) == len(births)


def test_a_wallet_is_used_only_where_a_relative_shared_before(requests: list[dict[str, Any]]) -> None:
    filled, used = set(), 0
    for request in requests:
        if name(request) == "wallet.requested":
            filled.add(request["data"]["user_psn_no"])
        elif name(request) == "claim.submitted" and request["data"]["acct_used_flag"] == "2":
            used += 1
            assert request["data"]["psn_no"] in filled
    assert filled and used


def test_stays_of_a_person_do_not_overlap(requests: list[dict[str, Any]]) -> None:
    left: dict[str, str] = {}
    for data in claims_of(requests).values():
        if data["med_type"] == "21":
            assert data["begndate"] >= left.get(data["psn_no"], "")
            left[data["psn_no"]] = data["enddate"]


# --- bills --------------------------------------------------------------------------------------------------------


def test_amounts_are_price_times_count_and_add_up(requests: list[dict[str, Any]]) -> None:
    for data in settlements_of(requests).values():
        for line in data["feedetail"]:
            assert product(line["pric"], line["cnt"]) == line["det_item_fee_sumamt"]
        assert sum(line["det_item_fee_sumamt"] for line in data["feedetail"]) == data["medfee_sumamt"]


def test_bills_have_as_many_lines_as_documented_and_some_take_back(requests: list[dict[str, Any]]) -> None:
    sizes: dict[str, set[int]] = {"visit": set(), "stay": set()}
    refunds = 0
    for data in claims_of(requests).values():
        sizes["visit" if data["med_type"] in ("11", "13") else "stay"].add(len(data["feedetail"]))
        refunds += any(line["cnt"].startswith("-") for line in data["feedetail"])
    assert sizes == {"visit": set(range(3, 9)), "stay": set(range(10, 41))}
    # 20 of 1,000 visits and 150 of 1,000 stays, which are about a quarter of the claims
    assert 0.02 * CLAIMS < refunds < 0.09 * CLAIMS


def test_codes_come_from_the_rulebook(requests: list[dict[str, Any]]) -> None:
    book = built_in()
    items = {code for found in book.catalogues.values() for catalogue in found for code in catalogue.items}
    used = {line["med_list_codg"] for data in claims_of(requests).values() for line in data["feedetail"]}
    assert used - items == {UNLISTED_CODE}
    unknown = {code for d in claims_of(requests).values() if (code := d["fixmedins_code"]) not in book.providers}
    assert unknown and all(code.endswith("99999") for code in unknown)


def test_it_follows_another_rulebook() -> None:
    """Without 北京 in the register nobody goes there."""
    book = built_in()
    fewer = replace(book, providers={code: p for code, p in book.providers.items() if not code.startswith("H11")})

    def used(lines: Iterator[str]) -> bool:
        return any('"fixmedins_code":"H11' in line for line in lines)

    assert used(generate(50, 300, 1))
    assert not used(generate(50, 300, 1, fewer))


def test_a_rulebook_without_providers_is_named() -> None:
    with pytest.raises(LookupError, match="no provider .* add one to the rulebook"):
        list(generate(5, 5, 1, replace(built_in(), providers={})))


# --- verdicts -----------------------------------------------------------------------------------------------------


def codes(event: Event) -> set[str]:
    sections = [getattr(event.body, part, None) for part in ("filed", "checked", "priced", "settled")]
    return {reason.code for section in sections if section is not None for reason in section.reasons}


def test_the_laws_hold_on_every_settlement(verdicts: list[Event]) -> None:
    paid = [event.body for event in verdicts if event.type in ("claim.settled", "claim.quoted")]
    assert len(paid) > 0.9 * CLAIMS
    for body in paid:
        for line in body.priced.lines:
            check_line(line)
        check_priced(body.priced, body.request.medfee_sumamt)
        check_settled(body.settled, body.priced)


@pytest.mark.parametrize(("fault", "per_mille"), FAULTS)
def test_refusals_are_in_the_documented_share(fault: str, per_mille: int, verdicts: list[Event]) -> None:
    found = sum(1 for event in verdicts if event.type == "claim.refused" and codes(event) & FAULT_CODES[fault])
    share = per_mille / 1000
    if fault == "not_filed":  # 衡阳 needs no filing for its outpatient care: 35 of 123 persons
        share *= 88 / 123
    if fault == "no_rule":  # the rules of 南昌 and 九江, 5 of 123 persons, begin on 12 March, the 71st day
        share += 5 / 123 * 70 / 365
    assert near(found, share, CLAIMS)


def test_nothing_is_refused_for_another_reason(verdicts: list[Event]) -> None:
    known = set().union(*FAULT_CODES.values(), {"repeated"})
    for event in verdicts:
        assert codes(event) <= (known | UNDOING_CODES if name_of(event) in UNDOING_TYPES else known)
        assert event.type not in ("request.unreadable", "request.refused")
        if event.type == "filing.decided":
            assert event.body.filed.verdict == "accepted"


def name_of(event: Event) -> str:
    return event.attributes.request_type


UNDOING_TYPES = {"reversal.requested", "correction.requested", "undo.requested"}
UNDOING_CODES = {"no_settlement", "nothing_to_undo", "later_first", "reversed_before"}
"""By which what undoes a claim is refused: it was refused itself, others stand on it, or it was undone already."""


def test_one_claim_in_a_hundred_is_undone(verdicts: list[Event]) -> None:
    asked = Counter(name_of(event) for event in verdicts if name_of(event) in UNDOING_TYPES)
    types = Counter(event.type for event in verdicts)
    assert near(asked.total(), UNDONE / 1000, CLAIMS) and asked.keys() == UNDOING_TYPES
    assert types["claim.reversed"] and types["claim.corrected"]
    for event in verdicts:
        if isinstance(getattr(event.body, "settled", None), Reversed):
            check_reversed(event.body)


def test_what_undoes_a_claim_is_in_the_documented_share_and_readable(requests: list[dict[str, Any]]) -> None:
    dice, found = Dice(3), Counter[str]()
    claim = next(request for request in requests if name(request) == "claim.submitted")
    for number in range(2000):
        request = undoing(dice, claim)
        lost = request["data"]["omsgid"] != claim["id"]
        request_record(json.dumps({**request, "id": f"u{number}"}).encode(), topic_map().partitions)
        found[name(request) + (" lost" if lost else "")] += 1
    shares = dict(UNDOING)
    for kind, share in (("reversal.requested", shares["reversal"]), ("correction.requested", shares["correction"]),
                        ("undo.requested", shares["undo"] / 2), ("undo.requested lost", shares["undo"] / 2)):
        assert near(found[kind], share / 100, 2000), kind


def test_whatever_is_debited_or_shared_is_covered_by_the_account(verdicts: list[Event]) -> None:
    types = Counter(event.type for event in verdicts)
    assert types["account.debited"] and types["wallet.shared"]
    assert not types["account.refused"] and not types["wallet.refused"]


def test_what_is_shared_arrives(verdicts: list[Event], road: Road) -> None:
    arrived = [event_of(record).type for record in road.deliver() if record.topic == topic_map().road[-1].name]
    assert arrived == ["wallet.credited"] * sum(event.type == "wallet.shared" for event in verdicts)


def test_quotes_and_repeated_requests_are_in_the_documented_share(verdicts: list[Event]) -> None:
    types = Counter(event.type for event in verdicts)
    assert near(types["claim.quoted"] + types["quote.refused"], QUOTED / 1000, CLAIMS)
    assert types["request.repeated"] > 0
    assert near(types["request.repeated"], REPEATED / 1000, CLAIMS)


def test_a_quote_is_followed_by_its_claim(requests: list[dict[str, Any]]) -> None:
    for quote, claim in zip(requests, requests[1:], strict=False):
        if name(quote) == "quote.requested":
            assert (name(claim), claim["data"]) == ("claim.submitted", quote["data"])


def test_people_are_in_the_documented_shares(requests: list[dict[str, Any]]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for psn_no, request in {r["data"]["psn_no"]: r for r in requests if name(r) == "enrolment.recorded"}.items():
        if shares_only(psn_no):
            continue
        spell = request["data"]["insuinfo"][0]
        found[spell["insuplc_admdvs"], spell["insutype"]] += 1
    weights = sum(group.weight for group in GROUPS)
    assert set(found) == {(group.place, group.insutype) for group in GROUPS}
    for group in GROUPS:
        assert near(found[group.place, group.insutype], group.weight / weights, found.total())


def test_the_mix_reaches_what_it_is_for(verdicts: list[Event]) -> None:
    """Every plan; care at home, elsewhere in the province and in other provinces; caps hit; accounts used."""
    paid = [event.body for event in verdicts if event.type == "claim.settled"]
    assert {(body.checked.insured.insuplc_admdvs, body.request.insutype) for body in paid} == {(g.place, g.insutype) for g in GROUPS}
    assert {body.request.med_type for body in paid} == {"11", "13", "21", "52"}
    assert {body.checked.place for body in paid} == {"home", "same_province", "other_province"}
    assert {body.checked.provider.dedc_hosp_lv for body in paid} == {"1", "2", "3", "9"}
    cut = {step.facts["per"] for body in paid for step in body.settled.steps if step.kind == "cap" and step.amount < step.base}
    assert cut == {"visit", "year"}
    assert any(body.settled.acct_pay for body in paid) and any(not body.settled.acct_pay for body in paid)


# --- a stream -----------------------------------------------------------------------------------------------------


def test_it_streams() -> None:
    """The first lines of a thousand million claims come at once."""
    stream = generate(MAX_PERSONS, 10**9, SEED)
    assert iter(stream) is stream
    assert name(json.loads(next(stream))) == "enrolment.recorded"


def test_memory_is_that_of_the_roll_and_of_recent_claims() -> None:
    stream = Stream(20, 10**6, SEED, built_in())
    for _ in islice(stream.requests(), 3000):
        pass
    assert len(stream._roll._rows) == 20 * 27
    assert len(stream._sent.recent) == RECENT


@pytest.mark.parametrize(("persons", "claims", "seed", "named"), [
    (0, 1, 1, "persons"), (MAX_PERSONS + 1, 1, 1, "persons"), (1, -1, 1, "claims"), (1, 1, -1, "seed"),
    (1, 1, MAX_SEED + 1, "seed"),
])
def test_numbers_out_of_bounds_are_named(persons: int, claims: int, seed: int, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named} must"):
        generate(persons, claims, seed)


def test_the_largest_numbers_make_ids_that_fit() -> None:
    for line in islice(generate(MAX_PERSONS, 10**9, MAX_SEED), 50):
        request_record(line.encode(), topic_map().partitions)


def test_no_claims_no_lines() -> None:
    assert list(generate(10, 0, 1)) == []


# --- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def run() -> Any:
    app = typer.Typer()
    app.command()(command)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_command_writes_the_same_lines_to_a_file_and_to_standard_output(run: Any, tmp_path: Path) -> None:
    arguments = ("--persons", "20", "--claims", "100", "--seed", "5")
    shown = run(*arguments)
    written = run(*arguments, "--out", str(tmp_path / "r.jsonl"), "--json")
    assert (shown.exit_code, written.exit_code) == (0, 0)
    content = (tmp_path / "r.jsonl").read_bytes()
    assert content == shown.stdout_bytes == "".join(f"{line}\n" for line in generate(20, 100, 5)).encode()
    told = json.loads(written.stdout)
    assert told["requests"] == content.count(b"\n") == sum(told["types"].values())
    assert [path.name for path in tmp_path.iterdir()] == ["r.jsonl"]


def test_command_prints_a_summary(run: Any, tmp_path: Path) -> None:
    result = run("--claims", "30", "--out", str(tmp_path / "r.jsonl"))
    assert result.exit_code == 0
    assert "cn.yibao.claim.submitted.v1" in result.stdout and "合计 / in all" in result.stdout


def test_command_says_where_it_cannot_write(run: Any, tmp_path: Path) -> None:
    result = run("--claims", "1", "--out", str(tmp_path / "none" / "r.jsonl"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr and "give a place that can" in result.stderr
