"""WeChat Pay as a till: a bill is a code to scan, and a page that takes the payment within WeChat.

The charge is WeChat Pay's ``transaction_id``; the notifications of payments and of refunds come to
one address, ``/pay/wechat``.
"""

import datetime
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Final

import structlog

from bot.wechat import WECHAT_PAY
from bot.wechat.pay import trade_bill
from bot.wechat.pay.bills import PAID, Bills
from bot.wechat.pay.checkout_link import CheckoutLink
from bot.wechat.pay.gateway import GatewayRefused, Merchant, PayGateway, open_gateway
from bot.wechat.pay.notification import NotificationReader
from bot.wechat.pay.refunds import Refunds, refund_of
from bot.wechat.pay.trade_bill import BillRow
from bot.wechat.pay.trade_numbers import order_of
from shop.errors import Forged, TillError
from shop.ports import Bill, Clock, StatementLine, StatementPeriod
from shop.records import Currency, Order, OrderId, PaymentEvent, RefundEvent, RefundState
from shop.settings import Settings

_NO_BILL: Final = "NO_STATEMENT_EXIST"
_GONE: Final = frozenset({"SUCCESS", ""})  # of a refund's row; REVOKED has no state

log = structlog.get_logger()


class WechatPayTill:
    """A :class:`shop.ports.Till`. Refunds may be of a part, and take their time."""

    name = WECHAT_PAY
    currency = Currency.CNY
    statement_ready = datetime.time(2, 15)  # a quarter past ten in Beijing
    refunds_parts = True

    def __init__(self, gateway: PayGateway, settings: Settings, clock: Clock) -> None:
        merchant = Merchant.of(settings, self.name)
        self._gateway = gateway
        self._app_id = merchant.app_id
        self._clock = clock
        self._links = CheckoutLink(settings.signing_key, settings.public_url)
        self._bills = Bills(gateway, merchant, timedelta(hours=settings.upload_hours))
        self._refunds = Refunds(gateway, merchant)
        self._reader = NotificationReader(self.name, merchant, gateway.keys, clock)

    async def bill(self, order: Order, title: str) -> Bill:
        """A code to scan, good for two hours, and the link of the page. The same order at the same
        price gives the same number; on other terms the former is closed and the next is used."""
        number, code = await self._bills.native(order, title)
        page = self._links.url(order.id)
        return Bill(str(number), order.amount, order.currency, page, code)

    async def page_parameters(self, order: Order, title: str, openid: str) -> Mapping[str, str]:
        """What the page needs for that person to pay the order within WeChat. Raises
        :class:`shop.errors.TillError` and :class:`shop.errors.AlreadyPaid`."""
        prepay_id = await self._bills.jsapi(order, title, openid)
        now = self._clock().timestamp()
        return self._gateway.page_parameters(self._app_id, prepay_id, now)

    async def close_bill(self, order_id: str) -> None:
        await self._bills.close(OrderId(order_id))

    async def read(
        self, headers: Mapping[str, str], body: bytes
    ) -> PaymentEvent | RefundEvent | None:
        """See :meth:`bot.wechat.pay.notification.NotificationReader.read`."""
        return await self._reader.read(headers, body)

    async def refund(
        self, charge: str, amount: int, currency: Currency, key: str, payer: str = ""
    ) -> RefundState:
        """See :meth:`bot.wechat.pay.refunds.Refunds.refund`."""
        if currency is not self.currency:
            raise TillError
        return await self._refunds.refund(charge, amount, key)

    async def find(self, order_id: str) -> PaymentEvent | None:
        """The payment of one of the order's bills; None for one of which anything went back."""
        async for one in self._bills.all(OrderId(order_id)):
            if one.trade_state != PAID:
                continue
            try:
                return self._reader.payment(one, f"query:{one.transaction_id}")
            except Forged:  # signed by WeChat Pay, and not as we asked for it
                log.error("payment_not_as_billed", till=self.name, charge=one.transaction_id)
                raise TillError from None
        return None

    def statement_period(self) -> StatementPeriod:
        """Thirty days, to the last whose bill is there."""
        return trade_bill.period(self._clock())

    async def statement(self) -> AsyncIterator[StatementLine]:
        """The bills of those days, each checked by its hash."""
        for day in trade_bill.days(self.statement_period()):
            for row in await self._rows(day):
                if line := await self._line(row):
                    yield line

    async def _rows(self, day: datetime.date) -> Iterator[BillRow]:
        """None of a day on which nothing was paid or given back: it has no bill."""
        query = f"bill_date={day:%Y-%m-%d}&bill_type=ALL&tar_type=GZIP"
        try:
            said = await self._gateway.get(f"/v3/bill/tradebill?{query}", expected={_NO_BILL})
        except GatewayRefused as refusal:
            if refusal.code == _NO_BILL:
                return iter(())
            raise
        url, sha1 = said.get("download_url"), said.get("hash_value")
        if said.get("hash_type") != "SHA1" or not isinstance(url, str) or not isinstance(sha1, str):
            raise TillError
        return trade_bill.rows(trade_bill.unpacked(await self._gateway.download(url), sha1))

    async def _line(self, row: BillRow) -> StatementLine | None:
        """None for a refund that is not made: one under way is asked for."""
        at = row.at
        if row.state != "SUCCESS" and row.refund_state not in _GONE:
            refund = await self._refunds.find(row.refund_number)
            if refund is None or refund.state is not RefundState.DONE:
                return None
            at = refund.success_time or at
        incoming = row.state == "SUCCESS"
        return StatementLine(
            row.charge, order_of(row.number), row.amount if incoming else row.refunded,
            Currency.CNY, at, incoming, row.payer,
            refund_of(row.charge, row.refund_number),
        )  # fmt: skip


@asynccontextmanager
async def open_wechat_pay(settings: Settings) -> AsyncIterator[WechatPayTill | None]:
    """The till, with a connection of its own; None where the settings have no merchant. Nothing is
    asked until something is."""
    if not settings.wechatpay_merchant_id:
        yield None
        return
    async with open_gateway(settings, _now) as gateway:
        yield WechatPayTill(gateway, settings, _now)


def _now() -> datetime.datetime:
    return datetime.datetime.now(UTC)
