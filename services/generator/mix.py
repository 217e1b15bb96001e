"""The mix: who there is, and how often what happens. Everything that later versions widen stands in this file.

Shares are per mille of the claims; weights are relative. Item and provider codes are not here: they come from the
rulebook. All prices are invented.
"""

from dataclasses import dataclass
from datetime import date

FIRST_DAY, DAYS = date(2025, 1, 1), 365
"""Claims are settled on these days, spread evenly."""


@dataclass(frozen=True, slots=True)
class Group:
    """People of one place and type of insurance.

    ``care``: what they claim; ``where``: weights of the place of care; ``hosp_lv``: levels of hospital that they visit,
    all where empty; ``levels``: levels for deductibles that they visit; ``unruled``, ``unruled_where``: a type and place
    of care for which the rulebook has no rule; ``emergency``: per mille of the visits that are emergencies (13);
    ``ages``: from and to, where they are not those of ``AGES``.
    """

    place: str
    insutype: str
    weight: int
    retired_percent: int
    care: str
    where: tuple[tuple[str, int], ...]
    unruled: str
    hosp_lv: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("1", "2", "3")
    unruled_where: str = "home"
    emergency: int = 0
    ages: tuple[int, int] | None = None


AWAY = (("other_province", 1),)

GROUPS = (
    Group("650200", "310", 40, 30, "11", (("home", 75), ("same_province", 10), ("other_province", 15)), "21"),
    Group("430400", "310", 35, 30, "11", (("home", 80), ("same_province", 10), ("other_province", 10)), "21"),
    Group("410100", "310", 10, 30, "21", AWAY, "11", ("2",)),
    Group("410100", "390", 10, 0, "21", AWAY, "11", ("2",)),
    Group("419900", "310", 5, 40, "21", AWAY, "11", ("2",)),
    Group("520500", "390", 8, 0, "11", (("home", 90), ("other_province", 10)), "21", levels=("1", "2", "9")),
    Group("360100", "390", 3, 0, "11", (("home", 80), ("same_province", 15), ("other_province", 5)), "21", levels=("1",)),
    Group("360400", "390", 2, 0, "11", (("home", 80), ("same_province", 15), ("other_province", 5)), "21", levels=("1",)),
    Group("421200", "310", 4, 0, "52", (("home", 1),), "11", ages=(20, 44)),
    Group(
        "130700", "310", 6, 30, "11", (("same_province", 60), ("other_province", 40)), "21", unruled_where="same_province",
        emergency=150,
    ),
)
"""Those of 421200 are women, who claim once, for a birth. The rules of 360100 and 360400 begin on 12 March 2025: what is
settled earlier there is refused for want of a rule."""
GROUP_OF = {(group.place, group.insutype): group for group in GROUPS}

FAULTS = (("not_filed", 20), ("unknown_provider", 10), ("no_rule", 10), ("in_arrears", 10))
"""Per mille of the claims that are refused, by why. Where care needs no filing, ``not_filed`` is an ordinary claim."""

QUOTED, REPEATED = 30, 5
"""Per mille of the claims that a trial quote precedes; after which an earlier request is sent a second time."""

UNDONE, UNDONE_LATER = 10, 300
"""Per mille of the claims after which one is undone; of those the ones that undo not this claim but a recent one."""

UNDOING = (("reversal", 50), ("correction", 30), ("undo", 20))
"""What undoes it: the provider's reversal, a corrected bill, an undo of an unknown outcome."""

NEVER_ARRIVED = 500
"""Per mille of the undos of a request that never arrived."""

INTERIM, INTERIM_DAYS = 30, 4
"""Per mille of the stays of so many days and more that an interim settlement precedes, half-way."""

DEBITED, SHARED = 20, 100
"""Per mille of the employees whose account is debited once; of the residents' claims before which a relative shares, where
the rulebook has a rule for it."""

MATERNITY = (("1", 70), ("2", 20), ("5", 7), ("6", 3))
"""Kinds of birth or termination (matn_type)."""

REFUNDS = {"outpatient": 20, "inpatient": 150, "pharmacy": 0}
"""Per mille of the bills that take back part of a line."""

FIRST = {"outpatient": ("consultation",), "inpatient": ("bed", "nursing"), "pharmacy": ()}
"""Kinds of items that a bill begins with."""

