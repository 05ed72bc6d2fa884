"""Sampling of every family against diffusers' own pipelines, with tiny random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.families import InitialImage, SamplingRequest, diffusers_sampling, latents
from pipeline.models.recipe import Recipe
from tests.pipeline.families.pictures import (
    BOUND,
    FLOWS,
    NAMES,
    REQUESTS,
    SIZE,
    Open,
    apart,
    as_tensor,
    picture,
    quiet,
)

pytestmark = pytest.mark.slow  # every architecture, built and painted with


def perfect_denoiser(base: Any, recipe: Recipe, clean: Tensor) -> Callable[..., Any]:
    """A denoiser's forward that knows the picture, in the words of each architecture."""
    tokens = latents.pack(clean) if recipe.family != "flux2" else clean.flatten(2).mT

    def flow(hidden_states: Tensor, timestep: Tensor, **more: object) -> Any:
        ours = hidden_states[:, : tokens.shape[1]]  # klein is also shown the start, behind
        velocity = (ours - tokens) / timestep.view(-1, 1, 1)
        return (
            torch.nn.functional.pad(velocity, (0, 0, 0, hidden_states.shape[1] - len(ours[0]))),
        )

    def zimage(noisy: list[Tensor], times: Tensor, words: object, **more: object) -> Any:
        return ([(clean[0].unsqueeze(1) - x) / (1 - t) for x, t in zip(noisy, times, strict=True)],)

    def unet(noisy: Tensor, times: Tensor, **more: object) -> Any:
        kept = base.noising.alphas_cumprod[times.long()].view(-1, 1, 1, 1)
        return ((noisy - kept.sqrt() * clean) / (1 - kept).sqrt(),)

    forwards: dict[str, Callable[..., Any]] = {"sd": unet, "zimage": zimage}
    return forwards.get(recipe.family, flow)


def round_trip(base: Any, pixels: np.ndarray) -> np.ndarray:
    """A picture as the base's autoencoder gives it back, no latents of ours between."""
    vae, frames = base.pipe.vae, as_tensor(pixels)
    if hasattr(vae, "temperal_downsample"):
        frames = frames.unsqueeze(2)
    mean, _ = latents.vae_moments(vae, frames)
    decoded = vae.decode(mean, return_dict=False)[0]
    decoded = decoded.squeeze(2) if decoded.ndim == 5 else decoded
    return np.asarray(base.pipe.image_processor.postprocess(decoded, output_type="pil")[0])


