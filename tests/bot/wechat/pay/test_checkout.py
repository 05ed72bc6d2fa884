"""The checkout page: who may pay where, and what it never shows."""

import html
import json
import re
from dataclasses import replace
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest
import segno
from PIL import Image

from bot.wechat import WECHAT
from bot.wechat.pay.checkout_link import PATH, CheckoutLink
from bot.wechat.qr import qr_png
from handlers import limits
from handlers.texts import every
from shop.feature_flags import SALES
from shop.orders import orders
from shop.people import users
from shop.records import FeatureFlag, LinkedChat, OrderState, User, new_id
from tests.bot.wechat.account import APP_ID
from tests.bot.wechat.pay.agents import ANDROID, DESK, IPAD, IPHONE, SAFARI
from tests.bot.wechat.pay.purchases import billed, now_of
from tests.channels import TELEGRAM
from tests.wechatpay.keys import is_signed
from tests.wechatpay.stand import PAYER

OAUTH = "/sns/oauth2/access_token"
CODE = "061wXyGa1nKvNH0Zx2Ia1234"
PRICE = re.compile(r"9[.,]90|¥|￥|yuan|元")


@pytest.fixture
async def order(container, base):
    return await billed(container)


@pytest.fixture
def links(container):
    return CheckoutLink(container.settings.signing_key, container.settings.public_url)


class Browser:
    """Opens pages as that browser, without following where it is sent."""

    def __init__(self, http, agent, language="en"):
        self._http = http
        self._headers = {"User-Agent": agent, "Accept-Language": language}

    async def open(self, url):
        async with self._http.get(url, headers=self._headers, allow_redirects=False) as answer:
            return answer, await answer.text()


def parameters(page):
    found = re.search(r'data-parameters="([^"]*)"', page)
    return json.loads(html.unescape(found[1])) if found else None


def says(wechat, *openids):
    wechat.plan(OAUTH, *({"access_token": "t", "openid": one} for one in openids))


