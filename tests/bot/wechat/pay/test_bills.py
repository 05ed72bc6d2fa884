"""Bills: their terms, numbers and codes; renewed, replaced, closed; and answers that are lost."""

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs

from bot.wechat.pay.bills import LONGEST_DESCRIPTION, shortened
from bot.wechat.pay.checkout_link import CheckoutLink
from bot.wechat.pay.gateway import open_gateway
from bot.wechat.pay.till import WechatPayTill
from bot.wechat.pay.trade_numbers import LAST, TradeKind, TradeNumber, order_of
from shop.errors import AlreadyPaid, TillError
from shop.records import OrderId, new_id
from tests.wechatpay.keys import is_signed
from tests.wechatpay.records import CannotPay
from tests.wechatpay.stand import PAYER, open_stand


def terms(stand, kind="NATIVE"):
    return [one.terms for one in stand.double.trades.trades.values() if one.kind == kind]


@asynccontextmanager
async def restart(stand):
    """Another process's till at the same merchant."""
    async with open_gateway(stand.settings, stand.clock) as gateway:
        yield WechatPayTill(gateway, stand.settings, stand.clock)


async def test_a_bill_has_the_orders_terms(stand, owed):
    bill = await stand.till.bill(owed, "绒鸭 · 数字分身一个")
    (said,) = terms(stand)
    assert said == {
        "appid": stand.double.app_id,
        "mchid": stand.double.merchant_id,
        "description": "绒鸭 · 数字分身一个",
        "out_trade_no": bill.reference,
        "time_expire": "2026-03-15T17:31:53+08:00",  # a day after it was touched, and five minutes
        "notify_url": "https://eider.example/pay/wechat",
        "amount": {"total": 990, "currency": "CNY"},
    }
    assert datetime.fromisoformat(said["time_expire"]) == owed.touched_at + timedelta(
        hours=24, minutes=5
    )
    assert bill.qr_content.startswith("weixin://wxpay/bizpayurl?pr=")


async def test_its_page_is_named_by_a_signed_link(stand, owed):
    bill = await stand.till.bill(owed, "A")
    page = urlsplit(bill.pay_url)
    assert (page.netloc, page.path) == ("eider.example", "/pay/wechat/checkout")
    (token,) = parse_qs(page.query)["bill"]
    links = CheckoutLink(stand.settings.signing_key, stand.settings.public_url)
    assert links.order_of(token) == owed.id
    for other in (token[:-1], token[:-1] + "!", "1" + token[1:], "", "é", token + "\n"):
        assert links.order_of(other) is None
    assert CheckoutLink(bytes(32), stand.settings.public_url).order_of(token) is None


def test_numbers_say_whose_they_are():
    for id in (new_id(), "0" * 32, "f" * 32):
        for kind in TradeKind:
            for turn in (1, 9, 99, LAST):
                number = str(TradeNumber(OrderId(id), kind, turn))
                assert re.fullmatch(r"[0-9a-z]{27,31}", number)
                assert order_of(number) == id
    for foreign in ("order-4711", "Z" * 25 + "n1", "z" * 25 + "n1", "0" * 25 + "n0", ""):
        assert order_of(foreign) == foreign
    with pytest.raises(TillError):
        str(TradeNumber(OrderId("nobody's"), TradeKind.NATIVE, 1))


@pytest.mark.parametrize("title", ["A", "数" * 60, "é" * 64, "😀" * 40, "x" + "数" * 50])
async def test_a_long_title_is_cut_between_characters(stand, owed, title):
    await stand.till.bill(owed, title)
    (said,) = terms(stand)
    assert said["description"] == shortened(title)
    assert title.startswith(said["description"])
    size = len(said["description"].encode())
    assert size == len(title.encode()) or LONGEST_DESCRIPTION - 4 < size <= LONGEST_DESCRIPTION


async def test_a_code_that_has_run_out_is_renewed_for_the_same_bill(stand, owed, clock):
    first = await stand.till.bill(owed, "A")
    clock.forward(hours=2)
    with pytest.raises(CannotPay, match="run out"):
        stand.double.pay(first.qr_content)
    second = await stand.till.bill(owed, "A")
    assert second.reference == first.reference
    assert second.qr_content != first.qr_content
    assert stand.double.pay(second.qr_content).number == first.reference


async def test_one_that_has_expired_is_replaced(stand, owed, clock):
    first = await stand.till.bill(owed, "A")
    clock.forward(hours=24, minutes=5)
    with pytest.raises(CannotPay, match="CLOSED"):
        stand.double.pay(first.qr_content)
    later = replace(owed, touched_at=clock())
    second = await stand.till.bill(later, "A")
    assert second.reference == f"{first.reference[:-1]}2"
    assert await stand.till.bill(later, "A") == second


