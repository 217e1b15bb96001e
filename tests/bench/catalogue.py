"""How long a catalogue of 100,000 items takes to load, and how much memory it holds.

    python -m tests.bench.catalogue [items]

Prints the seconds, the memory that it holds more than before, and the highest on the way. Not a test: speed is measured,
never asserted.
"""

import gc
import resource
import sys
from pathlib import Path
from time import process_time

from policies.pricing.read import ITEM_FORMS, read_items, read_ranges

RANGES = "pric_table,pric_upto,selfpay_prop\nimplant,1000,0.1\nimplant,,0.3\n"
MIB = 1024 * 1024


def main(count: int) -> None:
    """Reads a generated catalogue of ``count`` items and prints what it took."""
    content = written(count)
    gc.collect()
    before, start = _resident(), process_time()
    problems: list[str] = []
    items = read_items("items.csv", content, read_ranges("ranges.csv", RANGES.encode(), problems), problems)
    taken, peak = process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    gc.collect()
    if problems:
        raise SystemExit("\n".join(problems[:10]))
    held, most = (_resident() - before) / MIB, (peak - before) / MIB
    print(f"{len(items):,} items, {len(content) / MIB:.1f} MiB of CSV: {taken:.2f} s, holds {held:.0f} MiB, at most {most:.0f} MiB")


def written(count: int) -> bytes:
    """A catalogue of ``count`` items with all columns, as a spreadsheet saves it."""
    lines = [",".join(ITEM_FORMS)]
    lines += [",".join(_cells(number).get(column, "") for column in ITEM_FORMS) for number in range(count)]
    return ("\n".join(lines) + "\n").encode()


def _cells(number: int) -> dict[str, str]:
    class_ = ("01", "02", "02", "03")[number % 4]
    found = {
        "med_list_codg": f"XB01ACA{number:014d}", "name": f"示例药品第{number}号缓释片", "chrgitm_lv": class_,
        "selfpay_prop": {"01": "0", "02": f"0.{number % 40 + 1:02d}", "03": "1"}[class_],
        "lmt_used_flag": "0", "med_chrgitm_type": "09", "selfpay_prop_type": "10",
    }
    if number % 3 == 0:
        found |= {f"pric_uplmt_{level}": f"{number % 5000 + level}.{number % 100:02d}" for level in (1, 2, 3)}
        found["overlmt_dspo_way"] = ("excess", "whole", "provider")[number % 9 // 3]
    if number % 50 == 1:
        found |= {"lmt_used_flag": "1", "lmt_diag": f"C{number % 90 + 10}.{number % 10} I{number % 90 + 10}", "lmt_hosp_lv": "2 3"}
    if number % 100 == 2:
        found |= {"selfpay_prop_type": "30", "selfpay_prop": "", "pric_table": "implant", "kind": "implant"}
    return found


def _resident() -> int:
    """Bytes of memory that the process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
