"""Where values come from: ``sources.toml``, a table a text with its title and the sentences that were read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.tables import EXAMPLE, Table


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from."""

    id: str
    title: str
    quote: str


def read_sources(found: Mapping[str, Any], problems: list[str]) -> dict[str, Source] | None:
    """What values may name; None where nothing is listed. Problems are noted."""
    file = Table(found, "sources.toml", problems, {})
    if file.has(EXAMPLE):
        file.complain(EXAMPLE, "表示虚构，不能作为出处，请给原文另取编号 / means that something is invented; it is no source, give the text another name")
    if not found:
        problems.append("sources.toml: 为空，请列出各取值所依据的原文 / is empty; list the text of every value in it")
        return None
    return {id: _source(id, file.only(id)) for id in file}


def _source(id: str, row: Table) -> Source:
    found = Source(id, row.text("title"), row.text("quote"))
    row.finish()
    return found
