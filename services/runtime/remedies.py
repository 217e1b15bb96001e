"""What to do about an end, and about what Kafka and Redis say, in Chinese and English: the libraries' own words name no remedy."""

from typing import NamedTuple

from aiokafka.errors import KafkaError
from redis import exceptions
from redis.exceptions import RedisError

from services.runtime.exits import DataLost, Ending, Exit, Lost, Misconfigured, Unreachable

OF_EXIT = {
    Exit.STOPPED: "",
    Exit.LOST: "重启即由日志恢复，不会丢；一再如此见 docs/operations.md 的 YibaoRestarts / starting it again recovers from the log and nothing is "
               "lost; where it goes on and on see YibaoRestarts in docs/operations.md",
    Exit.UNREACHABLE: "等 Kafka 与 Redis 正常，重启即可，请求等着，不会丢 / have Kafka and Redis well and start it again; requests wait, nothing is lost",
    Exit.UNEXPECTED: "程序没有料到的错误：日志中有堆栈，连同它报告；重启不会丢 / the program did not foresee it: report it with the traceback "
                     "in the log; starting again loses nothing",
    Exit.CONFIGURATION: "改正所说的设置、主题或规则库，再启动 / mend the settings, topics or rulebook that it names, then start it",
    Exit.DATA: "缺记录或有矛盾：不要跳过，也不要改动主题；先用 `yibao audit verify` 核对，再见 docs/operations.md 的“落后于保留期” / records are missing or "
               "contradict: skip and change nothing; `yibao audit verify` first, then see \"Behind retention\" in docs/operations.md",
    Exit.BRAKE: "见 docs/operations.md 的“制动” / see \"The brake\" in docs/operations.md",
}
"""What the last line of a worker says is to be done."""


class Said(NamedTuple):
    """What an error of a server means: how it ends the process, and what to do."""

    end: type[Ending]
    zh: str
    en: str


_KAFKA: tuple[tuple[tuple[str, ...], Said], ...] = (
    (("OffsetOutOfRangeError",), Said(
        DataLost, "所需的记录已不在主题中：主题被截断、删去重建，或不是永久保留？",
        "the log no longer holds what must be read: was the topic truncated or made anew?")),
    (("MessageSizeTooLargeError",), Said(Misconfigured, "该主题的一条记录至多 {most} 字节", "this topic takes records of at most {most} bytes")),
    (("UnknownTopicOrPartitionError",), Said(Misconfigured, "没有这个主题或分区，运行 `yibao topics`；或 YIBAO_ROAD 该是别的前缀",
        "no such topic or partition; run `yibao topics`, or is YIBAO_ROAD to be another prefix?")),
    (("Authorization", "Authentication"), Said(Misconfigured, "该用户没有这项权限，见 yibao acl", "this user may not, see yibao acl")),
    (("InvalidSessionTimeoutError",), Said(
        Misconfigured, "YIBAO_SESSION_TIMEOUT_MS 不在代理允许的范围内（group.min.session.timeout.ms 至 group.max.session.timeout.ms）",
        "YIBAO_SESSION_TIMEOUT_MS is not within what the broker allows (group.min.session.timeout.ms to group.max.session.timeout.ms)")),
    (("OutOfOrderSequenceNumber", "ProducerFenced", "InvalidProducerEpoch", "UnknownProducerId"), Said(
        Lost, "写入的次序断了，重启即恢复", "the order of what was written broke; starting again recovers")),
    (("NotEnoughReplicas",), Said(
        Unreachable, "同步的副本少于 min.insync.replicas，等其余代理恢复", "fewer replicas are in sync than min.insync.replicas: have the other brokers back")),
    (("KafkaStorageError", "LogDirNotFound", "UnknownError"), Said(  # the last is what a broker says first when its disk is full
        Unreachable, "代理内部出错，多半是磁盘已满或损坏：见代理的日志", "the broker fails inside, most often by a disk that is full or broken: see its log")),
    (("",), Said(
        Unreachable, "看代理是否在运行、网络与 YIBAO_KAFKA", "see whether the brokers run, the network, and YIBAO_KAFKA")),
)
_REDIS: tuple[tuple[type[RedisError], str, Said], ...] = (
    (exceptions.AuthenticationError, "", Said(
        Misconfigured, "YIBAO_REDIS 中缺少用户名或口令，或不被接受", "user or password are missing in YIBAO_REDIS, or refused")),
    (exceptions.NoPermissionError, "", Said(
        Misconfigured, "YIBAO_REDIS 的用户没有这项权限", "the user in YIBAO_REDIS may not do that")),
    (exceptions.ResponseError, "DB index", Said(Misconfigured, "YIBAO_REDIS 末尾的库号不存在", "there is no such database as YIBAO_REDIS ends with")),
    (exceptions.MovedError, "", Said(
        Misconfigured, "这是集群的一个节点，本程序只用一台服务器：换成单独的一台，一台不够则分路（YIBAO_ROAD）",
        "it is a node of a cluster, and this program uses one server: give it a single one; where one is too small, several roads (YIBAO_ROAD)")),
    (exceptions.OutOfMemoryError, "", Said(
        Unreachable, "Redis 已写满：加内存、调高 maxmemory（策略须为 noeviction）", "Redis is full: give it memory, raise maxmemory (its policy must be noeviction)")),
    (exceptions.ReadOnlyError, "", Said(
        Unreachable, "这是只读副本：YIBAO_REDIS 须指向主节点", "it is a read-only replica: YIBAO_REDIS must name the primary")),
    (exceptions.ResponseError, "MISCONF", Said(
        Unreachable, "Redis 写不了自己的文件：看它的磁盘是否已满", "Redis cannot write its files: is its disk full?")),
    (exceptions.BusyLoadingError, "", Said(Unreachable, "Redis 正在读入数据，等它读完", "Redis loads its data: wait until it has")),
    (RedisError, "", Said(
        Unreachable, "看 Redis 是否在运行、网络与 YIBAO_REDIS", "see whether Redis runs, the network, and YIBAO_REDIS")),
)
"""Kinds of errors, the first that fits counts: by a part of the name; by class and how the text begins."""


def of_kafka(error: KafkaError, where: str, most: int) -> Ending:
    """The end that an error of Kafka means, with what to do. ``most``: bytes that a record of the topic may have."""
    kind = type(error).__name__
    said = next(said for parts, said in _KAFKA if any(part in kind for part in parts))
    return _told(said, f"{where}: {kind}: {error}", most)


def of_redis(error: RedisError) -> Ending:
    """The same of Redis."""
    said = next(said for kind, text, said in _REDIS if isinstance(error, kind) and str(error).startswith(text))
    return _told(said, f"Redis: {type(error).__name__}: {error}", 0)


def _told(said: Said, text: str, most: int) -> Ending:
    return said.end(f"{text}; {said.zh.format(most=most)} / {said.en.format(most=most)}")
