"""The double judged: by the library that merchants use, and by what WeChat Pay refuses."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from wechatpayv3.async_ import AsyncWeChatPay
from wechatpayv3.async_.type import RequestType, WeChatPayType
from wechatpayv3.async_.utils import build_authorization

from tests.conftest import SetClock
from tests.wechatapi.conftest import hosted
from tests.wechatpay.__main__ import arguments, reach_of
from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.keys import new_key, private_pem, public_pem
from tests.wechatpay.notices import RETRY_SECONDS
from tests.wechatpay.records import CannotPay
from tests.wechatpay.stand import open_double

NOTIFY = "https://shop.example/pay"


@pytest.fixture
async def double(clock: SetClock) -> AsyncIterator[PayDouble]:
    async with open_double(clock) as double:
        yield double


@pytest.fixture
async def merchant(double: PayDouble) -> AsyncIterator[AsyncWeChatPay]:
    """WeChat Pay's library for merchants, as it comes, but for the host."""
    keys = double.keys
    library = AsyncWeChatPay(
        WeChatPayType.NATIVE, double.merchant_id, private_pem(keys.merchant), keys.serial,
        double.app_id, keys.api_v3_key, NOTIFY,
        public_key=public_pem(keys.platform), public_key_id=keys.public_key_id,
    )  # fmt: skip
    async with library:
        library._core._gate_way = double.base_url
        yield library


async def place(merchant: AsyncWeChatPay, number: str = "ticket-1", **more: Any) -> tuple[int, Any]:
    terms = {"description": "票", "out_trade_no": number, "amount": {"total": 100}} | more
    status, said = await merchant.pay(**terms)
    return status, json.loads(said)


async def refund(merchant: AsyncWeChatPay, charge: str, number: str, amount: int = 100) -> Any:
    given = {"refund": amount, "total": 100, "currency": "CNY"}
    status, said = await merchant.refund(number, given, transaction_id=charge)
    return status, json.loads(said)


async def test_the_library_buys_queries_refunds_and_closes(
    merchant: AsyncWeChatPay, double: PayDouble, clock: SetClock
) -> None:
    """It verifies every answer, and would raise."""
    status, said = await place(merchant)
    assert status == 200
    trade = double.pay(said["code_url"], "o-ada")
    status, text = await merchant.query(out_trade_no="ticket-1")
    found = json.loads(text)
    assert (found["trade_state"], found["payer"]) == ("SUCCESS", {"openid": "o-ada"})
    status, text = await merchant.query(transaction_id=trade.transaction_id)
    assert json.loads(text) == found
    assert (await refund(merchant, trade.transaction_id, "r1"))[1]["status"] == "PROCESSING"
    clock.forward(minutes=1)
    status, text = await merchant.query_refund("r1")
    assert json.loads(text)["status"] == "SUCCESS"
    assert (await place(merchant, "ticket-2"))[0] == 200
    assert (await merchant.close("ticket-2"))[0] == 204
    status, text = await merchant.query(out_trade_no="ticket-2")
    assert json.loads(text)["trade_state"] == "CLOSED"


async def test_the_library_opens_its_notifications(
    merchant: AsyncWeChatPay, double: PayDouble, clock: SetClock
) -> None:
    _, said = await place(merchant)
    trade = double.pay(said["code_url"], "o-ada")
    await refund(merchant, trade.transaction_id, "r1")
    double.settle(double.trades.refunds["r1"], "ABNORMAL")
    told = []
    for notice in double.notices.all:
        headers = double.notices.headers(notice.body)
        headers["Wechatpay-Signature-Type"] = "WECHATPAY2-SHA256-RSA2048"
        opened = merchant.callback(headers, notice.body)
        told.append((opened["event_type"], opened["resource"]["transaction_id"]))
        assert not merchant.callback(headers | {"Wechatpay-Nonce": "x"}, notice.body)
    assert told == [
        ("TRANSACTION.SUCCESS", trade.transaction_id),
        ("REFUND.ABNORMAL", trade.transaction_id),
    ]


