"""The roll: what the stream must remember of the persons that have appeared, 27 bytes each whatever they claim.

A person is packed when put away and made again when asked for, so that a million persons take 27 MB.
"""

from datetime import date
from struct import Struct

from services.generator.mix import GROUPS
from services.generator.people import Person

_ROW = Struct("<5I7B")
_GROUPS = {id(group): place for place, group in enumerate(GROUPS)}
_STATUS = ("working", "retired", "resident")


class Roll:
    """Persons by their place on the roll, 0 to ``persons`` - 1."""

    def __init__(self, persons: int, seed: int) -> None:
        self._seed = seed
        self._rows = bytearray(persons * _ROW.size)  # the system gives memory only to what is written

    def psn_no(self, insuplc: str, place: int) -> str:
        """The number of the person at ``place``."""
        return f"P{insuplc}-G{self._seed}-{place:06d}"

    def get(self, place: int) -> Person | None:
        """The person at ``place``; None where nobody was put."""
        brdy, insured, filed_until, discharged, seen, here, group, status, gend, province, filed, flags = _ROW.unpack_from(
            self._rows, place * _ROW.size)
        if not here:
            return None
        of = GROUPS[group]
        return Person(
            psn_no=self.psn_no(of.place, place), group=of, status=_STATUS[status], brdy=date.fromordinal(brdy), gend=str(gend),
            insured_from=date.fromordinal(insured), province=f"{province:02d}", filed=bool(filed), filed_until=_day(filed_until),
            in_arrears=bool(flags & 1), discharged=_day(discharged), seen=_day(seen), shared=bool(flags & 2),
        )

    def put(self, place: int, who: Person) -> None:
        """Remembers ``who`` at ``place``."""
        _ROW.pack_into(
            self._rows, place * _ROW.size, who.brdy.toordinal(), who.insured_from.toordinal(), _number(who.filed_until),
            _number(who.discharged), _number(who.seen), 1, _GROUPS[id(who.group)], _STATUS.index(who.status), int(who.gend),
            int(who.province), who.filed, who.in_arrears + 2 * who.shared,
        )


def _number(day: date | None) -> int:
    return day.toordinal() if day is not None else 0


def _day(number: int) -> date | None:
    return date.fromordinal(number) if number else None
