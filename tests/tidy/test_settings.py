"""The table of settings in docs/operations.md is the settings."""

import re
from pathlib import Path

from services.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"YIBAO_CACHE", "YIBAO_JAVA", "YIBAO_MAVEN"}
"""Read where the embedded servers are started, which has no settings object."""


def test_the_page_lists_every_setting_with_its_default() -> None:
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    rows = re.findall(r"^\| `(YIBAO_[A-Z_]+)` \| (.*?) \| (?:`(.*?)`)? *\|$", text, re.M)
    told = {name: default for name, _, default in rows if name not in ELSEWHERE}
    fields = Settings.model_fields.items()
    assert told == {f"YIBAO_{name.upper()}": "" if field.default in ("", None) else str(field.default) for name, field in fields}
    assert {name for name, _, _ in rows} >= ELSEWHERE
