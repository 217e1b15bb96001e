"""How fast a dump is verified, and how much memory that takes: ``python -m tests.bench.verify CLAIMS [PERSONS]``."""

import asyncio
import resource
import sys
import tempfile
import time
from multiprocessing import Process, Queue, get_context
from pathlib import Path

from contracts.lines import request_record
from policies.book import built_in
from services.audit.dump import DumpDir
from services.audit.sources import DumpSource
from services.audit.verify import Report, Verifier
from services.generator import generate
from tests.services.recorded import PARTITIONS, recorded


def make(folder: Path, claims: int, persons: int) -> None:
    """A dump of so many generated claims."""
    recorded((request_record(line.encode(), PARTITIONS) for line in generate(persons, claims, 1)), built_in(), folder)


def measure(folder: Path, answer: "Queue[tuple[int, int, float, int, int]]") -> None:
    """Verifies in a process of its own, so that the memory is that of verifying alone."""
    book, report = built_in(), Report()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    asyncio.run(Verifier(DumpSource(DumpDir(folder), report.add), book, report=report).run(range(PARTITIONS)))
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.put((sum(report.records.values()), report.codes.total(), seconds, before // 1024, peak // 1024))


def main(claims: int, persons: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, spawn = Path(name), get_context("spawn")
        maker = Process(target=make, args=(folder, claims, persons))
        maker.start()
        maker.join()
        answer = spawn.Queue()
        spawn.Process(target=measure, args=(folder, answer)).start()
        records, found, seconds, before, peak = answer.get()
    print(f"records {records:,}  findings {found}  {seconds:.1f} s of one core  {records / seconds:,.0f} records/s  "
          f"memory: rulebook loaded {before} MB, at most {peak} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(sys.argv[1]) // 10 + 1)
