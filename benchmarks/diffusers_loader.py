"""diffusers' and peft's LoRA loading by their documented calls: the baseline of the benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from benchmarks.training.case import Given
from pipeline.child.warm_models import LoadedBase
from pipeline.families import SamplingRequest, ignore_step
from pipeline.families.sd import StableDiffusion

ADAPTER = "customer"


class Loader:
    """A second base of the same weights, on which LoRAs come and go by diffusers and peft."""

    def __init__(self, loaded_base: LoadedBase, given: Given, device: str) -> None:
        from pipeline import families

        base = families.load(loaded_base.recipe, loaded_base.source, device)
        assert isinstance(base, StableDiffusion)
        self.base, self.pipe = base, base.pipe
        self.size = (given.case.resolution,) * 2

    def swap(self, file: Path) -> None:
        """Load and unload again, as without any cache."""
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

    def paint(self, request: SamplingRequest) -> Any:
        with torch.no_grad():
            return self.base.sample([request], self.size, ignore_step)
