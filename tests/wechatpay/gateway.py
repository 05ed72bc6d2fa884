"""The gateway as a server: verifies every call's signature, answers signed, and has a control side
by which a test or a person plays the customer and makes things go wrong.
"""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.wechatpay.keys import ALGORITHM, MerchantKeys, is_signed, pem_of, serial_of, sign
from tests.wechatpay.notices import Notices
from tests.wechatpay.records import CannotPay, RefundRecord, Refusal, Trade, beijing
from tests.wechatpay.trade_bills import TradeBills
from tests.wechatpay.trades import Trades

AUTHORIZATION = re.compile(
    ALGORITHM + r' mchid="(?P<mchid>[^"]*)",nonce_str="(?P<nonce>[^"]*)",'
    r'signature="(?P<signature>[^"]*)",timestamp="(?P<timestamp>[0-9]+)",serial_no="(?P<serial>[^"]*)"'
)
CLOCK_SKEW = 300  # seconds by which a call's timestamp may differ
APP_ID, MERCHANT_ID = "wx0123456789abcdef", "1900000109"

Handle = Callable[[web.Request], Awaitable[dict[str, Any] | None]]


@dataclass
class GatewayFaults:
    """What the API does wrong from now on. ``status``: answers all calls so; ``slow``: waits before
    each; ``unsigned``, ``forged``, ``stale``: the signature of its answers is missing, wrong, old;
    ``drop``: closes the connection after so many calls were done, before they are answered, of
    those whose method and path have ``drop_on`` in them; ``no_certificates``: there is none, as of
    a merchant who has the public key alone."""

    status: int = 0
    slow: float = 0.0
    unsigned: bool = False
    forged: bool = False
    stale: bool = False
    drop: int = 0
    drop_on: str = ""
    no_certificates: bool = False


