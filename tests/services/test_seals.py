"""Seals: counted by hand, the same whenever they are made, and every false one found."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.envelope import Record
from contracts.events.seal import ChainSealed, kept_seal
from contracts.exact import exact_hash
from contracts.log import kept
from contracts.merkle import climbed, grown, leaf, node, path, root
from contracts.wire import to_json
from policies.book import Book, built_in
from services.audit import signing
from services.audit.auditor import Auditor
from services.audit.sealing import Sealing
from services.audit.signing import Signer, is_signed, new_key
from services.audit.verify import Report, Verifier
from services.runtime.exits import Misconfigured
from tests.memory import MemoryLedger, MemoryLog, MemoryStore, MemoryTopic
from tests.policies.standing import LAST, PARTITION, Standing, settled_with, story
from tests.services.test_verify import Memory, codes

EVERY = 4


@pytest.fixture(scope="module")
def book() -> Book:
    return built_in()


@pytest.fixture
def standing(book: Book) -> Standing:
    return story(book)


def sealed_by(standing: Standing, signer: Signer | None = None, ends: tuple[int, ...] = (), every: int = EVERY) -> MemoryTopic:
    """What the audit worker writes of the road; a new worker takes over at each of ``ends``."""
    names = [topic[0].topic for topic in standing.topics]
    topics = [MemoryTopic(name, PARTITION, list(records)) for name, records in zip(names, standing.topics, strict=True)]
    out, ledger = MemoryTopic("yibao.sealed", PARTITION), MemoryLedger(MemoryStore(), "audit", PARTITION)

    async def work() -> None:
        for end in (*ends, len(standing.topics[4])):
            beside = [MemoryLog(MemoryTopic(name, PARTITION)) for name in ("yibao.found", "yibao.dead")]
            auditor = Auditor([MemoryLog(one) for one in topics], *beside, ledger, 30, sealed=(MemoryLog(out), Sealing(every, signer)))
            await auditor.takeover()
            await auditor.batch(standing.topics[4][auditor.next_input : end])

    asyncio.run(work())
    return out


def seals(topic: MemoryTopic) -> list[ChainSealed]:
    return [ChainSealed.model_validate_json(record.value) for record in topic.records]


def verified(standing: Standing, sealed: list[Record], **more: object) -> Report:
    source = Memory([*standing.topics, sealed])
    return asyncio.run(Verifier(source, standing.book, **more).run([PARTITION]))  # type: ignore[arg-type]


# --- what a seal says -------------------------------------------------------------------------------------------------


def test_the_tree_is_that_of_rfc_6962() -> None:
    """Seven leaves by hand: ((ab)(cd)) ((ef)g)."""
    a, b, c, d, e, f, g = leaves = [leaf(bytes([n])) for n in range(7)]
    by_hand = node(node(node(a, b), node(c, d)), node(node(e, f), g))
    peaks: tuple[tuple[int, str], ...] = ()
    for one in leaves:
        peaks = grown(peaks, one)
    assert root(peaks) == by_hand and [size for size, _ in peaks] == [4, 2, 1]
    assert path(leaves, 6) == (node(e, f), node(node(a, b), node(c, d)))
    for at, one in enumerate(leaves):
        assert climbed(one, at, 7, path(leaves, at)) == by_hand
        assert climbed(leaves[at - 1], at, 7, path(leaves, at)) != by_hand
    assert climbed(a, 0, 1, ()) == a


@pytest.mark.parametrize("at, size, steps", [(0, 0, ()), (1, 1, ()), (0, 1, ("00" * 32,)), (0, 2, ()), (-1, 2, ("00" * 32,)), (0, 9, ("00" * 32,))])
def test_a_path_that_fits_no_tree_is_an_error(at: int, size: int, steps: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        climbed("00" * 32, at, size, steps)


def test_the_sums_of_a_seal_are_those_worked_by_hand(standing: Standing) -> None:
    """Level 1 (S116, S117): claim-1, 100.00: (100 - 20) x 80 % = 64.00 from the pool; the second, 200.00: 144.00; the fourth,
    300.00: 224.00. The person has 500.00 on the account and pays from it what is left of the first two: 36.00 and 56.00; the
    last asks for cash: 76.00. A quote, a repeated and two refused ones move nothing."""
    first, second, third = seals(sealed_by(standing))
    assert [(one.first, one.last) for one in (first, second, third)] == [(0, 3), (4, 7), (8, 11)]
    assert first.paid == {"650200": {"hifp_pay": 6_400, "acct_pay": 3_600}}
    assert second.paid == {"650200": {"hifp_pay": 14_400, "acct_pay": 5_600}}
    assert third.paid == {"650200": {"hifp_pay": 22_400, "psn_cash_pay": 7_600}}
    assert first.moved["650200"]["outpatient.hifp_pay"] == 6_400 and third.moved["650200"]["outpatient.deductible"] == 2_000
    assert (first.previous, second.previous, third.previous) == (None, first.hash, second.hash)
    assert [(one.topic, one.first, one.last, one.records) for one in second.topics if one.topic in ("yibao.requested", "yibao.filed")] == [
        ("yibao.filed", 5, 8, 4), ("yibao.requested", 4, 7, 4)]  # one fence stands before the first


@pytest.mark.parametrize("ends", [(1,), (3, 6), (5,), (2, 3, 4, 9)])
def test_seals_are_the_same_wherever_workers_end(standing: Standing, ends: tuple[int, ...]) -> None:
    assert [record.value for record in sealed_by(standing, ends=ends).records] == [record.value for record in sealed_by(standing).records]


# --- false ones -------------------------------------------------------------------------------------------------------


def test_true_seals_hold_signed_or_not(standing: Standing, tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    signed = sealed_by(standing, Signer(tmp_path / "key")).records
    report = verified(standing, signed, key=public)
    assert (report.found, report.seals, report.signed) == ([], 3, 3)
    report = verified(standing, sealed_by(standing).records)
    assert (report.found, report.seals, report.signed) == ([], 3, 0)
    assert codes(verified(standing, sealed_by(standing).records, key=public)) == [("seal_forged", "sealed", n) for n in range(3)]
    assert verified(standing, [*signed, replace(signed[0], offset=3)]).found == [], "told twice is told once"


CHANGES: dict[str, Callable[[ChainSealed], dict[str, object]]] = {
    "root": lambda one: {"root": "0" * 64},
    "paid": lambda one: {"paid": {"650200": {**one.paid["650200"], "hifp_pay": one.paid["650200"]["hifp_pay"] + 1}}},
    "moved": lambda one: {"moved": {}},
    "topics": lambda one: {"topics": one.topics[:-1]},
    "last": lambda one: {"last": one.last + 1},
    "first": lambda one: {"first": one.first + 1},
    "partition": lambda one: {"partition": one.partition + 1},
    "previous": lambda one: {"previous": "1" * 64},
    "signature": lambda one: {"signature": "0" * 128},
    "no signature": lambda one: {"signature": None},
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("number", range(3))
def test_an_altered_seal_is_found(standing: Standing, tmp_path: Path, name: str, number: int) -> None:
    new_key(tmp_path / "key")
    records = list(sealed_by(standing, Signer(tmp_path / "key")).records)
    seal = ChainSealed.model_validate_json(records[number].value)
    records[number] = replace(records[number], value=to_json(seal.model_copy(update=CHANGES[name](seal))))
    found = verified(standing, records).found
    assert {one.code for one in found} & {"seal_forged", "seal_differs"}
    if name not in ("previous",):
        assert any(one.topic == "yibao.sealed" for one in found)


def test_a_seal_signed_again_with_another_key_is_found_by_the_right_key(standing: Standing, tmp_path: Path) -> None:
    """A forger who can change the log and makes every seal anew: only his key is another one."""
    public, _ = new_key(tmp_path / "key"), new_key(tmp_path / "forged")
    found = verified(standing, sealed_by(standing, Signer(tmp_path / "forged")).records, key=public)
    assert codes(found) == [("seal_forged", "sealed", n) for n in range(3)] and found.signed == 3


def test_seals_find_what_nothing_else_can(standing: Standing) -> None:
    """A road cut short on every topic alike."""
    sealed = sealed_by(standing).records
    for place, topic in enumerate(standing.topics):
        del topic[-1], topic[-1]
        assert len(topic) == 10 + (place > 0)
    assert verified(standing, []).found == []
    assert codes(verified(standing, sealed)) == [("seal_differs", "sealed", 2)]


def test_a_trace_lies_outside_the_chain_and_inside_the_seal(standing: Standing) -> None:
    sealed = sealed_by(standing).records
    found = standing.at(4, 0)
    standing.topics[4][found.offset] = replace(found, headers=(*found.headers, ("traceparent", b"00-1-2-01")))
    assert verified(standing, []).found == []
    assert codes(verified(standing, sealed)) == [("seal_differs", "sealed", 0)]


@pytest.mark.parametrize("left, lacking", [(0, 12), (1, 8), (2, 0), (3, 0)])
def test_requests_that_a_demanded_key_has_not_sealed_are_told(standing: Standing, tmp_path: Path, left: int, lacking: int) -> None:
    """Twelve requests, four a seal: where all or two seals are gone, twelve or eight lie bare; four may still wait for theirs."""
    public = new_key(tmp_path / "key")
    records = sealed_by(standing, Signer(tmp_path / "key")).records[:left]
    assert verified(standing, records).found == []
    report = verified(standing, records, key=public)
    first = standing.at(4, 12 - lacking).offset if lacking else -1
    assert codes(report) == ([("unsealed", "settled", first)] if lacking else []) and report.errors == 0
    assert report.unsealed == 12 - 4 * left and all(f" {lacking} requests" in one.en for one in report.found)


def test_a_signature_that_no_library_can_check_is_not_what_a_key_demands(standing: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = new_key(tmp_path / "key")
    records = sealed_by(standing, Signer(tmp_path / "key")).records
    monkeypatch.setattr(signing, "Ed25519PublicKey", None)
    assert [code for code, *_ in codes(verified(standing, records, key=public))] == ["unsealed"]


def test_each_seal_counts_once_and_in_its_order(standing: Standing, tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    topic = sealed_by(standing, Signer(tmp_path / "key"))
    first, second, third = topic.records
    lines = [kept_seal(seal.line) for seal in seals(topic)]
    for records, told in (
        ([first, second, third], []), ([first, second, third, replace(third, offset=3)], []),
        ([first, second, third, third], [2]), ([second, first, third], [0]), ([first, third, second], [1]),
    ):
        report = verified(standing, records, key=public, kept=lines)
        assert codes(report) == [("out_of_order", "sealed", offset) for offset in told]
        assert (report.seals, report.signed) == (3, 3)


@pytest.mark.parametrize(("change", "code"), [
    ({"key": None}, "seal_forged"), ({"key": b"9"}, "seal_forged"), ({"topic": "yibao.found"}, "misplaced"), ({"headers": ()}, "seal_forged"),
    ({"headers": (("traceparent", b"00-1-2-01"),)}, "seal_forged"),
])
def test_what_stands_around_a_seal_is_what_a_worker_writes(standing: Standing, change: dict[str, object], code: str) -> None:
    """The signature is about the seal alone: its record's key, headers and topic follow from it."""
    first, *others = sealed_by(standing).records
    assert codes(verified(standing, [replace(first, **change), *others])) == [(code, "sealed", 0)]  # type: ignore[arg-type]
    for number in range(len(first.headers)):
        name, value = first.headers[number]
        headers = (*first.headers[:number], (name, (value or b"") + b"0"), *first.headers[number + 1 :])
        assert codes(verified(standing, [replace(first, headers=headers), *others])) == [("seal_forged", "sealed", 0)], name


