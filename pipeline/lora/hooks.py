"""The forward hook that adds LoRAs to a Linear's output: the arithmetic of `multi_lora.py`.

It reads everything from `module.lora_hook`, so it is one function for all Linears, and
torch.compile makes one graph for all blocks of a kind.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Mode = Literal["off", "training", "shared", "per_request"]


class HookState:
    """What all hooks of an injector share; one entry of the tensors per request of a batch.

    training_scale     alpha / rank of the LoRAs in training; active ones have theirs worked in
    slot_of_request    (n,) which of the injector's buffers holds the LoRA
    scale_of_request   (n,) by how much it is added
    """

    def __init__(self, training_scale: float) -> None:
        self.mode: Mode = "off"
        self.training_scale = training_scale
        self.slot_of_request = torch.zeros(0, dtype=torch.long)
        self.scale_of_request = torch.zeros(0)


class LoraHook:
    """The LoRA matrices of one Linear: those in training and those to paint with.

    trained_down, trained_up   (k, rank, in) and (k, out, rank), one per customer: parts of one
                               matrix, in the precision of the forward
    active_down, active_up     (slots, rank, in) and (slots, out, rank)
    """

    trained_down: Tensor
    trained_up: Tensor
    active_down: Tensor
    active_up: Tensor

    def __init__(self, state: HookState) -> None:
        self.state = state


def add_lora(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
    """The hook, for `register_forward_hook`; `module.lora_hook` is a `LoraHook`."""
    hook: LoraHook = module.lora_hook
    mode = hook.state.mode
    if mode == "training":
        return _add_trained(args[0], output, hook)
    if mode == "shared":
        return _add_shared(args[0], output, hook)
    if mode == "per_request":
        return _add_per_request(args[0], output, hook)
    return output


def _add_trained(x: Tensor, output: Tensor, hook: LoraHook) -> Tensor:
    down, up, scale = hook.trained_down, hook.trained_up, hook.state.training_scale
    x = _cast(x, down)
    customers, width = len(down), x.shape[-1]
    if customers == 1:
        hidden = functional.linear(x.reshape(-1, width), down.squeeze(0))
        flat = output.reshape(-1, output.shape[-1])
        return _add_product(flat, hidden, up.squeeze(0).t(), scale).view_as(output)
    hidden = torch.bmm(x.reshape(customers, -1, width), down.mT)
    flat = output.reshape(customers, -1, output.shape[-1])
    return _add_product(flat, hidden, up.mT, scale).view_as(output)


def _add_shared(x: Tensor, output: Tensor, hook: LoraHook) -> Tensor:
    """All requests have the same LoRA at the same scale."""
    down, up = hook.active_down[0], hook.active_up[0]
    x = _cast(x, down)
    hidden = functional.linear(x.reshape(-1, x.shape[-1]), down) * hook.state.scale_of_request[:1]
    flat = output.reshape(-1, output.shape[-1])
    return _add_product(flat, hidden, up.t()).view_as(output)


def _add_per_request(x: Tensor, output: Tensor, hook: LoraHook) -> Tensor:
    rows, requests = len(x), len(hook.state.slot_of_request)
    slots = hook.state.slot_of_request.repeat(rows // requests)
    scale = hook.state.scale_of_request.repeat(rows // requests)
    down, up = hook.active_down[slots], hook.active_up[slots]
    x = _cast(x, down)
    hidden = torch.bmm(x.reshape(rows, -1, x.shape[-1]), down.mT) * scale.view(-1, 1, 1)
    flat = output.reshape(rows, -1, output.shape[-1])
    return _add_product(flat, hidden, up.mT).view_as(output)


def _cast(x: Tensor, weights: Tensor) -> Tensor:
    """Autocast chooses the precision where it is on; else the LoRA's own, float32 on a bf16 base:
    steps of 1e-4 vanish in bf16's eight bits."""
    return x if torch.is_autocast_enabled(x.device.type) else x.to(weights.dtype)


def _add_product(output: Tensor, hidden: Tensor, up: Tensor, scale: float = 1.0) -> Tensor:
    """Compute output + scale * hidden @ up, in one kernel where the precisions agree."""
    if output.dtype != hidden.dtype:
        return output + (scale * (hidden @ up)).to(output.dtype)
    kernel = torch.addmm if output.dim() == 2 else torch.baddbmm
    return kernel(output, hidden, up, beta=1, alpha=scale)
