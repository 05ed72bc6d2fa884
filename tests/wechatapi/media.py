"""Temporary media: three days on WeChat's servers, whoever brought them."""

import io
import secrets
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, UnidentifiedImageError

from tests.wechatapi.clock import Clock
from tests.wechatapi.records import Refusal, Upload

DAYS_3 = 3 * 86_400.0
MB = 1024 * 1024
KINDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "image": (2 * MB, (".png", ".jpeg", ".jpg", ".gif")),
    "voice": (2 * MB, (".amr", ".mp3")),
    "video": (10 * MB, (".mp4",)),
    "thumb": (64 * 1024, (".jpg", ".jpeg")),
}
"""Type -> the most bytes, and the endings. The page says 2 MB as well as 10 MB for images: the
stricter one is kept to."""
TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".amr": "audio/amr",
    ".mp3": "audio/mp3",
    ".mp4": "video/mpeg4",
}


@dataclass(frozen=True, slots=True)
class Medium:
    """A file. ``by_person``: it came in a message, else the bot uploaded it."""

    id: str
    kind: str
    ending: str
    data: bytes
    until: float
    by_person: bool

    @property
    def type(self) -> str:
        return TYPES[self.ending]


class Media:
    """``broken`` downloads are still to fail."""

    def __init__(self, clock: Clock) -> None:
        self.broken = 0
        self._clock = clock
        self._all: dict[str, Medium] = {}

    def keep(self, kind: str, data: bytes, ending: str, by_person: bool = True) -> Medium:
        """A new file, for three days."""
        until = self._clock() + DAYS_3
        medium = Medium(secrets.token_urlsafe(48), kind, ending, data, until, by_person)
        self._all[medium.id] = medium
        return medium

    def uploaded(self, kind: str, file: Upload | None) -> Medium:
        """As ``media/upload`` takes it. Raises what is wrong."""
        if kind not in KINDS:
            raise Refusal(40004)
        if file is None:
            raise Refusal(41005)
        most, endings = KINDS[kind]
        ending = PurePath(file.filename).suffix.lower()
        if ending not in endings:
            raise Refusal(40005)
        if not file.data:
            raise Refusal(44001)
        if len(file.data) > most:
            raise Refusal(40006)
        if kind in ("image", "thumb") and not _is_picture(file.data):
            raise Refusal(40005)
        if kind == "video" and file.data[4:8] != b"ftyp":
            raise Refusal(40005)
        return self.keep(kind, file.data, ending, by_person=False)

    def get(self, id: str, kind: str = "") -> Medium:
        """Still there, and of that kind, if one is named. Raises 40007."""
        medium = self._all.get(id)
        if medium is None or medium.until <= self._clock() or kind not in ("", medium.kind):
            raise Refusal(40007)
        return medium

    def forget(self) -> None:
        """All files are gone before their time."""
        self._all.clear()


def _is_picture(data: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    return True