def test_seals_that_changed_places_are_told(standing: Standing) -> None:
    first, second, third = sealed_by(standing).records
    assert codes(verified(standing, [first, replace(third, offset=1), replace(second, offset=2)])) == [("seal_forged", "sealed", 1)]


def test_a_missing_seal_breaks_the_chain(standing: Standing) -> None:
    sealed = sealed_by(standing).records
    del sealed[1]
    assert codes(verified(standing, sealed)) == [("seal_forged", "sealed", 2)]


def test_a_line_kept_elsewhere_is_held_against_the_topic_and_the_records(standing: Standing) -> None:
    sealed = sealed_by(standing)
    lines = [kept_seal(seal.line) for seal in seals(sealed)]
    assert verified(standing, sealed.records, kept=lines).found == []
    assert codes(verified(standing, [], kept=lines)) == [("seal_forged", "sealed", -1)] * 3, "the topic of seals is gone"
    found = standing.at(4, LAST)
    value = settled_with(found, psn_cash_pay=1)
    standing.topics[4][found.offset] = replace(found, value=value)
    forged = sealed_by(standing)  # the forger makes the seals anew
    report = verified(standing, forged.records, kept=lines)
    assert ("seal_differs", "sealed", -1) in codes(report) and ("seal_forged", "sealed", -1) in codes(report)


