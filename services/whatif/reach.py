"""Whom a draft can concern. A plan is read for those insured at its place by its type of insurance, and for nobody else.

So where a draft changes nothing but plans, persons who never state such an insurance, and are bound to nobody who does, are
decided once: under the draft the same comes out. Any other change may concern everybody.
"""

import re
from dataclasses import dataclass

from policies.book import BESIDE_PLANS
from services.whatif.draft import BESIDE, Books

PLAN = re.compile(r"regions/([^/]+/([^/]+))\.toml")


@dataclass(frozen=True, slots=True)
class Reach:
    """``insured``: codes of place and type of insurance as they stand in JSON; None: everybody."""

    insured: tuple[tuple[bytes, bytes], ...] | None = None

    def concerns(self, body: bytes) -> bool:
        """Whether a request may say that somebody is so insured. Codes may be written with escapes: then it may."""
        return self.insured is None or b"\\u" in body or any(place in body and insutype in body for place, insutype in self.insured)


def reach(books: Books) -> Reach:
    """Whom the files concern in which the rulebooks differ; where none does, everybody is decided twice, as a proof.

    Sources are texts: no decision reads them.
    """
    ids = [_plan(name) for name in (*books.changed, *books.added, *books.removed) if name not in BESIDE]
    if not ids or None in ids:
        return Reach()
    plans = {(plan.place, plan.insutype) for book in (books.present, books.draft) for found in book.plans.values() for plan in found if plan.id in ids}
    return Reach(tuple(sorted((_text(place), _text(insutype)) for place, insutype in plans)))


def _plan(name: str) -> str | None:
    """The id of the plan in a file; None where it holds something else."""
    match = PLAN.fullmatch(name)
    return match[1] if match is not None and f"{match[2]}.toml" not in BESIDE_PLANS else None


def _text(code: str) -> bytes:
    return f'"{code}"'.encode()
