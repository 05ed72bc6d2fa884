"""Photo intake: fetches a photo from its platform and sanitizes it, a few dozen at a time."""

import asyncio
from typing import Final

from handlers.chat import SentPhoto
from shop.errors import PhotoRefused
from shop.photos.sanitizer import SanitizedPhoto, sanitize

MAX_CONCURRENT: Final = 32
"""Photos in memory at once, of all people; the others wait on their platform's servers."""


class PhotoNotFetched(Exception):
    """The platform did not hand over the photo's bytes."""


class PhotoIntake:
    """Fetches and sanitizes photos, outside of any transaction."""

    def __init__(self, max_concurrent: int = MAX_CONCURRENT) -> None:
        self._semaphore = asyncio.Semaphore(max_concurrent)

    async def take(self, photo: SentPhoto) -> SanitizedPhoto | PhotoRefused:
        """The sanitized photo, or why it is refused. Raises :class:`PhotoNotFetched`."""
        async with self._semaphore:
            try:
                raw = await photo.read()
                return await asyncio.to_thread(sanitize, raw)
            except PhotoRefused as refused:
                return refused
            except OSError as error:
                raise PhotoNotFetched from error
