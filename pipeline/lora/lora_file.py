"""A LoRA as a file, as named layers and as one flat row of numbers.

The file has diffusers' layout, so `load_lora_weights` reads it. The row is what training and
painting work on: one tensor to step, to clip, to save and to swap, however many layers there are.
Loaders of the trade warn about layers that a file lacks or has in excess, and paint on with a
half-loaded person. Here names and shapes are compared first, and a file that does not fit is
refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.engine.messages import BadLora
from pipeline.models.training_settings import TrainSettings

Layers = dict[str, Tensor]  # "blocks.0.attn.to_q.lora_A.weight" -> (rank, width)
Pairs = dict[str, tuple[Tensor, Tensor]]  # "blocks.0.attn.to_q" -> (rank, in), (out, rank)
METADATA = "lora_adapter_metadata"  # diffusers' key: load_lora_weights() reads alpha there
DOWN, UP = ".lora_A.weight", ".lora_B.weight"


@dataclass(frozen=True, slots=True)
class LoraShape:
    """What a LoRA's layers must look like. targets: module names, matched as suffixes (peft)."""

    targets: tuple[str, ...]
    rank: int
    alpha: float

    @staticmethod
    def of(train: TrainSettings) -> LoraShape:
        return LoraShape(train.targets, train.rank, train.alpha)

    @property
    def scale(self) -> float:
        return self.alpha / self.rank

    def told(self) -> dict[str, Any]:
        """As diffusers' and peft's configuration of a LoRA."""
        return {
            "r": self.rank,
            "lora_alpha": self.alpha,
            "target_modules": list(self.targets),
        }

    def names(self, module: str) -> bool:
        return any(module == target or module.endswith(f".{target}") for target in self.targets)


@dataclass(frozen=True, slots=True)
class LoraLayout:
    """Where each layer lies in a flat row. widths: module name -> (features in, features out)."""

    widths: Mapping[str, tuple[int, int]]
    rank: int

    @property
    def length(self) -> int:
        return sum(self.rank * (inside + outside) for inside, outside in self.widths.values())

    def views(self, rows: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
        """Of (n, length): each module's name, (n, rank, in) and (n, out, rank), nothing copied."""
        at, count, rank = 0, len(rows), self.rank
        for name, (inside, outside) in self.widths.items():
            middle, end = at + rank * inside, at + rank * (inside + outside)
            down = rows[:, at:middle].view(count, rank, inside)
            yield name, down, rows[:, middle:end].view(count, outside, rank)
            at = end

    def pack(self, pairs: Pairs) -> Tensor:
        """A row, (length,) float32: smaller ranks and absent modules are filled up with zeros."""
        row = torch.zeros(1, self.length)
        for name, down, up in self.views(row):
            if name in pairs:
                less, more = pairs[name]
                down[0, : len(less)] = less
                up[0, :, : more.shape[1]] = more
        return row[0]

    def unpack(self, row: Tensor) -> Pairs:
        return {name: (down[0], up[0]) for name, down, up in self.views(row[None])}

    def fresh(self, seed: int) -> Tensor:
        """A beginner's row, float32: gaussian on the way down, nothing on the way up."""
        row = torch.zeros(1, self.length)
        dice = torch.Generator("cpu").manual_seed(seed)
        for _, down, _ in self.views(row):
            down.copy_(torch.randn(down.shape, generator=dice) / self.rank)
        return row[0]


def to_bytes(pairs: Pairs, prefix: str, shape: LoraShape, facts: dict[str, str]) -> bytes:
    """A safetensors file in diffusers' layout: `facts` beside what load_lora_weights() needs."""
    told = {f"{prefix}.{key}": value for key, value in shape.told().items()}
    metadata = facts | {"rank": str(shape.rank), "alpha": str(shape.alpha)}
    metadata[METADATA] = json.dumps(told)
    named: Layers = {}
    for name, (down, up) in pairs.items():
        named[f"{prefix}.{name}{DOWN}"] = down.detach().float().cpu().contiguous()
        named[f"{prefix}.{name}{UP}"] = up.detach().float().cpu().contiguous()
    return with_sorted_header(safetensors.torch.save(named, metadata))


def with_sorted_header(file: bytes) -> bytes:
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


def shape_of(metadata: dict[str, str], prefix: str) -> LoraShape:
    """As the file tells it, not as today's recipe does: yesterday's customers keep their LoRA."""
    try:
        told = json.loads(metadata[METADATA])
        targets = tuple(str(name) for name in told[f"{prefix}.target_modules"])
        shape = LoraShape(targets, int(told[f"{prefix}.r"]), float(told[f"{prefix}.lora_alpha"]))
    except (KeyError, ValueError, TypeError) as error:
        raise BadLora("the file does not tell its rank, alpha and targets") from error
    if shape.rank < 1:
        raise BadLora("a LoRA of no rank")
    return shape


def pairs_of(file: bytes, prefix: str, widths: Mapping[str, tuple[int, int]]) -> tuple[Pairs, int]:
    """A file's layers by module with alpha/rank worked into the way up, and its rank.

    widths    of every Linear that the denoiser has
    BadLora: layers are missing, in excess or of another shape than the file itself promises.
    """
    values, metadata = from_bytes(file, prefix)
    shape = shape_of(metadata, prefix)
    promised = {name: widths[name] for name in widths if shape.names(name)}
    expected: dict[str, tuple[int, ...]] = {}
    for name, (inside, outside) in promised.items():
        expected |= {f"{name}{DOWN}": (shape.rank, inside), f"{name}{UP}": (outside, shape.rank)}
    given = {key: tuple(value.shape) for key, value in values.items()}
    if expected != given:
        names = sorted(expected.keys() | given.keys())
        odd = [name for name in names if expected.get(name) != given.get(name)]
        raise BadLora(f"{len(odd)} of {len(names)} layers do not fit the base, e.g. {odd[0]}")
    pairs = {
        name: (values[f"{name}{DOWN}"].float(), values[f"{name}{UP}"].float() * shape.scale)
        for name in promised
    }
    return pairs, shape.rank
