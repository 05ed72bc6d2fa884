"""Cookies and tickets of the playground: who somebody is, and who they cannot be."""

from aiohttp import ClientSession

from bot.playground.driver import open_chat
from bot.playground.passes import PATH
from bot.playground.routes import COOKIE
from bot.playground.signed_cookie import SignedCookie
from tests.bot.playground_requests import greet, ticket


async def test_the_same_browser_stays_the_same_person(http, base):
    first, second = [(await http.get(f"{base}/playground")).cookies[COOKIE].value for _ in range(2)]
    assert first == second


async def test_a_cookie_that_we_did_not_sign_is_nobodys(http, base, container):
    genuine = SignedCookie(container.settings.signing_key).cookie("me")
    other = SignedCookie(b"x" * 32).cookie("me")
    for forged in (
        other,
        genuine[:-1] + ("A" if genuine[-1] != "A" else "B"),
        "you." + genuine.split(".")[1],
        "",
        "me",
        ".",
    ):
        async with http.get(f"{base}/playground/stream", cookies={COOKIE: forged}) as answer:
            assert answer.status == 401, forged


async def test_a_cookie_is_no_ticket_and_a_ticket_no_cookie(http, base, container):
    """Or a link with my cookie in it would bring your photos into my chat."""
    mine = SignedCookie(container.settings.signing_key).cookie("me")
    async with http.post(f"{base}{PATH}", data={"ticket": mine}) as answer:
        assert answer.status == 410
    assert not http.cookie_jar
    cookies = {COOKIE: ticket(container, "me")}
    stream = f"{base}/playground/stream"
    async with ClientSession() as other, other.get(stream, cookies=cookies) as answer:
        assert answer.status == 401


async def test_a_ticket_makes_an_admin(base, container):
    boss_ticket = ticket(container, "boss")
    async with open_chat(base, ticket=boss_ticket) as boss, open_chat(base) as nobody:
        for chat in (boss, nobody):
            await greet(chat)
        since = boss.revision
        await boss.say("/stats")
        stats = await boss.wait(lambda seen: bool(seen.text), since=since)
        since = nobody.revision
        await nobody.say("/stats")
        assert (await nobody.wait(lambda seen: bool(seen.text), since=since)).text != stats.text
