"""Training one or several customers at once: gradients, resuming, leaving, keeping, choosing."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline import families
from pipeline.engine.messages import (
    BadPhotos,
    EngineError,
    EngineStage,
    PaintRequest,
    Progress,
    TrainedLora,
    TrainRequest,
)
from pipeline.families import Base, SamplingRequest
from pipeline.lora import lora_file
from pipeline.lora.cache import LoraCache
from pipeline.lora.lora_file import LoraShape
from pipeline.lora.multi_lora import ActiveLora, MultiLoraInjector
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.painting import paint, selection
from pipeline.training import (
    checkpoint,
    prior_preservation,
    train,
    trainer_state,
    training_data,
    validation,
)
from pipeline.training.trainer_state import TrainerState
from tests.pipeline import tiny_bases

pytestmark = pytest.mark.slow  # torch, and training or painting with it

MakeRecipe = Callable[..., Recipe]
MakeOrder = Callable[..., TrainRequest]
News = list[tuple[int, Progress]]


class Stop(BaseException):
    """A kill, as seen from inside: no Exception, which would be one customer's own affair."""


class School:
    """A base, its rack and a short way to train on them."""

    def __init__(self, recipe: Recipe, bases: Path, cache: Path) -> None:
        self.recipe, self.cache = recipe, cache
        self.base: Any = families.load(recipe, weights.locate(recipe, bases), "cpu")
        shape = LoraShape.of(recipe.train)
        self.rack = MultiLoraInjector(self.base.trained, shape)
        same = self.base.painter is self.base.trained
        self.wardrobe = LoraCache(
            self.rack if same else MultiLoraInjector(self.base.painter, shape), 1 << 30
        )
        self.news: News = []

    def train(
        self,
        *orders: TrainRequest,
        kill_at: int = 0,
        slices: int = 1,
        fingerprint: str = "x",
        between: Callable[[], None] = lambda: None,
    ) -> list[Any]:
        """kill_at: the step after which, once all have been told it, the process 'dies'."""
        self.news = []

        def report(number: int, news: Progress) -> None:
            self.news.append((number, news))
            last = news.stage is EngineStage.TRAINING and number == len(orders) - 1
            if last and news.step == kill_at:
                raise Stop

        return train.train(
            self.base, self.rack, self.wardrobe, self.recipe, fingerprint, orders, report, between,
            self.cache, slices,
        )  # fmt: skip

    def with_train(self, **changes: object) -> School:
        """Change numbers of the recipe on the loaded base."""
        self.recipe = dataclasses.replace(
            self.recipe,
            train=dataclasses.replace(self.recipe.train, **changes),  # type: ignore[arg-type]
        )
        return self

    def steps_told(self, number: int = 0) -> list[int]:
        told = (news for who, news in self.news if who == number)
        return [news.step for news in told if news.stage is EngineStage.TRAINING]


@pytest.fixture
def school(tiny_recipe: MakeRecipe, bases: Path, tmp_path: Path) -> Callable[..., School]:
    def make(name: str = "mini", **changes: object) -> School:
        quiet = {"sample_at": 0} | changes
        return School(tiny_recipe(name, **quiet), bases, tmp_path / "cache")

    return make


@pytest.fixture
def two(
    train_order: MakeOrder, photos: tuple[bytes, ...], tmp_path: Path
) -> Sequence[TrainRequest]:
    """Two customers."""
    return (
        train_order(workdir=tmp_path / "one"),
        train_order(workdir=tmp_path / "two", avatar="b", seed=5, photos=photos[3:]),
    )


def row_of(done: Any, which: int = -1) -> Tensor:
    """All weights of a kept LoRA in one row."""
    assert isinstance(done, TrainedLora), done
    values = safetensors_of(done.kept[which].lora)
    return torch.cat([values[name].flatten() for name in sorted(values)])


def safetensors_of(file: bytes) -> dict[str, Tensor]:
    import safetensors.torch

    values: dict[str, Tensor] = safetensors.torch.load(file)
    return values


