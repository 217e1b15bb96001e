"""The register of providers: dated reference data of the place of care (transaction 1201)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policies.pricing.item import LEVELS
from policies.tables import Table
from policies.values import CODED

CONNECTIONS = ("inpatient", "outpatient", "chronic", "pharmacy")
GRADES, DEDUCTIBLE_LEVELS, TYPES, FEE_CLASSES = (CODED[name] for name in ("hosp_lv", "dedc_hosp_lv", "medins_type", "fee_class"))


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. ``connected``: for which care it settles directly with other provinces (S103).

    ``medins_type``: one of TYPES; ``fee_class``: class of its fees; None where the register does not say.
    """

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
    medins_type: str | None = None
    fee_class: str | None = None

    def designated_on(self, day: date) -> bool:
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)


def read_providers(file: Table) -> Iterator[Provider]:
    """The providers of a file of the register."""
    source = file.source_or_example()
    for row in file.tables("provider"):
        yield Provider(
            fixmedins_code=row.name("fixmedins_code"), name=row.name("name"), admdvs=row.admdvs("admdvs"),
            hosp_lv=row.text("hosp_lv", among=GRADES), dedc_hosp_lv=row.text("dedc_hosp_lv", among=DEDUCTIBLE_LEVELS),
            lmtpric_hosp_lv=row.text("lmtpric_hosp_lv", among=LEVELS),
            connected=frozenset(row.texts("connected", (), CONNECTIONS)),
            begndate=row.day("from"), enddate=row.day_or_none("until"), source=source,
            medins_type=row.text("medins_type", among=TYPES) if row.has("medins_type") else None,
            fee_class=row.text("fee_class", among=FEE_CLASSES) if row.has("fee_class") else None,
        )
        row.finish()
    file.finish()
