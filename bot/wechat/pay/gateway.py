"""Calls to WeChat Pay's v3 API: signed by wechatpayv3, their answers verified as notifications are.

The library has its own host and its own way to verify, which looks at no time and drops the keys it
had before it has fetched others: both are ours here.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ValidationError
from wechatpayv3.async_.core import AsyncCore
from wechatpayv3.async_.type import RequestType

from bot.wechat.pay.platform_keys import (
    PlatformKey,
    PlatformKeys,
    key_from_certificate,
    key_from_pem,
)
from bot.wechat.pay.sealed import SealedResource
from bot.wechat.pay.signature import SignedHeaders
from shop.errors import Forged, TillError
from shop.ports import Clock
from shop.settings import Settings

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 15.0

_BUSY: Final = frozenset({"SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "BANK_ERROR"})

_NONE: Final = frozenset({"RESOURCE_NOT_EXISTS"})
"""Of a merchant that has the public key alone: there are no certificates."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Merchant:
    """Whose calls these are, and with which keys; ``notify_url`` is where WeChat Pay posts."""

    app_id: str
    id: str
    api_v3_key: bytes
    notify_url: str

    @classmethod
    def of(cls, settings: Settings, till: str) -> "Merchant":
        return cls(
            settings.wechat_app_id,
            settings.wechatpay_merchant_id,
            settings.wechatpay_api_v3_key.encode(),
            f"{settings.public_url}/pay/{till}",
        )


class GatewayRefused(TillError):
    """WeChat Pay said no, for a reason that asking again does not change: ``code``."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class PayGateway:
    """The API of one merchant. Every call raises :class:`shop.errors.TillError` where it may be
    made again, as it was, and :class:`GatewayRefused` where that would not help."""

    def __init__(self, core: "_Core", keys: PlatformKeys) -> None:
        self._core = core
        self.keys = keys

    async def get(self, path: str) -> dict[str, Any]:
        return _object(await self._ask(path, RequestType.GET))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """{} where the answer has no body."""
        return _object(await self._ask(path, RequestType.POST, dict(body)))

    async def download(self, url: str) -> bytes:
        """A file, by the address that an answer named, which holds for five minutes. It is not
        signed: whoever asks knows its hash."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        found = await self._ask(path, RequestType.GET, signed=False)
        return found.encode() if isinstance(found, str) else found

    def page_parameters(self, app_id: str, prepay_id: str, now: float) -> dict[str, str]:
        """What a page within WeChat hands to ``getBrandWCPayRequest``, signed."""
        timestamp, nonce = str(int(now)), secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        return {
            "appId": app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._core.sign([app_id, timestamp, nonce, package]),
        }

    async def _ask(
        self, path: str, method: Any, body: dict[str, Any] | None = None, *, signed: bool = True
    ) -> str | bytes:
        try:
            status, said = await self._core.request(path, method, body, skip_verify=not signed)
        except TillError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as trouble:
            log.warning("wechatpay_unavailable", error=type(trouble).__name__)
            raise TillError from None
        if 200 <= status < 300:
            found: str | bytes = said
            return found
        code = _code(said)
        if status >= 500 or status == 429 or code in _BUSY:
            log.warning("wechatpay_unavailable", status=status, code=code)
            raise TillError
        log.info("wechatpay_refused", status=status, code=code)
        raise GatewayRefused(code)


class _Core(AsyncCore):  # type: ignore[misc]  # the library is not typed
    """The library's client with our host, our verification, and nothing asked when it is opened."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(
            mchid=settings.wechatpay_merchant_id,
            cert_serial_no=settings.wechatpay_serial,
            private_key=None,
            apiv3_key=settings.wechatpay_api_v3_key,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        )
        # The library takes one form of PEM alone, and checks it anew, which takes its time.
        self._private_key = load_pem_private_key(
            settings.wechatpay_private_key.encode(), None, unsafe_skip_rsa_key_validation=True
        )
        self._gate_way = settings.wechatpay_api_url
        self._public_key_id = settings.wechatpay_public_key_id or None  # named in our requests
        self._clock = clock
        self.keys: PlatformKeys

    async def _init_certificates(self) -> None:
        """They are fetched when one is needed."""

    async def _verify_signature_async(self, headers: Mapping[str, str], body: str) -> bool:
        try:
            signed = SignedHeaders.of(headers)
            signed.verify(body.encode(), await self.keys.of(signed.serial), self._clock())
        except Forged as error:
            log.error("wechatpay_answer_forged", error=type(error).__name__)
            raise TillError from None
        return True


@asynccontextmanager
async def open_gateway(settings: Settings, clock: Clock) -> AsyncIterator[PayGateway]:
    """Open within the block. Asks nothing yet."""
    core = _Core(settings, clock)
    api_v3_key = settings.wechatpay_api_v3_key.encode()

    async def fetch() -> Sequence[PlatformKey]:
        status, said = await core.request("/v3/certificates", skip_verify=True)
        if known and status == 404 and _code(said) in _NONE:
            return ()
        if status != 200:
            log.warning("wechatpay_unavailable", status=status, code=_code(said))
            raise TillError
        return _certificates(said, api_v3_key)

    async def fetch_or_fail() -> Sequence[PlatformKey]:
        try:
            return await fetch()
        except (httpx.HTTPError, OSError, ValueError) as trouble:
            log.warning("wechatpay_unavailable", error=type(trouble).__name__)
            raise TillError from None

    known: list[PlatformKey] = []
    if settings.wechatpay_public_key:
        known.append(key_from_pem(settings.wechatpay_public_key_id, settings.wechatpay_public_key))
    core.keys = PlatformKeys(known, fetch_or_fail, clock)
    async with core:
        yield PayGateway(core, core.keys)


class _Certificate(BaseModel):
    encrypt_certificate: SealedResource


class _Certificates(BaseModel):
    data: list[_Certificate]


def _certificates(said: str, api_v3_key: bytes) -> list[PlatformKey]:
    """Of the answer, which needs no signature: only WeChat Pay has the key that seals each. Raises
    ValueError."""
    found = _Certificates.model_validate_json(said).data
    try:
        return [key_from_certificate(one.encrypt_certificate.open(api_v3_key)) for one in found]
    except Forged:
        raise ValueError("is not sealed under the APIv3 key") from None


def _object(said: str | bytes) -> dict[str, Any]:
    if not said:
        return {}
    try:
        found = json.loads(said)
    except ValueError:
        raise TillError from None
    if not isinstance(found, dict):
        raise TillError
    return found


def _code(said: str | bytes) -> str:
    """Of a refusal; "" where it has none, as of a proxy's."""
    try:
        return str(_Refusal.model_validate_json(said).code)
    except ValidationError:
        return ""


class _Refusal(BaseModel):
    code: str