async def test_only_the_latest_bill_can_be_paid_whatever_was_opened(stand, owed):
    """Two prices, two pages, in turns."""
    await stand.till.bill(owed, "A")
    await stand.wechat.page_parameters(owed, "A", PAYER)
    for amount in (1990, 990, 1990):
        order = replace(owed, amount=amount)
        bill = await stand.till.bill(order, "A")
        payable = [one for one in stand.double.trades.trades.values() if one.state == "NOTPAY"]
        assert [one.number for one in payable] == [bill.reference]
        assert payable[0].total == amount
        await stand.wechat.page_parameters(order, "A", PAYER)
    assert len({one.number for one in stand.double.trades.trades.values()}) == 8


async def test_a_page_for_another_person_closes_the_former(stand, owed):
    first = await stand.wechat.page_parameters(owed, "A", PAYER)
    assert first["package"] == (await stand.wechat.page_parameters(owed, "A", PAYER))["package"]
    second = await stand.wechat.page_parameters(owed, "A", "o-somebody-else")
    with pytest.raises(CannotPay):
        stand.double.pay(first["package"].removeprefix("prepay_id="), PAYER)
    prepay_id = second["package"].removeprefix("prepay_id=")
    with pytest.raises(CannotPay, match="somebody else"):
        stand.double.pay(prepay_id, PAYER)
    stand.double.pay(prepay_id, "o-somebody-else")


async def test_a_page_for_the_same_person_is_one_call_however_often_others_were_made(stand, owed):
    """And after a restart its bill is found in a few."""
    owners = [PAYER, "o-their-other-chat"]
    for turn in range(101):
        last = await stand.wechat.page_parameters(owed, "A", owners[turn % 2])
    before = len(stand.double.calls)
    again = await stand.wechat.page_parameters(owed, "A", PAYER)
    assert again["package"] == last["package"]
    assert len(stand.double.calls) == before + 1
    async with restart(stand) as restarted:
        before = len(stand.double.calls)
        again = await restarted.page_parameters(owed, "A", PAYER)
        assert again["package"] == last["package"]
        assert len(stand.double.calls) <= before + 17
        stand.double.pay(again["package"].removeprefix("prepay_id="), PAYER)
    async with restart(stand) as restarted:
        assert (await restarted.find(owed.id)).payer == PAYER
    states = [one.state for one in stand.double.trades.trades.values()]
    assert (states.count("SUCCESS"), states.count("NOTPAY")) == (1, 0)


async def test_the_last_of_any_number_is_found(stand, owed):
    await stand.wechat.page_parameters(owed, "A", PAYER)
    for turn in range(2, 20):
        given = await stand.wechat.page_parameters(owed, "A", f"o-{turn}")
        async with restart(stand) as restarted:
            again = await restarted.page_parameters(owed, "A", f"o-{turn}")
            assert again["package"] == given["package"]
            (one,) = [t for t in stand.double.trades.trades.values() if t.state == "NOTPAY"]
            assert one.code == given["package"].removeprefix("prepay_id=")
            assert one.number.endswith(f"j{turn}")


async def test_one_that_is_paid_while_it_is_replaced_is_not_billed_again(stand, owed, monkeypatch):
    bill = await stand.till.bill(owed, "A")
    given = await stand.wechat.page_parameters(owed, "A", PAYER)
    trades, close = stand.double.trades, stand.double.trades.close

    def paid_first(number):
        if number == bill.reference:
            stand.double.pay(given["package"].removeprefix("prepay_id="), PAYER)
        close(number)

    monkeypatch.setattr(trades, "close", paid_first)
    with pytest.raises(AlreadyPaid):
        await stand.till.bill(replace(owed, amount=1990), "A")
    assert (await stand.till.find(owed.id)).amount == 990


async def test_the_page_gets_what_wechat_wants_signed(stand, owed, clock):
    given = await stand.wechat.page_parameters(owed, "A", PAYER)
    assert set(given) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert (given["appId"], given["signType"]) == (stand.double.app_id, "RSA")
    assert given["timeStamp"] == str(int(clock().timestamp()))
    lines = (given["appId"], given["timeStamp"], given["nonceStr"], given["package"])
    key = stand.double.keys.merchant.public_key()
    assert is_signed(key, given["paySign"], *lines)
    assert (await stand.wechat.page_parameters(owed, "A", PAYER))["nonceStr"] != given["nonceStr"]


