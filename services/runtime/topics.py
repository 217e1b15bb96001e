"""The topics of the map on a cluster: made, corrected, checked; and what a group has read of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError, for_code

from contracts.topics import Topic, topic_map
from services.runtime.exits import Misconfigured, Unreachable
from services.runtime.kafka import named, started
from services.runtime.security import client_security
from services.runtime.settings import Settings

POLL_S = 0.1
OF_THE_TOPIC = 1
"""Where a value of a configuration comes from, as Kafka tells it (DYNAMIC_TOPIC_CONFIG): it was set on the topic."""


async def make_topics(settings: Settings) -> list[str]:
    """Creates what the map names and the cluster lacks; returns the names created, when the broker knows them. Raises Misconfigured,
    Unreachable."""
    async with admin_of(settings) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in topic_map().all if settings.topic(topic.name) not in there]
        answer = await admin.create_topics([_new(topic, settings) for topic in missing]) if missing else None
        for name, code, *text in answer.topic_errors if answer else ():
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise Misconfigured(f"{name}: 不能建这个主题，核对 YIBAO_REPLICATION 与代理的规定 / this topic cannot be created; see YIBAO_REPLICATION "
                                    f"and the rules of the broker ({for_code(code).__name__} {text})")
        names = [settings.topic(topic.name) for topic in missing]
        await _until(settings, "created", lambda: _known(admin, names))
    return names


async def _known(admin: AIOKafkaAdminClient, names: Sequence[str]) -> bool:
    """Whether the broker that is asked tells of all of them."""
    return not names or not set(names) - {*await admin.list_topics()}


async def _until(settings: Settings, what: str, true: Callable[[], Awaitable[bool]]) -> None:
    """Until the broker that is asked knows what another one, the controller, has done. Raises Unreachable."""
    deadline = asyncio.get_running_loop().time() + settings.send_timeout_s
    while not await true():
        if asyncio.get_running_loop().time() > deadline:
            raise Unreachable(f"Kafka {settings.kafka}: {settings.send_timeout_s} 秒内主题还没有变更 / topics are not {what} within {settings.send_timeout_s} s")
        await asyncio.sleep(POLL_S)


async def correct_topics(settings: Settings) -> list[str]:
    """Sets what the map says of the configuration of topics that are there; what else is set on them stays. One line each change.

    Returns when the broker knows them. Raises Misconfigured, Unreachable.
    """
    async with admin_of(settings) as admin:
        there = set(await admin.list_topics())
        differing = await _differing(admin, settings, there)
        for answer in await admin.alter_configs([one.corrected for one in differing]) if differing else ():
            for code, text, _, name in answer.resources:
                if code:
                    raise Misconfigured(f"{name}: 不能改正这个主题的配置，核对权限与代理的规定 / the configuration of this topic cannot be corrected; see what "
                                        f"this user may and the rules of the broker ({for_code(code).__name__} {text})")

        async def right() -> bool:
            return not differing or not await _differing(admin, settings, there)

        await _until(settings, "corrected", right)
    return [f"{one.topic}: {key} {found} -> {wanted}" for one in differing for key, found, wanted in one.values]


async def check_topics(settings: Settings) -> list[str]:
    """What differs between the map and the cluster: one line each, empty where nothing does."""
    async with admin_of(settings) as admin:
        there = set(await admin.list_topics())
        names = [settings.topic(topic.name) for topic in topic_map().all]
        found = {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics([n for n in names if n in there])}
        differing = {one.topic: one.values for one in await _differing(admin, settings, there)}
    problems = []
    for topic in topic_map().all:
        name = settings.topic(topic.name)
        if name not in found:
            problems.append(f"{name}: 没有这个主题，运行 `yibao topics` / is missing; run `yibao topics`")
            continue
        if found[name] != topic.partitions:
            problems.append(
                f"{name}: 有 {found[name]} 个分区，应为 {topic.partitions}：先把记录另存，再重建主题（请求主题的记录须重新发布，其余都由它得出）"
                f" / has {found[name]} partitions, the map says {topic.partitions}; copy its records elsewhere, then make it anew"
                " (where it holds the requests publish them again: everything follows from them)")
        for key, value, wanted in differing.get(name, ()):
            problems.append(
                f"{name}: {key} 为 {value}，应为 {wanted}，运行 `yibao topics` / {key} is {value}, the map says {wanted}; run `yibao topics`")
    return problems


async def committed_offsets(settings: Settings, stage: str) -> dict[int, int]:
    """What the group of a stage has committed, by partition; nothing where it has not. Raises Unreachable."""
    group, deadline = settings.group(stage), asyncio.get_running_loop().time() + settings.send_timeout_s
    async with admin_of(settings) as admin:
        while True:
            try:
                found = await admin.list_consumer_group_offsets(group)
                break
            except GroupCoordinatorNotAvailableError as error:  # the first question makes the topic of the offsets
                if asyncio.get_running_loop().time() > deadline:
                    raise named(error, group) from error
                await asyncio.sleep(0.2)
            except KafkaError as error:
                raise named(error, group) from error
    return {place.partition: meta.offset for place, meta in found.items() if meta.offset >= 0}


def _new(topic: Topic, settings: Settings) -> NewTopic:
    config = dict(topic.config)
    if settings.replication >= 3:
        config |= {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    return NewTopic(settings.topic(topic.name), topic.partitions, settings.replication, topic_configs=config)


class _Differing(NamedTuple):
    """A topic that is not configured as the map says: key, what it is and what the map says; and all that is to be set on it."""

    topic: str
    values: list[tuple[str, str | None, str]]
    corrected: ConfigResource


async def _differing(admin: AIOKafkaAdminClient, settings: Settings, there: set[str]) -> list[_Differing]:
    """Those topics of the map that are ``there`` and differ from it."""
    differing = []
    topics = {name: topic for topic in topic_map().all if (name := settings.topic(topic.name)) in there}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in topics])
    for code, text, _, name, entries in [resource for answer in answers for resource in answer.resources]:
        if code:
            raise named(for_code(code)(text), name)
        found, topic = {entry[0]: entry[1] for entry in entries}, topics[name]
        wanted = {key: found[key] if (key, found.get(key)) in topic.left else value for key, value in topic.config}
        if values := [(key, found.get(key), value) for key, value in wanted.items() if found.get(key) != value]:
            kept = {entry[0]: entry[1] for entry in entries if entry[3] == OF_THE_TOPIC}
            differing.append(_Differing(name, values, ConfigResource(ConfigResourceType.TOPIC, name, configs=kept | wanted)))
    return differing


class admin_of:  # noqa: N801 - reads as a function
    """An admin client for the length of a block; what the servers refuse, and that they do not answer, become a named end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = AIOKafkaAdminClient(bootstrap_servers=settings.kafka, request_timeout_ms=10_000, **client_security(settings))

    async def __aenter__(self) -> AIOKafkaAdminClient:
        try:
            await started(self._client, self._settings)
        except BaseException:
            await self._client.close()
            raise
        return self._client

    async def __aexit__(self, kind: object, error: BaseException | None, *_: object) -> None:
        await self._client.close()
        if isinstance(error, KafkaError):  # the servers went away between two questions
            raise named(error, f"Kafka {self._settings.kafka}") from error
