"""What several inquiries share: a time that has passed, another before it, and where the topics are read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from contracts.envelope import CHINA
from services.cli.console import fail, kafka_settings, moments

T = TypeVar("T")
NOW = 2**62
"""Behind every time that a broker has given."""
AsOf = Annotated[str | None, typer.Option(
    "--as-of", help="当时（UTC）的情况，由主题重算，不读 Redis / as it stood then (UTC): folded from the topics, not Redis")]
Since = Annotated[str | None, typer.Option(
    help="自该时刻（UTC）以来有何变化，至 --as-of 或现在 / what has changed since then (UTC), up to --as-of or now")]
Dump = Annotated[Path | None, typer.Option(metavar="DIR", help="读转储，而非在线主题 / read a dump instead of the live topics")]


@dataclass(frozen=True, slots=True)
class Past:
    """``at`` and ``since`` in the broker's milliseconds; ``source``: the auditor's reading of the topics."""

    source: Any
    at: int
    since: int | None
    rulebook: Path | None = None

    async def both(self, read: Callable[[Any, int], Awaitable[T]]) -> tuple[T, T]:
        """What ``read`` finds at ``since``, and at ``at``."""
        assert self.since is not None
        return await read(self.source, self.since), await read(self.source, self.at)


async def past(as_of: str | None, since: str | None, dump: Path | None) -> Past | None:
    """The time that is asked for; None: the present, which Redis tells."""
    if as_of is None and since is None and dump is None:
        return None
    start, end = moments(since, as_of, ("--since", "--as-of"))
    at = NOW if end is None else end
    from services.audit.sources import LiveSource  # the auditor's reading, and only where a past is asked for
    from services.cli.dumped import sound_dump

    if dump is not None:
        return Past(sound_dump(dump), at, start)
    settings = kafka_settings()
    return Past(await LiveSource(settings).bounded(), at, start, settings.rulebook)


def nobody(psn_no: str, times: Past | None) -> NoReturn:
    """Ends the command: nothing is known of the person, or nothing was at the time that is asked for."""
    if times is not None and times.at < NOW:
        fail(f"{psn_no}: {told(times.at)} 时还没有这个人的记录；请核对时刻与人员编号 / nothing was known of this person at "
             f"{told(times.at)}; check the time and psn_no")
    fail(f"{psn_no}: 没有这个人的记录，请核对人员编号 / nothing is known of this person; check psn_no")


def day_of(at_ms: int) -> date:
    """The day in China, wherever the machine stands; today for what lies ahead."""
    return datetime.now(CHINA).date() if at_ms >= NOW else datetime.fromtimestamp(at_ms / 1000, CHINA).date()


def told(at_ms: int) -> str:
    """A time as it is printed, in UTC."""
    return "现在 / now" if at_ms >= NOW else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
