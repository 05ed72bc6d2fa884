"""A clip of words alone: by a base that hears them, or a picture is painted and then moves."""

from __future__ import annotations

from dataclasses import replace

from pipeline.engine.engine import (
    AnimateRequest,
    Engine,
    EngineError,
    GenerateVideoRequest,
    PaintedClip,
    PaintRequest,
)
from pipeline.worker.job_batch import Report


async def clip_of_words(
    engine: Engine,
    wanted: GenerateVideoRequest | AnimateRequest,
    picture: PaintRequest | None,
    report: Report,
) -> PaintedClip | EngineError:
    """The clip, or why there is none.

    picture   what is painted first, one picture of it: it becomes the clip's photo, its mark is
              taken off when it moves. None: the words of `wanted` go to its base, which must hear
              words alone (:attr:`shop.catalog.video_file.VideoBaseEntry.words`)
    """
    if picture is not None:
        (painted,) = await engine.paint((replace(picture, seeds=picture.seeds[:1]),), report)
        if isinstance(painted, EngineError):
            return painted
        wanted = replace(wanted, photo=painted[0].image)
    if isinstance(wanted, AnimateRequest):
        (clip,) = await engine.animate((wanted,), report)
    else:
        (clip,) = await engine.generate_video((wanted,), report)
    return clip
