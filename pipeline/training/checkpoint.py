"""Checkpoints of a training that may be interrupted: LoRA weights, AdamW's moments, losses.

As bytes, never as files: they hold a person's LoRA. The training hands them to its caller with its
progress, who keeps them encrypted and gives them back with the request (`TrainRequest.checkpoint`).
No random state is needed: a step's randomness follows from (seed, step).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.engine.messages import CheckpointFile, TrainRequest

STATE = "state"


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


def run_id(recipe_hash: str, fingerprint: str, request: TrainRequest) -> str:
    """A hash of all that the result depends on, the photos included."""
    digest = hashlib.sha256(
        json.dumps([recipe_hash, fingerprint, request.seed, request.subject]).encode()
    )
    for photo in request.photos:
        digest.update(hashlib.sha256(photo).digest())
    return digest.hexdigest()


def state_file(run: str, state: TrainingCheckpoint) -> CheckpointFile:
    """The state of a run; its candidates have files of their own (`candidate_file`)."""
    tensors = {"losses": torch.tensor(state.losses, dtype=torch.float64)}
    tensors |= {"row": state.vector, "mean": state.exp_avg, "square": state.exp_avg_sq}
    candidates = [[one.step, one.error] for one in state.candidates]
    metadata = {"run": run, "marks": json.dumps(candidates)}
    return CheckpointFile(STATE, _to_bytes(tensors, metadata))


def candidate_file(run: str, candidate: CheckpointCandidate) -> CheckpointFile:
    """A candidate; it is to be kept before the state that names it."""
    data = _to_bytes({"row": candidate.vector}, {"run": run})
    return CheckpointFile(_candidate_name(candidate.step), data)


def load(files: Sequence[CheckpointFile], run: str) -> TrainingCheckpoint | None:
    """The state of an interrupted run; None if it is absent, broken or another run's."""
    by_name = {file.name: file.data for file in files}
    try:
        tensors, metadata = _from_bytes(by_name[STATE], run)
        candidates = [
            CheckpointCandidate(
                step, _from_bytes(by_name[_candidate_name(step)], run)[0]["row"], error
            )
            for step, error in json.loads(metadata["marks"])
        ]
        losses: list[float] = tensors["losses"].tolist()
        return TrainingCheckpoint(
            losses, tensors["row"], tensors["mean"], tensors["square"], candidates
        )
    except (SafetensorError, ValueError, KeyError, TypeError):
        return None


def _candidate_name(step: int) -> str:
    return f"candidate-{step}"


def _from_bytes(data: bytes, run: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    tensors = safetensors.torch.load(data)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata: dict[str, str] = header["__metadata__"]
    if metadata["run"] != run:
        raise ValueError("a checkpoint of another run")
    return tensors, metadata


def _to_bytes(tensors: dict[str, Tensor], metadata: dict[str, str]) -> bytes:
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    data: bytes = safetensors.torch.save(on_cpu, metadata)
    return data
