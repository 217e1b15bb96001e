"""The charts of a what-if: what changes, in yuan, by fund and by each dimension, and how many persons it concerns."""

from collections.abc import Iterator

from policies.book import Book
from policies.statement.words import Words
from services.charts import Bars, Said
from services.whatif.paper import AMOUNTS, TITLES, bracket, value
from services.whatif.result import Object

YUAN: Said = ("元", "yuan")
MOST = 24
"""Bars of a chart: those that change most."""
_ZH, _EN = Words("zh"), Words("en")


def figures(found: Object, book: Book) -> Iterator[Bars]:
    """Each chart that has anything to show."""
    paid = [row for row in found["amounts"] if row["change"]]
    if paid:
        yield Bars(
            "amounts", ("谁多付，谁少付", "Who pays more, who less"), YUAN, tuple(AMOUNTS[row["name"]] for row in paid),
            ((("变化", "change"), tuple(_yuan(row["change"]) for row in paid)),), signed=True)
    for name, rows in found["by"].items():
        if shown := _shown(rows):
            yield _two(name, TITLES[name], [(value(name, row["value"], book, _ZH), value(name, row["value"], book, _EN)) for row in shown],
                       [(row["funds"]["change"], row["own"]["change"]) for row in shown])
    if any(row["fund_change"] or row["own_change"] for row in found["deciles"]):
        yield _two("deciles", ("按个人负担十分位", "By decile of what persons bear"), [(str(row["decile"]),) * 2 for row in found["deciles"]],
                   [(row["fund_change"], row["own_change"]) for row in found["deciles"]])
    brackets = found["persons"]["brackets"]
    yield Bars(
        "persons", ("个人负担的变化：人数", "Persons by change of what they bear"), ("人", "persons"),
        tuple((bracket(row, _ZH), bracket(row, _EN)) for row in brackets), ((("人数", "persons"), tuple(float(row["persons"]) for row in brackets)),))


def _shown(rows: list[Object]) -> list[Object]:
    """Those that change, of too many those that change most; in the order in which they stand."""
    moved = {row["value"]: abs(row["funds"]["change"]) + abs(row["own"]["change"]) for row in rows}
    most = sorted((value for value, change in moved.items() if change), key=lambda value: -moved[value])[:MOST]
    return [row for row in rows if row["value"] in most]


def _two(name: str, title: Said, labels: list[Said], changes: list[tuple[int, int]]) -> Bars:
    funds, own = zip(*changes, strict=True)
    return Bars(name, (f"{title[0]}：变化", f"{title[1]}: change"), YUAN, tuple(labels), (
        (("基金支出", "funds"), tuple(map(_yuan, funds))), (("个人负担（两者均结算）", "persons, of claims settled by both"), tuple(map(_yuan, own)))))


def _yuan(fen: int) -> float:
    """For a drawing only."""
    return fen / 100
