"""One entry of the list of reasons: its texts, and who bears the amount until it is settled."""

from typing import Literal, NamedTuple

Bears = Literal["patient", "provider", "agency", "nobody"]


class Entry(NamedTuple):
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    bears: Bears = "nobody"
