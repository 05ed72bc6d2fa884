"""The last net: what becomes of a fault before an answer has begun, and in the middle of it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from redis.exceptions import ConnectionError as RedisUnreachable

from bot.web.middleware import ALLOWED_HOSTS, admit, guard, harden
from bot.web.server import open_server
from shop.errors import Unavailable
from tests.bot.raw_http import ask, connected, ended
from tests.bot.test_connection import is_hardened

FAULTS = {
    "mistake": (ValueError("m4rk3r"), 500),
    "redis": (RedisUnreachable("redis://m4rk3r"), 503),
    "outage": (Unavailable("the database is away"), 503),
    "late": (TimeoutError(), 500),
    "store": (ConnectionResetError("m4rk3r"), 503),  # a store's connection: the client is there
    "refusal": (web.HTTPConflict(), 409),
}


@pytest.fixture
async def base() -> AsyncIterator[str]:
    async def fail(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        if "begun" in request.query:
            await answer.prepare(request)
            await answer.write(b"the first half")
        raise FAULTS[request.match_info["fault"]][0]

    app = web.Application(middlewares=[guard, admit])
    app[ALLOWED_HOSTS] = {"x"}
    app.on_response_prepare.append(harden)
    app.router.add_get("/{fault}", fail)
    async with open_server(app, "127.0.0.1", 0, shutdown_seconds=0.5) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_has_its_status_and_our_headers(base, fault):
    answer = await ask(base, b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % fault.encode())
    assert answer
    assert answer.status == FAULTS[fault][1]
    assert is_hardened(answer.headers)
    assert answer.headers.get("retry-after") == ("5" if answer.status == 503 else None)


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_answer_that_breaks_is_cut_off_and_has_no_second_one_in_it(base, fault):
    async with connected(base) as (reader, writer):
        writer.write(b"GET /%s?begun HTTP/1.1\r\nHost: x\r\n\r\n" % fault.encode())
        received = await ended(reader)
    assert received.count(b"HTTP/1.1") <= 1
    assert b"0\r\n\r\n" not in received  # it does not look whole
