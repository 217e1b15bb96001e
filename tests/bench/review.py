"""How many findings the rules of review make in a clean set: generated claims in which nothing is wrong. Expected: none.

    python -m tests.bench.review [claims] [persons] [seed]

Prints each finding, and how many claims were reviewed. What a bill hands out of a drug is said to suffice for 30 days, the
limit of the rule.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from time import perf_counter

from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from policies.road import Road
from services.generator import generate

DAYS = 30
REVIEWED = {"claim.settled", "claim.held", "claim.quoted"}


def main(claims: int, persons: int, seed: int) -> int:
    """Prints what is found; returns how much."""
    started, reviewed, found = perf_counter(), 0, 0
    for type, id, review in verdicts(claims, persons, seed):
        reviewed += type in REVIEWED
        for one in review.findings or () if review is not None else ():
            found += 1
            print(f"{id}: {one.rule_id}: {one.reason.en}")
    print(f"{claims} claims of {persons} persons: {reviewed} verdicts reviewed, {found} findings, {perf_counter() - started:.0f} s")
    return found


def verdicts(claims: int, persons: int, seed: int) -> Iterator[tuple[str, str, object]]:
    """Type, request id and review of each terminal verdict of generated requests."""
    road = Road(built_in())
    for line in generate(persons, claims, seed):
        *_, last = road.run(request_record(_with_days(line).encode(), topic_map().partitions))
        event = event_of(last)
        settled = getattr(event.body, "settled", None)
        yield event.type, event.attributes.request_id, getattr(settled, "review", None)


def _with_days(line: str) -> str:
    """The request, with the days of its drugs where it is a claim or a quote."""
    found = json.loads(line)
    bill = found["data"].get("feedetail", ())
    times = Counter(one["med_list_codg"] for one in bill)
    for one in bill:
        if one["med_list_codg"].startswith(("X", "Z")):
            one["prd_days"] = max(1, DAYS // times[one["med_list_codg"]])
    return json.dumps({**found, "type": found["type"][:-1] + "2"} if bill else found, ensure_ascii=False)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:4]]
    sys.exit(1 if main(*(given + [10_000, 5_000, 1][len(given):])) else 0)
