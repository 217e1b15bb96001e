"""``yibao acl``: the commands that give each role what the map of topics says, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Annotated

import typer

from contracts.topics import topic_map
from policies.road import STAGES
from services.cli.console import CANNOT, AsJson, fail, print_json, told_settings
from services.runtime.settings import Settings

READ, WRITE, CHECK = ("Read", "Describe"), ("Write", "Describe"), ("Describe", "DescribeConfigs")
WORKERS = (*STAGES, "audit", "courier")
OUTSIDE = ("gateway", "agency", "auditor", "analyst", "operator")


@dataclass(frozen=True, slots=True)
class Grant:
    """One rule: what ``role`` may do on a resource. ``kind``: topic or group."""

    role: str
    kind: str
    name: str
    operations: tuple[str, ...]

    def command(self, server: str, prefix: str) -> str:
        """The command of Kafka's own tool."""
        allowed = [part for operation in self.operations for part in ("--operation", operation)]
        who = quote(f"User:{prefix}{self.role}")
        return " ".join(["kafka-acls.sh", "--bootstrap-server", quote(server), "--add", "--allow-principal", who, *allowed, f"--{self.kind}", quote(self.name)])


def roles() -> list[str]:
    """Everyone on the map: who publishes, the workers, who only reads."""
    named = {who for topic in topic_map().all for who in (*topic.makers, *topic.readers)}
    return sorted(named, key=lambda who: ((*OUTSIDE[:2], *WORKERS, *OUTSIDE[2:]).index(who) if who in (*OUTSIDE, *WORKERS) else len(named), who))


def grants(role: str, settings: Settings) -> Iterator[Grant]:
    """What one role needs: the topics that it makes and reads, and the group of a worker."""
    makes = any(role in topic.makers for topic in topic_map().all)
    for topic in topic_map().all:
        name = settings.topic(topic.name)
        if role in topic.makers:
            yield Grant(role, "topic", name, WRITE)
        if role in topic.readers or (role in topic.makers and role in (*STAGES, "audit")):  # they read their own log when they take over
            yield Grant(role, "topic", name, READ)
        if makes:  # each command and worker that writes compares the topics with the map first
            yield Grant(role, "topic", name, CHECK)
    if role in WORKERS:
        yield Grant(role, "group", settings.group(role), ("Read", "Describe"))
    if role == "operator":
        yield from (Grant(role, "group", settings.group(worker), ("Describe",)) for worker in WORKERS)


def acl(
    role: Annotated[list[str] | None, typer.Argument(help="角色，默认全部 / roles, default: all")] = None,
    server: Annotated[str, typer.Option("--bootstrap-server", help="Kafka 地址，默认取设置 / address, default: that of the settings")] = "",
    prefix: Annotated[str, typer.Option("--user-prefix", help="用户名前缀 / prefix of the users' names")] = "",
    as_json: AsJson = False,
) -> None:
    """按主题图打印各角色的 Kafka 授权命令（kafka-acls.sh），只打印，不执行。

    Prints the Kafka ACL commands of each role, from the makers and readers of the map of topics. It changes nothing.

    角色 / Roles: gateway, agency, filing, eligibility, pricing, settlement, audit, courier, auditor, analyst, operator.

    例 / Example: [bold]yibao acl analyst[/bold]
    """
    wanted = role or roles()
    if unknown := [name for name in wanted if name not in roles()]:
        fail(f"没有这个角色 / there is no such role: {', '.join(unknown)}；可用 / use: {', '.join(roles())}", CANNOT)
    with told_settings():
        settings = Settings()
    found = [grant for name in wanted for grant in grants(name, settings)]
    if as_json:
        print_json([{"role": g.role, "kind": g.kind, "name": g.name, "operations": g.operations} for g in found])
        return
    for name in wanted:
        typer.echo(f"# {name}")
        for grant in found:
            if grant.role == name:
                typer.echo(grant.command(server or settings.kafka or "localhost:9092", prefix))
