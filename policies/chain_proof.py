"""The proof that one request stands in a seal, and that its chain holds: checked with ``contracts`` and ``policies`` alone.

    python -m policies.chain_proof proof.json

A proof holds the five records of the request, the path of its leaf to the root, and the seal. What is believed is the seal:
compare its hash, or its printed line, with what was kept elsewhere. Its signature is checked by ``yibao audit check``.
"""

import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from contracts.base import Hash, Model
from contracts.envelope import Record
from contracts.events.seal import ChainSealed
from contracts.exact import from_exact
from contracts.log import number
from contracts.merkle import climbed
from contracts.reasons import Reason
from contracts.strict import Unreadable, reasons_of, strict_object
from contracts.topics import topic_map
from policies.chain import judge
from policies.judged import Judged, Row
from policies.seal import ROAD, leaf_of

MAX_REASONS = 3
MAX_BYTES = 128 * 1024 * 1024
"""Five records of the largest size that the topics take, and as much again for their escapes."""


class Proof(Model):
    """``records``: one line each (``contracts.exact``), in the order of the road; ``path``: from the leaf upwards."""

    version: Literal[1] = 1
    request_id: str
    records: Annotated[tuple[str | None, ...], Field(min_length=5, max_length=5)]
    path: Annotated[tuple[Hash, ...], Field(max_length=64)]
    seal: ChainSealed


def checked(proof: Proof) -> tuple[Judged, list[str]]:
    """The request as the audit judges it, and what is wrong with the proof. Raises ValueError for lines that are no records."""
    records = tuple(_record(name, line) for name, line in zip(ROAD, proof.records, strict=True))
    if records[-1] is None:
        raise ValueError("缺末条记录，请求没有结论 / the last record is missing: the request has no verdict")
    row = Row(proof.seal.partition, max(-1, number(records[-1].header("req"))), records)
    judged = judge(row, topic_map().partitions)
    return judged, [*_wrong(proof, row, judged)]


def _record(name: str, line: str | None) -> Record | None:
    try:
        return from_exact(line.encode()) if line is not None else None
    except ValueError as error:
        raise ValueError(f"{name}: 不是记录 / is no record: {error}") from None


def _wrong(proof: Proof, row: Row, judged: Judged) -> Iterator[str]:
    seal = proof.seal
    for name, record in zip(ROAD, row.records, strict=True):
        if record is not None and (record.topic, record.partition) != (name, seal.partition):
            yield f"{name}: 记录写着 / the record says {record.topic}/{record.partition}"
    if proof.request_id not in (judged.request_id, (row.records[-1].header("ce_id") or b"").decode("utf-8", "replace") if row.records[-1] else None):
        yield f"记录属于另一请求 / the records are of another request: {judged.request_id}"
    if not seal.first <= row.req <= seal.last:
        yield f"请求号 {row.req} 不在封存之内 / request {row.req} is not in the seal: {seal.first} - {seal.last}"
        return
    try:
        root = climbed(leaf_of(row), row.req - seal.first, seal.last - seal.first + 1, proof.path)
    except ValueError as error:
        root = f"{error}"
    if root != seal.root:
        yield f"由记录得出的根不是封存的根 / the records do not lead to the root of the seal: {root} != {seal.root}"
    yield from (f"{one.code}: {one.zh} / {one.en}" for one in judged.found)


def read(file: str) -> Proof:
    """The proof in a file. Raises ValueError, OSError."""
    with Path(file).open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"超过 {MAX_BYTES} 字节 / is larger than {MAX_BYTES} bytes")
    try:
        return Proof.model_validate_json(content)
    except ValidationError as error:
        found = _reasons(content, error)[:MAX_REASONS]
        raise ValueError("\n".join(["", *(f"{why.zh} / {why.en}" for why in found)])) from None


def _reasons(content: bytes, error: ValidationError) -> Sequence[Reason]:
    """Why it cannot be read: it is no JSON object, or what is wrong with its fields."""
    try:
        strict_object(content)
    except Unreadable as unreadable:
        return unreadable.reasons
    return reasons_of(error)


def report(proof: Proof, more: Sequence[str] = ()) -> tuple[list[str], bool]:
    """What there is to say, line by line; and whether the proof holds. ``more``: what else is wrong with it. Raises ValueError."""
    wrong = [*checked(proof)[1], *more]
    if wrong:
        return [*wrong, "不成立 / does not hold"], False
    return [
        f"请求 / request {proof.request_id}: 在封存之内，链与各条定律成立 / stands in the seal, its chain and the laws hold",
        f"封存 / seal {proof.seal.hash}", proof.seal.line,
    ], True


def main(arguments: Sequence[str]) -> int:
    """0: the proof holds; 1: it does not; 2: there is none. Signs that the encoding of an output lacks are printed as ``?``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if len(arguments) != 1:
        print("用法 / usage: python -m policies.chain_proof proof.json", file=sys.stderr)
        return 2
    try:
        lines, holds = report(read(arguments[0]))
    except (OSError, ValueError) as error:
        print(f"{arguments[0]}: 不是证明 / is no proof: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    if holds:
        print("签名未核（需 yibao[seal]：yibao audit check）/ the signature was not checked (needs yibao[seal]: yibao audit check)")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
