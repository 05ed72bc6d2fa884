"""Envelope encryption (AES-256-GCM): one data key per order, one per avatar, each wrapped by the
master key; and what is derived from the signing key.

All blobs are encrypted here. Deleting a key's row makes everything under it undecipherable, backups
of the blobs included (crypto-shredding): that is how photos are erased in the same transaction as
the event that ended their purpose, before the disk is touched. Each one is noted for the journal
(:mod:`shop.erasure_journal`), by which it stays destroyed in a restored backup of the database too.

While the master key is being changed there are two: whichever has wrapped a data key unwraps it,
and the one that the database names wraps (:mod:`shop.key_rotation`).
"""

from __future__ import annotations

import contextlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shop import erasure_notes
from shop.errors import NotFound, Unavailable
from shop.ports import Tx
from shop.records import INSTALLATION, ErasureKind, Installation, KeyId, SealedKey, new_id

NONCE = 12  # bytes, in front of every ciphertext (NIST SP 800-38D)
KEY = 32  # bytes: AES-256
TAG = 16  # bytes, behind every ciphertext
CHUNK = 1 << 20  # bytes at a time: a thread that seals a large blob lets the others run between

_KEY_CHECK = "key-check/1"
_MASTER_ID = 16  # hex digits of a key check value


class MasterKeyMissing(Unavailable):
    """The master key that something is wrapped by, or that is to wrap, is not held here."""

    def __init__(self) -> None:
        super().__init__("EIDER_MASTER_KEY: lacks a key of this database (EIDER_MASTER_KEY_OLD?)")


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
    """Wraps data keys by the master key (32 bytes), and encrypts blobs by data keys. Of several
    master keys the one that the database names wraps, and the first where it names none yet.

    Data keys are read from the database for each call and not kept.
    """

    def __init__(self, *master_keys: bytes) -> None:
        for key in master_keys:
            if len(key) != KEY:
                raise ValueError(f"the master key has {len(key)} bytes, not {KEY}")
        self._masters = {master_key_id(key): DataKey(key) for key in master_keys}

    def __repr__(self) -> str:
        return "EnvelopeCipher(...)"

    async def new_key(self, tx: Tx, now: datetime) -> KeyId:
        """Generate a data key and store it wrapped. A rollback discards it. Raises
        :class:`MasterKeyMissing`."""
        id = KeyId(new_id())
        master = await self._wrapping(tx)
        wrapped = self._masters[master].seal(os.urandom(KEY), id)
        await tx.add(SealedKey(id, wrapped, now, master))
        return id

    async def rewrap(self, tx: Tx, stored: SealedKey) -> None:
        """Wrap a data key, whose row is locked, by the master key that wraps now. Raises
        :class:`NotFound` if none of ours has wrapped it, and :class:`MasterKeyMissing`."""
        master = await self._wrapping(tx)
        key = self._unwrapped(stored)
        wrapped = self._masters[master].seal(key, stored.id)
        await tx.put(replace(stored, wrapped=wrapped, master=master))

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

        Raises :class:`NotFound` when the key was destroyed, or none of our master keys has wrapped
        it; :class:`MasterKeyMissing` when it is known that one is missing.
        """
        stored = await tx.get(SealedKey, key_id)
        if stored is None:
            raise NotFound
        return DataKey(self._unwrapped(stored))

    async def _wrapping(self, tx: Tx) -> str:
        """The id of the master key that wraps."""
        known = await tx.get(Installation, INSTALLATION)
        master = known.key_check[:_MASTER_ID] if known else next(iter(self._masters))
        if master not in self._masters:
            raise MasterKeyMissing
        return master

    def _unwrapped(self, stored: SealedKey) -> bytes:
        if stored.master and stored.master not in self._masters:
            raise MasterKeyMissing
        tried = [stored.master] if stored.master else list(self._masters)
        for master in tried:
            with contextlib.suppress(NotFound):
                return self._masters[master].open(stored.wrapped, stored.id)
        raise NotFound


def signing_key_of(master_key: bytes) -> bytes:
    """The signing key of a shop that was given none (32 bytes): HKDF's first step (RFC 5869),
    "extract". The master key cannot be found from it, so that it may stay when that goes."""
    return hmac.digest(bytes(KEY), master_key, sha256)


def derive_key(signing_key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, such as ``telegram/buttons/1``: HKDF-SHA256's second step (RFC
    5869), "expand".

    The same in every process; neither the signing key nor another purpose's key can be found
    from it.
    """
    info = f"eider/{purpose}".encode()
    return HKDFExpand(algorithm=SHA256(), length=KEY, info=info).derive(signing_key)


def key_check_value(key: bytes) -> str:
    """64 hex digits that only this key gives, a master key or a signing key; neither it nor a
    derived key can be found by them."""
    return KeyedHash(signing_key_of(key), _KEY_CHECK)("key check value")


def master_key_id(master_key: bytes) -> str:
    """16 hex digits by which a master key is named beside what it wraps."""
    return key_check_value(master_key)[:_MASTER_ID]


class KeyedHash:
    """HMAC-SHA-256 under a key for one purpose: the same in every process, and without the signing
    key nobody can tell what was hashed, not even by trying every possible value.
    """

    def __init__(self, signing_key: bytes, purpose: str) -> None:
        self._key = derive_key(signing_key, purpose)

    def __repr__(self) -> str:
        return "KeyedHash(...)"

    def __call__(self, *parts: str) -> str:
        """64 hex digits; other parts, or the same ones cut elsewhere, have another hash."""
        framed = b"".join(b"%d:%s" % (len(part), part) for part in map(str.encode, parts))
        return hmac.digest(self._key, framed, sha256).hex()


async def destroy(tx: Tx, key_id: KeyId | None) -> bool:
    """Delete a data key for good; False if there was none (any more)."""
    if key_id is None or not await tx.remove(SealedKey, id=key_id):
        return False
    await erasure_notes.note(tx, ErasureKind.KEY, key_id, await tx.now())
    return True


def _pieces(data: memoryview) -> Iterator[memoryview]:
    return (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
