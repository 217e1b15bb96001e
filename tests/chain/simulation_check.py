"""What must hold when a run is over, worked out again from the requests and the kept records alone.

Nothing here asks a ledger or a worker what happened. The history of each person is kept in plain JSON, apart from the
folds of ``policies``; each verdict is decided again from the facts of that history, with the rulebook that it names. Only what
takes a settlement back is decided again from the fold of the kept records, which holds settlements whole; what it moves must
be what the history says.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.envelope import PROTOCOL_HEADERS, Record
from contracts.keys import content_hash
from contracts.log import Kept, kept, number
from contracts.wire import SECTIONS, Event, cut, event_of, wrap
from policies.accumulators import Purse
from policies.book import Book
from policies.eligibility import PersonState
from policies.filing import FilingState
from policies.intake import identity, intake
from policies.reversal.kinds import DONE
from policies.road import STAGES, stage_named
from policies.stage import State, View
from services.runtime.log import folded_hash
from tests.chain.simulation import Failed, Simulation, Variant
from tests.chain.simulation_requests import PARTITION, PARTITIONS, Asked
from tests.chain.simulation_world import books
from tests.memory import Cell, MemoryTopic

ENDS = {
    "enrolment": {"enrolment.recorded"}, "credit": {"account.credited"}, "filing": {"filing.decided"},
    "debit": {"account.debited", "account.refused"},
    "claim": {"claim.settled", "claim.refused"}, "quote": {"claim.quoted", "quote.refused"},
    "reversal": {"claim.reversed", "reversal.refused", "reversal.repeated"},
    "correction": {"claim.corrected", "correction.refused"},
    "undo": {"request.undone", "claim.undone", "undo.refused", "undo.repeated"}, "late": {"request.refused"},
    "repeat": {"request.repeated"}, "conflict": {"request.refused"}, "unreadable": {"request.unreadable"},
}
"""The terminal types that a request of each kind may end in."""


@dataclass
class Person:
    """What the verdicts so far say of one person, as JSON."""

    told: dict[str, Any] = field(default_factory=dict)
    filings: list[dict[str, Any]] = field(default_factory=list)
    balances: Counter[str] = field(default_factory=Counter)
    years: dict[str, dict[str, int]] = field(default_factory=dict)
    stays: dict[str, dict[str, int]] = field(default_factory=dict)
    visits: dict[str, dict[str, int]] = field(default_factory=dict)
    visited: dict[str, str | None] = field(default_factory=dict)
    """The visit that a settlement paid; None for a stay."""
    seen: dict[str, str] = field(default_factory=dict)
    settlements: int = 0
    numbered: dict[str, str] = field(default_factory=dict)
    """What the ledger must hold of each settlement: by its request, by its id, and by its number (there the beginning)."""


def checked(seed: int, variant: Variant | None = None) -> Simulation:
    """A run from beginning to end, and checked. Raises Failed."""
    run = Simulation(seed, variant).run()
    try:
        check(run.asked, run.topics, run.cells, books(), whole=run.lost is None)
    except AssertionError as error:
        raise Failed(seed, str(error), run.trace) from error
    return run


def check(
    asked: Sequence[Asked], topics: Sequence[MemoryTopic], cells: Mapping[str, Cell], rulebooks: Sequence[Book],
    whole: bool = True,
) -> None:
    """Raises AssertionError. ``topics`` in the order of the road, ``cells`` by stage.

    Where a run ended since a log had lost its beginning, it is not ``whole``: then what was decided until then must be right.
    """
    upstream = list(topics[0].records)
    rows: list[list[Record]] = []
    for name, topic in zip(STAGES, topics[1:], strict=True):
        found = list(kept(topic.records))
        check_numbers(name, found, upstream, len(asked) if whole else len(found))
        for record, cause in zip(found, upstream, strict=whole):
            check_link(name, record, cause)
        upstream = found
        rows.append(found)
    if not whole:
        upto = len(rows[-1])
        check_verdicts(asked[:upto], [part[:upto] for part in (topics[0].records, *rows)], {b.digest: b for b in rulebooks})
        return
    assert list(STAGES) == [name for name in STAGES if name in cells], f"ledgers only of {list(cells)}"
    people, settled = check_verdicts(asked, [topics[0].records, *rows], {book.digest: book for book in rulebooks})
    for name, topic in zip(STAGES, topics[1:], strict=True):
        check_position(name, topic, cells[name])
        state = settled if name == "settlement" else folded(name, topic, rulebooks[0])
        assert state.changes() == cells[name].states, f"{name}: the ledger is not the fold of the log"
    check_accumulators(people, cells["settlement"])


def check_numbers(name: str, found: Sequence[Record], upstream: Sequence[Record], count: int) -> None:
    """One kept record a request, in order, each naming the one that it was decided from."""
    numbers = [number(record.header("req")) for record in found]
    assert numbers == list(range(count)), f"{name}: numbers {numbers} of {count} requests"
    sources = [number(record.header("src")) for record in found]
    assert sources == [record.offset for record in upstream[: len(found)]], f"{name}: sources {sources}"


def check_link(name: str, record: Record, cause: Record) -> None:
    """Law 4: forwarded byte for byte, or the cause's bytes and one section, with the cause's hash."""
    where = f"{name}: request {record.header('req')!r}"
    assert record.key == cause.key, where
    if name == "filing":
        _check_first(where, record, cause)
    elif record.value == cause.value:
        assert _said(record) == _said(cause), f"{where}: headers changed on the way"
    else:
        assert cut(record.value, SECTIONS[name]) == cause.value, f"{where}: earlier bytes changed"
        assert record.header("cause") == content_hash(cause.value).encode(), f"{where}: names another cause"


def _check_first(where: str, record: Record, request: Record) -> None:
    """The request's bytes verbatim under ``request``; those that nobody could read are named by their hash."""
    if _type(record) == "request.unreadable":
        assert json.loads(record.value)["filed"]["sha256"] == content_hash(request.value), where
        assert cut(record.value, "filed") == wrap(None), where
        return
    grown = cut(record.value, "filed")
    begins = wrap(request.value)
    assert begins in (record.value, grown), f"{where}: not the request's bytes"
    cause = content_hash(begins if begins == grown else request.value)
    assert record.header("cause") == cause.encode(), f"{where}: names another cause"


