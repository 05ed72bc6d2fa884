"""Pass links: good once, for a quarter of an hour, and only for a person who presses."""

import asyncio
import re
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from bot.__main__ import main
from bot.playground.passes import LASTS, PATH
from bot.playground.routes import COOKIE
from bot.playground.signed_cookie import SignedCookie
from handlers.texts import every
from tests.bot.playground_requests import ticket


async def pressed(http: ClientSession, base: str, offered: str) -> int:
    async with http.post(
        f"{base}{PATH}", data={"ticket": offered}, allow_redirects=False
    ) as answer:
        return answer.status


async def test_looking_at_a_link_does_not_use_it_up_and_pressing_does(http, base, container):
    boss = ticket(container, "boss")
    for _ in range(3):  # as previews do
        async with http.get(f"{base}{PATH}", params={"ticket": boss}) as answer:
            page = await answer.text()
            assert (answer.status, COOKIE in answer.cookies) == (200, False)
    (sealed,) = re.findall('name="ticket" value="([^"]*)"', page)
    async with http.post(f"{base}{PATH}", data={"ticket": sealed}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/playground")
        cookie = answer.cookies[COOKIE].value
    assert SignedCookie(container.settings.signing_key).of_cookie(cookie) == "boss"
    assert await pressed(http, base, boss) == 410
    async with http.get(f"{base}{PATH}", params={"ticket": boss}) as answer:
        assert answer.status == 410


async def test_of_many_who_press_at_once_one_gets_in(http, base, container):
    boss = ticket(container, "boss")
    statuses = await asyncio.gather(*(pressed(http, base, boss) for _ in range(20)))
    assert sorted(statuses) == [303] + [410] * 19


async def test_two_links_for_one_person_are_two(http, base, container):
    for offered in (ticket(container, "boss"), ticket(container, "boss")):
        assert await pressed(http, base, offered) == 303


async def test_an_expired_link_lets_nobody_in(http, base, container):
    late = container.clock() - timedelta(seconds=1)
    old = SignedCookie(container.settings.signing_key).ticket("boss", late)
    assert await pressed(http, base, old) == 410
    async with http.get(f"{base}{PATH}", params={"ticket": old}) as answer:
        assert (answer.status, COOKIE in answer.cookies) == (410, False)


async def test_a_used_link_is_forgotten_once_it_has_expired(http, base, container):
    assert await pressed(http, base, ticket(container, "boss")) == 303
    (key,) = [key async for key in container.redis.scan_iter("eider:pass:*")]
    assert b"boss" not in key
    assert 0 < await container.redis.ttl(key) <= 2 * LASTS.total_seconds()


@pytest.mark.parametrize(
    "offered", ["", "boss.x", "boss.9999999999.00.x", "\udc80", "b\u00f6ss.1.2", "x" * 900]
)
async def test_what_was_not_signed_here_is_gone_too(http, base, offered):
    body = b"ticket=" + offered.encode("utf-8", "surrogatepass")
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=bogus"}
    async with http.post(f"{base}{PATH}", data=body, headers=headers) as answer:
        assert (answer.status, COOKIE in answer.cookies) == (410, False)


async def test_a_changed_ticket_is_not_the_signed_one(http, base, container):
    person, until, id, tag = ticket(container, "boss").split(".")
    later = str(int(until) + 3600)
    for parts in (
        ("ann", until, id, tag),
        (person, later, id, tag),
        (person, until, id[::-1], tag),
    ):
        assert await pressed(http, base, ".".join(parts)) == 410


async def test_a_link_that_is_gone_says_how_to_get_another_in_every_language(http, base):
    for words in every():
        headers = {"Accept-Language": f"{words.language.replace('_', '-')};q=0.9, de"}
        async with http.get(f"{base}{PATH}", params={"ticket": "x"}, headers=headers) as answer:
            page = await answer.text()
        assert answer.status == 410
        assert words("pass-gone") in page
        assert "python -m bot pass NAME" in page


async def test_the_command_makes_a_link_and_says_how_long_it_is_good(
    http, base, env, container, monkeypatch, capsys
):
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert await asyncio.to_thread(main, ["pass", "boss"]) == 0
    link, note = capsys.readouterr().out.splitlines()
    assert "once" in note
    assert "15 minutes" in note
    async with http.get(link) as answer:
        assert answer.status == 200
    assert await pressed(http, base, link.partition("ticket=")[2]) == 303


@pytest.mark.parametrize("name", ["x y", "", "boss.1", "b" * 65, "\u00f6"])
def test_a_name_that_cannot_be_is_told(env, monkeypatch, capsys, name):
    for key, value in env.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(SystemExit) as ended:
        main(["pass", name])
    assert ended.value.code == 2
    assert "letters, digits, - and _" in capsys.readouterr().err
