"""Whether a worker can work: what it waits for, and what its consumer knows without asking the broker."""

from collections.abc import Collection, Iterator
from time import time

from aiokafka import AIOKafkaConsumer

from services.runtime.probe import LATELY_S


class Reader:
    """The consumer of a worker's input, as far as its last fetches tell."""

    def __init__(self, consumer: AIOKafkaConsumer, topic: str) -> None:
        self._consumer, self._topic = consumer, topic
        self._places = {place.partition: place for place in consumer.assignment() if place.topic == topic}

    def there(self) -> bool:
        """Whether the broker knows the topic: of one that was deleted no partition is assigned, and nothing waits."""
        return bool(self._consumer.partitions_for_topic(self._topic))

    def end(self, partition: int) -> int | None:
        """The end of the input, also of what waits for a transaction to end. None: not fetched yet, or not assigned."""
        place = self._places.get(partition)
        return self._consumer.highwater(place) if place is not None else None

    def passed(self, partition: int) -> int:
        """Up to where it has fetched: behind the last record there may be markers of transactions, and what was aborted. 0: not assigned."""
        place, assigned = self._places.get(partition), self._consumer._subscription.subscription
        state = assigned.assignment.state_value(place) if place is not None and assigned is not None else None
        return state.position if state is not None and state.has_valid_position else 0

    def silent(self) -> float:
        """Seconds since the broker last answered a fetch of any partition; 0 where none was fetched yet."""
        told = [ms for place in self._places.values() if (ms := self._consumer.last_poll_timestamp(place))]
        return max(0.0, time() - max(told) / 1000) if told else 0.0


def wanting(live: bool, takeovers: Collection[int], redis_s: float, kafka_s: float, there: bool = True) -> Iterator[str]:
    """What keeps a worker from working on all that it was assigned. Seconds: since each server last answered. ``there``: its topic."""
    if live and not there:
        yield "没有它读的主题，运行 `yibao topics` / the topic that it reads is not there; run `yibao topics`"
    if not live:
        yield "正在等待分配分区 / waits for its partitions"
    for partition in sorted(takeovers):
        yield f"正在接管分区 {partition} / is taking over partition {partition}"
    for name, seconds in (("Redis", redis_s), ("Kafka", kafka_s)):
        if seconds > LATELY_S:
            yield f"{name} 已 {seconds:.0f} 秒没有应答 / {name} has not answered for {seconds:.0f} s"
