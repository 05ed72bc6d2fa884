"""The message crypto, from the published scheme: AES-256-CBC, the key's first half as IV, PKCS #7
in blocks of 32, ``random(16) + length(4, big endian) + message + app id``."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class Broken(ValueError):
    """Not sealed by this account."""


def sign(*parts: str) -> str:
    """The SHA-1 of the sorted parts, in hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def signed(signature: str, *parts: str) -> bool:
    """Whether it is theirs."""
    return hmac.compare_digest(signature.encode(), sign(*parts).encode())


class Sealer:
    """``aes_key`` is the EncodingAESKey: 43 characters of Base64."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        self._key = base64.b64decode(aes_key + "=")
        if len(self._key) != 32:
            raise ValueError("an EncodingAESKey has 43 characters")
        self._app_id = app_id.encode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def seal(self, message: bytes, random: bytes | None = None) -> str:
        """Base64. ``random``: 16 bytes, for published vectors."""
        salt = random or secrets.token_hex(8).encode()
        plain = salt + struct.pack(">I", len(message)) + message + self._app_id
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> bytes:
        """The message. Raises :class:`Broken`."""
        try:
            data = base64.b64decode(sealed, validate=True)
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(data) + decryptor.finalize()
        except (binascii.Error, ValueError) as why:
            raise Broken(str(why)) from None
        pad = padded[-1] if padded else 0
        if len(padded) % BLOCK or not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise Broken("padding: PKCS #7 in blocks of 32")
        plain = padded[:-pad]
        if len(plain) < 20:
            raise Broken("too short")
        (length,) = struct.unpack(">I", plain[16:20])
        message, app_id = plain[20 : 20 + length], plain[20 + length :]
        if len(message) != length or app_id != self._app_id:
            raise Broken("another length or app id")
        return message
