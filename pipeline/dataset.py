"""From a customer's photos to captioned training pictures, in memory only.

A photo with exactly one face gives several crops: framings in turn, eyes level, every second one
mirrored, slightly shifted, turned and tinted. What a picture shows besides the person (framing,
view, a plain background) is told in its caption, so that it does not become part of the person:
twenty photos before a grey wall must not make the wall a part of the face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline import faces, recipe
from pipeline.faces import Face, Pixels
from pipeline.orders import BadPhotos, View
from pipeline.photo import decode

MIRRORED = {View.LEFT: View.RIGHT, View.RIGHT: View.LEFT}


@dataclass(frozen=True, slots=True)
class Example:
    """pixels: RGB uint8, (resolution, resolution, 3)."""

    pixels: Pixels
    caption: str


def unseen(photos: int) -> None:
    """For callers that do not listen."""


def examples(
    photos: Sequence[bytes],
    plan: recipe.Dataset,
    subject: str,
    seed: int,
    seen: Callable[[int], None] = unseen,
) -> tuple[Example, ...]:
    """`plan.variants` examples of each usable photo; the same for the same seed.

    subject   what {subject} becomes, e.g. "sks woman"
    seen      told the number of photos looked at
    BadPhotos: fewer than `plan.photos_at_least` show exactly one face.
    """
    made: list[Example] = []
    usable = 0
    for number, photo in enumerate(photos):
        pixels, found = _face_of(photo)
        if len(found) == 1:
            usable += 1
            made += [
                _variant(pixels, found[0], plan, subject, variant, (seed, number, variant))
                for variant in range(plan.variants)
            ]
        seen(number + 1)
    if usable < plan.photos_at_least:
        raise BadPhotos(
            f"{usable} of {len(photos)} photos show exactly one face; "
            f"{plan.photos_at_least} are needed"
        )
    return tuple(made)


def _face_of(photo: bytes) -> tuple[Pixels, tuple[Face, ...]]:
    """An unreadable photo counts as one without a face: nineteen good ones still make an avatar."""
    try:
        return faces.find_turned(decode(photo))
    except BadPhotos:
        return np.zeros((1, 1, 3), np.uint8), ()


def _variant(
    pixels: Pixels,
    face: Face,
    plan: recipe.Dataset,
    subject: str,
    variant: int,
    seed: tuple[int, int, int],
) -> Example:
    rng = np.random.default_rng(seed)
    framing = plan.framings[variant // 2 % len(plan.framings)]
    mirrored = plan.flip and variant % 2 == 1
    shift = rng.uniform(-plan.shift, plan.shift, 2)
    turn = rng.uniform(-plan.roll, plan.roll)
    made = faces.crop(
        pixels,
        face,
        plan.resolution,
        framing.eyes,
        framing.level,
        (float(shift[0]), float(shift[1])),
        float(turn),
    )
    made = made[:, ::-1] if mirrored else made
    view = faces.view(face)
    view = MIRRORED.get(view, view) if mirrored else view
    said = caption(plan, subject, framing.word, view, backdrop(made))
    return Example(_tinted(made, plan.colour, rng), said)


def caption(plan: recipe.Dataset, subject: str, framing: str, view: View, behind: Backdrop) -> str:
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
