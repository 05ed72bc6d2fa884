"""Envelope encryption (AES-256-GCM): one data key per order, one per avatar, each wrapped by the
master key.

All blobs are encrypted here. Deleting a key's row makes everything under it undecipherable, backups
of the blobs included (crypto-shredding): that is how photos are erased in the same transaction as
the event that ended their purpose, before the disk is touched.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shop.errors import NotFound
from shop.ports import Tx
from shop.records import KeyId, SealedKey, new_id

NONCE = 12  # bytes, in front of every ciphertext (NIST SP 800-38D)
KEY = 32  # bytes: AES-256
TAG = 16  # bytes, behind every ciphertext
CHUNK = 1 << 20  # bytes at a time: a thread that seals a large blob lets the others run between


class DataKey:
    """An AES-256-GCM key. A sealed blob is nonce, ciphertext and tag; its path is authenticated."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "DataKey(...)"

    def seal(self, data: bytes, path: str) -> bytes:
        """Encrypt."""
        nonce = os.urandom(NONCE)
        encryptor = Cipher(AES256(self._key), GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(path.encode())
        parts = [encryptor.update(piece) for piece in _pieces(memoryview(data))]
        return b"".join((nonce, *parts, encryptor.finalize(), encryptor.tag))

    def open(self, sealed: bytes, path: str) -> bytes:
        """Decrypt. Raises :class:`NotFound` when the bytes were encrypted by another key, for
        another path, or altered."""
        whole = memoryview(sealed)
        if len(whole) < NONCE + TAG:
            raise NotFound
        nonce, tag = bytes(whole[:NONCE]), bytes(whole[-TAG:])
        decryptor = Cipher(AES256(self._key), GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(path.encode())
        parts = [decryptor.update(piece) for piece in _pieces(whole[NONCE:-TAG])]
        try:
            return b"".join((*parts, decryptor.finalize()))
        except InvalidTag as error:
            raise NotFound from error


class EnvelopeCipher:
    """Wraps data keys by the master key (32 bytes), and encrypts blobs by data keys.

    Data keys are read from the database for each call and not kept.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY:
            raise ValueError(f"the master key has {len(master_key)} bytes, not {KEY}")
        self._master = DataKey(master_key)

    def __repr__(self) -> str:
        return "EnvelopeCipher(...)"

    async def new_key(self, tx: Tx, now: datetime) -> KeyId:
        """Generate a data key and store it wrapped. A rollback discards it."""
        id = KeyId(new_id())
        wrapped = self._master.seal(os.urandom(KEY), id)
        await tx.add(SealedKey(id, wrapped, now))
        return id

    async def seal(self, tx: Tx, key_id: KeyId, data: bytes, path: str) -> bytes:
        """Encrypt ``data`` for the blob at ``path``, which is authenticated with it.

        Raises :class:`NotFound` when the key was destroyed.
        """
        return (await self.data_key(tx, key_id)).seal(data, path)

    async def open(self, tx: Tx, key_id: KeyId, sealed: bytes, path: str) -> bytes:
        """Decrypt. Raises :class:`NotFound` when the key was destroyed, or when the bytes were
        encrypted by another key, for another path, or altered.
        """
        return (await self.data_key(tx, key_id)).open(sealed, path)

    async def data_key(self, tx: Tx, key_id: KeyId) -> DataKey:
        """The data key itself, for blobs that are too large to be sealed within a transaction. It
        is to be dropped with the blob: whoever destroys the row counts on nobody keeping it.

        Raises :class:`NotFound` when the key was destroyed.
        """
        stored = await tx.get(SealedKey, key_id)
        if stored is None:
            raise NotFound
        return DataKey(self._master.open(stored.wrapped, key_id))


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


def _pieces(data: memoryview) -> Iterator[memoryview]:
    return (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
