"""A what-if as one plain object, amounts in fen: what is printed, drawn and written as JSON all comes from it."""

from typing import Any

from services.audit.replay import AMOUNTS
from services.whatif import sums
from services.whatif.columns import PAID
from services.whatif.draft import Books
from services.whatif.run import Found
from services.whatif.work import Against, Pair

DIMENSIONS = {"region": "insuplc_admdvs", "insutype": "insutype", "level": "dedc_hosp_lv", "care": "med_type", "age": "age_band"}
"""By what differences are told, and the column of each."""
KEPT = ("request_id", "psn_no", "day", "insuplc_admdvs", "insutype", "fixmedins_code", "med_type", "bill", "verdict_before", "verdict_after",
        "why_before", "why_after", "own_before", "own_after", "own_change", "fund_change")
Object = dict[str, Any]


def result(found: Found, books: Books, sample: int = 1) -> Object:
    """The object. ``own``: what persons bear of claims that both rulebooks settle, so that a refusal counts as no saving."""
    by, persons, flows = (found.tables[name] for name in ("by", "persons", "flows"))
    total = sums.total(by)
    return {
        "rulebooks": _rulebooks(books), "sample": sample,
        "requests": found.requests, "claims": total["claims"], "bad_lines": len(found.bad),
        "settled": {"before": total["settled_before"], "after": total["settled_after"], "both": total["both"]},
        "funds": _change(_funds(total, "before"), _funds(total, "after")),
        "own": _change(total["own_both"], total["own_both"] + total["own_change"]),
        "newly_settled": _flow(flows, 0, 1), "no_longer_settled": _flow(flows, 1, 0),
        "persons": _persons(persons) | {"brackets": sums.brackets(persons)},
        "amounts": [{"name": name, **_change(total[f"{name}_before"], total[f"{name}_after"])} for name in PAID],
        "by": {name: [_of(row, row[column]) for row in sums.by(by, column)] for name, column in DIMENSIONS.items()},
        "deciles": [_decile(row) for row in sums.deciles(persons)],
        "verdicts": [{"before": was, "after": is_, "requests": count} for (was, is_), count in sorted(found.types.items())],
        "most": [_most(pair) for pair in found.most],
        "recorded": _recorded(found.against, books),
    }


def _rulebooks(books: Books) -> Object:
    return {
        "present": books.present.digest, "draft": books.draft.digest, "draft_is": "whole" if books.whole else "laid over the present one",
        "changed": books.changed, "added": books.added, "removed": books.removed,
    }


def _change(before: int, after: int) -> Object:
    return {"before": before, "after": after, "change": after - before}


def _funds(row: Object, when: str) -> int:
    return row[f"fund_pay_sumamt_{when}"] + row[f"allowance_pay_{when}"]


def _of(row: Object, value: str | None) -> Object:
    return {
        "value": value or "", "claims": row["claims"], "settled_before": row["settled_before"], "settled_after": row["settled_after"],
        "funds": _change(_funds(row, "before"), _funds(row, "after")), "own": _change(row["own_both"], row["own_both"] + row["own_change"]),
    }


def _flow(flows: Any, before: int, after: int) -> Object:
    """Claims that are settled under one rulebook alone: how many, what was billed, what the funds pay more."""
    rows = [row for row in flows.to_pylist() if (row["settled_before"], row["settled_after"]) == (before, after)]
    return {"claims": sum(row["claims"] for row in rows), "bill": sum(row["bill"] for row in rows), "funds": sum(row["fund_change"] for row in rows)}


def _persons(persons: Any) -> Object:
    told = sums.told(persons)
    return {
        "all": told["persons"], "less": {"persons": told["less"], "amount": told["less_amount"]},
        "more": {"persons": told["more"], "amount": told["more_amount"]}, "same": told["persons"] - told["less"] - told["more"],
    }


def _decile(row: Object) -> Object:
    return {name: row[name] for name in ("decile", "persons", "least", "most", "less", "more", "own_before", "own_change", "fund_change")}


def _most(pair: Pair) -> Object:
    return {name: pair.row[name] for name in KEPT} | {"day": str(pair.row["day"])}


def _recorded(against: Against, books: Books) -> Object | None:
    """How the decisions under the present rulebook stand to what was recorded; None where nothing was."""
    if not against.same + against.differing:
        return None
    return {
        "same": against.same, "differing": against.differing,
        "of_other_rulebooks": sum(count for digest, count in against.rulebooks.items() if digest != books.present.digest),
        "rulebooks": dict(sorted(against.rulebooks.items())),
        "told": [
            {"request_id": id, "recorded": was.type, "now": now.type, **dict(zip(AMOUNTS, zip(was.amounts, now.amounts, strict=True), strict=True))}
            for id, was, now in against.told],
    }
