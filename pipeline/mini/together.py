"""Two processes, one model: on two cores this is twice as fast as two threads, which are not.

Each process has its own batch of the same step; gradients are averaged through `gloo`, so all
copies stay equal. Started by `torchrun --nproc-per-node 2`; alone, every function does nothing.
"""

from __future__ import annotations

import os
import time

import torch
import torch.distributed as dist


def join() -> None:
    """Meet the other processes, if `torchrun` started any."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("gloo")


def rank() -> int:
    """Return this process's number; only number 0 writes files."""
    return dist.get_rank() if dist.is_initialized() else 0


def average_gradients(module: torch.nn.Module) -> None:
    """Replace every gradient by its mean over the processes, in one message."""
    if not dist.is_initialized():
        return
    gradients = [w.grad for w in module.parameters() if w.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def wait_while_paused() -> None:
    """Wait as long as the file named by `MINI_PAUSE` exists: other work needs the machine."""
    pause = os.environ.get("MINI_PAUSE")
    while pause and os.path.exists(pause):
        time.sleep(2)
