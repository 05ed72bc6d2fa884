"""The daily bill: which days, its hash, its table, and what is not made yet."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.wechat.pay import trade_bill
from shop.errors import TillError
from shop.records import Currency
from tests.wechatpay.records import BEIJING
from tests.wechatpay.trade_bills import COLUMNS, TOTALS

NINE = datetime(2026, 3, 14, 9, 59, 59, tzinfo=BEIJING)


async def lines(stand):
    return [line async for line in stand.till.statement()]


async def paid(stand, owed):
    return await stand.till.read(*await stand.pay((await stand.till.bill(owed, "A")).reference))


def test_a_day_is_there_the_next_day_at_ten_in_beijing():
    before, after = trade_bill.period(NINE), trade_bill.period(NINE + timedelta(seconds=1))
    assert before.until == datetime(2026, 3, 13, tzinfo=BEIJING)
    assert after.until == datetime(2026, 3, 14, tzinfo=BEIJING)
    for period in (before, after):
        assert period.until - period.since == timedelta(days=30)
        assert len(trade_bill.days(period)) == 30
    assert trade_bill.days(after)[-1] == date(2026, 3, 13)
    assert trade_bill.period(NINE.astimezone(UTC)) == before


async def test_payments_and_refunds_of_all_days(stand, owed, clock):
    event = await paid(stand, owed)
    assert await lines(stand) == [], "today's is made tomorrow"
    await stand.to_statement()
    assert [(one.amount, one.incoming) for one in await lines(stand)] == [(990, True)]
    await stand.till.refund(event.charge, 400, Currency.CNY, "part:1")
    await stand.to_statement()
    found = await lines(stand)
    assert [(one.amount, one.incoming) for one in found] == [(990, True), (400, False)]
    assert {(one.charge, one.order_id, one.payer) for one in found} == {
        (event.charge, owed.id, event.payer)
    }
    clock.forward(days=31)
    assert await lines(stand) == [], "thirty days are read"


async def test_a_refund_under_way_is_no_line_until_it_is_made(stand, owed, clock):
    """Its row stays in the bill of the day on which it was asked for."""
    event = await paid(stand, owed)
    stand.double.trades.refund_seconds = 3 * 24 * 3600
    await stand.till.refund(event.charge, 990, Currency.CNY, "k:1")
    await stand.to_statement()
    assert [one.incoming for one in await lines(stand)] == [True]
    clock.forward(days=3)
    found = await lines(stand)
    assert [one.incoming for one in found] == [True, False]
    (refund,) = stand.double.trades.refunds.values()
    assert found[1].at == refund.done_at


async def test_a_refund_that_failed_is_no_line(stand, owed):
    event = await paid(stand, owed)
    await stand.till.refund(event.charge, 990, Currency.CNY, "k:1")
    (refund,) = stand.double.trades.refunds.values()
    stand.double.settle(refund, "ABNORMAL")
    await stand.to_statement()
    assert [one.incoming for one in await lines(stand)] == [True]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"9.90", b"8.90"),
        lambda data: data[:-40],
        lambda data: b"",
        lambda data: data + b"\n",
    ],
    ids=range(4),
)
async def test_a_file_of_another_hash_is_not_read(stand, owed, spoil):
    await paid(stand, owed)
    await stand.to_statement()
    stand.double.bills.spoil = spoil
    with pytest.raises(TillError):
        await lines(stand)


async def test_a_bill_that_is_late_is_not_read_as_an_empty_one(stand, owed):
    await paid(stand, owed)
    await stand.to_statement()
    stand.double.bills.creating = True
    with pytest.raises(TillError):
        await lines(stand)


async def test_a_bill_may_come_uncompressed(stand, owed):
    await paid(stand, owed)
    await stand.to_statement()
    day = trade_bill.days(stand.till.statement_period())[-1]
    said = stand.double.bills.ask(day.isoformat(), "")
    data = stand.double.bills.file(said["download_url"].partition("token=")[2])
    (row,) = trade_bill.rows(trade_bill.unpacked(data, said["hash_value"].upper()))
    assert (row.amount, row.state) == (990, "SUCCESS")


ROW = {
    "交易时间": "2026-03-13 17:26:53", "公众账号ID": "wx", "商户号": "1", "微信订单号": "4200",
    "商户订单号": "n", "用户标识": "o", "交易状态": "SUCCESS", "货币种类": "CNY",
    "商户退款单号": "0", "退款状态": "", "商品名称": "a,b，`c", "订单金额": "9.90",
    "申请退款金额": "0.00",
}  # fmt: skip


def table(*rows, totals=None, header=COLUMNS):
    lines = [",".join(f"`{row.get(name, '')}" for name in header.split(",")) for row in rows]
    count = len(rows) if totals is None else totals
    return "\r\n".join([f"\ufeff{header}", *lines, TOTALS, f"`{count},`0.00", ""]).encode()


def test_a_row_is_read_to_the_fen():
    (row,) = trade_bill.rows(table(ROW))
    assert row.at == datetime(2026, 3, 13, 9, 26, 53, tzinfo=UTC)
    assert (row.charge, row.number, row.payer, row.refund_number) == ("4200", "n", "o", "")
    for yuan in ("0.01", "0.1", "9.9", "9.90", "19", "123456.78"):
        (row,) = trade_bill.rows(table(ROW | {"订单金额": yuan}))
        assert Decimal(row.amount) / 100 == Decimal(yuan)


def test_columns_may_come_in_another_order_and_more_of_them():
    header = ",".join(["新的", *reversed(COLUMNS.split(","))])
    assert next(trade_bill.rows(table(ROW, header=header))).amount == 990


def test_a_revoked_payment_went_back():
    (row,) = trade_bill.rows(
        table(ROW | {"交易状态": "REVOKED", "申请退款金额": "9.90", "订单金额": "0.00"})
    )
    assert (row.state, row.refunded, row.refund_number) == ("REVOKED", 990, "0")


async def test_a_revoked_row_of_the_bill_is_money_that_went_back(stand, owed, clock):
    event = await paid(stand, owed)
    day = clock().astimezone(BEIJING).date()
    trade = next(iter(stand.double.trades.trades.values()))
    revoked = ROW | {
        "交易状态": "REVOKED", "申请退款金额": "9.90", "微信订单号": event.charge,
        "商户订单号": trade.number,
    }  # fmt: skip
    header = COLUMNS.split(",")
    row = ",".join(f"`{revoked.get(name, '')}" for name in header)
    stand.double.bills.extra[day] = [row]
    await stand.to_statement()
    found = await lines(stand)
    assert [(one.charge, one.amount, one.incoming) for one in found] == [
        (event.charge, 990, True), (event.charge, 990, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"<html>",
        table(ROW, header=COLUMNS.replace("订单金额", "别的")),
        table(ROW | {"订单金额": "9.905"}),
        table(ROW | {"订单金额": "-9.90"}),
        table(ROW | {"订单金额": "9,90"}),
        table(ROW | {"交易时间": "yesterday"}),
        table(ROW, totals=2),
        table(ROW, totals=0),
        table(ROW).partition("总交易单数".encode())[0],
        table(ROW).rpartition(b"`1,")[0],
    ],
    ids=range(12),
)
def test_what_is_not_understood_or_not_whole_is_no_bill(data):
    with pytest.raises(TillError):
        list(trade_bill.rows(data))


def test_a_bomb_is_not_inflated(monkeypatch):
    import gzip
    import hashlib

    data = bytes(10_000)
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    packed = gzip.compress(data)
    assert trade_bill.unpacked(packed, sha1) == data
    with pytest.raises(TillError):
        trade_bill.unpacked(packed[:-4], sha1)
    monkeypatch.setattr(trade_bill, "LARGEST_BILL", 9_999)
    with pytest.raises(TillError):
        trade_bill.unpacked(packed, sha1)


async def test_the_address_holds_for_five_minutes_and_is_asked_anew(stand, owed, clock):
    await paid(stand, owed)
    await stand.to_statement()
    first = await lines(stand)
    clock.forward(minutes=6)
    assert await lines(stand) == first


async def test_other_orders_of_a_day_do_not_hide_one(stand, owed):
    for number in range(3):
        await paid(stand, replace(owed, id=f"{number:032x}"))
    await stand.to_statement()
    assert {one.order_id for one in await lines(stand)} == {f"{number:032x}" for number in range(3)}