def check_verdicts(
    asked: Sequence[Asked], rows: Sequence[Sequence[Record]], rulebooks: Mapping[str, Book]
) -> tuple[dict[str, Person], State]:
    """Walks through the requests; each record must be what its facts and its rulebook give. Returns the histories, and the states
    of settlement as the kept records fold them."""
    people: dict[str, Person] = {}
    state = State(stage_named("settlement", next(iter(rulebooks.values()))), strict=False)
    for one, *chain in zip(asked, *rows, strict=True):
        final = chain[-1]
        assert _type(final) in ENDS[one.kind], f"{one.kind} ended as {_type(final)}"
        if one.kind == "unreadable":
            state.fold(event_of(final))
            assert len({record.value for record in chain[1:]}) == 1, "an unreadable verdict was changed on the way"
            continue
        document, person = json.loads(final.value), people.setdefault((final.key or b"").decode(), Person())
        check_facts(document, person)
        for name, cause, record in zip(STAGES, chain, chain[1:], strict=False):
            decided_again(name, cause, record, person, document, rulebooks, state)
        state.fold(event_of(final))
        remember(person, _type(final), document, intake(chain[0], PARTITION, PARTITIONS))
        if _type(final) == "claim.settled":
            person.settlements += 1
            visit = None if "stay" in document["settled"] else _visit(document)
            settle(person, person.settlements, *((final.header(name) or b"").decode() for name in ("ce_id", "ce_requestid")), visit)
    return people, state


def check_facts(document: Mapping[str, Any], person: Person) -> None:
    """What each section says of the person is what the verdicts before it say."""
    request = document["request"].get("claim", document["request"])
    known = [spell for spell in person.told.get("insuinfo", ()) if spell["insutype"] == request.get("insutype")]
    if "checked" in document:
        facts = document["checked"]["facts"]
        told = {name: person.told[name] for name in ("brdy", "gend") if name in person.told}
        filings = [one for one in person.filings if one["insutype"] == request["insutype"]]
        assert facts == {**told, "insuinfo": known, "idetinfo": person.told.get("idetinfo", []), "filings": filings}, "checked: facts"
    elif "facts" in document.get("filed", {}):
        day = request["begndate"]
        active = [one for one in person.filings if one["begndate"] <= day <= one.get("enddate", "9999")]
        assert document["filed"]["facts"] == {"insuinfo": known, "in_force": len(active)}, "filed: facts"
    settled = document.get("settled", {})
    if "accumulators" in settled:
        assert settled["accumulators"]["before"] == person.years.get(_year(document), {}), "settled: before"
        assert settled["account"]["before"] == {"balc": person.balances[request["insutype"]]}, "settled: account"


