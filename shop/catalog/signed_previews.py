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


@dataclass(frozen=True, slots=True)
class SignedSampler:
    """All motions in one clip, as :class:`shop.catalog.motion_sampler.MotionSampler` has it."""

    data: bytes
    poster: bytes
    width: int
    height: int
    seconds: float
    version: str


class SignedPreviews:
    """Reads and signs each preview once in a process's life."""

    def __init__(self, catalog: Catalog, signer: PictureSigner) -> None:
        self._catalog = catalog
        self._signer = signer
        self._signed: dict[str, SignedPreview] = {}
        self._sampler: SignedSampler | None = None

    async def get(self, template_id: str) -> SignedPreview:
        """A JPEG. Raises :class:`shop.errors.NotFound`."""
        if template_id not in self._signed:
            data = await asyncio.to_thread(self._catalog.preview, template_id)
            version = blake2b(data, digest_size=8).hexdigest()
            if is_labelled(data):
                data = await self._signer.sign(UnsignedPicture(data, PictureKind.PREVIEW))
            self._signed[template_id] = SignedPreview(data, version)
        return self._signed[template_id]

    async def motions(self) -> SignedSampler:
        """The moving samples of all motions. Raises :class:`shop.errors.NotFound` for a catalogue
        without any."""
        if self._sampler is None:
            found = await asyncio.to_thread(self._catalog.motion_sampler)
            video = await self._signer.sign(UnsignedPicture(found.data, PictureKind.CLIP))
            poster = await self._signer.sign(UnsignedPicture(found.poster, PictureKind.POSTER))
            version = blake2b(found.data, digest_size=8).hexdigest()
            self._sampler = SignedSampler(
                video, poster, found.width, found.height, found.seconds, version
            )
        return self._sampler
