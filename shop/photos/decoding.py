"""The port to whatever decodes customers' photos, and its result. Nothing here opens a picture."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

MAX_BYTES: Final = 30 * 2**20  # a Bot API server of one's own has no limit; others give 20 MB


@dataclass(frozen=True, slots=True)
class SanitizedPhoto:
    """A plain sRGB JPEG, turned upright, at most 2,048 px."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int

    def sha256(self) -> str:
        """Of the JPEG, so that the same picture with other metadata is the same. Reckoned by
        whoever asks: a decoder's word would not do, and it need not say one."""
        return hashlib.sha256(self.jpeg).hexdigest()


@dataclass(frozen=True, slots=True)
class SheetTile:
    """A photo on a sheet: its JPEG, its number, whether it is marked as unlike the rest, and the
    quarter turns (0 to 3, counterclockwise) after which it stands upright."""

    jpeg: bytes = field(repr=False)
    number: int
    marked: bool = False
    turns: int = 0


class PhotoDecoder(Protocol):
    """Turns untrusted bytes into a plain JPEG, out of this process."""

    async def decode(self, raw: bytes | bytearray, owner: str) -> SanitizedPhoto:
        """The sanitized photo. Among several that wait, people (``owner``) take turns.

        Raises a leaf of :class:`shop.errors.PhotoRefused`, or :class:`shop.errors.Unavailable`
        when nothing can be decoded at the moment.
        """
        ...

    async def sheet(self, tiles: Sequence[SheetTile], owner: str) -> SanitizedPhoto:
        """One picture of 1 to 60 sanitized photos, numbered. Nothing of it is kept. Raises as
        :meth:`decode`."""
        ...
