"""Where an interrupted training goes on: LoRA weights, AdamW's moments, losses. Nothing else.

No random state: a step's randomness follows from (seed, step). The file holds a face in the form
of weights, so it is readable by its owner alone, and it is deleted when the training is done.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.orders import TrainOrder


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`run` names the order that it belongs to; one loss per step done."""

    run: str
    losses: list[float]


def place(order: TrainOrder) -> Path:
    """An avatar's checkpoint; hashed, because an id is not a file name."""
    return order.workdir / f"{hashlib.sha256(order.avatar.encode()).hexdigest()[:24]}.checkpoint"


def run_id(recipe_hash: str, fingerprint: str, order: TrainOrder) -> str:
    """Changes with everything that the result depends on, the photos included."""
    digest = hashlib.sha256(
        json.dumps([recipe_hash, fingerprint, order.seed, order.subject]).encode()
    )
    for photo in order.photos:
        digest.update(hashlib.sha256(photo).digest())
    return digest.hexdigest()


def save(
    path: Path, state: Checkpoint, weights: list[Tensor], optimiser: torch.optim.Optimizer
) -> None:
    """Write atomically: a kill leaves the old checkpoint or the new one, never half of one."""
    tensors = {"losses": torch.tensor(state.losses, dtype=torch.float64)}
    for number, weight in enumerate(weights):
        moments = optimiser.state[weight]
        tensors[f"{number}.weight"] = weight.detach().cpu()
        tensors[f"{number}.mean"] = moments["exp_avg"].cpu()
        tensors[f"{number}.square"] = moments["exp_avg_sq"].cpu()
    data = safetensors.torch.save(tensors, {"run": state.run})
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, data)


def _write(path: Path, data: bytes) -> None:
    new = path.with_suffix(".new")
    with open(new, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # makes the rename itself durable
    finally:
        os.close(folder)


def restore(
    path: Path, run: str, weights: list[Tensor], optimiser: torch.optim.Optimizer
) -> list[float]:
    """Put a checkpoint's state back; returns its losses, or none if it is absent or another's."""
    try:
        data = path.read_bytes()
        values = safetensors.torch.load(data)
        told = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    except (FileNotFoundError, SafetensorError, ValueError, KeyError):
        return []
    if told.get("run") != run:
        return []
    losses: list[float] = values["losses"].tolist()
    for number, weight in enumerate(weights):
        weight.data.copy_(values[f"{number}.weight"])
        optimiser.state[weight] = {
            "step": torch.tensor(float(len(losses))),
            "exp_avg": values[f"{number}.mean"].to(weight.device),
            "exp_avg_sq": values[f"{number}.square"].to(weight.device),
        }
    return losses
