"""``yibao audit key``, ``seal``, ``prove`` and ``check``: seals that are kept elsewhere, and the proof that a request is in one."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from contracts.envelope import Record
from contracts.events.seal import ChainSealed
from contracts.money import yuan
from contracts.topics import topic_map
from policies.chain_proof import read, report
from policies.verdict import PAID
from services.audit.proving import NoProof, prove as proof_of, seals_in
from services.audit.seals import SEALED
from services.audit.signing import MISSING, is_signed, new_key
from services.cli.console import CANNOT, REFUSED, AsJson, Table, coro, fail, out, print_file, print_json
from services.cli.verifying import LIVE, Where, public_key, trusted
from services.runtime.exits import Misconfigured

INCOMPLETE = 3
UNHELD = "签名不成立 / the signature does not hold"
SIGNED = {True: "已签名 / signed", False: UNHELD, None: "已签名，未核 / signed, not checked"}
"""What is said of a seal with a signature, by whether it holds."""
All = Annotated[bool, typer.Option("--all", help="全部封存，而非每个分区最后一个 / all seals, not the last one of each partition")]


class KeyKind(StrEnum):
    """Kinds of keys that sign seals."""

    ed25519 = "ed25519"
    sm2 = "sm2"


def key(
    file: Annotated[Path, typer.Argument(help="新密钥文件 / file of the new key")],
    kind: Annotated[KeyKind, typer.Option(help="算法 / algorithm: ed25519, sm2 (SM3, GB/T 32918)")] = KeyKind.ed25519,
) -> None:
    """生成封存密钥（Ed25519 或 SM2），显示公钥；以 YIBAO_SEAL_KEY 指给审计进程。

    Makes a key that signs seals and prints the public one; YIBAO_SEAL_KEY names the file to the audit worker.

    例 / Example: [bold]yibao audit key seal.key[/bold]
    """
    try:
        out.print(new_key(file, kind.value), soft_wrap=True)
    except Misconfigured as error:
        fail(str(error), CANNOT)


@coro
async def seal(
    where: Where = LIVE,
    print_: Annotated[bool, typer.Option("--print", help="每个封存一行，便于另处保存 / one line a seal, to be kept elsewhere")] = False,
    qr: Annotated[bool, typer.Option("--qr", help="同一行的二维码 / the same line as a QR code")] = False,
    all_: All = False, as_json: AsJson = False,
) -> None:
    """各分区最后一个封存。 / The last seal of each partition.

    例 / Example: [bold]yibao audit seal --print >> kept-elsewhere.txt[/bold]
    """
    source = await trusted(where)
    seals, bad = list[ChainSealed](), list[Record]()
    for partition in range(topic_map().partitions):
        found = await seals_in(source, partition, bad.append)
        seals += found if all_ else found[-1:]
    signed = [(one, is_signed(one)) for one in seals]
    wrong = [f"{SEALED}/{one.partition}: 第 {one.offset} 条不是该分区的封存 / record {one.offset} is no seal of this partition" for one in bad]
    wrong += [f"{_range(one)}: {UNHELD}，公钥 / public key {one.key}" for one, holds in signed if holds is False]
    if not seals and not wrong:
        fail("还没有封存（每 YIBAO_SEAL_EVERY 个请求或 YIBAO_SEAL_S 秒一次）/ there is no seal yet (one in YIBAO_SEAL_EVERY requests or YIBAO_SEAL_S seconds)")
    if as_json:
        print_json([one.model_dump(exclude_none=True) | {"hash": one.hash, "line": one.line, "holds": holds} for one, holds in signed])
    elif print_ or qr:
        for one in (one for one, holds in signed if holds is not False):  # another one is not to be kept
            _qr(one) if qr else sys.stdout.write(one.line + "\n")
    else:
        for one, holds in signed:
            out.print(_table(one, holds))
    if wrong:
        fail("\n".join(wrong))


@coro
async def prove(
    claim: Annotated[str, typer.Argument(help="请求编号或事件编号 / id of the request or of an event")], where: Where = LIVE,
) -> None:
    """某个请求在封存之内的证明，写到标准输出；离线核对：python -m policies.chain_proof。

    The proof that a request stands in a seal, on standard output; checked offline by python -m policies.chain_proof.

    例 / Example: [bold]yibao audit prove li-2-outpatient-level2 > proof.json[/bold]
    """
    source = await trusted(where)
    try:
        proof = await proof_of(source, claim, range(topic_map().partitions))
    except NoProof as error:
        fail(str(error))
    print_file(proof.model_dump_json(indent=1) + "\n")


def check(
    file: Annotated[Path, typer.Argument(help="证明文件 / file of the proof")],
    public: Annotated[str | None, typer.Option("--key", metavar="HEX", help="应由此公钥签名 / public key that must have signed")] = None,
    line: Annotated[str | None, typer.Option("--seal", metavar="LINE", help="另处保存的封存行 / the seal as it was kept elsewhere")] = None,
) -> None:
    """离线核对证明：记录、链、默克尔路径，以及封存的签名。不需要任何服务。

    Checks a proof without any server: records, chain, Merkle path, and the signature of the seal.

    例 / Example: [bold]yibao audit check proof.json --key "$(cat seal.pub)"[/bold]
    """
    public_key(public)
    try:
        proof = read(str(file))
        lines, holds = report(proof, [*_wrong(proof.seal, public, line)])
    except (OSError, ValueError) as error:
        fail(f"{file}: 不是证明 / is no proof: {error}", CANNOT)
    for text in lines:
        out.print(text, soft_wrap=True)
    if not holds:
        raise typer.Exit(REFUSED)
    if is_signed(proof.seal) is None:
        why = "封存没有签名 / the seal is unsigned" if proof.seal.signature is None else MISSING
        out.print(f"签名未核 / the signature was not checked: {why}", style="yellow", soft_wrap=True)
        raise typer.Exit(INCOMPLETE)
    out.print(f"签名成立，公钥 / the signature holds, public key {proof.seal.key}", soft_wrap=True)


def _wrong(found: ChainSealed, public: str | None, line: str | None) -> Iterator[str]:
    """Why the seal is not the one that is believed."""
    if public is not None and found.key != public:
        yield f"由别的密钥签名 / signed with another key: {found.key or '-'}"
    if line is not None and line.split()[:6] != found.line.split()[:6]:
        yield f"不是另处保存的那个封存，应为含有 {found.hash} 的一行 / is not the seal that was kept elsewhere: its line would hold {found.hash}"
    if is_signed(found) is False:
        yield UNHELD


def _qr(one: ChainSealed) -> None:
    try:
        import segno
    except ImportError:
        fail("二维码需要 pip install 'yibao[seal]' / QR codes need pip install 'yibao[seal]'", CANNOT)
    sys.stdout.write(f"{one.line}\n")
    segno.make(one.line, error="m").terminal(out=sys.stdout, compact=True)


def _range(one: ChainSealed) -> str:
    return f"分区 / partition {one.partition}: 请求 / requests {one.first} - {one.last}"


def _table(one: ChainSealed, holds: bool | None) -> Table:
    """Range, sums and hash of a seal, and whether its signature ``holds``; amounts in yuan."""
    signed = "未签名 / unsigned" if one.signature is None else SIGNED[holds]
    table = Table(
        "参保地 / place", *PAID[:1], "acct_pay", "psn_cash_pay", "其他基金 / other funds", title=f"{_range(one)}, {signed}", caption=f"{one.hash}")
    named = {"hifp_pay", "acct_pay", "psn_cash_pay"}
    for place, funds in one.paid.items():
        others = sum(amount for name, amount in funds.items() if name not in named)
        table.add_row(place, *(yuan(amount) for amount in (*(funds.get(name, 0) for name in ("hifp_pay", "acct_pay", "psn_cash_pay")), others)))
    return table
