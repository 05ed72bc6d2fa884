"""The album in Telegram: a Mini App, let in by what Telegram signed."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.container import Container
from bot.pages.album import ALBUM
from bot.pages.door import HEADER
from bot.telegram import TELEGRAM
from bot.web.app import connection_limits, open_web_app
from bot.web.server import open_server
from handlers.texts import texts
from tests.bot.pages.albums import links, plain, somebody, with_avatar, with_set
from tests.bot.telegram.mini_app import TOKEN, opened_by

EN = texts("en")
ADA, BERT = 99281932, 42


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    return env | {
        "EIDER_TELEGRAM_TOKEN": TOKEN,
        "EIDER_TELEGRAM_API_URL": "http://127.0.0.1:1",
        "EIDER_PUBLIC_URL": "https://eider.example",
        "EIDER_ALLOWED_HOSTS": "127.0.0.1",
    }


@pytest.fixture
async def base(container: Container) -> AsyncIterator[str]:
    """What a proxy reaches, which people know as https://eider.example."""
    settings = container.settings
    async with (
        open_web_app(container) as app,
        open_server(
            app, settings.host, 0, connection_limits(settings), shutdown_seconds=0.5
        ) as port,
    ):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def url(container, base):
    ada = await somebody(container, str(ADA), TELEGRAM)
    await with_set(container, await with_avatar(container, ada, 40), [plain()])
    return links(container).address(ada).replace("https://eider.example", base)


async def proven(http: ClientSession, url: str, proof: object) -> tuple[int, str, str]:
    """Status, the cookie as it was set, and why not."""
    async with http.post(f"{url}/in", json={"proof": proof}, headers={HEADER: "1"}) as answer:
        why = json.loads(await answer.text()).get("why", "") if answer.status == 403 else ""
        return answer.status, answer.headers.get("Set-Cookie", ""), why


async def test_the_page_asks_for_what_telegram_signed_and_shows_nothing_before(http, url):
    async with http.get(url) as answer:
        page, headers = await answer.text(), answer.headers
        assert answer.status == 200
    assert 'data-field="tgWebAppData"' in page
    assert "/picture/" not in page
    assert "frame-ancestors https://web.telegram.org" in headers["Content-Security-Policy"]
    assert "telegram.org/js" not in page  # nothing comes from elsewhere


async def test_its_owner_is_let_in_also_within_telegrams_frame(http, url):
    status, cookie, _ = await proven(http, url, opened_by(ADA))
    assert status == 204
    value, *rules = cookie.split("; ")
    assert value.startswith(f"{ALBUM.session_cookie}=")
    assert {"HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/album"} <= set(rules)
    async with http.get(url, headers={"Cookie": value}) as answer:
        assert EN("album-title") in (page := await answer.text())
    assert "/picture/" in page


async def test_nobody_else_is(http, url):
    assert await proven(http, url, opened_by(BERT)) == (403, "", "not-yours")
    for forged in (opened_by(ADA, "7000000002:" + "B" * 35), "", "hash=", opened_by(ADA)[:-1]):
        status, cookie, why = await proven(http, url, forged)
        assert (status, cookie, why) in ((403, "", "unproven"), (400, "", ""))
    for odd in (None, 7, [opened_by(ADA)], "x" * 70_000):
        assert (await proven(http, url, odd))[0] in (400, 413)


async def test_a_platform_that_redirects_takes_no_proof_and_the_other_no_code(
    http, container, base, url
):
    anna = await somebody(container, "anna")
    theirs = links(container).address(anna).replace("https://eider.example", base)
    assert (await proven(http, theirs, "anna"))[0] == 400
    async with http.get(f"{url}/in", params={"code": opened_by(ADA), "state": "0"}) as answer:
        assert answer.status == 403
