"""Data-parallel training in several processes: on two cores faster than two threads.

Each process has its own batch of the same step; gradients are averaged through `gloo`, so all
copies stay equal. Started by `torchrun --nproc-per-node 2`; in a single process `init` and
`average_gradients` do nothing.
"""

from __future__ import annotations

import os
import time

import torch
import torch.distributed as dist


def init() -> None:
    """Initialise the process group, if `torchrun` started several processes."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("gloo")


def rank() -> int:
    """Return this process's number; only number 0 writes files."""
    return dist.get_rank() if dist.is_initialized() else 0


def average_gradients(module: torch.nn.Module) -> None:
    """All-reduce: replace every gradient by its mean over the processes, in one message."""
    if not dist.is_initialized():
        return
    gradients = [w.grad for w in module.parameters() if w.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def wait_while_paused() -> None:
    """Block while the file named by `MINI_PAUSE` exists: other work needs the machine."""
    pause = os.environ.get("MINI_PAUSE")
    while pause and os.path.exists(pause):
        time.sleep(2)
