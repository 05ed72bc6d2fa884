"""Refunds at WeChat Pay: one number for each, asked for and asked after until it is confirmed.

An answer of 200 says only that a refund was accepted. It ends as SUCCESS; as ABNORMAL, until
somebody acts in the merchant's console; or as CLOSED, after the account held too little for seven
days: that number gives nothing back any more, and the next one is used.
"""

import hashlib
import re
from typing import Any, Final

import structlog

from bot.wechat import WECHAT_PAY
from bot.wechat.pay.gateway import GatewayRefused, Merchant, PayGateway
from bot.wechat.pay.models import Refund, Transaction, answered
from shop.errors import TillError
from shop.records import Currency, RefundState

MOST_NUMBERS: Final = 50  # of one refund: WeChat Pay takes no more for a payment

_ABSENT: Final = "RESOURCE_NOT_EXISTS"
_WANTS_A_PERSON: Final = frozenset(
    {"NOT_ENOUGH", "NOTENOUGH", "USER_ACCOUNT_ABNORMAL", "TRADE_OVERDUE", "NO_AUTH", "NOAUTH"}
)
_CHARGE: Final = re.compile("[0-9A-Za-z]{1,32}")
_OURS: Final = re.compile(
    rf"(?P<key>{WECHAT_PAY}\*(?P<charge>[0-9A-Za-z]{{1,32}})\*(?:refund|part\*[1-9][0-9]*))"
    r"(?:-(?:[2-9]|[1-4][0-9]|50))?"
)
"""Of keys as :mod:`shop.money` has them, and turns as :func:`refund_numbers`."""
_PLAIN: Final = re.compile(r"[0-9A-Za-z_:]{1,60}")

log = structlog.get_logger()


class Refunds:
    """The refunds of one merchant."""

    def __init__(self, gateway: PayGateway, merchant: Merchant) -> None:
        self._gateway = gateway
        self._merchant = merchant

    async def refund(self, charge: str, amount: int, key: str) -> RefundState:
        """Refund ``amount`` fen of that payment, or go on where it is, and say how far that is. The
        same ``key`` is the same refund. Raises :class:`shop.errors.TillError`, also where the key
        was used for something else, or more is asked for than is left.
        """
        if amount <= 0 or not _CHARGE.fullmatch(charge):
            raise TillError
        for number in refund_numbers(key):
            known = await self.find(number)
            try:
                refund = known or await self._ask(charge, amount, number)
            except GatewayRefused as refusal:
                if refusal.code not in _WANTS_A_PERSON:
                    raise
                log.warning("wechatpay_refund_refused", charge=charge, code=refusal.code)
                return RefundState.STUCK
            if refund.transaction_id != charge:
                raise TillError
            if refund.state is RefundState.CLOSED:
                continue  # also of another amount: a part may have gone back since
            if refund.amount.refund != amount:
                raise TillError
            return refund.state
        raise TillError

    async def find(self, number: str) -> Refund | None:
        """The refund of that ``out_refund_no``."""
        try:
            path = f"/v3/refund/domestic/refunds/{number}"
            return answered(Refund, await self._gateway.get(path, expected={_ABSENT}))
        except GatewayRefused as refusal:
            if refusal.code == _ABSENT:
                return None
            raise

    async def _ask(self, charge: str, amount: int, number: str) -> Refund:
        path = f"/v3/pay/transactions/id/{charge}?mchid={self._merchant.id}"
        paid = answered(Transaction, await self._gateway.get(path))
        if paid.amount is None:
            raise TillError
        body: dict[str, Any] = {
            "transaction_id": charge,
            "out_refund_no": number,
            "notify_url": self._merchant.notify_url,
            "amount": {
                "refund": amount,
                "total": paid.amount.total,
                "currency": Currency.CNY.value,
            },
        }
        return answered(Refund, await self._gateway.post("/v3/refund/domestic/refunds", body))


def refund_numbers(key: str) -> list[str]:
    """Every ``out_refund_no`` of the refund with that idempotency key, in the order of their use:
    of at most 64 letters, digits and ``_-|*@``. Those of other keys are others."""
    # ":" may not stand in a number, and "*" and "-" stand in no plain key.
    plain = key.replace(":", "*") if _PLAIN.fullmatch(key) else ""
    base = plain or f"h-{hashlib.sha256(key.encode()).hexdigest()[:58]}"
    return [base, *(f"{base}-{turn}" for turn in range(2, MOST_NUMBERS + 1))]


def refund_of(charge: str, number: str) -> str:
    """The idempotency key of the refund of that charge, or of a part of it, whose number is one of
    the :func:`refund_numbers`; the number itself where somebody else chose it, as the merchant's
    console does: two of theirs are never one."""
    ours = _OURS.fullmatch(number)
    if ours is None or ours["charge"] != charge:
        return number
    return ours["key"].replace("*", ":")
