"""From a customer's photos to captioned training pictures, in memory only.

A photo with exactly one face gives several crops: framings in turn, eyes level, every second one
mirrored, slightly shifted, turned and tinted. What a picture shows besides the person (framing,
view, a plain background) is told in its caption, so that it does not become part of the person:
twenty photos before a grey wall must not make the wall a part of the face. Where the face lies in
a picture follows from how it was cropped; the loss may look there more closely.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.messages import BadPhotos, View
from pipeline.images import faces
from pipeline.images.faces import Face, Pixels
from pipeline.images.photo import decode
from pipeline.models import training_settings as recipe

MIRRORED = {View.LEFT: View.RIGHT, View.RIGHT: View.LEFT}


@dataclass(frozen=True, slots=True)
class Oval:
    """A face in a crop, hairline to chin, in shares of its side.

    across, down   the middle, from the left and from the top
    wide, high     half of the width and of the height
    """

    across: float
    down: float
    wide: float
    high: float

    def cover(self, side: int) -> NDArray[np.float32]:
        """The share of each of (side, side) cells that lies inside, 0..1."""
        fine = 8 * side
        places = (np.arange(fine, dtype=np.float32) + 0.5) / fine
        across = ((places - self.across) / self.wide) ** 2
        down = ((places - self.down) / self.high) ** 2
        inside = (across[None, :] + down[:, None] <= 1).astype(np.float32)
        return np.asarray(cv2.resize(inside, (side, side), interpolation=cv2.INTER_AREA))


@dataclass(frozen=True, slots=True)
class Example:
    """pixels: RGB uint8, (resolution, resolution, 3). photo: its number among the photos.

    unsaid   the caption without the background
    """

    pixels: Pixels
    caption: str
    unsaid: str
    face: Oval
    photo: int


@dataclass(frozen=True, slots=True)
class Examples:
    """training: all variants of most photos. validation: one plain crop of each other photo."""

    training: tuple[Example, ...]
    validation: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Jitter:
    """How a variant departs from the plain crop."""

    mirrored: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0


def unseen(photos: int) -> None:
    """For callers that do not listen."""


def examples(
    photos: Sequence[bytes],
    plan: recipe.DatasetSettings,
    subject: str,
    seed: int,
    seen: Callable[[int], None] = unseen,
    held_out: int = 0,
) -> Examples:
    """`plan.variants` examples of each usable photo; the same for the same seed.

    subject    what {subject} becomes, e.g. "sks woman"
    seen       told the number of photos looked at
    held_out   photos for validation, chosen by the seed; fewer where training would lack them
    BadPhotos: fewer than `plan.photos_at_least` show exactly one face.
    """
    made: dict[int, tuple[list[Example], Example]] = {}
    for number, photo in enumerate(photos):
        pixels, found = _face_of(photo)
        if len(found) == 1:
            made[number] = _of_one(pixels, found[0], plan, subject, (seed, number))
        seen(number + 1)
    if len(made) < plan.photos_at_least:
        raise BadPhotos(
            f"{len(made)} of {len(photos)} photos show exactly one face; "
            f"{plan.photos_at_least} are needed"
        )
    spare = min(held_out, len(made) - plan.photos_at_least)
    away = set(np.random.default_rng(seed).permutation(sorted(made))[:spare].tolist())
    return Examples(
        tuple(one for number in made if number not in away for one in made[number][0]),
        tuple(made[number][1] for number in made if number in away),
    )


def _face_of(photo: bytes) -> tuple[Pixels, tuple[Face, ...]]:
    """An unreadable photo counts as one without a face: nineteen good ones still make an avatar."""
    try:
        return faces.find_turned(decode(photo))
    except BadPhotos:
        return np.zeros((1, 1, 3), np.uint8), ()


def _of_one(
    pixels: Pixels, face: Face, plan: recipe.DatasetSettings, subject: str, seed: tuple[int, int]
) -> tuple[list[Example], Example]:
    """All variants of a photo, and the plain crop."""
    variants = []
    for variant in range(plan.variants):
        rng = np.random.default_rng((*seed, variant))
        framing = plan.framings[variant // 2 % len(plan.framings)]
        shift = rng.uniform(-plan.shift, plan.shift, 2)
        jitter = Jitter(
            plan.flip and variant % 2 == 1,
            (float(shift[0]), float(shift[1])),
            float(rng.uniform(-plan.roll, plan.roll)),
        )
        made = _cropped(pixels, face, plan, subject, framing, jitter, seed[1])
        tinted = _tinted(made.pixels, plan.colour, rng)
        said = made.caption if rng.random() >= plan.unsaid else made.unsaid
        variants.append(dataclasses.replace(made, pixels=tinted, caption=said))
    return variants, _cropped(pixels, face, plan, subject, plan.framings[0], Jitter(), seed[1])


def _cropped(
    pixels: Pixels,
    face: Face,
    plan: recipe.DatasetSettings,
    subject: str,
    framing: recipe.FramingSettings,
    jitter: Jitter,
    photo: int,
) -> Example:
    made = faces.crop(
        pixels, face, plan.resolution, framing.eyes, framing.level, jitter.shift, jitter.turn
    )
    made = made[:, ::-1] if jitter.mirrored else made
    view = faces.view(face)
    view = MIRRORED.get(view, view) if jitter.mirrored else view
    said, unsaid = (
        caption(plan, subject, framing.word, view, behind)
        for behind in (backdrop(made), Backdrop.OTHER)
    )
    return Example(made, said, unsaid, oval(framing, jitter), photo)


def oval(framing: recipe.FramingSettings, jitter: Jitter) -> Oval:
    """Where a crop's face lies: the crop put the eyes there, and heads are built alike.

    In distances between the eyes (63 mm): a face is 2.3 wide, and reaches from 1.1 above the eyes,
    the hairline, to 1.9 below them, the chin. The few degrees of a turn do not matter.
    """
    across = 0.5 + jitter.shift[0]
    return Oval(
        across=1 - across if jitter.mirrored else across,
        down=framing.level + jitter.shift[1] + 0.4 * framing.eyes,
        wide=1.15 * framing.eyes,
        high=1.5 * framing.eyes,
    )


def caption(
    plan: recipe.DatasetSettings, subject: str, framing: str, view: View, behind: Backdrop
) -> str:
    """The recipe's sentence, without the commas that empty words leave."""
    words = {
        "subject": subject,
        "framing": framing,
        "view": getattr(plan.views, view.value),
        "backdrop": getattr(plan.backdrops, behind.value),
    }
    stop = "." if plan.caption.endswith(".") else ""
    parts = (part.strip() for part in plan.caption.removesuffix(".").format(**words).split(","))
    return ", ".join(part for part in parts if part) + stop


class Backdrop(StrEnum):
    WHITE = "white"
    GREY = "grey"
    DARK = "dark"
    OTHER = "other"


def backdrop(pixels: Pixels) -> Backdrop:
    """What lies behind the head, from the upper corners of a crop: plain and colourless, or not."""
    side = pixels.shape[1] // 6
    corners = np.concatenate([pixels[: 2 * side, :side], pixels[: 2 * side, -side:]])
    middle = np.median(corners.reshape(-1, 3), axis=0)
    if np.median(np.abs(corners - middle)) > 10 or np.ptp(middle) > 20:
        return Backdrop.OTHER
    light = float(middle.mean())
    return Backdrop.WHITE if light > 215 else Backdrop.GREY if light > 55 else Backdrop.DARK


def _tinted(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Brightness, contrast and white balance, each by up to `strength`."""
    brightness, contrast = rng.uniform(-strength, strength, 2)
    balance = 1 + rng.uniform(-strength, strength, 3) / 2
    values = pixels.astype(np.float32) * balance
    values = (values - 128) * (1 + contrast) + 128 + 255 * brightness / 2
    return np.ascontiguousarray(np.clip(values, 0, 255).astype(np.uint8))
