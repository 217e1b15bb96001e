"""``yibao worker``: one worker in this process."""

from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer

from services.cli.console import RulebookDir


class Stage(StrEnum):
    """The six workers."""

    filing = "filing"
    eligibility = "eligibility"
    pricing = "pricing"
    settlement = "settlement"
    audit = "audit"
    courier = "courier"


def worker(stage: Annotated[Stage, typer.Argument(help="阶段 / stage")], rulebook: RulebookDir = None) -> None:
    """运行一个阶段的工作进程，直到收到停止信号；多开几个即可扩展该阶段。

    Runs one worker of a stage until it is told to stop. Start several to scale the stage.

    Exit codes: 0 told to stop; 3 lost the partition and 4 servers unreachable (start it again); 20 settings, topics
    or rulebook are wrong; 21 the log contradicts itself.

    例 / Example: [bold]yibao worker settlement[/bold]
    """
    module = import_module(f"services.{stage.value}.worker")
    from services.runtime.main import run

    run(module.serve, rulebook)
