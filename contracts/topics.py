"""Loads the map of topics (``topics.toml``)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: who writes and reads it, which types travel on it, and how Kafka keeps it."""

    name: str
    zh: str
    en: str
    makers: tuple[str, ...]
    readers: tuple[str, ...]
    max_message_bytes: int
    types: frozenset[str]
    partitions: int
    config: tuple[tuple[str, str], ...]
    left: frozenset[tuple[str, str]] = frozenset()
    """What somebody may set in place of what ``config`` says."""

    @property
    def uncompressed(self) -> bool:
        """Whether the broker expands the batches that are written to it."""
        return ("compression.type", "uncompressed") in self.config


@dataclass(frozen=True, slots=True)
class TopicMap:
    """All topics. ``road`` in the order of the flow: requested, filed, checked, priced, settled."""

    partitions: int
    road: tuple[Topic, ...]
    beside: tuple[Topic, ...]

    @property
    def all(self) -> tuple[Topic, ...]:
        return self.road + self.beside

    def named(self, name: str) -> Topic:
        """The topic called ``name``. Raises KeyError."""
        return {topic.name: topic for topic in self.all}[name]

    def of_stage(self, stage: str) -> tuple[Topic, Topic]:
        """The topics that a deciding stage reads and writes."""
        place = next(i for i, topic in enumerate(self.road) if stage in topic.makers)
        return self.road[place - 1], self.road[place]


@cache
def topic_map() -> TopicMap:
    """The map that this package ships."""
    data = tomllib.loads(Path(__file__).with_name("topics.toml").read_text("utf-8"))
    partitions, kept = data["partitions"], data["road"]

    def topic(row: dict) -> Topic:
        said = {**kept, **row.get("config", {}), "max.message.bytes": str(row["max_message_bytes"])}
        values = {key: [value] if isinstance(value, str) else value for key, value in said.items()}
        return Topic(
            name=row["name"], zh=row["zh"], en=row["en"],
            makers=tuple(row["makers"]), readers=tuple(row["readers"]),
            max_message_bytes=row["max_message_bytes"], types=frozenset(row["types"]), partitions=partitions,
            config=tuple(sorted((key, first) for key, (first, *_) in values.items())),
            left=frozenset((key, other) for key, (_, *others) in values.items() for other in others),
        )

    return TopicMap(
        partitions=partitions,
        road=tuple(topic(row) for row in data["topic"]),
        beside=tuple(topic(row) for row in data["beside"]),
    )
