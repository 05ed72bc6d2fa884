"""Calls to WeChat Pay's v3 API: signed by wechatpayv3, their answers verified as notifications are.

The library has its own host and its own way to verify, which looks at no time and drops the keys it
had before it has fetched others: both are ours here.
"""

import json
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
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
from shop.outages import REPEATS
from shop.ports import Clock
from shop.settings import Settings

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 15.0
CERTIFICATES: Final = "/v3/certificates"
NO_CERTIFICATES: Final = frozenset({"RESOURCE_NOT_EXISTS"})
"""Said to a merchant who has the public key alone."""
ABSENT: Final = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})
"""Said of a bill that there is not."""

_BUSY: Final = frozenset({"SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "BANK_ERROR"})

_SIGNATURE: Final = (
    "EIDER_WECHATPAY_MERCHANT_ID, EIDER_WECHATPAY_SERIAL, EIDER_WECHATPAY_PRIVATE_KEY: WeChat Pay "
    "does not take our signature: are number, serial and key of one merchant's one certificate, "
    "and is the host's clock right?"
)
_RIGHT: Final = (
    "EIDER_WECHATPAY_MERCHANT_ID: the merchant lacks the right to do this, in its console"
)
_MERCHANT: Final = {
    "SIGN_ERROR": _SIGNATURE,
    "SIGNERROR": _SIGNATURE,
    "NO_AUTH": _RIGHT,
    "NOAUTH": _RIGHT,
    "MCH_NOT_EXISTS": "EIDER_WECHATPAY_MERCHANT_ID: WeChat Pay knows no such merchant",
    "MCHID_NOT_EXIST": "EIDER_WECHATPAY_MERCHANT_ID: WeChat Pay knows no such merchant",
    "APPID_NOT_EXIST": "EIDER_WECHAT_APP_ID: WeChat Pay knows no such app id",
    "APPID_MCHID_NOT_MATCH": (
        "EIDER_WECHAT_APP_ID, EIDER_WECHATPAY_MERCHANT_ID: the app id is not bound to the merchant"
    ),
}
"""Refusals of the merchant rather than of one call: no call succeeds before somebody mends it."""

API_V3_KEY: Final = "EIDER_WECHATPAY_API_V3_KEY: what WeChat Pay seals does not open with it"
NOT_SIGNED: Final = (
    "EIDER_WECHATPAY_PUBLIC_KEY: an answer of WeChat Pay's cannot be verified: is it, with its id, "
    "the one of this merchant's console, and is the host's clock right?"
)

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
        super().__init__(_MERCHANT.get(code) or f"WeChat Pay refused: {code or 'without a code'}")
        self.code = code


class PayGateway:
    """The API of one merchant. Every call raises :class:`shop.errors.TillError` where it may be
    made again, as it was, and :class:`GatewayRefused` where that would not help; of codes in
    ``expected`` nothing is logged."""

    def __init__(self, core: "_Core", keys: PlatformKeys) -> None:
        self._core = core
        self.keys = keys

    async def get(self, path: str, *, expected: Collection[str] = ()) -> dict[str, Any]:
        return _object(await self._ask(path, RequestType.GET, expected=expected))

    async def post(
        self, path: str, body: Mapping[str, Any], *, expected: Collection[str] = ()
    ) -> dict[str, Any]:
        """{} where the answer has no body."""
        return _object(await self._ask(path, RequestType.POST, dict(body), expected=expected))

    async def certificates(self) -> Sequence[PlatformKey]:
        """The platform certificates, opened with the APIv3 key: a merchant may have none, which is
        refused. The answer's signature is not looked at."""
        said = await self._ask(
            CERTIFICATES, RequestType.GET, signed=False, expected=NO_CERTIFICATES
        )
        try:
            return self._core.certificates_of(said)
        except ValueError:
            raise TillError from None

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
        self,
        path: str,
        method: Any,
        body: dict[str, Any] | None = None,
        *,
        signed: bool = True,
        expected: Collection[str] = (),
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
        raise _refusal(status, _code(said), expected)


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
        self._api_v3_key = settings.wechatpay_api_v3_key.encode()
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
            raise TillError(NOT_SIGNED) from None
        return True

    def certificates_of(self, said: str | bytes) -> list[PlatformKey]:
        """See :func:`_certificates`."""
        return _certificates(said, self._api_v3_key)


@asynccontextmanager
async def open_gateway(settings: Settings, clock: Clock) -> AsyncIterator[PayGateway]:
    """Open within the block. Asks nothing yet."""
    core = _Core(settings, clock)

    async def fetch() -> Sequence[PlatformKey]:
        status, said = await core.request(CERTIFICATES, skip_verify=True)
        if known and status == 404 and _code(said) in NO_CERTIFICATES:
            return ()
        if status != 200:
            raise _refusal(status, _code(said))
        return core.certificates_of(said)

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


def _certificates(said: str | bytes, api_v3_key: bytes) -> list[PlatformKey]:
    """Of the answer, which needs no signature: only WeChat Pay has the key that seals each. Raises
    ValueError, and :class:`shop.errors.TillError` where the key does not open them."""
    found = _Certificates.model_validate_json(said).data
    try:
        return [key_from_certificate(one.encrypt_certificate.open(api_v3_key)) for one in found]
    except Forged:
        log.error("wechatpay_merchant_refused", why=API_V3_KEY, **{REPEATS: API_V3_KEY})
        raise TillError(API_V3_KEY) from None


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


def _refusal(status: int, code: str, expected: Collection[str] = ()) -> TillError:
    """What an answer other than 2xx means; logged, unless it was ``expected``."""
    if status >= 500 or status == 429 or code in _BUSY:
        log.warning("wechatpay_unavailable", status=status, code=code)
        return TillError()
    refused = GatewayRefused(code)
    if code in _MERCHANT:
        repeats = {REPEATS: f"wechatpay_merchant_refused: {code}"}
        log.error(
            "wechatpay_merchant_refused", status=status, code=code, why=refused.why, **repeats
        )
    elif code not in expected:
        log.warning("wechatpay_refused", status=status, code=code)
    return refused


def _code(said: str | bytes) -> str:
    """Of a refusal; "" where it has none, as of a proxy's."""
    try:
        return str(_Refusal.model_validate_json(said).code)
    except ValidationError:
        return ""


class _Refusal(BaseModel):
    code: str
