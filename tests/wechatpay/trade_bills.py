"""The gateway's ``tradebill``: a day of Beijing's as a table, and its hash."""

import gzip
import hashlib
import secrets
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from tests.wechatpay.records import BEIJING, RefundRecord, Refusal, Trade
from tests.wechatpay.trades import Trades

READY = time(10)
URL_LASTS = timedelta(minutes=5)
COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


class TradeBills:
    """Makes them, and hands them out by addresses that hold for five minutes. ``spoil`` may change
    a file after its hash was taken; ``extra`` adds rows of another's."""

    def __init__(self, trades: Trades, clock: Callable[[], datetime], base: Callable[[], str]):
        self._trades = trades
        self._clock = clock
        self._base = base
        self._files: dict[str, tuple[bytes, datetime]] = {}
        self.spoil: Callable[[bytes], bytes] = bytes
        self.extra: dict[date, list[str]] = {}
        self.creating = False

    def ask(self, bill_date: str, tar_type: str) -> dict[str, str]:
        try:
            day = date.fromisoformat(bill_date)
        except ValueError:
            raise Refusal(400, "PARAM_ERROR", "bill_date") from None
        now = self._clock().astimezone(BEIJING)
        if day < now.date() - timedelta(days=92) or tar_type not in ("", "GZIP"):
            raise Refusal(400, "PARAM_ERROR", "bill_date")
        ready = datetime.combine(day + timedelta(days=1), READY, BEIJING)
        rows = self.rows(day)
        if not rows and now >= ready:
            raise Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        if now < ready or self.creating:
            raise Refusal(400, "STATEMENT_CREATING", "账单生成中")
        plain = self._table(rows)
        sent = self.spoil(plain)
        token = secrets.token_urlsafe(24)
        packed = gzip.compress(sent) if tar_type else sent
        self._files[token] = packed, self._clock() + URL_LASTS
        return {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(plain, usedforsecurity=False).hexdigest(),
            "download_url": f"{self._base()}/v3/billdownload/file?token={token}",
        }

    def file(self, token: str) -> bytes:
        data, until = self._files.get(token, (b"", self._clock()))
        if self._clock() >= until:
            raise Refusal(400, "INVALID_REQUEST", "token")
        return data

    def rows(self, day: date) -> list[str]:
        rows = [
            (trade.paid_at, self._payment(trade))
            for trade in self._trades.trades.values()
            if trade.paid_at and trade.paid_at.astimezone(BEIJING).date() == day
        ]
        for refund in self._trades.refunds.values():
            self._trades.advance(refund)
            if refund.at.astimezone(BEIJING).date() == day and refund.status != "CLOSED":
                rows.append((refund.done_at or refund.at, self._refund(refund)))
        return [row for _, row in sorted(rows)] + self.extra.get(day, [])

    def _table(self, rows: list[str]) -> bytes:
        totals = ",".join(
            f"`{one}" for one in (len(rows), "0.00", "0.00", "0.00", "0.00", "0", "0")
        )
        return "\r\n".join([f"\ufeff{COLUMNS}", *rows, TOTALS, totals, ""]).encode()

    def _payment(self, trade: Trade) -> str:
        assert trade.paid_at
        return self._row(
            trade, trade.paid_at, "SUCCESS",
            {"应结订单金额": _yuan(trade.total), "订单金额": _yuan(trade.total)},
        )  # fmt: skip

    def _refund(self, refund: RefundRecord) -> str:
        done = refund.done_at or refund.at
        return self._row(
            refund.trade, done, "REFUND",
            {
                "微信退款单号": refund.refund_id, "商户退款单号": refund.number,
                "退款金额": _yuan(refund.amount), "申请退款金额": _yuan(refund.amount),
                "退款类型": "ORIGINAL",
                "退款状态": {"ABNORMAL": "FAIL"}.get(refund.status, refund.status),
            },
        )  # fmt: skip

    def _row(self, trade: Trade, at: datetime, state: str, more: dict[str, str]) -> str:
        fields = dict.fromkeys(COLUMNS.split(","), "0") | {
            "交易时间": f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
            "公众账号ID": trade.terms["appid"],
            "商户号": trade.terms["mchid"],
            "设备号": "",
            "微信订单号": trade.transaction_id,
            "商户订单号": trade.number,
            "用户标识": trade.payer,
            "交易类型": trade.kind,
            "交易状态": state,
            "付款银行": "OTHERS",
            "货币种类": "CNY",
            "退款状态": "",
            "退款类型": "",
            "商品名称": trade.terms["description"],
            "商户数据包": trade.terms.get("attach", ""),
            "费率": "1.00%",
            "费率备注": "",
        }  # fmt: skip
        amounts = dict.fromkeys(
            (
                "应结订单金额",
                "代金券金额",
                "退款金额",
                "充值券退款金额",
                "订单金额",
                "申请退款金额",
            ),
            "0.00",
        )
        return ",".join(f"`{one}" for one in (fields | amounts | more).values())


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
