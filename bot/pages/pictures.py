"""Opens a picture or a clip for its owner. For everybody else it is not there
(:class:`NotFound`)."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from aiohttp import web

from bot.fitting import POSTER
from handlers.steps.motions import SAMPLER
from shop.avatars import portraits, samples
from shop.catalog.signed_previews import SignedPreviews
from shop.clips import delivery, sources
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.labels.signing import PictureSigner
from shop.orders import orders
from shop.ports import Blobs, Database, Tx
from shop.records import Clip, Portrait, User

PREVIEW: Final = "preview"
MOTIONS: Final = SAMPLER.partition(":")[2]

_JPEG = "image/jpeg"
_MP4 = "video/mp4"
_PNG = b"\x89PNG"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


_Opener = Callable[[User, str], Awaitable["OpenedPicture"]]


@dataclass(frozen=True, slots=True)
class OpenedPicture:
    """A picture's or a clip's bytes, its type, and the name under which a browser saves it."""

    data: bytes = field(repr=False)
    media_type: str
    name: str

    def answer(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        """The answer to a request for it: with ``?download`` a file to save, and of a range of
        bytes those alone, without which Safari plays no clip. Raises
        ``HTTPRequestRangeNotSatisfiable``."""
        size, told = len(self.data), {**headers, "Accept-Ranges": "bytes"}
        if "download" in request.query:
            told["Content-Disposition"] = f'attachment; filename="{self.name}"'
        first, end, status = 0, size, 200
        with suppress(ValueError):  # what is no range of bytes is no wish
            wanted = request.http_range
            if wanted.start is not None:
                first, end, _ = wanted.indices(size)
                if first >= end:
                    outside = {"Content-Range": f"bytes */{size}"}
                    raise web.HTTPRequestRangeNotSatisfiable(headers=outside)
                status, told["Content-Range"] = 206, f"bytes {first}-{end - 1}/{size}"
        body = self.data[first:end]
        return web.Response(body=body, status=status, content_type=self.media_type, headers=told)


class PersonalPictures:
    """Portraits, clips and training samples from their sealed blobs, previews from the catalogue:
    all of them labelled and signed, as the chat shows them and as its files are."""

    def __init__(
        self,
        database: Database,
        cipher: EnvelopeCipher,
        blobs: Blobs,
        signer: PictureSigner,
        previews: SignedPreviews,
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._blobs = blobs
        self._signer = signer
        self._previews = previews

    async def open(self, user: User, id: str) -> OpenedPicture:
        """``id`` as :class:`handlers.chat.Picture` and :class:`handlers.chat.ClipFile` have it: a
        portrait's or a clip's, ``poster:{clip}``, ``source:{clip}``, ``came:{clip}``,
        ``came-beside:{clip}`` and ``together:{clip}``, ``sample:{order}``, ``preview:{template}``,
        ``preview:motions``. Raises :class:`NotFound`.
        """
        kind, _, rest = id.rpartition(":")
        if kind in (PREVIEW, f"{POSTER}{PREVIEW}"):
            return await self.open_preview(rest, still=kind != PREVIEW)
        openers: dict[str, _Opener] = {
            "sample": self._sample,
            "source": self._source,
            "came": partial(self._source_as_it_came, place=0),
            "came-beside": partial(self._source_as_it_came, place=-1),
            "together": self._together,
            POSTER.rstrip(":"): self._poster,
            "": self._own,
        }
        if kind not in openers:
            raise NotFound
        return await openers[kind](user, rest)

    async def open_preview(self, template: str, *, still: bool = False) -> OpenedPicture:
        """That style's preview, or the clip of all motions, or of that the first frame (``still``),
        which are everybody's. Raises :class:`NotFound`."""
        if template == MOTIONS:
            sampler = await self._previews.motions()
            if still:
                return OpenedPicture(sampler.poster, _JPEG, f"eider-{template}.jpg")
            return OpenedPicture(sampler.data, _MP4, f"eider-{template}.mp4")
        preview = await self._previews.get(template)
        return OpenedPicture(preview.data, _JPEG, f"eider-{template}.jpg")

    async def _sample(self, user: User, order_id: str) -> OpenedPicture:
        async with self._database.snapshot() as tx:
            order = await orders.get_owned(tx, user, order_id)
            sealed = await samples.find_sample(tx, self._cipher, order.id)
        data = await sealed.open(self._blobs, self._signer)
        media_type = "image/png" if data.startswith(_PNG) else _JPEG
        return OpenedPicture(data, media_type, "eider-sample")

    async def _own(self, user: User, id: str) -> OpenedPicture:
        """A portrait, or a clip."""
        try:
            return await self._portrait(user, id)
        except NotFound:
            return await self._clip(user, id)

    async def _clip(self, user: User, id: str) -> OpenedPicture:
        async with self._database.snapshot() as tx:
            sealed = await delivery.find_clip(tx, self._cipher, await _own_clip(tx, user, id))
        data = await sealed.video.open(self._blobs, self._signer)
        return OpenedPicture(data, _MP4, f"eider-{id[:8]}.mp4")

    async def _poster(self, user: User, id: str) -> OpenedPicture:
        async with self._database.snapshot() as tx:
            sealed = await delivery.find_clip(tx, self._cipher, await _own_clip(tx, user, id))
        data = await sealed.poster.open(self._blobs, self._signer)
        return OpenedPicture(data, _JPEG, f"eider-{id[:8]}.jpg")

    async def _source(self, user: User, id: str) -> OpenedPicture:
        """A photo that is to come alive, as it will move: the person's own picture, unsigned."""
        async with self._database.snapshot() as tx:
            clip = await _own_clip(tx, user, id)
            sealed, *_ = await sources.find_sources(tx, self._cipher, clip)
        return OpenedPicture(await sealed.open(self._blobs), _JPEG, "eider-source.jpg")

    async def _source_as_it_came(self, user: User, id: str, *, place: int) -> OpenedPicture:
        """The first of a clip's, or the last."""
        async with self._database.snapshot() as tx:
            clip = await _own_clip(tx, user, id)
            came = await sources.find_before(tx, self._cipher, clip)
        return OpenedPicture(await came[place].open(self._blobs), _JPEG, "eider-came.jpg")

    async def _together(self, user: User, id: str) -> OpenedPicture:
        """Two pictures in one frame, before it moves."""
        async with self._database.snapshot() as tx:
            clip = await _own_clip(tx, user, id)
            sealed = await sources.find_joined(tx, self._cipher, clip)
        data = await sealed.open(self._blobs, self._signer)
        return OpenedPicture(data, _JPEG, "eider-together.jpg")

    async def _portrait(self, user: User, id: str) -> OpenedPicture:
        async with self._database.snapshot() as tx:
            portrait = await tx.get(Portrait, id)
            if portrait is None or portrait.user_id != user.id:
                raise NotFound
            sealed = await portraits.find_picture(tx, self._cipher, portrait)
        data = await sealed.open(self._blobs, self._signer)
        ending = _ENDINGS.get(portrait.media_type, "bin")
        return OpenedPicture(data, portrait.media_type, f"eider-{portrait.id[:8]}.{ending}")


async def _own_clip(tx: Tx, user: User, id: str) -> Clip:
    clip = await tx.get(Clip, id)
    if clip is None or clip.user_id != user.id:
        raise NotFound
    return clip
