"""The register of providers: dated reference data of the place of care (transaction 1201)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from contracts.base import made
from contracts.events.claim import ProviderFacts
from policies import wording
from policies.places import misplaced
from policies.pricing.item import LEVELS
from policies.tables import UNKNOWN, Table
from policies.values import CODED

CREDENTIALS = ("01", "02", "03")
"""mdtrt_cert_type: electronic credential, ID card, social security card."""
CONNECTIONS = ("inpatient", "outpatient", "chronic", "pharmacy")
GRADES, DEDUCTIBLE_LEVELS, TYPES, FEE_CLASSES = (CODED[name] for name in ("hosp_lv", "dedc_hosp_lv", "medins_type", "fee_class"))


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. ``connected``: for which care it settles directly with other provinces (S103).

    ``medins_type``: one of TYPES; ``fee_class``: class of its fees; None where the register does not say. ``suspended``: times
    without settlement, both days included; ``credentials``: what it takes (mdtrt_cert_type), all where the register does not say;
    ``facts``: what a claim says of it.
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
    suspended: tuple[tuple[date, date], ...] = ()
    credentials: tuple[str, ...] = CREDENTIALS
    facts: ProviderFacts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        facts = made(
            ProviderFacts, fixmedins_code=self.fixmedins_code, name=self.name, admdvs=self.admdvs, hosp_lv=self.hosp_lv,
            dedc_hosp_lv=self.dedc_hosp_lv, lmtpric_hosp_lv=self.lmtpric_hosp_lv, source=self.source,
            medins_type=self.medins_type, fee_class=self.fee_class,
        )
        object.__setattr__(self, "facts", facts)

    def suspension_on(self, day: date) -> tuple[date, date] | None:
        """First and last day of the suspension that ``day`` lies in."""
        return next((span for span in self.suspended if span[0] <= day <= span[1]), None)

    def designated_on(self, day: date) -> bool:
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)


def read_providers(file: Table) -> Iterator[Provider]:
    """The providers of a file of the register."""
    source = file.source_or_example()
    for row in file.tables("provider"):
        found = Provider(
            fixmedins_code=row.name("fixmedins_code"), name=row.name("name"), admdvs=row.admdvs("admdvs"),
            hosp_lv=row.text("hosp_lv", among=GRADES), dedc_hosp_lv=row.text("dedc_hosp_lv", among=DEDUCTIBLE_LEVELS),
            lmtpric_hosp_lv=row.text("lmtpric_hosp_lv", among=LEVELS),
            connected=frozenset(row.texts("connected", (), CONNECTIONS)),
            begndate=row.day("from"), enddate=row.day_or_none("until"), source=source,
            medins_type=row.text("medins_type", among=TYPES) if row.has("medins_type") else None,
            fee_class=row.text("fee_class", among=FEE_CLASSES) if row.has("fee_class") else None,
            suspended=tuple(_span(one) for one in row.tables("suspended")) if row.has("suspended") else (),
            credentials=row.texts("credentials", CREDENTIALS, CREDENTIALS, needed=True),
        )
        if (wrong := misplaced(file, found.admdvs)) is not None:
            row.complain("admdvs", wrong)
        if found.enddate is not None and found.enddate < found.begndate != UNKNOWN:
            row.complain("until", wording.too_early(found.enddate, found.begndate))
        row.finish()
        yield found
    file.finish()


def _span(row: Table) -> tuple[date, date]:
    first, last = row.day("from"), row.day("until")
    if last < first:
        row.complain("until", wording.too_early(last, first))
    row.finish()
    return first, last
