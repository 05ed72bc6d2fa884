"""Our till over the gateway: what contract tests and tests of the till stand on."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from bot.wechat.pay.gateway import open_gateway
from bot.wechat.pay.till import WechatPayTill
from shop.errors import TillError
from shop.ports import Till
from shop.settings import Settings
from tests.conftest import SetClock
from tests.keys import MASTER_KEY_BASE64
from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.keys import pem_of, private_pem, public_pem, serial_of, shared_keys
from tests.wechatpay.records import BEIJING, CannotPay
from tests.wechatpay.server import serving

PAYER = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"


def merchant_env(double: PayDouble, *, by: str = "public key") -> dict[str, str]:
    """The variables of a shop whose WeChat Pay is ``double``; ``by``: how its signatures are
    verified: "public key", "certificate", or "" for certificates that are fetched."""
    keys = double.keys
    env = {
        "EIDER_WECHAT_APP_ID": double.app_id,
        "EIDER_WECHAT_SECRET": "0123456789abcdef" * 2,
        "EIDER_WECHAT_TOKEN": "token123",
        "EIDER_WECHATPAY_MERCHANT_ID": double.merchant_id,
        "EIDER_WECHATPAY_SERIAL": keys.serial,
        "EIDER_WECHATPAY_PRIVATE_KEY": private_pem(keys.merchant),
        "EIDER_WECHATPAY_API_V3_KEY": keys.api_v3_key,
        "EIDER_WECHATPAY_API_URL": double.base_url,
    }
    if by == "public key":
        env["EIDER_WECHATPAY_PUBLIC_KEY_ID"] = keys.public_key_id
        env["EIDER_WECHATPAY_PUBLIC_KEY"] = public_pem(keys.platform)
    elif by == "certificate":
        env["EIDER_WECHATPAY_PUBLIC_KEY_ID"] = serial_of(keys.certificate)
        env["EIDER_WECHATPAY_PUBLIC_KEY"] = pem_of(keys.certificate)
    return env


def merchant_settings(double: PayDouble, *, by: str = "public key", **more: str) -> Settings:
    env = {"EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_PUBLIC_URL": "https://eider.example"}
    env |= merchant_env(double, by=by) | more
    address = {"wechatpay_api_url": env.pop("EIDER_WECHATPAY_API_URL")}
    return _read(tuple(sorted(env.items()))).model_copy(update=address)


@cache
def _read(env: tuple[tuple[str, str], ...]) -> Settings:
    """To check a private key takes longer than most tests."""
    return Settings.from_env(dict(env))


@dataclass
class WechatStand:
    """The till, its customer, and its provider. ``double`` may be made to go wrong."""

    till: Till
    wechat: WechatPayTill
    double: PayDouble
    clock: SetClock
    settings: Settings

    async def pay(self, reference: str) -> tuple[Mapping[str, str], bytes]:
        """Scan the bill's code. Raises TillError where WeChat would not take the money."""
        try:
            self.double.pay_number(reference, PAYER)
        except CannotPay as error:
            raise TillError from error
        return self.last_notice()

    def last_notice(self) -> tuple[Mapping[str, str], bytes]:
        """The latest notification, signed now."""
        body = self.double.notices.all[-1].body
        return self.double.notices.headers(body), body

    async def to_statement(self) -> None:
        """To noon of the next day, in Beijing: yesterday's bill is there."""
        noon = self.clock().astimezone(BEIJING).replace(hour=12, minute=0, second=0, microsecond=0)
        self.clock.now = (noon + timedelta(days=1)).astimezone(self.clock.now.tzinfo)
        self.double.advance()


@asynccontextmanager
async def open_double(clock: Callable[[], datetime]) -> AsyncIterator[PayDouble]:
    double = PayDouble(shared_keys(), clock)
    async with serving(double):
        yield double


@asynccontextmanager
async def open_stand(
    clock: SetClock, *, by: str = "public key", **settings: Any
) -> AsyncIterator[WechatStand]:
    async with open_double(clock) as double:
        read = merchant_settings(double, by=by, **settings)
        async with open_gateway(read, clock) as gateway:
            till = WechatPayTill(gateway, read, clock)
            yield WechatStand(till, till, double, clock, read)
