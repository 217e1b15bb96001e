"""A ledger that cannot be believed is thrown away: it is a projection, and folded anew."""

import structlog

from services.ledger.base import Damaged, Ledger, Position

log = structlog.get_logger()


async def readable(ledger: Ledger, where: str) -> Position:
    """The ledger's position; a damaged ledger is thrown away first. ``where``: for the log line."""
    try:
        return await ledger.position()
    except Damaged as damage:
        log.warning("damaged ledger discarded", where=where, what=damage.what)
        await ledger.repair(damage)
        return await ledger.position()