class TestInWechat:
    async def test_who_is_looking_is_asked_first(self, http, links, order, wechat):
        answer, _ = await Browser(http, ANDROID).open(links.url(order.id))
        assert answer.status == 302
        to = urlsplit(answer.headers["Location"])
        assert (to.netloc, to.path, to.fragment) == (
            "open.weixin.qq.com", "/connect/oauth2/authorize", "wechat_redirect",
        )  # fmt: skip
        query = {name: value for name, (value,) in parse_qs(to.query).items()}
        assert query == {
            "appid": APP_ID, "redirect_uri": links.url(order.id), "response_type": "code",
            "scope": "snsapi_base", "state": "1",
        }  # fmt: skip
        assert list(query) == ["appid", "redirect_uri", "response_type", "scope", "state"]

    async def test_the_owner_gets_the_button_and_pays(
        self, container, http, links, order, wechat, double
    ):
        says(wechat, PAYER)
        answer, page = await Browser(http, ANDROID).open(links.url(order.id, code=CODE, state="1"))
        assert answer.status == 200
        assert "Pay ¥9.90 by WeChat" in page
        assert wechat.made(OAUTH)[0].query["code"] == CODE
        given = parameters(page)
        signed = [given[one] for one in ("appId", "timeStamp", "nonceStr", "package")]
        assert is_signed(double.keys.merchant.public_key(), given["paySign"], *signed)
        double.pay(given["package"].removeprefix("prepay_id="), PAYER)
        await double.notices.post_due()
        assert (await now_of(container, order)).state is OrderState.PAID
        answer, page = await Browser(http, ANDROID).open(links.url(order.id))
        assert (answer.status, "Paid" in page) == (200, True), "and nobody is asked who looks"

    async def test_nobody_else_gets_it(self, http, links, order, wechat, double):
        says(wechat, "o-somebody-else")
        answer, page = await Browser(http, ANDROID).open(links.url(order.id, code=CODE, state="1"))
        assert answer.status == 403
        assert parameters(page) is None
        assert not PRICE.search(page)
        assert not [one for one in double.calls if "jsapi" in one]

    async def test_every_wechat_chat_of_the_owner_may_pay_wherever_they_spoke_last(
        self, container, http, links, order, wechat, double
    ):
        async with container.database.begin() as tx:
            owner = await users.lock(tx, order.user_id)
            now = await tx.now()
            for channel, id in ((WECHAT, PAYER), (WECHAT, "o-their-second"), (TELEGRAM, "7")):
                address = users.address(channel, id)
                await tx.add(LinkedChat(address, owner.id, channel, id, "", now))
            await tx.put(replace(owner, platform=TELEGRAM, platform_id="7"))
        before = len(double.calls)
        says(wechat, "o-somebody-else", PAYER, "o-their-second")
        url = links.url(order.id, code=CODE, state="1")
        answer, page = await Browser(http, ANDROID).open(url)
        assert (answer.status, parameters(page)) == (403, None)
        assert len(double.calls) == before, "a stranger asks WeChat Pay for nothing"
        for _ in range(2):
            answer, page = await Browser(http, ANDROID).open(url)
            assert answer.status == 200
            assert parameters(page)

    async def test_where_the_owner_has_no_wechat_chat_the_code_alone_is_shown(
        self, container, http, links, order, wechat, double
    ):
        async with container.database.begin() as tx:
            owner = await users.lock(tx, order.user_id)
            await tx.put(replace(owner, platform=TELEGRAM, platform_id="7"))
        before = len(double.calls)
        says(wechat, PAYER)
        url = links.url(order.id, code=CODE, state="1")
        answer, page = await Browser(http, ANDROID).open(url)
        assert (answer.status, parameters(page)) == (403, None)
        assert len(double.calls) == before
        answer, page = await Browser(http, DESK).open(url)
        assert (answer.status, "<svg" in page) == (200, True)

    async def test_a_code_that_was_used_is_asked_for_once_more_and_no_more(
        self, http, links, order, wechat
    ):
        """A reload; and a login that never works ends with a sentence, not in a circle."""
        browser = Browser(http, ANDROID)
        wechat.plan(OAUTH, *({"errcode": 40163, "errmsg": "code been used"} for _ in range(2)))
        answer, _ = await browser.open(links.url(order.id, code=CODE, state="1"))
        assert answer.status == 302
        assert "state=2" in answer.headers["Location"]
        answer, page = await browser.open(links.url(order.id, code=CODE, state="2"))
        assert answer.status == 503
        assert "Nothing was charged" in page
        for turn in ("7", "-1", "x", "１", ""):
            answer, page = await browser.open(links.url(order.id, state=turn))
            assert answer.status == 503

    async def test_when_wechat_does_not_answer_nothing_is_charged(
        self, http, links, order, wechat, double
    ):
        wechat.plan(OAUTH, {"errcode": -1, "errmsg": "system error"})
        answer, page = await Browser(http, ANDROID).open(links.url(order.id, code=CODE, state="1"))
        assert (answer.status, "Nothing was charged" in page) == (503, True)
        says(wechat, PAYER)
        double.faults.status = 502
        answer, page = await Browser(http, ANDROID).open(links.url(order.id, code=CODE, state="1"))
        assert (answer.status, "Nothing was charged" in page) == (503, True)


def scanned(picture):
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return text


class TestAtADesk:
    async def test_the_code_is_shown_and_can_be_scanned(self, http, links, order, double):
        answer, page = await Browser(http, DESK).open(links.url(order.id))
        assert answer.status == 200
        assert "¥9.90" in page
        (code,) = [one.code for one in double.trades.trades.values()]
        drawn = segno.make_qr(code, error="m").svg_inline(border=4, omitsize=True)
        assert drawn in page, "the code of this bill and no other"
        assert "<script>" not in page
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "frame-src weixin:" in policy
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]

    async def test_a_bills_picture_for_the_chat_can_be_scanned(self):
        for url in (
            "weixin://wxpay/bizpayurl?pr=abcDEF123",
            "https://eider.example/x?" + "y" * 120,
        ):
            data = qr_png(url)
            picture = Image.open(BytesIO(data))
            assert picture.format == "PNG"
            assert picture.width == picture.height >= 480
            assert scanned(np.asarray(picture.convert("RGB"))) == url

    async def test_a_paid_one_that_nobody_has_told_us_of_is_not_paid_again(
        self, http, links, order, double
    ):
        double.pay_number(order.bill, PAYER)
        answer, page = await Browser(http, DESK).open(links.url(order.id))
        assert answer.status == 200
        assert "<svg" not in page
        assert not PRICE.search(page)


