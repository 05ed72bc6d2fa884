"""The control side of the stand-alone gateway, by HTTP: see README.md."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.keys import pem_of, private_pem, public_pem, serial_of
from tests.wechatpay.records import CannotPay


class Control:
    """Routes below ``/control``."""

    def __init__(self, double: PayDouble) -> None:
        self._double = double

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/settings", self._settings),
            web.get("/control/state", self._state),
            web.post("/control/pay", self._pay),
            web.post("/control/refunds/{number}", self._settle),
            web.post("/control/faults", self._set_faults),
        ]

    async def _settings(self, request: web.Request) -> web.Response:
        """Everything that a merchant has to know."""
        double = self._double
        keys = double.keys
        return web.json_response(
            {
                "app_id": double.app_id,
                "merchant_id": double.merchant_id,
                "serial": keys.serial,
                "private_key": private_pem(keys.merchant),
                "api_v3_key": keys.api_v3_key,
                "public_key_id": keys.public_key_id,
                "public_key": public_pem(keys.platform),
                "certificate_serial": serial_of(keys.certificate),
                "certificate": pem_of(keys.certificate),
            }
        )

    async def _state(self, request: web.Request) -> web.Response:
        self._double.advance()
        trades = self._double.trades
        return web.json_response(
            {
                "trades": [one.record() | {"code": one.code} for one in trades.trades.values()],
                "refunds": [one.record() for one in trades.refunds.values()],
                "notices": [
                    {"id": one.id, "tries": one.tries, "answers": one.answers}
                    for one in self._double.notices.all
                ],
            }
        )

    async def _pay(self, request: web.Request) -> web.Response:
        asked: dict[str, str] = await request.json()
        openid = asked.get("openid", "o-somebody")
        try:
            if code := asked.get("code"):
                trade = self._double.pay(code, openid)
            else:
                trade = self._double.pay_number(asked.get("out_trade_no", ""), openid)
        except CannotPay as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response(trade.record())

    async def _settle(self, request: web.Request) -> web.Response:
        refund = self._double.trades.refunds.get(request.match_info["number"])
        status = (await request.json()).get("status")
        if refund is None or status not in ("SUCCESS", "ABNORMAL", "CLOSED"):
            raise web.HTTPBadRequest
        self._double.settle(refund, status)
        return web.json_response(refund.record())

    async def _set_faults(self, request: web.Request) -> web.Response:
        """Fields of :class:`GatewayFaults`, :class:`NoticeFaults`, and ``by_certificate``."""
        double = self._double
        given: dict[str, Any] = await request.json()
        for name, value in given.items():
            for holder in (double.faults, double.notices.faults, double.notices):
                if hasattr(holder, name):
                    setattr(holder, name, value)
                    break
            else:
                raise web.HTTPBadRequest(text=f"unknown: {name}")
        return web.json_response(asdict(double.faults) | asdict(double.notices.faults))
