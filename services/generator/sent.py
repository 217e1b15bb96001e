"""What a stream has sent: how many requests, by which their ids are made, and the recent claims."""

from collections import deque

from services.generator.people import Request

RECENT = 64
"""Of so many claims one may be sent a second time, or taken back."""


class Sent:
    """``head`` begins every id, ``digits``: of the number behind it."""

    def __init__(self, head: str, digits: int) -> None:
        self._head, self._digits = head, digits
        self.count = 0
        self.recent: deque[Request] = deque(maxlen=RECENT)

    def numbered(self, request: Request, time: str) -> Request:
        """The next request as it is sent, with id and time."""
        self.count += 1
        id = f"{self._head}-{self.count:0{self._digits}d}"
        found = {"type": request["type"], "id": id, "time": time, "data": request["data"]}
        if request["type"].startswith("cn.yibao.claim.submitted."):
            self.recent.append(found)
        return found
