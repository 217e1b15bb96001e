"""The shell of every worker: FastStream delivers batches, a Part a partition works on them, anything else ends the process.

FastStream's own acknowledgement, decoding and error handling lose messages in some case each, so it is used in the
one safe form: batches, manual, a parser that cannot fail, no decoding; positions are sought from the worker's own state.
"""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from services.ledger.redis import RedisLedger, connect
from services.runtime.ending import LEAVE_S, ending, limited, log_level
from services.runtime.exits import Exit
from services.runtime.guard import guard
from services.runtime.kafka import KafkaLog, committed_alone, make_producer, record_of, started
from services.runtime.meter import Meter
from services.runtime.part import Part, told
from services.runtime.points import reach
from services.runtime.probe import Pulse, serve
from services.runtime.remedies import OF_EXIT
from services.runtime.security import broker_security
from services.runtime.settings import Settings
from services.runtime.standing import Reader, wanting
from services.runtime.tracing import spans_of

log = structlog.get_logger()

PARTITION_BYTES = 250_000
"""Of one fetch of a partition, as its batches are written (compressed some two megabytes): the client hands out what it holds of one
before it turns to the next. A larger batch comes alone."""
IDLE_S = 1.0
METADATA_MS = 10_000
"""How soon a worker notices that its topic was deleted or made anew; it then takes over again, and finds out."""