async def test_the_library_downloads_a_days_bill(
    merchant: AsyncWeChatPay, double: PayDouble, clock: SetClock
) -> None:
    _, said = await place(merchant)
    double.pay(said["code_url"])
    day = f"{clock():%Y-%m-%d}"
    assert json.loads((await merchant.trade_bill(day))[1])["code"] == "STATEMENT_CREATING"
    clock.forward(days=1, hours=3)
    status, text = await merchant.trade_bill(day, tar_type="")
    status, data = await merchant.download_bill(json.loads(text)["download_url"])
    assert status == 200
    assert "ticket-1" in data.decode()
    _, text = await merchant.trade_bill(f"{clock() - timedelta(days=9):%Y-%m-%d}")
    assert json.loads(text)["code"] == "NO_STATEMENT_EXIST"
    _, text = await merchant.trade_bill(f"{clock() - timedelta(days=99):%Y-%m-%d}")
    assert json.loads(text)["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": "five5"}, "PARAM_ERROR"),
        ({"number": "x" * 33}, "PARAM_ERROR"),
        ({"number": "ticket 1"}, "PARAM_ERROR"),
        ({"description": "票" * 43}, "PARAM_ERROR"),
        ({"amount": {"total": 0}}, "PARAM_ERROR"),
        ({"amount": {"total": "100"}}, "PARAM_ERROR"),
        ({"amount": {"total": 1.0}}, "PARAM_ERROR"),
        ({"amount": {"total": 100, "currency": "USD"}}, "PARAM_ERROR"),
        ({"notify_url": "https://shop.example/pay?x=1"}, "PARAM_ERROR"),
        ({"notify_url": "http://shop.example/pay"}, "PARAM_ERROR"),
        ({"time_expire": "tomorrow"}, "PARAM_ERROR"),
        ({"time_expire": "2026-03-14T00:00:00+08:00"}, "PARAM_ERROR"),
        ({"time_expire": "2027-03-14T00:00:00+08:00"}, "PARAM_ERROR"),
        ({"attach": "a" * 129}, "PARAM_ERROR"),
        ({"appid": "wxffffffffffffffff"}, "APPID_MCHID_NOT_MATCH"),
        ({"mchid": "1900000110"}, "MCH_NOT_EXISTS"),
        ({"pay_type": WeChatPayType.JSAPI, "payer": {"openid": ""}}, "PARAM_ERROR"),
    ],
    ids=str,
)
async def test_what_it_does_not_place(
    merchant: AsyncWeChatPay, double: PayDouble, wrong: dict[str, Any], code: str
) -> None:
    status, said = await place(merchant, **wrong)
    assert (status, said["code"]) == (400, code)
    assert double.trades.trades == {}


async def test_a_number_is_one_bill_on_one_set_of_terms(
    merchant: AsyncWeChatPay, double: PayDouble, clock: SetClock
) -> None:
    _, first = await place(merchant)
    assert (await place(merchant))[1] == first
    assert (await place(merchant, amount={"total": 99}))[1]["code"] == "OUT_TRADE_NO_USED"
    clock.forward(hours=2)
    _, again = await place(merchant)
    assert again != first
    with pytest.raises(CannotPay):
        double.pay(first["code_url"])
    double.pay(again["code_url"])
    with pytest.raises(CannotPay):
        double.pay(again["code_url"])
    assert (await place(merchant))[1]["code"] == "ORDERPAID"
    status, said = await merchant.close("ticket-1")
    assert (status, json.loads(said)["code"]) == (400, "ORDERPAID")
    await place(merchant, "ticket-2")
    await merchant.close("ticket-2")
    assert (await place(merchant, "ticket-2"))[1]["code"] == "ORDER_CLOSED"
    clock.forward(days=7)
    for ask in (merchant.query(out_trade_no="ticket-9"), merchant.close("ticket-9")):
        status, said = await ask
        assert (status, json.loads(said)["code"]) == (404, "ORDER_NOT_EXIST")


