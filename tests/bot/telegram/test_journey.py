"""The whole journey in Telegram: the real container, a real Valkey, SQLite, the outbox worker, the
double.

Only the workers are stood in for: what they would find, make and paint is booked as they would.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.container import Container, open_container, open_redis
from bot.telegram.client import TokenRefused
from bot.telegram.command import operate_telegram
from handlers.texts import texts
from shop import inbox
from shop.avatars import portraits
from shop.records import Currency, Order, OrderState, Photo, ProcessedEvent, Subject, User
from shop.settings import Settings
from tests.bot.telegram.conftest import TOKEN
from tests.bot.telegram.journey_steps import (
    EN,
    agree,
    chatting,
    environment,
    photo,
    posted_to,
    press,
    priced,
    serving_posts,
    working,
)
from tests.bot.telegram.purchases import PRICE, selling
from tests.botapi import BotApi, Customer, Failure, until
from tests.traces import blobs_of_people, traces_of

RARE = "7164539280421"
"""An id that nothing else looks like."""


@pytest.fixture
async def container(api: BotApi, tmp_path: Path) -> AsyncIterator[Container]:
    settings = Settings.from_env(environment(api, tmp_path))
    async with open_redis(settings), open_container(settings) as container:
        yield container


async def orders_of(container: Container) -> list[Order]:
    async with container.database.begin() as tx:
        return await tx.find(Order)


@pytest.mark.slow
@pytest.mark.parametrize("way", [chatting, serving_posts])
async def test_from_the_first_word_to_portraits_and_erasure(api, tmp_path, way):
    """Twenty photos in two albums, a purchase in Stars, portraits, a refund, another, erasure. Then
    their id is nowhere, but for the seconds that a rate limit remembers it."""
    customer = Customer(api, int(RARE))
    admin = Customer(api, 77)
    settings = Settings.from_env(selling(api, tmp_path) | posted_to(api))
    async with open_redis(settings), open_container(settings) as container:
        async with way(container), working(container):
            await agree(customer)
            await _send_twenty(customer)
            await _buy(customer)
            album = [shown for shown in customer.chat.shown if shown.photo and shown.group]
            assert len(album) == portraits.SHOOT_SIZE
            await press(customer, "portraits-button-originals")
            await until(lambda: any(shown.document for shown in customer.chat.shown), "originals")
            await press(customer, "portraits-button-more")
            liker = EN(
                "portraits", style=_first_style(container), strength="9", top="10",
                beauty=EN.percent(0.0),
            )  # fmt: skip
            await customer.sees(liker)
            (order,) = await orders_of(container)
            admin.say(f"/refund {order.id[:8]}")
            await customer.sees(EN("news-refunded", amount=EN.money(PRICE, Currency.XTR)))
            await press(customer, "button-where")
            await customer.sees_button(EN("welcome-button-begin"))
            customer.say("/erase")
            await press(customer, "erase-button-yes")
            await customer.sees(EN("news-erased"))
            customer.block()
            async with asyncio.timeout(30):
                while await traces_of(RARE, container.database, container.redis):
                    await asyncio.sleep(0.2)
        (order,) = await orders_of(container)
        assert order.state is OrderState.REFUNDED
        assert api.stars.balance == 0
        assert await blobs_of_people(container.blobs) == []


async def _send_twenty(customer: Customer) -> None:
    customer.send_album([photo(n) for n in range(10)])
    await customer.sees(EN("tally-head", sent=10, accepted=10))
    customer.send_album([photo(n) for n in range(10, 20)])
    tally = await customer.sees(EN("tally-head", sent=20, accepted=20))
    await until(lambda: _counts(customer) == [tally.text], "one running count")
    assert tally is customer.chat.shown[-1]
    await press(customer, "photos-button-done")


def _counts(customer: Customer) -> list[str]:
    """A count that is shown anew stands there twice until the older one is gone."""
    return [text for text in customer.texts() if "received" in text]


async def _buy(customer: Customer) -> None:
    await customer.sees_invoice()
    await customer.pay()
    await customer.sees(EN("news-avatar-ready", span=EN.span(61.0)))
    await customer.sees_button(priced("portraits-button-more"))


def _first_style(container: Container) -> str:
    return container.catalog.first(container.settings.base, Subject.WOMAN).names["en"]


async def test_by_webhook_a_crash_before_the_answer_is_delivered_again(api, customer, tmp_path):
    settings = Settings.from_env(environment(api, tmp_path) | posted_to(api))
    async with open_redis(settings), open_container(settings) as container:
        async with serving_posts(container):
            await agree(customer)
        update = customer.send_photo(photo(1))  # nobody listens now
        await until(lambda: any(post.status != 200 for post in api.delivery.posts))
        assert await operate_telegram("check", settings) == 1, "it reports the failed delivery"
        async with serving_posts(container):
            await until(lambda: update in api.confirmed, seconds=20)
        async with container.database.begin() as tx:
            assert await tx.count(Photo) == 1
        assert await operate_telegram("check", settings) == 0
        assert await operate_telegram("remove", settings) == 0
        assert api.webhook == ""


async def test_an_update_that_comes_again_after_a_crash_is_done_once(api, customer, container):
    async with chatting(container):
        await agree(customer)
        update = customer.send_photo(photo(1))
        delivered = api.pending[-1]
        await until(lambda: update in api.confirmed)
    api.inject(delivered)
    async with chatting(container):
        await until(lambda: api.confirmed.count(update) == 2)
    async with container.database.begin() as tx:
        assert await tx.count(Photo) == 1
        assert await tx.count(ProcessedEvent, id=inbox.digest(f"telegram:{update}")) == 1


async def test_who_blocks_the_bot_is_noted_and_who_returns_is_welcome(api, customer, container):
    async with chatting(container):
        customer.say("/start")
        await customer.sees_button(EN("welcome-button-begin"))
        customer.block()
        await until(lambda: api.pending == [])
        assert (await _user(container)).unreachable
        customer.unblock()
        await until(lambda: api.pending == [])
        assert not (await _user(container)).unreachable


async def _user(container: Container) -> User:
    async with container.database.begin() as tx:
        return (await tx.find(User))[0]


async def test_a_button_of_another_chat_does_nothing_and_is_answered(api, customer, container):
    stranger = Customer(api, 4299)
    async with chatting(container):
        await agree(customer)
        stolen = customer.find(EN("photos-button-cancel"))
        stranger.say("/start")
        await stranger.sees_button(EN("welcome-button-begin"))
        data = stolen.buttons()[EN("photos-button-cancel")]["callback_data"]
        stranger.press_data(data)
        await stranger.sees(EN("odd-button"))
    assert len(api.answered) == 5


async def test_what_cannot_be_a_photo_is_explained(api, customer, container):
    async with chatting(container), working(container):
        await agree(customer)
        customer.send_other(photo=[api.size(api.keep(b"x"), 5000, 30 * 1024 * 1024)])
        await customer.sees(EN("photo-too-large", megabytes=20))
        customer.send_file(b"no picture at all", "IMG.heic", "application/octet-stream")
        await customer.sees(EN("photo-unreadable"))
        customer.send_other(voice={"file_id": "f", "file_unique_id": "u", "duration": 1})
        await customer.sees(EN("odd-voice"))


async def test_the_menu_stands_in_every_language_and_a_webhook_is_taken_down(
    api, customer, container
):
    api.webhook = "https://old.example/hook"
    async with chatting(container):
        customer.say("bonjour")
        await until(lambda: customer.chat.shown)
        await until(lambda: ("setMyShortDescription", "ko") in api.menu.words)  # the last of them
    assert api.webhook == ""
    assert set(api.commands) == {"", "zh", "en", "fr", "ko"}
    assert {"start", "help", "erase", "paysupport"} <= {c["command"] for c in api.commands["fr"]}
    french = {c["command"]: c["description"] for c in api.commands["fr"]}
    assert french["start"] == texts("fr")("command-start")


async def test_a_bot_that_cannot_reach_telegram_yet_can_be_stopped(api, container):
    api.down = True
    async with asyncio.timeout(60), chatting(container):
        await until(lambda: api.made("getMe"))
    assert api.down, "it has ended, and Telegram is still away"


@pytest.mark.parametrize("way", ["hangs", "missing"])
async def test_somebody_is_answered_whatever_the_menus_do(api, container, customer, way):
    """Also where the server has no webhook to remove."""
    gate = api.gates["getMyCommands"] = asyncio.Event()
    if way == "missing":
        gate.set()
        for method in ("deleteWebhook", "getMyCommands", "setMyCommands", "getMyDescription"):
            api.fail(method, Failure(404, "Not Found: method not found"), times=20)
    async with chatting(container):
        customer.say("hello")
        await until(lambda: customer.chat.shown)
        gate.set()
        await until(lambda: ("setMyShortDescription", "ko") in api.menu.words)


async def test_a_refused_token_is_said_in_words_that_do_not_hold_it(api, container):
    api.token = "another"
    with pytest.raises(TokenRefused, match="EIDER_TELEGRAM_TOKEN") as refused:
        async with chatting(container) as polling:
            await asyncio.wait({polling})
    assert TOKEN not in str(refused.value)
