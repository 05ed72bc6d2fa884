"""Build the base's training set: many framed, lit and captioned variants of a few hundred photos.

The variants are drawn once, seeded by photo, and stored as bytes: the training loops then do
nothing but matrix products. The caption says what was done to a picture, so that it does not leak
into portraits that did not ask for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.images import segmentation
from pipeline.mini.align import (
    CLOSE_UP,
    EYES_X,
    EYES_Y,
    MIN_SOURCE_EYES,
    PORTRAIT,
    AlignedFace,
    Image,
    MiniFraming,
    crop_square,
    find_face,
    fit_eye_distance,
)
from pipeline.mini.looks import BACKDROPS, LOOKS, TONES, Pixels, side_light
from pipeline.mini.people import MEASURED, TRAINED, SourcePhoto, source_photos

PIXELS = 256  # of a close-up, and of everything that a LoRA is trained on
# Measured by eye on contact sheets of the 200 portraits: mouth width over eye distance.
_GRIN, _NEUTRAL = 0.88, 0.74
_SIDEWAYS = 0.3
STRANGERS = 0.5  # share of the CC0 portraits' variants that are warped into another person
CLOSE_UP_WORD = "closeup"
STRANGER = ""  # the name of a warped person: they have no token
_WARP, _STRETCH = 0.012, 0.033
_CLOSE = (PORTRAIT + CLOSE_UP) / 2


@dataclass(frozen=True, slots=True)
class Canvas:
    """A size of picture with its framing; each has a dataset of its own.

    folder      below the working folder
    pixels      along each side, a multiple of 32
    eyes        usual distance between the eyes, as a share of the side
    closeups    share of the variants that are close-ups instead
    """

    folder: str
    pixels: int
    eyes: float
    closeups: float

    def place(self, work: Path) -> Path:
        """Return the folder of its dataset."""
        return work / self.folder


SQUARE = Canvas("", PIXELS, PORTRAIT, 0.2)
# Head and shoulders: the face has as many pixels as in a close-up, with more around it.
WIDE = Canvas("wide", 384, CLOSE_UP * PIXELS / 384, 0.0)
CANVASES = (SQUARE, WIDE)


@dataclass(frozen=True, slots=True)
class DatasetSize:
    """How many variants of each photo are drawn (half of them without any look)."""

    cc0: int = 110
    trained: int = 60
    held_out: int = 4
    seed: int = 20261122

    def times(self, factor: float) -> DatasetSize:
        """Return a size with that many times the variants of trained photos."""
        cc0, trained = round(factor * self.cc0), round(factor * self.trained)
        return replace(self, cc0=cc0, trained=trained)


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A photo with its face and its mask, ready for drawing variants."""

    photo: SourcePhoto
    image: Image
    mask: Image
    face: AlignedFace


@dataclass(frozen=True, slots=True)
class Variant:
    """The record of one picture: where it came from and what its caption says."""

    person: str
    photo: str
    held_out: bool
    words: tuple[str, ...]


def prepare(photos: Sequence[SourcePhoto]) -> Iterator[PreparedPhoto]:
    """Load, detect and mask; photos without a clear and large enough face are skipped."""
    for photo in photos:
        image = cv2.cvtColor(cv2.imread(str(photo.path)), cv2.COLOR_BGR2RGB)
        face = find_face(image)
        if face is not None and face.scale >= MIN_SOURCE_EYES:
            mask = (segmentation.person(image) * 255).astype(np.uint8)
            yield PreparedPhoto(photo, image, mask, face)


def caption_words(photo: SourcePhoto, face: AlignedFace) -> list[str]:
    """Return what is known of the person and the pose, as words of the vocabulary."""
    expression = photo.expression
    if not expression and photo.person not in {**TRAINED, **MEASURED}:
        expression = "smile" if face.grin > _GRIN else "neutral" if face.grin < _NEUTRAL else ""
    pose = "profile" if abs(face.yaw) > _SIDEWAYS else ""
    return [word for word in (photo.age, photo.sex, expression, pose) if word]


def draw(
    prepared: PreparedPhoto, rng: np.random.Generator, canvas: Canvas = SQUARE
) -> tuple[Image, tuple[str, ...], bool]:
    """Draw one variant: picture (side, side, 3) uint8, its words, whether it is a stranger."""
    height, width = prepared.image.shape[:2]
    wanted = CLOSE_UP if rng.random() < canvas.closeups else canvas.eyes
    eyes = fit_eye_distance(prepared.face, wanted * float(rng.uniform(0.95, 1.06)), width, height)
    framing = MiniFraming(
        eyes=eyes,
        shift=(float(rng.normal(0, 0.012)), float(rng.normal(0, 0.012))),
        roll=float(rng.normal(0, 0.035)),
        mirrored=bool(rng.random() < 0.5),
    )
    cuts = [
        crop_square(one, prepared.face, framing, canvas.pixels)
        for one in (prepared.image, prepared.mask)
    ]
    alone = not prepared.photo.held_out and prepared.photo.person not in TRAINED
    stranger = alone and rng.random() < STRANGERS
    if stranger:
        places = stranger_warp(rng, canvas.pixels)
        cuts = [cv2.remap(one, places, None, cv2.INTER_CUBIC) for one in cuts]
    image, mask = _daylight(_shares(cuts[0]), rng), _shares(cuts[1])
    looks = _choose_looks(rng)
    for name in looks:
        image = LOOKS[name](np.clip(image, 0, 1), mask, rng)
    words = [
        *caption_words(prepared.photo, prepared.face),
        *([CLOSE_UP_WORD] if eyes > _CLOSE else []),
        *looks,
    ]
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8), tuple(words), stranger


