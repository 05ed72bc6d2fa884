"""Checkpoints of a training that may be interrupted: LoRA weights, AdamW's moments, losses.

The files hold a person's LoRA in plain, not encrypted, in the request's workdir; only their owner
on this machine may read them (mode 0600). They outlive the training until the caller has stored
the LoRA and clears the folder: a crash between the two costs no step. No random state is needed: a
step's randomness follows from (seed, step).

A file is written whole and renamed, but not forced to the disk: a kill leaves the old one or the
new one. A power cut may leave neither, and costs a training its time, nothing else.
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
    """The LoRA after a step, to choose from at the end.

    vector   (length,) float32, on the CPU
    error    as in `messages.KeptCheckpoint`
    """

    step: int
    vector: Tensor
    error: float


@dataclass(slots=True)
class TrainingCheckpoint:
    """What a training needs to go on.

    losses                       one per step done
    vector, exp_avg, exp_avg_sq  LoRA weights and AdamW's moments, (length,) float32 each
    """

    losses: list[float]
    vector: Tensor
    exp_avg: Tensor
    exp_avg_sq: Tensor
    candidates: list[CheckpointCandidate] = field(default_factory=list)


def checkpoint_path(request: TrainRequest) -> Path:
    """The file of an avatar's training; hashed, because an id is not a file name."""
    return (
        request.workdir / f"{hashlib.sha256(request.avatar.encode()).hexdigest()[:24]}.checkpoint"
    )


def run_id(recipe_hash: str, fingerprint: str, request: TrainRequest) -> str:
    """A hash of all that the result depends on, the photos included."""
    digest = hashlib.sha256(
        json.dumps([recipe_hash, fingerprint, request.seed, request.subject]).encode()
    )
    for photo in request.photos:
        digest.update(hashlib.sha256(photo).digest())
    return digest.hexdigest()


def save(path: Path, run: str, state: TrainingCheckpoint) -> None:
    """Write the state of a run; its candidates have files of their own (`save_candidate`)."""
    tensors = {"losses": torch.tensor(state.losses, dtype=torch.float64)}
    tensors |= {"row": state.vector, "mean": state.exp_avg, "square": state.exp_avg_sq}
    candidates = [[one.step, one.error] for one in state.candidates]
    _write(path, tensors, {"run": run, "marks": json.dumps(candidates)})


def save_candidate(path: Path, run: str, candidate: CheckpointCandidate) -> None:
    """Write a candidate beside the checkpoint; call it before the `save` that names it."""
    _write(_candidate_path(path, candidate.step), {"row": candidate.vector}, {"run": run})


def load(path: Path, run: str) -> TrainingCheckpoint | None:
    """The state of an interrupted run; None if it is absent, broken or another run's."""
    try:
        tensors, metadata = _read(path, run)
        candidates = [
            CheckpointCandidate(step, _read(_candidate_path(path, step), run)[0]["row"], error)
            for step, error in json.loads(metadata["marks"])
        ]
        losses: list[float] = tensors["losses"].tolist()
        return TrainingCheckpoint(
            losses, tensors["row"], tensors["mean"], tensors["square"], candidates
        )
    except (FileNotFoundError, SafetensorError, ValueError, KeyError, TypeError):
        return None


def _candidate_path(path: Path, step: int) -> Path:
    return path.with_suffix(f".{step}.kept")


def _read(path: Path, run: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    data = path.read_bytes()
    tensors = safetensors.torch.load(data)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata: dict[str, str] = header["__metadata__"]
    if metadata["run"] != run:
        raise ValueError("a checkpoint of another run")
    return tensors, metadata


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.new")
    with open(new, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(safetensors.torch.save(on_cpu, metadata))
    new.replace(path)
