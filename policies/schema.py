"""The JSON Schema of a plan, for editors that complete and check TOML (taplo, Even Better TOML): ``plan.schema.json``.

The loader is stricter: it knows sources, overlaps and ambiguous rows. Dates are texts here, as those editors hand them over.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from policies.laws import FUNDS
from policies.select import LINE_SELECTORS, NUMBERS, SELECTORS
from policies.settlement.cap import ABOVE, COUNTS, PER as CAPPED_PER
from policies.settlement.deductible import PER as CHARGED_PER
from policies.settlement.guarantee import COSTS
from policies.settlement.out_of_area import MODES
from policies.settlement.read import DATES
from policies.settlement.sheet import PARTS
from policies.settlement.steps import UNLIMITED
from policies.settlement.supplement import NAMES
from policies.tables import KNOWN
from policies.values import CODED, MOST, MOST_NAME

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
NAME: Schema = {**TEXT, "maxLength": MOST_NAME}
LABEL: Schema = {**NAME, "pattern": "^[^.#\\s]+$"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": MOST}
DAY: Schema = {"type": "string", "format": "date"}
YUAN: Schema = {"type": "number", "minimum": 0, "description": "元，最多两位小数 / yuan, at most two decimals"}
RATIO: Schema = {"type": "number", "minimum": 0, "maximum": 1}
CHOICE: Schema = {"type": "string", "pattern": " / ", "description": "中文 / English"}


def schema_text() -> str:
    """The text of ``plan.schema.json``."""
    return json.dumps(plan_schema(), ensure_ascii=False, indent=1) + "\n"


def plan_schema() -> Schema:
    """The schema of ``<plan>.toml``."""
    step = _ref("step")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "医保待遇方案 / a plan of benefits",
        **table({
            "plan": sourced({
                "place": {"type": "string", "pattern": "^[0-9]{6}$"}, "insutype": {"enum": list(CODED["insutype"])}, "from": DAY, "until": DAY,
                "source": TEXT, "choices": list_of(CHOICE),
            }, "place", "insutype", "from", "source"),
            "benefit": {**list_of(_benefit(step)), "minItems": 1},
            "then": list_of(step),
        }, "plan", "benefit"),
        "definitions": _definitions(),
    }


def _definitions() -> Schema:
    """What stands in several places."""
    share, lines = table({"share": RATIO, "of": TEXT}, "share", "of"), SELECTORS | LINE_SELECTORS
    return {
        "step": {"oneOf": [_step(kind, keys, needed) for kind, (keys, needed) in _kinds().items()]},
        "amount": {"anyOf": [YUAN, share]},
        "amounts": _rows("yuan", _ref("amount")), "limits": _rows("yuan", {"anyOf": [_ref("amount"), {"const": UNLIMITED}]}), "ratios": _rows("of", RATIO), "points": _rows("points", RATIO),
        "bands": _rows("of", RATIO, upto=_ref("amount")), "lines": _rows("out", FLAG, lines), "line_ratios": _rows("of", RATIO, lines),
        "when": table(_conditions(SELECTORS)), "parts": some({"enum": list(PARTS)}),
        **{f"when.{name}": _condition(name) for name in sorted(lines)},
    }


def _benefit(step: Schema) -> Schema:
    date = {"enum": list(DATES)}
    admissions = {
        "interim": {"enum": ["continue", "new"]}, "transfer": FLAG, "day_surgery": FLAG, "cross_year": FLAG, "days": {**COUNT, "minimum": 1},
    }
    return sourced({
        "name": LABEL, "care": some({"enum": list(KNOWN["care"])}), "where": some({"enum": list(KNOWN["place"])}),
        "dated_by": date, "year_by": date, "manual_year_by": date, "age_on": date, "admissions": table(admissions),
        "split_at_new_year": FLAG, "referral_days": COUNT, "choices": list_of(CHOICE), "step": list_of(step),
    }, "name", "care", "dated_by")


def _kinds() -> Mapping[str, tuple[Schema, tuple[str, ...]]]:
    """The keys of each kind of step, and those that it needs."""
    amounts, ratios, parts = _ref("amounts"), _ref("ratios"), _ref("parts")
    bonus, band = {"bonus": _ref("points"), "bonus_most": RATIO}, {"band": _ref("bands")}
    ladder = list_of(table({"from": {**COUNT, "minimum": 1}, "factor": RATIO}, "from", "factor"))
    linear = table({"start": RATIO, "per_year": RATIO, "most": RATIO}, "start", "per_year", "most")
    earned = table({"earned_by": {"enum": list(NAMES)}, "yuan": YUAN, "most": YUAN, "after": COUNT}, "earned_by", "yuan", "most")
    return {
        "deductible": ({
            "per": {"enum": list(CHARGED_PER)}, "amount": amounts, "year_ceiling": YUAN, "admission": ladder, "floor": YUAN,
            "shared": LABEL, "by_level": FLAG, "by_provider": FLAG, "transfer": {"const": "difference"},
            "across": {"enum": ["old", "new", "none"]}, "once": table({"name": LABEL, "diseases": some(NAME)}, "name", "diseases"),
        }, ("per", "amount")),
        "ratio": ({"ratio": ratios, "linear": linear, **bonus}, ()),
        "bands": ({
            **band, "measured": {"enum": ["fees", "payments"]}, "counted_from": {"enum": ["zero", "deductible"]},
            "continues": {"enum": ["visit", "stay", "year"]}, **bonus,
        }, ("band",)),
        "cap": ({
            "per": {"enum": list(CAPPED_PER)}, "amount": _ref("limits"),
            "counts": {"enum": list(COUNTS)}, "shared": LABEL, "by_disease": FLAG, "more_a_disease": YUAN,
            "above": {"enum": list(ABOVE)},
        }, ("per", "amount")),
        "fixed": ({"mode": {"enum": ["ceiling", "fixed"]}, "amount": amounts, "more_a_child": YUAN}, ("mode", "amount")),
        "item": ({"catalogue": FLAG, "capped": FLAG, "ratio": _ref("line_ratios")}, ()),
        "exclude": ({"lines": _ref("lines")}, ("lines",)),
        "guarantee": ({
            "costs": {"enum": list(COSTS)}, "ratio": ratios, "pays": parts, "counted_from": {"enum": ["zero", "deductible"]},
            "fund": {"enum": list(FUNDS)},
        }, ("costs", "ratio", "pays")),
        "out_of_area": ({"mode": {"enum": list(MODES)}, "by": ratios}, ("mode", "by")),
        "supplement": ({
            "name": LABEL, "fund": {"enum": list(FUNDS[1:])}, "of": parts, "per": {"enum": ["visit", "year"]}, **band,
            "threshold": amounts, "counted_from": {"enum": ["zero", "threshold"]}, "cap": _ref("limits"), "cap_bonus": list_of(earned),
            "when": _ref("when"), **bonus,
        }, ("name", "fund", "of", "per", "band")),
        "account": ({"pays": parts, "with_family": FLAG}, ("pays",)),
        "wallet": ({"pays": parts}, ("pays",)),
    }


def _step(kind: str, keys: Schema, needed: tuple[str, ...]) -> Schema:
    return {"title": kind, **sourced({"kind": {"const": kind}, "source": TEXT, "choice": CHOICE, **keys}, "kind", "source", *needed)}


def _rows(name: str, value: Schema, selectors: Iterable[str] = SELECTORS, **more: Schema) -> Schema:
    return {**list_of(table({**_conditions(selectors), **more, name: value}, name)), "minItems": 1}


def _conditions(selectors: Iterable[str]) -> Schema:
    return {name: _ref(f"when.{name}") for name in sorted(selectors)}


def _condition(name: str) -> Schema:
    if name in NUMBERS:
        return {"type": ["integer", "string"], "description": ">=70, [18,70), <18, 3"}
    known = KNOWN.get(name) or CODED.get(name)
    value = {"enum": list(known)} if known else NAME
    return {"anyOf": [value, some(value)]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def list_of(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def some(of: Schema) -> Schema:
    """A list of values, each once, at least one."""
    return {**list_of(of), "minItems": 1, "uniqueItems": True}


def sourced(keys: Schema, *needed: str) -> Schema:
    """A table whose values may name sources of their own: ``<key>_source``."""
    own = {"_source$": TEXT}
    return {**table(keys, *needed), "patternProperties": own}


def table(keys: Schema, *needed: str) -> Schema:
    found: Schema = {"type": "object", "additionalProperties": False, "properties": keys}
    return {**found, "required": list(needed)} if needed else found
