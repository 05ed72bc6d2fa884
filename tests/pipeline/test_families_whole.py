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
def room(
    request: pytest.FixtureRequest, tiny_recipe: Callable[..., Recipe], bases: Path
) -> LoadedBase:
    return open_loaded_base(tiny_recipe(request.param), ChildSettings(bases=bases))


def learned(room: LoadedBase, order: TrainRequest, cache: Path) -> TrainedLora:
    (trained,) = train(
        room.base, room.rack, room.wardrobe, room.recipe, room.source.fingerprint,
        [order], lambda place, news: None, lambda: None, cache,
    )  # fmt: skip
    assert isinstance(trained, TrainedLora)
    return trained


def painted(room: LoadedBase, *orders: PaintRequest) -> list[np.ndarray]:
    """The first picture of each order."""
    made = paint(room.base, room.wardrobe, room.recipe, orders, lambda place, news: None)
    pictures = [one[0] for one in made if isinstance(one, tuple)]
    assert len(pictures) == len(orders)
    return [pixels(picture) for picture in pictures]


def pixels(picture: PaintedImage) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.image)).convert("RGB"), dtype=np.int16)


def weights_of(room: LoadedBase) -> list[torch.Tensor]:
    networks = {room.base.trained, room.base.painter}
    return [value.clone() for network in networks for value in network.state_dict().values()]


def png(image: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def test_photos_become_portraits_and_a_file_that_diffusers_reads(
    room: LoadedBase,
    train_order: Callable[..., TrainRequest],
    paint_order: Callable[..., PaintRequest],
    tmp_path: Path,
) -> None:
    before = weights_of(room)
    trained = learned(room, train_order(room.recipe.name), tmp_path)
    file = trained.kept[trained.best].lora
    layers, facts = lora_file.from_bytes(file, room.base.prefix)
    moved = [key for key, value in layers.items() if "lora_B" in key and value.abs().max() > 0]
    assert len(moved) == len(layers) / 2, "some layers learned nothing"
    assert facts["recipe"] == room.recipe.hash
    assert facts["base_fingerprint"] == room.source.fingerprint

    wish = {"prompt": "a man", "seeds": (5,), "weight": 2.0}
    mine = {"lora": file, "avatar": "x"}
    bare, worn, off = painted(
        room,
        paint_order(room.recipe.name, **wish),
        paint_order(room.recipe.name, **wish, **mine),
        paint_order(room.recipe.name, **(wish | {"weight": 0.0}), **mine),
    )
    assert not np.array_equal(bare, worn), "the LoRA changed nothing"
    assert np.abs(bare - off).max() <= 2, "weight 0 is not the bare base"
    started = Reference(png(np.full((64, 64, 3), 90, np.uint8)), png(mask()), 0.9)
    (inside,) = painted(room, paint_order(room.recipe.name, **wish, **mine, reference=started))
    kept = inside[:32, 40:]  # of 64 x 64; the label is below, the mask to the left
    assert np.abs(kept - 90).max() <= 8, "outside of the mask it was painted"
    assert all(map(torch.equal, before, weights_of(room))), "something was left on the base"
    paints_the_same(room, file, tmp_path)


def mask() -> np.ndarray:
    left = np.zeros((64, 64), np.uint8)
    left[:, :32] = 255
    return left


def paints_the_same(room: LoadedBase, file: bytes, folder: Path) -> None:
    """A customer may take the LoRA elsewhere; alpha differs from rank, so a loss would show."""
    base, asks = room.base, [SamplingRequest("a man", "", 5)]
    key = room.wardrobe.fetch(file)
    with torch.no_grad():
        (bare,) = base.sample(asks, SIZE, lambda step: None)
        with room.wardrobe.worn([ActiveLora(key, 1.0)]):
            (ours,) = base.sample(asks, SIZE, lambda step: None)
        (folder / "theirs.safetensors").write_bytes(file)
        base.pipe.load_lora_weights(str(folder), weight_name="theirs.safetensors")  # type: ignore[attr-defined]
        (theirs,) = base.sample(asks, SIZE, lambda step: None)
        base.pipe.unload_lora_weights()  # type: ignore[attr-defined]
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert not np.array_equal(ours, bare)
