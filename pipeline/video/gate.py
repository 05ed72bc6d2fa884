"""The gate of generated clips: a sample of the frames is judged, and each must pass."""

from __future__ import annotations

from pipeline.images import faces, safety
from pipeline.models.video_recipe import VideoGate
from pipeline.video import Frames

STAYS = 3  # frames on end that show a face more: a face finder errs for one now and then


def sampled(count: int, fps: int, frames_a_second: float) -> list[int]:
    """Which of `count` frames are judged: so many a second, the first and the last among them."""
    step = max(1, round(fps / frames_a_second))
    return sorted({*range(0, count, step), count - 1})


def fault(frames: Frames, fps: int, gate: VideoGate, people: int, adult: bool) -> str:
    """Why a clip is refused, "" if it passes: a frame is indecent, shows more than `people` faces
    (a second head, a stranger who walks in) as its neighbours do, or, for `adult`, somebody who
    looks like a minor."""
    for index in sampled(len(frames), fps, gate.frames_a_second):
        frame = frames[index]
        if safety.indecency(frame) >= gate.indecency:
            return "indecent"
        found = faces.find(frame)
        if len(found) > people and _stays(frames, index, people):
            return "a face too many"
        if adult and any(safety.painted_youth(frame, face) >= gate.youth for face in found):
            return "young"
    return ""


def _stays(frames: Frames, index: int, people: int) -> bool:
    """Whether `STAYS` frames on end, this one among them, show more faces than `people`."""
    run = 1
    for way in (-1, 1):
        for near in range(index + way, index + way * STAYS, way):
            if not 0 <= near < len(frames) or len(faces.find(frames[near])) <= people:
                break
            run += 1
    return run >= min(STAYS, len(frames))
