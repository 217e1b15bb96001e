"""What a seal says of an interval of requests, counted one request at a time; and whether a seal is true.

The leaf of a request is the hash of the hashes of its five records (``contracts.exact``), so that a proof needs no more than
the request's own records and a path.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from contracts.base import Hash, Model, altered
from contracts.events.seal import ChainSealed, Span, Sums
from contracts.exact import exact_hash
from contracts.merkle import Peaks, grown, leaf, root
from contracts.topics import topic_map
from policies.judged import Judged, Row
from policies.verdict import REVERSALS, SETTLES, Verdict

ROAD = tuple(topic.name for topic in topic_map().road)


class Tally(Model):
    """An interval that is not whole yet; ``next``: the request that comes next. Small, whatever the interval holds."""

    first: int
    next: int
    previous: Hash | None = None
    peaks: Peaks = ()
    topics: dict[str, tuple[int, int, int]] = {}
    paid: Sums = {}
    moved: Sums = {}


def begun(first: int, previous: str | None) -> Tally:
    """The interval that begins with request ``first``, behind the seal with hash ``previous``."""
    return Tally(first=first, next=first, previous=previous)


def leaf_of(row: Row) -> str:
    """The leaf of a request: its records in the order of the road; one that is missing is said to be."""
    records = zip(ROAD, row.records, strict=True)
    return leaf(" ".join(exact_hash(one, name) if one is not None else "-" for name, one in records).encode())


def counted(tally: Tally, judged: Judged) -> Tally:
    """``tally`` with one request more. The one given is used up: its sums go on in the new one."""
    topics = tally.topics
    for name, record in zip(ROAD, judged.row.records, strict=True):
        if record is not None:
            first, _, count = topics.get(name) or (record.offset, 0, 0)
            topics[name] = (first, record.offset, count + 1)
    if judged.event is not None:
        _add(tally.paid, judged.event.facts.paid)
        _add(tally.moved, _moved(judged.event))
    return altered(tally, next=judged.row.req + 1, peaks=grown(tally.peaks, leaf_of(judged.row)))


def seal_of(tally: Tally, partition: int, cut: Literal["seconds"] | None = None) -> ChainSealed:
    """The seal of an interval, unsigned. ``cut``: why it ends before it is whole."""
    spans = (Span(topic=name, first=first, last=last, records=count) for name, (first, last, count) in sorted(tally.topics.items()))
    return ChainSealed(
        partition=partition, first=tally.first, last=tally.next - 1, topics=tuple(spans), root=root(tally.peaks),
        previous=tally.previous, paid=_sorted(tally.paid), moved=_sorted(tally.moved), cut=cut)


def wrong(seal: ChainSealed, due: ChainSealed) -> Iterator[tuple[str, object, object]]:
    """Name, value found and value expected of what a seal says otherwise than the records. When it was cut, no record tells."""
    for name in ChainSealed.model_fields:
        if name not in ("cut", "key", "signature") and getattr(seal, name) != getattr(due, name):
            yield name, getattr(seal, name), getattr(due, name)


def _moved(event: Verdict) -> Iterator[tuple[str, str, int]]:
    """Place of insurance, name and amount of what a verdict moves of the years' accumulators."""
    if event.type not in SETTLES and event.type not in REVERSALS:
        return
    for key, entry in event.facts.moved.items():
        if key.startswith("year:"):
            place = key.split("/")[1]
            for name, amount in entry.movement.items():
                yield place, name, amount


def _add(sums: Sums, more: Iterable[tuple[str, str, int]]) -> None:
    for place, name, amount in more:
        of_place = sums.setdefault(place, {})
        of_place[name] = of_place.get(name, 0) + amount


def _sorted(sums: Sums) -> Sums:
    return {place: dict(sorted(of_place.items())) for place, of_place in sorted(sums.items())}
