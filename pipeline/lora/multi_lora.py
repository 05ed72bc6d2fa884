"""LoRAs of several people on one denoiser at once, each on the rows of a batch that are theirs.

A forward hook on every target Linear adds up(down(x)) to what the Linear gave; no module is
replaced, so a designer's style LoRA may come through diffusers' own loader beside it. What a hook
reads lies in fixed buffers: another customer is another copy into them, one memory copy for all
layers, and a compiled denoiser stays compiled.

    learning   row i of k*b rows belongs to customer i // b; gradients flow to each one's own row
    worn       row j belongs to ask j % n: with classifier-free guidance a batch has 2n rows
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from pipeline.engine.messages import RecipeError
from pipeline.lora import lora_file
from pipeline.lora.hooks import HookState, LoraHook, Mode, add
from pipeline.lora.lora_file import LoraLayout


@dataclass(frozen=True, slots=True)
class ActiveLora:
    """A loaded LoRA, by the key that `MultiLoraInjector.load` gave, and how strongly it is worn
    (0..2)."""

    lora: str
    weight: float


class MultiLoraInjector:
    """The hooks and buffers on one denoiser. `shape` is that of the LoRAs that learn here.

    unguided   share of a worn LoRA's weight in every second forward: the pass without the prompt
               of a sampler that asks with it and without it by turns; 1: both wear the same

    Loaded LoRAs may have another rank or other targets: the buffers grow once, and loaded ones
    are filled up with zeros. Not for two threads.
    """

    def __init__(
        self, denoiser: nn.Module, shape: lora_file.LoraShape, unguided: float = 1.0
    ) -> None:
        self.prefix = "unet" if isinstance(denoiser, UNet2DConditionModel) else "transformer"
        self._state = HookState(shape.scale)
        self._linears = {n: m for n, m in denoiser.named_modules() if isinstance(m, nn.Linear)}
        self._widths = {n: (m.in_features, m.out_features) for n, m in self._linears.items()}
        targets = [name for name, _ in denoiser.named_modules() if shape.names(name)]
        strange = [name for name in targets if name not in self._linears]
        if strange or not targets:
            raise RecipeError(f"train.targets: {(strange or shape.targets)[0]} is no Linear")
        self.layout = LoraLayout({name: self._widths[name] for name in targets}, shape.rank)
        first = self._linears[targets[0]].weight
        self.device, self._dtype = first.device, first.dtype
        self._held: dict[str, Tensor] = {}
        self._pegs: dict[str, LoraHook] = {}
        self._crowd: list[nn.Parameter] = []
        self._gradients = torch.zeros(0)
        self._wide = self.layout
        self._unguided = unguided
        self._turns: Iterator[Tensor] = itertools.repeat(self._state.weight)
        denoiser.register_forward_pre_hook(self._next_turn)
        # Gradients lie side by side in one matrix on purpose: autograd finds that odd, and says so.
        warnings.filterwarnings("ignore", message="grad and param do not obey")
        self._hang(targets)
        self._make_slots(1)

    # -- learning

    @contextlib.contextmanager
    def learning(self, crowd: Sequence[nn.Parameter]) -> Iterator[None]:
        """Rows are split evenly between the `crowd`; forward and backward both happen inside.

        crowd   one flat row of `layout` each, float32. Their data and their gradients become views
                of one matrix; the gradients are forgotten on entering.
        """
        if not self._seated(crowd):
            self._seat(crowd)
        self._gradients.zero_()
        with self._in_mode("learning"):
            yield

    def _seated(self, crowd: Sequence[nn.Parameter]) -> bool:
        return len(crowd) == len(self._crowd) and all(
            one is other for one, other in zip(crowd, self._crowd, strict=True)
        )

    def _seat(self, crowd: Sequence[nn.Parameter]) -> None:
        """Copy everyone's row into one new matrix, and let the hooks learn on views of it."""
        rows = torch.stack([one.detach().to(self.device) for one in crowd])
        self._gradients, self._crowd = torch.zeros_like(rows), list(crowd)
        for number, one in enumerate(crowd):
            one.data, one.grad = rows[number], self._gradients[number]
        theirs = zip(self.layout.views(rows), self.layout.views(self._gradients), strict=True)
        for (name, down, up), (_, down_gradient, up_gradient) in theirs:
            peg = self._pegs[name]
            peg.taught_down, peg.taught_up = down.requires_grad_(), up.requires_grad_()
            down.grad, up.grad = down_gradient, up_gradient

    def leave(self) -> None:
        """Nobody learns any more: free what the last crowd held."""
        for peg in self._pegs.values():
            peg.taught_down = peg.taught_up = torch.zeros(0)
        self._crowd, self._gradients = [], torch.zeros(0)

    # -- painting

    def load(self, file: bytes) -> str:
        """Hold a LoRA file ready; its key, named by content. BadLora: it does not fit the base.

        By content, because a customer who was trained anew must not get the old face.
        """
        key = hashlib.sha256(file).hexdigest()
        if key not in self._held:
            pairs, rank = lora_file.pairs_of(file, self.prefix, self._widths)
            self._widen(pairs, rank)
            self._held[key] = self._wide.pack(pairs).to(self.device, self._dtype)
        return key

    def holds(self, key: str) -> bool:
        return key in self._held

    def drop(self, key: str) -> None:
        self._held.pop(key, None)

    def bytes_of(self, key: str) -> int:
        """The memory that a held LoRA takes."""
        return int(self._held[key].nbytes)

    @contextlib.contextmanager
    def worn(self, wearers: Sequence[ActiveLora | None]) -> Iterator[None]:
        """Paint with one LoRA per ask; None is the bare base. Every key must be held."""
        keys = list(dict.fromkeys(worn.lora for worn in wearers if worn and worn.weight))
        if not keys:
            with self._in_mode("bare"):
                yield
            return
        self._put(keys)
        owners = [keys.index(worn.lora) if worn and worn.weight else 0 for worn in wearers]
        weights = [worn.weight if worn else 0.0 for worn in wearers]
        self._state.owner = torch.tensor(owners, device=self.device)
        weight = torch.tensor(weights, device=self.device, dtype=self._dtype)
        self._turns = itertools.cycle((weight, weight * self._unguided))
        with self._in_mode("one" if len(set(wearers)) == 1 else "many"):
            yield

    def _next_turn(self, denoiser: nn.Module, args: object) -> None:
        """Before every forward: the weights of this pass, with the prompt or without."""
        if self._state.mode in ("one", "many"):
            self._state.weight = next(self._turns)

    def _put(self, keys: list[str]) -> None:
        """Slot i holds keys[i]; one that lies there already is not copied again."""
        if len(keys) > len(self._slots):
            self._make_slots(1 << (len(keys) - 1).bit_length())
        for slot, key in enumerate(keys):
            if self._in_slot[slot] != key:
                self._slots[slot].copy_(self._held[key])
                self._in_slot[slot] = key

    def _make_slots(self, count: int) -> None:
        self._slots = torch.zeros(count, self._wide.length, device=self.device, dtype=self._dtype)
        self._in_slot: list[str | None] = [None] * count
        for name, down, up in self._wide.views(self._slots):
            self._pegs[name].worn_down, self._pegs[name].worn_up = down, up

    def _widen(self, pairs: lora_file.Pairs, rank: int) -> None:
        """Room for a LoRA of a higher rank or of more modules than any before it."""
        old = self._wide
        new = [name for name in pairs if name not in old.widths]
        if not new and rank <= old.rank:
            return
        widths = dict(old.widths) | {name: self._widths[name] for name in new}
        self._wide = LoraLayout(widths, max(rank, old.rank))
        self._held = {
            key: self._wide.pack(old.unpack(row)).to(self.device, self._dtype)
            for key, row in self._held.items()
        }
        self._hang(new)
        self._make_slots(len(self._slots))
        torch.compiler.reset()  # a graph made before a hook came would leave it out silently

    def _hang(self, names: Sequence[str]) -> None:
        for name in names:
            linear, self._pegs[name] = self._linears[name], LoraHook(self._state)
            linear.peg = self._pegs[name]
            linear.register_forward_hook(add)

    @contextlib.contextmanager
    def _in_mode(self, mode: Mode) -> Iterator[None]:
        before, self._state.mode = self._state.mode, mode
        try:
            yield
        finally:
            self._state.mode = before
