"""The proxy between a client and an echo: what gets through, when, and in what order."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest_asyncio

from services.embedded.process import free_ports
from tests.chaos.proxy import Proxy


class Echo:
    """Answers with what it gets, and remembers it."""

    def __init__(self) -> None:
        self.got = bytearray()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            self.got += data
            writer.write(data)
        writer.close()


@pytest_asyncio.fixture
async def stand() -> AsyncIterator[tuple[Echo, Proxy]]:
    target, port = free_ports(2)
    echo, proxy = Echo(), Proxy(target, port)
    server = await asyncio.start_server(echo.serve, "127.0.0.1", target)
    await proxy.start()
    yield echo, proxy
    await proxy.stop()
    server.close()


async def connected(proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    return reader, writer


async def test_a_cut_ends_connections_and_takes_none_until_it_is_over(stand: tuple[Echo, Proxy]) -> None:
    _, proxy = stand
    reader, writer = await connected(proxy)
    cut = asyncio.create_task(proxy.cut(0.3))
    assert await reader.read() == b""
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    assert await reader.read() == b""
    writer.close()
    await cut
    (await connected(proxy))[1].close()


async def test_what_is_slow_arrives_later_and_whole(stand: tuple[Echo, Proxy]) -> None:
    _, proxy = stand
    reader, writer = await connected(proxy)
    slow, started = asyncio.create_task(proxy.slow(0.2, 2)), monotonic()
    await asyncio.sleep(0)
    writer.write(b"slowly")
    assert await reader.readexactly(6) == b"slowly"
    assert monotonic() - started >= 0.4, "0.2 s there and 0.2 s back"
    slow.cancel()
    writer.close()


async def test_what_stalls_goes_on(stand: tuple[Echo, Proxy]) -> None:
    echo, proxy = stand
    reader, writer = await connected(proxy)
    stall = asyncio.create_task(proxy.stall(0.3))
    await asyncio.sleep(0)
    writer.write(b"later")
    await asyncio.sleep(0.1)
    assert bytes(echo.got) == b"hello"
    assert await reader.readexactly(5) == b"later"
    await stall
    writer.close()


async def test_what_a_dead_client_sent_arrives_when_it_is_let_go(stand: tuple[Echo, Proxy]) -> None:
    echo, proxy = stand
    _, writer = await connected(proxy)
    held = proxy.hold([writer.get_extra_info("sockname")[1]])
    produce = (10).to_bytes(4, "big") + b"\x00\x00" + b"last word"[:8]
    fetch = (6).to_bytes(4, "big") + b"\x00\x01" + b"more"
    writer.write(produce + fetch + produce[:7])
    await asyncio.sleep(0.1)
    assert [link.produces() for link in held] == [1], "one whole produce request; the other one is cut off"
    writer.close()
    await asyncio.sleep(0.1)
    assert bytes(echo.got) == b"hello"
    proxy.release(held)
    await asyncio.sleep(0.2)
    assert bytes(echo.got) == b"hello" + produce + fetch + produce[:7]
