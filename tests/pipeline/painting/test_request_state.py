"""What each picture of a request is painted from: seed, prompt, size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pipeline.engine.expressions import Expression
from pipeline.engine.shots import Framing, Shot
from pipeline.models.recipe import Recipe
from pipeline.painting.request_state import prepare, repaint_seed
from tests.pipeline.painting.harness import MakeRequest, Open, pixels

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_seeds_differ_between_attempts() -> None:
    seeds = {repaint_seed(seed, attempt) for seed in range(50) for attempt in range(1, 5)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_each_picture_has_the_words_and_the_size_of_its_shot_and_the_expression(
    tiny_recipe: Callable[..., Recipe], paint_request: MakeRequest
) -> None:
    recipe = tiny_recipe("mini", prompt_prefix='"usual"', min_pixels=4096)
    shots = (Shot(), Shot("low sun", Framing.CLOSE_UP), Shot("", Framing.HEAD_AND_SHOULDERS))
    request = paint_request(prompt="{subject} here", width=64, height=64, shots=shots)
    request = replace(request, seeds=(1, 2, 3, 4), expression=Expression.SMILE)
    state = prepare(0, request, recipe, None, None)  # type: ignore[arg-type]  # no LoRA, no cache
    tasks = [state.task(slot, slot.seed) for slot in state.slots]
    assert [task.size for task in tasks] == [(64, 64), (64, 64), (96, 96), (64, 64)]
    assert [task.sampling.prompt for task in tasks] == [
        "usual, a man here, smile",
        "closeup, a man here, low sun, smile",
        "a man here, smile",
        "usual, a man here, smile",
    ]
    framed = prepare(0, replace(request, shots=(), framing=Framing.HEAD_AND_SHOULDERS), recipe,
                     None, None)  # type: ignore[arg-type]  # fmt: skip
    assert {slot.size for slot in framed.slots} == {(96, 96)}


def test_pictures_of_two_sizes_come_in_the_order_of_their_seeds(
    opened: Open, paint_request: MakeRequest
) -> None:
    """Painted in two batches; each is the picture that a request for it alone gives."""
    harness = opened("mini", min_pixels=4096)
    shots = (Shot(framing=Framing.HEAD_AND_SHOULDERS), Shot())
    request = paint_request(seeds=(5, 6, 7), width=64, height=64)
    made = harness.pictures(replace(request, shots=shots))
    assert [one.seed for one in made] == [5, 6, 7]
    alone = harness.pictures(replace(request, seeds=(6,)))
    framing = Framing.HEAD_AND_SHOULDERS
    framed = harness.pictures(replace(request, seeds=(7,), framing=framing))
    for whole, single in ((made[1], alone[0]), (made[2], framed[0])):
        assert np.abs(pixels(whole) - pixels(single)).mean() < 2, "another number is in the label"
