"""Whether seals are true: each counted again from the records, its place in the chain of seals, and its signature."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from contracts.envelope import Record
from contracts.events.seal import ChainSealed, KeptSeal
from policies.judged import Judged
from policies.seal import Tally, begun, counted, seal_of, wrong
from services.audit.sealing import seal_record
from services.audit.signing import is_signed

SEALED = "yibao.sealed"
Tell = Callable[[str, int, int, object, object, str], None]
"""Is told code, offset, first request, value found, value expected and detail of what is wrong with a seal."""


@dataclass(slots=True)
class _Waiting:
    """What begins with one request behind one seal: counted until its last one is compared."""

    tally: Tally
    seals: list[tuple[ChainSealed, int]] = field(default_factory=list)
    kept: list[KeptSeal] = field(default_factory=list)

    def ended(self, req: int) -> "tuple[list[tuple[ChainSealed, int]], list[KeptSeal]]":
        """Those whose last request is ``req``; they wait no longer."""
        seals, kept = [one for one in self.seals if one[0].last == req], [one for one in self.kept if one.last == req]
        self.seals = [one for one in self.seals if one[0].last != req]
        self.kept = [one for one in self.kept if one.last != req]
        return seals, kept


class SealCheck:
    """The seals of one partition. ``key``: the public key that must have signed them, if one is given.

    ``unsealed``: requests that stand in no seal so far, ``bare``: the first of them.
    """

    def __init__(self, records: Iterable[Record], kept: Sequence[KeptSeal], key: str | None, tell: Tell) -> None:
        self._tell, self._key = tell, key
        self._seals: dict[str, tuple[ChainSealed, int]] = {}
        self._begin: dict[int, dict[str | None, _Waiting]] = {}
        self._open: list[_Waiting] = []
        self._signed: set[str] = set()
        self._untold: set[str] = set()
        self._next = self._longest = 0
        self._sealed_to = -1
        self.unsealed = 0
        self.bare: Judged | None = None
        for record in records:
            self._take(record)
        self._chain(kept)
        for seal, offset in self._seals.values():
            self._at(seal.first, seal.previous).seals.append((seal, offset))
        for one in kept:
            self._at(one.first, None).kept.append(one)
        self.beside, self.cut = self._counting()

    def __len__(self) -> int:
        return len(self._seals)

    @property
    def signed(self) -> int:
        """Seals of the topic with a signature that holds."""
        return len(self._signed)

    @property
    def lacking(self) -> int:
        """Requests that a demanded key must have signed, and no seal tells: more than the longest seal, so it is not the last
        interval that waits for its end."""
        return self.unsealed if self._key is not None and self.unsealed > self._longest else 0

    def count(self, judged: Judged) -> None:
        """One request more; what ends with it is compared."""
        req = judged.row.req
        if (begun_here := self._begin.pop(req, None)) is not None:
            self._open += begun_here.values()
            self._cover([seal for one in begun_here.values() for seal, _ in one.seals if seal.hash not in self._untold])
        if req > self._sealed_to:
            self.unsealed += 1
            self.bare = self.bare or judged
        for one in self._open:
            one.tally = counted(one.tally, judged)
            self._compare(one, req)
        self._open = [one for one in self._open if one.seals or one.kept]

    def rest(self) -> None:
        """Seals of requests that are not there."""
        for one in (*self._open, *(each for starts in self._begin.values() for each in starts.values())):
            for seal, offset in one.seals:
                self._tell("seal_differs", offset, seal.first, "-", seal.last, "last")
            for line in one.kept:
                self._tell("seal_differs", -1, line.first, "-", line.last, "last")

    def _cover(self, seals: Sequence[ChainSealed]) -> None:
        self._sealed_to = max([self._sealed_to, *(seal.last for seal in seals)])
        self._longest = max([self._longest, *(seal.last - seal.first + 1 for seal in seals)])

    def _at(self, first: int, previous: str | None) -> _Waiting:
        starts = self._begin.setdefault(first, {})
        return starts.setdefault(previous, _Waiting(begun(first, previous)))

    def _compare(self, one: _Waiting, req: int) -> None:
        """Compares what ends with ``req``."""
        seals, kept = one.ended(req)
        if not seals and not kept:
            return
        due = seal_of(one.tally, 0)
        for line in kept:
            if line.root != due.root:
                self._tell("seal_differs", -1, line.first, line.root, due.root, "root")
        for seal, offset in seals:
            for name, found, expected in wrong(seal, due.model_copy(update={"partition": seal.partition})):
                self._tell("seal_differs", offset, seal.first, found, expected, name)

    def _counting(self) -> tuple[int, int]:
        """How many seals stand beside the chain that reaches farthest, and how many of the chain were cut by time."""
        chain: set[str] = set()
        due, behind = None, 2**63
        for seal, _ in sorted(self._seals.values(), key=lambda one: one[0].last, reverse=True):
            if seal.hash == due or (seal.last < behind and due not in self._seals):
                chain.add(seal.hash)
                due, behind = seal.previous, seal.first
        return len(self._seals) - len(chain), sum(1 for one in chain if self._seals[one][0].cut is not None)

    def _take(self, record: Record) -> None:
        if record.offset < self._next:
            self._tell("out_of_order", record.offset, -1, record.offset, self._next, "")
        self._next = max(self._next, record.offset + 1)
        try:
            seal = ChainSealed.model_validate_json(record.value)
        except ValidationError as error:
            self._tell("seal_forged", record.offset, -1, str(error)[:200], "", "form")
            return
        self._stands(seal, record)
        if (known := self._seals.get(seal.hash)) is not None and known[0] == seal:
            return  # written once more by a worker that took over: judged once
        good = self._signature(seal, record.offset)
        if good:
            self._signed.add(seal.hash)
        elif good is None and seal.key is not None and seal.key == self._key:  # no library to tell
            self._untold.add(seal.hash)
        self._seals.setdefault(seal.hash, (seal, record.offset))

    def _stands(self, seal: ChainSealed, record: Record) -> None:
        """Tells a seal on another topic or partition than its own, and a key or headers that no worker writes with it."""
        if record.topic != SEALED:
            self._tell("misplaced", record.offset, seal.first, record.topic, SEALED, "")
        if seal.partition != record.partition:
            self._tell("seal_forged", record.offset, seal.first, seal.partition, record.partition, "partition")
        due = seal_record(seal)
        for found, expected, name in ((record.key, due.key, "record key"), (record.headers, due.headers, "headers")):
            if found != expected:
                self._tell("seal_forged", record.offset, seal.first, found, expected, name)

    def _signature(self, seal: ChainSealed | KeptSeal, offset: int) -> bool | None:
        good = is_signed(seal)
        if good is False:
            self._tell("seal_forged", offset, seal.first, seal.signature, seal.key, "signature")
        if self._key is not None and seal.key != self._key:
            self._tell("seal_forged", offset, seal.first, seal.key, self._key, "key")
        return good

    def _chain(self, kept: Sequence[KeptSeal]) -> None:
        """Each seal names the one that ends before it, and was written before it; those that are kept elsewhere are among them."""
        for seal, offset in self._seals.values():
            before = self._seals.get(seal.previous or "")
            if seal.previous is not None and (before is None or before[0].last != seal.first - 1 or before[1] > offset):
                self._tell("seal_forged", offset, seal.first, seal.previous, "", "previous")
        for one in kept:
            self._signature(one, -1)
            if one.hash not in self._seals:
                self._tell("seal_forged", -1, one.first, "-", one.hash, "kept elsewhere")
