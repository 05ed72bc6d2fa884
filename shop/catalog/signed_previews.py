"""The styles' previews as they leave the house: what was painted is signed, what was drawn by hand
is not, for it is no work of a model's.
"""

import asyncio
from dataclasses import dataclass
from hashlib import blake2b

from shop.catalog import Catalog
from shop.labels.hidden import is_labelled
from shop.labels.signing import PictureKind, PictureSigner, UnsignedPicture


@dataclass(frozen=True, slots=True)
class SignedPreview:
    """``version`` tells it from what another release shows for the same style; signing the same
    picture again gives other bytes, and no other version."""

    data: bytes
    version: str


class SignedPreviews:
    """Reads and signs each preview once in a process's life."""

    def __init__(self, catalog: Catalog, signer: PictureSigner) -> None:
        self._catalog = catalog
        self._signer = signer
        self._signed: dict[str, SignedPreview] = {}

    async def get(self, template_id: str) -> SignedPreview:
        """A JPEG. Raises :class:`shop.errors.NotFound`."""
        if template_id not in self._signed:
            data = await asyncio.to_thread(self._catalog.preview, template_id)
            version = blake2b(data, digest_size=8).hexdigest()
            if is_labelled(data):
                data = await self._signer.sign(UnsignedPicture(data, PictureKind.PREVIEW))
            self._signed[template_id] = SignedPreview(data, version)
        return self._signed[template_id]
