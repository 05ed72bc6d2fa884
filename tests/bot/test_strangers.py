"""Strangers from one address, over the real application: what is stored, opened and answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import make_mocked_request

from bot.container import Container, open_container
from bot.playground import PLAYGROUND
from bot.playground.routes import COOKIE, HEADER
from bot.playground.signed_cookie import SignedCookie
from bot.playground.transcript import Transcript
from bot.web import address_limits
from bot.web.app import open_web_app
from handlers import limits
from shop.errors import Unavailable
from shop.orders import orders
from shop.people import users
from shop.records import Currency, Order, OrderState, Photo, User
from shop.settings import Settings
from tests.bot.playground_requests import AGREE, event
from tests.doubles import photo as jpeg
from tests.storing import CAPACITY

photo = cache(jpeg)
ATTACKER, OFFICE, HOME = "203.0.113.7", "198.51.100.4", "2001:db8::17"
STEPS = ("/start", *AGREE)


@asynccontextmanager
async def serving(env: dict[str, str], **more: str) -> AsyncIterator[Container]:
    """The product behind a proxy that says whom requests come from."""
    settings = Settings.from_env(env | {"EIDER_TRUSTED_PROXIES": "127.0.0.1"} | more)
    async with open_container(settings) as container, open_web_app(container) as app:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
        yield container
        await runner.cleanup()


@dataclass
class Browser:
    """Somebody at the playground, from an address; not as patient as the page."""

    container: Container
    http: ClientSession
    address: str
    cookie: str = ""
    statuses: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    retry_after: list[int] = field(default_factory=list)

    async def open(self) -> "Browser":
        answer = await self._ask("GET", "")
        found = answer.cookies.get(COOKIE)
        self.cookie = self.cookie or (found.value if found else "")
        return self

    async def step(self, wanted: str) -> None:
        if wanted.startswith("/"):
            await self._ask("POST", "/say", json={"event": event(), "text": wanted})
        else:
            body = {"event": event(), "action": wanted, "message": ""}
            await self._ask("POST", "/press", json=body)

    async def photo(self, number: int = 1) -> None:
        await self._ask("POST", f"/photo?event={event()}&album={event()}", data=photo(number))

    async def order(self) -> "Browser":
        """Go as far as an order that takes photos, or to the first refusal."""
        await self.open()
        for step in STEPS:
            await self.step(step)
            if self.statuses[-1] == 429:
                break
        return self

    async def _ask(self, method: str, path: str, **body: object):
        url = f"{self.container.settings.public_url}/playground{path}"
        headers = {HEADER: "1", "X-Forwarded-For": self.address, "Accept-Language": "en"}
        if self.cookie:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        async with self.http.request(method, url, headers=headers, **body) as answer:
            self.statuses.append(answer.status)
            if answer.status == 429:
                self.retry_after.append(int(answer.headers["Retry-After"]))
                told = await answer.json() if path else {"text": await answer.text()}
                self.told.append(told["text"])
            return answer


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=CookieJar(quote_cookie=False)) as session:
        session.cookie_jar.clear()
        yield session


async def crowd(container: Container, http: ClientSession, count: int) -> list[Browser]:
    """So many strangers from one address, a few at a time: page, consent, order, a photo."""
    gate = asyncio.Semaphore(16)

    async def one(number: int) -> Browser:
        async with gate:
            # A cookie costs nothing: whoever has one needs no page.
            cookies = SignedCookie(container.settings.signing_key)
            browser = Browser(container, http, ATTACKER, cookies.cookie(cookies.stranger()))
            await browser.order()
            await browser.photo(number % 8)
            return browser

    return await asyncio.gather(*(one(number) for number in range(count)))


async def stored(container: Container) -> tuple[int, int, int]:
    async with container.database.begin() as tx:
        return await tx.count(User), await tx.count(Order), await tx.count(Photo)


async def test_of_two_hundred_strangers_thirty_come_in_and_nobody_else_notices(env, http):
    async with serving(env) as container:
        known = await Browser(container, http, ATTACKER).order()  # before the crowd, from there
        strangers = await crowd(container, http, 200)
        elsewhere = [await Browser(container, http, one).order() for one in (OFFICE, HOME)]
        for honest in (known, *elsewhere):
            await honest.open()
            for number in range(3):
                await honest.photo(number)
            await honest.step("/help")
            assert set(honest.statuses) == {200}, honest.told

        people = limits.NEW_PEOPLE.most + len(elsewhere)
        photos = limits.NEW_PEOPLE.most - 1 + 3 * 3
        assert await stored(container) == (people, people, photos)
    answers = Counter(status for one in strangers for status in one.statuses)
    assert set(answers) == {200, 429}
    let_in = [one for one in strangers if one.statuses[-1] == 200]
    assert len(let_in) == limits.NEW_PEOPLE.most - 1
    refused = [one for one in strangers if one not in let_in]
    assert all(one.statuses[1:] == [429] * 2 for one in refused)  # words, then a photo
    sentences = {text for one in refused for text in one.told[-2:]}
    assert all(text.startswith("More new people have come from your network") for text in sentences)
    assert all(0 < seconds <= 16 * 60 for one in refused for seconds in one.retry_after)


async def test_without_limits_the_same_crowd_fills_the_shop(env, http):
    """The same harness, to show that the limits are what holds."""
    async with serving(env, EIDER_LIMIT_PERCENT="0") as container:
        strangers = await crowd(container, http, 40)
        assert await stored(container) == (40, 40, 40)
    assert {status for one in strangers for status in one.statuses} == {200}


async def test_pages_are_counted_by_address_until_somebody_is_known(env, http):
    async with serving(env, EIDER_LIMIT_PERCENT="5") as container:  # 6 pages, 1 new person
        known = await Browser(container, http, ATTACKER).open()
        await known.step("/start")
        newcomers = [await Browser(container, http, ATTACKER).open() for _ in range(10)]
        statuses = [one.statuses[0] for one in newcomers]
        assert statuses == [200] * 5 + [429] * 5
        assert "opened very often from here" in newcomers[-1].told[0]
        assert newcomers[-1].cookie == ""
        await known.open()
        assert known.statuses == [200, 200, 200]
        other = await Browser(container, http, HOME).open()
        assert other.statuses == [200]


async def test_whoever_is_too_quick_is_told_and_nothing_of_it_is_kept(env, http):
    async with serving(env, EIDER_LIMIT_PERCENT="50") as container:  # 30 updates, 60 photos
        anna = await Browser(container, http, HOME).order()
        for _ in range(40):
            await anna.step("/help")
        assert anna.statuses.count(429) >= 10
        assert "Nothing is lost: you can send it again in" in anna.told[0]
        person = SignedCookie(container.settings.signing_key).of_cookie(anna.cookie)
        shown, _ = await Transcript(container.redis).snapshot(person)
        posted = 1 + sum(status == 200 for status in anna.statuses[len(STEPS) + 1 :])
        own = [one for one in shown if one.message.kind.value == "my_words"]
        assert len(own) == posted  # what was refused left no trace in the transcript
        anna.statuses.clear()
        await anna.step("/mydata")  # a right is another allowance
        assert anna.statuses == [200]


async def test_photos_over_the_limit_are_not_read_and_may_come_again(env, http):
    async with serving(env, EIDER_LIMIT_PERCENT="5") as container:  # 6 photos an hour
        anna = await Browser(container, http, HOME).order()
        anna.statuses.clear()
        for number in range(8):
            await anna.photo(number)
        assert anna.statuses == [200] * 6 + [429] * 2
        assert "sends them by itself" in anna.told[0]
        assert (await stored(container))[2] == 6


async def test_photos_are_counted_by_address_too(env, http):
    async with serving(env, EIDER_LIMIT_PERCENT="7") as container:  # 105 from an address, 8 each
        first = await Browser(container, http, OFFICE).order()
        second = await Browser(container, http, OFFICE).order()
        await container.redis.flushdb()
        limiter = container.limiter
        for _ in range(102):
            await limiter.take(limits.ADDRESS_PHOTOS, f"address:{OFFICE}")
        for browser in (first, second):
            browser.statuses.clear()
            for number in range(2):
                await browser.photo(number)
        assert first.statuses + second.statuses == [200, 200, 200, 429]


async def test_forgeries_are_answered_and_logged_only_so_often(env, http, monkeypatch):
    logged: list[str] = []
    heard = SimpleNamespace(warning=lambda event, **_: logged.append(event))
    monkeypatch.setattr("bot.web.payments.log", heard)
    async with serving(env) as container:
        url = f"{container.settings.public_url}/pay/sandbox"
        statuses: list[int] = []
        while len(statuses) < limits.FORGERIES.most or statuses[-10:] != [429] * 10:
            async with http.post(url, data=b"{}", headers={"X-Forwarded-For": ATTACKER}) as no:
                statuses.append(no.status)
        # One more is answered for every few seconds that all this takes.
        assert statuses[: limits.FORGERIES.most] == [401] * limits.FORGERIES.most
        assert limits.FORGERIES.most < logged.count("payment_forged") < len(statuses)
        async with http.post(url, data=b"{}", headers={"X-Forwarded-For": HOME}) as no:
            assert no.status == 401


async def test_a_true_payment_passes_from_a_forgers_address(env, http):
    """What is signed is never limited."""
    async with serving(env) as container:
        now = container.clock()
        async with container.database.begin() as tx:
            user = await users.get_or_create(tx, PLAYGROUND, "anna", "en", now)
            pack = await orders.buy_credits(
                tx, container.catalog, user, "sandbox", Currency.CNY, now, capacity=CAPACITY
            )
        bill = await container.tills["sandbox"].bill(pack, "credits")
        true = await container.cashier.till.pay(bill.reference)
        url = f"{container.settings.public_url}/pay/sandbox"
        sender = {"X-Forwarded-For": ATTACKER}
        for _ in range(limits.FORGERIES.most + 1):
            async with http.post(url, data=b"{}", headers=sender) as answer:
                await answer.read()
        assert answer.status == 429
        async with http.post(url, data=true.body, headers={**sender, **true.headers}) as answer:
            assert answer.status == 200
        async with container.database.begin() as tx:
            assert (await tx.get(Order, pack.id)).state is OrderState.DONE


async def test_without_redis_a_wrong_signature_is_still_refused():
    class Away:
        async def take(self, limit, whose):
            raise Unavailable("redis does not answer")

    request = make_mocked_request("POST", "/pay/sandbox")
    refusal = web.HTTPUnauthorized()
    assert await address_limits.forged(Away(), request, refusal) == (refusal, True)
