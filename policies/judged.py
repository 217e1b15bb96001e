"""What the audit looks at, one request at a time, and what it says of it."""

from dataclasses import dataclass, field

from contracts.envelope import Record
from contracts.events.audit import AuditFound, Origin, RequestDead, finding
from contracts.events.request import FiledUnreadable
from contracts.strict import MAX_REASONS
from contracts.topics import topic_map
from contracts.wire import Event
from policies.verdict import Verdict

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class Row:
    """The kept records of request ``req`` of a partition, in the order of the road; None where there is none."""

    partition: int
    req: int
    records: tuple[Record | None, ...]


@dataclass(slots=True)
class Judged:
    """What is wrong with a row. ``event``: the terminal event, where it moves or names a state. ``dead``: its copy.

    ``first``: what the first stage makes of the request, where it can be read.
    """

    row: Row
    found: list[AuditFound] = field(default_factory=list)
    event: Verdict | None = None
    first: Event | None = None
    dead: RequestDead | None = None
    request_id: str | None = None

    def tell(self, code: str, place: int, found: object = "", expected: object = "", detail: str = "") -> None:
        """Adds a finding about the record on topic number ``place`` of the road."""
        record = self.row.records[place]
        self.found.append(finding(
            code, topic_map().road[place].name, self.row.partition, record.offset if record else -1, self.row.req,
            self.request_id, shown(found), shown(expected), detail,
        ))


def shown(value: object) -> str:
    """Any value as text."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def around(found: bytes, expected: bytes, before: int = 40, length: int = 160) -> tuple[bytes, bytes]:
    """Both values from shortly before the first byte in which they differ."""
    same, most = 0, min(len(found), len(expected))
    while same < most:  # halves the rest: values may have megabytes
        middle = (same + most + 1) // 2
        same, most = (middle, most) if found[:middle] == expected[:middle] else (same, middle - 1)
    start = max(0, same - before)
    return found[start : start + length], expected[start : start + length]


def dead_copy(judged: Judged, requested: Record, filed: FiledUnreadable) -> RequestDead:
    """The copy for yibao.dead: what came, from the request itself, and the verdict's reasons, cut at a limit."""
    texts = ("zh", "en", "remedy_zh", "remedy_en", "field")
    reasons = tuple(
        why.model_copy(update={name: text[:MAX_TEXT] for name in texts if (text := getattr(why, name)) is not None})
        for why in filed.reasons[:MAX_REASONS]
    )
    return RequestDead(
        reasons=reasons, stage="filing", req=judged.row.req, request_id=shown(judged.request_id),
        origin=Origin(topic=topic_map().road[0].name, partition=judged.row.partition, offset=requested.offset),
        key_base64=filed.key_base64, headers=filed.headers, size=filed.size, sha256=filed.sha256,
        raw_base64=filed.raw_base64,
    )
