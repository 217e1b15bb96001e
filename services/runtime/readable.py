"""Where a ledger stands, whatever was done to it: what Redis holds is a projection, and never a reason to stand still."""

import structlog

from services.ledger.base import Damaged, Ledger, Position
from services.runtime.points import reach

log = structlog.get_logger()


async def readable(ledger: Ledger, where: str) -> Position:
    """The ledger's position; a damaged ledger is thrown away first, and is then at its start."""
    try:
        return await ledger.position()
    except Damaged as damage:
        log.warning("damaged ledger discarded", where=where, what=damage.what)
        await ledger.repair(damage)
        reach("takeover.repaired")
        return await ledger.position()
