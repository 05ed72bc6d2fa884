"""Paint portraits: a base, perhaps a customer's LoRA, one picture per seed, each past the gate."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from pipeline import label, lora, safety
from pipeline.faces import Pixels
from pipeline.families import Base, OnStep, unheard
from pipeline.orders import LabelText, NothingDecent, PaintOrder, Picture, Progress, Stage
from pipeline.recipe import Recipe

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture as the base painted it, RGB uint8, and the seed that painted it."""

    pixels: Pixels
    seed: int


class Wardrobe:
    """Customers' LoRAs kept on a base, the least recently used one leaving first.

    Switching costs 6 ms, loading 160 ms, fusing 4 s (SD1.5 size): so never fuse.
    """

    def __init__(self, base: Base, room: int) -> None:
        self._base, self._room = base, max(1, room)
        self._worn: OrderedDict[str, None] = OrderedDict()

    def wear(self, file: bytes | None, weight: float) -> None:
        """Paint with this LoRA alone. BadLora: it does not fit; the others stay as they were."""
        if file is None or weight == 0:
            lora.use(self._base, None, 0)
            return
        # Named by content: a customer who was trained anew must not get the old face.
        name = "a" + hashlib.sha256(file).hexdigest()[:24]
        if name not in self._worn:
            self._make_room()
            lora.load(self._base, name, file)
            self._worn[name] = None
        self._worn.move_to_end(name)
        lora.use(self._base, name, weight)

    def _make_room(self) -> None:
        while len(self._worn) >= self._room:
            name, _ = self._worn.popitem(last=False)
            lora.remove(self._base, name)


def paint(
    base: Base, recipe: Recipe, wardrobe: Wardrobe, order: PaintOrder, report: Report
) -> tuple[Picture, ...]:
    """One picture per seed that passed. NothingDecent: none did. BadLora, BadLabel: wrong order."""
    label.check(order.label, order.content_id)
    known = order.lora is not None and order.weight > 0
    wardrobe.wear(order.lora, order.weight * recipe.paint.gain)
    prompt = recipe.prompt(order.prompt, order.subject, known)
    size = recipe.size(order.width, order.height)
    total = len(order.seeds) * recipe.paint.steps
    pictures: list[Picture] = []
    for number, seed in enumerate(order.seeds):
        done = number * recipe.paint.steps

        def on_step(step: int, done: int = done) -> None:
            report(Progress(Stage.PAINTING, min(done + step, total), total))

        painted = decent(base, recipe, prompt, order.negative, size, seed, order.adult, on_step)
        if painted is not None:
            content_id = f"{order.content_id}-{number}" if number else order.content_id
            picture = delivered(painted.pixels, recipe, order.label, content_id)
            pictures.append(Picture(picture.image, painted.seed, picture.width, picture.height))
    if not pictures:
        raise NothingDecent(f"{len(order.seeds)} seeds, {recipe.gate.repaints} repaints each")
    return tuple(pictures)


def decent(
    base: Base,
    recipe: Recipe,
    prompt: str,
    negative: str,
    size: tuple[int, int],
    seed: int,
    adult: bool,
    on_step: OnStep = unheard,
) -> Painted | None:
    """Paint until a picture passes the gate; None after the recipe's repaints."""
    for attempt in range(recipe.gate.repaints + 1):
        tried = seed if attempt == 0 else repaint_seed(seed, attempt)
        with torch.no_grad():
            pixels = base.sample(prompt, negative, size, tried, on_step)
        if safety.judge(_enlarged(pixels, recipe), recipe.gate, adult).passed:
            return Painted(pixels, tried)
    return None


def repaint_seed(seed: int, attempt: int) -> int:
    """The seed of a further try: fixed, so that an order run twice gives the same pictures."""
    return int.from_bytes(hashlib.sha256(f"{seed}+{attempt}".encode()).digest()[:4], "big")


def delivered(pixels: Pixels, recipe: Recipe, text: LabelText, content_id: str) -> Picture:
    """Enlarged, labelled and encoded; the seed is left 0."""
    large = _enlarged(pixels, recipe)
    image = label.sealed(large, text, content_id, recipe.paint.quality)
    return Picture(image, 0, large.shape[1], large.shape[0])


def _enlarged(pixels: Pixels, recipe: Recipe) -> Pixels:
    """Lanczos to the delivery size; never smaller than painted."""
    factor = recipe.paint.deliver / min(pixels.shape[:2])
    if factor <= 1:
        return pixels
    size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
