"""A person's filings as they stand on a day (备案查询): from what eligibility knows, by the rules that decide filings."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from contracts.base import made
from contracts.events.filing import CARE_CATEGORIES, Filing, FilingFacts, FilingRequest
from contracts.reasons import Reason
from policies.book import Book
from policies.eligibility import PersonState
from policies.filing import asked_for, means_of
from policies.filing_asked import Asked
from policies.filing_checks import missing_papers

Stands = Literal["in_force", "on_letter", "pending", "not_yet", "ended", "changed", "cancelled", "broken"]
"""有效, 有效（承诺书未兑现）, 待补正, 未开始, 已到期, 已变更, 已取消, 承诺未履行."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A filing on a day. ``missing``: papers that are due, of a pending filing or behind its letter. ``changes`` of the year
    of that day, ``most``: so many are allowed (None: no limit). ``means``: for benefits; None while it counts for nothing."""

    filing: Filing
    state: Stands
    missing: tuple[Reason, ...]
    changes: int
    most: int | None
    means: dict[str, str] | None


def filings_on(psn_no: str, state: PersonState | None, day: date, book: Book) -> list[Standing]:
    """The filings that are known of a person, first ones first."""
    if state is None:
        return []
    found = sorted(state.filings, key=lambda one: (one.begndate, one.trt_dcla_detl_sn))
    return [_standing(one, _redeeming(psn_no, one, state, day, book), day) for one in found]


def _redeeming(psn_no: str, filing: Filing, state: PersonState, day: date, book: Book) -> Asked:
    """What would be decided if the papers were to be handed in on ``day``."""
    request = made(FilingRequest, psn_no=psn_no, oper="redeem", trt_dcla_detl_sn=filing.trt_dcla_detl_sn, insutype=filing.insutype, begndate=day)
    return asked_for(request, FilingFacts(insuinfo=state.insuinfo, filing=filing), book)


def _standing(filing: Filing, asked: Asked, day: date) -> Standing:
    state = _state(filing, day)
    due = state == "pending" or (filing.letter == "given" and state in ("on_letter", "not_yet"))
    counts = state in ("in_force", "on_letter", "not_yet") and filing.category in CARE_CATEGORIES
    return Standing(
        filing, state, tuple(missing_papers(asked)) if due else (), asked.changes, asked.term("changes_a_year"),
        means_of(asked, filing) if counts else None,
    )


def _state(filing: Filing, day: date) -> Stands:
    if filing.enddate is not None and filing.enddate < day:
        return "broken" if filing.letter == "broken" else filing.closed or "ended"
    if filing.pending is not None:
        return "pending"
    if day < filing.begndate:
        return "not_yet"
    return "on_letter" if filing.letter == "given" else "in_force"


def as_object(one: Standing) -> dict[str, Any]:
    """A filing for JSON: as it is kept, and how it stands."""
    return one.filing.model_dump(mode="json", exclude_none=True) | {
        "state": one.state, "missing": [why.model_dump() for why in one.missing], "changes": one.changes, "most_changes": one.most,
        "means": one.means,
    }
