"""Every family against diffusers' own pipelines, with tiny random weights of its architecture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler
from torch import Tensor

from pipeline import families
from pipeline.families import InitialImage, SamplingRequest, diffusers_sampling, latents
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from tests.pipeline import tiny_bases as tiny

pytestmark = pytest.mark.slow  # every architecture, built and painted with

NAMES = sorted(tiny.MAKERS)
FLOWS = sorted(set(NAMES) - {"sd15", "sdxl"})
SIZE = (48, 32)
ASKS = (
    SamplingRequest("a man", "", 1),
    SamplingRequest("a woman in red, looking left", "bad hands", 2),
    SamplingRequest("x", "", 3),
)
BOUND = 2  # of 255: what a batch may round otherwise than a picture alone

Open = Callable[..., tuple[Any, Recipe]]


@pytest.fixture
def opened(tiny_recipe: Callable[..., Recipe], bases: Path) -> Open:
    def make(name: str, **changes: object) -> tuple[Any, Recipe]:
        recipe = tiny_recipe(name, **changes)
        return families.load(recipe, weights.locate(recipe, bases), "cpu"), recipe

    return make


def picture(seed: int) -> np.ndarray:
    """Smooth, as photos are, so that an autoencoder's cells say something."""
    across, down = np.linspace(0, 3, SIZE[0]), np.linspace(0, 2, SIZE[1])
    waves = [np.sin(across[None] * (seed + c) + down[:, None] * c) for c in range(3)]
    return (127 + 100 * np.stack(waves, axis=-1)).astype(np.uint8)


def as_tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def quiet(step: int) -> None:
    """Nobody listens."""


# --- training: errors are those of diffusers' own sampler, one step from the same point


def one_step(base: Any, recipe: Recipe, noisy: Tensor, sigma: float, prompt: Any) -> Tensor:
    """The clean latents that diffusers' pipeline sees from `noisy`: one Euler step to sigma 0."""
    pipe, family = base.pipe, recipe.family
    pipe.register_modules(
        transformer=base.trained, scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0)
    )
    packs = family in ("flux", "qwen")
    height, width = noisy.shape[-2:]
    given = {
        "flux": {"prompt_embeds": prompt["tokens"][None], "true_cfg_scale": 1.0},
        "zimage": {"prompt_embeds": [prompt["tokens"]], "guidance_scale": 0.0},
        "flux2": {"prompt_embeds": prompt["tokens"][None], "guidance_scale": 1.0},
        "qwen": {"prompt_embeds": prompt["tokens"][None], "true_cfg_scale": 1.0},
    }[family]
    if family == "flux":
        given["pooled_prompt_embeds"] = prompt["pooled"][None]
    factor = pipe.vae_scale_factor * (2 if family == "flux2" else 1)
    clean = pipe(
        **given,
        latents=pipe._pack_latents(noisy, *noisy.shape) if packs else noisy,
        sigmas=[sigma],
        num_inference_steps=1,
        height=height * factor,
        width=width * factor,
        output_type="latent",
    ).images
    if packs:
        shape = (height * factor, width * factor, pipe.vae_scale_factor)
        return pipe._unpack_latents(clean, *shape).view(noisy.shape)
    if family == "flux2":  # it gives what its autoencoder decodes: back into tokens
        norm = pipe.vae.bn
        spread = (norm.running_var + pipe.vae.config.batch_norm_eps).sqrt()
        clean = pipe._patchify_latents(clean)
        clean = (clean - norm.running_mean.view(1, -1, 1, 1)) / spread.view(1, -1, 1, 1)
    return clean


@pytest.mark.parametrize("name", FLOWS)
def test_errors_of_a_flow_are_those_of_a_step_of_diffusers(name: str, opened: Open) -> None:
    base, recipe = opened(name, time_shift=1.7)
    dice = torch.Generator().manual_seed(3)
    with torch.no_grad():
        clean = torch.cat([base.encode_images(as_tensor(picture(n)))[0] for n in (1, 2)])
        noise = torch.randn(clean.shape, generator=dice)
        when = torch.tensor([0.3, 0.8])
        prompts = base.encode_prompts(["a man", "a woman, looking left"])
        errors = base.errors(clean, prompts, noise, when)
        assert errors.shape == clean.shape
        assert errors.dtype == torch.float32
        for row, prompt in enumerate(prompts):
            sigma = float(latents.flow_times(when, 1.7)[row])
            noisy = (1 - sigma) * clean[row : row + 1] + sigma * noise[row : row + 1]
            seen = one_step(base, recipe, noisy, sigma, prompt)
            velocity = (noisy - seen) / sigma
            expected = (velocity - (noise - clean)[row : row + 1]) ** 2
            assert torch.allclose(errors[row : row + 1], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_errors_of_a_diffusion_are_those_of_a_step_of_diffusers(name: str, opened: Open) -> None:
    base, _recipe = opened(name, min_snr=0)
    with torch.no_grad():
        clean, _ = base.encode_images(as_tensor(picture(1)))
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(3))
        (prompt,) = base.encode_prompts(["a man"])
        errors = base.errors(clean, [prompt], noise, torch.tensor([0.9995]))
        kept = base.noising.alphas_cumprod[999]
        noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
        base.pipe.scheduler = DDIMScheduler.from_config(
            base.pipe.scheduler.config, timestep_spacing="trailing", clip_sample=False
        )
        pooled = {"pooled_prompt_embeds": prompt["pooled"][None]} if "pooled" in prompt else {}
        seen = base.pipe(  # one step from time 999 to none
            prompt_embeds=prompt["tokens"][None],
            **pooled,
            latents=noisy,
            num_inference_steps=1,
            guidance_scale=1.0,
            height=SIZE[1],
            width=SIZE[0],
            output_type="latent",
        ).images
        found = (noisy - kept.sqrt() * seen) / (1 - kept).sqrt()
    assert torch.allclose(errors, (found - noise) ** 2, rtol=1e-3, atol=1e-4)


