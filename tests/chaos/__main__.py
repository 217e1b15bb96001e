"""``python -m tests.chaos --faults N --requests M --seed S``: progress on standard error, one JSON line on standard output."""

import argparse
import asyncio
import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Asked, run, say
from tests.chaos.schedule import SPACING_S, missing


def main() -> int:
    """0 only where nothing is wrong; then the folder goes, unless it was named."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spacing", type=float, default=SPACING_S, help="seconds between two faults on average")
    parser.add_argument("--data", type=Path, help="an empty folder to work in, which is kept")
    given = parser.parse_args()
    asked = Asked(given.faults, given.requests, given.seed, given.spacing)
    folder = (given.data or Path(tempfile.mkdtemp(prefix="yibao-chaos-"))).absolute()
    say(f"{asked.faults} faults, {asked.requests} requests, seed {asked.seed}, in {folder}; takes {asked.most} s at most")
    say(f"故障 {asked.faults} 次，请求 {asked.requests} 条，种子 {asked.seed}，目录 {folder}；最长 {asked.most} 秒")
    for kind, why in missing().items():
        say(f"skipped / 跳过: {kind}: {why}")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # servers that are away are no news here
    told = asyncio.run(run(asked, folder))
    print(json.dumps(told.line(), ensure_ascii=False), flush=True)
    if told.well and given.data is None:
        shutil.rmtree(folder, ignore_errors=True)
    elif not told.well:
        say(f"kept for a look / 保留现场: {folder}")
    return 0 if told.well else 1


if __name__ == "__main__":
    sys.exit(main())
