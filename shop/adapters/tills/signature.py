"""The sandbox provider's signature: HMAC-SHA256 over time, nonce and body, in three headers.

The provider signs, the shop verifies; they share only the secret.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from shop.errors import Forged, Stale

SIGNATURE, TIMESTAMP, NONCE = "Sandbox-Signature", "Sandbox-Timestamp", "Sandbox-Nonce"
AGE_SECONDS = 300
"""A notification older than that, or from further ahead, is refused: it may be a replay."""


def sign(secret: bytes, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a notification that is sent now; another call gives another nonce."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    signature = _digest(secret, timestamp.encode(), nonce.encode(), body)
    return {SIGNATURE: signature.decode(), TIMESTAMP: timestamp, NONCE: nonce}


def verify(secret: bytes, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises :class:`shop.errors.Forged` unless it was signed with ``secret``, and
    :class:`shop.errors.Stale` unless that was at most :data:`AGE_SECONDS` ago or ahead."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        signature, timestamp, nonce = (
            given[name.lower()].encode("ascii") for name in (SIGNATURE, TIMESTAMP, NONCE)
        )
        age = int(now.timestamp()) - int(timestamp)
    except (KeyError, ValueError, OverflowError):
        raise Forged from None
    if not hmac.compare_digest(signature, _digest(secret, timestamp, nonce, body)):
        raise Forged
    if abs(age) > AGE_SECONDS:
        raise Stale(seconds=age)


def _digest(secret: bytes, timestamp: bytes, nonce: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"\n".join((timestamp, nonce, body)), "sha256").hexdigest().encode()
