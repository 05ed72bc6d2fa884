"""Train the house base's autoencoder: 128 px pictures to 16 x 16 x 32 numbers and back.

Three things make its latents easy to paint with, beyond looking right when decoded:
noise on them while learning (the decoder forgives a painter's small errors), a pull of their
size towards one, and pictures decoded from averaged latents that must look like the averaged
picture (after EQ-VAE, Kouzelis and others 2025), which keeps them smooth.
"""

from __future__ import annotations

import itertools
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderTiny

from pipeline.mini import bank, checkpoint, together
from pipeline.mini.align import Image
from pipeline.mini.muon import Muon

LATENT_CHANNELS = 32
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AutoencoderRun:
    """The numbers of a run; rates fall along a cosine to zero at `steps`."""

    steps: int = 3600
    batch: int = 12  # for each of two processes
    crop: int = 64
    lr: float = 3e-3
    muon_lr: float = 2.5e-3
    noise: float = 0.2
    averaged: float = 0.2  # share of the steps that decode averaged latents
    width: int = 48
    encoder_blocks: tuple[int, ...] = (0, 0, 1, 3)
    decoder_blocks: tuple[int, ...] = (4, 2, 1, 0)
    decay: float = 0.998
    seed: int = 7
    save_every: int = 250


def new_autoencoder(run: AutoencoderRun) -> AutoencoderTiny:
    """Return an untrained autoencoder; blocks are rare where pictures are large and dear."""
    torch.manual_seed(run.seed)
    model = AutoencoderTiny(
        latent_channels=LATENT_CHANNELS,
        encoder_block_out_channels=(run.width,) * 4,
        decoder_block_out_channels=(run.width,) * 4,
        num_encoder_blocks=run.encoder_blocks,
        num_decoder_blocks=run.decoder_blocks,
    )
    for block in model.modules():
        if hasattr(block, "fuse") and hasattr(block, "conv"):
            torch.nn.init.zeros_(block.conv[-1].weight)  # every block starts as an identity
    return model.to(memory_format=torch.channels_last)


def as_pixels(images: Image) -> torch.Tensor:
    """Map bytes (n, h, w, 3) to floats (n, 3, h, w) in -1..1."""
    return torch.tensor(np.asarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


def draw_crops(
    images: Image, lines: npt.NDArray[np.intp], run: AutoencoderRun, step: int
) -> torch.Tensor:
    """Return the batch of crops (batch, 3, crop, crop) of one step; the same after a resume."""
    rng = np.random.default_rng((run.seed, step, together.rank()))
    side, free = run.crop, images.shape[1] - run.crop + 1
    spots = zip(rng.choice(lines, run.batch), rng.integers(0, free, (run.batch, 2)), strict=True)
    crops = [images[i, y : y + side, x : x + side] for i, (y, x) in spots]
    return as_pixels(np.stack(crops))


def loss_of(
    model: AutoencoderTiny, crops: torch.Tensor, run: AutoencoderRun, step: int
) -> torch.Tensor:
    """Return L1 of the pixels and of their differences, plus the pull on the latents' size."""
    chance = torch.Generator().manual_seed(run.seed * 1_000_003 + step)  # one draw for all
    with torch.autocast("cpu", torch.bfloat16):
        latents = model.encoder(crops)
        if torch.rand(1, generator=chance).item() < run.averaged:
            latents, crops = _halved(latents), _halved(crops)
        amount = run.noise * torch.rand(len(crops), 1, 1, 1, generator=chance)
        noise = torch.randn(latents.shape, generator=chance)
        painted = model.decoder(latents + amount * noise)
    error = painted.float() - crops
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + edges + 0.002 * latents.float().square().mean()


def optimizers(model: AutoencoderTiny, run: AutoencoderRun) -> list[torch.optim.Optimizer]:
    """Muon for the inner convolutions; AdamW for the first, the last and all biases."""
    weights = list(model.parameters())
    ends = {id(m.layers[i].weight) for m in (model.encoder, model.decoder) for i in (0, -1)}
    inner = [w for w in weights if w.ndim == 4 and id(w) not in ends]
    rest = [w for w in weights if w.ndim != 4 or id(w) in ends]
    return [
        Muon(inner, lr=run.muon_lr),
        torch.optim.AdamW(rest, lr=run.lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def train_autoencoder(work: Path, run: AutoencoderRun) -> AutoencoderTiny:
    """Train, or go on training, on the bank in `work`; return the averaged weights' model."""
    images, variants = bank.read_images(work), bank.read_variants(work)
    lines = np.array([i for i, v in enumerate(variants) if not v.held_out])
    held_out = [i for i, v in enumerate(variants) if v.held_out][::3]
    model = new_autoencoder(run)
    average = checkpoint.Average(model, run.decay)
    rules = optimizers(model, run)
    rates = [group["lr"] for rule in rules for group in rule.param_groups]
    done = checkpoint.resume(work / "autoencoder.pt", model, average, rules)

    began = time.monotonic()
    for step in range(done, run.steps):
        fall = min(1.0, (step + 1) / 100) * (0.02 + 0.98 * _cosine(step / run.steps))
        groups = itertools.chain.from_iterable(rule.param_groups for rule in rules)
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate * fall
        loss = loss_of(model, draw_crops(images, lines, run, step), run, step)
        loss.backward()
        together.average_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for rule in rules:
            rule.step()
            rule.zero_grad(set_to_none=True)
        average.follow(model, step)
        saves = (step + 1) % run.save_every == 0 or step + 1 == run.steps
        if saves and together.rank() == 0:
            checkpoint.save_run(work / "autoencoder.pt", step + 1, model, average, rules)
            score = psnr(averaged(average, run), images[held_out])
            spent = time.monotonic() - began
            log.info("%d loss %.4f psnr %.2f dB %.0f s", step + 1, loss.item(), score, spent)
    return averaged(average, run)


def averaged(average: checkpoint.Average, run: AutoencoderRun) -> AutoencoderTiny:
    """Return a model with the averaged weights, for encoding and decoding."""
    return _frozen(average.weights, run)


def averaged_from(work: Path) -> AutoencoderTiny:
    """Return the averaged model of the last checkpoint in `work`.

    Raises:
        FileNotFoundError: the autoencoder was not trained yet.

    """
    state = checkpoint.load(work / "autoencoder.pt")
    if state is None:
        raise FileNotFoundError(f"no autoencoder.pt in {work}: run the autoencoder step first")
    return _frozen(state["average"], AutoencoderRun())


@torch.no_grad()  # type: ignore[untyped-decorator]
def psnr(model: AutoencoderTiny, images: Image) -> float:
    """Return the mean signal-to-noise ratio, dB, of pictures (n, h, w, 3) after a round trip."""
    scores: list[float] = []
    for part in as_pixels(images).split(16):
        with torch.autocast("cpu", torch.bfloat16):
            back = model.decoder(model.encoder(part))
        error = (back.float().clamp(-1, 1) - part).square().mean(dim=(1, 2, 3)) / 4
        scores.extend((-10 * error.log10()).tolist())
    return sum(scores) / len(scores)


def _halved(pictures: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.avg_pool2d(pictures, 2)


def _cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(1.0, share)))


def _frozen(weights: dict[str, torch.Tensor], run: AutoencoderRun) -> AutoencoderTiny:
    model = new_autoencoder(run)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)
