"""LoRAs that others made (a designer's style, a video base's effect), by diffusers' own loader.

It reads their layouts, kohya's and the original authors' among them. They lie beside the customers'
ones, which are hooks (`multi_lora.py`), and beside each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import safetensors.torch
from safetensors import SafetensorError

from pipeline.engine.messages import BadLora
from pipeline.lora.lora_file import METADATA

# What safetensors, diffusers and peft raise for a file that is no LoRA, or one of another base.
DOES_NOT_FIT = (SafetensorError, ValueError, KeyError, RuntimeError, AttributeError, TypeError)


def load(pipe: Any, denoiser: Any, prefix: str, file: bytes, name: str) -> None:
    """Load all of a file as the adapter `name`, or refuse it: diffusers alone would warn and keep
    the layers that fit. BadLora: it does not fit; the adapter may have to be removed.

    pipe     the pipeline whose denoiser it is; where it offloads its parts, it does so afterwards
    prefix   the denoiser's name in the layers of the file: "unet" or "transformer"
    """
    try:
        layers, alphas = _to_diffusers_layers(pipe, denoiser, prefix, file)
        denoiser.load_lora_adapter(
            layers, prefix=prefix, network_alphas=alphas, adapter_name=name, _pipeline=pipe,
            metadata=None if alphas else _metadata(file),
        )  # fmt: skip
    except DOES_NOT_FIT as error:
        raise BadLora(f"the {name}'s LoRA does not fit the base ({type(error).__name__})") from None
    expected = sum(key.endswith((".lora_A.weight", ".lora.down.weight")) for key in layers)
    found = sum(part.endswith(f".lora_A.{name}") for part, _ in denoiser.named_modules())
    if found != expected or not found:
        raise BadLora(f"only {found} of the {name}'s {expected} layers fit the base")


def set_weights(denoiser: Any, weights: Mapping[str, float]) -> None:
    """Which of the loaded adapters are active, and by what weight."""
    denoiser.set_adapters(list(weights), list(weights.values()))


def remove(denoiser: Any, name: str) -> None:
    """Unload an adapter, if it is loaded; without any the denoiser is bare again."""
    if name in getattr(denoiser, "peft_config", {}):
        denoiser.delete_adapters(name)
    if not getattr(denoiser, "peft_config", {}):
        denoiser.unload_lora()


def _to_diffusers_layers(
    pipe: Any, denoiser: Any, prefix: str, file: bytes
) -> tuple[dict[str, Any], dict[str, float] | None]:
    """The denoiser's layers in diffusers' names, and their alphas.

    Layers for the text encoders are dropped: cached prompts were encoded without them.
    """
    tensors = safetensors.torch.load(file)
    more: dict[str, Any] = {"unet_config": denoiser.config} if prefix == "unet" else {}
    state = pipe.lora_state_dict(tensors, **more)
    state, alphas = state[:2] if isinstance(state, tuple) else (state, None)
    start = f"{prefix}."
    layers = {key: value for key, value in state.items() if key.startswith(start)}
    if not layers:
        raise BadLora(f"the LoRA is none for a {prefix}")
    if alphas is not None:
        alphas = {key: value for key, value in alphas.items() if key.startswith(start)} or None
    return layers, alphas


def _metadata(file: bytes) -> dict[str, Any] | None:
    """Rank, alpha and targets as diffusers writes them: without them an alpha that is not the rank
    is lost. None: the file has none."""
    size = int.from_bytes(file[:8], "little")
    written = json.loads(file[8 : 8 + size]).get("__metadata__", {}).get(METADATA)
    return None if written is None else dict(json.loads(written))
