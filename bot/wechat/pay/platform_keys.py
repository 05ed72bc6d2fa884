"""The keys with which WeChat Pay signs, by the serial that its messages name.

One may be set by the operator. A platform certificate that is not known yet is fetched, at most
once a minute: a merchant that changes from certificates to the public key gets messages signed by
either, and certificates are renewed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from shop.errors import Forged, TillError
from shop.ports import Clock

FETCHED_AT_MOST: Final = timedelta(minutes=1)
FAILED_LASTS: Final = timedelta(seconds=5)
FETCH_SECONDS: Final = 3.5
"""A notification is to be answered within five."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """``serial`` in capitals, without leading zeros, as a certificate's is compared."""

    serial: str
    key: RSAPublicKey = field(repr=False)
    until: datetime = _ALWAYS


def key_from_pem(serial: str, pem: str) -> PlatformKey:
    """Of a public key, or of a certificate. Raises ValueError."""
    if "-----BEGIN CERTIFICATE-----" in pem:
        return key_from_certificate(pem.encode())
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("is no RSA key")
    return PlatformKey(_plain(serial), key)


def key_from_certificate(pem: bytes) -> PlatformKey:
    """Raises ValueError."""
    certificate = x509.load_pem_x509_certificate(pem)
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("is no RSA certificate")
    return PlatformKey(f"{certificate.serial_number:X}", key, certificate.not_valid_after_utc)


class PlatformKeys:
    """Finds keys. ``fetch`` asks for all platform certificates, and raises
    :class:`shop.errors.TillError`."""

    def __init__(
        self,
        known: Sequence[PlatformKey],
        fetch: Callable[[], Awaitable[Sequence[PlatformKey]]],
        clock: Clock,
    ) -> None:
        self._keys = {one.serial: one for one in known}
        self._fetch = fetch
        self._clock = clock
        self._fetched_at = self._failed_at = _NEVER
        self._why = ""  # it failed
        self._fetching = asyncio.Lock()

    async def of(self, serial: str, *, of_stranger: bool = False) -> RSAPublicKey:
        """The key of that serial. Raises :class:`shop.errors.Forged` where WeChat Pay has none of
        it; :class:`shop.errors.TillError` where it could not be asked, with ``why``, and for
        ``of_stranger``, whom anybody may be, where it is being asked already: strangers wait for
        nobody."""
        serial = _plain(serial)
        if key := self._valid(serial):
            return key
        if serial.startswith(_PUBLIC_KEY):  # such a key is set by the operator, or not known
            raise Forged
        if of_stranger and self._fetching.locked():
            raise TillError
        async with self._fetching:
            now = self._clock()
            if abs(now - self._fetched_at) > FETCHED_AT_MOST:
                await self._fetch_all(now)
                self._fetched_at = now
        if key := self._valid(serial):
            return key
        raise Forged

    async def _fetch_all(self, now: datetime) -> None:
        """Not again right after it has failed: whoever waits for a key would wait in a row."""
        if abs(now - self._failed_at) < FAILED_LASTS:
            raise TillError(self._why)
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                found = await self._fetch()
        except (TillError, TimeoutError) as error:
            self._failed_at = self._clock()
            self._why = error.why if isinstance(error, TillError) else ""
            raise TillError(self._why) from None
        self._keys |= {one.serial: one for one in found}

    def _valid(self, serial: str) -> RSAPublicKey | None:
        known = self._keys.get(serial)
        return known.key if known and self._clock() < known.until else None


_PUBLIC_KEY: Final = "PUB_KEY_ID_"


def _plain(serial: str) -> str:
    return serial.upper().lstrip("0")