def decided_again(
    name: str, cause: Record, record: Record, person: Person, document: Mapping[str, Any], rulebooks: Mapping[str, Book], state: State
) -> None:
    """The stage, with the rulebook that the verdict names, gives the same bytes and headers again."""
    section = document.get(SECTIONS[name], {}) if record.value != cause.value else {}
    named = section.get("rulebook", next(iter(rulebooks)))
    stage = stage_named(name, rulebooks[named])
    event = stage.read(cause, PARTITION, PARTITIONS)
    if undoes := name == "settlement" and event.type in DONE:
        state.under(stage)
    again = stage.decide(event, state.view(event) if undoes else view(name, event, person, document))
    where = f"{name}: request {record.header('req')!r}"
    assert again.value == record.value, f"{where}: decided again, it is\n{again.value!r}, not\n{record.value!r}"
    assert [pair for pair in again.headers if pair[0] not in PROTOCOL_HEADERS] == _said(record), where


def view(name: str, event: Event, person: Person, document: Mapping[str, Any]) -> View:
    """The history of a person as the stage's own state."""
    if name == "filing":
        state = {"insuinfo": person.told.get("insuinfo", []), "filings": person.filings}
        ids = [event.attributes.request_id, *([event.body.request.omsgid] if event.type == "undo.requested" else [])]
        return View(FilingState.model_validate_json(json.dumps(state)), {f"request:{id}": person.seen.get(id) for id in ids})
    if name == "eligibility":
        state = {key: person.told[key] for key in ("brdy", "gend", "insuinfo") if key in person.told}
        return View(PersonState.model_validate_json(json.dumps({**state, "filings": person.filings})))
    if name == "settlement" and "accumulators" in document.get("settled", {}):
        year = _year(document)
        stay = _stay(document)
        known = {year: person.years.get(year), stay: person.stays.get(stay), _visit(document): person.visits.get(_visit(document))}
        return View(Purse(balances=dict(person.balances)), known)
    return View(Purse(balances=dict(person.balances)), {"": None})


def remember(person: Person, ended: str, document: Mapping[str, Any], first: Event) -> None:
    """What a verdict changes for the ones after it."""
    if ended in ("request.repeated", "request.refused"):
        return
    person.seen[first.attributes.request_id] = identity(first)
    request = document["request"]
    if ended == "enrolment.recorded":
        person.told = request
    elif ended == "account.credited":
        person.balances[request["insutype"]] += request["crdt_amt"]
    elif ended == "account.debited":
        person.balances[request["insutype"]] -= request["amt"]
    elif ended == "request.undone" and person.seen.get(request["omsgid"]) is None:
        person.seen[request["omsgid"]] = f"undone {first.attributes.request_id} {document['filed']['first_hash']}"
    elif ended in DONE.values():
        take_back(person, document["settled"], first.attributes.request_id)
    elif ended == "filing.decided" and "filing" in document["filed"]:
        person.filings.append(document["filed"]["filing"])
    elif ended == "claim.settled":
        settled = document["settled"]
        before = person.years.get(_year(document), {})
        moved = Counter(before) + Counter(settled["accumulators"]["movement"])
        assert Counter(settled["accumulators"]["after"]) + Counter() == moved, "settled: after"
        person.years[_year(document)] = settled["accumulators"]["after"]
        if "stay" in settled:
            assert settled["stay"]["before"] == person.stays.get(_stay(document), {}), "settled: the stay before"
            person.stays[_stay(document)] = settled["stay"]["after"]
        person.balances[request["insutype"]] -= settled["acct_pay"]
        assert person.balances[request["insutype"]] == settled["account"]["after"]["balc"] >= 0, "settled: balance"


def check_position(name: str, topic: MemoryTopic, cell: Cell) -> None:
    """The ledger stands behind the last kept record, and says where."""
    at, position = Kept(), cell.position
    for record in topic.records[: position.pos]:
        at.feed(record.offset, record.headers)
    assert (at.next, at.fence, at.req, at.src) == (position.pos, position.owner, position.req, position.src), name
    assert folded_hash(topic.records[position.pos - 1]) == position.hash, f"{name}: hash"
    assert not list(kept(topic.records[position.pos :], at)), f"{name}: kept records behind the ledger's position"


