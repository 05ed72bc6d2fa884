"""Train the base's autoencoder: 256 px pictures to latents of 16 x 16 x 32 and back.

It is a small version of DC-AE (Chen and others 2024): the outer stages only fold pixels into
channels, so that a 256 px picture costs what a 128 px one did, and the inner, cheap stages are
wide. Three things make its latents easy to denoise, beyond a good reconstruction: noise on them in
training (the decoder tolerates a denoiser's small errors), a penalty on their size, and
pictures decoded from downsampled latents that must look like the downsampled picture (after
EQ-VAE, Kouzelis and others 2025), which keeps them smooth. A fourth makes the denoiser cheap: the
latents are pulled towards those of the 128 px predecessor (the teacher), so that its denoiser can
be trained further instead of from scratch.
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
from diffusers import AutoencoderDC, AutoencoderTiny
from torch.nn.functional import avg_pool2d

from pipeline.mini import checkpoint, data_parallel, dataset
from pipeline.mini.align import Image
from pipeline.mini.muon import Muon

LATENT_CHANNELS = 32
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AutoencoderRun:
    """The hyperparameters of a run; rates hold, then fall along a cosine to 2 % at `steps`."""

    steps: int = 2600
    batch: int = 16
    crop: int = 128
    lr: float = 3e-3
    muon_lr: float = 2.5e-3
    noise: float = 0.25
    downsampled: float = 0.15  # share of the steps that decode downsampled latents
    teacher_weight: tuple[float, float] = (0.5, 0.02)  # first and last weight of that loss
    teacher_until: float = 0.4  # share of the run after which the weight is the last one
    widths: tuple[int, ...] = (12, 24, 48, 96, 192)  # the first stage has no blocks of its own
    encoder_blocks: tuple[int, ...] = (0, 1, 1, 1, 2)
    decoder_blocks: tuple[int, ...] = (0, 1, 2, 3, 3)
    decay: float = 0.998
    seed: int = 7
    save_every: int = 100


def new_autoencoder(run: AutoencoderRun) -> AutoencoderDC:
    """Return an untrained autoencoder; it has few blocks where pictures are large."""
    torch.manual_seed(run.seed)
    stages = len(run.widths)
    model = AutoencoderDC(
        latent_channels=LATENT_CHANNELS,
        encoder_block_out_channels=run.widths,
        decoder_block_out_channels=run.widths,
        encoder_layers_per_block=run.encoder_blocks,
        decoder_layers_per_block=run.decoder_blocks,
        encoder_qkv_multiscales=((),) * stages,
        decoder_qkv_multiscales=((),) * stages,
    )
    for block in model.modules():
        if hasattr(block, "conv1") and hasattr(block, "conv2"):
            torch.nn.init.zeros_(block.norm.weight)  # every block starts as an identity
    # FluxPipeline reads these two from any autoencoder; AutoencoderDC does not have them.
    model.register_to_config(block_out_channels=run.widths, shift_factor=0.0)
    return model.to(memory_format=torch.channels_last)


def as_pixels(images: Image, device: str = "cpu") -> torch.Tensor:
    """Map bytes (n, h, w, 3) to floats (n, 3, h, w) in -1..1, on a device."""
    return torch.tensor(np.asarray(images)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def crop_batch(
    images: Image, indices: npt.NDArray[np.intp], run: AutoencoderRun, step: int
) -> torch.Tensor:
    """Return the batch of crops (batch, 3, crop, crop) of one step; the same after a resume."""
    rng = np.random.default_rng((run.seed, step, data_parallel.rank()))
    side, free = run.crop, images.shape[1] - run.crop + 1
    corners = zip(
        rng.choice(indices, run.batch), rng.integers(0, free, (run.batch, 2)), strict=True
    )
    crops = [images[i, y : y + side, x : x + side] for i, (y, x) in corners]
    return as_pixels(np.stack(crops))


@dataclass(frozen=True, slots=True)
class Teacher:
    """The 128 px autoencoder whose latents the new one is trained towards."""

    model: AutoencoderTiny

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def __call__(self, crops: torch.Tensor) -> torch.Tensor:
        """Return its latents of the crops at half their size."""
        with torch.autocast("cpu", torch.bfloat16):
            latents: torch.Tensor = self.model.encoder(avg_pool2d(crops, 2))
        return latents.float()


def loss_of(
    model: AutoencoderDC,
    teacher: Teacher | None,
    crops: torch.Tensor,
    run: AutoencoderRun,
    step: int,
) -> tuple[torch.Tensor, float]:
    """Return the loss, and how far the latents are from the teacher's (mean square)."""
    generator = torch.Generator().manual_seed(run.seed * 1_000_003 + step)  # one draw for all
    with torch.autocast("cpu", torch.bfloat16):
        latents = model.encoder(crops)
        distance = torch.zeros(())
        if teacher:
            distance = (latents.float() - teacher(crops)).square().mean()
        size = latents.float().square().mean()
        if torch.rand(1, generator=generator).item() < run.downsampled:
            latents, crops = avg_pool2d(latents, 2), avg_pool2d(crops, 2)
        amount = run.noise * torch.rand(len(crops), 1, 1, 1, generator=generator)
        noise = torch.randn(latents.shape, generator=generator)
        painted = model.decoder(latents + amount * noise)
    loss = pixel_loss(painted.float(), crops) + 0.002 * size
    loss = loss + _teacher_weight(step, run) * distance
    return loss, float(distance.detach())


