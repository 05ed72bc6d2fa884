"""Several previews as one picture: tiles with their names, or with the numbers and names of the
choices below it.

Where messages are counted, a page of styles as single pictures would cost the budget, in an order
that nobody can refer to; and an album's pictures bear no names anywhere.
"""

import asyncio
import io
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from handlers.chat import ClipFile, Picture, Reply, Show
from shop.labels import hidden
from shop.labels.hidden import SourceType
from shop.labels.signing import PictureKind, PictureSigner, UnsignedPicture

_FONT: Final = Path(__file__).with_name("NotoSansCJKsc-Bold-names.otf")
_MARK: Final = "AI生成 AI-generated"
_MARK_HEIGHT: Final = 0.05  # of the shorter side, its lowest letter: GB 45438-2025
_TILE: Final = 360  # pixels: a third of a phone's width, at three a point
_NAME: Final = 34
_GAP: Final = 18
_PAPER: Final = (250, 249, 246)
_INK: Final = (28, 40, 38)
_PALE: Final = (112, 120, 117)
_QUALITY: Final = 88
_FEW: Final = 4  # so many stand two in a row, more of them three
_KEPT: Final = 32  # sheets: pages, languages, and numberings


class PreviewSheets:
    """Draws and signs sheets. Each is kept for as long as the process lives, the newest of them."""

    def __init__(self, signer: PictureSigner) -> None:
        self._signer = signer
        self._drawn: dict[str, Picture] = {}

    async def as_shown(self, reply: Reply) -> Reply:
        """The same, but what is to be shown as a sheet is one picture."""
        if not isinstance(reply, Show) or not reply.sheet:
            return reply
        one = replace(await self.of(reply.pictures), id=reply.sheet)
        return replace(reply, pictures=(one,), sheet="")

    async def gathered(
        self, pictures: Sequence[Picture | ClipFile]
    ) -> tuple[Picture | ClipFile, ...]:
        """The same, but those with captions (:attr:`handlers.chat.Picture.caption`) as one, where
        there are several."""
        tiles = [one for one in pictures if isinstance(one, Picture) and one.caption]
        if len(tiles) < 2:
            return tuple(pictures)
        return (await self.of(tiles), *(one for one in pictures if one not in tiles))

    async def of(self, tiles: Sequence[Picture]) -> Picture:
        """One picture of all of them, in order. Labelled, if any of them is."""
        digest = blake2b(digest_size=8)
        for one in tiles:
            digest.update(f"{one.id}\n{one.version}\n{one.caption}\n".encode())
        name = digest.hexdigest()
        if name not in self._drawn:
            found = (_label_of(tile.data) for tile in tiles)
            label = next((one for one in found if one), None)
            data = await asyncio.to_thread(_drawn, tiles, label)
            if label:
                data = await self._signer.sign(UnsignedPicture(data, PictureKind.PREVIEW))
            while len(self._drawn) >= _KEPT:
                self._drawn.pop(next(iter(self._drawn)))
            alt = ", ".join(one.caption for one in tiles)
            self._drawn[name] = Picture(f"preview:styles-{name}", data, "image/jpeg", alt, name)
        return self._drawn[name]


def can_write(text: str) -> bool:
    """Whether the font has every letter."""
    font = _font(_NAME)
    absent = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(letter)) != absent for letter in text if letter != " ")


def _label_of(data: bytes) -> hidden.HiddenLabel | None:
    with Image.open(io.BytesIO(data)) as picture:
        return hidden.read_info(picture.info)


def _drawn(tiles: Sequence[Picture], label: hidden.HiddenLabel | None) -> bytes:
    across = 2 if len(tiles) <= _FEW else 3
    rows = -(-len(tiles) // across)
    step, line = _TILE + _GAP, _TILE + 2 * _GAP + _NAME
    width, height = across * step + _GAP, rows * line + _GAP
    mark = _mark_font(min(width, height)) if label else None
    foot = int(mark.size * 1.5) if mark else 0
    sheet = Image.new("RGB", (width, height + foot), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, across)
        left, top = _GAP + column * step, _GAP + row * line
        with Image.open(io.BytesIO(tile.data)) as picture:  # whole: its own mark stays on it
            shown = ImageOps.pad(picture.convert("RGB"), (_TILE, _TILE), color=_PAPER)
        sheet.paste(shown, (left, top))
        name = _fitting(tile.caption)
        pen.text((left, top + _TILE + _GAP // 2), name[0], fill=_INK, font=name[1])
    if mark:
        pen.text((width - _GAP, height + foot - _GAP), _MARK, fill=_PALE, font=mark, anchor="rd")
    out = io.BytesIO()
    packet = b"" if label is None else _packet(label)
    more = {"xmp": packet} if packet else {}
    sheet.save(out, "JPEG", quality=_QUALITY, **more)
    return out.getvalue()


def _packet(label: hidden.HiddenLabel) -> bytes:
    """Of the house that painted the tiles, which this is made of."""
    return hidden.packet(label.producer, uuid.uuid4().hex, SourceType.PAINTED, label.day)


def _fitting(caption: str) -> tuple[str, ImageFont.FreeTypeFont]:
    """What can be written below a tile, and in which size: the number alone of a name whose letters
    the font has not."""
    text = caption if can_write(caption) else caption.partition(" ")[0]
    size = _NAME
    while _font(size).getlength(text) > _TILE and size > _NAME // 2:
        size -= 1
    return text, _font(size)


def _mark_font(shorter: int) -> ImageFont.FreeTypeFont:
    size = int(_MARK_HEIGHT * shorter)
    while min(_height(size, letter) for letter in "AI生成") < _MARK_HEIGHT * shorter:
        size += 1
    return _font(size)


def _height(size: int, letter: str) -> int:
    box = _font(size).getmask(letter).getbbox()
    return int(box[3] - box[1]) if box else 0


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, size, layout_engine=ImageFont.Layout.BASIC)
