"""Trains the network of shut eyes (:mod:`pipeline.images.expression`) on the tuning people.

    python -m benchmarks.faces train pipeline/models/shut-eye.npz

One layer over gradients: a hundred labelled eyes, each moved, blurred and lit in several ways, bear
no more. The open eyes of every second CC0 portrait stand for the many shapes of open ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces import labels
from benchmarks.faces.labels import LabelledPhoto
from benchmarks.photos import people
from pipeline.images import expression, face_mesh, faces
from pipeline.images.expression import EYE, EYES

WAYS = {True: 36, False: 6}  # in which each shut and each open eye is shown
OTHERS = 3  # ways of an eye of a CC0 portrait
PASSES, RATE, DECAY = 300, 0.05, 3e-3


@dataclass(frozen=True, slots=True)
class EyeSample:
    """What the network is given of an eye, and whether it is shut; ``plain``: as it was cut out."""

    person: str
    features: NDArray[np.float32]
    shut: bool
    plain: bool


def samples(one: LabelledPhoto, rng: np.random.Generator) -> Iterator[EyeSample]:
    found = faces.find(one.pixels)
    if not found or one.eyes is None:
        return
    mesh = face_mesh.lay(one.pixels, found[0])
    for (outer, inner), mirrored, shut in zip(EYES, (False, True), one.eyes, strict=True):
        if shut is None:
            continue
        for way in range(WAYS[shut] if one.person in people.TUNED else OTHERS):
            moved = mesh.copy()
            if way:
                width = float(np.linalg.norm(mesh[outer, :2] - mesh[inner, :2]))
                moved[[outer, inner], :2] += rng.normal(0, 0.045 * width, (2, 2))
            eye = face_mesh.patch(one.pixels, moved, outer, inner, EYE, mirrored=mirrored)
            shown = _seen_worse(eye, rng) if way else eye
            yield EyeSample(one.person, expression.eye_features(shown), shut, way == 0)


def _seen_worse(eye: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blurred, lit from a side, darker or brighter, noisy."""
    blur = rng.uniform(0, 1.6)
    soft = cv2.GaussianBlur(eye, (0, 0), blur) if blur > 0.3 else eye
    y, x = np.mgrid[-1 : 1 : eye.shape[0] * 1j, -1 : 1 : eye.shape[1] * 1j]
    light = rng.uniform(0.7, 1.2) * (
        1 + rng.uniform(-0.25, 0.25) * x + rng.uniform(-0.25, 0.25) * y
    )
    lit = soft * light + rng.uniform(-15, 25) + rng.normal(0, rng.uniform(0, 4), eye.shape)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def all_samples(folder: Path) -> list[EyeSample]:
    rng = np.random.default_rng(0)
    made = [eye for one in labels.sittings(folder) for eye in samples(one, rng)]
    for portrait in people.cc0(folder, held_out=False):
        one = LabelledPhoto(portrait.person, portrait.name, portrait.pixels, labels.OPEN)
        made += samples(one, rng)
    return made


def fit(made: list[EyeSample]) -> NDArray[np.float32]:
    """The weights, shape (n + 1,), the last one the bias: logistic regression, both kinds alike."""
    found = np.stack([one.features for one in made])
    shut = np.array([one.shut for one in made], np.float64)
    mean, spread = found.mean(axis=0), found.std(axis=0) + 0.05
    given = (found - mean) / spread
    share = np.where(shut > 0, 0.5 / shut.mean(), 0.5 / (1 - shut.mean()))
    weights, bias = np.zeros(given.shape[1]), 0.0
    speed, drift = np.zeros_like(weights), 0.0
    for _ in range(PASSES):
        error = (1 / (1 + np.exp(-(given @ weights + bias))) - shut) * share
        speed = 0.9 * speed + given.T @ error / len(shut) + DECAY * weights
        drift = 0.9 * drift + float(error.mean())
        weights, bias = weights - RATE * speed, bias - RATE * drift
    plain = weights / spread
    return np.append(plain, bias - mean @ plain).astype(np.float32)


def unseen_errors(made: list[EyeSample]) -> dict[str, tuple[int, int, int, int]]:
    """Of each person, by a network that never saw them: shut eyes, missed ones, open eyes, false
    alarms."""
    errors = {}
    for person in people.TUNED:
        network = fit([one for one in made if one.person != person])
        theirs = [one for one in made if one.person == person and one.plain]
        told = [(one.shut, one.features @ network[:-1] + network[-1] > 0) for one in theirs]
        shut, seen = (
            [told for is_shut, told in told if is_shut],
            [t for is_shut, t in told if not is_shut],
        )
        errors[person] = (len(shut), shut.count(False), len(seen), seen.count(True))
    return errors


def train(out: Path, folder: Path) -> None:
    np.savez_compressed(out, weights=fit(all_samples(folder)))
