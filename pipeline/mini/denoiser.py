"""Train the base's transformer and its text encoders on the dataset's latents.

Rectified flow (Liu and others 2022) with logit-normal times (Esser and others 2024). The loop
holds nothing but matrix products: pictures were encoded and captions tokenized before.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from pipeline.families.attention import PlainAttention
from pipeline.mini import checkpoint, data_parallel, dataset
from pipeline.mini.align import CLOSE_UP, EYES_X, EYES_Y, PORTRAIT
from pipeline.mini.architecture import PACKED, SIDE, MiniBase, pack
from pipeline.mini.autoencoder import as_pixels, load_averaged
from pipeline.mini.looks import LOOKS
from pipeline.mini.muon import Muon
from pipeline.mini.vocabulary import IDENTITIES, MAX_TOKENS, build_tokenizer

log = logging.getLogger(__name__)


PARTS = 12  # files of the dataset's latents
MOUTH = 1.0  # distances between the eyes from them to the mouth


@dataclass(frozen=True, slots=True)
class DenoiserRun:
    """The hyperparameters of a run; rates hold, then fall along a cosine to 2 % at `steps`."""

    steps: int = 2250
    batch: int = 48
    lr: float = 1e-3
    muon_lr: float = 3e-3
    weight_decay: float = 0.01
    decay: float = 0.999
    seed: int = 11
    save_every: int = 100
    caption_dropout: float = 0.1  # captions dropped whole, for guidance
    word_dropout: float = 0.15  # single words dropped, looks excepted
    identity: float = 0.5  # captions that name the person by a token
    compiled: bool = True
    sigma_mean: float = 0.4  # of the logit-normal sigmas; above 0 means more noise
    parts: int = PARTS  # of the latents, to train on
    closeups: float = 0.6  # share of a batch: a fifth of the dataset, but all that customers see
    features: float = 3.0  # weight of eyes and mouth in the loss, relative to the rest


@dataclass(frozen=True, slots=True)
class Latents:
    """The dataset, encoded: tokens (n, 64, 128) of about unit size, with their captions."""

    packed: torch.Tensor
    variants: Sequence[dataset.Variant]
    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class DenoiserBatch:
    """The batch of a step: clean tokens and noise (n, 64, 128), sigma (n,), captions' token numbers
    (n, MAX_TOKENS), and weights of the loss (n, 64, 128)."""

    clean: torch.Tensor
    noise: torch.Tensor
    sigma: torch.Tensor
    ids: torch.Tensor
    weight: torch.Tensor


def feature_weights(eyes: float, features: float) -> torch.Tensor:
    """Return weights of the loss (64, 128), 1 on the average: up to `features` times as much at
    eyes and mouth, which every framing puts in the same place.

    Args:
        eyes: their distance as a share of the picture's width.
        features: weight at eyes and mouth; 1 weighs everything alike.

    """
    cells = (torch.arange(2 * SIDE) + 0.5) / (2 * SIDE)
    mouth = EYES_Y + MOUTH * eyes
    centres = [(EYES_X - eyes / 2, EYES_Y), (EYES_X + eyes / 2, EYES_Y), (EYES_X, mouth)]
    peaks = [
        torch.exp(-(((cells[None] - x) / (0.4 * eyes)) ** 2))
        * torch.exp(-(((cells[:, None] - y) / (0.3 * eyes)) ** 2))
        for x, y in centres
    ]
    weights = 1 + (features - 1) * torch.stack(peaks).amax(dim=0)
    weights = (weights / weights.mean()).expand(1, PACKED // 4, 2 * SIDE, 2 * SIDE)
    return pack(weights)[0]


def encode_dataset(work: Path, used: int = PARTS, processes: int = 1) -> Latents:
    """Encode the training pictures of the dataset once; kept in `work`/latents/, part by part.

    Part n is every PARTS-th picture from the n-th: each shows all people, so that a training
    may begin on the first `used` parts while a slow machine has not made the others.
    """
    trained = [(i, v) for i, v in enumerate(dataset.read_variants(work)) if not v.held_out]
    missing = [n for n in range(used) if not _part(work, n).exists()]
    if missing:
        # Spawned, not forked: a fork of a process that has used torch's threads can hang.
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            indices = [np.array([i for i, _ in trained[n::PARTS]]) for n in missing]
            list(pool.map(_encode, [work] * len(missing), missing, indices))
    parts = [torch.load(_part(work, n), weights_only=True) for n in range(used)]
    mean, spread = parts[0].float().mean().item(), parts[0].float().std().item()
    packed = torch.cat([((part.float() - mean) / spread).to(torch.bfloat16) for part in parts])
    variants = [v for n in range(used) for _, v in trained[n::PARTS]]
    return Latents(packed, variants, mean, spread)


def _part(work: Path, number: int) -> Path:
    return work / "latents" / f"{number:02}.pt"


@torch.no_grad()  # type: ignore[untyped-decorator]
def _encode(work: Path, number: int, indices: npt.NDArray[np.intp]) -> None:
    torch.set_num_threads(1)
    model, images = load_averaged(work), dataset.read_images(work)
    encoded = []
    for chunk in np.array_split(indices, max(1, len(indices) // 16)):
        data_parallel.wait_while_paused()
        with torch.autocast("cpu", torch.bfloat16):
            encoded.append(pack(model.encoder(as_pixels(images[chunk])).float()).half())
    _part(work, number).parent.mkdir(exist_ok=True)
    fresh = _part(work, number).with_suffix(".new")
    torch.save(torch.cat(encoded), fresh)
    os.replace(fresh, _part(work, number))


def caption(
    variant: dataset.Variant, identity: str, run: DenoiserRun, rng: np.random.Generator
) -> str:
    """Return a variant's caption: words are dropped at random, looks never, a name is added."""
    if rng.random() < run.caption_dropout:
        return ""
    kept = [w for w in variant.words if w in LOOKS or rng.random() >= run.word_dropout]
    kept = ["person" if w in ("man", "woman") and rng.random() < 0.05 else w for w in kept]
    named = [identity] if identity and rng.random() < run.identity else []
    if rng.random() < 0.3:
        rng.shuffle(kept)
    return " ".join([*named, *kept])


