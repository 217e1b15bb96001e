"""Topics that are made: they are there for whoever asks next, also where the broker hears of them later than the controller."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.topics import topic_map
from services.runtime import topics
from services.runtime.exits import Unreachable
from services.runtime.settings import Settings

NAMES = [topic.name for topic in topic_map().all]


class Late:
    """An admin client whose broker knows what was created only when it is asked for the ``late``-th time after that."""

    def __init__(self, late: int) -> None:
        self.late, self.created = late, list[str]()

    async def __aenter__(self) -> "Late":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def list_topics(self) -> list[str]:
        if self.created:
            self.late -= 1
        return self.created if self.late <= 0 else []

    async def create_topics(self, new: Sequence[Any]) -> SimpleNamespace:
        self.created = [one.name for one in new]
        return SimpleNamespace(topic_errors=[(name, 0, None) for name in self.created])


async def test_what_was_made_is_there_for_the_next_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "admin_of", lambda settings: admin)
    admin = Late(3)
    assert await topics.make_topics(Settings(kafka="none:1")) == NAMES == await admin.list_topics()
    admin = Late(1_000_000)
    with pytest.raises(Unreachable, match="topics are not created within 0.3 s"):
        await topics.make_topics(Settings(kafka="none:1", send_timeout_s=0.3))