def apart(one: Any, other: Any) -> float:
    return float((row_of(one) - row_of(other)).abs().max())


def elsewhere(order: TrainRequest, folder: str) -> TrainRequest:
    return dataclasses.replace(order, workdir=order.workdir.parent / folder)


# --- several at once


@pytest.mark.parametrize("name", sorted(tiny_bases.MAKERS))
def test_a_crowds_gradients_are_those_of_solo_runs_on_every_family(
    name: str, school: Callable[..., School], two: Sequence[TrainRequest]
) -> None:
    """Through the family's own loss, on photos; and the LoRA that comes of it is diffusers'."""
    room = school(name, steps=2, batch=2)
    course = train.TrainingContext(
        room.base, room.rack, room.wardrobe, room.recipe, "x", lambda number, news: None,
        lambda: None, room.cache, 1, False,
    )  # fmt: skip
    crowd = [train._enrol(course, number, order, {}) for number, order in enumerate(two)]
    for one in crowd:  # a way up of zero lets no gradient down
        dice = torch.Generator().manual_seed(one.number)
        one.row.data += torch.randn(len(one.row), generator=dice) * 0.1
    train._losses(crowd, course)
    together = [one.row.grad.clone() for one in crowd if one.row.grad is not None]
    for one, gradient in zip(crowd, together, strict=True):
        train._losses([one], course)
        assert one.row.grad is not None
        size = float(one.row.grad.abs().max())
        assert size > 1e-4
        assert float((gradient - one.row.grad).abs().max()) <= 1e-5 * max(1.0, size)
    room.rack.leave()
    file = crowd[0].file()
    key = room.wardrobe.rack.load(file)
    asks = [SamplingRequest("a man", "", 3)]
    with torch.no_grad():
        with room.wardrobe.worn([ActiveLora(key, 1.0)]):
            (ours,) = room.base.sample(asks, (32, 32), lambda step: None)
        room.base.painter.load_lora_adapter(
            lora_file.from_bytes(file, room.base.prefix)[0], prefix=None,
            metadata=LoraShape.of(room.recipe.train).told(),
        )  # fmt: skip
        (theirs,) = room.base.sample(asks, (32, 32), lambda step: None)
    assert abs(ours.astype(int) - theirs.astype(int)).max() <= 1


def test_a_crowd_learns_what_each_would_alone(
    school: Callable[..., School], two: Sequence[TrainRequest]
) -> None:
    room = school(steps=6, rate=1e-3, kept=2, validation=1, face_weight=3.0)
    together = room.train(*two)
    assert {number for number, _ in room.news} == {0, 1}
    for order, done in zip(two, together, strict=True):
        (alone,) = room.train(elsewhere(order, "alone"))
        assert apart(done, alone) <= 1e-5
        assert [kept.step for kept in done.kept] == [kept.step for kept in alone.kept]
        errors = [kept.error for kept in alone.kept]
        assert [kept.error for kept in done.kept] == pytest.approx(errors, rel=1e-4)
    assert apart(*together) > 1e-3


