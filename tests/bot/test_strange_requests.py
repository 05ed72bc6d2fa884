"""Every route of the real application against what strangers send: always an answer that is not
500, always with the headers of security, and never a word of theirs in the log.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO

import pytest
import structlog

from bot.container import Container
from bot.playground.routes import COOKIE
from bot.playground.signed_cookie import SignedCookie
from bot.telegram.webhook import PATH
from bot.web.app import connection_limits, open_web_app
from bot.web.server import open_server
from shop import logs
from tests.bot.raw_http import RawAnswer, ask, connected, ended
from tests.bot.strange_requests import (
    MARKER,
    METHODS,
    PATHS,
    QUERIES,
    Strange,
    noise,
    strange_bodies,
    strange_headers,
)
from tests.bot.test_connection import is_hardened

SIDE_BY_SIDE = 8
SAMPLES = {
    "language": "en", "id": "preview:noir", "till": "sandbox", "bill": "bill_0123456789",
    "name": "page.css", "link": "0" * 32 + ".wechat.7f000000." + "A" * 22,
}  # fmt: skip


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """With the webhook of a Telegram that is not there."""
    return env | {
        "EIDER_TELEGRAM_TOKEN": "7000000001:" + "A" * 35,
        "EIDER_TELEGRAM_API_URL": "http://127.0.0.1:1",
        "EIDER_TELEGRAM_WEBHOOK_URL": f"https://eider.example{PATH}",
        "EIDER_ALLOWED_HOSTS": "also.example",
        "EIDER_LIMIT_PERCENT": "0",  # what is behind the limits is to be met
    }


@dataclass
class Door:
    """The real application, the method and a path of each of its routes, and somebody's cookie."""

    base: str
    routes: list[tuple[bytes, bytes]]
    cookie: bytes

    async def ask_all(self, requests: Iterable[tuple[str, bytes]]) -> dict[str, RawAnswer | None]:
        """The answers, by the requests' names."""
        gate, answers = asyncio.Semaphore(SIDE_BY_SIDE), {}

        async def one(name: str, request: bytes) -> None:
            async with gate:
                answers[name] = await ask(self.base, request)

        async with asyncio.TaskGroup() as group:
            for name, request in requests:
                group.create_task(one(name, request))
        return answers


@pytest.fixture
async def door(container: Container) -> AsyncIterator[Door]:
    settings, cookies = container.settings, SignedCookie(container.settings.signing_key)
    cookie = f"{COOKIE}={cookies.cookie(cookies.stranger())}".encode()
    async with (
        open_web_app(container) as app,
        open_server(app, "127.0.0.1", 0, connection_limits(settings), shutdown_seconds=0.5) as port,
    ):
        routes = {
            (route.method.encode(), route.resource.canonical.format(**SAMPLES).encode())
            for route in app.router.routes()
            if route.resource is not None
        }
        assert (b"POST", PATH.encode()) in routes
        yield Door(f"http://127.0.0.1:{port}", sorted(routes), cookie)


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[StringIO]:
    """What the process writes, configured as in production."""
    before = logging.getLogger().handlers[:]
    caplog.set_level(logging.DEBUG)
    logs.configure("json")
    structlog.configure(cache_logger_on_first_use=False)  # or other tests would get these
    (ours,) = logging.getLogger().handlers
    assert isinstance(ours, logging.StreamHandler)
    out = StringIO()
    ours.setStream(out)
    logging.getLogger().handlers.append(caplog.handler)
    yield out
    logging.getLogger().handlers = before
    structlog.reset_defaults()


def checked(answers: dict[str, RawAnswer | None]) -> None:
    """All were answered, none with a fault, all with our headers."""
    dropped = [name for name, answer in answers.items() if answer is None]
    faults = [name for name, answer in answers.items() if answer and answer.status >= 500]
    bare = [name for name, answer in answers.items() if answer and not is_hardened(answer.headers)]
    assert (dropped, faults, bare) == ([], [], [])