@dataclass
class PayDouble:
    """One merchant's WeChat Pay. ``clock`` is its business's time; calls are signed by the time of
    the machine, which is ``wall``."""

    keys: MerchantKeys
    clock: Callable[[], datetime]
    app_id: str = APP_ID
    merchant_id: str = MERCHANT_ID
    wall: Callable[[], float] = time.time
    base_url: str = ""
    faults: GatewayFaults = field(default_factory=GatewayFaults)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trades = Trades(self.clock, self.app_id, self.merchant_id)
        self.notices = Notices(self.keys, self.clock)
        self.bills = TradeBills(self.trades, self.clock, lambda: self.base_url)
        self._nonces: set[str] = set()

    # The customer's side.

    def pay(self, code: str, openid: str = "o-somebody") -> Trade:
        """By the content of a code, or by a ``prepay_id``; a notification is due then. Raises
        :class:`CannotPay`."""
        trade = self.trades.pay(code, openid)
        self.notices.add(
            trade.terms["notify_url"], "TRANSACTION.SUCCESS", "transaction", trade.record()
        )
        return trade

    def pay_number(self, number: str, openid: str = "o-somebody") -> Trade:
        """The same, of a bill by its ``out_trade_no``."""
        trade = self.trades.trades.get(number)
        if trade is None:
            raise CannotPay("no such order")
        return self.pay(trade.code, openid)

    def settle(self, refund: RefundRecord, status: str) -> None:
        """End a refund as SUCCESS, ABNORMAL or CLOSED, now."""
        self.trades.settle(refund, status)
        self._tell(refund)

    def advance(self) -> None:
        """End the refunds whose time has come."""
        for refund in self.trades.refunds.values():
            self.trades.advance(refund)
            if refund.status != "PROCESSING" and not refund.notified:
                self._tell(refund)

    def _tell(self, refund: RefundRecord) -> None:
        refund.notified = True
        if url := refund.terms.get("notify_url"):
            self.notices.add(url, f"REFUND.{refund.status}", "refund", refund.report())

    # The merchant's side.

    def routes(self) -> list[web.RouteDef]:
        transactions = "/v3/pay/transactions"
        return [
            web.post(f"{transactions}/native", self._signed(self._native)),
            web.post(f"{transactions}/jsapi", self._signed(self._jsapi)),
            web.get(f"{transactions}/out-trade-no/{{number}}", self._signed(self._by_number)),
            web.get(f"{transactions}/id/{{id}}", self._signed(self._by_id)),
            web.post(f"{transactions}/out-trade-no/{{number}}/close", self._signed(self._close)),
            web.post("/v3/refund/domestic/refunds", self._signed(self._refund)),
            web.get("/v3/refund/domestic/refunds/{number}", self._signed(self._refund_of)),
            web.get("/v3/bill/tradebill", self._signed(self._bill)),
            web.get("/v3/billdownload/file", self._file),
            web.get("/v3/certificates", self._signed(self._certificates)),
        ]

    async def _native(self, request: web.Request) -> dict[str, Any]:
        return {"code_url": self.trades.place("NATIVE", await _json(request)).code}

    async def _jsapi(self, request: web.Request) -> dict[str, Any]:
        return {"prepay_id": self.trades.place("JSAPI", await _json(request)).code}

    async def _by_number(self, request: web.Request) -> dict[str, Any]:
        self._require_merchant(request.query.get("mchid"))
        return self.trades.trade(request.match_info["number"]).record()

    async def _by_id(self, request: web.Request) -> dict[str, Any]:
        self._require_merchant(request.query.get("mchid"))
        return self.trades.by_transaction(request.match_info["id"]).record()

    async def _close(self, request: web.Request) -> None:
        self._require_merchant((await _json(request)).get("mchid"))
        self.trades.close(request.match_info["number"])

    async def _refund(self, request: web.Request) -> dict[str, Any]:
        return self.trades.refund(await _json(request)).record()

    async def _refund_of(self, request: web.Request) -> dict[str, Any]:
        known = self.trades.refund_of(request.match_info["number"])
        self.advance()
        return known.record()

    async def _bill(self, request: web.Request) -> dict[str, Any]:
        query = request.query
        return dict(self.bills.ask(query.get("bill_date", ""), query.get("tar_type", "")))

    async def _file(self, request: web.Request) -> web.Response:
        """A file's answer is not signed."""
        try:
            await self._require_signed(request)
            data = self.bills.file(request.query.get("token", ""))
        except Refusal as refusal:
            return _refused(refusal)
        return web.Response(body=data, content_type="application/octet-stream")

    async def _certificates(self, request: web.Request) -> dict[str, Any]:
        if self.faults.no_certificates:
            raise Refusal(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书")
        certificate = self.keys.certificate
        return {
            "data": [
                {
                    "serial_no": serial_of(certificate),
                    "effective_time": beijing(certificate.not_valid_before_utc),
                    "expire_time": beijing(certificate.not_valid_after_utc),
                    "encrypt_certificate": self.keys.seal(
                        pem_of(certificate).encode(), "certificate"
                    ),
                }
            ]
        }

    def _signed(self, handle: Handle) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Verifies the call, and signs the answer."""

        async def answer(request: web.Request) -> web.Response:
            faults = self.faults
            self.calls.append(f"{request.method} {request.path}")
            await asyncio.sleep(faults.slow)
            if faults.status:
                return web.Response(status=faults.status, text="<html>bad gateway</html>")
            try:
                await self._require_signed(request)
                found = await handle(request)
            except Refusal as refusal:
                return self._sign(_refused(refusal))
            if faults.drop and faults.drop_on in self.calls[-1] and request.transport:
                faults.drop -= 1
                request.transport.abort()
            if found is None:
                return self._sign(web.Response(status=204))
            return self._sign(web.json_response(found, dumps=_dumps))

        return answer

    def _sign(self, answer: web.Response) -> web.Response:
        if self.faults.unsigned:
            return answer
        body = answer.body if isinstance(answer.body, bytes) else b""
        headers = self.notices.headers(body + b" " if self.faults.forged else body)
        if self.faults.stale:
            old = str(int(headers["Wechatpay-Timestamp"]) - 3600)
            signature = sign(self.keys.platform, old, headers["Wechatpay-Nonce"], body)
            headers |= {"Wechatpay-Timestamp": old, "Wechatpay-Signature": signature}
        answer.headers.update(
            headers | {"Wechatpay-Signature-Type": ALGORITHM, "Request-ID": secrets.token_hex(16)}
        )
        return answer

    async def _require_signed(self, request: web.Request) -> None:
        given = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if given is None or "application/json" not in request.headers.get("Accept", ""):
            raise Refusal(401, "SIGN_ERROR", "Authorization or Accept")
        if not request.headers.get("User-Agent"):
            raise Refusal(400, "PARAM_ERROR", "User-Agent")
        if (given["mchid"], given["serial"]) != (self.merchant_id, self.keys.serial):
            raise Refusal(401, "SIGN_ERROR", "mchid or serial_no")
        if abs(self.wall() - int(given["timestamp"])) > CLOCK_SKEW:
            raise Refusal(401, "SIGN_ERROR", "timestamp")
        if given["nonce"] in self._nonces:
            raise Refusal(401, "SIGN_ERROR", "nonce_str was used")
        self._nonces.add(given["nonce"])
        body = await request.read()
        lines = (request.method, request.raw_path, given["timestamp"], given["nonce"], body)
        if not is_signed(self.keys.merchant.public_key(), given["signature"], *lines):
            raise Refusal(401, "SIGN_ERROR", "signature")

    def _require_merchant(self, given: object) -> None:
        if given != self.merchant_id:
            raise Refusal(400, "PARAM_ERROR", "mchid")


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Refusal(400, "PARAM_ERROR", "Content-Type")
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refusal(400, "PARAM_ERROR", "JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "PARAM_ERROR", "JSON")
    return body


def _refused(refusal: Refusal) -> web.Response:
    body = {"code": refusal.code, "message": refusal.message}
    return web.json_response(body, status=refusal.status, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
