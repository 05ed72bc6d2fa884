"""The mathematics and the bookkeeping of training: targets, weights, resuming, memory."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline import child, families, lora, paint, train, weights
from pipeline.engine import ChildSettings
from pipeline.families import Base
from pipeline.orders import OutOfMemory, Progress, Stage, Trained, TrainOrder
from pipeline.protocol import frame, record
from pipeline.recipe import Recipe

pytestmark = pytest.mark.slow  # torch, and training or painting with it

MakeRecipe = Callable[..., Recipe]


class Stop(Exception):
    """A kill, as seen from inside."""


@pytest.fixture
def opened(tiny_recipe: MakeRecipe, bases: Path) -> Callable[..., tuple[Base, Recipe]]:
    def make(name: str = "mini", **changes: object) -> tuple[Base, Recipe]:
        recipe = tiny_recipe(name, **changes)
        return families.load(recipe, weights.locate(recipe, bases), "cpu"), recipe

    return make


def silent(news: Progress) -> None:
    pass


def stop_at(step: int) -> Callable[[Progress], None]:
    def report(news: Progress) -> None:
        if news.stage is Stage.TRAINING and news.step == step:
            raise Stop

    return report


def oracle(name: str, base: Any, clean: Tensor) -> Callable[..., Any]:
    """A network that knows the picture: it answers what training would teach it for `clean`."""
    if name == "mini":
        packed = base._packed(clean)

        def flux(hidden_states: Tensor, timestep: Tensor, **more: object) -> tuple[Tensor]:
            return ((hidden_states - packed) / timestep.view(-1, 1, 1),)

        return flux
    if name == "z-image":

        def zimage(noisy: list[Tensor], told: Tensor, words: object, **more: object) -> Any:
            sigmas = 1 - told
            return ([(clean[0].unsqueeze(1) - x) / s for x, s in zip(noisy, sigmas, strict=True)],)

        return zimage
    kept = base.noising.alphas_cumprod

    def unet(noisy: Tensor, times: Tensor, **more: object) -> tuple[Tensor]:
        part = kept[times.long()].view(-1, 1, 1, 1)
        return ((noisy - part.sqrt() * clean) / (1 - part).sqrt(),)

    return unet


@pytest.mark.parametrize("name", ["mini", "z-image", "sd15", "sdxl"])
def test_what_training_teaches_is_what_the_sampler_uses(
    name: str, opened: Callable[..., tuple[Any, Recipe]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One oracle, zero loss in training, the very picture in sampling: signs and times agree."""
    base, _recipe = opened(name, steps=4)
    dice = torch.Generator().manual_seed(3)
    pixels = torch.rand(1, 3, 32, 32, generator=dice) * 2 - 1
    with torch.no_grad():
        clean, _ = base.encode_images(pixels)
        shift = getattr(base.pipe.vae.config, "shift_factor", None) or 0
        latents = clean / base.pipe.vae.config.scaling_factor + shift
        decoded = base.pipe.vae.decode(latents, return_dict=False)[0]
        monkeypatch.setattr(base.denoiser, "forward", oracle(name, base, clean))
        noise = torch.randn(clean.shape, generator=dice)
        prompts = base.encode_prompts(["a man"])
        for when in (0.1, 0.5, 0.9):
            loss = base.loss(clean, prompts, noise, torch.tensor([when]))
            assert float(loss) < 1e-6
        painted = base.sample("a man", "", (32, 32), 5, lambda step: None)
    expected = base.pipe.image_processor.postprocess(decoded, output_type="pil")[0]
    assert np.abs(painted.astype(int) - np.asarray(expected).astype(int)).max() <= 3