@pytest.mark.parametrize("line", ["", "yibao-seal/2 0 0 0", "yibao-seal/1 0 0 3 " + "g" * 64 + " " + "0" * 64 + " - -"])
def test_what_is_no_line_of_a_seal_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="no line of a seal"):
        kept_seal(line)


def test_keys(tmp_path: Path, standing: Standing) -> None:
    new_key(tmp_path / "key")
    with pytest.raises(Misconfigured):
        new_key(tmp_path / "key")
    (tmp_path / "bad").write_text("not a key")
    for name in ("bad", "none"):
        with pytest.raises(Misconfigured, match="no key for seals"):
            Signer(tmp_path / name)
    (seal, *_) = seals(sealed_by(standing))
    assert is_signed(seal) is None and is_signed(Signer(tmp_path / "key").signed(seal)) is True


def test_random_alterations_of_sealed_records_are_all_seen_by_the_seals(standing: Standing) -> None:
    """A hash that is asked of one record alone: each byte of each part changes it."""
    chance = random.Random(5)
    for _ in range(200):
        record = chance.choice([one for one in kept(standing.topics[chance.randrange(1, 5)])])
        at = chance.randrange(len(record.value))
        other = record.value[:at] + bytes([record.value[at] ^ 1]) + record.value[at + 1 :]
        assert exact_hash(replace(record, value=other)) != exact_hash(record)