def settle(person: Person, number: int, setl_id: str, omsgid: str, visit: str | None) -> None:
    """A settlement stands at this place, and pays this visit where it is not of a stay."""
    person.visited[setl_id] = visit
    if visit is not None:
        person.visits.setdefault(visit, {})[f"direct/{setl_id}"] = 1
    person.numbered |= {f"asked:{omsgid}": setl_id, f"setl:{setl_id}": str(number), f"done:{number}": f"{setl_id} {omsgid} "}


def take_back(person: Person, settled: Mapping[str, Any], by: str) -> None:
    """What a verdict moved begins with what was there; what it took back is gone, and others may stand in the places."""
    for key, moved in settled["moved"].get("entries", {}).items():
        sums = person.stays if key.startswith("stay:") else person.years
        assert moved["before"] == sums.get(key, {}), f"settled: {key} before"
        check_sum(moved, key)
        sums[key] = moved["after"]
    for insutype, moved in settled["moved"].get("accounts", {}).items():
        assert moved["before"]["balc"] == person.balances[insutype], "settled: balance before"
        check_sum(moved, insutype)
        person.balances[insutype] = moved["after"]["balc"]
    for one in settled["undone"]:
        person.numbered |= {f"setl:{one['setl_id']}": f"{one['number']} {by}", f"done:{one['number']}": "- "}
        if (visit := person.visited[one["setl_id"]]) is not None:
            del person.visits[visit][f"direct/{one['setl_id']}"]
    for one in settled.get("again", ()):
        settle(person, one["number"], one["setl_id"], one["omsgid"], person.visited[one["init_setl_id"]])
        if one["omsgid"] == by:  # the claim of a correction was never a request of its own
            del person.numbered[f"asked:{by}"]


def check_sum(moved: Mapping[str, Any], what: str) -> None:
    total = Counter(moved["before"])
    total.update(moved["movement"])
    assert {name: amount for name, amount in moved["after"].items() if amount} == {n: a for n, a in total.items() if a}, f"{what}: after"


def folded(name: str, topic: MemoryTopic, book: Book) -> State:
    """The states of a stage as its kept records fold them."""
    state = State(stage_named(name, book), strict=False)
    for record in kept(topic.records):
        state.fold(event_of(record))
    return state


def check_accumulators(people: Mapping[str, Person], cell: Cell) -> None:
    """Balances and accumulators of the years in the ledger are those that the verdicts add up to."""
    held: dict[str, Any] = {name: json.loads(value) for name, value in cell.states.items()}
    for psn_no, person in people.items():
        balances = held.pop(f"p:{psn_no}", {}).get("balances", {})
        assert {**dict.fromkeys(person.balances, 0), **balances} == dict(person.balances), f"{psn_no}: balances"
        for year, amounts in person.years.items():
            assert held.pop(f"e:{psn_no}:{year}") == amounts, f"{psn_no}: {year}"
        for stay, amounts in person.stays.items():
            assert held.pop(f"e:{psn_no}:{stay}") == amounts, f"{psn_no}: {stay}"
        for visit, settlements in person.visits.items():
            assert held.pop(f"e:{psn_no}:{visit}") == settlements, f"{psn_no}: {visit}"
        for key, said in person.numbered.items():
            have = held.pop(f"e:{psn_no}:{key}")
            assert f"{have} ".startswith(said) if key.startswith("done:") else have == said, f"{psn_no}: {key}"
    assert not held, f"states of nobody: {held}"


def _year(document: Mapping[str, Any]) -> str:
    insured = document["checked"]["insured"]
    return f"year:{document['settled']['year']}/{insured['insuplc_admdvs']}/{insured['insutype']}"


def _stay(document: Mapping[str, Any]) -> str:
    return f"stay:{document['request']['fixmedins_code']}/{document['request']['mdtrt_id']}"


def _visit(document: Mapping[str, Any]) -> str:
    return f"visit:{document['request']['fixmedins_code']}/{document['request']['mdtrt_id']}"


def _said(record: Record) -> list[tuple[str, bytes | None]]:
    return [pair for pair in record.headers if pair[0] not in PROTOCOL_HEADERS]


def _type(record: Record) -> str:
    return (record.header("ce_type") or b"").decode().removeprefix("cn.yibao.").rpartition(".v")[0]
