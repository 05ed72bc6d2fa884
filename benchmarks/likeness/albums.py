"""The measured people's photos, and the scale between strangers and their own."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.photos import people
from pipeline.images import faces
from pipeline.images.photo import decode

SUBJECTS = {"P005": "man", "P006": "woman"}  # never seen by the base; the recipe was chosen by them
# Nothing was chosen by these: neither a recipe nor a base.
UNTUNED = {"P007": "man", "P008": "man", "P009": "woman", "P010": "woman"}
MEASURED = SUBJECTS | UNTUNED
PEOPLE = ("P001", "P002", "P004", "P005", "P006")
# One snapshot and three studio pictures with different faces; none of them is trained on.
HELD_OUT = ("amateur_selfie", "angle_front", "emo_happy", "emo_surprised")
# Where the sheets of the package have them.
_OF_SHEETS = {
    "character-0": "angle_front", "emotions-1": "emo_happy", "emotions-4": "emo_surprised",
}  # fmt: skip
SMALL_FACES = ("amateur_posture", "studio_posture")  # whole bodies: too few pixels of face

Vector = NDArray[np.float32]  # (128,), unit length
Vectors = NDArray[np.float32]  # (pictures, 128)


@dataclass(frozen=True, slots=True)
class Album:
    """One person's photos: file bytes and SFace vectors, apart by whether training sees them."""

    trained: tuple[bytes, ...]
    trained_vectors: Vectors
    held_out_vectors: Vectors

    def without_held_out(self, one: int) -> Album:
        """The same album without that one of the held-out photos."""
        return replace(self, held_out_vectors=np.delete(self.held_out_vectors, one, axis=0))


Albums = Mapping[str, Album]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where likeness begins and ends for one person: strangers' and their own photos' cosines."""

    strangers: float
    spread: float
    own: float
    among_photos: float


def read(folder: Path) -> Album:
    """Read a person's photos; those in which SFace finds no face are left out."""
    return _album({path.stem: path.read_bytes() for path in sorted(folder.glob("*.jpg"))})


def read_sitting(person: str) -> Album:
    """The same of a person of the package openpeople, whose sheets are cut apart in memory."""
    photos = {}
    for one in people.sitting(person):
        file = io.BytesIO()
        Image.fromarray(one.pixels).save(file, "JPEG", quality=95)
        photos[_OF_SHEETS.get(one.name, one.name)] = file.getvalue()
    return _album(photos)


def _album(photos: Mapping[str, bytes]) -> Album:
    kept: list[tuple[str, bytes, Vector]] = []
    for name, photo in photos.items():
        vector = faces.embedding(decode(photo))
        if vector is not None and name not in SMALL_FACES:
            kept.append((name, photo, vector))
    return Album(
        tuple(photo for stem, photo, _ in kept if stem not in HELD_OUT),
        np.stack([v for stem, _, v in kept if stem not in HELD_OUT]),
        np.stack([v for stem, _, v in kept if stem in HELD_OUT]),
    )


def scale(person: str, albums: Albums) -> Scale:
    """Measure strangers and the person's own photos against the person's held-out ones."""
    album = albums[person]
    others = np.concatenate([a.trained_vectors for p, a in albums.items() if p != person])
    to_strangers = (others @ album.held_out_vectors.T).mean(axis=1)
    within = album.trained_vectors @ album.trained_vectors.T
    np.fill_diagonal(within, -1)
    return Scale(
        strangers=float(to_strangers.mean()),
        spread=float(to_strangers.std()),
        own=float((album.trained_vectors @ album.held_out_vectors.T).mean()),
        among_photos=float(within.max(axis=1).mean()),
    )


def vectors(pictures: Iterable[bytes]) -> Vectors:
    """SFace's vectors of the delivered pictures that show a face."""
    found = (faces.embedding(decode(picture)) for picture in pictures)
    kept = [vector for vector in found if vector is not None]
    return np.stack(kept) if kept else np.zeros((0, 128), np.float32)
