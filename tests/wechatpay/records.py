"""What the gateway keeps: trades, refunds, notifications; and how it refuses."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

BEIJING = timezone(timedelta(hours=8))

CODE_LASTS = timedelta(hours=2)
"""How long a ``code_url`` and a ``prepay_id`` can be used; asking again gives another."""


class Refusal(Exception):
    """Answered as ``{"code", "message"}``."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code


class CannotPay(Exception):
    """What a customer's WeChat would say instead of taking the money."""


def beijing(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


@dataclass
class Trade:
    """A bill, as it was placed, and what became of it. ``terms`` is the body of the call."""

    kind: str  # NATIVE or JSAPI
    terms: dict[str, Any]
    expires_at: datetime
    state: str = "NOTPAY"
    code: str = ""  # code_url or prepay_id
    code_until: datetime | None = None
    transaction_id: str = ""
    paid_at: datetime | None = None
    payer: str = ""

    @property
    def number(self) -> str:
        return str(self.terms["out_trade_no"])

    @property
    def total(self) -> int:
        return int(self.terms["amount"]["total"])

    def record(self) -> dict[str, Any]:
        """As a query answers it, and a notification seals it."""
        terms = self.terms
        found: dict[str, Any] = {
            "appid": terms["appid"],
            "mchid": terms["mchid"],
            "out_trade_no": self.number,
            "trade_state": self.state,
            "trade_state_desc": _WORDS.get(self.state, self.state),
        }
        if "attach" in terms:
            found["attach"] = terms["attach"]
        if self.paid_at is None:
            return found
        return found | {
            "transaction_id": self.transaction_id,
            "trade_type": self.kind,
            "bank_type": "OTHERS",
            "success_time": beijing(self.paid_at),
            "payer": {"openid": self.payer},
            "amount": {
                "total": self.total,
                "payer_total": self.total,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }


_WORDS = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
}


@dataclass
class RefundRecord:
    """A refund that was accepted."""

    trade: Trade
    terms: dict[str, Any]
    refund_id: str
    at: datetime
    status: str = "PROCESSING"
    ends_at: datetime | None = None
    ends_as: str = "SUCCESS"
    done_at: datetime | None = None
    notified: bool = False

    @property
    def number(self) -> str:
        return str(self.terms["out_refund_no"])

    @property
    def amount(self) -> int:
        return int(self.terms["amount"]["refund"])

    def record(self) -> dict[str, Any]:
        """As calls answer it."""
        found: dict[str, Any] = {
            "refund_id": self.refund_id,
            "out_refund_no": self.number,
            "transaction_id": self.trade.transaction_id,
            "out_trade_no": self.trade.number,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": beijing(self.at),
            "status": self.status,
            "funds_account": "AVAILABLE",
            "amount": {
                "total": self.trade.total,
                "refund": self.amount,
                "payer_total": self.trade.total,
                "payer_refund": self.amount,
                "settlement_refund": self.amount,
                "settlement_total": self.trade.total,
                "discount_refund": 0,
                "currency": "CNY",
            },
        }
        if self.done_at:
            found["success_time"] = beijing(self.done_at)
        return found

    def report(self) -> dict[str, Any]:
        """As a notification seals it."""
        found: dict[str, Any] = {
            "mchid": self.trade.terms["mchid"],
            "out_trade_no": self.trade.number,
            "transaction_id": self.trade.transaction_id,
            "out_refund_no": self.number,
            "refund_id": self.refund_id,
            "refund_status": self.status,
            "amount": {
                "total": self.trade.total,
                "refund": self.amount,
                "payer_total": self.trade.total,
                "payer_refund": self.amount,
            },
            "user_received_account": "支付用户零钱",
        }
        if self.done_at:
            found["success_time"] = beijing(self.done_at)
        return found


@dataclass
class Notice:
    """A notification that is posted until it is answered 200 or 204. ``tries`` counts them."""

    id: str
    url: str
    body: bytes = field(repr=False)
    due_at: datetime | None
    tries: int = 0
    answers: list[int] = field(default_factory=list)
