"""What WeChat Pay signs, notifications and answers alike, is verified here, as it came.

Signed are time, nonce and body, each followed by a line break, with SHA-256 and RSA (PKCS #1 v1.5);
``Wechatpay-Serial`` names the key: ``PUB_KEY_ID_...``, or a platform certificate's serial.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from shop.errors import Forged, Stale

AGE_SECONDS: Final = 300
"""What was signed longer ago, or so far ahead, is refused: it may be a replay."""
ALGORITHM: Final = "WECHATPAY2-SHA256-RSA2048"


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """The four headers of a signature, read but not believed yet."""

    serial: str
    timestamp: str
    nonce: str
    signature: bytes = field(repr=False)

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "SignedHeaders":
        """Raises :class:`shop.errors.Forged` where one is missing or has not its form. A
        ``Wechatpay-Signature-Type`` may be left out, as old notifications do."""
        given = {name.lower(): value for name, value in headers.items()}
        try:
            serial, timestamp, nonce, signature = (
                given[f"wechatpay-{name}"] for name in ("serial", "timestamp", "nonce", "signature")
            )
            code = b64decode(signature.encode("ascii"), validate=True)
            in_ascii = all(one.isascii() for one in (serial, timestamp, nonce))
        except (KeyError, ValueError):
            raise Forged from None
        known = given.get("wechatpay-signature-type", ALGORITHM) == ALGORITHM
        digits = timestamp.isdecimal() and len(timestamp) <= 12
        if not (known and in_ascii and digits and serial and nonce):
            raise Forged
        return cls(serial, timestamp, nonce, code)

    def verify(self, body: bytes, key: RSAPublicKey, now: datetime) -> None:
        """Raises :class:`shop.errors.Forged` unless ``key`` signed it, and
        :class:`shop.errors.Stale` unless that was at most :data:`AGE_SECONDS` ago or ahead."""
        said = b"".join(
            part + b"\n" for part in (self.timestamp.encode(), self.nonce.encode(), body)
        )
        try:
            key.verify(self.signature, said, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Forged from None
        age = int(now.timestamp()) - int(self.timestamp)
        if abs(age) > AGE_SECONDS:
            raise Stale(seconds=age)
