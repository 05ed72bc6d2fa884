"""Opens a picture for its owner. For everybody else it does not exist (:class:`NotFound`)."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.playground import PLAYGROUND
from bot.playground.routes import OpenedPicture
from shop.avatars import portraits, samples
from shop.avatars.sealed_pictures import SealedPicture
from shop.catalog.signed_previews import SignedPreviews
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.labels.signing import PictureSigner
from shop.orders import orders
from shop.people import users
from shop.photos import photos
from shop.ports import Blobs, Database, Tx
from shop.records import Photo, PhotoState, Portrait, User
from shop.sealed_blobs import SealedBlob

_JPEG = "image/jpeg"
_PNG = b"\x89PNG"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class _Found:
    """A picture before it is opened; ``media_type`` "" for what its bytes say."""

    sealed: SealedPicture | SealedBlob  # a portrait or a sample; an upload
    media_type: str
    name: str


class Pictures:
    """Portraits and training samples from their sealed blobs, previews from the catalogue."""

    def __init__(
        self,
        database: Database,
        cipher: EnvelopeCipher,
        blobs: Blobs,
        signer: PictureSigner,
        previews: SignedPreviews,
        admins: Collection[str],
    ) -> None:
        """``admins`` as the settings have them: they see photos that are held for review."""
        self._admins = admins
        self._database = database
        self._cipher = cipher
        self._blobs = blobs
        self._signer = signer
        self._previews = previews

    async def open(self, person: str, id: str) -> OpenedPicture:
        """``id`` as :class:`handlers.chat.Picture` has it: a portrait's, ``sample:{order}``,
        ``preview:{template}``, or, for an admin, that of a photo held for review, which alone is
        not signed. Raises :class:`NotFound`."""
        kind, _, rest = id.rpartition(":")
        if kind == "preview":
            preview = await self._previews.get(rest)
            return OpenedPicture(preview.data, _JPEG, f"eider-{rest}.jpg")
        async with self._database.snapshot() as tx:
            user = await _at_the_page(tx, person)
            if kind == "sample":
                order = await orders.get_owned(tx, user, rest)
                sealed = await samples.find_sample(tx, self._cipher, order.id)
                found = _Found(sealed, "", "eider-sample")
            else:
                found = await self._held(tx, person, rest) or await self._portrait(tx, user, rest)
        if isinstance(found.sealed, SealedPicture):
            data = await found.sealed.open(self._blobs, self._signer)
        else:
            data = await found.sealed.open(self._blobs)
        media_type = found.media_type or ("image/png" if data.startswith(_PNG) else _JPEG)
        return OpenedPicture(data, media_type, found.name)

    async def _held(self, tx: Tx, person: str, id: str) -> _Found | None:
        """A photo that an admin was asked about, while it is held. ``/review``, which shows it in
        the chat, has written the audit entry."""
        admin = users.address(PLAYGROUND, person) in self._admins
        photo = await tx.get(Photo, id) if admin else None
        if photo is None or photo.state is not PhotoState.HELD:
            return None
        return _Found(await photos.find_jpeg(tx, self._cipher, photo), _JPEG, "held.jpg")

    async def _portrait(self, tx: Tx, user: User, id: str) -> _Found:
        portrait = await tx.get(Portrait, id)
        if portrait is None or portrait.user_id != user.id:
            raise NotFound
        sealed = await portraits.find_picture(tx, self._cipher, portrait)
        ending = _ENDINGS.get(portrait.media_type, "bin")
        return _Found(sealed, portrait.media_type, f"eider-{portrait.id[:8]}.{ending}")


async def _at_the_page(tx: Tx, person: str) -> User:
    found = await users.find(tx, PLAYGROUND, person)
    if found is None:
        raise NotFound
    return found
