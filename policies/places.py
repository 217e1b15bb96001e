"""Regions: which places count as home and as the same province, and which area a filing covers."""

from dataclasses import dataclass
from functools import lru_cache

Place = str
MANUAL = "1"
"""pay_loc of a reimbursement by the agency."""


@dataclass(frozen=True, slots=True)
class Region:
    """A place of insurance. ``home`` and ``province`` list codes or their first digits.

    ``entitled_on``: on which days of a stay the person must be insured and not in arrears: that of admission
    (``begndate``), of discharge (``enddate``), or ``each_day``.
    """

    admdvs: str
    zh: str
    en: str
    home: tuple[str, ...]
    province: tuple[str, ...]
    unfiled_care: frozenset[str]
    unfiled_source: str | None
    source: str
    entitled_on: str = "begndate"

    def place_of(self, admdvs: str) -> str:
        """``home``, ``same_province`` or ``other_province``."""
        if admdvs.startswith(self.home):
            return "home"
        return "same_province" if admdvs.startswith(self.province) else "other_province"


def covers(area: str, admdvs: str) -> bool:
    """Whether a filed area (a province PP0000, a city PPCC00, a county) holds the place of care."""
    if area.endswith("0000"):
        return admdvs[:2] == area[:2]
    return admdvs[:4] == area[:4] if area.endswith("00") else admdvs == area


CARE_KINDS = {
    "inpatient": ("21", "22", "23", "24", "28", "52"),
    "chronic": ("14",),
    "pharmacy": ("41",),
}


@lru_cache(maxsize=1024)
def care_kind(med_type: str) -> str:
    """The flag of connection that a type of care (med_type) needs: inpatient, outpatient, chronic or pharmacy."""
    for kind, prefixes in CARE_KINDS.items():
        if med_type.startswith(prefixes):
            return kind
    return "outpatient"
