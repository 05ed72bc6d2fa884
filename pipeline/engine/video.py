"""The engine's request for a clip that a video base generates.

Importable without torch; crosses the pipe as the records of `messages.py` do. The answer is a
`PaintedClip`, the same as the embedded animator's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.engine.messages import LabelText
from pipeline.engine.wire import Blob
from shop.records.clip_encoders import ClipEncoder


class Camera(StrEnum):
    """What the camera does. Each video base has its own words for it (`[camera]` of its recipe)."""

    STILL = "still"
    PUSH_IN = "push_in"
    PULL_OUT = "pull_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    ORBIT = "orbit"


@dataclass(frozen=True, slots=True)
class GenerateVideoRequest:
    """Request to generate one clip, without sound.

    photo       a plain JPEG, the first frame; None: from the words alone, where the base can
    second      another picture, to stand beside it in one frame, which is the first
    base        a recipe of `pipeline/recipes/video`
    words       what happens, in the base's language; may be empty where an effect is asked for
    seed        equal requests give equal frames
    seconds     a pass of the base may be shorter: then each next pass goes on from the last frame
    people      faces that may be seen: a clip that shows one more is refused. None: as many as the
                photo shows
    camera      None: no word of it
    effect      a name of the recipe's `[effects]`, such as "hug"; "" for none
    effect_weight  of the effect's LoRA, 0..2; None: the recipe's
    largest     the longer side is at most this, in pixels
    content_id  ProduceID of the hidden label
    adult       refuse clips in which somebody looks like a minor; of a photo its check has told
    encoder     of the MP4
    """

    photo: Blob | None = field(repr=False)
    base: str
    words: str = field(repr=False)
    seed: int
    seconds: float
    people: int | None
    content_id: str
    label: LabelText
    camera: Camera | None = None
    effect: str = ""
    effect_weight: float | None = None
    largest: int = 1280
    adult: bool = True
    encoder: ClipEncoder = ClipEncoder.X264
    second: Blob | None = field(default=None, repr=False)
