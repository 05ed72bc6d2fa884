"""The gateway's rules: what may be placed, paid, closed and refunded, and what is refused how.

The codes and their statuses are those of WeChat Pay's own reference (2025).
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.wechatpay.records import CODE_LASTS, CannotPay, RefundRecord, Refusal, Trade

NUMBER = re.compile(r"[0-9A-Za-z_|*-]{6,32}")
REFUND_NUMBER = re.compile(r"[0-9A-Za-z_|*@-]{1,64}")
TERMS = {"appid", "mchid", "description", "out_trade_no", "time_expire", "attach", "notify_url"} | {
    "goods_tag", "support_fapiao", "amount", "payer", "detail", "scene_info", "settle_info",
}  # fmt: skip
MOST_REFUNDS = 50
REFUND_SECONDS = 60


class Trades:
    """All trades and refunds of one merchant. ``balance``: what it may give back, in fen; None:
    anything."""

    def __init__(self, clock: Callable[[], datetime], app_id: str, merchant_id: str) -> None:
        self.clock = clock
        self.app_id, self.merchant_id = app_id, merchant_id
        self.trades: dict[str, Trade] = {}
        self.refunds: dict[str, RefundRecord] = {}
        self.balance: int | None = None
        self.refunds_end_as = "SUCCESS"
        self.refund_seconds = REFUND_SECONDS
        self._serial = secrets.randbelow(10**8)

    def place(self, kind: str, terms: dict[str, Any]) -> Trade:
        expires_at = self._checked(kind, terms)
        known = self.trades.get(terms["out_trade_no"])
        if known is None:
            known = self.trades[terms["out_trade_no"]] = Trade(kind, terms, expires_at)
        self.look(known)
        if known.state in ("SUCCESS", "REFUND"):
            raise Refusal(400, "ORDERPAID", "该订单已支付")
        if known.state == "CLOSED":
            raise Refusal(400, "ORDER_CLOSED", "订单已关闭")
        if (known.kind, known.terms) != (kind, terms):
            raise Refusal(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        now = self.clock()
        if known.code_until is None or known.code_until <= now:
            word = secrets.token_urlsafe(9)
            native = kind == "NATIVE"
            known.code = (
                f"weixin://wxpay/bizpayurl?pr={word}" if native else f"wx{now:%d%H%M}{word}"
            )
            known.code_until = now + CODE_LASTS
        return known

    def trade(self, number: str) -> Trade:
        known = self.trades.get(number)
        if known is None:
            raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
        self.look(known)
        return known

    def by_transaction(self, transaction_id: str) -> Trade:
        for known in self.trades.values():
            if known.transaction_id == transaction_id != "":
                return known
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")

    def close(self, number: str) -> None:
        known = self.trade(number)
        if known.state in ("SUCCESS", "REFUND"):
            raise Refusal(400, "ORDERPAID", "该订单已支付")
        known.state = "CLOSED"

    def pay(self, code: str, payer: str) -> Trade:
        """The customer scans a code, or a page uses a ``prepay_id``. Raises :class:`CannotPay`."""
        known = next((one for one in self.trades.values() if one.code == code), None)
        if known is None:
            raise CannotPay("the code is not known")
        self.look(known)
        now = self.clock()
        if known.state != "NOTPAY":
            raise CannotPay(f"the order is {known.state}")
        if known.code_until is None or now >= known.code_until:
            raise CannotPay("the code has run out")
        if known.kind == "JSAPI" and payer != known.terms["payer"]["openid"]:
            raise CannotPay("the page was made for somebody else")
        self._serial += 1
        known.state, known.paid_at, known.payer = "SUCCESS", now, payer
        known.transaction_id = f"4200{now:%Y%m%d}{self._serial:016}"
        return known

    def refund(self, terms: dict[str, Any]) -> RefundRecord:
        number = terms.get("out_refund_no")
        amount = terms.get("amount")
        if not isinstance(number, str) or not REFUND_NUMBER.fullmatch(number):
            raise Refusal(400, "PARAM_ERROR", "out_refund_no")
        if not isinstance(amount, dict) or amount.get("currency") != "CNY":
            raise Refusal(400, "PARAM_ERROR", "amount")
        if not all(type(amount.get(one)) is int for one in ("refund", "total")):
            raise Refusal(400, "PARAM_ERROR", "amount")
        try:
            if "transaction_id" in terms:
                trade = self.by_transaction(str(terms["transaction_id"]))
            else:
                trade = self.trade(str(terms.get("out_trade_no", "")))
        except Refusal:
            raise Refusal(404, "RESOURCE_NOT_EXISTS", "订单不存在") from None
        return self._refund(trade, number, terms)

    def refund_of(self, number: str) -> RefundRecord:
        known = self.refunds.get(number)
        if known is None:
            raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        self.advance(known)
        return known

    def settle(self, known: RefundRecord, status: str) -> None:
        """It is that from now on."""
        known.status = status
        known.ends_at = None
        now = self.clock()
        if status == "SUCCESS":
            known.done_at = now
            known.trade.state = "REFUND"
        known.notified = False

    def advance(self, known: RefundRecord) -> None:
        """End it, if its time has come."""
        if known.status == "PROCESSING" and known.ends_at and known.ends_at <= self.clock():
            ends_at = known.ends_at
            self.settle(known, known.ends_as)
            if known.done_at:
                known.done_at = ends_at

    def look(self, known: Trade) -> None:
        if known.state == "NOTPAY" and known.expires_at <= self.clock():
            known.state = "CLOSED"

    def _refund(self, trade: Trade, number: str, terms: dict[str, Any]) -> RefundRecord:
        if earlier := self.refunds.get(number):
            if (earlier.trade, earlier.amount) != (trade, terms["amount"]["refund"]):
                raise Refusal(400, "INVALID_REQUEST", "退款单号已被使用，参数不一致")
            self.advance(earlier)
            return earlier
        mine = [one for one in self.refunds.values() if one.trade is trade]
        given = sum(one.amount for one in mine if one.status != "CLOSED")
        asked, now = terms["amount"]["refund"], self.clock()
        if trade.state not in ("SUCCESS", "REFUND") or terms["amount"]["total"] != trade.total:
            raise Refusal(400, "INVALID_REQUEST", "请求参数与订单信息不一致")
        if not 0 < asked <= trade.total - given:
            raise Refusal(400, "INVALID_REQUEST", "退款金额大于支付金额")
        if len(mine) >= MOST_REFUNDS:
            raise Refusal(403, "INVALID_REQUEST", "超过部分退款次数")
        if now - (trade.paid_at or now) > timedelta(days=365):
            raise Refusal(403, "TRADE_OVERDUE", "订单已经超过可退款的最大期限")
        if any(now - one.at < timedelta(minutes=1) for one in mine):
            raise Refusal(429, "FREQUENCY_LIMITED", "同一笔订单多次退款需相隔1分钟")
        if self.balance is not None and asked > self.balance:
            raise Refusal(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
        self._serial += 1
        known = RefundRecord(
            trade, terms, f"5030{now:%Y%m%d}{self._serial:017}", now,
            ends_at=now + timedelta(seconds=self.refund_seconds), ends_as=self.refunds_end_as,
        )  # fmt: skip
        self.refunds[number] = known
        trade.state = "REFUND"
        return known

    def _checked(self, kind: str, terms: dict[str, Any]) -> datetime:
        """When the trade expires. Raises :class:`Refusal`."""
        if extra := set(terms) - TERMS:
            raise Refusal(400, "PARAM_ERROR", f"unknown: {', '.join(sorted(extra))}")
        amount = terms.get("amount")
        total = amount.get("total") if isinstance(amount, dict) else None
        checks = {
            "description": _text(terms.get("description"), 127),
            "out_trade_no": bool(NUMBER.fullmatch(str(terms.get("out_trade_no")))),
            "attach": "attach" not in terms or _text(terms["attach"], 128),
            "notify_url": _notify_url(terms.get("notify_url")),
            "amount": type(total) is int and total > 0,
            "currency": isinstance(amount, dict) and amount.get("currency", "CNY") == "CNY",
            "payer": kind != "JSAPI" or _text((terms.get("payer") or {}).get("openid"), 128),
        }
        for name, right in checks.items():
            if not right:
                raise Refusal(400, "PARAM_ERROR", name)
        if terms.get("mchid") != self.merchant_id:
            raise Refusal(400, "MCH_NOT_EXISTS", "mchid")
        if terms.get("appid") != self.app_id:
            raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid")
        return self._expiry(terms)

    def _expiry(self, terms: dict[str, Any]) -> datetime:
        now = self.clock()
        if "time_expire" not in terms:
            return now + timedelta(days=7)
        try:
            until = datetime.fromisoformat(terms["time_expire"])
        except (TypeError, ValueError):
            raise Refusal(400, "PARAM_ERROR", "time_expire") from None
        known = terms["out_trade_no"] in self.trades
        if until.tzinfo is None or (not known and until < now + timedelta(minutes=1)):
            raise Refusal(400, "PARAM_ERROR", "time_expire")
        if until > now + timedelta(days=90):
            raise Refusal(400, "PARAM_ERROR", "time_expire")
        return until


def _text(value: object, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value.encode()) <= most


def _notify_url(value: object) -> bool:
    """HTTPS alone, but for this machine; no query."""
    if not _text(value, 255):
        return False
    parts = urlsplit(str(value))
    local = parts.hostname in ("127.0.0.1", "localhost")
    return not parts.query and (parts.scheme == "https" or (parts.scheme == "http" and local))
