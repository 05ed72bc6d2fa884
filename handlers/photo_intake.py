"""A photo on its way in: fetched from its platform, then developed, a few dozen at a time."""

import asyncio
from typing import Final

from handlers.chat import SentPhoto
from shop.errors import PhotoRefused
from shop.photos.sanitizer import SanitizedPhoto, sanitize

MAX_CONCURRENT: Final = 32
"""Photos in memory side by side, of all people: the others wait outside, with their platform."""


class PhotoNotFetched(Exception):
    """The platform did not hand over the photo's bytes."""


class PhotoIntake:
    """Takes photos in, outside of any transaction."""

    def __init__(self, at_once: int = MAX_CONCURRENT) -> None:
        self._gate = asyncio.Semaphore(at_once)

    async def take(self, photo: SentPhoto) -> SanitizedPhoto | PhotoRefused:
        """The photo, or why it is none that we can take. Raises :class:`PhotoNotFetched`."""
        async with self._gate:
            try:
                raw = await photo.read()
                return await asyncio.to_thread(sanitize, raw)
            except PhotoRefused as refused:
                return refused
            except OSError as error:
                raise PhotoNotFetched from error