def pixel_loss(painted: torch.Tensor, crops: torch.Tensor) -> torch.Tensor:
    """Return L1 of the pixels and of their gradients, these at full and at half size."""
    error = painted - crops
    return error.abs().mean() + _edges(error) + 0.5 * _edges(avg_pool2d(error, 2))


def _edges(error: torch.Tensor) -> torch.Tensor:
    return error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()


def _teacher_weight(step: int, run: AutoencoderRun) -> float:
    first, last = run.teacher_weight
    share = min(1.0, step / (run.teacher_until * run.steps))
    return float(first * (last / first) ** share)


def build_optimizers(model: AutoencoderDC, run: AutoencoderRun) -> list[torch.optim.Optimizer]:
    """Muon for the inner convolutions; AdamW for the first, the last and all vectors."""
    weights = list(model.parameters())
    ends = {
        id(part.conv.weight if hasattr(part, "conv") else part.weight)
        for coder in (model.encoder, model.decoder)
        for part in (coder.conv_in, coder.conv_out)
    }
    inner = [w for w in weights if w.ndim == 4 and id(w) not in ends]
    rest = [w for w in weights if w.ndim != 4 or id(w) in ends]
    return [
        Muon(inner, lr=run.muon_lr),
        torch.optim.AdamW(rest, lr=run.lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def train_autoencoder(
    work: Path, run: AutoencoderRun, teacher: AutoencoderTiny | None = None
) -> AutoencoderDC:
    """Train, or go on training, on the dataset in `work`; return the averaged model."""
    images, variants = dataset.read_images(work), dataset.read_variants(work)
    indices = np.array([i for i, v in enumerate(variants) if not v.held_out])
    held_out = [i for i, v in enumerate(variants) if v.held_out][::9]
    model = new_autoencoder(run)
    average = checkpoint.ExponentialMovingAverage(model, run.decay)
    optimizers = build_optimizers(model, run)
    base_rates = [group["lr"] for optimizer in optimizers for group in optimizer.param_groups]
    done = checkpoint.resume(work / "autoencoder.pt", model, average, optimizers)

    began = time.monotonic()
    for step in range(done, run.steps):
        data_parallel.wait_while_paused()
        groups = itertools.chain.from_iterable(optimizer.param_groups for optimizer in optimizers)
        for group, rate in zip(groups, base_rates, strict=True):
            group["lr"] = rate * lr_factor(step, run.steps)
        crops = crop_batch(images, indices, run, step)
        loss, distance = loss_of(model, Teacher(teacher) if teacher else None, crops, run, step)
        loss.backward()
        data_parallel.average_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(model, step)
        saves = (step + 1) % run.save_every == 0 or step + 1 == run.steps
        if saves and data_parallel.rank() == 0:
            checkpoint.save_run(work / "autoencoder.pt", step + 1, model, average, optimizers)
            score = psnr(averaged_model(average, run), images[held_out])
            spent = time.monotonic() - began
            values = (step + 1, loss.item(), distance, score, spent)
            log.info("%d loss %.4f teacher distance %.4f psnr %.2f dB %.0f s", *values)
    return averaged_model(average, run)


def lr_factor(step: int, steps: int) -> float:
    """Return the share of the full learning rate: warm-up, plateau, cosine in the last half."""
    fall = max(0.0, (step / steps - 0.5) / 0.5)
    return min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall)))


def averaged_model(
    average: checkpoint.ExponentialMovingAverage, run: AutoencoderRun
) -> AutoencoderDC:
    """Return a model with the averaged weights, for encoding and decoding."""
    return _frozen(average.weights, run)


def load_averaged(work: Path) -> AutoencoderDC:
    """Return the averaged model of the last checkpoint in `work`.

    Raises:
        FileNotFoundError: the autoencoder was not trained yet.

    """
    state = checkpoint.load(work / "autoencoder.pt")
    if state is None:
        raise FileNotFoundError(f"no autoencoder.pt in {work}: run the autoencoder step first")
    return _frozen(state["average"], AutoencoderRun())


@torch.no_grad()  # type: ignore[untyped-decorator]
def psnr(model: AutoencoderDC, images: Image) -> float:
    """Return the mean signal-to-noise ratio, dB, of pictures (n, h, w, 3) after a round trip."""
    scores: list[float] = []
    for part in as_pixels(images).split(8):
        with torch.autocast("cpu", torch.bfloat16):
            back = model.decoder(model.encoder(part))
        error = (back.float().clamp(-1, 1) - part).square().mean(dim=(1, 2, 3)) / 4
        scores.extend((-10 * error.log10()).tolist())
    return sum(scores) / len(scores)


def _frozen(weights: dict[str, torch.Tensor], run: AutoencoderRun) -> AutoencoderDC:
    model = new_autoencoder(run)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)
