"""The scale of a LoRA in the pass without the prompt. peft is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline import families
from pipeline.families import Base, InitialImage, SamplingRequest
from pipeline.lora import lora_file
from pipeline.lora.multi_lora import ActiveLora
from tests.pipeline.painting.harness import Open, PaintHarness

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.mark.parametrize("kind", ["text_to_image", "image_to_image", "inpaint"])
def test_the_lora_is_weaker_in_the_pass_without_the_prompt(opened: Open, kind: str) -> None:
    """Compared with peft, whose scale is set by which prompt a pass has."""
    less, classic = opened(uncond_lora_scale=0.25, guidance=3.0), opened(guidance=3.0)
    mask = np.tri(32, dtype=np.uint8) * 255 if kind == "inpaint" else None
    grey = np.full((32, 32, 3), 99, np.uint8)
    start = None if kind == "text_to_image" else InitialImage(grey, mask, 0.8)
    request, file = SamplingRequest("ohwx man", "blurred", 5, start), less.lora(1)
    made, other = (painted_once(harness, file, request) for harness in (less, classic))
    expected = painted_by_peft(opened(guidance=3.0).base, file, request, 0.25)
    assert np.abs(made - expected).max() <= 2
    assert np.abs(made - other).max() > 8


def painted_once(harness: PaintHarness, file: bytes, request: SamplingRequest) -> np.ndarray:
    with (
        torch.no_grad(),
        harness.lora_cache.activate([ActiveLora(harness.lora_cache.fetch(file), 1.0)]),
    ):
        (made,) = harness.base.sample([request], (32, 32), families.ignore_step)
    return made.astype(int)


def painted_by_peft(
    base: Base, file: bytes, request: SamplingRequest, uncond_lora_scale: float
) -> np.ndarray:
    """What diffusers' own loader paints with less of the LoRA wherever the negative is asked."""
    values, metadata = lora_file.from_bytes(file, base.prefix)
    shape = lora_file.read_shape(metadata, base.prefix)
    config = {"r": shape.rank, "lora_alpha": shape.alpha, "target_modules": list(shape.targets)}
    base.inference_denoiser.load_lora_adapter(
        values, prefix=None, adapter_name="oracle", metadata=config
    )
    unwanted = base.encode_prompts([request.negative])[0]["pooled"]

    def set_scale(painter: torch.nn.Module, args: object, inputs: dict[str, torch.Tensor]) -> None:
        without = torch.allclose(inputs["pooled_projections"][0], unwanted, atol=1e-5)
        base.inference_denoiser.set_adapters(["oracle"], [uncond_lora_scale if without else 1.0])

    base.inference_denoiser.register_forward_pre_hook(set_scale, with_kwargs=True)
    with torch.no_grad():
        (made,) = base.sample([request], (32, 32), families.ignore_step)
    return made.astype(int)
