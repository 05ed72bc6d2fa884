"""The account that is played: a certified service account (服务号)."""

import secrets
import string
from dataclasses import dataclass, field
from typing import Literal

from tests.wechatapi.crypto import Sealer

Mode = Literal["plain", "compatible", "safe"]


def _aes_key() -> str:
    """Letters and digits, as WeChat makes them: the last one may have bits that count for nothing,
    which strict decoders of Base64 refuse, to their owners' surprise."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(43))


@dataclass(frozen=True, slots=True)
class Account:
    """What an operator copies from WeChat's console. ``original_id`` is what callbacks name the
    account by (原始 ID). ``mode`` is how callbacks are enciphered."""

    app_id: str = "wx0123456789abcdef"
    secret: str = field(default="5ec4e7" + "0" * 26, repr=False)
    token: str = field(default="callbacktoken", repr=False)
    aes_key: str = field(default_factory=_aes_key, repr=False)
    original_id: str = "gh_0123456789ab"
    mode: Mode = "safe"

    def sealer(self) -> Sealer:
        return Sealer(self.aes_key, self.app_id)
