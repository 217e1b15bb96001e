"""The ledger: the folded states of a stage and partition, and how far its output log was read into them.

Kafka is the truth and the ledger is a projection of it: whatever is lost here is folded again from the log.
``base`` says what a ledger does, ``redis`` does it; so does a twin in memory (tests), and one test suite holds them to the same.
``redis`` is not imported here, so that the offline commands do not need the client library.
"""

from services.ledger.base import MAX_FIELDS, Damaged, Ledger, Moved, Position

__all__ = ["MAX_FIELDS", "Damaged", "Ledger", "Moved", "Position"]
