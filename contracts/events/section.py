"""What every section of a stage has."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Hash, Model, described as of

Version = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]


class Section(Model):
    """Sections are versioned one by one; each names the rulebook and the policies that decided it."""

    version: of(Literal[1, 2], "段版本", "version of the section; 2 adds fields that 1 had not") = 2
    rulebook: of(Hash, "规则库摘要", "digest of the rulebook")
    policies: of(Version, "决策程序版本", "version of the package policies")
