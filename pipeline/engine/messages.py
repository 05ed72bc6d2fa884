"""The engine's requests, results and errors.

Frozen records, importable without torch, cv2 or onnxruntime. They cross the pipe to the child
process: every field is a number, a string, a Blob, an enum or another record (`wire.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from pipeline.engine.expressions import Expression
from pipeline.engine.shots import Framing, Shot
from pipeline.engine.wire import Blob
from shop.records import Grade


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """A file of a training's checkpoint: safetensors bytes, in memory only.

    name   lower-case letters, digits and "-"; a newer file of a training replaces that of its name
    """

    name: str
    data: Blob = field(repr=False)


class EngineStage(StrEnum):
    """What a request is doing now."""

    LOADING = "loading"
    PREPARING = "preparing"
    TRAINING = "training"
    SAMPLING = "sampling"
    PAINTING = "painting"
    ANIMATING = "animating"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running request is.

    `step` of `steps` counts within the stage; `seconds_left` is for the whole request, None until
    steps have been measured; `picture` is a labelled sample, once in a training. `checkpoint` are
    the files that changed since the last one, to be kept in this order: then a training that
    begins again with all that were kept loses no step before this one.
    """

    stage: EngineStage
    step: int
    steps: int
    loss: float | None = None
    seconds_left: float | None = None
    picture: Blob | None = field(default=None, repr=False)
    checkpoint: tuple[CheckpointFile, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class LabelText:
    """The visible label of a picture and the code of its producer (GB 45438-2025).

    mark       visible text; must hold "AI" or 人工智能, and 生成 or 合成
    producer   ContentProducer of the hidden label; printable ASCII, no space, quote or backslash
    """

    mark: str = "AI生成 AI-generated"
    producer: str = "eider"


class Retouch(StrEnum):
    """An image-to-image step after the portrait; they run in this order.

    SKIN and LIGHT repaint the whole picture lightly, BACKGROUND everything but the person.
    """

    SKIN = "skin"
    LIGHT = "light"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class StyleLora:
    """A designer's LoRA beside the customer's: diffusers' or kohya's layout; weight 0..2."""

    file: Blob = field(repr=False)
    weight: float


@dataclass(frozen=True, slots=True)
class Reference:
    """A designer's picture that a portrait starts from (image to image, or inpainting).

    image      encoded picture
    mask       of the same size; white is repainted, black stays. None: all is repainted
    strength   share of the noise schedule, 0..1; 1 forgets the picture
    """

    image: Blob = field(repr=False)
    mask: Blob | None = field(repr=False)
    strength: float


@dataclass(frozen=True, slots=True)
class PaintRequest:
    """Request to paint one picture per seed.

    avatar, lora    both None paints the bare base; `avatar` keys the warm adapter
    weight          LoRA weight, 0..2; the recipe's likeness gives the useful range
    prompt          holds "{subject}", which becomes "<instance token> woman", or "a woman"
    width, height   wished pixels; see :meth:`pipeline.models.recipe.Recipe.size`
    content_id      ProduceID of the hidden label; picture n > 0 gets the suffix "-n"
    adult           refuse pictures that look like a minor
    retouch         steps after the portrait; a step that fails its checks is left out
    background      "#rrggbb"; Retouch.BACKGROUND needs it
    expression      asked for by the base's own word, required by the gate as far as faults go, and
                    preferred in the choice; None: any calm face
    beauty, grade   how it is finished (`pipeline/finishing`): 0..1, and the look's own
    framing         None: the base's usual one (`PaintSettings.prompt_prefix`)
    shots           how the pictures differ, by the places of their seeds, in turn; empty: in
                    their seeds alone
    """

    avatar: str | None
    lora: Blob | None = field(repr=False)
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
    style: StyleLora | None = None
    reference: Reference | None = None
    retouch: tuple[Retouch, ...] = ()
    background: str = ""
    expression: Expression | None = None
    beauty: float = 0.0
    grade: Grade | None = None
    framing: Framing | None = None
    shots: tuple[Shot, ...] = ()


@dataclass(frozen=True, slots=True)
class PaintedImage:
    """A delivered picture: encoded, labelled, `width` x `height` pixels.

    seed         the one that painted it; differs from the requested for a candidate or a repaint
    similarity   share of the way from strangers to the customer's own photos, about 0..1; only of
                 pictures that were compared. Not shown, not stored with anybody
    refused      candidates for it that the gate refused; the first picture of a request counts
                 those of pictures as well for which no candidate passed
    """

    image: Blob = field(repr=False)
    seed: int
    width: int
    height: int
    similarity: float | None = field(default=None, repr=False)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """Request to train a LoRA of one person.

    avatar    opaque id, never shown to a model
    photos    JPEG, PNG, WebP or HEIC bytes, in memory only
    subject   "woman", "man" or "person"
    adult     the sample picture must not look like a minor
    checkpoint   what was kept of an interrupted run, see `Progress`; one of another recipe, base,
              seed, subject or set of photos is ignored, as one that lacks a file is
    initial_portraits   painted at the end and ranked by similarity to the photos: only with the
              customer's consent to be compared. Its lora and avatar are None
    """

    avatar: str
    photos: tuple[Blob, ...] = field(repr=False)
    subject: str
    base: str
    seed: int
    label: LabelText = LabelText()
    adult: bool = True
    checkpoint: tuple[CheckpointFile, ...] = field(default=(), repr=False)
    initial_portraits: PaintRequest | None = None


@dataclass(frozen=True, slots=True)
class LoraScaleRange:
    """The LoRA weights that a customer may choose, from `default`, which comes first, up."""

    default: float
    step: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A LoRA checkpoint: safetensors, with base, recipe hash, seed, step and rank as metadata.

    error   mean loss on photos that were held out, or of the last steps; lower is better
    """

    step: int
    lora: Blob = field(repr=False)
    error: float


@dataclass(frozen=True, slots=True)
class TrainedLora:
    """The result of a training: one to three LoRAs of a person, early to late, and its figures.

    `best` is the index into `kept` where the customer starts. `lora_scales` are those to choose
    from. `initial_portraits` are empty unless they were asked for. `seconds` is the time of this
    run alone; after a resume it does not count the interrupted one. `loss_first` and `loss_last`
    are means over the first and last tenth of the steps.
    """

    kept: tuple[KeptCheckpoint, ...]
    best: int
    steps: int
    seconds: float
    loss_first: float
    loss_last: float
    lora_scales: LoraScaleRange
    initial_portraits: tuple[PaintedImage, ...] = ()


class EngineError(Exception):
    """A request failed: its own fault (OrderError), the host's (HostError), or nobody knows."""


class EngineCrashed(EngineError):
    """The child process died or broke the protocol."""


class EngineKilled(EngineCrashed):
    """The child process was killed (SIGKILL): by the kernel for lack of memory, or by somebody.
    That proves nothing against the request."""


class EngineClosed(EngineCrashed):
    """We ended the child process ourselves, for another reason than this request."""


class EngineTimeout(EngineError):
    """The request took longer than allowed; the child was killed. A training resumes."""


class OutOfMemory(EngineError):
    """Out of memory, even with the batch in micro-batches."""


class OrderError(EngineError):
    """The request's own fault: on no host that is well it would end better."""


class BadPhotos(OrderError):
    """The photos cannot be read, or cannot train an avatar; the text says why."""


class BadSource(OrderError):
    """The picture cannot come alive; the text is an AnimationRefusal's value."""

    @property
    def reason(self) -> str:
        return str(self)


class BadLora(EngineError):
    """The LoRA does not fit the base: wrong base, shapes or layers. The base is untouched."""


class NothingDecent(OrderError):
    """Every candidate failed the gate, also after the repaints."""


class HostError(EngineError):
    """The host cannot do such requests. The text is one sentence for the operator: what is wrong,
    and what to do. `what` names it in metrics and in texts for admins."""

    what: ClassVar[str] = "engine"


class DeviceMissing(HostError):
    """The device of the settings is not there, or does not compute."""

    what = "device"


class BaseMissing(HostError):
    """The base's weights are absent or altered; the text says what to do."""

    what = "weights"


class BaseBroken(HostError):
    """The base is loaded, and one step of it fails or gives no finite numbers."""

    what = "base"


class FolderNotWritable(HostError):
    """The temporary folder or the cache cannot be written."""

    what = "folder"


class BadLabel(HostError):
    """The label's text or codes break the labelling rules; they come from the settings."""

    what = "label"


class RecipeError(HostError):
    """A recipe file is wrong; the text names the file and every wrong key."""

    what = "recipe"


class LicenceRefused(RecipeError):
    """The base's licence forbids commercial use and the caller did not allow it."""


@dataclass(frozen=True, slots=True)
class SelfTestRequest:
    """Request to test the host, and one step of `base`; "": what inspecting photos needs."""

    base: str
    label: LabelText
