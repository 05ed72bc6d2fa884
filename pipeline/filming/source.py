"""A source, looked at: restored, its faces counted, what of it can move, how decent and how young.

What is measured is what will move: the picture as it was restored; how decent and how young it
looks, before that as well. Of its mesh nothing is kept.
"""

from __future__ import annotations

import io
from typing import Final

import cv2
from PIL import Image

from pipeline.animation import CannotAnimate, clip_side, find_heads, within
from pipeline.animation.together import side_by_side
from pipeline.engine.clip_messages import PreparedSource, PrepareRequest
from pipeline.images import faces, label, safety
from pipeline.images.faces import Pixels
from pipeline.images.own_picture import unmarked
from pipeline.images.photo import decode
from pipeline.restoring import restore
from shop.labels.hidden import SourceType
from shop.records import AnimationRefusal
from shop.records.repairs import Repair

LARGEST: Final = 1600  # pixels of the longer side: a clip of 1,024 may be zoomed into by half
SMALL: Final = 512  # pixels of the longer side of the picture that is shown beside it
JOINED: Final = 960  # pixels of the longer side of two pictures in one frame
LEAST_JUDGED: Final = 24.0  # pixels of a face's box: of smaller ones no age can be told
_QUALITY: Final = 92


def prepare(request: PrepareRequest) -> PreparedSource:
    """Look at a JPEG that the sanitizer wrote. BadPhotos: it, or what is to stand beside it, cannot
    be decoded; BadLabel: the label breaks the rules."""
    picture = decode(request.photo)
    upright, _ = faces.find_turned(picture)
    turned = () if upright is picture else (Repair.TURNED,)
    restored = restore(upright)
    moving = within(restored.picture, LARGEST)
    found = faces.find_all(moving)
    heads, reason = _heads(moving)
    joined, apart = _joined(request, moving)
    return PreparedSource(
        before=_jpeg(within(picture, SMALL)),
        after=_jpeg(moving),
        people=len(found),
        faces=heads,
        reason=reason,
        done=tuple(one.value for one in (*turned, *restored.done)),
        # Cropped or softened, a picture may look more decent than it is, and a face older.
        indecency=max(safety.indecency(picture), safety.indecency(moving)),
        youth=max(_youth(moving, found), _youth_before(upright) if restored.done else 0.0),
        joined=joined,
        apart=apart,
    )


def _joined(request: PrepareRequest, moving: Pixels) -> tuple[bytes, str]:
    """Both pictures in one frame, labelled; or why not. Neither, if there is but one."""
    if request.beside is None:
        return b"", ""
    try:
        first = unmarked(request.beside, request.label.mark)
        frame = side_by_side(first, moving, JOINED)
    except CannotAnimate as refusal:
        return b"", AnimationRefusal.NO_ROOM_BESIDE.value if _is_narrow(
            first
        ) else refusal.reason.value
    marked = label.draw_mark(Image.fromarray(frame), request.label.mark)
    code = label.new_content_id()
    return label.encode(marked, request.label.producer, code, source_type=SourceType.RETOUCHED), ""


def _is_narrow(first: Pixels) -> bool:
    """Whether nobody could stand beside that picture, whoever it were."""
    try:
        side_by_side(first, cv2.flip(first, 1), JOINED)
    except CannotAnimate:
        return True
    return False


def _youth(picture: Pixels, found: tuple[faces.Face, ...]) -> float:
    """Of the youngest face that an age can be told of; 0 without one."""
    judged = (face for face in found if face.height >= LEAST_JUDGED)
    return max((safety.photo_youth(picture, face) for face in judged), default=0.0)


def _youth_before(upright: Pixels) -> float:
    """As it came."""
    picture = within(upright, LARGEST)
    return _youth(picture, faces.find_all(picture))


def _heads(picture: Pixels) -> tuple[int, str]:
    """How many heads can move, as large as the clip will show them; none, and why."""
    try:
        return len(find_heads(within(picture, clip_side(picture)))), ""
    except CannotAnimate as refusal:
        return 0, refusal.reason.value


def _jpeg(picture: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
