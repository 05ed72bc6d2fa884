"""Envelope encryption (AES-256-GCM): one data key per order, one per avatar, each wrapped by the
master key.

All blobs are encrypted here. Deleting a key's row makes everything under it undecipherable, backups
of the blobs included (crypto-shredding): that is how photos are erased in the same transaction as
the event that ended their purpose, before the disk is touched.
"""

import hmac
import os
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shop.errors import NotFound
from shop.ports import Tx
from shop.records import KeyId, SealedKey, new_id

NONCE = 12  # bytes, in front of every ciphertext (NIST SP 800-38D)
KEY = 32  # bytes: AES-256


class EnvelopeCipher:
    """Wraps data keys by the master key (32 bytes), and encrypts blobs by data keys.

    Data keys are read from the database for each call and not kept.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY:
            raise ValueError(f"the master key has {len(master_key)} bytes, not {KEY}")
        self._master = AESGCM(master_key)

    def __repr__(self) -> str:
        return "EnvelopeCipher(...)"

    async def new_key(self, tx: Tx, now: datetime) -> KeyId:
        """Generate a data key and store it wrapped. A rollback discards it."""
        id = KeyId(new_id())
        wrapped = _seal(self._master, os.urandom(KEY), id)
        await tx.add(SealedKey(id, wrapped, now))
        return id

    async def seal(self, tx: Tx, key_id: KeyId, data: bytes, path: str) -> bytes:
        """Encrypt ``data`` for the blob at ``path``, which is authenticated with it.

        Raises :class:`NotFound` when the key was destroyed.
        """
        return _seal(await self._key(tx, key_id), data, path)

    async def open(self, tx: Tx, key_id: KeyId, sealed: bytes, path: str) -> bytes:
        """Decrypt. Raises :class:`NotFound` when the key was destroyed, or when the bytes were
        encrypted by another key, for another path, or altered.
        """
        return _open(await self._key(tx, key_id), sealed, path)

    async def _key(self, tx: Tx, key_id: KeyId) -> AESGCM:
        stored = await tx.get(SealedKey, key_id)
        if stored is None:
            raise NotFound
        return AESGCM(_open(self._master, stored.wrapped, key_id))


def derive_key(master_key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, such as ``telegram/buttons/1``, by HKDF-SHA256 (RFC 5869).

    The same in every process; neither the master key nor another purpose's key can be found
    from it.
    """
    info = f"eider/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=info).derive(master_key)


class KeyedHash:
    """HMAC-SHA-256 under a key for one purpose: the same in every process, and without the master
    key nobody can tell what was hashed, not even by trying every possible value.
    """

    def __init__(self, master_key: bytes, purpose: str) -> None:
        self._key = derive_key(master_key, purpose)

    def __repr__(self) -> str:
        return "KeyedHash(...)"

    def __call__(self, *parts: str) -> str:
        """64 hex digits; other parts, or the same ones cut elsewhere, have another hash."""
        framed = b"".join(b"%d:%s" % (len(part), part) for part in map(str.encode, parts))
        return hmac.digest(self._key, framed, sha256).hex()


async def destroy(tx: Tx, key_id: KeyId | None) -> bool:
    """Delete a data key for good; False if there was none (any more)."""
    return key_id is not None and await tx.remove(SealedKey, id=key_id) > 0


def _seal(key: AESGCM, data: bytes, name: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + key.encrypt(nonce, data, name.encode())


def _open(key: AESGCM, sealed: bytes, name: str) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise NotFound from error
