"""The training loss of every family against one step of diffusers' own sampler."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler
from torch import Tensor

from pipeline.families import latents
from pipeline.models.recipe import Recipe
from tests.pipeline.families.pictures import (
    FLOWS,
    SIZE,
    Open,
    as_tensor,
    picture,
)

pytestmark = pytest.mark.slow  # every architecture, built and painted with


def one_step(base: Any, recipe: Recipe, noisy: Tensor, sigma: float, prompt: Any) -> Tensor:
    """The clean latents that diffusers' pipeline sees from `noisy`: one Euler step to sigma 0."""
    pipe, family = base.pipe, recipe.family
    pipe.register_modules(
        transformer=base.train_denoiser, scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0)
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
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        clean = torch.cat([base.encode_images(as_tensor(picture(n)))[0] for n in (1, 2)])
        noise = torch.randn(clean.shape, generator=generator)
        when = torch.tensor([0.3, 0.8])
        prompts = base.encode_prompts(["a man", "a woman, looking left"])
        errors = base.squared_errors(clean, prompts, noise, when)
        assert errors.shape == clean.shape
        assert errors.dtype == torch.float32
        for row, prompt in enumerate(prompts):
            sigma = float(latents.flow_sigmas(when, 1.7)[row])
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
        errors = base.squared_errors(clean, [prompt], noise, torch.tensor([0.9995]))
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
    epsilon = StableDiffusion.loss_weight(stand_in, times, "epsilon")
    assert epsilon.tolist() == pytest.approx([5 / 99, 1, 1], rel=1e-4)
    velocity = StableDiffusion.loss_weight(stand_in, times, "v_prediction")
    assert velocity.tolist() == pytest.approx([0.05, 0.5, 0.01], rel=1e-4)
    stand_in.recipe.train.min_snr = 0
    assert StableDiffusion.loss_weight(stand_in, times, "epsilon").tolist() == [1, 1, 1]
