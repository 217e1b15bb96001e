"""The command line on a live road."""

import asyncio
import json
from typing import Any

from typer.testing import CliRunner

from services.cli.app import app
from tests.chain.road import LiveRoad


class Cli:
    """The command line on a road."""

    def __init__(self, road: LiveRoad) -> None:
        s = road.settings
        self._env = {"YIBAO_KAFKA": s.kafka, "YIBAO_REDIS": s.redis, "YIBAO_ROAD": s.road, "COLUMNS": "200"}

    async def __call__(self, *args: object, code: int = 0, **more: Any) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, app, list(map(str, args)), env=self._env, **more)
        assert done.exit_code == code, (args, done.output, done.exception)
        return done.output

    async def json(self, *args: object) -> Any:
        return json.loads(await self(*args, "--json"))
