"""The link of a bill: it names the order and is signed, so that nobody finds another's by guessing.

It may be shown to anybody: the page lets nobody but the order's owner pay within WeChat, and a code
may be scanned by whoever wants to pay for them.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import urlencode

from shop.encryption import derive_key
from shop.records import OrderId

PATH: Final = "/pay/wechat/checkout"
"""WeChat Pay wants the folder of this page as a payment directory: ``https://.../pay/wechat/``."""

_PURPOSE: Final = "wechatpay/checkout/1"
_TOKEN: Final = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{22})")


class CheckoutLink:
    """Makes and reads links, with a key derived from the master key."""

    def __init__(self, signing_key: bytes, public_url: str) -> None:
        self._key = derive_key(signing_key, _PURPOSE)
        self._page = f"{public_url}{PATH}"

    def url(self, order_id: OrderId, **more: str) -> str:
        """Of that order's page."""
        return f"{self._page}?{urlencode({'bill': self.token(order_id), **more})}"

    def token(self, order_id: OrderId) -> str:
        return f"{order_id}.{self._tag(order_id)}"

    def order_of(self, token: str) -> OrderId | None:
        """None for one that we did not make."""
        parts = _TOKEN.fullmatch(token)
        if parts is None or not hmac.compare_digest(parts[2], self._tag(parts[1])):
            return None
        return OrderId(parts[1])

    def _tag(self, order_id: str) -> str:
        tag = hmac.digest(self._key, order_id.encode(), "sha256")[:16]
        return urlsafe_b64encode(tag).decode().rstrip("=")
