"""What the audit says in its log."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from contracts.events.audit import AuditFound
from services.runtime import metrics

log = structlog.get_logger()


@dataclass(slots=True)
class Done:
    """What one batch did, for the log line.

    ``last``: the last request that counts on each topic, as far as it was read. ``void``, ``odd``: records of all
    topics that did not count, so far.
    """

    received: int = 0
    kept: int = 0
    req: int = -1
    last: tuple[int, ...] = ()
    found: int = 0
    dead: int = 0
    void: int = 0
    odd: int = 0
    read_ms: float = 0
    check_ms: float = 0
    write_ms: float = 0


def count_found(found: Sequence[AuditFound]) -> None:
    """For the metrics."""
    for one in found:
        metrics.FINDINGS.labels(one.code).inc()


def log_found(found: AuditFound) -> None:
    """One line a finding: what and where, and nothing of the body."""
    log.warning(
        "found", code=found.code, topic=found.topic, partition=found.partition, offset=found.offset, req=found.req,
        request=found.request_id,
    )
