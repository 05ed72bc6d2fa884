"""Several photos of one person as one picture: numbered tiles. To be run inside a decoder process
(:mod:`pipeline.decoding.process`) alone, from JPEGs that one has made.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from shop.photos.decoding import SanitizedPhoto, SheetTile

MOST: Final = 60  # tiles of one sheet
TILE: Final = 320  # pixels
GAP: Final = 12
QUALITY: Final = 85
_PAPER: Final = (250, 249, 246)
_INK: Final = (28, 40, 38)
_WHITE: Final = (255, 255, 255)
_MARK: Final = (176, 58, 0)  # white on it has a contrast of 6.1
_FRAME: Final = 10
_BADGE: Final = 56  # height of the field that holds a number
_LETTERS: Final = 40
_COLUMNS: Final = ((4, 2), (9, 3), (16, 4), (MOST, 5))  # up to so many tiles: how many in a row


def draw(tiles: Sequence[SheetTile]) -> SanitizedPhoto:
    """One to :data:`MOST` tiles in rows, each whole and upright, with its number; a marked one in
    a frame, with a question mark behind its number. Raises ValueError for none or too many, OSError
    for what is no JPEG."""
    if not 0 < len(tiles) <= MOST:
        raise ValueError("no tiles, or too many")
    across = next(columns for most, columns in _COLUMNS if len(tiles) <= most)
    down, step = -(-len(tiles) // across), TILE + GAP
    sheet = Image.new("RGB", (across * step + GAP, down * step + GAP), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, across)
        _draw_tile(sheet, pen, tile, (GAP + column * step, GAP + row * step))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return SanitizedPhoto(out.getvalue(), *sheet.size)


def _draw_tile(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, tile: SheetTile, at: tuple[int, int]
) -> None:
    left, top = at
    with Image.open(io.BytesIO(tile.jpeg), formats=("JPEG",)) as photo:
        photo.draft("RGB", (TILE, TILE))
        upright = photo.convert("RGB").rotate(90 * tile.turns, expand=True)
        shown = ImageOps.pad(upright, (TILE, TILE), color=_PAPER)
    sheet.paste(shown, at)
    text = f"{tile.number} ?" if tile.marked else str(tile.number)
    if tile.marked:
        frame = (left, top, left + TILE - 1, top + TILE - 1)
        pen.rectangle(frame, outline=_WHITE, width=_FRAME + 4)
        pen.rectangle(frame, outline=_MARK, width=_FRAME)
    width = round(_font().getlength(text)) + _LETTERS // 2
    field = (left, top, left + max(width, _BADGE), top + _BADGE)
    pen.rectangle(field, fill=_MARK if tile.marked else _INK)
    middle = ((field[0] + field[2]) / 2, top + _BADGE / 2)
    pen.text(middle, text, fill=_WHITE, font=_font(), anchor="mm")


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own, which lies in its code: in the sandbox no file can be opened."""
    return ImageFont.load_default(_LETTERS)
