"""What is asked of a filing, with what the request leaves out and the rule of the place of insurance on the day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.base import LAST_DAY
from contracts.events.enrolment import Spell
from contracts.events.filing import NEW, FilingFacts, FilingRequest
from policies.book import Book
from policies.calendar import last_day
from policies.filing_rules import FilingRule, Paper


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what it leaves out taken from the filing that it names, and the rule of its category on its day."""

    request: FilingRequest
    facts: FilingFacts
    book: Book
    spell: Spell | None
    place: str
    category: str
    rule: FilingRule | None
    area: str
    hospitals: tuple[str, ...] | None

    def term(self, key: str) -> Any:
        """The value of a term at the place of insurance; None where none is known."""
        return self.book.filing.term(self.place, key, self.request.begndate) if self.place else None

    @property
    def begins(self) -> bool:
        """Whether a filing begins by it."""
        return self.request.oper in (*NEW, "change")

    @property
    def anew(self) -> bool:
        """Whether papers and validity are those of a new filing."""
        old = self.facts.filing
        return self.request.oper in NEW or old is None or self.category != old.category or self.term("change") == "anew"

    @property
    def letter_used(self) -> bool:
        """Whether the letter stands in for a material that is not there."""
        lettered = [paper for paper in self.rule.papers if paper.letter] if self.rule else []
        return self.promised and self.anew_papers and any(not self.handed_in(paper) for paper in lettered)

    @property
    def promised(self) -> bool:
        """Whether a letter is there: handed in now, or before with the filing that is still pending."""
        old = self.facts.filing
        return self.request.cmt_flag == "1" or (old is not None and old.pending is not None and old.letter == "given")

    @property
    def awaited(self) -> bool:
        """Whether papers are due of the filing that is named: it is pending, or a letter promised them."""
        old = self.facts.filing
        return old is not None and (old.pending is not None or old.letter == "given")

    @property
    def changes(self) -> int:
        """Changes of the filing so far in the year of the request."""
        old = self.facts.filing
        return old.changed or 0 if old is not None and old.begndate.year == self.request.begndate.year else 0

    @property
    def anew_papers(self) -> bool:
        """Whether papers are asked for: for a new filing, and to complete one."""
        return (self.begins and self.anew) or self.request.oper == "redeem"

    @property
    def unneeded(self) -> bool:
        """Whether care there needs no filing: at home, or where the place of insurance asks for none."""
        region = self.book.regions.get(self.place)
        where = region.place_of(self.area) if region is not None and self.area else None
        return where == "home" or (where is not None and self.term(where) == "unfiled")

    @property
    def last_day(self) -> date | None:
        """The last day of the filing that begins."""
        old, request = self.facts.filing, self.request
        if request.enddate is not None or (not self.anew and old is not None and old.enddate is None):
            return request.enddate
        if not self.anew and old is not None:
            return old.enddate
        return self.least_end

    @property
    def least_end(self) -> date | None:
        """The last day that the rule gives from the first day on; None: until it is changed."""
        return min(LAST_DAY, last_day(self.request.begndate, self.rule.months)) if self.rule and self.rule.months else None

    @property
    def extended_to(self) -> date | None:
        old = self.facts.filing
        if self.request.enddate is not None or old is None or old.enddate is None or self.rule is None or not self.rule.months:
            return self.request.enddate
        return min(LAST_DAY, last_day(old.enddate + timedelta(days=1), self.rule.months))

    def handed_in(self, paper: Paper) -> bool:
        """Whether a paper is there: handed in now, or before with the filing that is completed."""
        old = self.facts.filing
        before = old.materials or () if old is not None and self.request.oper == "redeem" else ()
        return not {*self.request.materials, *before}.isdisjoint(paper.one_of)
