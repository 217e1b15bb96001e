"""Makes the proof that a request stands in a seal: finds the request and the seal, and reads the interval once."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from contracts.envelope import Record
from contracts.events.seal import ChainSealed
from contracts.exact import to_exact
from contracts.log import number
from contracts.merkle import path
from policies.chain_proof import Proof
from policies.judged import Row
from policies.seal import leaf_of
from services.audit.manifest import ROAD
from services.audit.sealing import read_seal
from services.audit.seals import SEALED
from services.audit.sources import Source
from services.audit.verify import rows_of


class NoProof(Exception):
    """There is no such request, or no seal over it yet."""


async def prove(source: Source, request_id: str, partitions: Sequence[int]) -> Proof:
    """The proof for the request, or the event, with this id. Raises NoProof."""
    for partition in partitions:
        if (req := await _number(source, request_id, partition)) is not None:
            seal = await _seal(source, partition, req)
            return await _proof(source, request_id, req, seal)
    raise NoProof(f"{request_id}: {ROAD[-1]} 上没有，请核对编号 / is not on {ROAD[-1]}; check the id")


async def seals_in(source: Source, partition: int, bad: Callable[[Record], object] = lambda _: None) -> list[ChainSealed]:
    """The seals of a partition, each once, by how far they reach; ``bad`` is told what is none of this partition."""
    found: dict[str, ChainSealed] = {}
    async for piece in source.pieces(SEALED, partition):
        for record in piece:
            if (seal := read_seal(record)) is not None and seal.partition == partition:
                found[seal.id] = seal
            else:
                bad(record)
    return sorted(found.values(), key=lambda one: one.last)


async def _number(source: Source, request_id: str, partition: int) -> int | None:
    wanted = request_id.encode()
    async with aclosing(source.pieces(ROAD[-1], partition)) as pieces:
        async for piece in pieces:
            for record in piece:
                if wanted in (record.header("ce_requestid"), record.header("ce_id")):
                    return number(record.header("req"))
    return None


async def _seal(source: Source, partition: int, req: int) -> ChainSealed:
    for seal in reversed(await seals_in(source, partition)):
        if seal.first <= req <= seal.last:
            return seal
    raise NoProof(
        f"第 {req} 个请求尚未封存，稍后再试（YIBAO_SEAL_EVERY、YIBAO_SEAL_S）/ request {req} is not sealed yet; try again later (YIBAO_SEAL_EVERY, YIBAO_SEAL_S)")


async def _proof(source: Source, request_id: str, req: int, seal: ChainSealed) -> Proof:
    leaves: list[str] = []
    found: Row | None = None
    async with aclosing(rows_of(source, seal.partition)) as rows:
        async for row in rows:
            if row.req > seal.last:
                break
            if row.req >= seal.first:
                leaves.append(leaf_of(row))
            found = row if row.req == req else found
    if found is None:
        raise NoProof(f"{ROAD[-1]}/{seal.partition}: 第 {req} 个请求已不在，请运行 yibao audit verify / request {req} is gone; run yibao audit verify")
    lines = (to_exact(replace(record, topic=name)).decode() if record else None for name, record in zip(ROAD, found.records, strict=True))
    return Proof(request_id=request_id, records=tuple(lines), path=path(leaves, req - seal.first), seal=seal)
