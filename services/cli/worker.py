"""``yibao worker``: one worker in this process."""

from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer

from services.cli.console import CANNOT, RulebookDir, fail


class Stage(StrEnum):
    """The six workers."""

    filing = "filing"
    eligibility = "eligibility"
    pricing = "pricing"
    settlement = "settlement"
    audit = "audit"
    courier = "courier"


def worker(
    stage: Annotated[Stage, typer.Argument(help="阶段 / stage")],
    rulebook: RulebookDir = None,
    no_brake: Annotated[
        bool, typer.Option("--no-brake", help="多数请求无法读取也不停下（仅 filing）/ do not stop where most requests cannot be read (filing only)")
    ] = False,
) -> None:
    """运行一个阶段的工作进程，直到收到停止信号；多开几个即可扩展该阶段。

    Runs one worker of a stage until it is told to stop. Start several to scale the stage.

    Exit codes: 0 told to stop; 3 lost the partition and 4 servers unreachable (start it again); 20 settings, topics
    or rulebook are wrong; 21 the log contradicts itself; 22 most requests cannot be read (the brake).

    例 / Example: [bold]yibao worker settlement[/bold]
    """
    if no_brake and stage is not Stage.filing:
        fail("只有 filing 有制动 / only filing has a brake", CANNOT)
    module = import_module(f"services.{stage.value}.worker")
    from services.runtime.main import run

    run(module.serve, **({"rulebook": rulebook} if rulebook else {}), **({"brake": False} if no_brake else {}))