def test_min_snr_weights() -> None:
    """gamma / snr where the picture is nearly clean, 1 where it is mostly noise (epsilon)."""
    from pipeline.families.sd import StableDiffusion

    stand_in: Any = SimpleNamespace(
        recipe=SimpleNamespace(train=SimpleNamespace(min_snr=5.0)),
        noising=SimpleNamespace(alphas_cumprod=torch.tensor([0.99, 0.5, 0.01])),
    )
    times = torch.tensor([0, 1, 2])
    epsilon = StableDiffusion._weight(stand_in, times, "epsilon")
    assert epsilon.tolist() == pytest.approx([5 / 99, 1, 1], rel=1e-4)
    velocity = StableDiffusion._weight(stand_in, times, "v_prediction")
    assert velocity.tolist() == pytest.approx([0.05, 0.5, 0.01], rel=1e-4)
    stand_in.recipe.train.min_snr = 0
    assert StableDiffusion._weight(stand_in, times, "epsilon").tolist() == [1, 1, 1]


def test_flow_times_are_logit_normal_and_shifted() -> None:
    when = (torch.arange(1000) + 0.5) / 1000
    plain = latents.flow_times(when, 1.0)
    assert float(plain.median()) == pytest.approx(0.5, abs=0.01)
    assert float(torch.logit(plain).std()) == pytest.approx(1, abs=0.02)
    assert float(latents.flow_times(torch.tensor([0.5]), 3.0)) == pytest.approx(0.75)
    assert latents.flow_times(torch.tensor([0.0, 1.0]), 1.0).isfinite().all()


# --- painting


def knowing(base: Any, recipe: Recipe, clean: Tensor) -> Callable[..., Any]:
    """A denoiser's forward that knows the picture, in the words of each architecture."""
    tokens = latents.packed(clean) if recipe.family != "flux2" else clean.flatten(2).mT

    def flow(hidden_states: Tensor, timestep: Tensor, **more: object) -> Any:
        ours = hidden_states[:, : tokens.shape[1]]  # klein is also shown the start, behind
        velocity = (ours - tokens) / timestep.view(-1, 1, 1)
        return (
            torch.nn.functional.pad(velocity, (0, 0, 0, hidden_states.shape[1] - len(ours[0]))),
        )

    def zimage(noisy: list[Tensor], told: Tensor, words: object, **more: object) -> Any:
        return ([(clean[0].unsqueeze(1) - x) / (1 - t) for x, t in zip(noisy, told, strict=True)],)

    def unet(noisy: Tensor, times: Tensor, **more: object) -> Any:
        kept = base.noising.alphas_cumprod[times.long()].view(-1, 1, 1, 1)
        return ((noisy - kept.sqrt() * clean) / (1 - kept).sqrt(),)

    forwards: dict[str, Callable[..., Any]] = {"sd": unet, "zimage": zimage}
    return forwards.get(recipe.family, flow)


def remembered(base: Any, pixels: np.ndarray) -> np.ndarray:
    """A picture as the base's autoencoder gives it back, no latents of ours between."""
    vae, frames = base.pipe.vae, as_tensor(pixels)
    if hasattr(vae, "temperal_downsample"):
        frames = frames.unsqueeze(2)
    mean, _ = latents.moments(vae, frames)
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
        for network in {base.trained, base.painter}:
            monkeypatch.setattr(network, "forward", knowing(base, recipe, clean))
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(3))
        prompts = base.encode_prompts(["a man"])
        for when in (0.1, 0.5, 0.9):
            assert float(base.errors(clean, prompts, noise, torch.tensor([when])).max()) < 1e-6
        expected = remembered(base, shown)
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


