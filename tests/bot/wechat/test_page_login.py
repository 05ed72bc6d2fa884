"""OAuth as WeChat wants it, and where its pages may sell."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.outbound import RetryLater, Unreachable
from bot.wechat.errors import ApiRefused
from bot.wechat.page_login import may_sell, wechat_page_login
from shop.errors import Unavailable

APP = "wx0123456789abcdef"
BACK = "https://eider.example/album/abc.1f.tag/in"


class Codes:
    """The account's API, as far as it knows codes."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer

    async def oauth_openid(self, code: str) -> str:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_address_is_as_wechat_matches_it():
    login = wechat_page_login(Codes("oAda"), APP)
    assert login.authorize is not None
    address = login.authorize(BACK, "00ff")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.path) == (
        "https", "open.weixin.qq.com", "/connect/oauth2/authorize"
    )  # fmt: skip
    assert parse_qsl(parts.query) == [
        ("appid", APP), ("redirect_uri", BACK), ("response_type", "code"),
        ("scope", "snsapi_base"), ("state", "00ff"),
    ]  # fmt: skip
    assert parts.fragment == "wechat_redirect"
    assert "https%3A%2F%2Feider.example%2Falbum%2F" in address


async def test_a_code_names_an_openid():
    assert await wechat_page_login(Codes("oAda"), APP).redeem("code") == "oAda"


@pytest.mark.parametrize("code", [40029, 40163, 41008, 42003])
async def test_a_code_that_is_none_names_nobody(code):
    assert await wechat_page_login(Codes(ApiRefused(code)), APP).redeem("code") is None


@pytest.mark.parametrize(
    "trouble",
    [ApiRefused(40001), ApiRefused(48001), ConnectionError(), RetryLater(5.0), Unreachable(),
     Unavailable("redis")],
)  # fmt: skip
async def test_when_wechat_does_not_say_nobody_is_refused_for_it(trouble):
    with pytest.raises(Unavailable):
        await wechat_page_login(Codes(trouble), APP).redeem("code")


ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240501 MicroMessenger/8.0.50"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/zh_CN"
)


@pytest.mark.parametrize(
    ("browser", "sells"),
    [
        (ANDROID, True), (IPHONE, False), (IPHONE.replace("iPhone", "iPad"), False),
        (IPHONE.replace("MicroMessenger", "Safari"), True), ("", True),
        ("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20.1781 WindowsWechat", True),
    ],
)  # fmt: skip
def test_nothing_is_sold_in_wechat_on_ios(browser, sells):
    assert may_sell(browser) is sells
    assert wechat_page_login(Codes("oAda"), APP).sells(browser) is sells
