"""A LoRA as a safetensors file, as named layers and as one flat vector.

The file has diffusers' layout, so `load_lora_weights` reads it. The vector is what training and
painting work on: one tensor to step, to clip, to save and to swap, however many layers there are.
Other loaders warn about layers that a file lacks or has in excess, and paint on with a
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
    """Rank, alpha and target modules of a LoRA. targets: matched as suffixes, as in peft."""

    targets: tuple[str, ...]
    rank: int
    alpha: float

    @staticmethod
    def of(train: TrainSettings) -> LoraShape:
        return LoraShape(train.targets, train.rank, train.alpha)

    @property
    def scale(self) -> float:
        return self.alpha / self.rank

    def to_config(self) -> dict[str, Any]:
        """The LoRA configuration of diffusers and peft."""
        return {
            "r": self.rank,
            "lora_alpha": self.alpha,
            "target_modules": list(self.targets),
        }

    def matches(self, module: str) -> bool:
        return any(module == target or module.endswith(f".{target}") for target in self.targets)


@dataclass(frozen=True, slots=True)
class LoraLayout:
    """Where each layer lies in a flat vector.

    widths   module name -> (in_features, out_features)
    """

    widths: Mapping[str, tuple[int, int]]
    rank: int

    @property
    def length(self) -> int:
        return sum(
            self.rank * (width_in + width_out) for width_in, width_out in self.widths.values()
        )

    def views(self, matrix: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
        """Of (n, length): each module's name, (n, rank, in) and (n, out, rank), nothing copied."""
        count, rank = len(matrix), self.rank
        sizes = [rank * width for widths in self.widths.values() for width in widths]
        # One split, not a slice each: its way back is one concatenation of all gradients.
        parts = iter(matrix.split(sizes, dim=1))
        for name, (width_in, width_out) in self.widths.items():
            down, up = next(parts), next(parts)
            yield name, down.view(count, rank, width_in), up.view(count, width_out, rank)

    def pack(self, pairs: Pairs) -> Tensor:
        """The flat vector, (length,) float32: smaller ranks and absent modules become zeros."""
        matrix = torch.zeros(1, self.length)
        for name, down, up in self.views(matrix):
            if name in pairs:
                given_down, given_up = pairs[name]
                down[0, : len(given_down)] = given_down
                up[0, :, : given_up.shape[1]] = given_up
        return matrix[0]

    def unpack(self, vector: Tensor) -> Pairs:
        return {name: (down[0], up[0]) for name, down, up in self.views(vector[None])}

    def init_vector(self, seed: int) -> Tensor:
        """The weights before the first step, float32: down (A) gaussian, up (B) zero."""
        matrix = torch.zeros(1, self.length)
        generator = torch.Generator("cpu").manual_seed(seed)
        for _, down, _ in self.views(matrix):
            down.copy_(torch.randn(down.shape, generator=generator) / self.rank)
        return matrix[0]


def to_bytes(pairs: Pairs, prefix: str, shape: LoraShape, info: dict[str, str]) -> bytes:
    """A safetensors file in diffusers' layout; `info` joins the metadata that the loader needs."""
    config = {f"{prefix}.{key}": value for key, value in shape.to_config().items()}
    metadata = info | {"rank": str(shape.rank), "alpha": str(shape.alpha)}
    metadata[METADATA] = json.dumps(config)
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


def read_shape(metadata: dict[str, str], prefix: str) -> LoraShape:
    """The shape in the file's metadata, not today's recipe's: old LoRAs stay usable.

    BadLora: the metadata lacks it.
    """
    try:
        config = json.loads(metadata[METADATA])
        targets = tuple(str(name) for name in config[f"{prefix}.target_modules"])
        rank, alpha = int(config[f"{prefix}.r"]), float(config[f"{prefix}.lora_alpha"])
        shape = LoraShape(targets, rank, alpha)
    except (KeyError, ValueError, TypeError) as error:
        raise BadLora("the file does not tell its rank, alpha and targets") from error
    if shape.rank < 1:
        raise BadLora("a LoRA of no rank")
    return shape


def read_pairs(
    file: bytes, prefix: str, widths: Mapping[str, tuple[int, int]]
) -> tuple[Pairs, int]:
    """A file's layers by module, alpha/rank multiplied into the up matrices, and its rank.

    widths    (in_features, out_features) of every Linear of the denoiser
    BadLora: layers are missing, in excess or of another shape than the metadata says.
    """
    values, metadata = from_bytes(file, prefix)
    shape = read_shape(metadata, prefix)
    targets = {name: widths[name] for name in widths if shape.matches(name)}
    expected: dict[str, tuple[int, ...]] = {}
    for name, (width_in, width_out) in targets.items():
        expected |= {
            f"{name}{DOWN}": (shape.rank, width_in),
            f"{name}{UP}": (width_out, shape.rank),
        }
    given = {key: tuple(value.shape) for key, value in values.items()}
    if expected != given:
        names = sorted(expected.keys() | given.keys())
        wrong = [name for name in names if expected.get(name) != given.get(name)]
        raise BadLora(f"{len(wrong)} of {len(names)} layers do not fit the base, e.g. {wrong[0]}")
    pairs = {
        name: (values[f"{name}{DOWN}"].float(), values[f"{name}{UP}"].float() * shape.scale)
        for name in targets
    }
    return pairs, shape.rank
