"""Whether seals are true: each counted again from the records, its place in the chain of seals, and its signature."""

from collections.abc import Callable, Iterable, Sequence

from pydantic import ValidationError

from contracts.envelope import Record
from contracts.events.seal import ChainSealed, KeptSeal
from policies.judged import Judged
from policies.seal import Tally, begun, counted, seal_of, wrong
from services.audit.signing import is_signed

SEALED = "yibao.sealed"
Tell = Callable[[str, int, int, object, object, str], None]
"""Is told code, offset, first request, value found, value expected and detail of what is wrong with a seal."""


class SealCheck:
    """The seals of one partition. ``key``: the public key that must have signed them, if one is given."""

    def __init__(self, records: Iterable[Record], kept: Sequence[KeptSeal], key: str | None, tell: Tell) -> None:
        self._tell, self._key, self._kept = tell, key, list(kept)
        self._seals: dict[str, tuple[ChainSealed, int]] = {}
        self._open: dict[tuple[int, str | None], Tally] = {}
        self.signed = 0
        for record in records:
            self._take(record)
        self._chain()
        self._waiting = [*self._seals.values()]

    def __len__(self) -> int:
        return len(self._seals)

    def count(self, judged: Judged) -> None:
        """One request more; what ends with it is compared."""
        req = judged.row.req
        starts = {(seal.first, seal.previous) for seal, _ in self._waiting if seal.first == req}
        starts |= {(one.first, None) for one in self._kept if one.first == req}
        self._open |= {start: begun(*start) for start in starts}
        ended = set()
        for start, tally in self._open.items():
            self._open[start] = counted(tally, judged)
            if self._compared(start, req):
                ended.add(start)
        for start in ended:
            del self._open[start]

    def rest(self) -> None:
        """Seals of requests that are not there."""
        for seal, offset in self._waiting:
            self._tell("seal_differs", offset, seal.first, "-", seal.last, "last")
        for one in self._kept:
            self._tell("seal_differs", -1, one.first, "-", one.last, "last")

    def _compared(self, start: tuple[int, str | None], req: int) -> bool:
        """Compares what began at ``start`` and ends with ``req``; returns whether nothing else waits for that tally."""
        due = seal_of(self._open[start], 0)
        for one in [one for one in self._kept if (one.first, None) == start and one.last == req]:
            self._kept.remove(one)
            if one.root != due.root:
                self._tell("seal_differs", -1, one.first, one.root, due.root, "root")
        mine = [(seal, offset) for seal, offset in self._waiting if (seal.first, seal.previous) == start and seal.last == req]
        for seal, offset in mine:
            self._waiting.remove((seal, offset))
            for name, found, expected in wrong(seal, due.model_copy(update={"partition": seal.partition})):
                self._tell("seal_differs", offset, seal.first, found, expected, name)
        ends = [seal.last for seal, _ in self._waiting if (seal.first, seal.previous) == start]
        return not ends and not [one for one in self._kept if (one.first, None) == start]

    def _take(self, record: Record) -> None:
        try:
            seal = ChainSealed.model_validate_json(record.value)
        except ValidationError as error:
            self._tell("seal_forged", record.offset, -1, str(error)[:200], "", "form")
            return
        if seal.partition != record.partition:
            self._tell("seal_forged", record.offset, seal.first, seal.partition, record.partition, "partition")
        self._signature(seal, record.offset)
        self._seals.setdefault(seal.hash, (seal, record.offset))

    def _signature(self, seal: ChainSealed | KeptSeal, offset: int) -> None:
        good = is_signed(seal)
        self.signed += good is True
        if good is False:
            self._tell("seal_forged", offset, seal.first, seal.signature, seal.key, "signature")
        if self._key is not None and seal.key != self._key:
            self._tell("seal_forged", offset, seal.first, seal.key, self._key, "key")

    def _chain(self) -> None:
        """Each seal names the one that ends before it; those that are kept elsewhere are among them."""
        for seal, offset in self._seals.values():
            before = self._seals.get(seal.previous or "")
            if seal.previous is not None and (before is None or before[0].last != seal.first - 1):
                self._tell("seal_forged", offset, seal.first, seal.previous, "", "previous")
        for one in self._kept:
            self._signature(one, -1)
            if one.hash not in self._seals:
                self._tell("seal_forged", -1, one.first, "-", one.hash, "kept elsewhere")
