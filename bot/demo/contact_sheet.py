"""The contact sheet: the customer's photos, the portraits, and the same without the LoRA."""

import io
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from shop.labels import hidden
from shop.labels.hidden import SourceType

_CELL: Final = 220
_GAP: Final = 12
_CAPTION: Final = 40
_ACROSS: Final = 8
_PAPER: Final = (250, 249, 246)
_INK: Final = (28, 40, 38)

Row = tuple[str, Sequence[bytes]]
"""A caption, and pictures that this house made or decoded: JPEG, PNG or WebP."""


def contact_sheet(rows: Sequence[Row], producer: str) -> bytes:
    """A JPEG with a captioned band for each of ``rows`` that has pictures. Photos stand on it
    beside what was painted: its hidden label says so.

    Captions must be Latin: pillow brings no other letters.
    """
    bands = [_band(caption, pictures) for caption, pictures in rows if pictures]
    width = max((band.width for band in bands), default=_CELL)
    sheet = Image.new("RGB", (width, sum(band.height for band in bands)), _PAPER)
    top = 0
    for band in bands:
        sheet.paste(band, (0, top))
        top += band.height
    out = io.BytesIO()
    packet = hidden.packet(
        producer, uuid.uuid4().hex, SourceType.RETOUCHED, datetime.now(UTC).date()
    )
    sheet.save(out, "JPEG", quality=90, xmp=packet)
    return out.getvalue()


def _band(caption: str, pictures: Sequence[bytes]) -> Image.Image:
    across = min(len(pictures), _ACROSS)
    lines = -(-len(pictures) // _ACROSS)
    step = _CELL + _GAP
    band = Image.new("RGB", (across * step + _GAP, _CAPTION + lines * step + _GAP), _PAPER)
    font = ImageFont.load_default(20)
    ImageDraw.Draw(band).text((_GAP, 12), caption, fill=_INK, font=font)
    for number, picture in enumerate(pictures):
        line, place = divmod(number, _ACROSS)
        band.paste(_thumb(picture), (_GAP + place * step, _CAPTION + line * step))
    return band


def _thumb(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    return ImageOps.fit(upright, (_CELL, _CELL), centering=(0.5, 0.3))
