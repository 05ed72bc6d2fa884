"""The predecessor, a 128 px base: the autoencoder's teacher and the denoiser's first weights."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderTiny, FluxPipeline

from pipeline.mini.architecture import MiniBase


def load_autoencoder(folder: Path) -> AutoencoderTiny:
    """Return the autoencoder of the base in `folder`, frozen."""
    model = AutoencoderTiny.from_pretrained(folder / "vae", local_files_only=True)
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def load_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights of the base in `folder` under the names of `MiniBase`."""
    pipe = FluxPipeline.from_pretrained(folder, local_files_only=True, torch_dtype=torch.float32)
    model = MiniBase()
    model.transformer, model.clip, model.t5 = (
        pipe.transformer,
        pipe.text_encoder,
        pipe.text_encoder_2,
    )
    weights: dict[str, torch.Tensor] = model.state_dict()
    return weights
