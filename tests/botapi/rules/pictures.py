"""Uploads: how large they may be, and what Telegram can make a photo of."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

PHOTO_BYTES = 10 * 1024 * 1024
FILE_BYTES = 50 * 1024 * 1024
LOCAL_BYTES = 2000 * 1024 * 1024
MOST_EDGES = 10_000
MOST_RATIO = 20
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""Named, since a process may have taught Pillow others, such as HEIC, that Telegram cannot show."""


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of everything uploaded, and of what is to be a photo."""
    most = LOCAL_BYTES if local else FILE_BYTES
    for name, data in call.files.items():
        if len(data) > most:
            yield Broken(f"{call.method}: {name} has {len(data)} bytes", "Request Entity Too Large")
        elif not data:
            yield Broken(
                f"{call.method}: {name} is empty", "Bad Request: file must be non-empty"
            )  # fmt: skip
    for name in photo_parts(call.method, values):
        if call.files.get(name):
            yield from _photo(f"{call.method}: {name}", call.files[name])


def photo_parts(method: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The parts that are to become photos."""
    if method == "sendPhoto":
        photo = values.get("photo")
        yield photo.removeprefix("attach://") if isinstance(photo, str) else "photo"
    media = values.get("media")
    for each in media if isinstance(media, list) else [media]:
        if isinstance(each, dict) and each.get("type") == "photo":
            yield str(each.get("media", "")).removeprefix("attach://")


def _photo(where: str, data: bytes) -> Iterator[Broken]:
    if len(data) > PHOTO_BYTES:
        told = f"file of size {len(data)} bytes is too big for a photo"
        yield Broken(
            f"{where}: a photo of {len(data)} bytes",
            f"Bad Request: {told}; the maximum size is {PHOTO_BYTES} bytes",
        )
        return
    edges = measured(data)
    if edges is None:
        yield Broken(f"{where}: no picture that can be read", "Bad Request: IMAGE_PROCESS_FAILED")
    elif sum(edges) > MOST_EDGES or max(edges) > MOST_RATIO * min(edges):
        yield Broken(
            f"{where}: {edges[0]} by {edges[1]} pixels", "Bad Request: PHOTO_INVALID_DIMENSIONS"
        )


@lru_cache(maxsize=32)
def measured(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None if it cannot be decoded."""
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            if sum(picture.size) <= MOST_EDGES:  # a larger one is refused unread
                picture.load()
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
