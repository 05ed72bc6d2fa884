"""A LoRA on a denoiser: put on whole or not at all, weighted, saved, taken off.

Loaders of the trade warn about layers that a file lacks or has in excess, and paint on with a
half-loaded person. Here names and shapes are compared first; a file that does not fit is refused
and leaves the base as it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import safetensors.torch
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from torch import Tensor

from pipeline.families import Base
from pipeline.orders import BadLora
from pipeline.recipe import Train

Layers = dict[str, Tensor]  # "blocks.0.attn.to_q.lora_A.weight" -> (rank, width)
METADATA = "lora_adapter_metadata"  # diffusers' key: load_lora_weights() reads alpha there


@dataclass(frozen=True, slots=True)
class Shape:
    """What a LoRA's layers must look like."""

    targets: tuple[str, ...]
    rank: int
    alpha: float

    @staticmethod
    def of(train: Train) -> Shape:
        return Shape(train.targets, train.rank, train.alpha)

    def config(self) -> LoraConfig:
        return LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            target_modules=list(self.targets),
            init_lora_weights="gaussian",
        )


def attach(base: Base, name: str, shape: Shape) -> list[Tensor]:
    """Add a fresh, active LoRA; its weights, float32, in a fixed order.

    Float32 also on a bf16 base: steps of 1e-4 vanish in bf16's eight bits.
    """
    base.denoiser.add_adapter(shape.config(), adapter_name=name)
    found = sorted((n, p) for n, p in base.denoiser.named_parameters() if f".{name}." in n)
    for _, parameter in found:
        parameter.data = parameter.data.float()
    return [parameter for _, parameter in found]


def layers(base: Base, name: str) -> Layers:
    state: Layers = get_peft_model_state_dict(base.denoiser, adapter_name=name)
    return {key: value.detach().cpu().contiguous() for key, value in state.items()}


def put(base: Base, name: str, values: Layers) -> None:
    """Fill the attached LoRA `name`. BadLora: names or shapes differ; nothing was copied."""
    own = {key: tuple(value.shape) for key, value in layers(base, name).items()}
    given = {key: tuple(value.shape) for key, value in values.items()}
    if own != given:
        odd = sorted(key for key in own.keys() | given.keys() if own.get(key) != given.get(key))
        raise BadLora(f"{len(odd)} of {len(own)} layers do not fit the base, e.g. {odd[0]}")
    set_peft_model_state_dict(base.denoiser, values, adapter_name=name)


def remove(base: Base, name: str) -> None:
    """Take a LoRA off; with the last one the denoiser is again the bare network."""
    if name in getattr(base.denoiser, "peft_config", {}):
        base.denoiser.delete_adapters(name)
    if not getattr(base.denoiser, "peft_config", {}):
        base.denoiser.unload_lora()


def use(base: Base, name: str | None, weight: float) -> None:
    """Paint with this LoRA alone at this weight, or with none."""
    if name is not None:
        base.denoiser.enable_adapters()
        base.denoiser.set_adapters([name], [weight])
    elif getattr(base.denoiser, "peft_config", {}):
        base.denoiser.disable_adapters()


def to_bytes(base: Base, name: str, shape: Shape, facts: dict[str, str]) -> bytes:
    """A safetensors file in diffusers' layout: `facts` beside what load_lora_weights() needs."""
    told = {
        f"{base.prefix}.r": shape.rank,
        f"{base.prefix}.lora_alpha": shape.alpha,
        f"{base.prefix}.target_modules": list(shape.targets),
    }
    metadata = facts | {"rank": str(shape.rank), "alpha": str(shape.alpha)}
    metadata[METADATA] = json.dumps(told)
    named = {f"{base.prefix}.{key}": value for key, value in layers(base, name).items()}
    return _with_sorted_header(safetensors.torch.save(named, metadata))


def _with_sorted_header(file: bytes) -> bytes:
    """Safetensors writes its metadata in a random order; equal LoRAs shall be equal bytes."""
    size = int.from_bytes(file[:8], "little")
    header = json.dumps(json.loads(file[8 : 8 + size]), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + file[8 + size :]


def from_bytes(file: bytes, prefix: str) -> tuple[Layers, dict[str, str]]:
    """A LoRA file's layers and metadata. BadLora: not such a file, or for another network."""
    try:
        values = safetensors.torch.load(file)
        size = int.from_bytes(file[:8], "little")
        metadata: dict[str, Any] = json.loads(file[8 : 8 + size]).get("__metadata__", {})
    except (SafetensorError, ValueError) as error:
        raise BadLora(f"not a safetensors file ({type(error).__name__})") from error
    start = f"{prefix}."
    if not values or not all(key.startswith(start) for key in values):
        raise BadLora(f"no LoRA for a {prefix}")
    return {key.removeprefix(start): value for key, value in values.items()}, metadata


def shape_of(metadata: dict[str, str], prefix: str) -> Shape:
    """As the file tells it, not as today's recipe does: yesterday's customers keep their LoRA."""
    try:
        told = json.loads(metadata[METADATA])
        targets = tuple(str(name) for name in told[f"{prefix}.target_modules"])
        return Shape(targets, int(told[f"{prefix}.r"]), float(told[f"{prefix}.lora_alpha"]))
    except (KeyError, ValueError, TypeError) as error:
        raise BadLora("the file does not tell its rank, alpha and targets") from error


def load(base: Base, name: str, file: bytes) -> None:
    """Attach a saved LoRA as `name`. BadLora: it does not fit; the base is as before."""
    values, metadata = from_bytes(file, base.prefix)
    shape = shape_of(metadata, base.prefix)
    try:
        attach(base, name, shape)
        put(base, name, values)
    except (BadLora, ValueError) as error:  # ValueError: peft finds none of the targets
        remove(base, name)
        raise BadLora(str(error)) from error
