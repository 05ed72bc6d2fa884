"""Build captioned training pictures from a customer's photos, in memory only.

A photo with exactly one face gives several crops: framings in turn, eyes level, every second one
mirrored, slightly shifted, rotated and tinted. The caption says what a picture shows besides the
person (framing, view, expression, a plain background), so that it does not become part of the
person: twenty photos before a grey wall must not make the wall a part of the face. A background
that no word names weighs little in the loss. Where the face lies in a picture follows from how it
was cropped; the loss may weigh it more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.expressions import Expression
from pipeline.engine.inspection import View
from pipeline.engine.messages import BadPhotos
from pipeline.images import expression, faces, segmentation
from pipeline.images.faces import Face, Pixels
from pipeline.images.photo import decode
from pipeline.models import training_settings
from pipeline.training import photo_expressions

MIRRORED = {View.LEFT: View.RIGHT, View.RIGHT: View.LEFT}


@dataclass(frozen=True, slots=True)
class FaceEllipse:
    """Where the face lies in a crop, hairline to chin, in shares of the crop's side.

    centre_x, centre_y   from the left and from the top
    radius_x, radius_y   half of the width and of the height
    """

    centre_x: float
    centre_y: float
    radius_x: float
    radius_y: float

    def coverage(self, side: int) -> NDArray[np.float32]:
        """The share of each cell of a (side, side) grid that lies inside, 0..1, float32."""
        fine = 8 * side
        places = (np.arange(fine, dtype=np.float32) + 0.5) / fine
        x = ((places - self.centre_x) / self.radius_x) ** 2
        y = ((places - self.centre_y) / self.radius_y) ** 2
        inside = (x[None, :] + y[:, None] <= 1).astype(np.float32)
        return np.asarray(cv2.resize(inside, (side, side), interpolation=cv2.INTER_AREA))


@dataclass(frozen=True, slots=True)
class Example:
    """A training picture and its caption.

    pixels          RGB uint8, (resolution, resolution, 3)
    plain_caption   the caption without the background
    photo           index of the photo that it was cropped from
    inside          where the photo is, (resolution, resolution), float32: 0 where its edge was
                    mirrored, else 1
    person          where the person is, (resolution, resolution), 0..1, float32; None: the
                    background is to be learned as well, for the caption can name it
    """

    pixels: Pixels
    caption: str
    plain_caption: str
    face: FaceEllipse
    photo: int
    inside: NDArray[np.float32]
    person: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """The dataset of one person.

    training     all variants of most photos
    validation   one plain crop of each photo held out
    """

    training: tuple[Example, ...]
    validation: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class CropJitter:
    """How a variant differs from the plain crop: shifts in shares of the side, degrees."""

    mirrored: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0


def ignore_progress(photos: int) -> None:
    """An `on_photo` that does nothing."""


def build_examples(
    photos: Sequence[bytes],
    settings: training_settings.DatasetSettings,
    subject: str,
    seed: int,
    on_photo: Callable[[int], None] = ignore_progress,
    held_out: int = 0,
) -> Examples:
    """Examples of each usable photo, see `DatasetSettings`; the same for the same seed.

    subject    what {subject} becomes, e.g. "sks woman"
    on_photo   told the number of photos done
    held_out   photos for validation, drawn by the seed from those that are trained on most; fewer
               if training would lack them
    BadPhotos: fewer than `settings.min_photos` show exactly one face.
    """
    usable: dict[int, _Portrait] = {}
    for number, photo in enumerate(photos):
        pixels, found = _face_of(photo)
        if len(found) == 1:
            usable[number] = _Portrait(pixels, found[0], number)
        on_photo(number + 1)
    if len(usable) < settings.min_photos:
        raise BadPhotos(
            f"{len(usable)} of {len(photos)} photos show exactly one face; "
            f"{settings.min_photos} are needed"
        )
    told = photo_expressions.tell_all(
        {number: expression.measure(one.pixels, one.face) for number, one in usable.items()}
    )
    counts = photo_expressions.variants(told, settings)
    held = _held_out(told, settings, held_out, seed)
    cropping = {
        number: _Cropping(one, told[number], settings, subject, seed)
        for number, one in usable.items()
    }
    return Examples(
        tuple(
            cropping[number].variant(variant)
            for number, count in counts.items()
            if number not in held
            for variant in range(count)
        ),
        tuple(one.plain() for number, one in cropping.items() if number in held),
    )


def _held_out(
    told: Mapping[int, Expression],
    settings: training_settings.DatasetSettings,
    wanted: int,
    seed: int,
) -> set[int]:
    """Photos drawn by the seed, of those that are trained on most, as far as they can be spared.

    Not of the others: what training hardly sees gets worse while the portraits get better, and
    would choose a checkpoint that is too early. How many crops they give does not matter, so that
    what is held out of the usual pictures is held out of the larger ones as well.
    """
    most = sorted(photo_expressions.preferred(told, settings))
    grimaces = len(told) - len(most)
    needed = settings.min_calm_photos if grimaces else settings.min_photos
    spared = max(0, min(wanted, len(most) - needed, len(told) - settings.min_photos))
    return set(np.random.default_rng(seed).permutation(most)[:spared].tolist())


def _face_of(photo: bytes) -> tuple[Pixels, tuple[Face, ...]]:
    """The faces of a photo; none if it cannot be read: the other photos still make an avatar."""
    try:
        return faces.find_turned(decode(photo))
    except BadPhotos:
        return np.zeros((1, 1, 3), np.uint8), ()


@dataclass(frozen=True, slots=True)
class _Portrait:
    """A photo's pixels and its one face."""

    pixels: Pixels
    face: Face
    photo: int


