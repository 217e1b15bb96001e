"""The claims that change most, with the statement (结算单) under each rulebook side by side."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from contracts.wire import event_of
from policies.statement import Statement, as_text, statement
from policies.statement.paper import width_of
from services.whatif.draft import Books
from services.whatif.work import Pair

GAP = "   "
HEADS = {"zh": ("现行", "草案"), "en": ("present rulebook", "draft")}
Sheets = tuple[str, Statement, Statement]
"""The request id, and the statement under each rulebook."""


def statements(pairs: Sequence[Pair], books: Books, lang: str) -> list[Sheets]:
    """Both statements of each pair."""
    return [
        (pair.row["request_id"], statement(event_of(pair.before), books.present, lang), statement(event_of(pair.after), books.draft, lang))
        for pair in pairs]


def side_by_side(sheets: Sheets, lang: str, width: int) -> Iterator[str]:
    """The lines of both statements beside each other; one below the other where ``width`` cells do not hold them."""
    texts = [[f"[{head}]", *as_text(one).splitlines()] for head, one in zip(HEADS[lang], sheets[1:], strict=True)]
    left, right = (max(map(width_of, lines)) for lines in texts)
    if left + len(GAP) + right > width:
        yield from (line for lines in texts for line in (*lines, ""))
        return
    for one, other in zip_longest(*texts, fillvalue=""):
        yield f"{one}{' ' * (left - width_of(one))}{GAP}{other}".rstrip()
