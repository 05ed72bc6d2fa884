"""Train the base's transformer and its text encoders on the dataset's latents.

Rectified flow (Liu and others 2022) with logit-normal times (Esser and others 2024). The loop
holds nothing but matrix products: pictures were encoded before, and captions are drawn ahead.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch.utils.data import DataLoader

from pipeline.families.attention import PlainAttention
from pipeline.mini import checkpoint, data_parallel
from pipeline.mini.architecture import MiniBase
from pipeline.mini.batches import BatchMaker, DenoiserBatch, Drawn, Draws
from pipeline.mini.dataset import CANVASES
from pipeline.mini.denoiser_run import DenoiserRun
from pipeline.mini.latents import Latents, encode_dataset, encode_held_out
from pipeline.mini.muon import Muon

log = logging.getLogger(__name__)

LAST = "denoiser.pt"
BEST = "denoiser-best.pt"  # the averaged weights that did best on held-out pictures


def build_optimizers(model: MiniBase, run: DenoiserRun) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' inner matrices; AdamW for what is left."""
    blocks = model.transformer.single_transformer_blocks
    inner = [w for n, w in blocks.named_parameters() if w.ndim == 2 and "norm" not in n]
    known = {id(w) for w in inner}
    rest = [w for w in model.parameters() if id(w) not in known]
    return [
        Muon(inner, lr=run.muon_lr, weight_decay=run.weight_decay),
        torch.optim.AdamW(rest, lr=run.lr, betas=(0.9, 0.99), weight_decay=run.weight_decay),
    ]


def flow_loss(model: MiniBase, batch: DenoiserBatch) -> torch.Tensor:
    """Return the weighted mean squared error of the velocity at `batch.sigma`."""
    share = batch.sigma[:, None, None]
    with torch.autocast(batch.clean.device.type, torch.bfloat16):
        noisy = (1 - share) * batch.clean + share * batch.noise
        velocity = model(noisy, batch.sigma, batch.ids)
    return (batch.weight * (velocity.float() - (batch.noise - batch.clean)).square()).mean()


def lr_factor(step: int, steps: int) -> float:
    """Return the share of the full learning rate: warm-up, plateau, cosine over the last 60 %."""
    fall = max(0.0, (step / steps - 0.4) / 0.6)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, fall)))
    return min(1.0, (step + 1) / 100) * (0.02 + 0.98 * cosine)


class HeldOut:
    """Pictures that no training sees, always under the same full captions and noise."""

    def __init__(self, work: Path, run: DenoiserRun, repeats: int = 8) -> None:
        latents = encode_held_out(work, device=run.device)
        self.batches: list[DenoiserBatch] = []
        if latents.variants:
            told = replace(
                run, batch=min(run.batch, 256), identity=0.0, caption_dropout=0.0, word_dropout=0.0
            )
            drawn = Draws([latents.variants], told)
            make = BatchMaker([latents], run, run.device)
            self.batches = [make(n, drawn[n]) for n in range(repeats)]

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def loss(self, weights: dict[str, torch.Tensor], device: str) -> float:
        """Return the mean loss of a model with these weights; NaN where nothing is held out."""
        model = MiniBase().to(device)
        model.load_state_dict(weights)
        losses = [flow_loss(model, batch).item() for batch in self.batches]
        return sum(losses) / len(losses) if losses else math.nan


def read_latents(work: Path, run: DenoiserRun) -> list[Latents]:
    """Return the latents of every canvas that has a dataset in `work`."""
    ready = [c for c in CANVASES if (c.place(work) / "variants.jsonl").exists()]
    return [encode_dataset(work, run.parts, canvas, run.device) for canvas in ready]


def draw_ahead(variants: Sequence[Latents], run: DenoiserRun, done: int) -> Iterator[Drawn]:
    """Yield what the steps from `done` learn from, drawn by `run.loaders` processes."""
    draws = Draws([one.variants for one in variants], run)
    ahead = {"multiprocessing_context": "spawn", "prefetch_factor": 8} if run.loaders else {}
    steps = range(done, run.steps)
    yield from DataLoader(
        draws, batch_size=None, sampler=steps, num_workers=run.loaders, collate_fn=_as_is, **ahead
    )


def train_denoiser(
    work: Path, run: DenoiserRun, start: dict[str, torch.Tensor] | None = None
) -> MiniBase:
    """Train, or go on training; `work`/LAST holds the last complete state, BEST the best weights.

    Args:
        work: the folder with the datasets, the autoencoder's checkpoint and the denoiser's.
        run: the hyperparameters.
        start: weights to begin with where there is no checkpoint yet.

    """
    latents = read_latents(work, run)
    make, held_out = BatchMaker(latents, run, run.device), HeldOut(work, run)
    torch.manual_seed(run.seed)
    model = MiniBase()
    if start is not None:
        model.load_state_dict(start)
    model.to(run.device)
    if run.device == "cpu":
        model.transformer.set_attn_processor(PlainAttention())
    if run.compiled:
        for block in model.transformer.single_transformer_blocks:
            block.compile(dynamic=False)  # a minute at the start, a fifth faster after it
    average = checkpoint.ExponentialMovingAverage(model, run.decay)
    optimizers = build_optimizers(model, run)
    base_rates = [group["lr"] for optimizer in optimizers for group in optimizer.param_groups]
    done = checkpoint.resume(work / LAST, model, average, optimizers)
    best = (
        float((checkpoint.load(work / BEST) or {}).get("held_out", math.inf)) if done else math.inf
    )

    began, smoothed_loss = time.monotonic(), torch.ones((), device=run.device)
    for step, drawn in enumerate(draw_ahead(latents, run, done), done):
        data_parallel.wait_while_paused()
        for optimizer, lr in zip(optimizers, base_rates, strict=True):
            optimizer.param_groups[0]["lr"] = lr * lr_factor(step, run.steps)
        loss = flow_loss(model, make(step, drawn))
        loss.backward()
        data_parallel.average_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(model, step)
        smoothed_loss.lerp_(loss.detach(), 0.02)
        saves = (step + 1) % run.save_every == 0 or step + 1 == run.steps
        if saves and data_parallel.rank() == 0:
            checkpoint.save_run(work / LAST, step + 1, model, average, optimizers)
            unseen, spent = held_out.loss(average.weights, run.device), time.monotonic() - began
            values = (step + 1, smoothed_loss.item(), unseen, spent)
            if not unseen >= best:  # also where nothing is held out
                best = unseen
                checkpoint.save(work / BEST, {"average": average.weights, "held_out": best})
            log.info("%d loss %.4f held-out %.4f %.0f s", *values)
    model.load_state_dict(average.weights)
    model.eval()
    return model


def _as_is(drawn: Drawn) -> Drawn:
    return drawn
