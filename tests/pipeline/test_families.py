"""Every family trains and paints, with tiny random weights, through the very same code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline import families, label, lora, weights
from pipeline.families import Base
from pipeline.orders import BadLora, PaintOrder, Progress, Stage, TrainOrder
from pipeline.paint import Wardrobe, paint
from pipeline.recipe import Recipe
from pipeline.train import train
from tests.pipeline import tiny_bases as tiny

NAMES = sorted(tiny.MAKERS)

pytestmark = pytest.mark.slow  # every architecture, built, trained and painted


class Room:
    """One tiny base with what it needs to train and paint."""

    def __init__(self, recipe: Recipe, bases: Path) -> None:
        self.recipe = recipe
        self.source = weights.locate(recipe, bases)
        self.base: Base = families.load(recipe, self.source, "cpu")
        self.wardrobe = Wardrobe(self.base, 2)
        self.news: list[Progress] = []

    def train(self, order: TrainOrder, slices: int = 1) -> bytes:
        report = self.news.append
        print_ = self.source.fingerprint
        return train(self.base, self.recipe, print_, order, report, slices).lora

    def paint(self, order: PaintOrder) -> list[np.ndarray]:
        made = paint(self.base, self.recipe, self.wardrobe, order, self.news.append)
        return [np.asarray(Image.open(io.BytesIO(p.image)), dtype=np.int16) for p in made]

    def state(self) -> dict[str, torch.Tensor]:
        return {k: v.clone() for k, v in self.base.denoiser.state_dict().items()}


@pytest.fixture
def room(tiny_recipe: Callable[..., Recipe], bases: Path) -> Callable[[str], Room]:
    return lambda name: Room(tiny_recipe(name), bases)


@pytest.fixture(params=NAMES)
def each(request: pytest.FixtureRequest, room: Callable[[str], Room]) -> Iterator[Room]:
    return room(request.param)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


def test_trains_then_paints(
    each: Room, train_order: Callable[..., TrainOrder], paint_order: Callable[..., PaintOrder]
) -> None:
    before = each.state()
    file = each.train(train_order(each.recipe.name))
    assert same(before, each.state()), "training left something on the base"

    layers, facts = lora.from_bytes(file, each.base.prefix)
    moved = [key for key, value in layers.items() if "lora_B" in key and value.abs().max() > 0]
    assert len(moved) == len(layers) / 2, "some layers learned nothing"
    assert facts["recipe"] == each.recipe.hash
    assert facts["base"] == each.recipe.name
    assert facts["base_fingerprint"] == each.source.fingerprint
    assert facts["seed"] == "11"

    bare = each.paint(paint_order(prompt="a man", seeds=(1, 2)))
    painted = each.paint(paint_order(lora=file, avatar="x", prompt="a man", weight=2, seeds=(1, 2)))
    again = each.paint(paint_order(lora=file, avatar="x", prompt="a man", weight=2, seeds=(1, 2)))
    nothing = each.paint(paint_order(lora=file, avatar="x", prompt="a man", weight=0, seeds=(1, 2)))
    assert np.array_equal(painted, again), "the same seed painted another picture"
    assert not np.array_equal(bare, painted), "the LoRA changed nothing"
    assert np.array_equal(bare, nothing), "weight 0 is not the bare base"
    assert not np.array_equal(bare[0], bare[1]), "two seeds painted one picture"


def test_one_labelled_sample_is_shown_half_way(
    each: Room, train_order: Callable[..., TrainOrder]
) -> None:
    each.train(train_order(each.recipe.name))
    pictures = [news.picture for news in each.news if news.picture is not None]
    assert len(pictures) == 1
    assert label.read_label(pictures[0]) is not None
    stages = [news.stage for news in each.news]
    assert stages.index(Stage.PREPARING) < stages.index(Stage.TRAINING)
    steps = [n.step for n in each.news if n.stage is Stage.TRAINING]
    assert steps == list(range(1, each.recipe.train.steps + 1))
    assert each.news[-1].seconds_left == pytest.approx(0, abs=0.01)


def test_diffusers_itself_can_load_the_file(
    each: Room, train_order: Callable[..., TrainOrder], paint_order: Callable[..., PaintOrder]
) -> None:
    """A customer may take the LoRA elsewhere; alpha differs from rank, so a loss would show."""
    file = each.train(train_order(each.recipe.name))
    ours = each.paint(paint_order(lora=file, avatar="x", prompt="a man", weight=1))
    lora.remove(each.base, next(iter(each.base.denoiser.peft_config)))
    values, facts = lora.from_bytes(file, each.base.prefix)
    folder = Path(each.source.place).parent
    (folder / "theirs.safetensors").write_bytes(file)
    each.base.pipe.load_lora_weights(str(folder), weight_name="theirs.safetensors")  # type: ignore[attr-defined]
    sample = each.base.sample("a man", "", each.recipe.size(32, 32), 1, lambda step: None)
    from pipeline.paint import delivered

    theirs = delivered(sample, each.recipe, paint_order().label, "job-1").image
    assert np.array_equal(ours[0], np.asarray(Image.open(io.BytesIO(theirs)), dtype=np.int16))
    assert len(values) > 0
    assert facts["alpha"] == "8.0"


def test_slices_do_not_change_the_result(
    room: Callable[[str], Room], train_order: Callable[..., TrainOrder]
) -> None:
    whole, _ = lora.from_bytes(room("mini").train(train_order()), "transformer")
    halves, _ = lora.from_bytes(room("mini").train(train_order(), slices=2), "transformer")
    for key, value in whole.items():
        assert torch.allclose(value, halves[key], atol=2e-4), key


def test_two_customers_do_not_leak_into_each_other(
    room: Callable[[str], Room],
    train_order: Callable[..., TrainOrder],
    paint_order: Callable[..., PaintOrder],
) -> None:
    mini = room("mini")
    one, two, three = (mini.train(train_order(seed=seed)) for seed in (1, 2, 3))

    def painted(file: bytes) -> np.ndarray:
        return mini.paint(paint_order(lora=file, avatar="x", weight=2))[0]

    alone = painted(one), painted(two)
    assert not np.array_equal(*alone)
    painted(three)  # room for two only: the first one's LoRA leaves and comes back
    assert np.array_equal(painted(one), alone[0])
    assert np.array_equal(painted(two), alone[1])
    assert len(mini.base.denoiser.peft_config) == 2


def test_training_between_two_paintings_changes_nothing(
    room: Callable[[str], Room],
    train_order: Callable[..., TrainOrder],
    paint_order: Callable[..., PaintOrder],
) -> None:
    mini = room("mini")
    file = mini.train(train_order())
    order = paint_order(lora=file, avatar="x", weight=2)
    before = mini.paint(order)[0]
    again = mini.train(train_order())
    assert again == file, "a loaded LoRA leaked into a training"
    assert np.array_equal(mini.paint(order)[0], before)


def test_a_lora_of_wrong_shape_is_refused_and_the_base_stays(
    room: Callable[[str], Room],
    train_order: Callable[..., TrainOrder],
    paint_order: Callable[..., PaintOrder],
) -> None:
    mini = room("mini")
    before = mini.state()
    foreign = room("z-image").train(train_order("z-image"))
    values, facts = lora.from_bytes(mini.train(train_order()), "transformer")
    lacking = dict(list(values.items())[2:])
    wide = {k: torch.cat([v, v], dim=-1) if "lora_A" in k else v for k, v in values.items()}
    for layers in (lacking, wide):
        named = {f"transformer.{k}": v for k, v in layers.items()}
        with pytest.raises(BadLora, match="do not fit"):
            mini.paint(paint_order(lora=save(named, facts), avatar="x"))
    told = json.loads(facts[lora.METADATA])
    nowhere = told | {"transformer.target_modules": ["no_such_layer"]}
    mute = {key: value for key, value in facts.items() if key != lora.METADATA}
    named = {f"transformer.{k}": v for k, v in values.items()}
    odd = save(named, facts | {lora.METADATA: json.dumps(nowhere)})
    for file in (foreign, odd, save(named, mute), b"no lora", b""):
        with pytest.raises(BadLora):
            mini.paint(paint_order(lora=file, avatar="x"))
    assert same(before, mini.state())
    assert mini.paint(paint_order())


def save(layers: dict[str, torch.Tensor], facts: dict[str, str]) -> bytes:
    import safetensors.torch

    return bytes(safetensors.torch.save(layers, facts))


def test_a_lora_outlives_a_change_of_the_recipe(
    room: Callable[[str], Room],
    tiny_recipe: Callable[..., Recipe],
    bases: Path,
    train_order: Callable[..., TrainOrder],
    paint_order: Callable[..., PaintOrder],
) -> None:
    old = room("mini")
    file = old.train(train_order())
    new = Room(tiny_recipe("mini", rank=8, targets='["to_q", "proj_mlp"]'), bases)
    order = paint_order(lora=file, avatar="x", weight=2)
    assert np.array_equal(old.paint(order), new.paint(order))


def test_a_broken_training_leaves_the_base_bare(
    room: Callable[[str], Room], train_order: Callable[..., TrainOrder]
) -> None:
    mini = room("mini")
    before = mini.state()

    def fail(news: Progress) -> None:
        if news.stage is Stage.TRAINING and news.step == 3:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        train(mini.base, mini.recipe, "x", train_order(), fail)
    assert same(before, mini.state())


def test_prompts_carry_the_token_only_with_a_lora(tiny_recipe: Callable[..., Recipe]) -> None:
    recipe = tiny_recipe("sdxl")
    assert recipe.subject_words("woman", known=True) == "ohwx woman"
    assert recipe.subject_words("woman", known=False) == "a woman"
