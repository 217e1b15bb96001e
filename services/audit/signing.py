"""Signatures of seals, Ed25519 or SM2 with SM3 (GB/T 32918). The libraries come with ``yibao[seal]``; without them seals are
unsigned, and that is said.

A public key names its kind: 64 hexadecimal digits are one of Ed25519; ``sm2:04`` and 128 digits are a point of SM2. A file
of a private key holds 32 bytes in hexadecimal, behind ``sm2:`` those of SM2.
"""

import os
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from contracts.events.seal import SM2, ChainSealed, KeptSeal
from services.runtime.exits import Misconfigured

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
except ImportError:
    Ed25519PrivateKey = Ed25519PublicKey = InvalidSignature = None  # type: ignore[assignment,misc]
try:
    import gmalg
except ImportError:
    gmalg = None  # type: ignore[assignment]

MISSING = "签名需要 pip install 'yibao[seal]' / signatures need pip install 'yibao[seal]'"
UID = b"1234567812345678"
"""The identity of the signer where none is agreed on (GM/T 0009)."""


class Kind(Protocol):
    """One kind of key. ``head``: what stands before its hexadecimal digits."""

    head: str

    def there(self) -> bool:
        """Whether its library is."""

    def public(self, secret: bytes) -> str:
        """The digits of the public key. Raises ValueError."""

    def sign(self, secret: bytes, content: bytes) -> str:
        """128 digits."""

    def holds(self, public: bytes, content: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is one of that key. Raises ValueError for what is no key."""


class Ed25519:
    head = ""

    def there(self) -> bool:
        return Ed25519PublicKey is not None

    def public(self, secret: bytes) -> str:
        return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw().hex()

    def sign(self, secret: bytes, content: bytes) -> str:
        return Ed25519PrivateKey.from_private_bytes(secret).sign(content).hex()

    def holds(self, public: bytes, content: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
        except InvalidSignature:
            return False
        return True


class Sm2:
    """In pure Python, some 50 ms each: for a seal in a minute, not for thousands a second."""

    head = SM2

    def there(self) -> bool:
        return gmalg is not None

    def public(self, secret: bytes) -> str:
        if len(secret) != 32 or not 0 < int.from_bytes(secret, "big") < ORDER - 1:
            raise ValueError("is no key of SM2")
        return gmalg.SM2().generate_pk(secret).hex()

    def sign(self, secret: bytes, content: bytes) -> str:
        return b"".join(part.rjust(32, b"\0") for part in gmalg.SM2(secret, UID).sign(content)).hex()

    def holds(self, public: bytes, content: bytes, signature: bytes) -> bool:
        if not _is_point(public):
            raise ValueError("is no point of the curve")
        return gmalg.SM2(uid=UID, pk=public).verify(content, signature[:32], signature[32:])


@lru_cache(maxsize=16)
def _is_point(public: bytes) -> bool:
    """As slow as a signature, and the key is mostly the same."""
    return bool(gmalg.SM2().verify_pk(public))


ORDER = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
"""n of the curve (GB/T 32918.5)."""
KINDS: Mapping[str, Kind] = {"ed25519": Ed25519(), "sm2": Sm2()}


class Signer:
    """A key of its own file, readable by its owner alone."""

    def __init__(self, file: Path) -> None:
        try:
            text = file.read_text().strip()
            self._kind = _kind(text)
            _installed(self._kind)
            self._secret = bytes.fromhex(text.removeprefix(self._kind.head))
            self.public = self._kind.head + self._kind.public(self._secret)
        except (OSError, ValueError) as error:
            raise Misconfigured(f"{file}: 不是封存密钥，用 `yibao audit key` 生成（YIBAO_SEAL_KEY）/ is no key for seals ({type(error).__name__}); make one with `yibao audit "
                                f"key` (YIBAO_SEAL_KEY)") from None

    def signed(self, seal: ChainSealed) -> ChainSealed:
        return seal.model_copy(update={"key": self.public, "signature": self._kind.sign(self._secret, seal.signed)})


def new_key(file: Path, kind: str = "ed25519") -> str:
    """Makes a key in a new file; returns the public one. Raises Misconfigured where a file is there already."""
    _installed(KINDS[kind])
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Misconfigured(
            f"{file}: 已有此文件，不覆盖：换一个文件名，或先移走它 / {error.strerror}, and is not overwritten: name another file, or move it away first") from None
    except OSError as error:
        raise Misconfigured(f"{file}: {error.strerror}") from None
    with os.fdopen(handle, "w") as stream:
        stream.write(f"{KINDS[kind].head}{_secret(kind).hex()}\n")
    return Signer(file).public


def _secret(kind: str) -> bytes:
    """32 random bytes; of SM2 a number from 1 to n - 2."""
    return secrets.token_bytes(32) if kind == "ed25519" else (1 + secrets.randbelow(ORDER - 2)).to_bytes(32, "big")


def is_signed(seal: ChainSealed | KeptSeal) -> bool | None:
    """Whether the signature is that of the key that the seal names; None where there is none, or no library to tell."""
    if seal.signature is None and seal.key is None:
        return None
    if seal.signature is None or seal.key is None:
        return False
    kind = _kind(seal.key)
    if not kind.there():
        return None
    try:
        return kind.holds(bytes.fromhex(seal.key.removeprefix(kind.head)), seal.signed, bytes.fromhex(seal.signature))
    except ValueError:
        return False


def _kind(key: str) -> Kind:
    """By what the key begins with."""
    return KINDS["sm2" if key.startswith(SM2) else "ed25519"]


def _installed(kind: Kind) -> None:
    if not kind.there():
        raise Misconfigured(MISSING)
