"""The register of providers: dated reference data of the place of care (transaction 1201)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. ``connected``: for which care it settles directly with other provinces (S103)."""

    fixmedins_code: str
    name: str
    admdvs: str
    hosp_lv: str
    dedc_hosp_lv: str
    lmtpric_hosp_lv: str
    connected: frozenset[str]
    begndate: date
    enddate: date | None
    source: str

    def designated_on(self, day: date) -> bool:
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)
