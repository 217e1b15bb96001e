"""Requests of a size that is asked for: persons of one place, bills of so many lines, on the days of a year."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count, islice

from contracts.envelope import Record
from contracts.keys import partition_of
from contracts.topics import topic_map
from tests.bench.twins import PARTITION
from tests.chain.live_requests import request

PARTITIONS = topic_map().partitions
PLACE, PROVIDER = "650200", "H65020000102"
FIRST = date(2025, 1, 1)
LINES = 8
"""Of a bill where nothing else is said."""


def persons(number: int) -> list[str]:
    """Pseudonyms of the partition of the bench."""
    names = (f"S{i:07}" for i in count())
    return list(islice((name for name in names if partition_of(name.encode(), PARTITIONS) == PARTITION), number))


def enrolled(psn_no: str, place: str = PLACE) -> Record:
    spell = {"insuplc_admdvs": place, "insutype": "310", "psn_type": "11", "psn_insu_date": "2001-01-01"}
    return request("enrolment.recorded.v1", f"{psn_no}-e", psn_no=psn_no, brdy="1960-05-06", gend="1", insuinfo=[spell])


def bill(psn_no: str, number: int, items: Sequence[str], lines: int = LINES, provider: str = PROVIDER) -> Record:
    """The ``number``-th visit of a person; its day goes through the year, its items through ``items``."""
    day = (FIRST + timedelta(number % 365)).isoformat()
    fees = [_line(n, items[(number * lines + n) % len(items)], day) for n in range(lines)]
    id = f"{psn_no}-{number}"
    return request(
        "claim.submitted.v2", id, psn_no=psn_no, insutype="310", fixmedins_code=provider, mdtrt_id=id, med_type="11", begndate=day,
        enddate=day, setl_date=day, acct_used_flag="0", feedetail=fees, medfee_sumamt=sum(fee["det_item_fee_sumamt"] for fee in fees))


def _line(number: int, item: str, day: str) -> dict[str, object]:
    pieces = number % 5 + 1
    return {"feedetl_sn": str(number + 1), "fee_ocur_date": day, "med_list_codg": item, "det_item_fee_sumamt": 1_250 * pieces,
            "cnt": str(pieces), "pric": "12.5"}
