"""A connection's limits, over real sockets: how many, how slow, and what is refused unread.

This is also what notices when aiohttp's protocol begins to do something else.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from aiohttp import web

from bot.web.body import BodyPace, read_body
from bot.web.client_address import TRUSTED_PROXIES
from bot.web.connection import ConnectionLimits
from bot.web.security_headers import SECURITY_HEADERS
from bot.web.server import open_server
from tests.bot.raw_http import PATIENCE, answer_of, ask, connected, ended

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BIG = 8 * 2**20
MOST = 1000


@asynccontextmanager
async def opened(
    pace: BodyPace | None = None, trusted: tuple[str, ...] = (), **limits: float
) -> AsyncIterator[str]:
    """A server whose POST says how long the body was, and whose ``/big`` is :data:`BIG` bytes."""

    async def measure(request: web.Request) -> web.Response:
        body = await read_body(request, MOST, pace or BodyPace())
        return web.Response(headers={"X-Length": str(len(body))})

    async def big(request: web.Request) -> web.Response:
        return web.Response(body=bytes(BIG))

    app = web.Application()
    app[TRUSTED_PROXIES] = tuple(map(ip_network, trusted))
    app.add_routes([web.get("/", hello), web.post("/", measure), web.get("/big", big)])
    chosen = ConnectionLimits(**limits)
    async with open_server(app, "127.0.0.1", 0, chosen, shutdown_seconds=0.5) as port:
        yield f"http://127.0.0.1:{port}"


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def test_who_says_nothing_is_let_go():
    async with opened(head=0.1) as base, connected(base) as (reader, _):
        assert await ended(reader) == b""


async def test_a_head_that_drips_is_not_waited_for():
    async with opened(head=0.2) as base, connected(base) as (reader, writer):

        async def drip() -> None:
            while True:
                for byte in b"GET / HTTP/1.1\r\nX: " + bytes([97]) * 8000:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        assert await ended(reader) == b""
        dripping.cancel()


async def test_the_next_head_must_not_drip_either():
    async with opened(head=0.2, idle=3600.0) as base, connected(base) as (reader, writer):
        writer.write(GET)
        answer = await answer_of(reader)
        assert answer
        await reader.readexactly(int(answer.headers["content-length"]))
        writer.write(b"GET /")
        assert await ended(reader) == b""


async def test_a_connection_is_kept_for_the_next_request_but_not_for_ever():
    async with opened(idle=0.3) as base, connected(base) as (reader, writer):
        for _ in range(2):
            writer.write(GET)
            answer = await answer_of(reader)
            assert answer
            assert answer.status == 200
            await reader.readexactly(int(answer.headers["content-length"]))
        assert await ended(reader) == b""


async def test_who_does_not_fetch_the_answer_is_let_go():
    async with opened(unread=0.2) as base, connected(base) as (reader, writer):
        writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0)  # and nothing is read until the server has given up:
        async with asyncio.timeout(PATIENCE):
            while not await is_reset(writer):
                await asyncio.sleep(0.01)
        assert len(await ended(reader)) < BIG


async def is_reset(writer: asyncio.StreamWriter) -> bool:
    """Whether the other side has cut the connection: then nothing can be written any more."""
    try:
        writer.write(b"x")
        await writer.drain()
    except ConnectionError:
        return True
    return writer.transport.is_closing()


@pytest.mark.parametrize(
    ("limits", "trusted", "third"),
    [
        ({"most_per_address": 2}, (), 503),
        ({"most": 2}, (), 503),
        ({"most_per_address": 2}, ("127.0.0.0/8",), 200),
        ({"most": 2}, ("127.0.0.0/8",), 503),
        ({}, (), 200),
    ],
)
async def test_connections_have_a_number_of_places(limits, trusted, third):
    async with opened(trusted=trusted, **limits) as base:
        async with connected(base) as first, connected(base) as second:
            for reader, writer in (first, second):
                writer.write(GET)
                answer = await answer_of(reader)
                assert answer
                assert answer.status == 200
            answer = await ask(base, GET)
            assert answer
            assert answer.status == third
            if third == 503:
                assert answer.headers["retry-after"]
                assert is_hardened(answer.headers)
        async with asyncio.timeout(PATIENCE):
            while (answer := await ask(base, GET)) is None or answer.status != 200:
                await asyncio.sleep(0.01)  # until their places are free


@pytest.mark.parametrize(
    ("pace", "first", "then"),
    [
        (BodyPace(idle=0.1), b"some", b""),
        (BodyPace(total=0.3, idle=0.2), b"s", b"s"),
        (BodyPace(grace=0.1, least_rate=10_000.0), b"s", b"s"),
    ],
    ids=["idle", "total", "rate"],
)
async def test_a_body_that_dawdles_is_not_waited_for(pace, first, then):
    async with opened(pace) as base, connected(base) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n" + first)

        async def drip() -> None:
            while then:
                await asyncio.sleep(0.02)
                writer.write(then)

        dripping = asyncio.create_task(drip())
        answer = await answer_of(reader)
        dripping.cancel()
        assert answer
        assert answer.status == 408


async def test_a_body_in_time_is_read_whole():
    async with opened(BodyPace(idle=PATIENCE)) as base, connected(base) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nfour")
        await writer.drain()
        writer.write(b"five")
        answer = await answer_of(reader)
        assert answer
        assert answer.headers["x-length"] == "8"


async def test_what_is_too_large_is_refused_by_what_it_says_and_by_what_it_is():
    async with opened() as base:
        says = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"
        chunks = b"1f4\r\n" + bytes(500) + b"\r\n"
        shows = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks * 3
        for request in (says, shows):
            answer = await ask(base, request)
            assert answer
            assert answer.status == 413


async def test_nothing_is_inflated():
    packed = gzip.compress(bytes(100_000))
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    async with opened() as base:
        answer = await ask(base, head % len(packed) + packed)
    assert answer
    assert answer.headers["x-length"] == str(len(packed))


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_told_so_with_our_headers_alone(request_, caplog):
    async with opened() as base:
        answer = await ask(base, request_)
    assert answer
    assert answer.status == 400
    assert is_hardened(answer.headers)
    assert caplog.records == []


def is_hardened(headers: dict[str, str]) -> bool:
    """Whether the headers of security stand there, and the server's name does not."""
    named = {name.lower() for name in SECURITY_HEADERS}
    return named <= set(headers) and "server" not in headers
