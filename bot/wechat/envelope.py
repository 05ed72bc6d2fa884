"""What surrounds a callback's message: signatures, and in WeChat's compatible and safe modes the
encryption (AES-256-CBC, padded to blocks of 32 bytes, with the app id inside).

wechatpy decrypts and encrypts. Whatever breaks on what a stranger wrote is :class:`Malformed`;
what is not WeChat's, or not for this account, is :class:`shop.errors.Forged`.
"""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha1
from typing import Any, Final

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.exceptions import InvalidAppIdException

from shop.errors import Forged

_REPLY: Final = (
    "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>"
    "<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{timestamp}</TimeStamp>"
    "<Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)


class Malformed(Exception):
    """It is no message of WeChat's: no XML, not decrypted, or without what each has."""


class Envelope:
    """Verifies, opens and seals. ``aes_key``: the console's EncodingAESKey; "" in plain mode."""

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        self._token = token
        self._app_id = app_id
        self._key = b64decode(f"{aes_key}=") if aes_key else b""

    def __repr__(self) -> str:
        return "Envelope(...)"

    @property
    def encrypts(self) -> bool:
        """Whether messages must come encrypted, and are answered so."""
        return bool(self._key)

    def is_signed(self, signature: str, *parts: str) -> bool:
        """Whether somebody who knows the token signed these parts. Takes the same time for every
        wrong signature of one length."""
        ours = self.signature(*parts).encode()
        # Bytes that are no UTF-8 reach us as lone surrogates, which compare as what they are.
        return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), ours)

    def open(self, body: bytes, signature: str, timestamp: str, nonce: str) -> str:
        """The message in an encrypted body, once its ``msg_signature`` is found right. Raises
        :class:`shop.errors.Forged` or :class:`Malformed`."""
        encrypted = fields_of(text_of(body)).get("Encrypt")
        if not isinstance(encrypted, str):
            raise Malformed
        if not self.is_signed(signature, timestamp, nonce, encrypted):
            raise Forged
        try:
            crypto = PrpCrypto(self._key)
            _require_padding(crypto.cipher.decrypt(b64decode(encrypted)))
            return str(crypto.decrypt(encrypted, self._app_id))
        except InvalidAppIdException:
            raise Forged from None
        except Exception:  # whatever wechatpy trips over: it leaves through a dozen of types
            raise Malformed from None

    def seal(self, message: str, timestamp: str, nonce: str) -> str:
        """The encrypted body of an answer."""
        encrypt = PrpCrypto(self._key).encrypt(message, self._app_id).decode()
        signature = self.signature(timestamp, nonce, encrypt)
        return _REPLY.format(encrypt=encrypt, signature=signature, timestamp=timestamp, nonce=nonce)

    def signature(self, *parts: str) -> str:
        """As WeChat signs these parts: 40 hex digits."""
        named = sorted(one.encode("utf-8", "surrogatepass") for one in (self._token, *parts))
        return sha1(b"".join(named)).hexdigest()  # noqa: S324 - WeChat's own choice


def _require_padding(padded: bytes) -> None:
    """PKCS#7, to blocks of 32 bytes: wechatpy looks at the last byte alone. Raises
    :class:`Malformed`."""
    count = padded[-1] if padded else 0
    if not 1 <= count <= PKCS7Encoder.block_size or padded[-count:] != bytes([count]) * count:
        raise Malformed


def text_of(body: bytes) -> str:
    """Raises :class:`Malformed` for what is no UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Malformed from None


def fields_of(xml: str) -> Mapping[str, Any]:
    """The elements within ``<xml>``. Raises :class:`Malformed`; entities are refused."""
    try:
        fields = xmltodict.parse(xml)["xml"]
    except Exception:  # expat's, and those of a document that has no such element
        raise Malformed from None
    if not isinstance(fields, dict):
        raise Malformed
    return fields
