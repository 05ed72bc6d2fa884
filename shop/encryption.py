"""Encryption at rest: one data key per order, one per avatar, each wrapped by the master key.

Whatever lies in the blobs was sealed here. Deleting a key's row turns everything under it into
noise, backups of the blobs included; that is how photos are erased in the same transaction as the
event that ended their purpose, before a disk has been touched.
"""

import os
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shop.errors import NotFound
from shop.ports import Tx
from shop.records import KeyId, SealedKey, new_id

NONCE = 12  # bytes, in front of every sealed text (NIST SP 800-38D)
KEY = 32  # bytes: AES-256


class EnvelopeCipher:
    """Holds the master key, and no other. ``master_key`` is 32 bytes."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY:
            raise ValueError(f"the master key has {len(master_key)} bytes, not {KEY}")
        self._master = AESGCM(master_key)

    def __repr__(self) -> str:
        return "EnvelopeCipher(...)"

    async def new_key(self, tx: Tx, now: datetime) -> KeyId:
        """Make and store a data key. It is gone again if the transaction is."""
        id = KeyId(new_id())
        wrapped = _seal(self._master, os.urandom(KEY), id)
        await tx.add(SealedKey(id, wrapped, now))
        return id

    async def seal(self, tx: Tx, key_id: KeyId, data: bytes, path: str) -> bytes:
        """Encrypt ``data`` for the blob at ``path``; it opens at no other path.

        Raises :class:`NotFound` when the key was destroyed.
        """
        return _seal(await self._key(tx, key_id), data, path)

    async def open(self, tx: Tx, key_id: KeyId, sealed: bytes, path: str) -> bytes:
        """Decrypt. Raises :class:`NotFound` when the key was destroyed, or when the bytes were
        sealed by another key, for another path, or altered: they are not what was asked for.
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


async def destroy(tx: Tx, key_id: KeyId | None) -> bool:
    """Forget a data key for ever; False if there was none (any more)."""
    return key_id is not None and await tx.remove(SealedKey, id=key_id) > 0


def _seal(key: AESGCM, data: bytes, name: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + key.encrypt(nonce, data, name.encode())


def _open(key: AESGCM, sealed: bytes, name: str) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise NotFound from error
