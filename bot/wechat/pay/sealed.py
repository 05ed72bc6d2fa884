"""What WeChat Pay encrypts for a merchant: AES-256-GCM under the APIv3 key (``resource`` of a
notification, ``encrypt_certificate`` of a platform certificate).
"""

from base64 import b64decode
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

from shop.errors import Forged


class SealedResource(BaseModel):
    """As it stands in JSON."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    algorithm: Literal["AEAD_AES_256_GCM"]
    ciphertext: str
    nonce: str
    associated_data: str | None = ""

    def open(self, api_v3_key: bytes) -> bytes:
        """Raises :class:`shop.errors.Forged` for what was not sealed under that key."""
        try:
            cipher = AESGCM(api_v3_key)
            data = b64decode(self.ciphertext.encode("ascii"), validate=True)
            nonce, beside = self.nonce.encode(), (self.associated_data or "").encode()
            return cipher.decrypt(nonce, data, beside)
        except (InvalidTag, ValueError):
            raise Forged from None
