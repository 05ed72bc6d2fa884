"""A template's style LoRA and reference picture."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.engine.messages import (
    BadLora,
    EngineError,
    Reference,
    StyleLora,
)
from pipeline.lora import lora_file
from tests.pipeline.painting.harness import MakeRequest, Open, pixels

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.mark.parametrize("name", ["mini", "sd15"])
def test_a_style_is_active_beside_the_person_and_unloaded(
    opened: Open, paint_request: MakeRequest, name: str
) -> None:
    harness = opened(name)
    person, style = harness.lora(1), harness.lora(2)
    request = paint_request(name, lora=person)
    plain, bad, styled = harness.paint(
        request,
        replace(request, style=StyleLora(b"none", 1.0)),
        replace(request, style=StyleLora(style, 0.8)),
    )
    assert isinstance(plain, tuple)
    assert isinstance(styled, tuple)
    assert isinstance(bad, BadLora)
    assert np.abs(pixels(plain[0]) - pixels(styled[0])).max() > 20
    assert harness.pictures(request) == plain, "the style stayed"


def test_half_a_style_is_none(opened: Open, paint_request: MakeRequest) -> None:
    """A file for a larger base: the diffusers alone would take what fits, with a warning."""
    harness = opened()
    layout, shape = harness.lora_cache.injector.layout, lora_file.LoraShape.of(harness.recipe.train)
    pairs = layout.unpack(torch.zeros(layout.length))
    name, (down, up) = next(iter(pairs.items()))
    pairs[name.replace("0", "77")] = down.clone(), up.clone()
    larger = lora_file.to_bytes(pairs, harness.base.prefix, shape, {})
    request = paint_request(style=StyleLora(larger, 1.0))
    assert isinstance(harness.paint(request)[0], BadLora)
    assert not getattr(harness.base.inference_denoiser, "peft_config", None)


def picture_file(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_a_designers_picture_is_started_from(opened: Open, paint_request: MakeRequest) -> None:
    harness = opened(output_short_side=32)
    start = np.zeros((90, 90, 3), np.uint8)
    start[:, 45:] = 250
    mask = np.zeros((90, 90), np.uint8)
    mask[:, 45:] = 255
    whole = Reference(picture_file(start), None, 0.7)
    half = Reference(picture_file(start), picture_file(mask), 0.9)
    (drawn,) = harness.pictures(paint_request(reference=whole))
    (plain,) = harness.pictures(paint_request())
    (kept,) = harness.pictures(paint_request(reference=half))
    assert np.abs(pixels(drawn) - pixels(plain)).mean() > 3
    upper = pixels(kept)[:20]  # above the label
    assert upper[:, :12].max() <= 12, "the designer's half was painted over"
    assert upper[:, 20:].std() > 10, "the other half was not painted"
    broken = harness.paint(paint_request(reference=Reference(b"none", None, 0.5)), paint_request())
    assert isinstance(broken[0], EngineError)
    assert broken[1] == (plain,)