@pytest.mark.parametrize("name", NAMES)
def test_what_training_teaches_is_what_the_sampler_paints(
    name: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One oracle: no error in training, the very picture in painting, from any start."""
    base, recipe = opened(name)
    shown, other = picture(1), picture(2)
    whole = np.full(shown.shape[:2], 255, np.uint8)
    with torch.no_grad():
        clean, _ = base.encode_images(as_tensor(shown))
        for network in {base.train_denoiser, base.inference_denoiser}:
            monkeypatch.setattr(network, "forward", perfect_denoiser(base, recipe, clean))
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(3))
        prompts = base.encode_prompts(["a man"])
        for when in (0.1, 0.5, 0.9):
            assert (
                float(base.squared_errors(clean, prompts, noise, torch.tensor([when])).max()) < 1e-6
            )
        expected = round_trip(base, shown)
        for start in (None, InitialImage(other, None, 0.8), InitialImage(other, whole, 0.8)):
            (painted,) = base.sample([SamplingRequest("a man", "", 5, start)], SIZE, quiet)
            assert painted.shape == shown.shape
            assert apart(painted, expected) <= 3


def hooked(network: torch.nn.Module, targets: Sequence[str]) -> tuple[dict[str, list[Tensor]], Any]:
    """What every target Linear is given, call by call."""
    seen: dict[str, list[Tensor]] = {}
    hooks = []
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Linear) and name.endswith(tuple(f".{t}" for t in targets)):

            def note(module: Any, given: tuple[Tensor, ...], name: str = name) -> None:
                seen.setdefault(name, []).append(given[0].detach().clone())

            hooks.append(module.register_forward_pre_hook(note))
    return seen, lambda: [hook.remove() for hook in hooks]


def requests_of(kind: str) -> Iterator[SamplingRequest]:
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    mask[:, : SIZE[0] // 2] = 255
    for request in REQUESTS:
        row_of_batch = (
            None if kind == "text_to_image" else InitialImage(picture(request.seed), None, 0.6)
        )
        row_of_batch = (
            InitialImage(picture(request.seed), mask, 0.6) if kind == "inpaint" else row_of_batch
        )
        yield SamplingRequest(request.prompt, request.negative, request.seed, row_of_batch)


@pytest.mark.parametrize("kind", ["text_to_image", "image_to_image", "inpaint"])
@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_its_requests_alone_and_row_j_is_request_j_modulo_n(
    name: str, kind: str, opened: Open
) -> None:
    base, recipe = opened(name)
    requests = list(requests_of(kind))
    seen, unhook = hooked(base.inference_denoiser, recipe.train.targets)
    steps: list[int] = []
    with torch.no_grad():
        together = base.sample(requests, SIZE, steps.append)
        batch = {layer: list(calls) for layer, calls in seen.items()}
        rows: set[int] = set()
        for number, request in enumerate(requests):
            seen.clear()
            (alone,) = base.sample([request], SIZE, quiet)
            assert apart(together[number], alone) <= BOUND
            for layer, calls in seen.items():
                for many, single in zip(batch[layer], calls, strict=True):
                    assert len(many) == len(requests) * len(single)
                    rows.add(len(single))
                    for pass_number, row in enumerate(
                        single
                    ):  # 0: wanted, 1: unwanted, or the reverse
                        row_of_batch = many[number + pass_number * len(requests)]
                        if row_of_batch.shape == row.shape:  # texts are padded to the longest
                            assert torch.allclose(row_of_batch, row, rtol=1e-3, atol=1e-3)
    unhook()
    assert len(batch) > 1
    assert rows <= {1, 2}
    assert steps == list(range(1, len(steps) + 1))
    assert 0 < len(steps) <= recipe.paint.steps
    assert apart(together[0], together[1]) > BOUND, "two requests, one picture"


@pytest.mark.parametrize("name", NAMES)
def test_a_start_is_left_as_far_as_its_strength_goes(
    name: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, recipe = opened(name, guidance=1.0)
    shown = picture(1)
    half = np.zeros(shown.shape[:2], np.uint8)
    half[:, :24] = 255
    with torch.no_grad():
        (same,) = base.sample(
            [SamplingRequest("a man", "", 5, InitialImage(shown, None, 0.0))], SIZE, quiet
        )
        assert np.array_equal(same, shown)
        (inside,) = base.sample(
            [SamplingRequest("a man", "", 5, InitialImage(shown, half, 1.0))], SIZE, quiet
        )
        assert np.array_equal(inside[:, 24:], shown[:, 24:])
        assert apart(inside[:, :24], shown[:, :24]) > 20
        if name in FLOWS:  # a denoiser that stands still: what is left is start and noise
            still = ZeroVelocity(recipe)
            monkeypatch.setattr(base.inference_denoiser, "forward", still)
            (near,) = base.sample(
                [SamplingRequest("a man", "", 5, InitialImage(shown, None, 0.02))], SIZE, quiet
            )
            (far,) = base.sample(
                [SamplingRequest("a man", "", 5, InitialImage(shown, None, 0.7))], SIZE, quiet
            )
            expected = round_trip(base, shown)
            assert still.sigmas[0] == pytest.approx(0.02, abs=1e-4)
            assert 0.7 in [pytest.approx(sigma, abs=1e-4) for sigma in still.sigmas]
            left, gone = (np.abs(p.astype(int) - expected).mean() for p in (near, far))
            assert left < gone / 3


class ZeroVelocity:
    """A forward that predicts no velocity; `sigmas` are the noise levels that it was given."""

    def __init__(self, recipe: Recipe) -> None:
        self.sigmas: list[float] = []
        self.list = recipe.family == "zimage"

    def __call__(self, *given: Any, **named: Any) -> Any:
        if self.list:
            self.sigmas.append(1 - float(given[1][0]))
            return ([torch.zeros_like(x) for x in given[0]],)
        self.sigmas.append(float(named["timestep"][0]))
        return (torch.zeros_like(named["hidden_states"]),)


def test_noise_levels_from_a_start_follow_the_bases_own_curve() -> None:
    whole = diffusers_sampling.noise_levels(1.0, 4, 3.0)
    assert whole == pytest.approx([1, 0.9, 0.75, 0.5])  # as FlowMatchEuler with a shift of 3
    some = diffusers_sampling.noise_levels(0.3, 4, 3.0)
    assert some[0] == pytest.approx(0.3)
    assert len(some) == 2
    assert some[1] < 0.3
    assert diffusers_sampling.noise_levels(0.5, 1, 1.0) == pytest.approx([0.5])
    assert len(diffusers_sampling.noise_levels(0.5, 30, 1.0)) == 15


def test_requests_of_a_batch_that_cannot_be_painted_together_are_refused(opened: Open) -> None:
    base, _ = opened("mini")
    start = InitialImage(picture(1), None, 0.5)
    masked = InitialImage(picture(1), np.zeros((32, 48), np.uint8), 0.5)
    for other in (None, InitialImage(picture(1), None, 0.6), masked):
        with pytest.raises(ValueError, match="batch"):
            base.sample(
                [SamplingRequest("a", "", 1, start), SamplingRequest("a", "", 1, other)],
                SIZE,
                quiet,
            )
