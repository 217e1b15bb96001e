"""Ed25519 signatures of seals. The library comes with ``yibao[seal]``; without it seals are unsigned, and that is said."""

import os
import secrets
from pathlib import Path
from typing import Any

from contracts.events.seal import ChainSealed, KeptSeal
from services.runtime.exits import Misconfigured

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
except ImportError:
    Ed25519PrivateKey = Ed25519PublicKey = InvalidSignature = None  # type: ignore[assignment,misc]

MISSING = "签名需要 pip install 'yibao[seal]' / signatures need pip install 'yibao[seal]'"


class Signer:
    """A key of its own file: 32 bytes in hexadecimal, readable by its owner alone."""

    def __init__(self, file: Path) -> None:
        _installed()
        try:
            self._key: Any = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
        except (OSError, ValueError) as error:
            raise Misconfigured(f"{file}: 不是封存密钥 / is no key for seals ({type(error).__name__})") from None

    @property
    def public(self) -> str:
        return self._key.public_key().public_bytes_raw().hex()

    def signed(self, seal: ChainSealed) -> ChainSealed:
        return seal.model_copy(update={"key": self.public, "signature": self._key.sign(seal.signed).hex()})


def new_key(file: Path) -> str:
    """Makes a key in a new file; returns the public one. Raises Misconfigured where a file is there already."""
    _installed()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Misconfigured(f"{file}: {error.strerror}") from None
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_bytes(32).hex() + "\n")
    return Signer(file).public


def is_signed(seal: ChainSealed | KeptSeal) -> bool | None:
    """Whether the signature is that of the key that the seal names; None where there is none, or no library to tell."""
    if Ed25519PublicKey is None or (seal.signature is None and seal.key is None):
        return None
    if seal.signature is None or seal.key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.key)).verify(bytes.fromhex(seal.signature), seal.signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _installed() -> None:
    if Ed25519PrivateKey is None:
        raise Misconfigured(MISSING)
