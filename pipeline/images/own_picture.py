"""A picture of ours, opened to be moved: a source as it was restored, or a portrait."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.engine.messages import BadPhotos
from pipeline.images.faces import Pixels
from pipeline.images.mark_lifting import without_mark

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_PIXELS: Final = 16_000_000


def unmarked(data: bytes, mark: str) -> Pixels:
    """RGB pixels, upright. Of a portrait the visible mark is taken off: every frame of a clip bears
    one, which does not move. BadPhotos: it is no picture, or far too large; BadLabel: the mark
    breaks the rules."""
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise BadPhotos("the picture has too many pixels")
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPhotos(f"not a readable picture ({type(error).__name__})") from error
    return without_mark(np.asarray(upright), mark)
