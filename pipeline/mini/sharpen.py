"""Train the decoder further with an adversarial loss (a patch critic), for sharper texture.

Pixel losses alone give the mean of all that a picture could be: soft lashes, teeth as one white
bar. The encoder stays as it is, so the latents, and every denoiser and LoRA made on them, stay
valid; pixel losses stay too, so that the face stays the same person's.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import AutoencoderDC
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, relu
from torch.nn.utils.parametrizations import spectral_norm

from pipeline.mini import autoencoder, checkpoint, data_parallel, dataset
from pipeline.mini.align import Image
from pipeline.mini.muon import Muon

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SharpenRun:
    """The hyperparameters of a run; rates hold, then fall along a cosine to 2 % at `steps`.

    adversary   weight of the adversarial loss beside the pixel losses
    features    weight of the feature-matching loss, over the critic's layers
    """

    steps: int = 1500
    batch: int = 12
    critic_steps: int = 100  # first steps, in which only the critic is trained
    lr: float = 5e-4
    muon_lr: float = 4e-4
    critic_lr: float = 4e-4
    adversary: float = 0.02
    features: float = 0.3
    noise: float = 0.25
    decay: float = 0.995
    seed: int = 13
    save_every: int = 100
    device: str = "cpu"


class Critic(nn.Module):  # type: ignore[misc]  # torch is untyped to mypy
    """A patch discriminator, of some 40 pixels: above zero means a photo."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 128)) -> None:
        super().__init__()
        strides = (2, 2, 2, 1)
        pairs = zip((3, *widths), widths, strides, strict=False)
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(a, b, 4 if s == 2 else 3, s, 1)) for a, b, s in pairs
        )
        self.verdict = spectral_norm(nn.Conv2d(widths[-1], 1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the verdicts (n, 1, h, w) and the layers' features."""
        features: list[Tensor] = []
        for layer in self.layers:
            pictures = leaky_relu(layer(pictures), 0.2)
            features.append(pictures)
        return self.verdict(pictures), features


class DecoderAndCritic(nn.Module):  # type: ignore[misc]
    """Decoder and critic as one module, for checkpoints and averages."""

    def __init__(self, model: AutoencoderDC, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.decoder = model.decoder.requires_grad_(True)
        self.critic = Critic().to(memory_format=torch.channels_last)


def build_optimizers(pair: DecoderAndCritic, run: SharpenRun) -> list[torch.optim.Optimizer]:
    """Of the decoder: Muon and AdamW as before; of the critic: AdamW."""
    coder = pair.decoder
    ends = {id(coder.conv_in.weight), id(coder.conv_out.conv.weight)}
    inner = [w for w in coder.parameters() if w.ndim == 4 and id(w) not in ends]
    known = {id(w) for w in inner}
    rest = [w for w in coder.parameters() if id(w) not in known]
    return [
        Muon(inner, lr=run.muon_lr),
        torch.optim.AdamW(rest, lr=run.lr, betas=(0.5, 0.98), weight_decay=0.0),
        torch.optim.AdamW(pair.critic.parameters(), lr=run.critic_lr, betas=(0.5, 0.98)),
    ]


def sharpen(work: Path, run: SharpenRun) -> AutoencoderDC:
    """Train, or go on training; `work`/sharpened.pt holds the last complete state."""
    images, variants = dataset.read_images(work), dataset.read_variants(work)
    indices = np.array([i for i, v in enumerate(variants) if not v.held_out])
    held_out = [i for i, v in enumerate(variants) if v.held_out][::9]
    crops_of = autoencoder.AutoencoderRun(batch=run.batch, seed=run.seed)
    model = autoencoder.load_averaged(work).to(run.device)
    pair = DecoderAndCritic(model, run.seed).to(run.device)
    average = checkpoint.ExponentialMovingAverage(pair, run.decay)
    optimizers = build_optimizers(pair, run)
    base_rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    done = checkpoint.resume(work / "sharpened.pt", pair, average, optimizers)

    began = time.monotonic()
    for step in range(done, run.steps):
        data_parallel.wait_while_paused()
        for optimizer, lr in zip(optimizers, base_rates, strict=True):
            optimizer.param_groups[0]["lr"] = lr * autoencoder.lr_factor(step, run.steps)
        crops = autoencoder.crop_batch(images, indices, crops_of, step)
        losses = _step(model, pair, optimizers, crops.to(run.device), run, step)
        average.update(pair, step)
        if (step + 1) % run.save_every == 0 or step + 1 == run.steps:
            checkpoint.save_run(work / "sharpened.pt", step + 1, pair, average, optimizers)
            score, sharp = measure(load_sharpened(work), images[held_out])
            spent = time.monotonic() - began
            log.info(
                "%d pixels %.4f features %.4f adversary %.3f critic %.3f "
                "psnr %.2f dB sharpness %.2f of the photos' %.0f s",
                *(step + 1, *(loss.item() for loss in losses), score, sharp, spent),
            )
    return load_sharpened(work)


def _step(
    model: AutoencoderDC,
    pair: DecoderAndCritic,
    optimizers: list[torch.optim.Optimizer],
    crops: Tensor,
    run: SharpenRun,
    step: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator(run.device).manual_seed(run.seed * 1_000_003 + step)
    drawn = {"generator": generator, "device": run.device}
    crops = crops.contiguous(memory_format=torch.channels_last)
    with torch.autocast(run.device, torch.bfloat16):
        with torch.no_grad():
            latents = model.encoder(crops)
            amount = run.noise * torch.rand(len(crops), 1, 1, 1, **drawn)
            latents = latents + amount * torch.randn(latents.shape, **drawn)
        painted = pair.decoder(latents)
        critic_loss = _judge(pair.critic, crops, painted.detach())
    critic_loss.backward()
    data_parallel.average_gradients(pair)
    optimizers[2].step()
    optimizers[2].zero_grad(set_to_none=True)
    if step < run.critic_steps:
        none = torch.zeros(())
        return none, none, none, critic_loss.detach()
    pair.critic.requires_grad_(False)
    with torch.autocast(run.device, torch.bfloat16):
        verdict, seen = pair.critic(painted)
        with torch.no_grad():
            _, wanted = pair.critic(crops)
        features = sum((a - b).abs().mean() for a, b in zip(seen, wanted, strict=True))
    pixels = autoencoder.pixel_loss(painted.float(), crops)
    adversary = -verdict.float().mean()
    (pixels + run.features * features + run.adversary * adversary).backward()
    torch.nn.utils.clip_grad_norm_(pair.decoder.parameters(), 1.0)
    for optimizer in optimizers[:2]:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    pair.critic.requires_grad_(True)
    return pixels.detach(), features.detach(), adversary.detach(), critic_loss.detach()


def _judge(critic: Critic, photos: Tensor, painted: Tensor) -> Tensor:
    real, _ = critic(photos)
    false, _ = critic(painted)
    return relu(1 - real.float()).mean() + relu(1 + false.float()).mean()


def load_sharpened(work: Path) -> AutoencoderDC:
    """Return the autoencoder with the sharpened decoder, or as it is where there is none yet."""
    model = autoencoder.load_averaged(work)
    state = checkpoint.load(work / "sharpened.pt")
    if state is not None:
        start = "decoder."
        kept = {k.removeprefix(start): v for k, v in state["average"].items() if start in k[:8]}
        model.decoder.load_state_dict(kept)
    return model.eval().requires_grad_(False)


@torch.no_grad()  # type: ignore[untyped-decorator]
def measure(model: AutoencoderDC, images: Image) -> tuple[float, float]:
    """Return the round trip's PSNR, dB, and its sharpness over the pictures' own (median)."""
    shares: list[float] = []
    for part in autoencoder.as_pixels(images).split(8):
        with torch.autocast("cpu", torch.bfloat16):
            back = model.decoder(model.encoder(part)).float()
        shares += [_sharpness(a) / _sharpness(b) for a, b in zip(back, part, strict=True)]
    return autoencoder.psnr(model, images), float(np.median(shares))


def _sharpness(picture: Tensor) -> float:
    grey = ((picture.clamp(-1, 1) + 1) * 127.5).mean(dim=0).numpy()
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())
