"""One more channel, defined in this module alone: plain text, no buttons, one picture a message.

It is registered, and a customer walks through the real container in it. Nothing outside of this
file knows it.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, web

from bot.__main__ import main, read_settings
from bot.channels import (
    Capabilities,
    Channel,
    ChannelConnection,
    ChannelDependencies,
    ChannelRegistry,
)
from bot.container import Container, open_container, utc_now
from bot.registered_channels import CHANNELS
from handlers.chat import Incoming, Invoice, Person, Reply, Reserve, Said, SentPhoto, Show
from handlers.texts import texts
from shop.adapters.tills.sandbox import SandboxTill
from shop.records import ChannelName, Charge, Order, User
from shop.settings import Settings, SettingsError
from tests.bot.telegram.journey_steps import photo, working
from tests.keys import MASTER_KEY_BASE64

NOTES = ChannelName("notes")
KIOSK = "kiosk"
EN = texts("en")


class KioskTill(SandboxTill):
    """The till that this channel brings along."""

    name = KIOSK


@dataclass
class Notebook:
    """The platform: what stands in each person's notebook, oldest first."""

    pages: dict[str, list[Reply]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        if key == "" or key not in self.keys:
            self.keys.add(key)
            self.pages.setdefault(chat, []).append(reply)

    async def forget(self, chat: str, before: datetime) -> None:
        self.pages.pop(chat, None)

    def channel(self) -> Channel:
        @asynccontextmanager
        async def connect(deps: ChannelDependencies) -> AsyncIterator[ChannelConnection]:
            @asynccontextmanager
            async def receive() -> AsyncIterator[Sequence[web.AbstractRouteDef]]:
                yield [web.post("/notes/{person}", self._written(deps))]

            yield ChannelConnection(self, receive)

        @asynccontextmanager
        async def kiosk(settings: Settings) -> AsyncIterator[SandboxTill]:
            path = settings.data_dir / "kiosk.sqlite"
            till = KioskTill(path, b"k" * 32, settings.public_url, utc_now)
            yield till
            await till.close()

        return Channel(
            name=NOTES,
            capabilities=Capabilities(
                buttons=False, pictures=1, edits=False, files=False, message_budget=6
            ),
            connect=connect,
            till=lambda settings: KIOSK,
            tills=(kiosk,),
        )

    def _written(self, deps: ChannelDependencies):
        async def written(request: web.Request) -> web.Response:
            person, body = request.match_info["person"], await request.read()

            async def read(_: Reserve) -> bytes:
                return body

            is_photo = request.content_type == "image/jpeg"
            content = SentPhoto(read) if is_photo else Said(body.decode())
            event = f"notes:{secrets.token_hex(8)}"
            incoming = Incoming(event, Person(NOTES, person, "en"), datetime.now(UTC), content)
            for reply in await deps.dispatcher.handle(incoming):
                await self.send(person, reply)
            await deps.flush_outbox()
            return web.Response()

        return written


@dataclass
class Writer:
    """A person with a notebook."""

    http: ClientSession
    address: str
    book: Notebook
    name: str = "ada"

    @property
    def page(self) -> list[Reply]:
        return self.book.pages.setdefault(self.name, [])

    async def write(self, text: str) -> list[Reply]:
        """Write something, and read what it was answered with, or what came meanwhile."""
        before = len(self.page)
        await self.http.post(f"{self.address}/notes/{self.name}", data=text)
        return self.page[before:]

    async def paste(self, picture: bytes) -> None:
        headers = {"Content-Type": "image/jpeg"}
        await self.http.post(f"{self.address}/notes/{self.name}", data=picture, headers=headers)

    async def reads(self, test: Callable[[Reply], bool]) -> Reply:
        async with asyncio.timeout(30):
            while True:
                for reply in reversed(self.page):
                    if test(reply):
                        return reply
                await asyncio.sleep(0.02)


@pytest.fixture
def book() -> Notebook:
    return Notebook()


@pytest.fixture
def channels(book: Notebook) -> ChannelRegistry:
    """The shipped channels, and this one. The shipped registry itself stays as it is."""
    return ChannelRegistry(*CHANNELS, book.channel())


@pytest.fixture
async def container(env: dict[str, str], channels: ChannelRegistry) -> AsyncIterator[Container]:
    async with open_container(Settings.from_env(env), channels) as container:
        yield container


@pytest.fixture
async def ada(base: str, book: Notebook) -> AsyncIterator[Writer]:
    async with ClientSession() as http:
        yield Writer(http, base, book)


def words(reply: Reply) -> str:
    return reply.caption if isinstance(reply, Show) else reply.text


def says(text: str) -> Callable[[Reply], bool]:
    return lambda reply: text in words(reply)


async def test_a_journey_in_a_channel_of_plain_text(container: Container, ada: Writer):
    till = container.tills[KIOSK]
    assert isinstance(till, KioskTill)
    async with working(container):
        (welcome,) = await ada.write("hello")
        assert EN("welcome-button-begin") in words(welcome)
        await ada.write(EN("welcome-button-begin"))
        await ada.write(EN("terms-button-yes"))
        await ada.write(EN("training-button-yes"))
        await ada.write(EN("subject-button-woman").lower())
        for number in range(20):
            await ada.paste(photo(number))
        await ada.reads(says("20 usable"))

        (bill,) = [one for one in await ada.write("done") if isinstance(one, Invoice)]
        async with container.database.begin() as tx:
            (order,), (user,) = await tx.find(Order), await tx.find(User)
        assert (user.platform, order.till, order.bill) == (NOTES, KIOSK, bill.reference)
        assert (bill.amount, bill.currency) == (order.amount, till.currency)

        notification = await till.pay(bill.reference)
        url = f"{ada.address}/pay/{KIOSK}"
        async with ada.http.post(
            url, data=notification.body, headers=dict(notification.headers)
        ) as told:
            assert told.status == 200

        await ada.reads(says(EN("paid", amount=EN.money(order.amount, order.currency))))
        last = await ada.reads(says(EN("portraits-button-more")))
        await ada.reads(says("Receipt of erasure"))
        shown = [one for one in ada.page if isinstance(one, Show)]
        assert last in shown
        assert [len(one.pictures) for one in shown[-4:]] == [1, 1, 1, 1]

        offer = await ada.write(EN("portraits-button-more"))  # typed instead of pressed
        assert any(f"{EN('portraits-button-more')} · 8 credits" in words(one) for one in offer)
        async with container.database.begin() as tx:
            (charge,) = await tx.find(Charge)
            assert charge.id.startswith(f"{KIOSK}:")
            assert set((await tx.totals()).values()) == {0}
    assert not any(reply.buttons or reply.message_key for reply in ada.page)


def test_its_admins_are_known_and_those_of_no_channel_are_refused(
    channels, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("EIDER_DATA", str(tmp_path))
    monkeypatch.setenv("EIDER_MASTER_KEY", MASTER_KEY_BASE64)
    monkeypatch.setenv("EIDER_ADMINS", "notes:boss,telegram:42")
    monkeypatch.setenv("EIDER_LABEL_KEYS", "none")
    read_settings(os.environ, channels)
    monkeypatch.setenv("EIDER_PORT", "x")
    assert main(["pass", "boss"]) == 2
    told = capsys.readouterr().err
    assert "EIDER_ADMINS" in told  # together with what else is wrong
    assert "EIDER_PORT" in told


def test_its_till_takes_money_and_so_stands_beside_no_sandbox(channels, env):
    """Its rules are in its record: the settings know neither it nor its till."""
    shop = env | {"EIDER_PLAYGROUND": "", "EIDER_TILL": "", "EIDER_LABEL_KEYS": "none"}
    assert read_settings(shop, channels).till == ""
    with pytest.raises(SettingsError, match="no money and cannot stand beside kiosk"):
        read_settings(env, channels)
    (notes,) = channels.enabled(read_settings(shop, channels))
    closed = ChannelRegistry(replace(notes, till=lambda _: "", no_till="EIDER_X: has no coins"))
    with pytest.raises(SettingsError, match="EIDER_X: has no coins"):
        read_settings({**shop, "EIDER_ADMINS": ""}, closed)


def test_two_channels_cannot_have_one_name(book):
    with pytest.raises(ValueError, match="one name"):
        ChannelRegistry(book.channel(), Notebook().channel())
