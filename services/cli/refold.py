"""Whether Redis holds what a fold of the log gives: one stage and partition, compared as of its position."""

from dataclasses import dataclass, field
from time import perf_counter

from contracts.log import Kept
from contracts.topics import topic_map
from contracts.wire import event_of
from policies.book import built_in
from policies.continuity import Followed
from policies.reversal.history import plain
from policies.road import stage_named
from policies.stage import DoesNotFit, Stage, State
from services.ledger.base import Damaged, Position
from services.ledger.redis import RedisLedger
from services.runtime.kafka import KafkaLog
from services.runtime.log import folded_hash
from services.runtime.settings import Settings

AUDIT, BESIDE = "audit", ("places", "seal")
PIECE = 1000
SHOWN = 5


@dataclass(slots=True)
class Compared:
    """What was found. ``wrong``: one line each, the first ones; ``differing``: how many fields differ."""

    stage: str
    partition: int
    position: Position = Position()
    fields: int = 0
    records: int = 0
    seconds: float = 0
    differing: int = 0
    wrong: list[str] = field(default_factory=list)

    def tell(self, what: str) -> None:
        self.differing += 1
        if len(self.wrong) < SHOWN:
            self.wrong.append(what)


def log_of(settings: Settings, stage: str, partition: int) -> KafkaLog:
    """The log that a stage's states are folded from: its own, and for the audit the last one of the road."""
    topic = topic_map().road[-1] if stage == AUDIT else topic_map().of_stage(stage)[1]
    return KafkaLog(settings, None, settings.topic(topic.name), partition)


async def compared(settings: Settings, ledger: RedisLedger, stage: str, partition: int) -> Compared:
    """Takes position and states of one moment, folds the log up to there, and compares every field."""
    found = Compared(stage, partition)
    log = log_of(settings, stage, partition)
    try:
        await ledger.position()  # says what is damaged, whatever it is
        found.position, states = await ledger.snapshot()
        for name in BESIDE:
            states.pop(name, None)
        found.fields = len(states)
        started = perf_counter()
        _compare(found, states, await _folded(found, log, _shape(stage)))
        found.seconds = perf_counter() - started
    except Damaged as damage:
        found.tell(f"损坏 / damaged: {damage.what}")
    except DoesNotFit as error:
        found.tell(f"日志自相矛盾 / the log contradicts itself: {error}")
    finally:
        await log.close()
    return found


def _shape(stage: str) -> Stage:
    """What folds; it reads no rulebook."""
    return Followed() if stage == AUDIT else stage_named(stage, built_in())


async def _folded(found: Compared, log: KafkaLog, stage: Stage) -> dict[str, bytes]:
    """The states after all records below the position that count; tells where the log does not bear the position out."""
    state, kept, last = State(stage, strict=False), Kept(), ""
    while kept.next < found.position.pos and (records := await log.read(kept.next, PIECE)):
        for record in records:
            if record.offset >= found.position.pos:
                break
            if kept.feed(record.offset, record.headers):
                state.fold(event_of(record))
            if record.offset == found.position.pos - 1 and found.stage != AUDIT:  # the audit's names no folds
                last = folded_hash(record)
    found.records = kept.next
    at = found.position
    if (kept.next, kept.req) != (at.pos, at.req) or (last and last != at.hash):
        found.tell(f"位置与日志不符 / the position is not of this log: {at.text}; {kept.next} {kept.req}")
    return state.changes()


def _compare(found: Compared, states: dict[str, bytes], folded: dict[str, bytes]) -> None:
    for name in sorted(states.keys() | folded.keys()):
        if not _same(states.get(name), folded.get(name)):
            found.tell(f"{name}: {_shown(states.get(name))} != {_shown(folded.get(name))}")


def _same(stored: bytes | None, folded: bytes | None) -> bool:
    return stored == folded or (stored is not None and folded is not None and plain(stored) == plain(folded))


def _shown(raw: bytes | None) -> str:
    return "-" if raw is None else raw[:80].decode("utf-8", "backslashreplace")
