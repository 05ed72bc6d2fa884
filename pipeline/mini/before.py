"""The 128 px house base, from which the 256 px one was raised: its teacher and its start."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderTiny, FluxPipeline

from pipeline.mini.shape import MiniBase


def teacher(folder: Path) -> AutoencoderTiny:
    """Return the autoencoder of the base in `folder`, frozen."""
    model = AutoencoderTiny.from_pretrained(folder / "vae", local_files_only=True)
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def house(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights of the base in `folder` under the names of `MiniBase`."""
    pipe = FluxPipeline.from_pretrained(folder, local_files_only=True, torch_dtype=torch.float32)
    made = MiniBase()
    made.transformer, made.clip, made.t5 = pipe.transformer, pipe.text_encoder, pipe.text_encoder_2
    weights: dict[str, torch.Tensor] = made.state_dict()
    return weights
