"""Trains the two networks of :mod:`pipeline.images.covering` on the tuning people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.photos import occluders, people
from benchmarks.photos.people import Portrait
from pipeline.images import covering, face_hash, faces
from pipeline.images.covering import EYES, MOUTH, FacePart
from pipeline.images.faces import Pixels

ROUNDS = 3  # of every thing before every face
HIDDEN = 24
PASSES = 30
FALSE_ALARMS = 0.004  # of good faces, glasses among them, each network may refuse on unseen people
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A chip, and what is covered on it."""

    person: str
    chip: Pixels
    eyes: bool
    mouth: bool


def samples(portrait: Portrait, rng: np.random.Generator, rounds: int = ROUNDS) -> Iterator[Sample]:
    found = faces.find(portrait.pixels)
    if len(found) != 1:
        return
    yield Sample(portrait.person, _chip(portrait.pixels, found[0]), False, False)
    for _ in range(rounds):
        shrink = min(1.0, rng.uniform(90, 260) / found[0].height)
        small = cv2.resize(
            portrait.pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA
        )
        if len(seen := faces.find(small)) == 1:
            yield from _dressed(portrait.person, small, seen[0], rng)


def _dressed(
    person: str, pixels: Pixels, face: faces.Face, rng: np.random.Generator
) -> Iterator[Sample]:
    """Bare, with clear glasses, and with each thing over eyes or mouth; the dark glasses twice."""
    clear = occluders.clear_glasses(pixels, face, rng)
    both = occluders.mask(occluders.sunglasses(pixels, face, rng), face, rng)
    shown = [(pixels, False, False), (clear, False, False), (both, True, True)]
    over_eyes = (*occluders.OVER_EYES, occluders.sunglasses)
    shown += [(draw(pixels, face, rng), True, False) for draw in over_eyes]
    for draw in (*occluders.OVER_MOUTH, occluders.mask):
        below = clear if rng.random() < 0.2 else pixels
        shown.append((draw(below, face, rng), False, True))
    for picture, eyes, mouth in shown:
        sent = occluders.as_sent(picture, rng)
        if found := faces.find(sent):
            yield Sample(person, _chip(sent, found[0]), eyes, mouth)


def _chip(pixels: Pixels, face: faces.Face) -> Pixels:
    return faces.align(pixels, face, faces.UPRIGHT, faces.UPRIGHT_SIDE)


class _Fit:
    """A network of one hidden layer over standardized features."""

    def __init__(self, found: NDArray[np.float32], truth: NDArray[np.bool_]) -> None:
        self._mean, self._spread = found.mean(axis=0), found.std(axis=0) + 0.05
        torch.manual_seed(0)
        self._net = torch.nn.Sequential(
            torch.nn.Linear(found.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(0.3),
            torch.nn.Linear(HIDDEN, 1),
        )  # fmt: skip
        given = torch.from_numpy((found - self._mean) / self._spread)
        wanted = torch.from_numpy(truth.astype(np.float32))
        optimizer = torch.optim.AdamW(self._net.parameters(), 3e-3, weight_decay=0.05)
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        for _ in range(PASSES):
            for batch in torch.randperm(len(given)).split(256):
                optimizer.zero_grad()
                loss(self._net(given[batch])[:, 0], wanted[batch]).backward()
                optimizer.step()
        self._net.eval()

    def logits(self, found: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            given = torch.from_numpy((found - self._mean) / self._spread)
            return np.asarray(self._net(given)[:, 0].numpy())

    def stored(self, threshold: float) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
        """Both layers, with the standardization and the threshold (of logits) folded in."""
        first, last = self._net[0], self._net[3]
        weight = first.weight.detach().numpy().T / self._spread[:, None]
        bias = first.bias.detach().numpy() - self._mean @ weight
        output = np.append(last.weight.detach().numpy()[0], last.bias.item() - threshold)
        return np.vstack([weight, bias]).astype(np.float16), output.astype(np.float16)


def mean_face(out: Path) -> None:
    """The mean of the tuning portraits, alike on both sides: where faces are laid to be hashed."""
    total = np.zeros((face_hash.MEAN_SIDE, face_hash.MEAN_SIDE))
    for portrait in people.cc0(people.PEOPLE, held_out=False):
        if len(found := faces.find(portrait.pixels)) == 1:
            wide = face_hash.wide_face(portrait.pixels, found[0]).astype(np.float32)
            small = cv2.resize(wide, total.shape, interpolation=cv2.INTER_AREA)
            total += (small - small.mean()) / small.std()
    total += total[:, ::-1]
    stretched = np.round((total - total.min()) / np.ptp(total) * 255).astype(np.uint8)
    cv2.imwrite(str(out), stretched)


def train(out: Path) -> None:
    torch.set_num_threads(1)  # two that wait for each other are slower beside other work
    rng = np.random.default_rng(0)
    made = [one for portrait in people.tuning() for one in samples(portrait, rng)]
    print(f"{len(made)} faces")
    layers: dict[str, NDArray[np.float16]] = {}
    for part in (EYES, MOUTH):
        hidden, output = _fit(made, part)
        layers |= {f"{part.name}_hidden": hidden, f"{part.name}_output": output}
    np.savez_compressed(out, **layers)


def _fit(made: list[Sample], part: FacePart) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    found = np.stack([covering.features(one.chip, part) for one in made])
    truth = np.array([getattr(one, part.name) for one in made])
    persons = sorted({one.person for one in made})
    fold = np.array([persons.index(one.person) % FOLDS for one in made])
    unseen = np.zeros(len(made), np.float32)
    for number in range(FOLDS):
        unseen[fold == number] = _Fit(found[fold != number], truth[fold != number]).logits(
            found[fold == number]
        )
    good = np.array([not one.eyes and not one.mouth for one in made])
    # Never below even odds: where hardly anything is doubtful, what is doubtful passes.
    threshold = max(0.0, float(np.quantile(unseen[good], 1 - FALSE_ALARMS)))
    caught = float((unseen[truth] > threshold).mean())
    print(f"{part.name}: threshold {threshold:.2f}, caught on unseen people {caught:.3f}")
    return _Fit(found, truth).stored(threshold)
