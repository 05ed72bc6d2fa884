"""The port to what signs a picture on its way out of the house."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

from shop.labels.hidden import SourceType

GENERATOR: Final = "Eider"
"""The program that writes our credentials, by its own word."""

KIND: Final = "org.eider.kind"
"""The parameter of the first action in our credentials that says the :class:`PictureKind`."""


class PictureKind(StrEnum):
    """What a signed picture is, as its credentials say."""

    PORTRAIT = "portrait"
    SAMPLE = "sample"  # of a training under way
    PREVIEW = "preview"  # of a style
    SHEET = "sheet"  # the demo's contact sheet, with photos on it
    CLIP = "clip"  # that moves: the MP4, and the animated WebP that previews it
    POSTER = "poster"  # a clip's first frame, as a still
    TOGETHER = "together"  # two pictures in one frame, before it moves


SOURCE_TYPES: Final = {
    PictureKind.PORTRAIT: SourceType.PAINTED,
    PictureKind.SAMPLE: SourceType.PAINTED,
    PictureKind.PREVIEW: SourceType.PAINTED,
    PictureKind.SHEET: SourceType.RETOUCHED,
    PictureKind.CLIP: SourceType.RETOUCHED,
    PictureKind.POSTER: SourceType.RETOUCHED,
    PictureKind.TOGETHER: SourceType.RETOUCHED,
}
"""The source type of a picture whose own hidden label says none."""


@dataclass(frozen=True, slots=True)
class UnsignedPicture:
    """A picture that is to be signed. ``day`` is when it was painted, where its hidden label does
    not say it itself (those of before 2026-12)."""

    data: bytes = field(repr=False)
    kind: PictureKind
    day: date | None = None


class PictureSigner(Protocol):
    """Adds credentials to finished pictures: the last thing that is written to them."""

    async def sign(self, picture: UnsignedPicture) -> bytes:
        """The same JPEG, PNG, WebP or MP4, with its hidden label untouched and credentials that say
        the kind, the day, and the hidden label's own source type.

        Raises ValueError for anything that is no such picture.
        """
        ...


class NoCredentials(PictureSigner):
    """For a house without keys: pictures go out with the hidden label alone."""

    async def sign(self, picture: UnsignedPicture) -> bytes:
        return picture.data
