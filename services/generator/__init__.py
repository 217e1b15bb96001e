"""Generated requests: any number of persons and claims from a seed, the same bytes for the same arguments everywhere.

Mixes: ``day`` (``stream.py``, in the shares of ``mix.py``): employees of 650200 and 430400 with outpatient care at home and
elsewhere; employees and residents of 410100 and employees of 419900 with stays in hospitals of 三级甲等 in other provinces;
residents of 520500, 360100 and 360400 with outpatient care up to level 2 or 1; births in 421200; outpatient and emergency
care elsewhere of employees of 130700. Some 5 % of the claims are refused (not filed, unknown provider, no rule, in arrears),
some are quoted first, some sent twice; a few stays have an interim settlement, a few accounts are debited, a few relatives of
residents of 江西 share their account; one claim in a hundred is reversed, corrected or undone. ``bench`` (``load.py``): the load
that speed is measured with. ``all`` (``woven.py``): ``day`` with stories (``stories.py``) between: every type of request.

What is shared arrives by the courier: on the live road soon after, in ``yibao settle`` behind the last line. People are
invented, and so are catalogues, providers and prices. ``docs/generate.md`` says where the shares come from.
"""

import json
from collections.abc import Iterator

from policies.book import Book, built_in
from services.generator.load import Load
from services.generator.stream import Stream
from services.generator.woven import Woven

MIXES = {"day": Stream, "bench": Load, "all": Woven}
MAX_SEED, MAX_PERSONS = 999_999_999, 9_999_999
"""Larger ones would make ids longer than the interface allows (psn_no has 30 characters)."""


def generate(persons: int, claims: int, seed: int, book: Book | None = None, mix: str = "day") -> Iterator[str]:
    """JSON lines (without line feeds) of ``claims`` claims of at most ``persons`` persons, and of what they need first.

    ``claims`` counts claims of their own: enrolments, credits, filings, quotes, interim settlements, repeated requests and
    what undoes a claim come on top, and relatives (psn_no ending in -K) who share their account and claim nothing; in the mix
    ``all`` also the stories, with persons of their own. Raises ValueError for numbers out of bounds.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"seed must lie between 0 and {MAX_SEED}, not {seed}")
    if not 1 <= persons <= MAX_PERSONS:
        raise ValueError(f"persons must lie between 1 and {MAX_PERSONS}, not {persons}")
    if claims < 0:
        raise ValueError(f"claims must not be negative, not {claims}")
    if mix not in MIXES:
        raise ValueError(f"mix must be one of {', '.join(MIXES)}, not {mix}")
    return _lines(MIXES[mix](persons, claims, seed, book or built_in()))


def _lines(stream: Stream | Load | Woven) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return map(encode, stream.requests())
