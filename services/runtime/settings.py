"""Settings from the environment (``YIBAO_...``); what the local stack says in ``.yibao/stack.json`` (``yibao up``)."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.asyncio.connection import parse_url

from contracts.strict import chinese

HOME, PREFIX = Path(".yibao"), "YIBAO_"
SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+)(:(?P<port>[0-9]{1,5}))?")
INT32 = 2**31 - 1
"""What a request of Kafka's protocol has room for."""
KAFKA, REDIS = ("kafka",), ("redis",)
"""What a command may need: the address of the one, of the other, or of both."""


class Settings(BaseSettings):
    """One table for all commands. ``road`` prefixes topics, groups and keys, so that several roads share one cluster."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, allow_inf_nan=False)

    kafka: str = Field("", description="Kafka 地址 / bootstrap servers, host:port[,host:port]")
    kafka_sasl: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="Kafka 认证机制 / SASL mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 (default: none)")
    kafka_user: str = Field("", description="Kafka 用户名 / user")
    kafka_password: SecretStr | None = Field(None, description="Kafka 口令 / password")
    kafka_password_file: Path | None = Field(None, description="口令文件 / file that holds the password")
    kafka_tls: bool = Field(False, description="以 TLS 连接 Kafka，信任系统的 CA / TLS, by the authorities of the system")
    kafka_ca: Path | None = Field(None, description="以 TLS 连接，信任该文件中的 CA（PEM）/ TLS, by the authorities in this file (PEM)")
    redis: str = Field("", description="Redis 地址 / address, redis://host:port/db")
    road: str = Field("", pattern=r"^[a-z0-9.-]{0,40}$", description="主题、消费组与键的前缀 / prefix of topics, groups and keys")
    rulebook: Path | None = Field(None, description="规则库目录（默认内置）/ rulebook folder (default: the built-in one)")
    rulebooks: Path | None = Field(None, description="按摘要存放规则库的目录（默认不存放）/ folder where rulebooks are kept by digest (default: none is kept)")
    stack: Path = Field(HOME / "stack.json", description="本机服务地址文件 / file with the addresses of the local stack")
    replication: int = Field(1, ge=1, le=9, description="建主题时的副本数 / replicas of topics that are created")
    compression: Literal["zstd", "none"] = Field("zstd", description="写入主题时按批压缩 / how batches are compressed on the topics")
    log_format: Literal["console", "json"] = Field("json", description="日志格式 / format of the log")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="日志级别 / level of the log")
    max_batch: int = Field(500, ge=1, le=2000, description="一批最多记录数 / records a batch at most")
    session_timeout_ms: int = Field(10_000, ge=1000, le=INT32, description="消费组会话超时 / session timeout of the group")
    send_timeout_s: float = Field(15.0, gt=0, le=3600, description="等待确认的秒数，超时即结束 / how long to wait for acknowledgements")
    redis_timeout_s: float = Field(5.0, gt=0, le=3600, description="等待 Redis 的秒数 / how long to wait for Redis")
    stop_timeout_s: float = Field(10.0, gt=0, le=3600, description="收到 SIGTERM 后完成当前批的秒数 / time to finish the batch on SIGTERM")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="/health、/ready、/metrics 的端口，0 为任一空闲端口（默认不开）/ port of the three, 0: any free one (default: none)")
    metrics_host: str = Field("127.0.0.1", description="监听地址 / address that they listen on")
    tracing: bool = Field(False, description="OpenTelemetry 追踪（需 yibao[tracing]）/ OpenTelemetry traces (needs yibao[tracing])")
    brake: bool = Field(True, description="制动：多数请求无法读取时停下 / brake: stop where most requests cannot be read")
    brake_window: int = Field(200, ge=2, le=10_000, description="制动所看的最近请求数 / last requests that the brake looks at")
    brake_least: int = Field(50, ge=1, description="无法读取的至少多少才制动 / unreadable ones that it takes at least")
    late_s: float = Field(30.0, gt=0, description="审计：请求多少秒未到下一主题即报告 / audit: told when a request is not passed on")
    seal_every: int = Field(1000, ge=1, le=10_000, description="审计：每多少个请求封存一次 / audit: requests a seal")
    seal_s: float = Field(300.0, gt=0, description="审计：一段中首个请求至多等多少秒即封存 / audit: seconds that a request waits for its seal at most")
    seal_key: Path | None = Field(None, description="审计：封存密钥文件（默认不签名）/ audit: file of the key that signs seals (default: unsigned)")

    @field_validator("kafka")
    @classmethod
    def _are_servers(cls, text: str) -> str:
        for one in text.split(",") if text else ():
            found = SERVER.fullmatch(one.strip())
            if found is None or not 0 < int(found["port"] or 1) < 65536:
                raise ValueError(f"{one.strip()!r}: 写作 host:port[,host:port]，端口 1 至 65535 / write host:port[,host:port], ports 1 to 65535")
        return text

    @field_validator("redis")
    @classmethod
    def _is_redis(cls, text: str) -> str:
        if text:
            try:
                parse_url(text)
            except ValueError as error:  # the address itself may hold a password
                raise ValueError(f"写作 redis://host:port/db / write redis://host:port/db ({error})") from None
        return text

    @model_validator(mode="after")
    def _brake_can_be_pulled(self) -> "Settings":
        if self.brake and self.brake_least > self.brake_window:
            raise ValueError(
                f"YIBAO_BRAKE_LEAST ({self.brake_least}) 大于 YIBAO_BRAKE_WINDOW ({self.brake_window})，制动永不起作用 / "
                f"is more than YIBAO_BRAKE_WINDOW ({self.brake_window}): the brake could never be pulled")
        return self

    def topic(self, name: str) -> str:
        """The name of a topic of the map on this road."""
        return self.road + name

    @property
    def prefix(self) -> str:
        """The prefix of keys in Redis."""
        return f"{self.road}yibao" if self.road else "yibao"

    @property
    def redis_told(self) -> str:
        """The address of Redis as it may be shown: without user and password."""
        found = parse_url(self.redis) if self.redis else {}
        if not {"username", "password"} & found.keys():
            return self.redis
        place = found.get("path") or f"{found.get('host', 'localhost')}:{found.get('port', 6379)}/{found.get('db', 0)}"
        return f"{self.redis.partition('://')[0]}://{place}"

    def group(self, stage: str) -> str:
        """The consumer group of a stage."""
        return f"{self.road}yibao-{stage}"


def what_is_wrong(error: ValidationError) -> str:
    """Each variable with what is wrong with it; values are not repeated, since they may be secrets."""
    found = ((one["loc"], _in_both(one)) for one in error.errors(include_url=False, include_input=False))
    return "\n".join(f"{PREFIX}{str(at[0]).upper()}: {what}" if at else what for at, what in found)


def _in_both(one: Any) -> str:
    """One of pydantic's ``errors()``; what a validator of this module says is in both languages already."""
    en = one["msg"].removeprefix("Value error, ")
    zh = chinese(one, en)
    return en if zh == en else f"{zh} / {en}"