@pytest.mark.parametrize("agent", [IPHONE, IPAD, SAFARI], ids=["iphone", "ipad", "safari"])
async def test_on_ios_no_price_stands_anywhere(container, http, links, order, double, agent):
    before = len(double.calls)
    for words in every():
        async with container.database.begin() as tx:
            owner = await tx.get(User, order.user_id)
            await tx.put(replace(owner, language=words.language))
        answer, page = await Browser(http, agent).open(links.url(order.id))
        assert answer.status == 200
        assert not PRICE.search(page)
        assert html.escape(words("wechatpay-elsewhere-note")) in page
        assert "Android" in page or "安卓" in page or "안드로이드" in page, "where to buy"
    assert len(double.calls) == before, "nothing is opened"


@pytest.mark.parametrize("agent", [ANDROID, DESK], ids=["wechat", "desk"])
class TestWhatCannotBePaid:
    async def test_another_link(self, http, base, links, order, agent):
        good = links.token(order.id)
        for token in ("", good[:-1], new_id(), links.token(new_id()), "x" * 500, "%00"):
            answer, page = await Browser(http, agent).open(f"{base}{PATH}?bill={token}")
            assert answer.status == 404
            assert "There is no such bill" in page
            answer, _ = await Browser(http, agent).open(f"{base}{PATH}/state?bill={token}")
            assert answer.status == 404

    async def test_a_cancelled_order(self, container, http, links, order, double, agent):
        async with container.database.begin() as tx:
            await orders.cancel(tx, order, await tx.now())
        before = len(double.calls)
        answer, page = await Browser(http, agent).open(links.url(order.id))
        assert (answer.status, "This bill is closed" in page) == (200, True)
        assert not PRICE.search(page)
        assert len(double.calls) == before

    async def test_an_order_of_somebody_who_was_erased(self, container, http, links, order, agent):
        async with container.database.begin() as tx:
            owner = await tx.get(User, order.user_id)
            await tx.put(replace(owner, erased_at=container.clock()))
        answer, _ = await Browser(http, agent).open(links.url(order.id))
        assert answer.status == 404

    async def test_while_sales_are_paused(self, container, http, links, order, wechat, agent):
        async with container.database.begin() as tx:
            await tx.add(FeatureFlag(SALES, False, "boss", await tx.now()))
        says(wechat, PAYER)
        answer, page = await Browser(http, agent).open(links.url(order.id, code=CODE, state="1"))
        assert answer.status == 200
        assert "It cannot be paid now" in page
        assert parameters(page) is None
        assert "<svg" not in page


async def test_the_page_asks_until_it_is_paid(container, http, base, links, order, double):
    state = f"{base}{PATH}/state?bill={links.token(order.id)}"

    async def said():
        async with http.get(state) as answer:
            return (await answer.json())["state"]

    assert await said() == "awaiting"
    double.pay_number(order.bill, PAYER)
    await double.notices.post_due()
    assert await said() == "paid"


async def test_asking_is_counted_by_bill_and_address(http, base, links, order, monkeypatch):
    monkeypatch.setattr(limits, "PAGES", limits.Limit("pages", 2, limits.HOUR))
    state = f"{base}{PATH}/state?bill={links.token(order.id)}"
    for status in (200, 200, 429):
        async with http.get(state) as answer:
            assert answer.status == status
            waits = answer.headers.get("Retry-After")
    assert int(waits) >= 1
    answer, _ = await Browser(http, DESK).open(links.url(order.id))
    assert answer.status == 200, "the page itself is counted apart"


async def test_so_many_calls_to_wechat_pay_and_strangers_use_up_none_of_the_owners(
    http, links, order, wechat, double, monkeypatch
):
    monkeypatch.setattr(limits, "BILLS", limits.Limit("bills", 2, limits.HOUR))
    for _ in range(2):
        answer, _ = await Browser(http, DESK).open(links.url(order.id))
        assert answer.status == 200
    before = len(double.calls)
    answer, page = await Browser(http, DESK).open(links.url(order.id))
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "a great many bills" in page
    assert len(double.calls) == before
    url = links.url(order.id, code=CODE, state="1")
    for status in (200, 200, 429):
        says(wechat, PAYER)
        answer, page = await Browser(http, ANDROID).open(url)
        assert (answer.status, parameters(page) is not None) == (status, status == 200)


async def test_its_files_are_served(http, base):
    for name, kind in (
        ("checkout.css", "text/css"),
        ("checkout.js", "javascript"),
        ("eider.svg", "svg"),
    ):
        async with http.get(f"{base}{PATH}/static/{name}") as answer:
            assert answer.status == 200
            assert kind in answer.content_type
