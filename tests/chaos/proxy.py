"""A TCP proxy that workers connect through: it slows, stalls and cuts, and holds what a process that dies has sent."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

PIECE = 65_536
PRODUCE = b"\x00\x00"
"""The api key of Kafka's produce request, behind the four bytes of its length."""
ANSWER_S = 1.0


@dataclass(eq=False)
class Link:
    """One connection. ``port``: the client's. What a holding link has received lies in ``held`` until it is let go."""

    port: int
    server: asyncio.StreamWriter
    client: asyncio.StreamWriter
    held: bytearray = field(default_factory=bytearray)
    holding: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def produces(self) -> int:
        """Produce requests that are held whole."""
        at = found = 0
        while at + 6 <= len(self.held):
            size = int.from_bytes(self.held[at : at + 4], "big")
            if at + 4 + size > len(self.held):
                break
            found += self.held[at + 4 : at + 6] == PRODUCE
            at += 4 + size
        return found

    def close(self) -> None:
        for writer in (self.server, self.client):
            writer.close()


class Proxy:
    """Listens on ``port`` of 127.0.0.1 for the server on ``target``. Faults may overlap."""

    def __init__(self, target: int, port: int) -> None:
        self._target, self.port = target, port
        self.links: set[Link] = set()
        self._delays: list[float] = []
        self._stalls = self._cuts = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for link in list(self.links):
            link.released.set()
            link.close()

    # --- faults -----------------------------------------------------------------------------------------------------

    async def slow(self, delay: float, seconds: float) -> None:
        """Each piece, either way, waits ``delay`` seconds more."""
        self._delays.append(delay)
        await asyncio.sleep(seconds)
        self._delays.remove(delay)

    async def stall(self, seconds: float) -> None:
        """Nothing gets through; nobody is told."""
        self._stalls += 1
        self._flows.clear()
        await asyncio.sleep(seconds)
        self._stalls -= 1
        if not self._stalls:
            self._flows.set()

    async def cut(self, seconds: float) -> None:
        """All connections end, and none is taken."""
        self._cuts += 1
        for link in list(self.links):
            if not link.holding:
                link.close()
        await asyncio.sleep(seconds)
        self._cuts -= 1

    def hold(self, ports: Iterable[int]) -> list[Link]:
        """From now on keeps what the clients with these ports send."""
        found = [link for link in self.links if link.port in set(ports)]
        for link in found:
            link.holding = True
        return found

    def release(self, links: Iterable[Link]) -> None:
        """Sends what is held; the connections end behind it where their clients have ended."""
        for link in links:
            link.holding = False
            link.released.set()

    # --- connections ------------------------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._cuts:
                return
            try:
                up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
            except OSError:
                return
            link = Link(writer.get_extra_info("peername")[1], up_writer, writer)
            self.links.add(link)
            try:
                down = asyncio.create_task(self._down(up_reader, link))
                await self._up(reader, link)
                await asyncio.wait([down], timeout=ANSWER_S)
                down.cancel()
            finally:
                self.links.discard(link)
                link.close()
        finally:
            writer.close()

    async def _up(self, reader: asyncio.StreamReader, link: Link) -> None:
        with suppress(OSError):
            while data := await self._piece(reader):
                if link.holding:
                    link.held += data
                    continue
                await self._send(link, data)
        if link.holding:
            await link.released.wait()
        with suppress(OSError):
            await self._send(link, b"")
            link.server.write_eof()

    async def _send(self, link: Link, data: bytes) -> None:
        """What was held goes first."""
        held, link.held = bytes(link.held), bytearray()
        if held or data:
            link.server.write(held + data)
            await link.server.drain()

    async def _down(self, reader: asyncio.StreamReader, link: Link) -> None:
        with suppress(OSError):
            while data := await self._piece(reader):
                link.client.write(data)
                await link.client.drain()
        if not link.holding:
            link.client.close()

    async def _piece(self, reader: asyncio.StreamReader) -> bytes:
        try:
            data = await reader.read(PIECE)
        except OSError:
            return b""
        if self._delays:
            await asyncio.sleep(sum(self._delays))
        await self._flows.wait()
        return data
