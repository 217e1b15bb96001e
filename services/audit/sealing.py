"""The seals that the audit worker writes: one an interval, the same whenever it is made anew from the same records."""

from collections.abc import Sequence

from contracts.envelope import Record, join_type, request_headers
from contracts.events.seal import ChainSealed
from contracts.wire import to_json
from policies.judged import Judged
from policies.seal import Tally, begun, counted, seal_of
from services.audit.signing import Signer
from services.audit.writing import SOURCE

SEAL_FIELD = "seal"
"""The field of the ledger that holds the interval that is not whole yet."""


class Sealing:
    """The interval of one partition. ``every``: requests a seal; ``signer``: none, then seals are unsigned."""

    def __init__(self, every: int, signer: Signer | None = None) -> None:
        self._every, self._signer = every, signer
        self._tally: Tally | None = None

    def go_on(self, raw: bytes | None, req: int) -> None:
        """Takes up what the ledger holds; else an interval begins behind request ``req``."""
        try:
            held = Tally.model_validate_json(raw) if raw is not None else None
        except ValueError:
            held = None
        self._tally = held if held is not None and held.next == req + 1 else begun(req + 1, None)

    def add(self, judged: Sequence[Judged], partition: int) -> list[ChainSealed]:
        """Counts requests; returns the seals of the intervals that they made whole."""
        found, tally = [], self._tally
        assert tally is not None, "go_on comes first"
        for one in judged:
            tally = counted(tally, one)
            if (one.row.req + 1) % self._every == 0:
                seal = seal_of(tally, partition)
                found.append(self._signer.signed(seal) if self._signer is not None else seal)
                tally = begun(tally.next, seal.hash)
        self._tally = tally
        return found

    @property
    def raw(self) -> bytes:
        assert self._tally is not None, "go_on comes first"
        return to_json(self._tally)


def seal_record(seal: ChainSealed) -> Record:
    """A seal, for yibao.sealed."""
    return Record(b"%d" % seal.partition, to_json(seal), request_headers(join_type("chain.sealed", 1), SOURCE, seal.id))
