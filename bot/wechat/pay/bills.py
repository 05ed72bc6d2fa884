"""Bills at WeChat Pay: opened, looked for, closed.

At most one of an order's bills of a kind can be paid: a later one is made only when the earlier
was closed unpaid, or given back. So the last of a kind is all that matters, and it is found by
doubling and halving: in about twice as many calls as its turn has binary digits.
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
_PAID: Final = frozenset({"ORDERPAID", "ORDER_PAID"})
_REMEMBERED: Final = 4096  # series whose last turn is known without asking
_SLACK: Final = timedelta(minutes=5)  # we close it first; WeChat Pay, should we not be there

log = structlog.get_logger()


class Bills:
    """The bills of one merchant. ``lifetime``: how long an order that nobody touches is kept."""

    def __init__(self, gateway: PayGateway, merchant: Merchant, lifetime: timedelta) -> None:
        self._gateway = gateway
        self._merchant = merchant
        self._lifetime = lifetime
        self._turns: dict[tuple[OrderId, TradeKind], int] = {}

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
        """What is known of the last bill of each kind of that order's: no other can be paid, or was
        and is not given back. Raises :class:`shop.errors.TillError`."""
        for kind in TradeKind:
            if last := await self._last(order_id, kind):
                yield last[1]

    async def close(self, order_id: OrderId) -> None:
        """None of the order's bills can be paid any more. Idempotent; raises
        :class:`shop.errors.TillError`."""
        for kind in TradeKind:
            await self._close_kind(order_id, kind)

    async def _open(
        self, kind: TradeKind, order: Order, title: str, more: dict[str, Any]
    ) -> tuple[TradeNumber, dict[str, Any]]:
        """The same terms are one call, as long as this process knows the count."""
        turn, looked = self._turn(order.id, kind), False
        while turn <= LAST:
            number = TradeNumber(order.id, kind, turn)
            terms = self._terms(number, order, title) | more
            try:
                path = f"/v3/pay/transactions/{kind.name.lower()}"
                said = await self._gateway.post(path, terms, expected=_TAKEN)
            except GatewayRefused as refusal:
                if refusal.code not in _TAKEN:
                    raise
                last = None if looked else await self._last(order.id, kind)
                looked = True
                if last and turn < last[0].turn:
                    turn = last[0].turn
                    continue
                await self._end(number, refusal)
                turn += 1
            else:
                self._remember(number)
                return number, said
        raise TillError

    def _turn(self, order_id: OrderId, kind: TradeKind) -> int:
        """One that was opened, if any of the series was."""
        return self._turns.get((order_id, kind), 1)

    def _remember(self, number: TradeNumber) -> None:
        self._turns[number.order_id, number.kind] = number.turn
        if len(self._turns) > _REMEMBERED:
            del self._turns[next(iter(self._turns))]

    async def _last(
        self, order_id: OrderId, kind: TradeKind
    ) -> tuple[TradeNumber, Transaction] | None:
        """The last bill of the series. None: there is none."""
        number = TradeNumber(order_id, kind, self._turn(order_id, kind))
        found = await self._query(number)
        step, beyond = 1, LAST + 1
        while found is not None and found.trade_state in _ENDED and number.turn + 1 < beyond:
            turn = min(number.turn + step, (number.turn + beyond) // 2)
            later = TradeNumber(order_id, kind, turn)
            if (known := await self._query(later)) is None:
                step, beyond = LAST, turn
            else:
                step, number, found = 2 * step, later, known
        return None if found is None else (number, found)

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
        paid = await self._close(number)
        if number.kind is TradeKind.NATIVE:
            paid |= await self._close_kind(number.order_id, TradeKind.JSAPI)
        if paid:
            raise AlreadyPaid

    async def _close_kind(self, order_id: OrderId, kind: TradeKind) -> bool:
        """Whether it was paid."""
        last = await self._last(order_id, kind)
        if last is None or last[1].trade_state in _ENDED:
            return False
        return last[1].trade_state == PAID or await self._close(last[0])

    async def _query(self, number: TradeNumber) -> Transaction | None:
        path = f"/v3/pay/transactions/out-trade-no/{number}?mchid={self._merchant.id}"
        try:
            return answered(Transaction, await self._gateway.get(path, expected=ABSENT))
        except GatewayRefused as refusal:
            if refusal.code in ABSENT:
                return None
            raise

    async def _close(self, number: TradeNumber) -> bool:
        """Whether it was paid meanwhile, and stays so."""
        path = f"/v3/pay/transactions/out-trade-no/{number}/close"
        try:
            await self._gateway.post(path, {"mchid": self._merchant.id}, expected=_OVER)
        except GatewayRefused as refusal:  # it was paid, or closed, meanwhile
            if refusal.code not in _OVER:
                raise
            return refusal.code in _PAID
        return False


def shortened(title: str) -> str:
    """To as many bytes of UTF-8 as a description may have, in whole characters."""
    return title.encode()[:LONGEST_DESCRIPTION].decode("utf-8", "ignore")


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise TillError
    return found