def stranger_warp(rng: np.random.Generator, pixels: int = PIXELS) -> npt.NDArray[np.float32]:
    """Return a warp to another person's face: each pixel's source (x, y), (pixels, pixels, 2).

    A smooth, symmetric shift of brows, nose, mouth and jaw, and another width and height: two
    hundred people are few to learn from what faces have in common.
    """
    down, across = rng.normal(0, _WARP, (5, 3)), rng.normal(0, _WARP, (5, 3))
    across[:, -1] = 0  # the middle stays in the middle
    x = np.concatenate([across, -across[:, -2::-1]], axis=1)
    y = np.concatenate([down, down[:, -2::-1]], axis=1)
    shift = np.stack([x, y], axis=2).astype(np.float32) * pixels
    smooth = cv2.resize(shift, (pixels, pixels), interpolation=cv2.INTER_CUBIC)
    columns, rows = np.meshgrid(*[np.arange(pixels, dtype=np.float32)] * 2)
    centre = np.array([EYES_X, EYES_Y], np.float32) * pixels
    stretch = rng.normal(1, _STRETCH, 2).astype(np.float32)
    places = (np.stack([columns, rows], axis=2) - centre) * stretch + centre + smooth
    return np.asarray(np.clip(places, 0, pixels - 1), dtype=np.float32)


def _shares(image: Image) -> Pixels:
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def _daylight(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Vary the light slightly; this is not captioned."""
    gains = rng.normal(1, 0.02, 3).astype(np.float32) * np.float32(rng.normal(1, 0.05))
    lit = np.clip(image * gains, 0, 1) ** np.float32(rng.uniform(0.9, 1.12))
    return side_light(lit, float(rng.uniform(0, 0.15)), 1.0 if rng.random() < 0.5 else -1.0)


def _choose_looks(rng: np.random.Generator) -> list[str]:
    chance = rng.random()
    if chance < 0.45:
        return []
    backdrop = [str(rng.choice(list(BACKDROPS)))]
    tone = [str(rng.choice(list(TONES)))]
    return backdrop if chance < 0.7 else tone if chance < 0.93 else backdrop + tone


def _count(photo: SourcePhoto, size: DatasetSize) -> int:
    learned = size.trained if photo.person in TRAINED else size.cc0
    return size.held_out if photo.held_out else learned


def _variants_of(
    prepared: PreparedPhoto, number: int, size: DatasetSize, canvas: Canvas
) -> list[tuple[Image, Variant]]:
    photo = prepared.photo
    cv2.setNumThreads(1)  # as many processes as there are cores
    rng = np.random.default_rng((size.seed, number))
    drawn = []
    for _ in range(_count(photo, size)):
        image, words, stranger = draw(prepared, rng, canvas)
        person = STRANGER if stranger else photo.person
        variant = Variant(person, photo.path.name, photo.held_out, words)
        drawn.append((image, variant))
    return drawn


def build_dataset(
    people: Path,
    work: Path,
    size: DatasetSize,
    canvas: Canvas = SQUARE,
    processes: int = 2,
) -> int:
    """Draw the dataset of a canvas into images.npy (n, side, side, 3) and variants.jsonl of its
    folder in `work`; return n."""
    place = canvas.place(work)
    place.mkdir(parents=True, exist_ok=True)
    ready = list(prepare(source_photos(people)))
    # Written as they are drawn: all together they are larger than a small machine's memory.
    fresh, total = place / "images.new.npy", sum(_count(one.photo, size) for one in ready)
    shape = (total, canvas.pixels, canvas.pixels, 3)
    images = np.lib.format.open_memmap(fresh, "w+", np.uint8, shape)
    lines: list[str] = []
    with ProcessPoolExecutor(processes) as pool:
        many = len(ready)
        drawn = pool.map(_variants_of, ready, range(many), [size] * many, [canvas] * many)
        for part in drawn:
            for image, v in part:
                images[len(lines)] = image
                row = {"person": v.person, "photo": v.photo, "held_out": v.held_out}
                lines.append(json.dumps({**row, "words": v.words}) + "\n")
    images.flush()
    # Renamed over the old file: a training that still reads that one keeps it.
    os.replace(fresh, place / "images.npy")
    (place / "variants.jsonl").write_text("".join(lines))
    return total


def read_variants(work: Path, canvas: Canvas = SQUARE) -> list[Variant]:
    """Return the records of the dataset in the order of its pictures."""
    rows = map(json.loads, (canvas.place(work) / "variants.jsonl").read_text().splitlines())
    return [Variant(r["person"], r["photo"], r["held_out"], tuple(r["words"])) for r in rows]


def read_images(work: Path, canvas: Canvas = SQUARE) -> Image:
    """Return the pictures of the dataset (n, side, side, 3), memory-mapped."""
    images: Image = np.load(canvas.place(work) / "images.npy", mmap_mode="r")
    return images
