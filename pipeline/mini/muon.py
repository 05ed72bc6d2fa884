"""The Muon optimizer: momentum with orthogonalized steps on weight matrices (K. Jordan, 2024).

On these small networks it needs about half as many steps as AdamW (`docs/mini-base.md`).
Vectors, embeddings and first and last layers stay with AdamW, as its author advises.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch


def orthogonalize(matrices: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """Return approximately U V^T of matrices (..., rows, columns), by Newton-Schulz iterations."""
    x = matrices.to(torch.bfloat16)
    tall = x.size(-2) > x.size(-1)
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
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
            alike: dict[torch.Size, list[torch.nn.Parameter]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    alike[weight.shape].append(weight)
            for weights in alike.values():
                self._move(weights, group)

    def _move(self, weights: list[torch.nn.Parameter], group: dict[str, Any]) -> None:
        """Move weights of one shape, as one stack: on a GPU small products cost their launch."""
        for weight in weights:
            if not self.state[weight]:
                self.state[weight]["momentum"] = torch.zeros_like(weight)
        memory = [self.state[weight]["momentum"] for weight in weights]
        gradients = [weight.grad for weight in weights]
        torch._foreach_lerp_(memory, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, memory, group["momentum"])
        steps = orthogonalize(torch.stack(ahead).flatten(2))
        # Scaled so that a step has the size of an AdamW step of the same rate (Moonlight, 2025).
        size = -group["lr"] * 0.2 * max(steps.shape[1:]) ** 0.5
        torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
        moves = (size * steps.to(weights[0].dtype)).view(-1, *weights[0].shape).unbind()
        torch._foreach_add_(weights, moves)