class Shell(ConsumerRebalanceListener):
    """A worker named ``name`` that reads ``topic`` in a group: takes over its partitions, ends on anything unexpected.

    Less than MIN_BYTES comes after WAIT_MS; a worker on the way to the verdict takes what there is.
    """

    MIN_BYTES, WAIT_MS = 1, 100

    def __init__(self, settings: Settings, name: str, topic: str) -> None:
        self.settings, self.name = settings, name
        self._inp = settings.topic(topic)
        self._handed = False
        self.client = f"{name}-{os.getpid()}"
        self._parts: dict[int, Part] = {}
        self._takeovers: dict[int, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()
        self._ended: asyncio.Future[tuple[Exit, str]] = asyncio.get_running_loop().create_future()
        self._committed: dict[int, int] = {}
        self._live = False
        self._answered, self._spans = monotonic(), spans_of(settings, name)
        self._meter, self._pulse = Meter(name, **self.facts()), Pulse(monotonic())
        self.producer: AIOKafkaProducer = make_producer(settings, f"prod-{self.client}")
        self._redis = connect(settings.redis, socket_timeout_seconds=settings.redis_timeout_s)
        self._broker = KafkaBroker(  # apply_types would resolve an annotated argument in a thread, once a batch
            settings.kafka, logger=None, client_id=self.client, allow_auto_create_topics=False, metadata_max_age_ms=METADATA_MS,
            apply_types=False, security=broker_security(settings))
        self._subscriber = self._subscribe()

    # --- what a kind of worker adds ---------------------------------------------------------------------------------

    async def take(self, partition: int) -> Part:
        """The partition's part, taken over."""
        raise NotImplementedError

    async def release(self, part: Part) -> None:
        """The partition is somebody else's now, or the process ends."""

    def facts(self) -> dict[str, Any]:
        """What the line "worker started" says beside the name."""
        return {}

    def log_of(self, name: str, partition: int, write: bool = False, **fetch: int) -> KafkaLog:
        """A partition of a topic of the map, to read; or to ``write``, too. ``fetch``: as of KafkaLog, where it differs."""
        producer, topic = self.producer if write else None, self.settings.topic(name)
        return KafkaLog(self.settings, producer, topic, partition, **{"fetch_bytes": PARTITION_BYTES} | fetch)

    def ledger(self, partition: int) -> RedisLedger:
        """The worker's own ledger."""
        return RedisLedger(self._redis, self.name, partition, self.settings.prefix)

    # --- life -------------------------------------------------------------------------------------------------------

    async def run(self) -> Exit:
        """Works until it is told to stop or has to end. Leaves the group either way."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, self._end, Exit.STOPPED, "told to stop")
        log.info("worker started", stage=self.name, pid=os.getpid(), **self.facts())
        tasks: list[asyncio.Task[None]] = []
        probe = serve(self.settings, self._pulse)
        try:
            await started(self.producer, self.settings)
            async with asyncio.timeout(self.settings.send_timeout_s):
                await self._broker.start()
            guard(self._consumer, self._inp, self._seek_all, self._end, self._hand)
            tasks = [asyncio.create_task(self._checked(work())) for work in (self._idle, self._beat)]
            code, why = await self._ended
        except Exception as error:
            code, why = ending(error)
        await self._leave(tasks, code)
        self._spans.close()
        if probe is not None:
            probe.server_close()
        log.log(log_level(code), "worker ended", stage=self.name, code=int(code), exit=code.name, why=why, remedy=OF_EXIT[code])
        return code

    def _end(self, code: Exit, why: str) -> None:
        if not self._ended.done():
            self._ended.set_result((code, why))

    async def _leave(self, tasks: list[asyncio.Task[None]], code: Exit) -> None:
        """Finishes the batch in flight when told to stop; then leaves the group, within a time limit."""
        if code is Exit.STOPPED:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.settings.stop_timeout_s):
                    await self._lock.acquire()
            await limited(self._commit())
        self._live = False
        for task in (*self._takeovers.values(), *tasks):
            task.cancel()
        await limited(self._broker.stop())
        await limited(asyncio.gather(*(self.release(part) for part in self._parts.values())))
        await limited(self.producer.stop())
        await limited(self._redis.aclose())

    async def _checked(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work``; whatever it raises ends the process."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._end(*ending(error))

    def _hand(self, on: bool) -> None:
        self._handed = on

    # --- the subscriber ---------------------------------------------------------------------------------------------

    def _subscribe(self) -> Any:
        s = self.settings
        subscriber = self._broker.subscriber(
            self._inp, batch=True, group_id=s.group(self.name), ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="none", listener=self, parser=self._parse, decoder=_raw,
            max_records=s.max_batch, fetch_max_wait_ms=self.WAIT_MS, fetch_min_bytes=self.MIN_BYTES,
            session_timeout_ms=s.session_timeout_ms, heartbeat_interval_ms=max(300, s.session_timeout_ms // 5),
            rebalance_timeout_ms=max(s.session_timeout_ms, 15_000), max_partition_fetch_bytes=PARTITION_BYTES,
            isolation_level="read_committed" if committed_alone(self._inp) else "read_uncommitted",
        )
        subscriber(self._deliver)
        return subscriber

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        return self._subscriber.consumer

    async def _parse(self, message: Any) -> KafkaMessage:
        """Cannot fail: no header is decoded, nothing is read."""
        return KafkaMessage(body=b"", raw_message=message, headers={}, batch_headers=[], consumer=self._consumer)

    async def _deliver(self, raw: tuple[ConsumerRecord, ...]) -> None:
        await self._checked(self._batches(raw))

    async def _batches(self, raw: tuple[ConsumerRecord, ...]) -> None:
        parts: dict[int, list[ConsumerRecord]] = defaultdict(list)
        for record in raw:
            parts[record.partition].append(record)
        async with self._lock:
            if self._live and not self._ended.done():
                await asyncio.gather(*(self._batch(p, records) for p, records in parts.items() if p in self._parts))

    async def _batch(self, partition: int, raw: list[ConsumerRecord]) -> None:
        records = [record_of(record) for record in raw]
        self._meter.came(partition, raw[0].timestamp)
        with self._spans.batch(partition, records) as span:
            done = await self._parts[partition].batch(records)
            span.done(done)
        self._meter.batch(partition, done, raw[-1].timestamp)
        if done.kept:
            log.info("batch", stage=self.name, partition=partition, **told(done))

    # --- partitions come and go -------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """The batch in flight ends; nothing is decided until partitions are assigned again."""
        async with self._lock:
            self._live = False
        tasks, self._takeovers = list(self._takeovers.values()), {}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=LEAVE_S)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Partitions that stayed go on where they were; new ones wait, paused, for their takeover."""
        try:
            partitions = {place.partition for place in assigned}
            self._meter.only(partitions)
            for gone in self._parts.keys() - partitions:
                await limited(self.release(self._parts.pop(gone)))
            for place in assigned:
                self._consumer.pause(place)
                if place.partition in self._parts:
                    self._resume(place, self._parts[place.partition])
                else:
                    self._takeovers[place.partition] = asyncio.create_task(self._checked(self._take(place)))
            self._live = True
        except BaseException as error:
            self._end(*ending(error))

    async def _take(self, place: TopicPartition) -> None:
        started = monotonic()
        await limited(self._waiting(place))
        part = await self.take(place.partition)
        if self._takeovers.get(place.partition) is not asyncio.current_task():
            await limited(self.release(part))  # revoked meanwhile: a client library may have lost the cancellation
            return
        self._parts[place.partition] = part
        del self._takeovers[place.partition]
        self._resume(place, part)
        self._meter.taken(place.partition, part, monotonic() - started)
        log.info(
            "takeover", stage=self.name, partition=place.partition, replayed=part.replayed,
            next_input=part.next_input, ms=round((monotonic() - started) * 1000),
        )

    async def _waiting(self, place: TopicPartition) -> None:
        end, committed = (await self._consumer.end_offsets([place]))[place], await self._consumer.committed(place)
        if place.partition in self._takeovers:  # not revoked meanwhile
            self._meter.found(place.partition, committed or 0, end)

    def _seek_all(self) -> None:
        for partition, part in self._parts.items():
            if TopicPartition(self._inp, partition) in self._consumer.assignment():
                self._consumer.seek(TopicPartition(self._inp, partition), part.next_input)

    def _resume(self, place: TopicPartition, part: Part) -> None:
        self._consumer.seek(place, part.next_input)
        self._consumer.resume(place)

    async def _idle(self) -> None:
        """Each second: is the ledger still this worker's; and the offsets, for lag metrics and the courier."""
        while True:
            await asyncio.sleep(IDLE_S)
            async with self._lock:
                await asyncio.gather(*(part.idle() for part in self._parts.values() if self._live))
            self._answered = monotonic()
            await self._commit()

    async def _beat(self) -> None:
        """Each second, whatever else is going on: what the probe and the metrics tell."""
        while True:
            reader = Reader(self._consumer, self._inp)
            missing = tuple(wanting(self._live, self._takeovers, monotonic() - self._answered, reader.silent(), reader.there()))
            self._pulse.beaten, self._pulse.missing = monotonic(), missing
            self._meter.ready(not missing, len(self._parts))
            for partition, part in self._parts.items():
                self._meter.look(partition, part, reader.end(partition), 0 if self._handed else reader.passed(partition))
            await asyncio.sleep(IDLE_S)

    async def _commit(self) -> None:
        places = {p: part.next_input for p, part in self._parts.items()}
        moved = {p: offset for p, offset in places.items() if self._committed.get(p) != offset}
        if moved and self._live:
            try:
                reach("commit.due")
                await self._consumer.commit({TopicPartition(self._inp, p): offset for p, offset in moved.items()})
                self._committed |= moved
                reach("commit.done")
            except (KafkaError, ValueError) as error:  # a rebalance in between: the next one will do
                log.warning("offsets not committed, tried again", stage=self.name, why=f"{type(error).__name__}: {error}")


async def _raw(message: KafkaMessage) -> Any:
    return message.raw_message  # what is delivered: the records as they are, read by contracts.wire alone
