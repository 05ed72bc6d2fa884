"""Opens a picture for its owner. For everybody else it does not exist (:class:`NotFound`)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import web

from shop.avatars import portraits, samples
from shop.catalog.signed_previews import SignedPreviews
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.labels.signing import PictureSigner
from shop.orders import orders
from shop.ports import Blobs, Database
from shop.records import Portrait, User

_JPEG = "image/jpeg"
_PNG = b"\x89PNG"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


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
    """Portraits and training samples from their sealed blobs, previews from the catalogue: all of
    them labelled and signed, as the chat shows them and as its files are."""

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
        """``id`` as :class:`handlers.chat.Picture` has it: a portrait's, ``sample:{order}`` or
        ``preview:{template}``. Raises :class:`NotFound`."""
        kind, _, rest = id.rpartition(":")
        if kind == "preview":
            return await self.open_preview(rest)
        if kind == "sample":
            return await self._sample(user, rest)
        if kind:
            raise NotFound
        return await self._portrait(user, rest)

    async def open_preview(self, template: str) -> OpenedPicture:
        """That style's preview, which is everybody's. Raises :class:`NotFound`."""
        preview = await self._previews.get(template)
        return OpenedPicture(preview.data, _JPEG, f"eider-{template}.jpg")

    async def _sample(self, user: User, order_id: str) -> OpenedPicture:
        async with self._database.snapshot() as tx:
            order = await orders.get_owned(tx, user, order_id)
            sealed = await samples.find_sample(tx, self._cipher, order.id)
        data = await sealed.open(self._blobs, self._signer)
        media_type = "image/png" if data.startswith(_PNG) else _JPEG
        return OpenedPicture(data, media_type, "eider-sample")

    async def _portrait(self, user: User, id: str) -> OpenedPicture:
        async with self._database.snapshot() as tx:
            portrait = await tx.get(Portrait, id)
            if portrait is None or portrait.user_id != user.id:
                raise NotFound
            sealed = await portraits.find_picture(tx, self._cipher, portrait)
        data = await sealed.open(self._blobs, self._signer)
        ending = _ENDINGS.get(portrait.media_type, "bin")
        return OpenedPicture(data, portrait.media_type, f"eider-{portrait.id[:8]}.{ending}")
