"""The hyperparameters of a training of the denoiser."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.mini.latents import PARTS


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
    wide_every: int = 3  # every so many steps one of wide pictures, if there are any
    wide_batch: float = 0.5  # its share of `batch`: a wide picture has twice as many tokens
    device: str = "cpu"
    loaders: int = 0  # processes that draw captions ahead; 0 draws in the loop
