"""Our calls over the WeChat double, which refuses what WeChat refuses."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.outbound import RetryLater, Unreachable
from bot.wechat.api import WechatApi, open_api
from bot.wechat.errors import AddressNotAllowed, ApiRefused, BudgetSpent, WindowClosed
from shop.settings import Settings
from tests.bot.wechat.account import account
from tests.wechatapi import Account, Person, Wechat, serving
from tests.wechatapi.conftest import jpeg

MENU = {"button": [{"type": "click", "name": "开始", "key": "start"}]}


@pytest.fixture
async def double() -> AsyncIterator[Wechat]:
    env = account()
    names = {"app_id": "APP_ID", "secret": "SECRET", "token": "TOKEN", "aes_key": "AES_KEY"}
    its = Account(**{name: env[f"EIDER_WECHAT_{each}"] for name, each in names.items()})
    async with serving(Wechat(its)) as double:
        yield double


@pytest.fixture
async def api(double: Wechat, redis) -> AsyncIterator[WechatApi]:
    settings = Settings.from_env(account(WECHAT_API_URL=double.url))
    async with open_api(settings, redis) as api:
        yield api


@pytest.fixture
async def ada(double: Wechat) -> Person:
    ada = Person(double)
    await ada.follow()
    await ada.say("你好")
    return ada


async def unbounded(size: int) -> None:
    pass


async def test_every_call_is_one_that_wechat_takes(api, double, ada):
    double.templates["t"] = ("thing1",)
    await api.send_text(ada.openid, '你好 😀 "<&>"\n再见')
    await api.send_image(ada.openid, await api.upload_image(jpeg(), "a.jpg", "image/jpeg"))
    await api.send_template(ada.openid, "t", "https://bot.example/a", {"thing1": "写真"})
    await api.create_menu(MENU)
    assert (await api.get_menu())["button"][0]["key"] == "start"
    ticket, url = await api.create_qrcode("r-abc", 600)
    assert double.qrcodes.find(ticket) == double.qrcodes.find(url)
    forever, _ = await api.create_qrcode("r-abc", 0)
    assert double.qrcodes.find(forever).until is None
    assert await api.callback_addresses() == ["127.0.0.1"]
    photo = await ada.send_photo(jpeg(shade=7))
    assert await api.fetch_media(photo.fields["MediaId"], unbounded, 10**6) == jpeg(shade=7)
    code = double.oauth.issue(ada.openid, "snsapi_base")
    assert await api.oauth_openid(code) == ada.openid
    with pytest.raises(ApiRefused, match="40163"):
        await api.oauth_openid(code)
    double.problems.remove("sns/oauth2/access_token: 40163 code been used")
    assert double.problems == []
    assert double.tokens.fetched == 1
    text, picture, template = ada.seen()
    assert (text.text, picture.data) == ('你好 😀 "<&>"\n再见', jpeg())
    assert template.text == "thing1: 写真\nhttps://bot.example/a"


async def test_each_refusal_is_told_apart(api, double, ada):
    for _ in range(5):
        await api.send_text(ada.openid, "x")
    with pytest.raises(BudgetSpent):
        await api.send_text(ada.openid, "x")
    double.clock.forward(hours=48)
    with pytest.raises(WindowClosed):
        await api.send_text(ada.openid, "x")
    with pytest.raises(Unreachable):
        await api.send_text(Person(double).openid, "x")
    for code in (-1, 45009, 45011):
        double.fail("message/custom/send", code)
        with pytest.raises(RetryLater):
            await api.send_text(ada.openid, "x")
    double.drop("message/custom/send")
    with pytest.raises(ConnectionError):
        await api.send_text(ada.openid, "x")


@pytest.mark.parametrize("end", ["expire", "revoke"])
async def test_a_token_that_ends_in_mid_flight_is_renewed_once_for_all(api, double, ada, end):
    double.paid(ada.openid)
    await api.send_text(ada.openid, "first")
    getattr(double.tokens, end)()
    await asyncio.gather(*(api.send_text(ada.openid, f"{n}") for n in range(20)))
    assert double.tokens.fetched == 2
    assert sorted(ada.texts()) == sorted(["first", *map(str, range(20))])
    assert double.problems == []


async def test_an_address_that_is_not_allowed_asks_once_a_call(api, double, ada):
    double.allowed = {"10.0.0.1"}
    for _ in range(3):
        with pytest.raises(AddressNotAllowed):
            await api.send_text(ada.openid, "x")
    assert len(double.made("stable_token", well=False)) == 3
    assert double.tokens.fetched == 0
