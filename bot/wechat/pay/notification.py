"""Notifications: verified on the body as it came, opened, compared with who we are, translated."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from bot.wechat.pay.gateway import Merchant
from bot.wechat.pay.models import REFUND_STATES, Notification, RefundReport, Transaction
from bot.wechat.pay.platform_keys import PlatformKeys
from bot.wechat.pay.refunds import refund_of
from bot.wechat.pay.signature import SignedHeaders
from bot.wechat.pay.trade_numbers import TradeKind, kind_of, order_of
from shop.errors import Forged
from shop.ports import Clock
from shop.records import Currency, PaymentEvent, RefundEvent

PAID: Final = "TRANSACTION.SUCCESS"
REFUNDS: Final = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})


class NotificationReader:
    """Reads what WeChat Pay posts to one merchant's till ``till``."""

    def __init__(self, till: str, merchant: Merchant, keys: PlatformKeys, clock: Clock) -> None:
        self._till = till
        self._merchant = merchant
        self._keys = keys
        self._clock = clock

    async def read(
        self, headers: Mapping[str, str], body: bytes
    ) -> PaymentEvent | RefundEvent | None:
        """None for an event that is none of ours: a mandate, a complaint, whatever comes yet.

        Raises :class:`shop.errors.Forged` for a wrong signature, for another merchant's or
        account's event, for another currency than yuan, and for a payment on a page by somebody
        else than the page was made for; :class:`shop.errors.Stale` for one that is not fresh;
        :class:`shop.errors.TillError` where the key of the signature could not be fetched.
        """
        signed = SignedHeaders.of(headers)
        key = await self._keys.of(signed.serial, of_stranger=True)
        signed.verify(body, key, self._clock())
        try:
            told = Notification.model_validate_json(body)
            opened = told.resource.open(self._merchant.api_v3_key)
            if told.event_type == PAID:
                return self.payment(Transaction.model_validate_json(opened), told.id)
            if told.event_type in REFUNDS:
                return self._refund(RefundReport.model_validate_json(opened), told.id)
        except ValidationError:
            raise Forged from None
        return None

    def payment(self, paid: Transaction, event_id: str) -> PaymentEvent:
        """The same for an answer that says the same. Raises :class:`shop.errors.Forged`."""
        ours = (paid.appid, paid.mchid) == (self._merchant.app_id, self._merchant.id)
        if not ours or paid.trade_state != "SUCCESS" or not paid.transaction_id:
            raise Forged
        if paid.amount is None or paid.success_time is None:
            raise Forged
        if paid.amount.currency != Currency.CNY.value:
            raise Forged
        on_page = kind_of(paid.out_trade_no) is TradeKind.JSAPI  # attached: whose page it was
        if on_page and paid.payer.openid != paid.attach:
            raise Forged
        return PaymentEvent(
            self._till, event_id, paid.transaction_id, order_of(paid.out_trade_no),
            paid.amount.total, Currency.CNY, paid.success_time, paid.payer.openid,
        )  # fmt: skip

    def _refund(self, told: RefundReport, event_id: str) -> RefundEvent:
        state = REFUND_STATES.get(told.refund_status)
        if told.mchid != self._merchant.id or state is None:
            raise Forged
        return RefundEvent(
            self._till, event_id, told.transaction_id, told.amount.refund, state,
            told.amount.total, refund_of(told.transaction_id, told.out_refund_no),
            told.out_refund_no,
        )  # fmt: skip
