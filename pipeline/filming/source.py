"""A source, looked at: restored, its faces counted, what of it can move, how decent and how young.

What is measured is what will move: the picture as it was restored. Of its mesh nothing is kept.
"""

from __future__ import annotations

import io
from typing import Final

import cv2
import numpy as np
from PIL import Image

from pipeline.animation import CannotAnimate, find_heads
from pipeline.engine.clip_messages import PreparedSource
from pipeline.images import faces, safety
from pipeline.images.faces import Pixels
from pipeline.images.photo import decode
from pipeline.restoring import restore

LARGEST: Final = 1600  # pixels of the longer side: a clip of 1,024 may be zoomed into by half
SMALL: Final = 512  # pixels of the longer side of the picture that is shown beside it
_QUALITY: Final = 92


def prepare(photo: bytes) -> PreparedSource:
    """Look at a JPEG that the sanitizer wrote. BadPhotos: it cannot be decoded."""
    picture = decode(photo)
    upright, _ = faces.find_turned(picture)
    restored = restore(upright)
    moving = _within(restored.picture, LARGEST)
    found = faces.find(moving)
    heads, reason = _heads(moving)
    return PreparedSource(
        before=_jpeg(_within(picture, SMALL)),
        after=_jpeg(moving),
        people=len(found),
        faces=heads,
        reason=reason,
        done=tuple(one.value for one in restored.done),
        # Cropped or softened, a picture may look more decent than it is.
        indecency=max(safety.indecency(picture), safety.indecency(moving)),
        youth=max((safety.photo_youth(moving, face) for face in found), default=0.0),
    )


def _heads(picture: Pixels) -> tuple[int, str]:
    """How many heads can move; none, and why."""
    try:
        return len(find_heads(picture)), ""
    except CannotAnimate as refusal:
        return 0, refusal.reason.value


def _within(picture: Pixels, side: int) -> Pixels:
    """The picture, made smaller if its longer side is more than that."""
    shrink = side / max(picture.shape[:2])
    if shrink >= 1:
        return picture
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _jpeg(picture: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
