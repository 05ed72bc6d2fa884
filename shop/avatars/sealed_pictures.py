"""Finished pictures in their blobs: each leaves its blob signed, and in no other way."""

from dataclasses import dataclass
from datetime import date

from shop.labels.signing import PictureKind, PictureSigner, UnsignedPicture
from shop.ports import Blobs
from shop.sealed_blobs import SealedBlob


@dataclass(frozen=True, slots=True)
class SealedPicture:
    """A portrait or a sample, as painted. ``day`` is when, if a record knows it."""

    _blob: SealedBlob  # which opens unsigned, and so is nobody else's
    kind: PictureKind
    day: date | None = None

    async def open(self, blobs: Blobs, signer: PictureSigner) -> bytes:
        """Read, decrypt and sign it, outside of transactions. Raises
        :class:`shop.errors.NotFound` once it was erased."""
        data = await self._blob.open(blobs)
        return await signer.sign(UnsignedPicture(data, self.kind, self.day))
