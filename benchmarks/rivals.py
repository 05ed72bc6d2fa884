"""diffusers' own ways with a LoRA, where there is no script to run: its documented calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from benchmarks.training.case import Given
from pipeline.child.warm_models import LoadedBase
from pipeline.families import SamplingRequest, unheard
from pipeline.families.sd import StableDiffusion

ADAPTER = "customer"


class Loader:
    """A second base of the same weights, on which LoRAs come and go by diffusers and peft."""

    def __init__(self, room: LoadedBase, given: Given, device: str) -> None:
        from pipeline import families

        base = families.load(room.recipe, room.source, device)
        assert isinstance(base, StableDiffusion)
        self.base, self.pipe = base, base.pipe
        self.size = (given.case.resolution,) * 2

    def swap(self, file: Path) -> None:
        """Load, and unload again: what a studio does that keeps nothing."""
        self.load(file)
        self.pipe.unload_lora_weights()

    def load(self, file: Path) -> None:
        self.pipe.load_lora_weights(file.parent, weight_name=file.name, adapter_name=ADAPTER)

    def hotswap(self, file: Path) -> None:
        """diffusers' hot swap: another LoRA's values into an adapter that is loaded."""
        loaded = bool(getattr(self.pipe.unet, "peft_config", {}))
        self.pipe.load_lora_weights(
            file.parent, weight_name=file.name, adapter_name=ADAPTER, hotswap=loaded
        )

    def paint(self, ask: SamplingRequest) -> Any:
        with torch.no_grad():
            return self.base.sample([ask], self.size, unheard)
