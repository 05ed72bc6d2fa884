"""Opens a picture at the playground: the person's own, and for an admin what waits for a review."""

from collections.abc import Awaitable, Callable, Collection

from bot.fitting import POSTER
from bot.pages.pictures import OpenedPicture, PersonalPictures
from bot.playground import PLAYGROUND
from handlers.chat import Picture
from handlers.steps.album import ALBUM
from handlers.steps.first_sight import read_sheet
from shop.catalog.signed_previews import SignedPreviews
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.labels.signing import PictureSigner
from shop.orders import orders
from shop.people import users
from shop.photos import comparison, photos, sheet
from shop.photos.decoding import PhotoDecoder
from shop.ports import Blobs, Database
from shop.records import Photo, PhotoState, Subject, User
from shop.sealed_blobs import SealedBlob

SheetOf = Callable[[str, Subject], Awaitable[Picture]]
"""The samples of the welcome as one picture, in that language, for that subject. Raises
:class:`NotFound` where there are none."""


class Pictures:
    """What the page shows by its id."""

    def __init__(
        self,
        database: Database,
        cipher: EnvelopeCipher,
        blobs: Blobs,
        signer: PictureSigner,
        previews: SignedPreviews,
        admins: Collection[str],
        decoder: PhotoDecoder,
        sheet_of: SheetOf,
    ) -> None:
        """``admins`` as the settings have them: they see photos that are held for review;
        ``sheet_of`` draws the samples of the welcome anew."""
        self._sheet_of = sheet_of
        self._admins = admins
        self._database = database
        self._cipher = cipher
        self._blobs = blobs
        self._decoder = decoder
        self._personal = PersonalPictures(database, cipher, blobs, signer, previews)

    async def open(self, person: str, id: str) -> OpenedPicture:
        """As :meth:`bot.pages.pictures.PersonalPictures.open`, and for an admin also that of a
        photo held for review (``held:…``), which is not signed, nor is the sheet of an order's
        own photos (``album:…``). A preview is everybody's.
        Raises :class:`NotFound`."""
        if samples := read_sheet(id):
            sheet_picture = await self._sheet_of(*samples)
            return OpenedPicture(sheet_picture.data, sheet_picture.media_type, "eider-samples.jpg")
        if (shared := id.removeprefix(POSTER)).startswith("preview:"):
            still = id.startswith(POSTER)
            return await self._personal.open_preview(shared.removeprefix("preview:"), still=still)
        async with self._database.snapshot() as tx:
            user = await users.find(tx, PLAYGROUND, person)
        if user is None:
            raise NotFound
        if id.startswith(ALBUM):
            return await self._album(user, id.removeprefix(ALBUM).partition(".")[0])
        held = await self._held(person, id.removeprefix("held:"))
        if held is not None:
            return OpenedPicture(await held.open(self._blobs), "image/jpeg", "held.jpg")
        return await self._personal.open(user, id)

    async def _album(self, user: User, order_id: str) -> OpenedPicture:
        """The sheet of an order's accepted photos, drawn anew: it lies nowhere."""
        async with self._database.snapshot() as tx:
            order = await orders.get_owned(tx, user, order_id)
            marked = (await comparison.known(tx, order)).unlike
            planned = await sheet.plan(tx, self._cipher, order, marked)
        data = await planned.draw(self._blobs, self._decoder, user.id)
        return OpenedPicture(data, "image/jpeg", "eider-album.jpg")

    async def _held(self, person: str, id: str) -> SealedBlob | None:
        """A photo that an admin was asked about, while it is held. ``/review``, which shows it in
        the chat, has written the audit entry."""
        if users.address(PLAYGROUND, person) not in self._admins:
            return None
        async with self._database.snapshot() as tx:
            photo = await tx.get(Photo, id)
            if photo is None or photo.state is not PhotoState.HELD:
                return None
            return await photos.find_jpeg(tx, self._cipher, photo)
