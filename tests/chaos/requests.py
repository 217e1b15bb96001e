"""What is published: requests of all types from the generator, some again, some under an id that is taken, some unreadable."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.topics import topic_map
from services.generator import generate
from tests.contracts.examples import bad

PARTITIONS = topic_map().partitions
CLAIMS_A_PERSON = 6
RECENT = 400
"""Of so many requests one is sent again."""
AGAIN, OTHER_BODY, CASCADES = 0.03, 0.01, 0.01


def requests(seed: int, count: int) -> Iterator[Record]:
    """``count`` requests in the order in which they are to be published."""
    return islice(_mixed(Random(seed), _generated(seed, count)), count)


def _generated(seed: int, count: int) -> Iterator[Record]:
    """A whole year: each claim brings half a request more, so that the last ones are of its end."""
    claims = count * 2 // 3
    persons = max(10, claims // CLAIMS_A_PERSON)
    return (request_record(line.encode(), PARTITIONS) for line in generate(persons, claims, seed))


def _mixed(rng: Random, records: Iterator[Record]) -> Iterator[Record]:
    recent: list[Record] = []
    places: dict[bytes | None, str] = {}
    for record in records:
        yield record
        recent.append(record)
        if b".enrolment.recorded." in (record.header("ce_type") or b""):
            places[record.key] = json.loads(record.value)["insuinfo"][0]["insuplc_admdvs"]
        if rng.random() < CASCADES and (found := rng.choice(recent)).key in places and b".claim." in (found.header("ce_type") or b""):
            yield cascade(found, places[found.key])
        if len(recent) > 2 * RECENT:
            del recent[:RECENT]
        if rng.random() < AGAIN:
            yield rng.choice(recent)
        if rng.random() < OTHER_BODY:
            yield other_body(rng.choice(recent), rng.randrange(1, 10**6))


def cascade(claim: Record, agency: str) -> Record:
    """The agency takes a claim back, and has settled again what stands on it: perhaps by another rulebook than its own."""
    body, id = json.loads(claim.value), (claim.header("ce_id") or b"none").decode()
    data = {"psn_no": body["psn_no"], "omsgid": id, "date": body["setl_date"], "setl_optins": agency, "cascade": "1", "reason": "wrong_settlement"}
    return request_record(json.dumps({"type": "cn.yibao.reversal.requested.v1", "id": f"{id}-back", "data": data}).encode(), PARTITIONS)


def other_body(record: Record, number: int) -> Record:
    """Another request under the same id: another amount, visit or birthday."""
    body = json.loads(record.value)
    texts = {"mdtrt_id": f"other-{number}", "brdy": f"19{number % 90 + 10}-01-02", "dcla_souc": f"{number % 90}"}
    name = next((n for n in ("mdtrt_id", "crdt_amt", "amt", "brdy") if n in body), "dcla_souc")
    body[name] = texts.get(name, number)
    return replace(record, value=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def poison(rng: Random, good: Record, count: int) -> list[Record]:
    """Records that no gateway should publish: every bad example of the contracts, and ``good`` ones spoilt."""
    kinds = [
        lambda: rng.choice(bad()).record,
        lambda: replace(good, value=rng.randbytes(rng.randrange(0, 2000))),
        lambda: replace(good, value=good.value[: rng.randrange(len(good.value))]),
        lambda: replace(good, value=None),  # type: ignore[arg-type]  # as Kafka allows
        lambda: replace(good, value=b"[" * 100_000),
        lambda: replace(good, value=good.value + b" " * 300_000),
        lambda: replace(good, key=None),
        lambda: replace(good, key=rng.randbytes(12)),
        lambda: replace(good, headers=()),
        lambda: replace(good, headers=tuple((name, None) for name, _ in good.headers)),
        lambda: replace(good, headers=(*good.headers, ("traceparent", rng.randbytes(30)))),
        lambda: replace(good, headers=(*good.headers, ("own", b"0"), ("req", b"0"), ("fence", b"me"))),
        lambda: replace(good, headers=tuple((n, v.replace(b".v", b".v9") if v and n == "ce_type" else v) for n, v in good.headers)),
        lambda: replace(good, partition=(good.partition + 1) % PARTITIONS),
    ]
    return [rng.choice(kinds)() for _ in range(count)]

