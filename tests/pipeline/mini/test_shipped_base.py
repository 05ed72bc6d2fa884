"""The embedded base as it ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline
from PIL import Image

from pipeline.mini import align, autoencoder, dataset, vocabulary

pytestmark = pytest.mark.slow  # torch, and training or painting with it


CHECKOUT = Path(__file__).resolve().parents[3]


BASE = CHECKOUT / "pipeline" / "bases" / "mini"


CUSTOMER = CHECKOUT / "deploy" / "demo" / "customer"


needs_base = pytest.mark.skipif(not BASE.is_dir(), reason="the base is not in this checkout")


@pytest.fixture(scope="module")
def pipe() -> FluxPipeline:
    pipe = FluxPipeline.from_pretrained(BASE, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@needs_base
def test_the_shipped_base_is_small_and_sealed() -> None:
    from pipeline.models import weights

    weights.check(BASE)
    assert sum(path.stat().st_size for path in BASE.rglob("*") if path.is_file()) < 32_000_000


@needs_base
def test_the_shipped_base_paints(pipe: FluxPipeline) -> None:
    painted = pipe(
        "portrait of a woman, blue background",
        negative_prompt="",
        true_cfg_scale=2.0,
        num_inference_steps=4,
        height=256,
        width=256,
        max_sequence_length=vocabulary.MAX_TOKENS,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images[0]
    assert painted.shape == (256, 256, 3)
    assert np.isfinite(painted).all()
    assert painted.std() > 0.02


@needs_base
def test_the_shipped_tokenizer_is_the_one_that_the_code_builds(pipe: FluxPipeline) -> None:
    text = "Studio portrait of ohwx man, dark background, whatever else"
    built = vocabulary.build_tokenizer()
    assert pipe.tokenizer(text).input_ids == built(text).input_ids
    assert pipe.tokenizer_2(text).input_ids == built(text).input_ids


@needs_base
def test_a_face_survives_the_autoencoder(pipe: FluxPipeline) -> None:
    cuts = [
        portrait
        for path in sorted(CUSTOMER.glob("*.jpg"))
        if (portrait := _portrait(path)) is not None
    ]
    if not cuts:
        pytest.skip("no sample customer in this checkout")
    pixels = autoencoder.as_pixels(np.stack(cuts[:8]))
    with torch.no_grad():
        back = pipe.vae.decode(pipe.vae.encode(pixels).latent).sample.clamp(-1, 1)
    error = (back - pixels).square().mean(dim=(1, 2, 3)) / 4
    assert (-10 * error.log10()).median() >= 28


def _portrait(path: Path) -> align.Image | None:
    image = np.asarray(Image.open(path).convert("RGB"))
    face = align.find_face(image)
    return (
        None
        if face is None
        else align.crop_square(image, face, align.MiniFraming(), dataset.PIXELS)
    )
