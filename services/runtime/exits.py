"""Why a worker ends. The code tells the supervisor whether starting it again can help."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes. 0 to 9 are normal or pass by themselves; from 20 on somebody has to mend something."""

    STOPPED = 0
    """Told to stop; the batch in flight was finished."""
    LOST = 3
    """Another worker owns the partition, or Redis is not where this worker left it: recover by starting again."""
    UNREACHABLE = 4
    """Kafka or Redis did not answer in time."""
    UNEXPECTED = 5
    """An error that no line of this program foresees."""
    CONFIGURATION = 20
    """Settings, topics or rulebook are wrong."""
    DATA = 21
    """The log or the state contradicts itself: records are missing, or a fold does not fit."""
    BRAKE = 22
    """Most of the last requests of a partition cannot be read: stopped rather than refuse everyone."""

    @property
    def retried_for_ever(self) -> bool:
        """Ending so is the protocol's normal recovery."""
        return self in (Exit.LOST, Exit.UNREACHABLE)


class Ending(Exception):
    """Ends the process with a code and a reason."""

    code = Exit.UNEXPECTED


class Lost(Ending):
    """The partition, or the ledger, belongs to somebody else."""

    code = Exit.LOST


class Unreachable(Ending):
    """A server did not answer in time."""

    code = Exit.UNREACHABLE


class Misconfigured(Ending):
    """Settings, topics or rulebook do not fit."""

    code = Exit.CONFIGURATION


class DataLost(Ending):
    """Records that must be there are not: a truncated or expired log."""

    code = Exit.DATA