def test_whoever_cannot_go_on_leaves_alone(
    school: Callable[..., School],
    two: Sequence[TrainRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bad photos before the start, a loss that is no number, a picture that breaks the forward."""
    room = school(steps=5, rate=1e-3)
    (alone,) = room.train(elsewhere(two[0], "alone"))
    blind = dataclasses.replace(elsewhere(two[1], "blind"), photos=(b"junk",) * 3)
    wild = dataclasses.replace(elsewhere(two[1], "wild"), seed=6)
    bad = dataclasses.replace(elsewhere(two[1], "bad"), seed=7)
    batch, errors = TrainerState.batch, room.base.errors

    def poisoned(one: TrainerState) -> training_data.TrainingBatch:
        made = batch(one)
        if one.steps == 2 and one.order.seed == 6:
            return dataclasses.replace(made, latents=made.latents * float("nan"))
        if one.steps == 3 and one.order.seed == 7:
            return dataclasses.replace(made, latents=made.latents + 1e6)
        return made

    def breaking(latents: Tensor, *more: Any) -> Tensor:
        if latents.max() > 1e5:
            raise ValueError("a shape of theirs")
        return errors(latents, *more)

    monkeypatch.setattr(TrainerState, "batch", poisoned)
    monkeypatch.setattr(room.base, "errors", breaking)
    done = room.train(blind, wild, two[0], bad)
    assert isinstance(done[0], BadPhotos)
    assert isinstance(done[1], EngineError)
    assert "diverged at step 3" in str(done[1])
    assert isinstance(done[3], EngineError)
    assert "shape of theirs" not in str(done[3]), "a library's words may quote the customer"
    assert max(room.steps_told(3)) == 3
    assert apart(done[2], alone) <= 1e-5


def test_portraits_between_two_steps_change_nothing(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school(steps=3)
    order = train_order()
    (quiet,) = room.train(elsewhere(order, "quiet"))
    key = room.wardrobe.fetch(quiet.kept[-1].lora)

    def paint(wearer: ActiveLora | None) -> Any:
        with torch.no_grad(), room.wardrobe.worn([wearer]):
            return room.base.sample([SamplingRequest("a man", "", 1)], (32, 32), lambda step: None)[
                0
            ]

    bare, worn = paint(None), paint(ActiveLora(key, 1.0))
    assert (bare != worn).any()
    seen: list[bool] = []

    def between() -> None:
        seen.append((paint(None) == bare).all() and (paint(ActiveLora(key, 1.0)) == worn).all())

    (done,) = room.train(order, between=between)
    assert len(seen) > 3
    assert all(seen)
    assert done.kept[-1].lora == quiet.kept[-1].lora


@pytest.mark.parametrize("slices", [2, 4])
def test_slices_are_the_same_mathematics(
    slices: int, school: Callable[..., School], two: Sequence[TrainRequest]
) -> None:
    """4 slices of a batch of 2 also part the crowd."""
    room = school(steps=4, batch=2, rate=1e-3)
    whole = room.train(*two)
    cut = room.train(*(elsewhere(order, order.avatar) for order in two), slices=slices)
    assert all(apart(a, b) <= 1e-5 for a, b in zip(whole, cut, strict=True))


def test_out_of_memory_concerns_all_and_leaves_the_base_bare(
    school: Callable[..., School], two: Sequence[TrainRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = school()

    def hungry(*more: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(room.base, "errors", hungry)
    with pytest.raises(torch.OutOfMemoryError):
        room.train(*two)
    monkeypatch.undo()
    assert isinstance(room.train(two[0])[0], TrainedLora)


def test_checkpointed_activations_give_the_same_lora(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school(steps=3, rate=1e-3)
    (plain,) = room.train(train_order())
    room.with_train(checkpointing=True)
    (saved,) = room.train(elsewhere(train_order(), "other"))
    assert room.base.trained.is_gradient_checkpointing
    assert apart(plain, saved) <= 1e-6


# --- one customer's course


def test_training_learns_and_tells(school: Callable[..., School], train_order: MakeOrder) -> None:
    room = school(steps=40, rate=0.02, sample_at=20, batch=8)
    (done,) = room.train(train_order())
    assert done.loss_last < 0.97 * done.loss_first
    assert (done.steps, done.best, done.likeness) == (40, 0, room.recipe.likeness)
    assert done.seconds > 0
    assert room.steps_told() == list(range(1, 41))
    news = [piece for _, piece in room.news]
    assert [piece.step for piece in news if piece.picture is not None] == [20]
    left = [piece.seconds_left for piece in news if piece.stage is EngineStage.TRAINING]
    assert left[-1] == 0
    assert all(value is not None and value > 0 for value in left[:-1])


def test_a_sample_that_never_passes_is_left_out(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school(one_face="true", repaints=0, sample_at=2)
    assert isinstance(room.train(train_order())[0], TrainedLora)
    assert all(piece.picture is None for _, piece in room.news)


def test_a_lora_is_bytewise_the_same_for_the_same_run(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school()
    one, again = (room.train(elsewhere(train_order(), place))[0] for place in "ab")
    assert one.kept == again.kept
    values, facts = lora_file.from_bytes(one.kept[-1].lora, "transformer")
    assert all(value.dtype is torch.float32 for value in values.values())
    assert facts["steps"] == "4"
    assert facts["base_fingerprint"] == "x"
    assert not any("avatar" in text for text in (*facts, *facts.values()))
    (other,) = room.train(train_order(seed=12, workdir=Path(train_order().workdir, "c")))
    assert other.kept != one.kept


def test_the_pace_warms_up_and_cools_down() -> None:
    pace = [trainer_state.pace(step, 10, 100) for step in range(100)]
    assert pace[0] == pytest.approx(0.1)
    assert pace[9] == 1
    assert pace[10] == pytest.approx(1)
    assert pace[99] < 0.03
    assert all(a >= b for a, b in itertools.pairwise(pace[10:]))


# --- batches


def some_pictures(count: int, value: float = 0.0) -> training_data.EncodedPictures:
    mean = torch.full((count, 2, 4, 4), value)
    return training_data.EncodedPictures(
        mean, torch.zeros_like(mean), [{}] * count, torch.ones(count, 1, 4, 4)
    )


def plan_of(tiny_recipe: MakeRecipe, **changes: object) -> Any:
    return dataclasses.replace(tiny_recipe("mini").train, **changes)  # type: ignore[arg-type]


def test_a_step_draws_from_seed_and_number_alone(tiny_recipe: MakeRecipe) -> None:
    mean = torch.randn(6, 2, 4, 4)
    own = training_data.EncodedPictures(
        mean, torch.ones_like(mean), [{}] * 6, torch.ones(6, 1, 4, 4)
    )
    made, plan = training_data.TrainingData(own, None, (), None), plan_of(tiny_recipe)

    def drawn(seed: int, step: int) -> Tensor:
        batch = training_data.drawn(made, plan, seed, step)
        return torch.cat([batch.latents.flatten(), batch.noise.flatten(), batch.when])

    torch.manual_seed(1)
    first = drawn(1, 0)
    torch.manual_seed(2)
    assert torch.equal(first, drawn(1, 0)), "the global generator leaked in"
    assert not torch.equal(first, drawn(1, 1))
    assert not torch.equal(first, drawn(2, 0))
    large = training_data.drawn(made, plan_of(tiny_recipe, batch=16), 1, 0)
    assert len(large.latents) == len(large.prompts) == 16, "a batch may be larger than the set"
    assert torch.equal((large.when * 16).long(), torch.arange(16)), "times are not stratified"


@pytest.mark.parametrize(
    ("batch", "share", "expected"),
    [(4, 0.5, [2, 2, 2, 2]), (1, 0.5, [0, 1, 0, 1]), (2, 0.25, [0, 1, 0, 1]), (4, 0.0, [0] * 4)],
)
def test_other_people_take_their_share_of_the_batches(
    batch: int, share: float, expected: list[int], tiny_recipe: MakeRecipe
) -> None:
    plan = plan_of(tiny_recipe, batch=batch, prior_share=share, prior_weight=0.5)
    made = training_data.TrainingData(some_pictures(3, 1.0), None, (), some_pictures(5, 2.0))
    for step, others in enumerate(expected):
        drawn = training_data.drawn(made, plan, 1, step)
        kinds = drawn.latents.flatten(1).mean(1)
        assert len(kinds) == batch
        assert int((kinds == 2).sum()) == others
        weights = drawn.weight.mean(dim=(1, 2, 3)) * batch
        assert weights.tolist() == [0.5 if kind == 2 else 1 for kind in kinds]


def test_prior_pictures_are_painted_once_and_learned_from(
    school: Callable[..., School], two: Sequence[TrainRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = school(prior_share=0.5, batch=4, rate=1e-3)
    monkeypatch.setattr(prior_preservation, "PICTURES", 5)
    painted: list[str] = []
    sample = room.base.sample

    def counting(asks: Sequence[SamplingRequest], *more: Any) -> Any:
        painted.extend(ask.prompt for ask in asks)
        return sample(asks, *more)

    monkeypatch.setattr(room.base, "sample", counting)
    (first, _) = room.train(*two)
    assert len(painted) == 5, "once for both customers"
    assert len(set(painted)) > 1
    assert all("a man" in words and room.recipe.token not in words for words in painted)
    (kept,) = (room.cache / "prior").iterdir()
    (again,) = room.train(elsewhere(two[0], "again"))
    assert len(painted) == 5
    assert apart(first, again) <= 1e-5
    kept.write_bytes(kept.read_bytes()[:-9])
    (repainted,) = room.train(elsewhere(two[0], "repainted"))
    assert len(painted) == 10
    assert repainted.kept == again.kept
    room.train(elsewhere(two[0], "other base"), fingerprint="y")
    assert len(painted) == 15
    room.with_train(prior_share=0.0)
    (without,) = room.train(elsewhere(two[0], "without"))
    assert apart(without, again) > 1e-5


def test_prior_pictures_that_ship_are_not_painted(
    school: Callable[..., School], train_order: MakeOrder, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    room = school(prior_share=0.25)
    monkeypatch.setattr(prior_preservation, "PICTURES", 2)
    monkeypatch.setattr(weights, "SHIPPED_BASES", tmp_path)
    (painted,) = room.train(train_order())
    shipped = tmp_path / room.recipe.weights.folder / prior_preservation.SHIPPED
    shipped.parent.mkdir()
    shipped.write_bytes(prior_preservation.ship(room.base, room.recipe))
    room.cache = tmp_path / "empty"
    monkeypatch.setattr(prior_preservation, "paint", None)
    (used,) = room.train(elsewhere(train_order(), "shipped"))
    assert used.kept == painted.kept
    assert not room.cache.exists()


def test_the_face_weighs_more_and_the_picture_the_same(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school(face_weight=4.0, validation=1)
    made = training_data.prepare(room.base, room.recipe, train_order(), None, lambda seen: None)
    emphasis = made.own.emphasis
    assert emphasis.mean(dim=(1, 2, 3)).tolist() == pytest.approx([1.0] * len(emphasis))
    side = emphasis.shape[-1]
    middle, corner = emphasis[:, 0, side // 2, side // 2], emphasis[:, 0, -1, 0]
    assert bool((middle > 2.5 * corner).all())
    assert len(made.own.prompts) == 2 * room.recipe.dataset.variants
    assert made.held_out is not None
    assert len(made.held_out.prompts) == len(made.unseen) == 1


# --- keeping and choosing


@pytest.mark.parametrize(
    ("errors", "held_out", "best"),
    [
        ([0.9, 0.8, 0.7], True, 2),  # still falling
        ([0.614, 0.612, 0.615], True, 2),  # as good as the least: likeness grows on
        ([0.7, 0.75, 0.9], True, 0),  # by heart
        ([0.9, 0.7, 0.75], True, 1),
        ([0.5, 0.6, 0.9], False, 2),
        ([0.3], True, 0),
    ],
)
def test_the_latest_checkpoint_near_the_least_error_is_chosen(
    errors: list[float], held_out: bool, best: int
) -> None:
    assert validation.chosen(errors, held_out) == best


@pytest.mark.parametrize(
    ("steps", "kept", "marks"),
    [(330, 3, (220, 275, 330)), (800, 2, (600, 800)), (7, 1, (7,)), (1, 3, (1,))],
)
def test_marks(steps: int, kept: int, marks: tuple[int, ...], tiny_recipe: MakeRecipe) -> None:
    assert validation.marks(plan_of(tiny_recipe, steps=steps, kept=kept)) == marks


def test_kept_checkpoints_are_those_of_their_steps(
    school: Callable[..., School], train_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The middle mark is the very LoRA of a run that stops there; its error is repeatable."""
    room = school(steps=6, kept=3, validation=1, rate=0.01, warmup=0)
    (done,) = room.train(train_order())
    assert [kept.step for kept in done.kept] == [4, 5, 6]
    assert len({kept.lora for kept in done.kept}) == 3
    told = [lora_file.from_bytes(kept.lora, "transformer")[1]["steps"] for kept in done.kept]
    assert told == ["4", "5", "6"]
    made = training_data.prepare(room.base, room.recipe, train_order(), None, lambda seen: None)
    assert made.held_out is not None
    for which, kept in enumerate(done.kept):
        values = lora_file.from_bytes(kept.lora, "transformer")[0]
        pairs = {
            name: (values[f"{name}{lora_file.DOWN}"], values[f"{name}{lora_file.UP}"])
            for name in room.rack.layout.widths
        }
        row = torch.nn.Parameter(room.rack.layout.pack(pairs))
        plan = room.recipe.train
        error = validation.error(room.base, room.rack, plan, made.held_out, row)
        assert error == pytest.approx(done.kept[which].error, rel=1e-5)
    untaught = torch.nn.Parameter(room.rack.layout.fresh(1))
    taught = validation.error(room.base, room.rack, plan, made.held_out, untaught)
    with monkeypatch.context() as unhooked:
        unhooked.setattr(room.rack, "learning", lambda crowd: contextlib.nullcontext())
        bare = validation.error(room.base, room.rack, plan, made.held_out, untaught)
    assert taught == bare


def test_with_leave_to_compare_the_likest_checkpoint_is_chosen_and_paints_first(
    school: Callable[..., School],
    train_order: MakeOrder,
    paint_order: Callable[..., PaintRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = school(kept=3, steps=6, likeness=-1.0, rate=0.05)
    compared: list[float] = []
    values = [0.2, 0.2, 0.7, 0.5, 0.3, 0.2]  # two pictures of each checkpoint

    def likeness(mirror: object, pixels: object) -> float:
        compared.append(values[len(compared)] if len(compared) < len(values) else 0.5)
        return compared[-1]

    monkeypatch.setattr(selection.FaceSimilarity, "likeness", likeness)
    worn: list[bytes] = []
    first = paint.first

    def looking(base: Base, wardrobe: Any, recipe: Recipe, order: Any, file: bytes, *m: Any) -> Any:
        worn.append(file)
        return first(base, wardrobe, recipe, order, file, *m)

    monkeypatch.setattr(paint, "first", looking)
    (done,) = room.train(train_order(first=paint_order(seeds=(1, 2))))
    assert done.best == 1
    assert worn == [done.kept[1].lora]
    assert len(done.first) == 2
    (without,) = room.train(elsewhere(train_order(), "without"))
    assert (without.best, without.first) == (2, ())


# --- kills


@pytest.mark.parametrize("killed_at", [1, 2, 5, 6])
def test_an_interrupted_run_ends_bit_equal_and_loses_few_steps(
    killed_at: int, school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school(steps=7, kept=2, validation=1)
    order = train_order()
    (whole,) = room.train(elsewhere(order, "whole"))
    with pytest.raises(Stop):
        room.train(order, kill_at=killed_at)
    (resumed,) = room.train(order)
    steps = room.steps_told()
    assert steps[0] > killed_at - room.recipe.train.checkpoint_every, "too much was lost"
    assert steps == list(range(steps[0], 8))
    assert resumed.kept == whole.kept
    assert (resumed.loss_first, resumed.loss_last) == (whole.loss_first, whole.loss_last)
    assert resumed.best == whole.best


def test_after_a_crash_of_a_crowd_each_goes_on_in_other_company(
    school: Callable[..., School], two: Sequence[TrainRequest]
) -> None:
    """Killed together at 5; one goes on alone, the other beside a beginner."""
    room = school(steps=7, rate=1e-3)
    whole = [room.train(elsewhere(order, f"whole {order.avatar}"))[0] for order in two]
    with pytest.raises(Stop):
        room.train(*two, kill_at=5)
    (alone,) = room.train(two[0])
    assert room.steps_told()[0] == 5
    beginner = dataclasses.replace(elsewhere(two[0], "beginner"), avatar="c", seed=9)
    mixed, fresh = room.train(two[1], beginner)
    assert (room.steps_told(0)[0], room.steps_told(1)[0]) == (5, 1)
    assert max(apart(alone, whole[0]), apart(mixed, whole[1])) <= 1e-5
    assert fresh.steps == 7
    assert [done.loss_last for done in (alone, mixed)] == pytest.approx(
        [done.loss_last for done in whole], rel=1e-4
    )


KILLED = """
import os, pickle, signal, sys
from pathlib import Path
from pipeline.models import recipe
from pipeline.engine.messages import EngineStage
from tests.pipeline.test_train import School
text, bases, cache, order = pickle.load(open(sys.argv[1], "rb"))
room = School(recipe.parse(text, "tiny"), bases, cache)
def report(number, news):
    if news.stage is EngineStage.TRAINING and news.step == 5:
        os.kill(os.getpid(), signal.SIGKILL)
room.news = type("Listener", (list,), {"append": lambda self, news: report(*news)})()
from pipeline.training import train
train.train(room.base, room.rack, room.wardrobe, room.recipe, "x", [order], report,
            lambda: None, cache, 1)
"""


def test_a_run_that_was_killed_by_the_system_ends_bit_equal(
    school: Callable[..., School], train_order: MakeOrder, bases: Path, tmp_path: Path
) -> None:
    import pickle

    from tests.pipeline.conftest import TINY, adapted

    room, order = school(steps=7), train_order()
    text = adapted("mini", **(TINY | {"sample_at": 0, "steps": 7}))
    told = tmp_path / "told"
    told.write_bytes(pickle.dumps((text, bases, room.cache, order)))
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(told)], check=False, env=dict(os.environ), timeout=120
    )
    assert child.returncode == -signal.SIGKILL
    (whole,) = room.train(elsewhere(order, "whole"))
    (resumed,) = room.train(order)
    assert room.steps_told() == [5, 6, 7]
    assert resumed.kept == whole.kept


def test_a_crash_before_the_result_is_put_away_costs_no_step(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room = school(kept=2)
    (done,) = room.train(train_order())
    (again,) = room.train(train_order())
    assert room.steps_told() == [room.recipe.train.steps]
    assert again.kept == done.kept


@pytest.mark.parametrize("change", ["seed", "photos", "subject", "recipe", "base", "file", "mark"])
def test_a_foreign_or_broken_checkpoint_is_not_used(
    change: str,
    school: Callable[..., School],
    train_order: MakeOrder,
    photos: tuple[bytes, ...],
) -> None:
    room = school(kept=3, steps=6)
    with pytest.raises(Stop):
        room.train(train_order(), kill_at=4)
    order, fingerprint = train_order(), "x"
    left = checkpoint.place(order)
    (mark,) = order.workdir.glob("*.kept")
    if change == "file":
        left.write_bytes(left.read_bytes()[:-9])
    elif change == "mark":
        mark.unlink()
    elif change == "recipe":
        room.with_train(rate=0.5)
    elif change == "base":
        fingerprint = "y"
    else:
        other = {"seed": 12, "photos": photos[1:], "subject": "person"}[change]
        order = train_order(**{change: other})
    room.train(order, fingerprint=fingerprint)
    assert room.steps_told()[0] == 1


def test_a_checkpoint_is_for_its_owner_alone(
    school: Callable[..., School], train_order: MakeOrder
) -> None:
    room, order = school(kept=2), train_order(avatar="../../etc/avatar of Zebulon")
    room.train(order)
    left = list(order.workdir.iterdir())
    assert len(left) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in left)
    assert not any("Zebulon" in path.name for path in left)
