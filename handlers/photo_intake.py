"""Photo intake: fetches a photo from its platform and has it decoded, a few at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from handlers.chat import SentPhoto
from handlers.upload_memory import UploadMemory
from shop.clips.sources import StoredSource
from shop.errors import PhotoRefused, ShopError
from shop.fair_slots import FairSlots
from shop.labels.verification import Verification
from shop.photos.decoding import PhotoDecoder, SanitizedPhoto
from shop.photos.photos import StoredUpload
from shop.ports import Tx
from shop.records import Clip, Photo, UserId

T = TypeVar("T")

AT_ONCE: Final = 1000
"""Photos that are fetched or decoded, of all people; the others are not read yet. Many may come in
slowly side by side: it is the memory that is scarce (:class:`UploadMemory`), and the decoders."""
OF_ONE_PERSON: Final = 2


@dataclass(frozen=True, slots=True)
class FetchedPhoto:
    """What came of a photo's bytes, and the user who had sent it: ``outcome`` for the order,
    ``source`` of one that is to come alive, or, of a file that was to be verified, ``verified``."""

    user_id: UserId
    outcome: StoredUpload | PhotoRefused | None = None
    source: StoredSource | ShopError | None = None
    verified: Verification | PhotoRefused | None = None

    @property
    def stored(self) -> str:
        """The path of the blob that was written for it, "" for none."""
        written = [
            one.path
            for one in (self.outcome, self.source)
            if isinstance(one, StoredUpload | StoredSource)
        ]
        return written[0] if written else ""

    async def is_kept(self, tx: Tx) -> bool:
        """Whether a record names that blob."""
        if isinstance(self.outcome, StoredUpload):
            return await tx.get(Photo, self.outcome.id) is not None
        if isinstance(self.source, StoredSource):
            clip = await tx.get(Clip, self.source.clip_id)
            return clip is not None and self.source.path in clip.sources
        return False


class PhotoNotFetched(Exception):
    """The platform did not hand over the photo's bytes."""


class PhotoIntake:
    """Fetches and sanitizes photos, outside of any transaction."""

    def __init__(self, decoder: PhotoDecoder) -> None:
        self._decoder = decoder
        self._memory = UploadMemory()
        self._slots = FairSlots(AT_ONCE, OF_ONE_PERSON)

    async def take(self, photo: SentPhoto, owner: str) -> SanitizedPhoto | PhotoRefused:
        """The sanitized photo, or why it is refused. Raises as :meth:`read`."""
        return await self.read(photo, owner, self._decoder.decode)

    async def read(
        self, photo: SentPhoto, owner: str, use: Callable[[bytes | bytearray, str], Awaitable[T]]
    ) -> T | PhotoRefused:
        """What comes of the photo's bytes, or why they are refused. People (``owner``) take turns.

        Raises :class:`PhotoNotFetched`, or :class:`shop.errors.Unavailable`.
        """
        async with self._slots.slot(owner), self._memory.upload() as upload:
            try:
                raw = await photo.read(upload.reserve)
                upload.has_come()
                return await use(raw, owner)
            except PhotoRefused as refused:
                return refused
            except OSError as error:
                raise PhotoNotFetched from error
