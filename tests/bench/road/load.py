"""The load (``yibao generate --mix bench``), each request with what it becomes, computed offline, so that every chain gets the same."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.topics import topic_map
from policies.book import Book
from policies.road import Road
from services.generator.load import LEAST_PERSONS, Load as Generated
from services.generator.people import Request

MIX = "bench: 78 % outpatient of 3 to 8 lines, 15 % chronic and pharmacy, 4 % inpatient of 40 to 120 lines, 2 % filings, 1 % reversals"
CLAIMS_A_PERSON = 6
"""8.26 billion settlements in 2023 of some 1.33 billion insured."""
WARM_UP = 500


@dataclass(frozen=True, slots=True)
class Load:
    """``needed``: what persons need; then ``warm_up``: neither is timed. ``claims``: requests among ``timed`` that are claims."""

    needed: tuple[Record, ...]
    warm_up: tuple[Record, ...]
    timed: tuple[Record, ...]
    claims: int

    def first(self, timed: Sequence[Record]) -> list[Record]:
        """What goes before ``timed``, a part of the timed requests: of what persons need only theirs."""
        persons = {record.key for record in (*self.warm_up, *timed)}
        return [*(record for record in self.needed if record.key in persons), *self.warm_up]


def make_load(claims: int, book: Book, seed: int = 1) -> Load:
    """A load with ``claims`` timed claims and a little more before them."""
    more = WARM_UP * 97 // 100
    generated = Generated(max(LEAST_PERSONS, claims // CLAIMS_A_PERSON), claims + more, seed, book)
    needed = tuple(records(generated.needed()))
    found = tuple(records(generated.load()))
    timed = found[WARM_UP:]
    return Load(needed, found[:WARM_UP], timed, sum(b".claim.submitted." in (r.header("ce_type") or b"") for r in timed))


def lines(requests: Iterable[Request]) -> Iterator[bytes]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return (encode(request).encode() for request in requests)


def records(requests: Iterable[Request]) -> Iterator[Record]:
    return (request_record(line, topic_map().partitions) for line in lines(requests))


Sizes = list[tuple[str, tuple[int, ...]]]
"""Of each request its type, and the bytes of its value on each of the five topics."""


def passed(load: Load, count: int, book: Book) -> tuple[Sizes, bytes]:
    """The sizes of ``count`` timed requests, and before them those of what goes before; and what the four stages write behind the
    timed ones, one after the other: a text of the kind that values grow by."""
    road, sizes, text = Road(book), Sizes(), []
    for request in (*load.first(load.timed[:count]), *load.timed[:count]):
        values = [request.value, *(record.value for record in road.run(request))]
        sizes.append(((request.header("ce_type") or b"").decode(), tuple(map(len, values))))
        text.append(values[-1][len(values[0]) :])
    return sizes, b"".join(text[-count:])


def by_topic(sizes: Sizes, count: int) -> dict[str, int]:
    """Bytes of a value on each topic, in the mean of the last ``count`` requests."""
    timed = [size for _, size in sizes[-count:]]
    return {topic.name: round(sum(size[place] for size in timed) / len(timed)) for place, topic in enumerate(topic_map().road)}


def growth(sizes: Sizes) -> dict[str, list[int]]:
    """By type of request: by how many bytes a value grows at each of the four stages, in the mean."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    counted: Counter[str] = Counter()
    for name, size in sizes:
        counted[name] += 1
        sums[name] = [total + after - before for total, (before, after) in zip(sums[name], pairwise(size), strict=True)]
    return {name: [round(total / counted[name]) for total in totals] for name, totals in sums.items()}
