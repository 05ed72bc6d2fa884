"""Every route of the album against what strangers send, also from a browser that is let in."""

import re
import secrets

import pytest

from bot.pages.album import ALBUM
from bot.pages.document import STATIC
from bot.web.app import connection_limits, open_web_app
from bot.web.server import open_server
from bot.wechat import WECHAT
from tests.bot.pages.albums import links, plain, somebody, with_avatar, with_set
from tests.bot.strange_requests import METHODS, QUERIES, Strange, strange_bodies, strange_headers
from tests.bot.test_strange_requests import Door, checked, silent, written

__all__ = ["written"]


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    return env | {"EIDER_LIMIT_PERCENT": "0"}  # what is behind the limits is to be met


@pytest.fixture
async def door(container):
    user = await somebody(container, "oAda", WECHAT)
    (portrait,) = await with_set(container, await with_avatar(container, user), [plain()])
    signed = links(container)
    names = {"link": signed.token(user), "id": portrait.id, "name": "album.css"}
    cookie = (
        f"{ALBUM.session_cookie}={signed.session(user.id, WECHAT, 'oAda')}; X-Eider-Page=1".encode()
    )
    async with (
        open_web_app(container) as app,
        open_server(
            app, "127.0.0.1", 0, connection_limits(container.settings), shutdown_seconds=0.5
        ) as port,
    ):
        routes = {
            (route.method.encode(), route.resource.canonical.format(**names).encode())
            for route in app.router.routes()
            if route.resource is not None and route.resource.canonical.startswith("/album")
        }
        assert len(routes) == 11  # HEAD beside four of the GETs
        yield Door(f"http://127.0.0.1:{port}", sorted(routes), cookie)


def asking(method: bytes, path: bytes, one: Strange, cookie: bytes) -> bytes:
    """With the header that posts bear."""
    request = one.request(method, path, cookie)
    return request.replace(b"X-Eider-Chat: 1", b"X-Eider-Page: 1")


async def test_strange_headers_and_bodies(door, written, caplog):
    answers = await door.ask_all(
        (f"{method} {path} {one.name}", asking(method, path, one, door.cookie))
        for method, path in door.routes
        for one in (*strange_headers(), *strange_bodies())
    )
    checked(answers)
    silent(written, caplog)
    # They were met, not turned away at the door.
    assert {answer.status for name, answer in answers.items() if name.endswith("plain")} >= {
        200,
        400,
    }


async def test_strange_methods_queries_and_places(door, written, caplog):
    page = next(path for method, path in door.routes if re.fullmatch(rb"/album/[^/]+", path))
    places = [
        b"/album", b"/album/", b"/album//in", b"/album/static/%2e%2e/routes.py",
        b"/album/static/..%2frc", b"/album/static/%00", b"/album/static/", page + b"/picture/%0a",
        page + b"/picture/preview:../../x", page + b"/picture/sample:",
        page + b"/picture/" + b"9" * 96,
        page + b"/picture/held:" + secrets.token_hex(16).encode(), page + b"/", page + b"%00",
        page + b"?sets=" + b"9" * 400, page + b"/in?code=%00&state=%ff", page + b"/in?code=&state=",
    ]  # fmt: skip
    requests = [
        *((method, path) for path in places for method in (b"GET", b"POST")),
        *((method, path) for _, path in door.routes for method in METHODS),
        *((method, path + query) for method, path in door.routes for query in QUERIES),
    ]
    answers = await door.ask_all(
        (f"{method} {path}", asking(method, path, Strange("plain"), door.cookie))
        for method, path in requests
    )
    checked(answers)
    silent(written, caplog)


def test_its_files_name_nothing_from_elsewhere():
    for file in (*STATIC.iterdir(), *ALBUM.static.iterdir()):
        found = re.findall(r"https?://[\w./-]+", file.read_text("utf-8"))
        assert set(found) <= {"https://web.telegram.org", "http://www.w3.org/2000/svg"}, file.name