async def test_what_it_does_not_refund(
    merchant: AsyncWeChatPay, double: PayDouble, clock: SetClock
) -> None:
    _, said = await place(merchant)
    charge = double.pay(said["code_url"]).transaction_id
    double.trades.refund_seconds = 0

    async def refused(number: str, amount: int, of: str = charge) -> str:
        return str((await refund(merchant, of, number, amount))[1].get("code"))

    assert await refused("r0", 1, "4200unknown") == "RESOURCE_NOT_EXISTS"
    assert await refused("r0", 101) == await refused("r0", 0) == "INVALID_REQUEST"
    assert await refused("r 0", 1) == await refused("r" * 65, 1) == "PARAM_ERROR"
    double.trades.balance = 0
    assert await refused("r0", 1) == "NOT_ENOUGH"
    double.trades.balance = None
    for number in range(50):
        assert (await refund(merchant, charge, f"r{number}", 1))[0] == 200
        assert await refused(f"r{number}", 2) == "INVALID_REQUEST", "another amount"
        if number == 0:
            assert await refused("r1", 1) == "FREQUENCY_LIMITED"
        clock.forward(minutes=1)
    assert await refused("r50", 1) == "INVALID_REQUEST", "fifty parts"
    assert (await refund(merchant, charge, "r0", 1))[0] == 200, "and the first is the first"
    status, said = await merchant.query_refund("r99")
    assert (status, json.loads(said)["code"]) == (404, "RESOURCE_NOT_EXISTS")


class TestSignatures:
    async def ask(self, double: PayDouble, http: Any, *, signed_path: str = "", **more: Any) -> Any:
        path = f"/v3/pay/transactions/out-trade-no/ticket-1?mchid={double.merchant_id}"
        keys = double.keys
        given = {
            "path": signed_path or path, "method": RequestType.GET.value,
            "mchid": double.merchant_id, "serial_no": keys.serial, "private_key": keys.merchant,
        } | more  # fmt: skip
        authorization = build_authorization(**given)
        async with http.get(
            double.base_url + path,
            headers={"Authorization": authorization, "Accept": "application/json"},
        ) as answer:
            return (await answer.json())["code"]

    async def test_each_part_is_looked_at(self, double: PayDouble) -> None:
        from aiohttp import ClientSession

        async with ClientSession() as http:
            assert await self.ask(double, http) == "ORDER_NOT_EXIST"
            for wrong in (
                {"private_key": new_key()}, {"mchid": "1900000110"}, {"serial_no": "00"},
                {"method": "POST"}, {"signed_path": "/v3/certificates"}, {"data": "x"},
            ):  # fmt: skip
                assert await self.ask(double, http, **wrong) == "SIGN_ERROR"
            assert await self.ask(double, http, nonce_str="n1") == "ORDER_NOT_EXIST"
            assert await self.ask(double, http, nonce_str="n1") == "SIGN_ERROR", "used"
            now = double.wall()
            double.wall = lambda: now + 301
            assert await self.ask(double, http) == "SIGN_ERROR"


async def test_a_public_address_is_reached_here_and_named_as_the_host(
    merchant: AsyncWeChatPay, double: PayDouble
) -> None:
    asked: list[tuple[str, str]] = []

    async def hear(request: web.Request) -> web.Response:
        asked.append((request.host, request.path))
        return web.Response(status=204)

    async with hosted(hear) as here:
        given = ["--reach", f"https://shop.example={here}"]
        double.notices.reach = reach_of(arguments(given))
        _, said = await place(merchant)
        double.pay(said["code_url"])
        (notice,) = await double.notices.post_due()
    url = urlsplit(notice.url)
    assert (notice.answers, asked) == ([204], [("shop.example", url.path)])


async def test_notifications_repeat_for_a_day_until_they_are_taken(
    merchant: AsyncWeChatPay, double: PayDouble, clock: SetClock
) -> None:
    assert sum(RETRY_SECONDS) == timedelta(hours=24, minutes=4).total_seconds()
    _, said = await place(merchant)
    double.pay(said["code_url"])
    double.notices.faults.lost = 99
    for wait in (0, *RETRY_SECONDS):
        clock.forward(seconds=wait - 1)
        assert wait == 0 or double.notices.pending() == []
        clock.forward(seconds=1)
        (notice,) = await double.notices.post_due()
    assert notice.tries == len(RETRY_SECONDS) + 1
    clock.forward(days=30)
    assert double.notices.pending() == []
