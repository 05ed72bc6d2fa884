"""Bills at WeChat Pay: opened, looked for, closed.

At most one of an order's bills of a kind can be paid: a later one is made only when the earlier
was closed. So whoever looks for them counts up from 1, and stops at one that is open.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.wechat.pay.gateway import ABSENT, GatewayRefused, Merchant, PayGateway
from bot.wechat.pay.models import Transaction, answered
from bot.wechat.pay.trade_bill import BEIJING
from bot.wechat.pay.trade_numbers import LAST, TradeKind, TradeNumber
from shop.errors import AlreadyPaid, TillError
from shop.records import Currency, Order, OrderId

PAID: Final = "SUCCESS"
LONGEST_DESCRIPTION: Final = 127  # bytes

_ENDED: Final = frozenset({"CLOSED", "REFUND", "REVOKED"})
_OVER: Final = frozenset({"ORDERPAID", "ORDER_PAID", "ORDER_CLOSED", "ORDERCLOSED"})
_TAKEN: Final = frozenset(
    _OVER
    | {"OUT_TRADE_NO_USED"}
    | {"INVALID_REQUEST"}  # among much else: this number stands for other terms
)
_SLACK: Final = timedelta(minutes=5)  # we close it first; WeChat Pay, should we not be there

log = structlog.get_logger()


class Bills:
    """The bills of one merchant. ``lifetime``: how long an order that nobody touches is kept."""

    def __init__(self, gateway: PayGateway, merchant: Merchant, lifetime: timedelta) -> None:
        self._gateway = gateway
        self._merchant = merchant
        self._lifetime = lifetime

    async def native(self, order: Order, title: str) -> tuple[TradeNumber, str]:
        """The number of a bill that can be scanned, and the code's content, which is good for two
        hours: asking again gives another. Raises :class:`shop.errors.TillError` and
        :class:`shop.errors.AlreadyPaid`."""
        number, said = await self._open(TradeKind.NATIVE, order, title, {})
        return number, _text(said, "code_url")

    async def jsapi(self, order: Order, title: str, openid: str) -> str:
        """The ``prepay_id`` of a bill that this person can pay on our page, good for two hours.
        Raises as :meth:`native`."""
        payer = {"payer": {"openid": openid}, "attach": openid}
        _, said = await self._open(TradeKind.JSAPI, order, title, payer)
        return _text(said, "prepay_id")

    async def all(self, order_id: OrderId) -> AsyncIterator[Transaction]:
        """Whatever is known of that order's bills. Raises :class:`shop.errors.TillError`."""
        for kind in TradeKind:
            async for found in self._of_kind(order_id, kind):
                yield found

    async def close(self, order_id: OrderId) -> None:
        """None of the order's bills can be paid any more. Idempotent; raises
        :class:`shop.errors.TillError`."""
        for kind in TradeKind:
            await self._close_kind(order_id, kind)

    async def _open(
        self, kind: TradeKind, order: Order, title: str, more: dict[str, Any]
    ) -> tuple[TradeNumber, dict[str, Any]]:
        for turn in range(1, LAST + 1):
            number = TradeNumber(order.id, kind, turn)
            terms = self._terms(number, order, title) | more
            try:
                path = f"/v3/pay/transactions/{kind.name.lower()}"
                return number, await self._gateway.post(path, terms, expected=_TAKEN)
            except GatewayRefused as refusal:
                if refusal.code not in _TAKEN:
                    raise
                await self._end(number, refusal)
        raise TillError

    def _terms(self, number: TradeNumber, order: Order, title: str) -> dict[str, Any]:
        """Equal for equal orders: WeChat Pay takes a number again only with the same ones."""
        if order.amount <= 0 or order.currency is not Currency.CNY:
            raise TillError
        until = (order.touched_at + self._lifetime + _SLACK).astimezone(BEIJING)
        return {
            "appid": self._merchant.app_id,
            "mchid": self._merchant.id,
            "description": shortened(title),
            "out_trade_no": str(number),
            "time_expire": until.isoformat(timespec="seconds"),
            "notify_url": self._merchant.notify_url,
            "amount": {"total": order.amount, "currency": order.currency.value},
        }

    async def _end(self, number: TradeNumber, refusal: GatewayRefused) -> None:
        """Close the bill, whose terms are not the order's any more, and with a code the pages that
        were made on the same terms. Raises ``refusal`` where there is no such bill, and
        :class:`shop.errors.AlreadyPaid` where it was paid."""
        found = await self._query(number)
        if found is None:
            log.warning("wechatpay_refused", code=refusal.code)
            raise refusal
        if found.trade_state == PAID:
            raise AlreadyPaid
        if found.trade_state in _ENDED:
            return
        await self._close(number)
        if number.kind is TradeKind.NATIVE:
            await self._close_kind(number.order_id, TradeKind.JSAPI)

    async def _of_kind(self, order_id: OrderId, kind: TradeKind) -> AsyncIterator[Transaction]:
        for turn in range(1, LAST + 1):
            found = await self._query(TradeNumber(order_id, kind, turn))
            if found is None:
                return
            yield found
            if found.trade_state not in _ENDED:
                return

    async def _close_kind(self, order_id: OrderId, kind: TradeKind) -> None:
        turn = 0
        async for found in self._of_kind(order_id, kind):
            turn += 1
            if found.trade_state not in _ENDED | {PAID}:
                await self._close(TradeNumber(order_id, kind, turn))

    async def _query(self, number: TradeNumber) -> Transaction | None:
        path = f"/v3/pay/transactions/out-trade-no/{number}?mchid={self._merchant.id}"
        try:
            return answered(Transaction, await self._gateway.get(path, expected=ABSENT))
        except GatewayRefused as refusal:
            if refusal.code in ABSENT:
                return None
            raise

    async def _close(self, number: TradeNumber) -> None:
        path = f"/v3/pay/transactions/out-trade-no/{number}/close"
        try:
            await self._gateway.post(path, {"mchid": self._merchant.id}, expected=_OVER)
        except GatewayRefused as refusal:  # it was paid, or closed, meanwhile
            if refusal.code not in _OVER:
                raise


def shortened(title: str) -> str:
    """To as many bytes of UTF-8 as a description may have, in whole characters."""
    return title.encode()[:LONGEST_DESCRIPTION].decode("utf-8", "ignore")


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise TillError
    return found