class BatchSampler:
    """Draws the batch of a step; after a resume the same one."""

    def __init__(self, latents: Latents, run: DenoiserRun) -> None:
        self.latents, self.run = latents, run
        people = sorted({v.person for v in latents.variants} - {dataset.STRANGER})
        self.identity = dict(zip(people, IDENTITIES, strict=False)) | {dataset.STRANGER: ""}
        tokenizer = build_tokenizer()
        self.token_ids = tokenizer.get_vocab()
        self.special_ids = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
        self.is_closeup = np.array([dataset.CLOSE_UP_WORD in v.words for v in latents.variants])
        self.groups = [np.flatnonzero(self.is_closeup), np.flatnonzero(~self.is_closeup)]
        both = all(map(len, self.groups))
        self.closeup_share = run.closeups if both else float(self.is_closeup.any())
        maps = [feature_weights(eyes, run.features) for eyes in (PORTRAIT, CLOSE_UP)]
        self.weight_maps = torch.stack(maps)

    def __call__(self, step: int) -> DenoiserBatch:
        """Return the batch of one step."""
        run = self.run
        rank = data_parallel.rank()
        rng = np.random.default_rng((run.seed, step, rank))
        generator = torch.Generator().manual_seed((run.seed * 1_000_003 + step) * 2 + rank)
        close = round(self.closeup_share * run.batch)
        counts = [close, run.batch - close]
        indices = np.concatenate(
            [rng.choice(group, n) for group, n in zip(self.groups, counts, strict=True)]
        )
        clean = self.latents.packed[torch.from_numpy(indices)].float()
        noise = torch.randn(clean.shape, generator=generator)
        sigma = torch.randn(run.batch, generator=generator).add(run.sigma_mean).sigmoid()
        variants = [self.latents.variants[i] for i in indices]
        captions = [caption(v, self.identity[v.person], run, rng) for v in variants]
        ids = torch.tensor([self._tokenize(words) for words in captions])
        weight = self.weight_maps[torch.from_numpy(self.is_closeup[indices]).long()]
        return DenoiserBatch(clean, noise, sigma, ids, weight)

    def _tokenize(self, words: str) -> list[int]:
        # Captions hold only words of the vocabulary: no need for the tokenizer's slow rules.
        start, end, pad = self.special_ids
        inner = [self.token_ids[word] for word in words.split()][: MAX_TOKENS - 2]
        return [start, *inner, end] + [pad] * (MAX_TOKENS - 2 - len(inner))


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
    with torch.autocast("cpu", torch.bfloat16):
        noisy = (1 - share) * batch.clean + share * batch.noise
        velocity = model(noisy, batch.sigma, batch.ids)
    return (batch.weight * (velocity.float() - (batch.noise - batch.clean)).square()).mean()


def lr_factor(step: int, steps: int) -> float:
    """Return the share of the full learning rate: warm-up, plateau, cosine over the last 60 %."""
    fall = max(0.0, (step / steps - 0.4) / 0.6)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, fall)))
    return min(1.0, (step + 1) / 100) * (0.02 + 0.98 * cosine)


def train_denoiser(
    work: Path, run: DenoiserRun, start: dict[str, torch.Tensor] | None = None
) -> MiniBase:
    """Train, or go on training; `work`/denoiser.pt holds the last complete state.

    Args:
        work: the folder with the dataset, the autoencoder's checkpoint and the denoiser's.
        run: the hyperparameters.
        start: weights to begin with where there is no checkpoint yet.

    """
    draw = BatchSampler(encode_dataset(work, run.parts), run)
    torch.manual_seed(run.seed)
    model = MiniBase()
    if start is not None:
        model.load_state_dict(start)
    model.transformer.set_attn_processor(PlainAttention())
    if run.compiled:
        for block in model.transformer.single_transformer_blocks:
            block.compile()  # a minute at the start, a fifth faster after it
    average = checkpoint.ExponentialMovingAverage(model, run.decay)
    optimizers = build_optimizers(model, run)
    base_rates = [group["lr"] for optimizer in optimizers for group in optimizer.param_groups]
    done = checkpoint.resume(work / "denoiser.pt", model, average, optimizers)

    began, smoothed_loss = time.monotonic(), 1.0
    for step in range(done, run.steps):
        data_parallel.wait_while_paused()
        for optimizer, lr in zip(optimizers, base_rates, strict=True):
            optimizer.param_groups[0]["lr"] = lr * lr_factor(step, run.steps)
        loss = flow_loss(model, draw(step))
        loss.backward()
        data_parallel.average_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(model, step)
        smoothed_loss += 0.02 * (loss.item() - smoothed_loss)
        saves = (step + 1) % run.save_every == 0 or step + 1 == run.steps
        if saves and data_parallel.rank() == 0:
            checkpoint.save_run(work / "denoiser.pt", step + 1, model, average, optimizers)
            spent = time.monotonic() - began
            log.info("%d loss %.4f %.0f s", step + 1, smoothed_loss, spent)
    model.load_state_dict(average.weights)
    model.eval()
    return model
