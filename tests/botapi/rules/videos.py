"""Videos: MP4 alone is played, and what a player is told before it has the file."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from PIL import Image

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

THUMBNAIL_BYTES = 200 * 1000
THUMBNAIL_EDGE = 320


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of everything that is uploaded to be played. The servers take all of it, and show it badly:
    another file becomes a document, a thumbnail that is too large is ignored."""
    for said, part in _videos(call.method, values):
        if part in call.files:
            where = f"{call.method}: {part}"
            yield from _video(where, call.files[part], said)
            thumbnail = str(said.get("thumbnail", "")).removeprefix("attach://")
            if thumbnail in call.files:
                yield from _thumbnail(f"{call.method}: {thumbnail}", call.files[thumbnail])


def _videos(method: str, values: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    if method == "sendVideo":
        video = values.get("video")
        yield values, video.removeprefix("attach://") if isinstance(video, str) else "video"
    media = values.get("media")
    for each in media if isinstance(media, list) else [media]:
        if isinstance(each, dict) and each.get("type") == "video":
            yield each, str(each.get("media", "")).removeprefix("attach://")


def _video(where: str, data: bytes, said: Mapping[str, Any]) -> Iterator[Broken]:
    if data[4:8] != b"ftyp":
        yield Broken(f"{where}: no MP4")
        return
    if not all(said.get(name) for name in ("width", "height", "duration")):
        yield Broken(f"{where}: without width, height and duration it jumps when it has come")
    index, frames = data.find(b"moov"), data.find(b"mdat")
    if said.get("supports_streaming") and not 0 <= index < frames:
        yield Broken(f"{where}: to be streamed, but its index comes last")


def _thumbnail(where: str, data: bytes) -> Iterator[Broken]:
    try:
        with Image.open(BytesIO(data), formats=("JPEG",)) as picture:
            edge = max(picture.size)
    except OSError:
        yield Broken(f"{where}: a thumbnail that is no JPEG")
        return
    if edge > THUMBNAIL_EDGE or len(data) > THUMBNAIL_BYTES:
        yield Broken(f"{where}: a thumbnail of {edge} pixels and {len(data)} bytes")
