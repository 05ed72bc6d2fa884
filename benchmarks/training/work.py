"""The bound: how much arithmetic a step needs, and how fast this machine multiplies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

TRIES = 20


@dataclass(frozen=True, slots=True)
class Work:
    """FLOPs of one step; `vae` is what a loop pays that encodes its pictures every time."""

    denoiser: float
    vae: float

    @property
    def vae_share(self) -> float:
        return self.vae / (self.vae + self.denoiser)


def flops(run: Callable[[], object]) -> float:
    """What `run` computes; on tensors of the device "meta" it takes neither time nor memory."""
    with FlopCounterMode(display=False) as counter:
        run()
    return float(counter.get_total_flops())


def speed(device: str) -> float:
    """FLOP/s of a large product in bf16: the best of several, which no neighbour slowed."""
    side = 8192 if device.startswith("cuda") else 1024
    one = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    best = float("inf")
    for _ in range(TRIES):
        began = time.perf_counter()
        one @ one
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - began)
    return 2 * side**3 / best
