"""What the worker asks of the engine, what it gets back, and how it can fail.

Pure records: importable without torch, cv2 or onnxruntime. They cross the pipe to the child
process, so every field is a number, a string, bytes, a path or another record (`protocol.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class View(StrEnum):
    """Where the face looks. LEFT: the nose points to the *picture's* left edge.

    That is the person's own right; nobody has to know it, because the words are the viewer's.
    """

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Findings:
    """Numbers about one photo. No key points and no embedding: nothing here identifies a person.

    width, height   pixels, after the EXIF turn
    faces           faces found; those under 35 % of the largest one's height do not count
    face_share      largest face box height / shorter side of the photo, 0..1 (0: no face)
    sharpness       Laplacian variance of the face box, shrunk to 128 px; below 60 soft (0: no face)
    indecency       0..1, probability that the photo is not safe for work
    youth           0..1, probability that the person is under 25 (0: no face)
    phash           256-bit perceptual hash, 64 hex digits; `phash_mirrored` of the mirror image
    """

    width: int
    height: int
    faces: int
    face_share: float
    sharpness: float
    indecency: float
    youth: float
    phash: str
    phash_mirrored: str
    view: View


class Stage(StrEnum):
    LOADING = "loading"
    PREPARING = "preparing"
    TRAINING = "training"
    SAMPLING = "sampling"
    PAINTING = "painting"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Progress:
    """One piece of news from a running order.

    `step` of `steps` counts within the stage; `seconds_left` is for the whole order and None until
    steps have been measured; `picture` is a labelled sample, once in a training.
    """

    stage: Stage
    step: int
    steps: int
    loss: float | None = None
    seconds_left: float | None = None
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LabelText:
    """The words on a picture and the code of who made it (GB 45438-2025).

    mark       visible text; must hold "AI" or 人工智能, and 生成 or 合成
    producer   ContentProducer of the hidden label; printable ASCII, no space, quote or backslash
    """

    mark: str = "AI生成 AI-generated"
    producer: str = "eider"


@dataclass(frozen=True, slots=True)
class TrainOrder:
    """Make a LoRA of one person.

    avatar    opaque id; names the checkpoint file, never shown to a model
    photos    JPEG, PNG, WebP or HEIC bytes, in memory only
    subject   "woman", "man" or "person"
    workdir   where checkpoints lie (LoRA weights and optimiser state, never photos or latents)
    adult     the sample picture must not look like a minor
    """

    avatar: str
    photos: tuple[bytes, ...] = field(repr=False)
    subject: str
    base: str
    seed: int
    workdir: Path
    label: LabelText = LabelText()
    adult: bool = True


@dataclass(frozen=True, slots=True)
class Likeness:
    """LoRA weights a customer may choose between; `default` is "seven or eight parts like me"."""

    default: float
    step: float
    floor: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class Trained:
    """A LoRA (safetensors; base, recipe hash, seed, steps, rank in its metadata) and how it went.

    `seconds` is the time of this run alone; after a resume it does not count the lost one.
    `loss_first` and `loss_last` are means over the first and last tenth of the steps.
    """

    lora: bytes = field(repr=False)
    steps: int
    seconds: float
    loss_first: float
    loss_last: float
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class PaintOrder:
    """Paint one picture per seed.

    avatar, lora    both None paints the bare base; `avatar` keys the warm adapter
    weight          LoRA weight, 0..2; the recipe's likeness gives the useful range
    prompt          holds "{subject}", which becomes "<instance token> woman", or "a woman"
    width, height   a wish: its aspect ratio is kept, its size rounded to the base's grid and limits
    content_id      ProduceID of the hidden label; picture n > 0 gets the suffix "-n"
    adult           refuse pictures that look like a minor
    """

    avatar: str | None
    lora: bytes | None = field(repr=False)
    weight: float
    base: str
    subject: str
    prompt: str = field(repr=False)
    negative: str = field(repr=False)
    width: int
    height: int
    seeds: tuple[int, ...]
    content_id: str
    label: LabelText
    adult: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A delivered picture: encoded, labelled, `width` x `height` pixels.

    `seed` is the one that painted it; a repainted one differs from the ordered one.
    """

    image: bytes = field(repr=False)
    seed: int
    width: int
    height: int


class EngineError(Exception):
    """The order was not carried out. `retryable`: the same order may work if sent again."""

    retryable = False


class EngineCrashed(EngineError):
    """The child process died or spoke nonsense."""

    retryable = True


class EngineTimeout(EngineError):
    """The order took longer than allowed; the child was killed. A training resumes."""

    retryable = True


class OutOfMemory(EngineError):
    """No memory left, even after the batch was worked in smaller slices."""

    retryable = True


class BadPhotos(EngineError):
    """The photos cannot train an avatar; the text says why."""


class BadLora(EngineError):
    """The LoRA does not fit the base: wrong base, shapes or layers. The base is untouched."""


class BadLabel(EngineError):
    """The label's words or codes are against the rules; nothing was painted."""


class NothingDecent(EngineError):
    """Every candidate failed the gate, also after the repaints."""


class BaseMissing(EngineError):
    """The base's weights are absent or altered; the text says what to do."""


class RecipeError(EngineError):
    """A recipe file is wrong; the text names the file and the key."""


class LicenceRefused(RecipeError):
    """The base's licence forbids commercial use and the caller did not allow it."""