async def test_what_was_paid_is_not_billed_again(stand, owed):
    bill = await stand.till.bill(owed, "A")
    await stand.pay(bill.reference)
    for order in (owed, replace(owed, amount=1990)):
        with pytest.raises(AlreadyPaid):
            await stand.till.bill(order, "A")
    assert (await stand.till.find(owed.id)).amount == 990


async def test_a_payment_on_the_page_is_found_as_well(stand, owed):
    await stand.till.bill(owed, "A")
    given = await stand.wechat.page_parameters(owed, "A", PAYER)
    assert await stand.till.find(owed.id) is None
    stand.double.pay(given["package"].removeprefix("prepay_id="), PAYER)
    found = await stand.till.find(owed.id)
    assert (found.order_id, found.payer) == (owed.id, PAYER)
    await stand.till.close_bill(owed.id)
    assert {one.state for one in stand.double.trades.trades.values()} == {"CLOSED", "SUCCESS"}
    assert await stand.till.find(owed.id) == found


async def test_nothing_is_lost_with_an_answer(stand, owed):
    """It was done, and the connection broke: asking again finds it done."""
    stand.double.faults.drop = 1
    with pytest.raises(TillError):
        await stand.till.bill(owed, "A")
    bill = await stand.till.bill(owed, "A")
    assert len(stand.double.trades.trades) == 1
    stand.double.faults.drop = 2
    for _ in range(2):
        with pytest.raises(TillError):
            await stand.till.close_bill(owed.id)
    await stand.till.close_bill(owed.id)
    with pytest.raises(TillError):
        await stand.pay(bill.reference)


@pytest.mark.parametrize("fault", ["forged", "unsigned", "stale"])
async def test_an_answer_that_wechat_pay_did_not_sign_now_is_none(stand, owed, fault):
    setattr(stand.double.faults, fault, True)
    with capture_logs() as logged, pytest.raises(TillError):
        await stand.till.bill(owed, "A")
    assert [one["event"] for one in logged] == ["wechatpay_answer_forged"]


@pytest.mark.parametrize("status", [500, 502, 429, 404, 302])
async def test_an_outage_says_nothing_of_a_bill(stand, owed, status):
    """A proxy's 404 is not WeChat Pay's word that there is no such order."""
    await stand.till.bill(owed, "A")
    stand.double.faults.status = status
    for ask in (stand.till.find, stand.till.close_bill):
        with pytest.raises(TillError):
            await ask(owed.id)


async def test_what_is_wrong_with_the_merchant_is_a_refusal(stand, owed, clock):
    async with open_stand(clock, EIDER_WECHAT_APP_ID="wxffffffffffffffff") as other:
        other.double.app_id = other.double.trades.app_id = "wx0000000000000000"
        with capture_logs() as logged, pytest.raises(TillError):
            await other.till.bill(owed, "A")
    assert [(one["event"], one["log_level"], one["code"]) for one in logged] == [
        ("wechatpay_merchant_refused", "error", "APPID_MCHID_NOT_MATCH")
    ]
    assert "the app id is not bound to the merchant" in logged[0]["why"]


async def test_what_was_to_be_expected_is_no_line_of_the_log(stand, owed):
    """No such bill, none to close, no such refund, no daily bill; a number that is used."""
    with capture_logs() as logged:
        assert await stand.till.find(owed.id) is None
        assert [one async for one in stand.till.statement()] == []
        await stand.till.bill(owed, "A")
        await stand.till.bill(replace(owed, amount=owed.amount + 1), "A")
        await stand.till.close_bill(owed.id)
        await stand.till.bill(owed, "A")
        event = await stand.till.read(
            *await stand.pay((await stand.till.bill(owed, "A")).reference)
        )
        await stand.till.refund(event.charge, event.amount, event.currency, "k:1")
    assert logged == []


async def test_nothing_secret_or_personal_is_logged(stand, owed, capfd):
    with capture_logs() as logged:
        await stand.wechat.page_parameters(owed, "A", PAYER)
        event = await stand.till.read(
            *await stand.pay((await stand.till.bill(owed, "A")).reference)
        )
        for amount in (990, 990, 5000):
            try:
                await stand.till.refund(event.charge, amount, event.currency, f"k:{amount}")
            except TillError:
                continue
    seen = repr(logged) + "".join(capfd.readouterr())
    keys = stand.settings
    for secret in (PAYER, keys.wechatpay_api_v3_key, keys.wechatpay_private_key[40:80]):
        assert secret not in seen
        assert secret not in repr(stand.settings)
