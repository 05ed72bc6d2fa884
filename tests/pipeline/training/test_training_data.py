"""What a batch is drawn from, and how its errors are weighted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.training import dataset, training_data
from tests.pipeline.training.harness import (
    MakeRecipe,
    MakeRequest,
    TrainingHarness,
    settings_of,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def some_pictures(count: int, value: float = 0.0) -> training_data.EncodedPictures:
    mean = torch.full((count, 2, 4, 4), value)
    return training_data.EncodedPictures(
        mean, torch.zeros_like(mean), [{}] * count, torch.ones(count, 1, 4, 4)
    )


def test_a_step_draws_from_seed_and_number_alone(tiny_recipe: MakeRecipe) -> None:
    mean = torch.randn(6, 2, 4, 4)
    own = training_data.EncodedPictures(
        mean, torch.ones_like(mean), [{}] * 6, torch.ones(6, 1, 4, 4)
    )
    made, settings = training_data.TrainingData(own, None, (), None), settings_of(tiny_recipe)

    def drawn(seed: int, step: int) -> Tensor:
        batch = training_data.draw_batch(made, settings, seed, step)
        return torch.cat([batch.latents.flatten(), batch.noise.flatten(), batch.times])

    torch.manual_seed(1)
    first = drawn(1, 0)
    torch.manual_seed(2)
    assert torch.equal(first, drawn(1, 0)), "the global generator leaked in"
    assert not torch.equal(first, drawn(1, 1))
    assert not torch.equal(first, drawn(2, 0))
    large = training_data.draw_batch(made, settings_of(tiny_recipe, batch=16), 1, 0)
    assert len(large.latents) == len(large.prompts) == 16, "a batch may be larger than the set"
    assert torch.equal((large.times * 16).long(), torch.arange(16)), "times are not stratified"


@pytest.mark.parametrize(
    ("batch", "share", "expected"),
    [(4, 0.5, [2, 2, 2, 2]), (1, 0.5, [0, 1, 0, 1]), (2, 0.25, [0, 1, 0, 1]), (4, 0.0, [0] * 4)],
)
def test_other_people_take_their_share_of_the_batches(
    batch: int, share: float, expected: list[int], tiny_recipe: MakeRecipe
) -> None:
    settings = settings_of(tiny_recipe, batch=batch, prior_share=share, prior_weight=0.5)
    made = training_data.TrainingData(some_pictures(3, 1.0), None, (), some_pictures(5, 2.0))
    for step, others in enumerate(expected):
        drawn = training_data.draw_batch(made, settings, 1, step)
        kinds = drawn.latents.flatten(1).mean(1)
        assert len(kinds) == batch
        assert int((kinds == 2).sum()) == others
        weights = drawn.weight.mean(dim=(1, 2, 3)) * batch
        assert weights.tolist() == [0.5 if kind == 2 else 1 for kind in kinds]


def test_larger_pictures_come_alone_in_every_so_manieth_step(tiny_recipe: MakeRecipe) -> None:
    settings = settings_of(tiny_recipe, batch=4, wide_every=3, prior_share=0.25)
    wide = training_data.EncodedPictures(
        torch.ones(2, 2, 6, 6), torch.zeros(2, 2, 6, 6), [{}] * 2, torch.ones(2, 1, 6, 6)
    )
    made = training_data.TrainingData(some_pictures(3), None, (), some_pictures(5), wide)
    drawn = [training_data.draw_batch(made, settings, 1, step) for step in range(6)]
    assert [batch.latents.shape[-1] for batch in drawn] == [4, 4, 6, 4, 4, 6]
    assert [len(batch.prompts) for batch in drawn] == [4] * 6
    weights = [float(batch.weight.mean(dim=(1, 2, 3)).sum()) for batch in drawn]
    assert weights[2] == weights[5] == pytest.approx(1.0)


def test_the_face_weighs_more_and_the_picture_the_same(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(face_weight=4.0, validation_photos=1)
    made = training_data.prepare(
        harness.base, harness.recipe, train_request(), None, lambda seen: None
    )
    loss_weight = made.own.loss_weight
    assert loss_weight.mean(dim=(1, 2, 3)).tolist() == pytest.approx([1.0] * len(loss_weight))
    side = loss_weight.shape[-1]
    middle, corner = loss_weight[:, 0, side // 2, side // 2], loss_weight[:, 0, -1, 0]
    assert bool((middle > 2.5 * corner).all())
    assert len(made.own.prompts) == 2 * harness.recipe.dataset.variants
    assert made.held_out is not None
    assert len(made.held_out.prompts) == len(made.held_out_photos) == 1


def test_what_lies_behind_the_person_weighs_little_and_beyond_the_photo_nothing() -> None:
    ellipse = dataset.FaceEllipse(0.5, 0.5, 0.2, 0.25)
    pixels = np.zeros((64, 64, 3), np.uint8)
    person = np.zeros((64, 64), np.float32)
    person[:, :32] = 1
    weights = training_data.LossWeights(face=1.0, backdrop=0.1)
    inside = np.ones((64, 64), np.float32)
    plain = weights.of(dataset.Example(pixels, "", "", ellipse, 0, inside), 16)
    masked = weights.of(dataset.Example(pixels, "", "", ellipse, 0, inside, person), 16)
    assert plain.tolist() == pytest.approx(np.ones((16, 16)))
    assert masked.mean() == pytest.approx(1)
    assert masked[:, 0] == pytest.approx(10 * masked[:, -1])
    cut = np.repeat(np.float32([[0], [1]]), 32, axis=0) * inside
    both = weights.of(dataset.Example(pixels, "", "", ellipse, 0, cut, person), 16)
    assert not both[:8].any()
    assert both.mean() == pytest.approx(1), "the mean was taken before"
    assert both[8:] == pytest.approx(2 * masked[8:])


def test_a_mirrored_edge_weighs_nothing_and_the_picture_the_same(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(face_weight=2.0, resolution=64)
    settings = harness.recipe.dataset
    wide = dataclasses.replace(settings.framings[0], eyes=0.1)
    settings = dataclasses.replace(settings, framings=(wide,))
    made = dataset.build_examples(train_request().photos, settings, "a man", 1).training
    encoded = training_data.encode_examples(
        harness.base, made, training_data.LossWeights(face=2.0, backdrop=0.1)
    )
    side = encoded.loss_weight.shape[-1]
    cut = [number for number, one in enumerate(made) if not one.inside.all()]
    assert cut, "every photo has room for that"
    for number in cut:
        weight = encoded.loss_weight[number, 0]
        assert float(weight.mean()) == pytest.approx(1.0, rel=1e-4)
        step = made[number].inside.shape[0] // side
        outside = made[number].inside[::step, ::step] == 0
        assert float(weight[torch.from_numpy(outside.copy())].abs().max()) == 0
