"""Train the house base's transformer and its text models on the bank's latents.

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
from pipeline.mini import bank, checkpoint, together
from pipeline.mini.align import CLOSE_UP, EYES_X, EYES_Y, PORTRAIT
from pipeline.mini.autoencoder import as_pixels, averaged_from
from pipeline.mini.looks import LOOKS
from pipeline.mini.muon import Muon
from pipeline.mini.shape import PACKED, SIDE, MiniBase, pack
from pipeline.mini.words import IDENTITIES, MAX_TOKENS, build_tokenizer

log = logging.getLogger(__name__)


PARTS = 12  # of the bank's latents
MOUTH = 1.0  # distances between the eyes from them to the mouth


@dataclass(frozen=True, slots=True)
class DenoiserRun:
    """The numbers of a run; rates hold, then fall along a cosine to 2 % at `steps`."""

    steps: int = 2250
    batch: int = 48
    lr: float = 1e-3
    muon_lr: float = 3e-3
    weight_decay: float = 0.01
    decay: float = 0.999
    seed: int = 11
    save_every: int = 100
    no_words: float = 0.1  # captions dropped whole, for guidance
    no_word: float = 0.15  # single words dropped, looks excepted
    identity: float = 0.5  # captions that name the person by a token
    compiled: bool = True
    late: float = 0.4  # middle of the times, logit: above 0 looks longer at the coarse picture
    parts: int = PARTS  # of the latents, that are learned from
    closeups: float = 0.6  # share of a batch: a fifth of the bank, but all that customers see
    features: float = 3.0  # how much more the loss looks at eyes and mouth


@dataclass(frozen=True, slots=True)
class Latents:
    """The bank, encoded: tokens (n, 64, 128) of about unit size, with their captions."""

    packed: torch.Tensor
    variants: Sequence[bank.Variant]
    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class DenoiserBatch:
    """What a step learns: clean tokens and noise (n, 64, 128), sigma (n,), captions' token numbers
    (n, MAX_TOKENS), and weights of the loss (n, 64, 128)."""

    clean: torch.Tensor
    noise: torch.Tensor
    sigma: torch.Tensor
    ids: torch.Tensor
    weight: torch.Tensor


def emphasis(eyes: float, features: float) -> torch.Tensor:
    """Return weights of the loss (64, 128), 1 on the average: up to `features` times as much at
    eyes and mouth, which every framing puts in the same place.

    Args:
        eyes: their distance as a share of the picture's width.
        features: 1 looks at everything alike.

    """
    places = (torch.arange(2 * SIDE) + 0.5) / (2 * SIDE)
    mouth = EYES_Y + MOUTH * eyes
    middles = [(EYES_X - eyes / 2, EYES_Y), (EYES_X + eyes / 2, EYES_Y), (EYES_X, mouth)]
    spots = [
        torch.exp(-(((places[None] - x) / (0.4 * eyes)) ** 2))
        * torch.exp(-(((places[:, None] - y) / (0.3 * eyes)) ** 2))
        for x, y in middles
    ]
    weights = 1 + (features - 1) * torch.stack(spots).amax(dim=0)
    weights = (weights / weights.mean()).expand(1, PACKED // 4, 2 * SIDE, 2 * SIDE)
    return pack(weights)[0]


def encode_bank(work: Path, used: int = PARTS, processes: int = 1) -> Latents:
    """Encode the taught pictures of the bank once; kept in `work`/latents/, part by part.

    Part n is every PARTS-th picture from the n-th: each shows all people, so that a training
    may begin on the first `used` parts while a slow machine has not made the others.
    """
    taught = [(i, v) for i, v in enumerate(bank.read_variants(work)) if not v.held_out]
    missing = [n for n in range(used) if not _part(work, n).exists()]
    if missing:
        # Spawned, not forked: a fork of a process that has used torch's threads can hang.
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            lines = [np.array([i for i, _ in taught[n::PARTS]]) for n in missing]
            list(pool.map(_encode, [work] * len(missing), missing, lines))
    parts = [torch.load(_part(work, n), weights_only=True) for n in range(used)]
    mean, spread = parts[0].float().mean().item(), parts[0].float().std().item()
    packed = torch.cat([((part.float() - mean) / spread).to(torch.bfloat16) for part in parts])
    variants = [v for n in range(used) for _, v in taught[n::PARTS]]
    return Latents(packed, variants, mean, spread)


def _part(work: Path, number: int) -> Path:
    return work / "latents" / f"{number:02}.pt"


@torch.no_grad()  # type: ignore[untyped-decorator]
def _encode(work: Path, number: int, lines: npt.NDArray[np.intp]) -> None:
    torch.set_num_threads(1)
    model, images = averaged_from(work), bank.read_images(work)
    made = []
    for some in np.array_split(lines, max(1, len(lines) // 16)):
        together.wait_while_paused()
        with torch.autocast("cpu", torch.bfloat16):
            made.append(pack(model.encoder(as_pixels(images[some])).float()).half())
    _part(work, number).parent.mkdir(exist_ok=True)
    fresh = _part(work, number).with_suffix(".new")
    torch.save(torch.cat(made), fresh)
    os.replace(fresh, _part(work, number))


def caption(
    variant: bank.Variant, identity: str, run: DenoiserRun, rng: np.random.Generator
) -> str:
    """Say one variant in words: sometimes nothing, sometimes who it is, looks always."""
    if rng.random() < run.no_words:
        return ""
    kept = [w for w in variant.words if w in LOOKS or rng.random() >= run.no_word]
    kept = ["person" if w in ("man", "woman") and rng.random() < 0.05 else w for w in kept]
    named = [identity] if identity and rng.random() < run.identity else []
    if rng.random() < 0.3:
        rng.shuffle(kept)
    return " ".join([*named, *kept])


class Draw:
    """Draws the batch of a step: the same one after a kill."""

    def __init__(self, latents: Latents, run: DenoiserRun) -> None:
        self.latents, self.run = latents, run
        people = sorted({v.person for v in latents.variants} - {bank.STRANGER})
        self.identity = dict(zip(people, IDENTITIES, strict=False)) | {bank.STRANGER: ""}
        tokenizer = build_tokenizer()
        self.number = tokenizer.get_vocab()
        self.ends = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
        self.near = np.array([bank.CLOSE_UP_WORD in v.words for v in latents.variants])
        self.kinds = [np.flatnonzero(self.near), np.flatnonzero(~self.near)]
        both = all(map(len, self.kinds))
        self.share = run.closeups if both else float(self.near.any())
        self.maps = torch.stack([emphasis(eyes, run.features) for eyes in (PORTRAIT, CLOSE_UP)])

    def __call__(self, step: int) -> DenoiserBatch:
        """Return what one step looks at."""
        run = self.run
        rng = np.random.default_rng((run.seed, step, together.rank()))
        chance = torch.Generator().manual_seed((run.seed * 1_000_003 + step) * 2 + together.rank())
        close = round(self.share * run.batch)
        counts = [close, run.batch - close]
        lines = np.concatenate(
            [rng.choice(kind, n) for kind, n in zip(self.kinds, counts, strict=True)]
        )
        clean = self.latents.packed[torch.from_numpy(lines)].float()
        noise = torch.randn(clean.shape, generator=chance)
        sigma = torch.randn(run.batch, generator=chance).add(run.late).sigmoid()
        variants = [self.latents.variants[i] for i in lines]
        said = [caption(v, self.identity[v.person], run, rng) for v in variants]
        ids = torch.tensor([self._numbers(words) for words in said])
        weight = self.maps[torch.from_numpy(self.near[lines]).long()]
        return DenoiserBatch(clean, noise, sigma, ids, weight)

    def _numbers(self, words: str) -> list[int]:
        # Captions hold only words of the vocabulary: no need for the tokenizer's slow rules.
        start, end, pad = self.ends
        inner = [self.number[word] for word in words.split()][: MAX_TOKENS - 2]
        return [start, *inner, end] + [pad] * (MAX_TOKENS - 2 - len(inner))


def optimizers(house: MiniBase, run: DenoiserRun) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' inner matrices; AdamW for what is left."""
    blocks = house.transformer.single_transformer_blocks
    inner = [w for n, w in blocks.named_parameters() if w.ndim == 2 and "norm" not in n]
    known = {id(w) for w in inner}
    rest = [w for w in house.parameters() if id(w) not in known]
    return [
        Muon(inner, lr=run.muon_lr, weight_decay=run.weight_decay),
        torch.optim.AdamW(rest, lr=run.lr, betas=(0.9, 0.99), weight_decay=run.weight_decay),
    ]


