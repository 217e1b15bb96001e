"""Regions: which places count as home and as the same province, and which area a filing covers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from policies.tables import Table

Place = str
NATION = ""
"""The area whose rules hold where a place has none of its own."""
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
    source: str
    entitled_on: str = "begndate"

    def place_of(self, admdvs: str) -> str:
        """``home``, ``same_province`` or ``other_province``."""
        if admdvs.startswith(self.home):
            return "home"
        return "same_province" if admdvs.startswith(self.province) else "other_province"


def read_region(file: Table, folder: str) -> Region:
    """The place in a ``region.toml``; ``folder`` is called after it: ``<admdvs>-<name>``."""
    head = file.only("region")
    found = Region(
        admdvs=head.admdvs("admdvs"), zh=head.name("zh"), en=head.name("en"),
        home=head.prefixes("home"), province=head.prefixes("province"), source=head.source(),
        entitled_on=head.text("entitled_on", "begndate", ("begndate", "enddate", "each_day")),
    )
    if found.admdvs and folder[:6] != found.admdvs:
        head.complain("admdvs", f"{found.admdvs} 不是文件夹 {folder} 所属的地方，文件夹名请以 {found.admdvs} 开头 / "
                                f"{found.admdvs} is not the place of the folder {folder}; begin its name with {found.admdvs}")
    if found.admdvs and found.home and not found.admdvs.startswith(found.home):
        head.complain("home", f"不含本地 {found.admdvs}，请补上其区划代码的前几位 / "
                              f"does not cover {found.admdvs}, the place itself; add its first digits")
    for code in (code for code in found.home if len(code) in (4, 5) and not code[2:].strip("0")):
        head.complain("home", f"{code} 只管 {code[:2]}0000 本身，不含任何区县；整个省市请写 {code[:2]}，只此代码请写满六位 / "
                              f"{code} covers {code[:2]}0000 alone and no district; write {code[:2]} for all of it, or six digits for the code alone")
    for code in found.home if found.province else ():
        if not code.startswith(found.province):
            head.complain("province", f"不含 home 中的 {code}，请补上其区划代码的前几位 / "
                                      f"does not cover {code}, which is home; add its first digits")
    for table in (head, file):
        table.finish()
    return found


def alike(regions: Sequence[tuple[str, Region]]) -> Iterator[str]:
    """Regions, each with its file, of one code or one name: neither would be the one that is meant."""
    for (file, one), (other_file, other) in combinations(regions, 2):
        for key in ("admdvs", "zh", "en"):
            name = getattr(one, key)
            if name and name.casefold() == getattr(other, key).casefold():
                yield f"{other_file}: region: {key}: {name} 在 {file} 中也有，请删去一个，或另写一个 / " \
                    f"{name} is said in {file} too; remove one, or write another"


def area_of(admdvs: str) -> str:
    """The digits that all places within a place begin with: 36 of 360000, 3604 of 360400."""
    return admdvs[:2] if admdvs.endswith("0000") else admdvs[:4] if admdvs.endswith("00") else admdvs


def covers(area: str, admdvs: str) -> bool:
    """Whether a filed area (a province PP0000, a city PPCC00, a county) holds the place of care."""
    if area.endswith("0000"):
        return admdvs[:2] == area[:2]
    return admdvs[:4] == area[:4] if area.endswith("00") else admdvs == area


def misplaced(file: Table, admdvs: str) -> str | None:
    """What is wrong with a place of care in a file whose folder is called after a place of another province; None where nothing is."""
    folder = file.where.partition("/")[2].partition("/")[0]
    if not admdvs or not folder[:6].isdigit() or folder[:2] == admdvs[:2]:
        return None
    return f"{admdvs} 与文件夹 {folder} 所属的地方不在同一省，请改正其中之一 / " \
        f"{admdvs} lies in another province than the place of the folder {folder}; correct one of the two"


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


@lru_cache(maxsize=4096)
def areas(place: str) -> tuple[str, ...]:
    """The areas whose rules a place follows, nearest first: itself, its city, its province, the nation."""
    return tuple(dict.fromkeys((place, place[:4] + "00", place[:2] + "0000", NATION)))