@dataclass(frozen=True, slots=True)
class _Cropping:
    """Cuts and captions the crops of one photo."""

    portrait: _Portrait
    expression: Expression
    settings: training_settings.DatasetSettings
    subject: str
    seed: int

    def plain(self) -> Example:
        return self._crop(self.settings.framings[0], CropJitter())

    def variant(self, number: int) -> Example:
        settings, rng = (
            self.settings,
            np.random.default_rng((self.seed, self.portrait.photo, number)),
        )
        framing = settings.framings[number // 2 % len(settings.framings)]
        shift = rng.uniform(-settings.shift, settings.shift, 2)
        jitter = CropJitter(
            settings.flip and number % 2 == 1,
            (float(shift[0]), float(shift[1])),
            float(rng.uniform(-settings.roll, settings.roll)),
        )
        made = self._crop(framing, jitter)
        tinted = _colour_jitter(made.pixels, settings.colour, rng)
        named = rng.random() >= settings.backdrop_caption_dropout
        text = made.caption if named else made.plain_caption
        return dataclasses.replace(made, pixels=tinted, caption=text)

    def _crop(self, framing: training_settings.FramingSettings, jitter: CropJitter) -> Example:
        settings, portrait = self.settings, self.portrait
        place = (
            portrait.face,
            settings.resolution,
            framing.eyes,
            framing.level,
            jitter.shift,
            jitter.rotation,
        )
        made = faces.crop(portrait.pixels, *place)
        inside = faces.crop_coverage(portrait.pixels.shape, *place)
        if jitter.mirrored:
            made, inside = made[:, ::-1], inside[:, ::-1]
        view = photo_expressions.view(self.expression)
        view = MIRRORED.get(view, view) if jitter.mirrored else view
        word = settings.expressions.of(self.expression)
        behind = classify_backdrop(made)
        text, plain_text = (
            caption(settings, self.subject, framing.word, view, named, word)
            for named in (behind, Backdrop.OTHER)
        )
        person = segmentation.person(made) if behind is Backdrop.OTHER else None
        ellipse = face_ellipse(framing, jitter)
        return Example(made, text, plain_text, ellipse, portrait.photo, inside, person)


def face_ellipse(framing: training_settings.FramingSettings, jitter: CropJitter) -> FaceEllipse:
    """Where a crop's face lies: the crop placed the eyes, and heads have like proportions.

    In distances between the eyes (63 mm): a face is 2.3 wide, and reaches from 1.1 above the eyes,
    the hairline, to 1.9 below them, the chin. A rotation of a few degrees does not matter.
    """
    centre_x = 0.5 + jitter.shift[0]
    return FaceEllipse(
        centre_x=1 - centre_x if jitter.mirrored else centre_x,
        centre_y=framing.level + jitter.shift[1] + 0.4 * framing.eyes,
        radius_x=1.15 * framing.eyes,
        radius_y=1.5 * framing.eyes,
    )


def caption(
    settings: training_settings.DatasetSettings,
    subject: str,
    framing: str,
    view: View,
    behind: Backdrop,
    expression_word: str = "",
) -> str:
    """The recipe's sentence, without the commas that empty words leave."""
    words = {
        "subject": subject,
        "framing": framing,
        "view": getattr(settings.views, view.value),
        "expression": expression_word,
        "backdrop": getattr(settings.backdrops, behind.value),
    }
    stop = "." if settings.caption.endswith(".") else ""
    parts = (part.strip() for part in settings.caption.removesuffix(".").format(**words).split(","))
    return ", ".join(part for part in parts if part) + stop


class Backdrop(StrEnum):
    WHITE = "white"
    GREY = "grey"
    DARK = "dark"
    OTHER = "other"


def classify_backdrop(pixels: Pixels) -> Backdrop:
    """The background behind the head, by a crop's upper corners: plain and colourless, or OTHER."""
    side = pixels.shape[1] // 6
    corners = np.concatenate([pixels[: 2 * side, :side], pixels[: 2 * side, -side:]])
    middle = np.median(corners.reshape(-1, 3), axis=0)
    if np.median(np.abs(corners - middle)) > 10 or np.ptp(middle) > 20:
        return Backdrop.OTHER
    light = float(middle.mean())
    return Backdrop.WHITE if light > 215 else Backdrop.GREY if light > 55 else Backdrop.DARK


def _colour_jitter(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Vary brightness, contrast and white balance, each by up to `strength`."""
    brightness, contrast = rng.uniform(-strength, strength, 2)
    balance = 1 + rng.uniform(-strength, strength, 3) / 2
    values = pixels.astype(np.float32) * balance
    values = (values - 128) * (1 + contrast) + 128 + 255 * brightness / 2
    return np.ascontiguousarray(np.clip(values, 0, 255).astype(np.uint8))
