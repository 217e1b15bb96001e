"""What a user would otherwise write: a FastStream worker as its documentation shows, a typed handler a message.

    python -m tests.bench.road.idiomatic STAGE

The same policies decide. Each message is parsed whole by its pydantic model and written whole; the person's state is
read from Redis by one call and written by one. FastStream's defaults hold for acknowledging and publishing (at most once,
acks=1): what yibao promises beyond them is not asked of it. The stage ``audit`` parses what is settled.
"""

import sys

from faststream import FastStream
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream.kafka.annotations import KafkaMessage
from pydantic import BaseModel
from redis.asyncio import Redis

from contracts.envelope import Attributes
from contracts.events import BODIES
from contracts.keys import content_hash
from contracts.topics import topic_map
from contracts.wire import Event
from policies.book import built_in, load
from policies.deciding import decide
from policies.road import stage_named
from policies.stage import State
from services.runtime.kafka import record_of
from services.runtime.settings import Settings


class Message(BaseModel):
    """A message between two stages: its type, its request, and its body as JSON."""

    type: str
    request_id: str
    request_type: str
    request_version: int
    psn_no: str
    body: str


settings, stage_name = Settings(), sys.argv[1] if len(sys.argv) > 1 else "filing"
topics = topic_map()
broker = KafkaBroker(settings.kafka, logger=None)
app = FastStream(broker)
redis: Redis = Redis.from_url(settings.redis)
book = load(settings.rulebook) if settings.rulebook else built_in()
stage = stage_named(stage_name, book) if stage_name != "audit" else None
inp = settings.topic(topics.road[-1].name if stage is None else topics.of_stage(stage_name)[0].name)
out = settings.topic(topics.of_stage(stage_name)[1].name) if stage is not None else ""


async def decided(event: Event) -> Message:
    """The stage's answer, with the person's state read and written."""
    assert stage is not None
    state, key = State(stage), f"{settings.road}{stage_name}:{event.psn_no}"
    wanted = state.fields(event)
    while wanted:
        state.loaded(dict(zip(wanted, await redis.hmget(key, wanted), strict=True)))
        wanted = state.missing(event)
    found = decide(stage, event, state, book.digest)
    if changes := state.changes():
        await redis.hset(key, mapping=changes)
    asked = found.attributes
    return Message(
        type=found.type, request_id=asked.request_id, request_type=asked.request_type, request_version=asked.request_version,
        psn_no=event.psn_no, body=found.body.model_dump_json(exclude_none=True),
    )


def event_of(message: Message) -> Event:
    """The message as the policies see it: its body parsed and validated."""
    value = message.body.encode()
    attributes = Attributes(
        type=message.type, version=1, id=message.request_id, source="/bench", time=None, request_id=message.request_id,
        request_type=message.request_type, request_version=message.request_version, request_source="/bench",
        cause=content_hash(value), trace=(),
    )
    return Event(attributes, message.psn_no.encode(), value, BODIES[message.type].model_validate_json(value))


if stage_name == "audit":

    @broker.subscriber(inp, group_id=settings.group(stage_name), auto_offset_reset="earliest")
    async def audit(message: Message) -> None:
        event_of(message)

elif stage_name == "filing":

    @broker.subscriber(inp, group_id=settings.group(stage_name), auto_offset_reset="earliest")
    @broker.publisher(out)
    async def first(body: dict, raw: KafkaMessage) -> KafkaResponse:
        assert stage is not None
        event = stage.read(record_of(raw.raw_message), raw.raw_message.partition, topics.partitions)
        return KafkaResponse(await decided(event), key=event.key)

else:

    @broker.subscriber(inp, group_id=settings.group(stage_name), auto_offset_reset="earliest")
    @broker.publisher(out)
    async def later(message: Message) -> KafkaResponse:
        return KafkaResponse(await decided(event_of(message)), key=message.psn_no.encode())


if __name__ == "__main__":
    import uvloop

    uvloop.run(app.run())
