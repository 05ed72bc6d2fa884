"""From photos to portraits with every base, through the very code that serves customers."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.child.warm_models import LoadedBase, open_loaded_base
from pipeline.engine.engine import ChildSettings
from pipeline.engine.messages import (
    PaintedImage,
    PaintRequest,
    Reference,
    TrainedLora,
    TrainRequest,
)
from pipeline.families import SamplingRequest
from pipeline.lora import lora_file
from pipeline.lora.multi_lora import ActiveLora
from pipeline.models.recipe import Recipe
from pipeline.painting.paint import paint
from pipeline.training.train import train
from tests.pipeline import tiny_bases as tiny

pytestmark = pytest.mark.slow  # every architecture, trained and painted with

SIZE = (32, 32)


@pytest.fixture(params=sorted(tiny.MAKERS))
def loaded_base(
    request: pytest.FixtureRequest, tiny_recipe: Callable[..., Recipe], bases: Path
) -> LoadedBase:
    return open_loaded_base(tiny_recipe(request.param), ChildSettings(bases=bases))


def learned(loaded_base: LoadedBase, request: TrainRequest, cache: Path) -> TrainedLora:
    (trained,) = train(
        loaded_base.base, loaded_base.injector, loaded_base.lora_cache, loaded_base.recipe,
        loaded_base.source.fingerprint, [request], lambda index, news: None, lambda: None, cache,
    )  # fmt: skip
    assert isinstance(trained, TrainedLora)
    return trained


def painted(loaded_base: LoadedBase, *requests: PaintRequest) -> list[np.ndarray]:
    """The first picture of each request."""
    made = paint(
        loaded_base.base,
        loaded_base.lora_cache,
        loaded_base.recipe,
        requests,
        lambda index, news: None,
    )
    pictures = [one[0] for one in made if isinstance(one, tuple)]
    assert len(pictures) == len(requests)
    return [pixels(picture) for picture in pictures]


def pixels(picture: PaintedImage) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.image)).convert("RGB"), dtype=np.int16)


def weights_of(loaded_base: LoadedBase) -> list[torch.Tensor]:
    networks = {loaded_base.base.train_denoiser, loaded_base.base.inference_denoiser}
    return [value.clone() for network in networks for value in network.state_dict().values()]


def png(image: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def test_photos_become_portraits_and_a_file_that_diffusers_reads(
    loaded_base: LoadedBase,
    train_request: Callable[..., TrainRequest],
    paint_request: Callable[..., PaintRequest],
    tmp_path: Path,
) -> None:
    before = weights_of(loaded_base)
    trained = learned(loaded_base, train_request(loaded_base.recipe.name), tmp_path)
    file = trained.kept[trained.best].lora
    layers, facts = lora_file.from_bytes(file, loaded_base.base.prefix)
    moved = [key for key, value in layers.items() if "lora_B" in key and value.abs().max() > 0]
    assert len(moved) == len(layers) / 2, "some layers learned nothing"
    assert facts["recipe"] == loaded_base.recipe.hash
    assert facts["base_fingerprint"] == loaded_base.source.fingerprint

    wish = {"prompt": "a man", "seeds": (5,), "weight": 2.0}
    mine = {"lora": file, "avatar": "x"}
    bare, active, off = painted(
        loaded_base,
        paint_request(loaded_base.recipe.name, **wish),
        paint_request(loaded_base.recipe.name, **wish, **mine),
        paint_request(loaded_base.recipe.name, **(wish | {"weight": 0.0}), **mine),
    )
    assert not np.array_equal(bare, active), "the LoRA changed nothing"
    assert np.abs(bare - off).max() <= 2, "weight 0 is not the bare base"
    started = Reference(png(np.full((64, 64, 3), 90, np.uint8)), png(mask()), 0.9)
    (inside,) = painted(
        loaded_base, paint_request(loaded_base.recipe.name, **wish, **mine, reference=started)
    )
    kept = inside[:32, 40:]  # of 64 x 64; the label is below, the mask to the left
    assert np.abs(kept - 90).max() <= 8, "outside of the mask it was painted"
    assert all(map(torch.equal, before, weights_of(loaded_base))), "something was left on the base"
    paints_the_same(loaded_base, file, tmp_path)


def mask() -> np.ndarray:
    left = np.zeros((64, 64), np.uint8)
    left[:, :32] = 255
    return left


def paints_the_same(loaded_base: LoadedBase, file: bytes, folder: Path) -> None:
    """A customer may take the LoRA elsewhere; alpha differs from rank, so a loss would show."""
    base, requests = loaded_base.base, [SamplingRequest("a man", "", 5)]
    key = loaded_base.lora_cache.fetch(file)
    with torch.no_grad():
        (bare,) = base.sample(requests, SIZE, lambda step: None)
        with loaded_base.lora_cache.activate([ActiveLora(key, 1.0)]):
            (ours,) = base.sample(requests, SIZE, lambda step: None)
        (folder / "theirs.safetensors").write_bytes(file)
        base.pipe.load_lora_weights(str(folder), weight_name="theirs.safetensors")  # type: ignore[attr-defined]
        (theirs,) = base.sample(requests, SIZE, lambda step: None)
        base.pipe.unload_lora_weights()  # type: ignore[attr-defined]
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert not np.array_equal(ours, bare)