def starting(kind: str) -> Iterator[SamplingRequest]:
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    mask[:, : SIZE[0] // 2] = 255
    for ask in ASKS:
        mine = None if kind == "plain" else InitialImage(picture(ask.seed), None, 0.6)
        mine = InitialImage(picture(ask.seed), mask, 0.6) if kind == "inside" else mine
        yield SamplingRequest(ask.prompt, ask.negative, ask.seed, mine)


@pytest.mark.parametrize("kind", ["plain", "over", "inside"])
@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_its_asks_alone_and_row_j_is_ask_j_modulo_n(
    name: str, kind: str, opened: Open
) -> None:
    base, recipe = opened(name)
    asks = list(starting(kind))
    seen, unhook = hooked(base.painter, recipe.train.targets)
    told: list[int] = []
    with torch.no_grad():
        together = base.sample(asks, SIZE, told.append)
        batch = {layer: list(calls) for layer, calls in seen.items()}
        rows: set[int] = set()
        for number, ask in enumerate(asks):
            seen.clear()
            (alone,) = base.sample([ask], SIZE, quiet)
            assert apart(together[number], alone) <= BOUND
            for layer, calls in seen.items():
                for many, single in zip(batch[layer], calls, strict=True):
                    assert len(many) == len(asks) * len(single)
                    rows.add(len(single))
                    for turn, row in enumerate(single):  # 0: wanted, 1: unwanted, or the reverse
                        mine = many[number + turn * len(asks)]
                        if mine.shape == row.shape:  # texts are padded to the longest
                            assert torch.allclose(mine, row, rtol=1e-3, atol=1e-3)
    unhook()
    assert len(batch) > 1
    assert rows <= {1, 2}
    assert told == list(range(1, len(told) + 1))
    assert 0 < len(told) <= recipe.paint.steps
    assert apart(together[0], together[1]) > BOUND, "two asks, one picture"


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
            still = Stillness(recipe)
            monkeypatch.setattr(base.painter, "forward", still)
            (near,) = base.sample(
                [SamplingRequest("a man", "", 5, InitialImage(shown, None, 0.02))], SIZE, quiet
            )
            (far,) = base.sample(
                [SamplingRequest("a man", "", 5, InitialImage(shown, None, 0.7))], SIZE, quiet
            )
            expected = remembered(base, shown)
            assert still.told[0] == pytest.approx(0.02, abs=1e-4)
            assert 0.7 in [pytest.approx(told, abs=1e-4) for told in still.told]
            left, gone = (np.abs(p.astype(int) - expected).mean() for p in (near, far))
            assert left < gone / 3


class Stillness:
    """A forward without velocity; `told` are the noise levels that it was told."""

    def __init__(self, recipe: Recipe) -> None:
        self.told: list[float] = []
        self.list = recipe.family == "zimage"

    def __call__(self, *given: Any, **named: Any) -> Any:
        if self.list:
            self.told.append(1 - float(given[1][0]))
            return ([torch.zeros_like(x) for x in given[0]],)
        self.told.append(float(named["timestep"][0]))
        return (torch.zeros_like(named["hidden_states"]),)


def test_noise_levels_from_a_start_follow_the_bases_own_curve() -> None:
    whole = diffusers_sampling.levels(1.0, 4, 3.0)
    assert whole == pytest.approx([1, 0.9, 0.75, 0.5])  # as FlowMatchEuler with a shift of 3
    some = diffusers_sampling.levels(0.3, 4, 3.0)
    assert some[0] == pytest.approx(0.3)
    assert len(some) == 2
    assert some[1] < 0.3
    assert diffusers_sampling.levels(0.5, 1, 1.0) == pytest.approx([0.5])
    assert len(diffusers_sampling.levels(0.5, 30, 1.0)) == 15


def test_asks_of_a_batch_that_cannot_be_painted_together_are_refused(opened: Open) -> None:
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


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_encoded_once_and_alone(
    name: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, _ = opened(name)
    texts = ["a man", "a woman with a very long description, looking left", "a man"]
    calls: list[str] = []
    encode = base.encode_prompts._encode

    def counted(text: str) -> Any:
        calls.append(text)
        return encode(text)

    monkeypatch.setattr(base.encode_prompts, "_encode", counted)
    with torch.no_grad():
        prompts = base.encode_prompts(texts)
        again = base.encode_prompts(texts[:1])
    assert calls == texts[:2]
    assert prompts[0] is prompts[2] is again[0]
    assert not any(tensor.requires_grad for tensor in prompts[0].values())


@pytest.mark.parametrize("name", sorted(tiny.PAINTERS))
def test_a_distilled_model_paints_what_its_base_was_taught(name: str, opened: Open) -> None:
    base, _ = opened(name)
    assert base.painter is base.pipe.transformer
    assert base.painter is not base.trained
    learned, painting = dict(base.trained.named_modules()), dict(base.painter.named_modules())
    assert learned.keys() == painting.keys(), "a LoRA would not fit"
    assert not any(p.requires_grad for p in base.trained.parameters())
    assert not any(p.requires_grad for p in base.painter.parameters())
    with torch.no_grad():
        before = base.sample(ASKS[:1], SIZE, quiet)
        for parameter in base.trained.parameters():
            parameter.zero_()
        assert np.array_equal(before, base.sample(ASKS[:1], SIZE, quiet))
