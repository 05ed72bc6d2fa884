"""Pictures and clips as WeChat takes them, and the media ids under which it has them already.

A portrait's or a clip's media id is remembered with the person's message ids and dropped with them,
a preview's once for all people; everything else (a sample, a photo under review, a bill's code) is
uploaded each time.
"""

import asyncio
import io
from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

import structlog
from PIL import Image

from bot.state.sessions import MessageIds
from bot.wechat import WECHAT
from bot.wechat.api import LARGEST_IMAGE, WechatApi
from handlers.chat import ClipFile, Picture
from shop.ports import Clock

EVERYBODY: Final = "~everybody"
GOOD_FOR: Final = timedelta(days=2, hours=12)
"""How long a media id is used again. WeChat keeps it for three days."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITIES: Final = (92, 88, 84, 80, 75)
_SMALLER: Final = 0.8
_XMP: Final = ("xmp", "XML:com.adobe.xmp")
_PREVIEW: Final = "preview"

log = structlog.get_logger()


class MediaIds:
    """The media ids of pictures and clips, of which it uploads what WeChat does not have."""

    def __init__(self, api: WechatApi, message_ids: MessageIds, clock: Clock) -> None:
        self._api = api
        self._message_ids = message_ids
        self._clock = clock

    async def of(self, chat: str, picture: Picture | ClipFile) -> str:
        """The media id of that picture or clip. Raises as :class:`bot.wechat.api.WechatApi`."""
        place = _place(chat, picture)
        known = await self._message_ids.get(WECHAT, *place) if place else None
        if known:
            at, _, media_id = known.partition(":")
            if self._clock().timestamp() - float(at) < GOOD_FOR.total_seconds():
                return media_id
        if isinstance(picture, ClipFile):
            media_id = await self._api.upload_video(picture.data, f"{_name(picture)}.mp4")
        else:
            data = await asyncio.to_thread(jpeg_of, picture.data)
            media_id = await self._api.upload_image(data, f"{_name(picture)}.jpg", "image/jpeg")
        if place:
            at = f"{self._clock().timestamp():.0f}"
            await self._message_ids.put(WECHAT, *place, f"{at}:{media_id}")
        return media_id

    async def drop(self, chat: str, picture: Picture | ClipFile) -> None:
        """WeChat does not know it any more."""
        log.info("wechat_media_unknown")
        if place := _place(chat, picture):
            await self._message_ids.drop(WECHAT, *place)


def jpeg_of(data: bytes, most: int = LARGEST_IMAGE) -> bytes:
    """A picture of ours as a JPEG of at most so many bytes. One that is that already stays as it
    is, with everything in it; any other is encoded anew, with its visible mark and its hidden label
    (XMP), as large as fits. Raises OSError or ValueError for what is no picture of ours.
    """
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        if opened.format == "JPEG" and len(data) <= most:
            return data
        packet = next((opened.info[name] for name in _XMP if opened.info.get(name)), b"")
        picture = opened.convert("RGB")
    xmp = packet.encode() if isinstance(packet, str) else packet
    return next(one for one in _encoded(picture, xmp) if len(one) <= most)


def _encoded(picture: Image.Image, xmp: bytes) -> Iterator[bytes]:
    """Ever smaller."""
    more: dict[str, Any] = {"xmp": xmp} if xmp else {}
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, **more)
            yield out.getvalue()
        size = (max(1, int(picture.width * _SMALLER)), max(1, int(picture.height * _SMALLER)))
        if size == picture.size:
            raise ValueError("no picture is as small as that")
        picture = picture.resize(size, Image.Resampling.LANCZOS)


def _name(picture: Picture | ClipFile) -> str:
    return f"eider-{picture.id.replace(':', '-')}"


def _place(chat: str, picture: Picture | ClipFile) -> tuple[str, str] | None:
    """Under which person and message key it is kept; None when it is not to be kept."""
    kind, _, _ = picture.id.rpartition(":")
    if kind == _PREVIEW:
        version = picture.version or blake2b(picture.data, digest_size=8).hexdigest()
        return EVERYBODY, f"~media:{picture.id}:{version}"
    return None if kind else (chat, f"~media:{picture.id}")
