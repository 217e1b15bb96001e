"""Writes ``services/cli/day.jsonl``: ``python -m tests.day.write``. The same bytes each time."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from contracts.envelope import Record
from contracts.lines import request_record
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from policies.road import Road
from services.generator.dice import Dice
from tests.day import bills, elsewhere, entitlement
from tests.day.persons import (
    BIJIE,
    DAY,
    HENGYANG,
    JIUJIANG,
    KARAMAY,
    NANCHANG,
    SHAOYANG,
    XIANNING,
    ZHANGJIAKOU,
    ZHENGZHOU,
    ZHENGZHOU_390,
    Home,
    Matter,
    Person,
    Step,
    born,
)

FILE = Path(__file__).parents[2] / "services/cli/day.jsonl"
SEED = 20260305
PARTS = ("given", "refused", "remedy", "settled")
VISITS = (KARAMAY, HENGYANG, SHAOYANG, NANCHANG, JIUJIANG, BIJIE)
STAYS = (ZHENGZHOU, ZHENGZHOU_390)
HOMES = (*VISITS, ZHENGZHOU, XIANNING)
AWAY = (KARAMAY, ZHENGZHOU, ZHANGJIAKOU)
BY_HAND = (KARAMAY, HENGYANG, SHAOYANG)

CAST: tuple[tuple[Any, tuple[Home, ...], int], ...] = (
    (entitlement.unknown_person, HOMES, 6), (entitlement.not_insured, HOMES, 6), (entitlement.in_arrears, HOMES, 8),
    (entitlement.not_paid, (NANCHANG,), 4), (entitlement.waiting, (NANCHANG,), 4), (entitlement.restored_later, (XIANNING,), 4),
    (entitlement.unknown_provider, HOMES, 5), (entitlement.provider_not_designated, (KARAMAY, ZHANGJIAKOU), 4),
    (entitlement.provider_not_connected, STAYS, 4), (entitlement.credential_not_accepted, (KARAMAY, ZHANGJIAKOU), 4),
    (entitlement.student_at_home, (NANCHANG,), 4), (entitlement.no_rule, STAYS, 4),
    (elsewhere.not_filed, AWAY, 9), (elsewhere.filing_elsewhere, AWAY, 6), (elsewhere.filing_not_in_force, AWAY, 6),
    (elsewhere.filing_pending, AWAY, 5), (elsewhere.letter_unredeemed, (ZHENGZHOU,), 4), (elsewhere.filed_late, (ZHENGZHOU,), 4),
    (elsewhere.emergency_not_filed, (BIJIE,), 4), (elsewhere.filing_too_short, AWAY, 3), (elsewhere.channel_not_taken, AWAY, 3),
    (elsewhere.no_filing_needed, (NANCHANG, KARAMAY), 4), (elsewhere.unknown_filing, AWAY, 3),
    (bills.sum_mismatch, HOMES, 6), (bills.line_amount, HOMES, 4), (bills.duplicate_line, HOMES, 4), (bills.negative_net, VISITS, 4),
    (bills.stay_settled, STAYS, 4), (bills.later_first, (HENGYANG, SHAOYANG), 4),
    (bills.not_the_provider, VISITS, 3), (bills.undone, VISITS, 4), (bills.held_for_review, (KARAMAY,), 4),
    (bills.refused_by_review, (KARAMAY,), 3), (bills.papers_missing, BY_HAND, 6), (bills.invoices_mismatch, BY_HAND, 3),
    (bills.invoice_used, BY_HAND, 4), (bills.by_another_channel, BY_HAND, 3), (bills.too_much_before, (HENGYANG, SHAOYANG), 3),
    (bills.shared_wallet, (NANCHANG, JIUJIANG), 4), (elsewhere.at_home, HOMES, 12), (elsewhere.filed_in_time, AWAY, 6),
    (elsewhere.emergency, AWAY, 4), (elsewhere.needs_none, (HENGYANG, SHAOYANG), 4), (elsewhere.by_hand, BY_HAND, 3),
)
"""What happens, to persons of which places in turn, and how often."""


def persons() -> Iterator[tuple[Person, Matter]]:
    dice, numbers = Dice(SEED), count(1)
    for matter, homes, times in CAST:
        for turn in range(times):
            home = homes[turn % len(homes)]
            yuan = dice.between(3_000, 12_000) if home.med_type in ("21", "52") else dice.between(320, 600)
            if home is ZHANGJIAKOU:
                yuan += 2_000  # beyond the deductible of 1,800
            person = Person(next(numbers), home, yuan * 100, born(dice), "2" if home is XIANNING else dice.pick("12"))
            yield person, matter(person)


class Writer:
    """Runs the matters side by side, part by part, and keeps the requests as lines."""

    def __init__(self) -> None:
        self.road, self.lines = Road(built_in()), []
        self.waiting: list[tuple[Person, Matter, Step]] = [(person, matter, next(matter)) for person, matter in persons()]
        self.counts: dict[tuple[int, str], int] = {}

    def day(self) -> list[str]:
        for part in PARTS:
            self.waiting = [left for person, matter, step in self.waiting if (left := self._through(person, matter, step, part))]
            if part == "given":
                self._deliver()
        return self.lines

    def _through(self, person: Person, matter: Matter, step: Step, part: str) -> tuple[Person, Matter, Step] | None:
        """Sends the steps of one part; what is next, None where nothing is."""
        while step.part == part:
            event = self._send(self._line(person, step))
            try:
                step = matter.send(event)
            except StopIteration:
                return None
        return person, matter, step

    def _line(self, person: Person, step: Step) -> dict[str, Any]:
        number = self.counts[person.number, step.part] = self.counts.get((person.number, step.part), 0) + 1
        name = {"refused": f"refused-{step.code}", "settled": "settled"}.get(step.part, f"{step.part}-{number}")
        minute = len(self.lines) // 2
        time = f"{DAY}T{8 + minute // 60:02}:{minute % 60:02}:{30 * (len(self.lines) % 2):02}+08:00"
        return {"type": f"cn.yibao.{step.type}", "id": f"d{person.number:03}-{name}", "time": time, "data": step.data}

    def _send(self, line: dict[str, Any]) -> Any:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        self.lines.append(text)
        return event_of([*self.road.run(request_record(text.encode(), topic_map().partitions))][-1])

    def _deliver(self) -> None:
        """The courier's requests, where it publishes them."""
        first = topic_map().of_stage("filing")[1].name
        for record in self.road.deliver():
            if record.topic == first:
                self.lines.append(_letter(record))


def _letter(record: Record) -> str:
    told = {name: (record.header(f"ce_request{name}") or b"").decode() for name in ("type", "source", "id")}
    assert told["source"] == "/yibao/courier"
    return json.dumps({**told, "data": json.loads(record.value)["request"]}, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    FILE.write_text("\n".join(Writer().day()) + "\n", "utf-8")
