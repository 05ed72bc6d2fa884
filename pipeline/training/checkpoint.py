"""Where an interrupted training goes on: LoRA weights, AdamW's moments, losses, what was kept.

No random state: a step's randomness follows from (seed, step). The files hold a face in the form
of weights, so they are readable by their owner alone. They outlive the training until whoever
ordered it has put the LoRA away and clears the folder: a crash between the two costs no step.

A file is renamed into its place whole, but not forced to the disk: a kill leaves the old one or
the new one. A power cut may leave neither, and costs a training its time, nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.engine.messages import TrainRequest


@dataclass(frozen=True, slots=True)
class CheckpointCandidate:
    """A LoRA worth keeping on the way. row: float32; error: as in `orders.Kept`."""

    step: int
    row: Tensor
    error: float


@dataclass(slots=True)
class TrainingCheckpoint:
    """One loss per step done; row and AdamW's moments, (length,) float32 each."""

    losses: list[float]
    row: Tensor
    mean: Tensor
    square: Tensor
    marks: list[CheckpointCandidate] = field(default_factory=list)


def place(order: TrainRequest) -> Path:
    """An avatar's checkpoint; hashed, because an id is not a file name."""
    return order.workdir / f"{hashlib.sha256(order.avatar.encode()).hexdigest()[:24]}.checkpoint"


def run_id(recipe_hash: str, fingerprint: str, order: TrainRequest) -> str:
    """Changes with everything that the result depends on, the photos included."""
    digest = hashlib.sha256(
        json.dumps([recipe_hash, fingerprint, order.seed, order.subject]).encode()
    )
    for photo in order.photos:
        digest.update(hashlib.sha256(photo).digest())
    return digest.hexdigest()


def save(path: Path, run: str, state: TrainingCheckpoint) -> None:
    """Write the state of a run; its marks have files of their own, written once (`keep`)."""
    tensors = {"losses": torch.tensor(state.losses, dtype=torch.float64)}
    tensors |= {"row": state.row, "mean": state.mean, "square": state.square}
    told = [[mark.step, mark.error] for mark in state.marks]
    _write(path, tensors, {"run": run, "marks": json.dumps(told)})


def keep(path: Path, run: str, mark: CheckpointCandidate) -> None:
    """Write a mark beside the checkpoint; before the checkpoint that names it."""
    _write(_beside(path, mark.step), {"row": mark.row}, {"run": run})


def restore(path: Path, run: str) -> TrainingCheckpoint | None:
    """The state of an interrupted run; None if it is absent, broken or another run's."""
    try:
        values, metadata = _read(path, run)
        told = json.loads(metadata["marks"])
        marks = [
            CheckpointCandidate(step, _read(_beside(path, step), run)[0]["row"], error)
            for step, error in told
        ]
        losses: list[float] = values["losses"].tolist()
        state = TrainingCheckpoint(losses, values["row"], values["mean"], values["square"], marks)
    except (FileNotFoundError, SafetensorError, ValueError, KeyError, TypeError):
        return None
    return state


def _beside(path: Path, step: int) -> Path:
    return path.with_suffix(f".{step}.kept")


def _read(path: Path, run: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    data = path.read_bytes()
    values = safetensors.torch.load(data)
    told: dict[str, str] = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])[
        "__metadata__"
    ]
    if told["run"] != run:
        raise ValueError("another run's")
    return values, told


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    own = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.new")
    with open(new, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(safetensors.torch.save(own, metadata))
    new.replace(path)
