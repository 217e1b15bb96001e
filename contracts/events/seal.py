"""``chain.sealed`` on yibao.sealed: what stood on the road, in a form that can be kept elsewhere.

A seal covers the requests ``first`` to ``last`` of one partition with their record on each topic, and names the seal before
it. Ids are derived from what a seal holds: a reader drops an id that it has seen. The seals that count are the one that reaches
farthest and those before it, as each names the next; another one, of a worker that had lost the partition, may stand between them.
"""

import re
from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Hash, Model, described as of
from contracts.keys import content_hash, derived_id

SM2 = "sm2:"
"""Begins a public key of SM2; one of Ed25519 has no beginning."""
_KEY = "[0-9a-f]{64}|sm2:04[0-9a-f]{128}"
PublicKey = Annotated[str, Field(pattern=f"^({_KEY})$")]
Signature = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
Sums = dict[str, dict[str, int]]
_LINE = re.compile(f"yibao-seal/1 ([0-9]{{1,4}}) ([0-9]{{1,18}}) ([0-9]{{1,18}}) ([0-9a-f]{{64}}) ([0-9a-f]{{64}}) (-|{_KEY}) (-|[0-9a-f]{{128}})")


class Span(Model):
    """The records of the interval on one topic; those between them that do not count (fences, void ones) are not counted."""

    topic: of(str, "主题", "topic, as the map names it")
    first: of(int, "首条位置", "offset of the first record")
    last: of(int, "末条位置", "offset of the last record")
    records: of(int, "条数", "records that count")


class ChainSealed(Model):
    """The value of ``cn.yibao.chain.sealed.v1``."""

    version: of(Literal[1], "版本", "version of the seal") = 1
    partition: of(int, "分区", "partition")
    first: of(int, "首个请求号", "number of the first request in its partition")
    last: of(int, "末个请求号", "number of the last request")
    topics: of(tuple[Span, ...], "各主题", "range and count of the records on each topic")
    root: of(Hash, "默克尔根", "Merkle root (RFC 6962) over the requests, each with the hashes of its records")
    previous: of(Hash | None, "前一封存的摘要", "hash of the seal before; none for the first") = None
    paid: of(Sums, "支付合计（分）", "fen by place of insurance and fund; what was taken back counts against it")
    moved: of(Sums, "累计额变动", "movement of the accumulators of the years, by place of insurance and name")
    cut: of(Literal["seconds"] | None, "提前封存", "seconds: sealed before it was whole, since its first request had waited") = None
    key: of(PublicKey | None, "公钥（Ed25519，或 sm2: 开头的 SM2）", "public key that signed it, of Ed25519, or behind sm2: of SM2; none: unsigned") = None
    signature: of(Signature | None, "签名", "of the line `yibao-seal/1 <hash>`, in hexadecimal") = None

    @property
    def hash(self) -> str:
        """SHA-256 of the seal without key and signature: what the next seal names, and what is signed."""
        return content_hash(self.model_copy(update={"key": None, "signature": None}).model_dump_json(exclude_none=True).encode())

    @property
    def id(self) -> str:
        """Derived from what it holds, and by whom it is signed."""
        return derived_id("chain.sealed", self.hash, self.key or "")

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is about."""
        return b"yibao-seal/1 " + self.hash.encode()

    @property
    def line(self) -> str:
        """The seal on one line, to be kept elsewhere: partition, first, last, root, hash, key, signature."""
        return f"yibao-seal/1 {self.partition} {self.first} {self.last} {self.root} {self.hash} {self.key or '-'} {self.signature or '-'}"


class KeptSeal(Model):
    """What one printed line says."""

    partition: int
    first: int
    last: int
    root: Hash
    hash: Hash
    key: PublicKey | None = None
    signature: Signature | None = None

    @property
    def signed(self) -> bytes:
        return b"yibao-seal/1 " + self.hash.encode()


def is_public_key(text: str) -> bool:
    """Whether ``text`` is written as a public key is."""
    return re.fullmatch(_KEY, text) is not None


def kept_seal(line: str) -> KeptSeal:
    """The seal that a line says. Raises ValueError."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError("is no line of a seal: yibao-seal/1 <partition> <first> <last> <root> <hash> <key> <signature>")
    partition, first, last, root, hash, key, signature = (one if one != "-" else None for one in found.groups())
    return KeptSeal(
        partition=int(partition or 0), first=int(first or 0), last=int(last or 0), root=root or "", hash=hash or "", key=key, signature=signature)
