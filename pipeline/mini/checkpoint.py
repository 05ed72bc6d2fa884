"""Checkpoints of the base's trainings: written to a new file, then renamed over the old one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch


def save(path: Path, state: dict[str, Any]) -> None:
    """Write `state` to `path` in one atomic step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    torch.save(state, beside)
    os.replace(beside, path)


def load(path: Path) -> dict[str, Any] | None:
    """Return the state at `path`, or None where there is none yet."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


class ExponentialMovingAverage:
    """An exponential moving average (EMA) of a module's weights.

    The decay is smaller in early steps, so that the random initial weights are soon forgotten.
    """

    def __init__(self, module: torch.nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def update(self, module: torch.nn.Module, step: int) -> None:
        """Move towards the weights of `module` after its step number `step` (from 0)."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        names = [k for k, v in self.weights.items() if v.is_floating_point()]
        live = module.state_dict()
        torch._foreach_lerp_([self.weights[k] for k in names], [live[k] for k in names], share)


def resume(
    path: Path,
    model: torch.nn.Module,
    average: ExponentialMovingAverage,
    optimizers: Sequence[torch.optim.Optimizer],
) -> int:
    """Restore model, average and optimizers from `path`; return the step, 0 without a file."""
    state = load(path)
    if state is None:
        return 0
    model.load_state_dict(state["model"])
    average.weights = {k: v.to(average.weights[k].device) for k, v in state["average"].items()}
    for optimizer, kept in zip(optimizers, state["rules"], strict=True):
        optimizer.load_state_dict(kept)
    return int(state["step"])


def save_run(
    path: Path,
    step: int,
    model: torch.nn.Module,
    average: ExponentialMovingAverage,
    optimizers: Sequence[torch.optim.Optimizer],
) -> None:
    """Save what `resume` needs to continue after `step` with the same result."""
    optimizer_states = [optimizer.state_dict() for optimizer in optimizers]
    state = {"step": step, "model": model.state_dict(), "average": average.weights}
    save(path, {**state, "rules": optimizer_states})
