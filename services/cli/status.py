"""``yibao status``: is the stack there, and how far is each stage."""

from rich.box import SIMPLE_HEAD

from services.cli.console import AsJson, Table, coro, found_settings, out, print_json
from services.cli.progress import StagePlace, Watch, stage_places
from services.runtime.settings import Settings, local_stack


@coro
async def status(as_json: AsJson = False) -> None:
    """各阶段各分区的位置、末端与积压。

    Position, end and lag of every stage and partition.

    例 / Example: [bold]yibao status[/bold]
    """
    found = found_settings()
    async with Watch(found) as watch:
        places = await stage_places(found, watch)
    if as_json:
        print_json({"kafka": found.kafka, "redis": found.redis_told, "stages": [_row(place) for place in places], "metrics": pages(found)})
        return
    _show(found, places)


def _row(place: StagePlace) -> dict[str, object]:
    return {
        "stage": place.stage, "partition": place.partition, "req": place.position.req, "pos": place.position.pos,
        "end": place.end, "owner": place.position.owner, "waiting": place.waiting,
    }


def pages(found: Settings) -> dict[str, str]:
    """The probes of the workers of the local stack, by name; none where this is another one's."""
    stack = local_stack(found.stack)
    ours = stack is not None and (stack.kafka, stack.redis, stack.road) == (found.kafka, found.redis, found.road)
    return {name: f"http://127.0.0.1:{port}/metrics" for name, port in stack.metrics.items()} if stack and ours else {}


def _show(found: Settings, places: list[StagePlace]) -> None:
    table = Table("阶段 / stage", "分区 / partition", "末号 / req", "位置 / pos", "末端 / end", "积压 / waiting", title="yibao status", box=SIMPLE_HEAD)
    for place in places:
        values = (place.partition, place.position.req, place.position.pos, place.end, place.waiting)
        table.add_row(place.stage, *map(str, values), style="yellow" if place.waiting else None)
    out.print(f"Kafka {found.kafka}   Redis {found.redis_told}")
    out.print(table)
    waiting = sum(place.waiting for place in places)
    for name, url in pages(found).items():
        out.print(f"{name:14}{url}")
    out.print(f"共积压 / waiting in all: {waiting}")
