"""The gate of generated clips: a sample of the frames is judged, and each must pass."""

from __future__ import annotations

from pipeline.images import faces, safety
from pipeline.models.video_recipe import VideoGate
from pipeline.video import Frames


def sampled(count: int, fps: int, frames_a_second: float) -> list[int]:
    """Which of `count` frames are judged: so many a second, the first and the last among them."""
    step = max(1, round(fps / frames_a_second))
    return sorted({*range(0, count, step), count - 1})


def fault(frames: Frames, fps: int, gate: VideoGate, people: int, adult: bool) -> str:
    """Why a clip is refused, "" if it passes: a frame is indecent, shows more than `people` faces
    (a second head, a stranger who walks in) or, for `adult`, somebody who looks like a minor."""
    for index in sampled(len(frames), fps, gate.frames_a_second):
        frame = frames[index]
        if safety.indecency(frame) >= gate.indecency:
            return "indecent"
        found = faces.find(frame)
        if len(found) > people:
            return "a face too many"
        if adult and any(safety.painted_youth(frame, face) >= gate.youth for face in found):
            return "young"
    return ""