def flow_loss(house: MiniBase, batch: DenoiserBatch) -> torch.Tensor:
    """Return the weighted mean squared error of the velocity at `batch.sigma`."""
    share = batch.sigma[:, None, None]
    with torch.autocast("cpu", torch.bfloat16):
        noisy = (1 - share) * batch.clean + share * batch.noise
        velocity = house(noisy, batch.sigma, batch.ids)
    return (batch.weight * (velocity.float() - (batch.noise - batch.clean)).square()).mean()


def rate(step: int, steps: int) -> float:
    """Return the share of the full rate: a short rise, a plateau, a cosine over the last 60 %."""
    fall = max(0.0, (step / steps - 0.4) / 0.6)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, fall)))
    return min(1.0, (step + 1) / 100) * (0.02 + 0.98 * cosine)


def train_denoiser(
    work: Path, run: DenoiserRun, start: dict[str, torch.Tensor] | None = None
) -> MiniBase:
    """Train, or go on training; `work`/denoiser.pt holds the last complete state.

    Args:
        work: the folder with the bank, the autoencoder's checkpoint and the denoiser's.
        run: the numbers.
        start: weights of a house to begin with where there is no checkpoint yet.

    """
    draw = Draw(encode_bank(work, run.parts), run)
    torch.manual_seed(run.seed)
    house = MiniBase()
    if start is not None:
        house.load_state_dict(start)
    house.transformer.set_attn_processor(PlainAttention())
    if run.compiled:
        for block in house.transformer.single_transformer_blocks:
            block.compile()  # a minute at the start, a fifth faster after it
    average = checkpoint.Average(house, run.decay)
    rules = optimizers(house, run)
    full = [group["lr"] for rule in rules for group in rule.param_groups]
    done = checkpoint.resume(work / "denoiser.pt", house, average, rules)

    began, lately = time.monotonic(), 1.0
    for step in range(done, run.steps):
        together.wait_while_paused()
        for rule, lr in zip(rules, full, strict=True):
            rule.param_groups[0]["lr"] = lr * rate(step, run.steps)
        loss = flow_loss(house, draw(step))
        loss.backward()
        together.average_gradients(house)
        torch.nn.utils.clip_grad_norm_(house.parameters(), 1.0)
        for rule in rules:
            rule.step()
            rule.zero_grad(set_to_none=True)
        average.follow(house, step)
        lately += 0.02 * (loss.item() - lately)
        saves = (step + 1) % run.save_every == 0 or step + 1 == run.steps
        if saves and together.rank() == 0:
            checkpoint.save_run(work / "denoiser.pt", step + 1, house, average, rules)
            spent = time.monotonic() - began
            log.info("%d loss %.4f %.0f s", step + 1, lately, spent)
    house.load_state_dict(average.weights)
    house.eval()
    return house
