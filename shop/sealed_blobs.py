"""Sealed blobs: looked up in a transaction, read or written while none is open.

A disk may be slow or far away, and whoever waits for a row's lock would wait for it too. So the key
is found first, and the bytes go through it after the transaction has ended. What ends in between
(an erasure destroys the key) is seen by whoever commits next: the blob is then nobody's, and is
removed by them or by :func:`shop.blob_erasure.sweep_blobs`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.encryption import DataKey, EnvelopeCipher
from shop.ports import Blobs, Tx
from shop.records import KeyId


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """A blob's path and the key that opens it."""

    path: str
    key: DataKey = field(repr=False)

    async def open(self, blobs: Blobs) -> bytes:
        """Read and decrypt it, outside of transactions. Raises
        :class:`shop.errors.NotFound` once it was erased."""
        sealed = await blobs.get(self.path)
        return await asyncio.to_thread(self.key.open, sealed, self.path)


async def find_blob(tx: Tx, cipher: EnvelopeCipher, key_id: KeyId, path: str) -> SealedBlob:
    """Raises :class:`shop.errors.NotFound` when the key was destroyed."""
    return SealedBlob(path, await cipher.data_key(tx, key_id))


async def store_blob(blobs: Blobs, key: DataKey, data: bytes, path: str) -> None:
    """Encrypt ``data`` and write it at ``path``, outside of transactions."""
    await blobs.put(path, await asyncio.to_thread(key.seal, data, path))


async def remove_blobs(blobs: Blobs, paths: Sequence[str]) -> None:
    """Remove what was stored for a transaction that then did not refer to it."""
    for path in paths:
        await blobs.remove(path)