OTHERS = frozenset({
    "YIBAO_CACHE", "YIBAO_CRASH_AT", "YIBAO_GRAFANA_PORT", "YIBAO_JAVA", "YIBAO_KAFKA_PORT", "YIBAO_MAVEN", "YIBAO_PROMETHEUS_PORT",
    "YIBAO_REDIS_PORT", "YIBAO_SIMULATION_SEEDS",
})
"""Variables that others than ``Settings`` read: the embedded servers, docker-compose.yml, tests."""


def unknown(names: Iterable[str]) -> Iterator[str]:
    """Of each environment variable that looks like a setting and is none, a line that says so: misspelt, or gone with an earlier version."""
    known = OTHERS | {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(name for name in names if name.startswith(PREFIX) and name not in known):
        near = get_close_matches(name.removeprefix(PREFIX), sorted(one.removeprefix(PREFIX) for one in known), 1)
        meant = (f"，是否指 {PREFIX}{near[0]}？", f"; is {PREFIX}{near[0]} meant?") if near else ("", "")
        yield f"{name}：没有这项设置，不起作用{meant[0]} / no such setting, it has no effect{meant[1]}"


class LocalStack(BaseModel):
    """What ``yibao up`` writes into ``stack.json``. ``pid``: its own process; ``rulebook``: the folder that its workers use;
    ``rulebooks``: where they keep it.

    ``road``: the prefix that they have; ``metrics``: the port of each worker's pages, by its name (``settlement-0``).
    """

    kafka: str
    redis: str
    rulebook: Path | None = None
    rulebooks: Path | None = None
    road: str = ""
    pid: int = Field(gt=0)
    metrics: dict[str, int] = {}

    def runs(self) -> bool:
        """Whether that process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def local_stack(path: Path) -> LocalStack | None:
    """What is written in ``path`` of a stack that runs; None where there is none."""
    try:
        stack = LocalStack.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    return stack if stack.runs() else None


class NoStack(Exception):
    """Nobody said where Kafka and Redis are."""


def settings(needs: Sequence[str] = (*KAFKA, *REDIS), **given: object) -> Settings:
    """The settings, with addresses and rulebooks of the local stack where the environment names no addresses of what is needed.

    Raises NoStack, ValidationError.
    """
    found = Settings(**given)
    if not (lacking := [name for name in needs if not getattr(found, name)]):
        return found
    names = [f"{PREFIX}{name.upper()}" for name in lacking]
    try:
        stack = LocalStack.model_validate_json(found.stack.read_bytes())
    except OSError:
        raise NoStack(
            f"no address: set {' and '.join(names)}, or start a local stack with `yibao up` (it writes {found.stack}) "
            f"/ 没有服务地址：设置 {' 与 '.join(names)}，或用 `yibao up` 启动本机服务"
        ) from None
    except ValueError:
        raise NoStack(
            f"{found.stack} is broken: remove it and start the stack again with `yibao up` "
            f"/ {found.stack} 已损坏：删除后用 `yibao up` 重新启动"
        ) from None
    if not stack.runs():
        raise NoStack(
            f"the stack of process {stack.pid} in {found.stack} no longer runs; start it again with `yibao up` "
            f"/ {found.stack} 所指的进程 {stack.pid} 已不在运行；用 `yibao up` 重新启动"
        )
    return found.model_copy(update={
        "kafka": found.kafka or stack.kafka, "redis": found.redis or stack.redis, "rulebook": found.rulebook or stack.rulebook, "rulebooks": found.rulebooks or stack.rulebooks,
    })
