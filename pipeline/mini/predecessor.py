"""The predecessor: a base of 128 px, the autoencoder's teacher, or one of today's to go on from."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderDC, AutoencoderTiny, FluxPipeline

from pipeline.mini import checkpoint
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


def keep_autoencoder(folder: Path, work: Path) -> None:
    """Take over the autoencoder of the base in `folder`, where `work` has none of its own yet.

    The 128 px base's is of another class, and only ever a teacher.
    """
    target = work / "autoencoder.pt"
    kind = json.loads((folder / "vae" / "config.json").read_text())["_class_name"]
    if not target.exists() and kind == AutoencoderDC.__name__:
        model = AutoencoderDC.from_pretrained(
            folder / "vae", local_files_only=True, torch_dtype=torch.float32
        )
        checkpoint.save(target, {"average": model.state_dict()})
