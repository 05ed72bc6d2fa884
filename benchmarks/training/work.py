"""The bound: how much arithmetic a step needs, and how fast this machine multiplies."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from peft import LoraConfig
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import sdxl
from benchmarks.training.case import TARGETS, Case

TRIES = 20


@dataclass(frozen=True, slots=True)
class Work:
    """FLOPs of one step; `vae` is what a loop pays that encodes its pictures every time."""

    unet: float
    vae: float

    @property
    def vae_share(self) -> float:
        return self.vae / (self.vae + self.unet)


def count(case: Case) -> Work:
    """Counted on tensors without memory: forward, backward to the first LoRA, and the LoRAs."""
    side, rows = case.resolution // 8, case.batch
    with torch.device("meta"):
        unet = sdxl.unet(case.divisor).requires_grad_(False)
        unet.add_adapter(LoraConfig(r=case.rank, target_modules=list(TARGETS)))
        vae = sdxl.autoencoder(case.divisor).requires_grad_(False)
        words = torch.randn(rows, 77, unet.config.cross_attention_dim)
        told = {
            "text_embeds": torch.randn(rows, 1280 // case.divisor),
            "time_ids": torch.randn(rows, 6),
        }
        noisy, times = torch.randn(rows, 4, side, side), torch.zeros(rows)
        with FlopCounterMode(display=False) as step:
            unet(noisy, times, words, added_cond_kwargs=told).sample.sum().backward()
        with FlopCounterMode(display=False) as encoding:
            vae.encode(torch.randn(rows, 3, case.resolution, case.resolution))
    return Work(step.get_total_flops(), encoding.get_total_flops())


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