def test_min_snr_weights() -> None:
    """gamma / snr where the picture is nearly clean, 1 where it is mostly noise (epsilon)."""
    from pipeline.families.sd import StableDiffusion

    kept = torch.tensor([0.99, 0.5, 0.01])
    stand_in = SimpleNamespace(
        recipe=SimpleNamespace(train=SimpleNamespace(min_snr=5.0)),
        noising=SimpleNamespace(alphas_cumprod=kept),
    )
    times = torch.tensor([0, 1, 2])
    epsilon = StableDiffusion._weight(stand_in, times, "epsilon")  # type: ignore[arg-type]
    assert epsilon.tolist() == pytest.approx([5 / 99, 1, 1], rel=1e-4)
    velocity = StableDiffusion._weight(stand_in, times, "v_prediction")  # type: ignore[arg-type]
    assert velocity.tolist() == pytest.approx([0.05, 0.5, 0.01], rel=1e-4)
    stand_in.recipe.train.min_snr = 0
    assert StableDiffusion._weight(stand_in, times, "epsilon").tolist() == [1, 1, 1]  # type: ignore[arg-type]


def test_flow_times_are_logit_normal_and_shifted() -> None:
    when = (torch.arange(1000) + 0.5) / 1000
    plain = families.flow_times(when, 1.0)
    assert float(plain.median()) == pytest.approx(0.5, abs=0.01)
    logits = torch.logit(plain)
    assert float(logits.std()) == pytest.approx(1, abs=0.02)
    assert float(families.flow_times(torch.tensor([0.5]), 3.0)) == pytest.approx(0.75)
    assert families.flow_times(torch.tensor([0.0, 1.0]), 1.0).isfinite().all()


def test_a_step_draws_from_seed_and_number_alone() -> None:
    prepared = train.Prepared(torch.randn(6, 2, 4, 4), torch.ones(6, 2, 4, 4), [{}] * 6)

    def drawn(seed: int, step: int) -> Tensor:
        latents, _, noise, when = train._batch(prepared, 4, seed, step)
        return torch.cat([latents.flatten(), noise.flatten(), when])

    torch.manual_seed(1)
    first = drawn(1, 0)
    torch.manual_seed(2)
    assert torch.equal(first, drawn(1, 0)), "the global generator leaked in"
    assert not torch.equal(first, drawn(1, 1))
    assert not torch.equal(first, drawn(2, 0))
    latents, prompts, _, when = train._batch(prepared, 16, 1, 0)
    assert len(latents) == len(prompts) == 16, "a batch may be larger than the set"
    assert torch.equal((when * 16).long(), torch.arange(16)), "times are not stratified"


def test_the_pace_warms_up_and_cools_down() -> None:
    pace = [train._pace(step, 10, 100) for step in range(100)]
    assert pace[0] == pytest.approx(0.1)
    assert pace[9] == 1
    assert pace[10] == pytest.approx(1)
    assert pace[99] < 0.03
    assert all(a >= b for a, b in itertools.pairwise(pace[10:]))


def test_training_learns(
    opened: Callable[..., tuple[Base, Recipe]], train_order: Callable[..., TrainOrder]
) -> None:
    base, recipe = opened(steps=40, rate=0.02, sample_at=0, batch=8)
    done = train.train(base, recipe, "x", train_order(), silent)
    assert done.loss_last < 0.97 * done.loss_first
    assert done.steps == 40
    assert done.seconds > 0
    assert done.likeness == recipe.likeness


@pytest.mark.parametrize("killed_at", [1, 2, 5, 6])
def test_an_interrupted_run_ends_bit_equal_and_loses_few_steps(
    killed_at: int,
    opened: Callable[..., tuple[Base, Recipe]],
    train_order: Callable[..., TrainOrder],
    tmp_path: Path,
) -> None:
    base, recipe = opened(steps=7)
    whole = train.train(base, recipe, "x", train_order(workdir=tmp_path / "other"), silent)
    with pytest.raises(Stop):
        train.train(base, recipe, "x", train_order(), stop_at(killed_at))
    steps: list[int] = []

    def listen(news: Progress) -> None:
        if news.stage is Stage.TRAINING:
            steps.append(news.step)

    resumed = train.train(base, recipe, "x", train_order(), listen)
    assert steps[0] > killed_at - recipe.train.checkpoint_every, "too much was lost"
    assert steps == list(range(steps[0], 8))
    assert resumed.lora == whole.lora
    assert (resumed.loss_first, resumed.loss_last) == (whole.loss_first, whole.loss_last)
    assert list(train_order().workdir.iterdir()) == []


