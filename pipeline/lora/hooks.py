"""The forward hook that adds LoRAs to what a Linear gave: the arithmetic of `rack.py`.

It reads everything from `module.peg`, so it is one function for all Linears, and torch.compile
makes one graph for all blocks of a kind.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Mode = Literal["bare", "learning", "one", "many"]


class HookState:
    """What all hooks of a rack look at. owner: slot of each ask; weight: of each ask."""

    def __init__(self, scale: float) -> None:
        self.mode: Mode = "bare"
        self.scale = scale  # alpha / rank of the LoRAs that learn; worn ones have theirs inside
        self.owner = torch.zeros(0, dtype=torch.long)
        self.weight = torch.zeros(0)


class LoraHook:
    """What hangs at one Linear. taught_*: (k, ...) float32 leaves; worn_*: (slots, ...)."""

    taught_down: Tensor
    taught_up: Tensor
    worn_down: Tensor
    worn_up: Tensor

    def __init__(self, state: HookState) -> None:
        self.state = state


def add(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
    """The hook, for `register_forward_hook`; `module.peg` is a Peg."""
    peg: LoraHook = module.peg
    mode = peg.state.mode
    if mode == "learning":
        return _taught(args[0], output, peg)
    if mode == "one":
        return _worn_by_all(args[0], output, peg)
    if mode == "many":
        return _worn_by_row(args[0], output, peg)
    return output


def _taught(x: Tensor, output: Tensor, peg: LoraHook) -> Tensor:
    down, up, scale = peg.taught_down, peg.taught_up, peg.state.scale
    x = _fitting(x, down)
    crowd, width = len(down), x.shape[-1]
    if crowd == 1:
        hidden = functional.linear(x.reshape(-1, width), down.squeeze(0))
        flat = output.reshape(-1, output.shape[-1])
        return _sum(flat, hidden, up.squeeze(0).t(), scale).view_as(output)
    hidden = torch.bmm(x.reshape(crowd, -1, width), down.mT)
    flat = output.reshape(crowd, -1, output.shape[-1])
    return _sum(flat, hidden, up.mT, scale).view_as(output)


def _worn_by_all(x: Tensor, output: Tensor, peg: LoraHook) -> Tensor:
    down, up = peg.worn_down[0], peg.worn_up[0]
    x = _fitting(x, down)
    hidden = functional.linear(x.reshape(-1, x.shape[-1]), down) * peg.state.weight[:1]
    flat = output.reshape(-1, output.shape[-1])
    return _sum(flat, hidden, up.t()).view_as(output)


def _worn_by_row(x: Tensor, output: Tensor, peg: LoraHook) -> Tensor:
    rows, asks = len(x), len(peg.state.owner)
    owner = peg.state.owner.repeat(rows // asks)
    weight = peg.state.weight.repeat(rows // asks)
    down, up = peg.worn_down[owner], peg.worn_up[owner]
    x = _fitting(x, down)
    hidden = torch.bmm(x.reshape(rows, -1, x.shape[-1]), down.mT) * weight.view(-1, 1, 1)
    flat = output.reshape(rows, -1, output.shape[-1])
    return _sum(flat, hidden, up.mT).view_as(output)


def _fitting(x: Tensor, weights: Tensor) -> Tensor:
    """Autocast chooses the precision where it is on; else the LoRA's own, float32 on a bf16 base:
    steps of 1e-4 vanish in bf16's eight bits."""
    return x if torch.is_autocast_enabled(x.device.type) else x.to(weights.dtype)


def _sum(output: Tensor, hidden: Tensor, up: Tensor, scale: float = 1.0) -> Tensor:
    """Sum up: output + scale * hidden @ up, in one kernel where the precisions agree."""
    if output.dtype != hidden.dtype:
        return output + (scale * (hidden @ up)).to(output.dtype)
    kernel = torch.addmm if output.dim() == 2 else torch.baddbmm
    return kernel(output, hidden, up, beta=1, alpha=scale)
