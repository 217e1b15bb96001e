"""The load: requests of the generator, each with what it becomes, computed offline, so that every chain gets the same."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.topics import topic_map
from policies.book import built_in
from policies.road import Road
from services.generator import generate

LETTERS = (b"cn.yibao.wallet.requested.v1",)
"""Types whose verdict makes the courier publish: left out, so that every chain carries the same number of requests."""
PERSONS_A_CLAIM = 5
WARM_UP = 600


@dataclass(frozen=True, slots=True)
class Load:
    """``warm_up`` goes first and is not timed. ``claims``: requests among ``timed`` that are claims or quotes."""

    warm_up: tuple[Record, ...]
    timed: tuple[Record, ...]
    claims: int


def make_load(claims: int, seed: int = 1) -> Load:
    """Requests with ``claims`` claims, and what they need first."""
    found = list(_requests(claims, seed))
    timed = tuple(found[WARM_UP:])
    return Load(tuple(found[:WARM_UP]), timed, sum(b".claim.submitted." in (r.header("ce_type") or b"") for r in timed))


def _requests(claims: int, seed: int) -> Iterator[Record]:
    for line in generate(max(1, claims // PERSONS_A_CLAIM), claims, seed, built_in()):
        record = request_record(line.encode(), topic_map().partitions)
        if record.header("ce_type") not in LETTERS:
            yield record


def growth(requests: Iterable[Record]) -> dict[str, list[int]]:
    """By type of request: by how many bytes a value grows at each of the four stages, in the mean."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    counted: Counter[str] = Counter()
    road = Road(built_in())
    for request in requests:
        name = (request.header("ce_type") or b"").decode()
        sizes = [len(request.value), *(len(record.value) for record in road.run(request))]
        counted[name] += 1
        sums[name] = [total + after - before for total, (before, after) in zip(sums[name], pairwise(sizes), strict=True)]
    return {name: [round(total / counted[name]) for total in totals] for name, totals in sums.items()}