def silent(written: StringIO, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of the strangers' was written, nor that something broke."""
    said = written.getvalue() + caplog.text + "".join(map(repr, caplog.records))
    for word in (MARKER, "Traceback", "web_fault", "connection_broke", "127.0.0.1"):
        assert word not in said


async def test_strange_headers(door, written, caplog):
    answers = await door.ask_all(
        (f"{method} {path} {one.name}", one.request(method, path, door.cookie))
        for method, path in door.routes
        for one in strange_headers()
    )
    checked(answers)
    silent(written, caplog)


async def test_strange_bodies(door, written, caplog):
    answers = await door.ask_all(
        (f"{method} {path} {one.name}", one.request(method, path, door.cookie))
        for method, path in door.routes
        for one in strange_bodies()
    )
    checked(answers)
    silent(written, caplog)
    assert "payment_forged" in written.getvalue()  # it is our log that was searched
    compressed = {name: one.status for name, one in answers.items() if " coding " in name}
    assert set(compressed.values()) <= {415}


async def test_strange_paths_and_methods(door, written, caplog):
    paths = [(method, path) for path in PATHS for method in (b"GET", b"POST")]
    queries = [(method, path + query) for method, path in door.routes for query in QUERIES]
    methods = [(method, path) for _, path in door.routes for method in METHODS]
    answers = await door.ask_all(
        (f"{method} {path}", Strange("plain").request(method, path, door.cookie))
        for method, path in (*paths, *queries, *methods)
    )
    checked(answers)
    silent(written, caplog)
    assert "x" not in [name for one in answers.values() for name in one.headers]  # injected


async def test_noise(door, written, caplog):
    """Here a connection may also end without an answer: what came was no request yet."""
    for request in noise(200):
        async with connected(door.base) as (reader, writer):
            writer.write(request)
            writer.write_eof()
            answer = await ended(reader)
        assert b" 500 " not in answer.partition(b"\r\n")[0]
        assert b"\r\nServer:" not in answer
    silent(written, caplog)


async def test_an_upload_that_breaks_off_is_nobodys_fault(door, written, caplog):
    one = Strange("half", ((b"Content-Length", b"90000"),), b"half " + MARKER.encode(), is_raw=True)
    for method, path in door.routes:
        async with connected(door.base) as (_, writer):
            writer.write(one.request(method, path, door.cookie))
            await writer.drain()
    checked(await door.ask_all([("after", Strange("plain").request(b"GET", b"/", b""))]))
    silent(written, caplog)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"127.0.0.1", 200), (b"127.0.0.1:1", 200), (b"localhost", 200), (b"[::1]:8080", 200),
        (b"Eider.Example", 200), (b"eider.example:443", 200), (b"also.example", 200),
        (b"evil.example", 421), (b"eider.example.evil.example", 421), (b"", 400),
    ],
)  # fmt: skip
async def test_only_our_hosts_are_answered_for(door, host, status):
    request = Strange("host", host=host).request(b"GET", b"/playground", door.cookie)
    answer = await ask(door.base, request)
    assert answer
    assert answer.status == status


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://evil.example/playground", 421), (b"http://evil.example", 421),
        (b"http://eider.example/playground", 200), (b"http://127.0.0.1:1/playground", 200),
    ],
)  # fmt: skip
async def test_an_absolute_target_names_a_host_as_well(door, target, status):
    answer = await ask(door.base, Strange("target").request(b"GET", target, door.cookie))
    assert answer
    assert answer.status == status


@pytest.mark.parametrize("name", [b"If-Modified-Since", b"If-Unmodified-Since", b"If-Range"])
async def test_dates_beyond_all_calendars_are_refused(door, written, caplog, name):
    when = b"Sun, 06 Nov 99999999994 08:49:37 GMT"
    strange = Strange("date", ((name, when),))
    for path in (
        b"/playground/static/main.js",
        b"/till/sandbox/static/cashier.css",
        b"/playground",
    ):
        answer = await ask(door.base, strange.request(b"GET", path, door.cookie))
        assert answer
        assert answer.status == 400
    silent(written, caplog)
