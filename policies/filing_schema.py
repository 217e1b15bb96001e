"""The JSON Schema of the rules of filing, for editors: ``filing.schema.json``. The loader is stricter, as with plans."""

import json

from contracts.events.filing import CARE_CATEGORIES
from policies.filing_rules import CATEGORIES, FLAG_TERMS, LIST_TERMS, NAMES, NUMBER_TERMS, TERMS, TEXT_TERMS, VALIDITIES
from policies.schema import CHOICE, COUNT, DAY, FLAG, NAME, TEXT, Schema, list_of, some, sourced, table
from policies.values import CODED


def filing_schema_text() -> str:
    """The text of ``filing.schema.json``."""
    return json.dumps(filing_schema(), ensure_ascii=False, indent=1) + "\n"


def filing_schema() -> Schema:
    """The schema of ``filing.toml``."""
    dated: Schema = {"from": DAY, "until": DAY, "source": TEXT, "choice": CHOICE}
    paper = table({"one_of": some(TEXT), "letter": FLAG}, "one_of")
    category = sourced({
        "category": {"enum": list(CATEGORIES)}, "zh": NAME, "en": NAME, "papers": list_of(paper), "validity": {"enum": list(VALIDITIES)},
        "months": {**COUNT, "minimum": 1}, "insutypes": some({"enum": list(CODED["insutype"])}), "names": list_of({"enum": list(NAMES)}),
        "retired": FLAG, **dated,
    }, "category", "zh", "en", "validity", "from", "source")
    code = table({"code": NAME, "is": {"enum": list(CARE_CATEGORIES)}, "source": TEXT}, "code", "is")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "异地就医备案规则 / rules of filing",
        **table({
            "category": list_of(category),
            "rule": list_of(sourced({**{key: _term(key) for key in TERMS}, **dated, "choices": list_of(CHOICE)}, "from", "source")),
            "classification": list_of(sourced({"name": NAME, "rows": list_of(code), **dated}, "name", "rows", "from", "source")),
        }),
    }


def _term(key: str) -> Schema:
    if key in TEXT_TERMS:
        return {"enum": list(TEXT_TERMS[key])}
    if key in NUMBER_TERMS:
        return {**COUNT, "minimum": 1}
    if key in FLAG_TERMS:
        return FLAG
    assert key in LIST_TERMS, key
    return some({"enum": list(CARE_CATEGORIES)} if key == "categories" else TEXT)
