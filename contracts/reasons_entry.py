"""The form of a reason on the closed list (``contracts.reasons``)."""

from typing import Literal, NamedTuple

Bears = Literal["patient", "provider", "agency", "nobody"]


class Entry(NamedTuple):
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    bears: Bears = "nobody"
