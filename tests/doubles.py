"""Doubles for journeys: an engine that needs no model. It answers as the real one would."""

import asyncio
import functools
import hashlib
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageStat

from pipeline.clips.clip import encode_clip
from pipeline.decoding import label_reader, photo_sheet, sanitizer
from pipeline.engine.engine import (
    AnimateRequest,
    CheckpointFile,
    ComparisonResult,
    EngineError,
    EngineStage,
    GenerateVideoRequest,
    InspectionResult,
    KeptCheckpoint,
    LabelText,
    LoraScaleRange,
    PaintedClip,
    PaintedImage,
    PaintRequest,
    PreparedSource,
    PrepareRequest,
    Progress,
    Report,
    TrainedLora,
    TrainRequest,
    View,
)
from shop.labels.verification import LabelFindings
from shop.photos.decoding import SanitizedPhoto, SheetTile
from shop.records import AnimationRefusal, Compared


class DecoderDouble:
    """Decodes in this process: for dialogues, whose photos are ours. See tests/pipeline/decoding
    for the real one."""

    async def decode(self, raw: bytes | bytearray, owner: str) -> SanitizedPhoto:
        photo = sanitizer.sanitize(bytes(raw))
        label_reader.refuse_painted(bytes(raw))
        return photo

    async def sheet(self, tiles: Sequence[SheetTile], owner: str) -> SanitizedPhoto:
        return photo_sheet.draw(tiles)


class LabelReaderDouble:
    """Reads labels in this process: for files that are ours. ``anchors`` as the real one's."""

    def __init__(self, anchors: str = "") -> None:
        self._anchors = anchors

    async def read_label(self, raw: bytes | bytearray, owner: str) -> LabelFindings:
        return label_reader.read_label(bytes(raw), self._anchors)


UNFINISHED = b"the unfinished LoRA of "
"""How each checkpoint of a QuickEngine begins: to be looked for where it must not lie."""


