"""Verdicts of the first stage on requests as such: unreadable, repeated, refused for a conflict of ids."""

import base64
from typing import Any, Literal

from contracts.base import Hash, Model, described as of
from contracts.reasons import Reason

RAW_LIMIT = 64 * 1024
"""Bytes of an unreadable body that its verdict keeps; the hash is of the whole."""


class RawHeader(Model):
    """A header as it came, base64; null where it was null."""

    name: str
    value_base64: str | None = None

    @property
    def pair(self) -> tuple[str, bytes | None]:
        """The header as it was before base64. Raises ValueError where that is none."""
        return self.name, base64.b64decode(self.value_base64) if self.value_base64 is not None else None


class FiledUnreadable(Model):
    """The section ``filed`` of a request that could not be read."""

    version: Literal[1] = 1
    verdict: Literal["unreadable"] = "unreadable"
    reasons: tuple[Reason, ...]
    key_base64: of(str | None, "消息键（base64）", "key as it came") = None
    headers: of(tuple[RawHeader, ...], "消息头", "headers as they came, cut at a limit") = ()
    size: of(int, "报文字节数", "bytes of the body")
    sha256: of(Hash, "报文摘要", "hash of the whole body")
    raw_base64: of(str, "报文（base64，超限截断）", "the body, cut at the limit")

    def sent(self, name: str) -> bytes | None:
        """The header ``name`` as it came, the last one where there are several; None without one. Raises ValueError."""
        return dict(header.pair for header in self.headers).get(name)


class RequestUnreadable(Model):
    """``request.unreadable``."""

    request: None
    filed: FiledUnreadable


class FiledSeen(Model):
    """The section ``filed`` of a request whose id was used before."""

    version: Literal[1] = 1
    verdict: Literal["repeated", "refused"]
    reasons: tuple[Reason, ...]
    first_hash: of(Hash, "首次请求摘要", "hash of the first request with this id")


class RequestRepeated(Model):
    """``request.repeated``: same id, same body. The first verdict stands."""

    request: Any
    filed: FiledSeen


class RequestRefused(Model):
    """``request.refused``: same id, another body."""

    request: Any
    filed: FiledSeen
