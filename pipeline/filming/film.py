"""A clip by the embedded animator: read from :func:`film` downwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

from pipeline.animation import CLIP_SIDE, CannotAnimate, animate, clip_side
from pipeline.animation.ahead import ahead
from pipeline.animation.together import framed, leaning
from pipeline.clips.clip import encode_clip
from pipeline.engine.clip_messages import AnimateRequest, PaintedClip
from pipeline.engine.messages import BadSource, EngineStage, Progress
from pipeline.filming.frame_gate import FrameGate
from pipeline.images import faces, label
from pipeline.images.faces import Pixels

TOLD = 5  # frames between two reports

Report = Callable[[Progress], None]


def film(
    request: AnimateRequest, report: Report, between_frames: Callable[[], None]
) -> PaintedClip:
    """Move the picture, judge its frames, label and encode them, all in one pass.

    ``between_frames`` is called before each frame: what is more urgent is done there. Both
    callbacks may raise, which ends it. BadPhotos: not a picture; BadSource: it cannot move so;
    NothingDecent: a frame did not pass the gate; BadLabel: the label breaks the rules.
    """
    most = request.largest or CLIP_SIDE
    picture = framed(request.photo, request.second, request.label.mark, most)
    motion = request.motion if request.second is None else leaning(request.motion)
    people = len(faces.find(picture))
    total = max(1, round(motion.seconds * motion.fps))
    try:
        moving = animate(picture, motion, request.largest or clip_side(picture))
    except CannotAnimate as refusal:
        raise BadSource(refusal.reason.value) from refusal
    # Moved in a thread of their own, while this one encodes, judges and lets others pass.
    with closing(ahead(moving)) as coming:
        frames = _told(coming, total, report, between_frames)
        judged = FrameGate(people, motion.fps).passing(frames)
        made = encode_clip(
            judged, motion.fps, request.label, request.content_id,
            label.source_type(filter(None, (request.photo, request.second))), request.encoder,
        )  # fmt: skip
    return PaintedClip(
        made.mp4, made.poster, made.preview, made.width, made.height, made.frames, made.seconds
    )


def _told(
    frames: Iterator[Pixels], total: int, report: Report, between_frames: Callable[[], None]
) -> Iterator[Pixels]:
    """The same frames; how far they are is told, and others are let pass, whose time counts for
    nobody's estimate."""
    spent, done = 0.0, 0
    report(Progress(EngineStage.ANIMATING, 0, total))
    while True:
        between_frames()
        begun = time.monotonic()
        frame = next(frames, None)
        if frame is None:
            return
        yield frame
        spent, done = spent + time.monotonic() - begun, done + 1
        if done % TOLD == 0:
            left = spent / done * (total - done)
            report(Progress(EngineStage.ANIMATING, done, total, seconds_left=max(0.0, left)))
