"""What one batch of a deciding worker did."""

from dataclasses import dataclass, field
from typing import Any

from contracts.wire import Event


@dataclass(slots=True)
class Done:
    """What one batch did, for log line and metrics: records in, kept, last number, milliseconds by step.

    ``verdicts``, ``reasons``: how many the stage made itself, by type and by code.
    """

    received: int = 0
    kept: int = 0
    req: int = -1
    load_ms: float = 0
    decide_ms: float = 0
    produce_ms: float = 0
    apply_ms: float = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)

    def count(self, event: Event, section: Any) -> None:
        """A verdict that this stage made, with its section."""
        self.verdicts[event.type] = self.verdicts.get(event.type, 0) + 1
        for why in section.reasons:
            self.reasons[why.code] = self.reasons.get(why.code, 0) + 1
