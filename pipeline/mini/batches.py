"""The batches that the denoiser learns from: which pictures, under which captions, how noisy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import Dataset

from pipeline.mini import data_parallel, dataset
from pipeline.mini.align import CLOSE_UP, EYES_X, EYES_Y
from pipeline.mini.architecture import PACKED, pack
from pipeline.mini.dataset import CANVASES, Canvas
from pipeline.mini.denoiser_run import DenoiserRun
from pipeline.mini.latents import Latents
from pipeline.mini.looks import LOOKS
from pipeline.mini.vocabulary import IDENTITIES, MAX_TOKENS, build_tokenizer

MOUTH = 1.0  # distances between the eyes from them to the mouth
TOKEN = 32  # pixels along a side of an image token


@dataclass(frozen=True, slots=True)
class DenoiserBatch:
    """The batch of a step, t tokens a picture: clean tokens and noise (n, t, 128), sigma (n,),
    captions' token numbers (n, MAX_TOKENS), and weights of the loss (n, t, 128)."""

    clean: torch.Tensor
    noise: torch.Tensor
    sigma: torch.Tensor
    ids: torch.Tensor
    weight: torch.Tensor


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a step learns from: a canvas's number, places in its latents (n,), their captions'
    token numbers (n, MAX_TOKENS)."""

    canvas: int
    indices: torch.Tensor
    ids: torch.Tensor


def feature_weights(eyes: float, features: float, pixels: int = dataset.PIXELS) -> torch.Tensor:
    """Return weights of the loss (tokens, 128), 1 on the average: up to `features` times as much at
    eyes and mouth, which every framing puts in the same place.

    Args:
        eyes: their distance as a share of the picture's width.
        features: weight at eyes and mouth; 1 weighs everything alike.
        pixels: along a side of the picture.

    """
    latents = 2 * pixels // TOKEN
    cells = (torch.arange(latents) + 0.5) / latents
    mouth = EYES_Y + MOUTH * eyes
    centres = [(EYES_X - eyes / 2, EYES_Y), (EYES_X + eyes / 2, EYES_Y), (EYES_X, mouth)]
    peaks = [
        torch.exp(-(((cells[None] - x) / (0.4 * eyes)) ** 2))
        * torch.exp(-(((cells[:, None] - y) / (0.3 * eyes)) ** 2))
        for x, y in centres
    ]
    weights = 1 + (features - 1) * torch.stack(peaks).amax(dim=0)
    weights = (weights / weights.mean()).expand(1, PACKED // 4, latents, latents)
    return pack(weights)[0]


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


class Draws(Dataset[Drawn]):  # type: ignore[misc]  # torch is untyped to mypy
    """Draws the pictures and captions of a step; after a resume the same ones.

    A `torch.utils.data.Dataset` whose items are steps, so that a `DataLoader` may draw ahead.
    """

    def __init__(self, variants: Sequence[Sequence[dataset.Variant]], run: DenoiserRun) -> None:
        self.variants, self.run = variants, run
        people = sorted({v.person for known in variants for v in known} - {dataset.STRANGER})
        self.identity = dict(zip(people, IDENTITIES, strict=False)) | {dataset.STRANGER: ""}
        tokenizer = build_tokenizer()
        self.token_ids = tokenizer.get_vocab()
        self.special_ids = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
        close = [np.array([is_closeup(v) for v in known]) for known in variants]
        self.groups = [[np.flatnonzero(one), np.flatnonzero(~one)] for one in close]

    def __len__(self) -> int:
        return self.run.steps

    def __getitem__(self, step: int) -> Drawn:
        """Return what one step learns from."""
        run = self.run
        wide = len(self.variants) > 1 and step % run.wide_every == run.wide_every - 1
        canvas = int(wide)
        batch = round(run.batch * run.wide_batch) if wide else run.batch
        rng = np.random.default_rng((run.seed, step, data_parallel.rank()))
        groups = self.groups[canvas]
        share = run.closeups if all(map(len, groups)) else float(len(groups[0]) > 0)
        close = round(share * batch)
        indices = np.concatenate(
            [rng.choice(group, n) for group, n in zip(groups, [close, batch - close], strict=True)]
        )
        drawn = [self.variants[canvas][i] for i in indices]
        captions = [caption(v, self.identity[v.person], run, rng) for v in drawn]
        ids = torch.tensor([self._tokenize(words) for words in captions])
        return Drawn(canvas, torch.from_numpy(indices), ids)

    def _tokenize(self, words: str) -> list[int]:
        # Captions hold only words of the vocabulary: no need for the tokenizer's slow rules.
        start, end, pad = self.special_ids
        inner = [self.token_ids[word] for word in words.split()][: MAX_TOKENS - 2]
        return [start, *inner, end] + [pad] * (MAX_TOKENS - 2 - len(inner))


class BatchMaker:
    """Makes batches of what was drawn, on the device where the latents lie."""

    def __init__(self, latents: Sequence[Latents], run: DenoiserRun, device: str = "cpu") -> None:
        self.run, self.device = run, device
        self.packed = [one.packed.to(device) for one in latents]
        self.weights = [_weights(canvas, run, device) for canvas in CANVASES]
        self.is_closeup = [
            torch.tensor([is_closeup(v) for v in one.variants], dtype=torch.long, device=device)
            for one in latents
        ]

    def __call__(self, step: int, drawn: Drawn) -> DenoiserBatch:
        """Return the batch of one step."""
        indices = drawn.indices.to(self.device, non_blocking=True)
        seed = (self.run.seed * 1_000_003 + step) * 2 + data_parallel.rank()
        generator = torch.Generator(self.device).manual_seed(seed)
        clean = self.packed[drawn.canvas][indices].float()
        noise = torch.randn(clean.shape, generator=generator, device=self.device)
        sigma = torch.randn(len(clean), generator=generator, device=self.device)
        weight = self.weights[drawn.canvas][self.is_closeup[drawn.canvas][indices]]
        ids = drawn.ids.to(self.device, non_blocking=True)
        return DenoiserBatch(clean, noise, sigma.add(self.run.sigma_mean).sigmoid(), ids, weight)


def is_closeup(variant: dataset.Variant) -> bool:
    """Return whether a picture's caption says that it is a close-up."""
    return dataset.CLOSE_UP_WORD in variant.words


def _weights(canvas: Canvas, run: DenoiserRun, device: str) -> torch.Tensor:
    """The loss's weights (2, tokens, 128) for the usual framing of a canvas and for a close-up."""
    maps = [feature_weights(e, run.features, canvas.pixels) for e in (canvas.eyes, CLOSE_UP)]
    return torch.stack(maps).to(device)
