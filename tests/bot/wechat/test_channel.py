"""The channel in the real container: callbacks in, customer-service messages out."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.__main__ import main
from bot.container import Container, read_settings
from bot.wechat.callback import PATH
from handlers.texts import texts
from shop.records import OutboxMessage, OutboxState, Photo, PhotoState, User
from shop.settings import Settings, SettingsError
from tests.bot.telegram.journey_steps import photo, working
from tests.bot.wechat.account import FakeWechat, account
from tests.bot.wechat.posting import ADA, NOW, Poster, event, image, text

ZH = texts("zh_CN")
SEND = "/cgi-bin/message/custom/send"
DOMAIN_FILE = "MP_verify_0123456789abcdef.txt"


@pytest.fixture
def env(env: dict[str, str], wechat_url: str) -> dict[str, str]:
    ours = account(WECHAT_API_URL=wechat_url, WECHAT_DOMAIN_FILE=DOMAIN_FILE)
    admins = {"EIDER_ADMINS": f"wechat:{ADA}"}
    return {**env, **ours, **admins, "EIDER_PLAYGROUND": "", "EIDER_LABEL_KEYS": "none"}


class Ada:
    """A person in WeChat."""

    def __init__(self, poster: Poster, wechat: FakeWechat) -> None:
        self.poster = poster
        self.wechat = wechat

    async def does(self, xml: str) -> str:
        """The text of the passive reply; "" for none."""
        now = str(int(time.time()))
        self.poster.timestamp = int(now)
        xml = xml.replace(f"[CDATA[{NOW}]", f"[CDATA[{now}]")
        for _ in range(4):  # as often as WeChat posts what was not acknowledged
            status, answer = await self.poster.post(xml)
            if status == 200:
                break
        assert status == 200, answer
        return answer.partition("<Content><![CDATA[")[2].partition("]]></Content>")[0]

    async def says(self, words: str) -> str:
        return await self.does(text(words))

    @property
    def messages(self) -> list[str]:
        return [call.json["text"]["content"] for call in self.wechat.made(SEND)]


@pytest.fixture
async def ada(base: str, wechat: FakeWechat) -> AsyncIterator[Ada]:
    async with ClientSession() as http:
        yield Ada(Poster(http, base + PATH, "safe"), wechat)


async def test_twenty_photos_cost_one_message(container: Container, ada: Ada):
    async with working(container):
        assert ZH("welcome-button-begin") in await ada.does(event("subscribe"))
        await ada.says(ZH("welcome-button-begin"))
        await ada.says(ZH("terms-button-yes"))
        await ada.says(ZH("training-button-yes"))
        await ada.says(ZH("subject-button-woman"))
        assert ada.messages == []
        for number in range(20):
            ada.wechat.plan("/cgi-bin/media/get", photo(number))
            assert await ada.does(image(f"media-{number}")) == ""
        async with asyncio.timeout(60):
            while not ada.messages:
                await asyncio.sleep(0.05)
        async with container.database.begin() as tx:
            found = await tx.find(Photo)
            (user,) = await tx.find(User)
        assert len([one for one in found if one.state is PhotoState.ACCEPTED]) == 20
        assert (user.platform, user.platform_id, user.language) == ("wechat", ADA, "zh_CN")
        await settled(container)
        (message,) = ada.messages
        assert ZH("tally-head", sent=20, accepted=20) in message


async def settled(container: Container) -> None:
    """Until the outbox has nothing more to do."""
    async with asyncio.timeout(30):
        while True:
            async with container.database.begin() as tx:
                rows = await tx.find(OutboxMessage)
            if all(one.state is OutboxState.DONE for one in rows):
                return
            await asyncio.sleep(0.05)


async def test_words_after_photos_know_of_all_of_them(container: Container, ada: Ada):
    async with working(container):
        await ada.does(event("subscribe"))
        for key in ("welcome-button-begin", "terms-button-yes", "training-button-yes"):
            await ada.says(ZH(key))
        await ada.says(ZH("subject-button-woman"))
        for number in range(12):
            ada.wechat.plan("/cgi-bin/media/get", photo(number))
            await ada.does(image(f"media-{number}"))
        await ada.says(ZH("photos-button-done"))
        async with container.database.begin() as tx:
            assert await tx.count(Photo) == 12


async def test_somebody_who_unfollows_is_not_written_to_and_is_welcome_again(
    container: Container, ada: Ada
):
    await ada.does(event("subscribe"))
    assert await ada.does(event("unsubscribe")) == ""
    async with container.database.begin() as tx:
        (user,) = await tx.find(User)
    assert user.unreachable
    later = event("subscribe", CreateTime=str(NOW + 1))
    assert ZH("welcome-button-begin") in await ada.does(later)
    async with container.database.begin() as tx:
        (user,) = await tx.find(User)
    assert not user.unreachable


async def test_an_admin_is_known_by_their_openid(container: Container, ada: Ada):
    await ada.does(event("subscribe"))
    assert ZH("odd-text") not in await ada.says("/queue")
    stranger = await ada.does(text("/queue", FromUserName=ADA.swapcase()))
    assert ZH("welcome-button-begin") in stranger


async def test_the_domains_file_is_served(container: Container, ada: Ada, base: str):
    async with ada.poster.http.get(f"{base}/{DOMAIN_FILE}") as answer:
        assert (answer.status, await answer.text()) == (200, "0123456789abcdef")


def test_without_a_way_to_pay_it_does_not_start(env: dict[str, str]):
    with pytest.raises(SettingsError, match="EIDER_WECHATPAY_MERCHANT_ID: is missing"):
        read_settings({**env, "EIDER_TILL": ""})
    assert read_settings(env).wechat_app_id
    assert Settings.from_env(env).admins == {f"wechat:{ADA}"}


def test_the_operator_without_an_account_is_told(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], capsys: pytest.CaptureFixture[str]
):
    for name, value in env.items():
        monkeypatch.setenv(name, "" if "WECHAT" in name or "ADMINS" in name else value)
    monkeypatch.setenv("EIDER_PLAYGROUND", "yes")
    assert main(["wechat", "check"]) == 2
    assert "EIDER_WECHAT_APP_ID" in capsys.readouterr().out