class QuickEngine:
    """Sees a face in every picture that is not one flat colour; trains and paints at once.

    ``trouble`` is raised, an entry a call, before any work: None works. ``spoiled`` is what comes
    of an avatar's orders, or a clip's, instead of a result. ``unwell`` is what its self-test finds.
    """

    def __init__(self, trouble: tuple[EngineError | None, ...] = (), pause: float = 0.0) -> None:
        self.trouble = list(trouble)
        self.pause = pause
        self.spoiled: dict[str, EngineError] = {}
        self.together: list[int] = []  # how many were trained in each call
        self.unwell: EngineError | None = None
        self.tests = self.closed = 0  # self-tests, and how often its process was replaced
        self.restarts = 0
        self.inspected: list[bytes] = []
        self.compared: list[tuple[bytes, ...]] = []
        self.odd: set[bytes] = set()  # photos that are unlike the rest
        self.trained: list[TrainRequest] = []
        self.painted: list[PaintRequest] = []
        self.prepared: list[bytes] = []
        self.joined: list[tuple[bytes, bytes]] = []  # a photo, and beside what it was to stand
        self.animated: list[AnimateRequest] = []
        self.generated: list[GenerateVideoRequest] = []

    async def inspect(self, photo: bytes) -> InspectionResult:
        await self._stumble()
        self.inspected.append(photo)
        picture = Image.open(io.BytesIO(photo)).convert("RGB")
        flat = max(ImageStat.Stat(picture).stddev) < 1
        code = f"{hash(photo) & (2**64 - 1):016x}"
        view = (View.FRONT, View.LEFT, View.RIGHT)[len(self.inspected) % 3]
        return InspectionResult(
            width=picture.width, height=picture.height, faces=0 if flat else 1,
            face_share=0.0 if flat else 0.5, sharpness=0.0 if flat else 400.0, indecency=0.0,
            covered=0.0, youth=0.0, phash=code, phash_mirrored=code[::-1],
            face_hashes=hashlib.sha512(photo).digest() + bytes(8), view=view,
        )  # fmt: skip

    async def compare(self, photos: Sequence[bytes]) -> ComparisonResult:
        await self._stumble()
        self.compared.append(tuple(photos))
        await asyncio.sleep(self.pause)
        words = (Compared.UNLIKE if one in self.odd else Compared.ALIKE for one in photos)
        return ComparisonResult(tuple(words))

    async def train(
        self, orders: Sequence[TrainRequest], report: Report
    ) -> tuple[TrainedLora | EngineError, ...]:
        await self._stumble()
        pause = self.pause  # as it was when this training began
        self.trained += orders
        self.together.append(len(orders))
        for number in range(len(orders)):
            news = Progress(
                EngineStage.TRAINING, 1, 2, 0.5, 1.0, _picture("green"),
                unfinished(orders[number].avatar),
            )  # fmt: skip
            await report(number, news)
        await asyncio.sleep(pause)
        return tuple(self.spoiled.get(order.avatar) or _trained(order) for order in orders)

    async def paint(
        self, orders: Sequence[PaintRequest], report: Report
    ) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
        await self._stumble()
        self.painted += orders
        for number, order in enumerate(orders):
            await report(number, Progress(EngineStage.PAINTING, 1, len(order.seeds), None, 1.0))
        await asyncio.sleep(self.pause)
        return tuple(self.spoiled.get(order.avatar or "") or _pictures(order) for order in orders)

    async def prepare_source(self, request: PrepareRequest) -> PreparedSource:
        """A face, unless the picture is one flat colour; nothing to mend. Flat pictures stand
        beside nobody."""
        await self._stumble()
        photo = request.photo
        self.prepared.append(photo)
        if request.beside:
            self.joined.append((photo, request.beside))
        picture = Image.open(io.BytesIO(photo)).convert("RGB")
        flat = max(ImageStat.Stat(picture).stddev) < 1
        faces = 0 if flat else 1
        reason = AnimationRefusal.NO_FACE.value if flat else ""
        return PreparedSource(
            before=_picture("grey"), after=photo, people=faces, faces=faces, reason=reason,
            done=(), indecency=0.0, youth=0.0,
            joined=_picture("grey") if request.beside and not flat else b"",
            apart=reason if request.beside else "",
        )  # fmt: skip

    async def animate(
        self, orders: Sequence[AnimateRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        await self._stumble()
        self.animated += orders
        for number in range(len(orders)):
            await report(number, Progress(EngineStage.ANIMATING, 1, 2, None, 1.0))
        await asyncio.sleep(self.pause)
        return tuple(self.spoiled.get(order.content_id) or _clip() for order in orders)

    async def generate_video(
        self, orders: Sequence[GenerateVideoRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        await self._stumble()
        self.generated += orders
        for number in range(len(orders)):
            await report(number, Progress(EngineStage.ANIMATING, 1, 2, None, 1.0))
        await asyncio.sleep(self.pause)
        return tuple(self.spoiled.get(order.content_id) or _clip() for order in orders)

    async def self_test(self, base: str, label: LabelText) -> None:
        self.tests += 1
        if self.unwell is not None:
            raise self.unwell

    async def close(self) -> None:
        self.closed += 1

    async def _stumble(self) -> None:
        if self.trouble and (error := self.trouble.pop(0)):
            raise error


def photo(number: int) -> bytes:
    """A JPEG of noise, 400 x 500: each number another picture."""
    noise = Image.effect_noise((400, 500), 20 + number).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG")
    return out.getvalue()


def unfinished(avatar: str, step: int = 1) -> tuple[CheckpointFile, ...]:
    """What comes of a checkpoint: a candidate, then the state that names it."""
    data = UNFINISHED + f"{avatar} at {step}".encode()
    return CheckpointFile(f"candidate-{step}", data), CheckpointFile("state", data)


def _trained(order: TrainRequest) -> TrainedLora:
    """Two checkpoints; the initial portraits if they were ordered."""
    kept = (KeptCheckpoint(1, b"early", 0.5), KeptCheckpoint(2, b"lora", 0.4))
    first = _pictures(order.initial_portraits) if order.initial_portraits else ()
    return TrainedLora(kept, 1, 2, 0.1, 0.5, 0.4, LoraScaleRange(0.8, 0.1, 1.2), first)


def _pictures(order: PaintRequest) -> tuple[PaintedImage, ...]:
    return tuple(PaintedImage(_picture("blue"), seed, 64, 64) for seed in order.seeds)


@functools.cache
def _clip() -> PaintedClip:
    """A labelled file that plays, of two grey frames."""
    frames = [np.full((64, 64, 3), 90 + number, np.uint8) for number in range(2)]
    made = encode_clip(frames, 2, LabelText())
    return PaintedClip(
        made.mp4, made.poster, made.preview, made.width, made.height, made.frames, made.seconds
    )


def _picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, "JPEG")
    return out.getvalue()