@pytest.mark.parametrize("change", ["seed", "photos", "subject", "recipe", "base", "file"])
def test_a_foreign_or_broken_checkpoint_is_not_used(
    change: str,
    opened: Callable[..., tuple[Base, Recipe]],
    train_order: Callable[..., TrainOrder],
    photos: tuple[bytes, ...],
) -> None:
    base, recipe = opened()
    with pytest.raises(Stop):
        train.train(base, recipe, "x", train_order(), stop_at(3))
    (left,) = train_order().workdir.iterdir()
    order, fingerprint = train_order(), "x"
    if change == "file":
        left.write_bytes(left.read_bytes()[:-9])
    elif change == "recipe":
        recipe = dataclasses.replace(recipe, train=dataclasses.replace(recipe.train, rate=0.5))
    elif change == "base":
        fingerprint = "y"
    else:
        other = {"seed": 12, "photos": photos[1:], "subject": "person"}[change]
        order = train_order(**{change: other})
    first: list[int] = []

    def listen(news: Progress) -> None:
        if news.stage is Stage.TRAINING:
            first.append(news.step)

    train.train(base, recipe, fingerprint, order, listen)
    assert first[0] == 1


def test_a_checkpoint_is_for_its_owner_alone(
    opened: Callable[..., tuple[Base, Recipe]], train_order: Callable[..., TrainOrder]
) -> None:
    base, recipe = opened()
    order = train_order(avatar="../../etc/avatar of Zebulon")
    with pytest.raises(Stop):
        train.train(base, recipe, "x", order, stop_at(3))
    (left,) = order.workdir.iterdir()
    assert left.stat().st_mode & 0o077 == 0
    assert "Zebulon" not in left.name


def test_a_sample_that_never_passes_is_left_out(
    opened: Callable[..., tuple[Base, Recipe]], train_order: Callable[..., TrainOrder]
) -> None:
    base, recipe = opened(one_face="true", repaints=0)
    news: list[Progress] = []
    train.train(base, recipe, "x", train_order(), news.append)
    assert all(piece.picture is None for piece in news)
    assert news[-1].step == recipe.train.steps


def test_out_of_memory_is_tried_again_in_halves(
    opened: Callable[..., tuple[Base, Recipe]],
    train_order: Callable[..., TrainOrder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []

    def hungry(*args: object, slices: int = 1) -> Trained:
        tried.append(slices)
        if slices < needed:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return Trained(b"", 1, 1, 1, 1, recipe.likeness)

    base, recipe = opened()
    source = weights.Source("", None, True, "x")
    monkeypatch.setattr(train, "train", hungry)
    studio = child.Studio(ChildSettings())
    studio._open = recipe, source, base, paint.Wardrobe(base, 1)
    needed = 2
    answer = child.answer(studio, frame("train", train_order()), silent)
    assert tried == [1, 2]
    assert record(Trained, answer).steps == 1
    needed = 3
    answer = child.answer(studio, frame("train", train_order()), silent)
    assert answer.kind == "error"
    assert answer.body["error"] == OutOfMemory.__name__
    assert OutOfMemory.retryable


def test_a_lora_is_bytewise_the_same_for_the_same_run(
    opened: Callable[..., tuple[Base, Recipe]], train_order: Callable[..., TrainOrder]
) -> None:
    base, recipe = opened()
    one, two = (train.train(base, recipe, "x", train_order(), silent).lora for _ in range(2))
    assert one == two
    values, _ = lora.from_bytes(one, "transformer")
    assert all(value.dtype is torch.float32 for value in values.values())
    other = train.train(base, recipe, "x", train_order(seed=12), silent).lora
    assert other != one
