"""The Muon optimizer: momentum with orthogonalized steps on weight matrices (K. Jordan, 2024).

On these small networks it needs about half as many steps as AdamW (`docs/mini-base.md`).
Vectors, embeddings and first and last layers stay with AdamW, as its author advises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch


def orthogonalize(matrix: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """Return approximately U V^T of a matrix (rows, columns), by Newton-Schulz iterations."""
    x = matrix.to(torch.bfloat16)
    tall = x.size(0) > x.size(1)
    x = x.mT if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(rounds):
        a = x @ x.mT
        # The quintic's factors are the author's: steepest at zero, everything ends in 0.7..1.2.
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):  # type: ignore[misc]  # torch is untyped to mypy
    """Nesterov momentum with orthogonalized steps for weights of two or more dimensions."""

    def __init__(
        self,
        weights: Iterable[torch.nn.Parameter],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Move every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, weight.grad, group)

    def _move(self, weight: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        memory = state["momentum"].lerp_(gradient, 1 - group["momentum"])
        ahead = gradient.lerp(memory, group["momentum"]).reshape(len(weight), -1)
        # Scaled so that a step has the size of an AdamW step of the same rate (Moonlight, 2025).
        size = 0.2 * max(ahead.shape) ** 0.5
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(
            orthogonalize(ahead).to(weight.dtype).view_as(weight), alpha=-group["lr"] * size
        )
