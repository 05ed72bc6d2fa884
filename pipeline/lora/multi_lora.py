"""LoRAs of several people on one denoiser at once, each on its own rows of a batch.

A forward hook on every target Linear adds up(down(x)) to what the Linear gave; no module is
replaced, so a designer's style LoRA may come through diffusers' own loader beside it. The hooks
read fixed buffers: to switch to another customer is to copy into them, one memory copy for all
layers, and a compiled denoiser stays compiled.

    training    row i of k*b rows belongs to customer i // b; gradients flow to each one's own LoRA
    inference   row j belongs to request j % n: with classifier-free guidance a batch has 2n rows
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from pipeline.engine.messages import RecipeError
from pipeline.lora import lora_file
from pipeline.lora.hooks import HookState, LoraHook, Mode, add_lora
from pipeline.lora.lora_file import LoraLayout


@dataclass(frozen=True, slots=True)
class ActiveLora:
    """A LoRA to paint with: the key that `MultiLoraInjector.load` gave, and its scale (0..2)."""

    key: str
    scale: float


class MultiLoraInjector:
    """The hooks and buffers on one denoiser. `shape` is that of the LoRAs that are trained here.

    uncond_lora_scale   share of a LoRA's scale in every second forward: the pass without the
                        prompt of a sampler that does the two passes in turn; 1: both alike

    Loaded LoRAs may have another rank or other targets: the buffers grow once, and the loaded
    LoRAs are padded with zeros. Not thread-safe.
    """

    def __init__(
        self, denoiser: nn.Module, shape: lora_file.LoraShape, uncond_lora_scale: float = 1.0
    ) -> None:
        self.prefix = "unet" if isinstance(denoiser, UNet2DConditionModel) else "transformer"
        self._state = HookState(shape.scale)
        self._linears = {n: m for n, m in denoiser.named_modules() if isinstance(m, nn.Linear)}
        self._widths = {n: (m.in_features, m.out_features) for n, m in self._linears.items()}
        targets = [name for name, _ in denoiser.named_modules() if shape.matches(name)]
        not_linear = [name for name in targets if name not in self._linears]
        if not_linear or not targets:
            raise RecipeError(f"train.targets: {(not_linear or shape.targets)[0]} is no Linear")
        self.layout = LoraLayout({name: self._widths[name] for name in targets}, shape.rank)
        first = self._linears[targets[0]].weight
        self.device, self._dtype = first.device, first.dtype
        self._loaded: dict[str, Tensor] = {}
        self._hooks: dict[str, LoraHook] = {}
        self._trained: list[nn.Parameter] = []
        self._matrix = self._gradients = torch.zeros(0)
        self._buffer_layout = self.layout
        self._uncond_lora_scale = uncond_lora_scale
        self._scales: Iterator[Tensor] = itertools.repeat(self._state.scale_of_request)
        denoiser.register_forward_pre_hook(self._before_forward)
        self._add_hooks(targets)
        self._allocate_buffers(1)

    # -- training

    @contextlib.contextmanager
    def training(self, vectors: Sequence[nn.Parameter]) -> Iterator[None]:
        """Train these LoRAs on equal shares of a batch's rows; run forward and backward inside.

        vectors   one flat vector of `layout` each, float32. Their data and their gradients become
                  views of one matrix; the gradients are set to zero on entering.
        """
        if not self._are_bound(vectors):
            self._bind(vectors)
        self._gradients.zero_()
        with self._in_mode("training"):
            yield

    def _are_bound(self, vectors: Sequence[nn.Parameter]) -> bool:
        return len(vectors) == len(self._trained) and all(
            one is other for one, other in zip(vectors, self._trained, strict=True)
        )

    def _bind(self, vectors: Sequence[nn.Parameter]) -> None:
        """Copy all vectors into one new matrix, of which they become views."""
        matrix = torch.stack([vector.detach().to(self.device) for vector in vectors])
        self._gradients = torch.zeros_like(matrix)
        for number, vector in enumerate(vectors):
            vector.data, vector.grad = matrix[number], self._gradients[number]
        self._trained, self._matrix = list(vectors), matrix.requires_grad_()
        matrix.grad = self._gradients

    def _share_out(self) -> None:
        """Give every hook its part of the matrix, in the precision of the forward: one cast for all
        layers, and on the way back one concatenation of their gradients."""
        kind = self.device.type
        autocast = torch.is_autocast_enabled(kind)
        dtype = torch.get_autocast_dtype(kind) if autocast else self._matrix.dtype
        for name, down, up in self.layout.views(self._matrix.to(dtype)):
            self._hooks[name].trained_down, self._hooks[name].trained_up = down, up

    def end_training(self) -> None:
        """Free the matrix of the LoRAs that were trained last."""
        for hook in self._hooks.values():
            hook.trained_down = hook.trained_up = torch.zeros(0)
        self._trained = []
        self._matrix = self._gradients = torch.zeros(0)

    # -- inference

    def load(self, file: bytes) -> str:
        """Keep a LoRA file's weights on the device; its key, the hash of its content.

        By content, because a customer who was trained anew must not get the old face.
        BadLora: it does not fit the base.
        """
        key = hashlib.sha256(file).hexdigest()
        if key not in self._loaded:
            pairs, rank = lora_file.read_pairs(file, self.prefix, self._widths)
            self._grow_buffers(pairs, rank)
            self._loaded[key] = self._buffer_layout.pack(pairs).to(self.device, self._dtype)
        return key

    def is_loaded(self, key: str) -> bool:
        return key in self._loaded

    def unload(self, key: str) -> None:
        self._loaded.pop(key, None)

    def size_bytes(self, key: str) -> int:
        """The memory that a loaded LoRA takes."""
        return int(self._loaded[key].nbytes)

    @contextlib.contextmanager
    def activate(self, loras: Sequence[ActiveLora | None]) -> Iterator[None]:
        """Paint with one LoRA per request; None is the bare base. Every key must be loaded."""
        keys = list(dict.fromkeys(lora.key for lora in loras if lora and lora.scale))
        if not keys:
            with self._in_mode("off"):
                yield
            return
        self._fill_buffers(keys)
        slots = [keys.index(lora.key) if lora and lora.scale else 0 for lora in loras]
        scales = [lora.scale if lora else 0.0 for lora in loras]
        self._state.slot_of_request = torch.tensor(slots, device=self.device)
        scale = torch.tensor(scales, device=self.device, dtype=self._dtype)
        self._scales = itertools.cycle((scale, scale * self._uncond_lora_scale))
        with self._in_mode("shared" if len(set(loras)) == 1 else "per_request"):
            yield

    def _before_forward(self, denoiser: nn.Module, args: object) -> None:
        """The weights in training, or the scales of this pass, with the prompt or without."""
        if self._state.mode == "training":
            self._share_out()
        if self._state.mode in ("shared", "per_request"):
            self._state.scale_of_request = next(self._scales)

    def _fill_buffers(self, keys: list[str]) -> None:
        """Slot i holds keys[i]; one that lies there already is not copied again."""
        if len(keys) > len(self._buffers):
            self._allocate_buffers(1 << (len(keys) - 1).bit_length())
        for slot, key in enumerate(keys):
            if self._key_in_slot[slot] != key:
                self._buffers[slot].copy_(self._loaded[key])
                self._key_in_slot[slot] = key

    def _allocate_buffers(self, slots: int) -> None:
        layout = self._buffer_layout
        self._buffers = torch.zeros(slots, layout.length, device=self.device, dtype=self._dtype)
        self._key_in_slot: list[str | None] = [None] * slots
        for name, down, up in layout.views(self._buffers):
            self._hooks[name].active_down, self._hooks[name].active_up = down, up

    def _grow_buffers(self, pairs: lora_file.Pairs, rank: int) -> None:
        """Make room for a LoRA of a higher rank or of more modules than any before it."""
        old = self._buffer_layout
        new = [name for name in pairs if name not in old.widths]
        if not new and rank <= old.rank:
            return
        widths = dict(old.widths) | {name: self._widths[name] for name in new}
        layout = self._buffer_layout = LoraLayout(widths, max(rank, old.rank))
        self._loaded = {
            key: layout.pack(old.unpack(vector)).to(self.device, self._dtype)
            for key, vector in self._loaded.items()
        }
        self._add_hooks(new)
        self._allocate_buffers(len(self._buffers))
        torch.compiler.reset()  # a graph made before a hook came would leave it out silently

    def _add_hooks(self, names: Sequence[str]) -> None:
        for name in names:
            linear, self._hooks[name] = self._linears[name], LoraHook(self._state)
            linear.lora_hook = self._hooks[name]
            linear.register_forward_hook(add_lora)

    @contextlib.contextmanager
    def _in_mode(self, mode: Mode) -> Iterator[None]:
        before, self._state.mode = self._state.mode, mode
        try:
            yield
        finally:
            self._state.mode = before