UNLISTED, NOT_APPROVED = 5, 100
"""Per mille of the lines whose item no catalogue lists; of the restricted items' lines that lack approval."""

UNLISTED_CODE = "XEXAMPLE-UNLISTED"
UNKNOWN_PROVIDER = "H{admdvs}99999"

ACCOUNT_USED = 600
"""Per mille of the employees' claims that use the personal account, and of the residents' that use a family wallet."""

CREDIT_YUAN = (100, 6_000)
"""What an employee's account holds before the first claim, from and to."""

LINES, STAY_DAYS = {"outpatient": (3, 8), "inpatient": (10, 40)}, (2, 20)

AGES = {"working": (22, 59), "retired": (60, 92), "resident": (1, 90)}
INSURED_FROM_AGE = {"working": 20, "retired": 20, "resident": 0}
PSN_TYPE = {"working": "11", "retired": "12", "resident": "15"}

FILING_CATEGORIES = {
    "working": (("resident_worker", 40), ("referral", 25), ("other_temporary", 20), ("emergency", 15)),
    "retired": (("settled_retiree", 40), ("long_term_resident", 30), ("referral", 20), ("other_temporary", 10)),
    "resident": (("long_term_resident", 40), ("referral", 30), ("emergency", 15), ("other_temporary", 15)),
}

DIAGNOSES_OUTPATIENT = ("I10.x00", "E11.900", "J06.900", "K29.500", "M47.900", "L30.900", "N39.000")
DIAGNOSES_CHRONIC = ("I10.x00", "E11.900", "I25.103", "J44.900")
DIAGNOSES_MATERNITY = ("O80.000", "O81.000", "O04.900")
DIAGNOSES_INPATIENT = ("I25.103", "I63.900", "J18.900", "C34.900", "S82.100", "K80.200", "M17.900")

REST_DAYS = {"outpatient": 1, "inpatient": 40}
"""Days from one claim of a person to the next: one visit a day, and no stay soon after another."""


@dataclass(frozen=True, slots=True)
class Fit:
    """For whom items of these codes are ordered: first signs of a diagnosis, age in years, levels of provider; all where empty."""

    codes: tuple[str, ...]
    diagnoses: tuple[str, ...] = ()
    from_age: int = 0
    levels: tuple[str, ...] = ()

    def suits(self, diagnosis: str, age: int, level: str) -> bool:
        return diagnosis.startswith(self.diagnoses or "") and age >= self.from_age and (not self.levels or level in self.levels)


FITS = (
    Fit(("XL01",), from_age=18), Fit(("003315", "C030203"), ("S",)), Fit(("003207", "C020101", "C020606"), levels=("2", "3")),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of item: first digits of its codes, price in fen from and to, most pieces a line, weights by care.

    ``places``: decimals of the price. ``daily``: the pieces are the days of the stay. Weight 0: not drawn.
    """

    name: str
    codes: tuple[str, ...]
    price: tuple[int, int]
    most: int
    outpatient: int
    inpatient: int
    places: int = 2
    daily: bool = False
    pharmacy: int = 0


KINDS = (
    Kind("consultation", ("001102",), (1_000, 6_000), 1, 3, 10),
    Kind("bed", ("001109",), (3_000, 16_000), 1, 0, 0, daily=True),
    Kind("nursing", ("0012",), (1_500, 4_500), 1, 0, 0, daily=True),
    Kind("imaging", ("0021", "0022"), (12_000, 90_000), 1, 8, 12),
    Kind("laboratory", ("0025",), (1_200, 8_000), 3, 24, 60),
    Kind("examination", ("0031",), (2_000, 6_000), 1, 12, 20),
    Kind("operation", ("0032", "0033"), (250_000, 1_500_000), 1, 0, 2),
    Kind("implant", ("C02", "C03"), (80_000, 350_000), 2, 0, 2),
    Kind("material", ("C",), (400, 2_500), 10, 0, 20),
    Kind("medicine", ("X", "Z"), (300, 12_000), 6, 16, 16, places=4, pharmacy=1),
)
OTHER = Kind("other", ("",), (500, 20_000), 2, 4, 4)
"""Items of codes that no kind above names."""
