"""The gate, the repaints, and what is delivered."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import families, label, paint, safety, weights
from pipeline.families import Base
from pipeline.orders import BadLabel, LabelText, NothingDecent, PaintOrder, Progress, Stage
from pipeline.recipe import Recipe
from pipeline.safety import Verdict

pytestmark = pytest.mark.slow  # torch, and training or painting with it

Open = Callable[..., tuple[Base, Recipe]]


@pytest.fixture
def opened(tiny_recipe: Callable[..., Recipe], bases: Path) -> Open:
    def make(**changes: object) -> tuple[Base, Recipe]:
        recipe = tiny_recipe("mini", **changes)
        return families.load(recipe, weights.locate(recipe, bases), "cpu"), recipe

    return make


def run(opened: tuple[Base, Recipe], order: PaintOrder, news: list[Progress]) -> list[object]:
    base, recipe = opened
    wardrobe = paint.Wardrobe(base, 1)
    return list(paint.paint(base, recipe, wardrobe, order, news.append))


def judged(monkeypatch: pytest.MonkeyPatch, *verdicts: str) -> None:
    """The gate says this, in order; then it passes all."""
    left = list(verdicts)
    monkeypatch.setattr(safety, "judge", lambda *args: Verdict(left.pop(0)) if left else Verdict())


def test_every_picture_is_labelled_and_numbered(
    opened: Open, paint_order: Callable[..., PaintOrder]
) -> None:
    order = paint_order(seeds=(5, 6, 7), label=LabelText("AI生成", "maker"), content_id="job-9")
    news: list[Progress] = []
    made = run(opened(), order, news)
    assert [p.seed for p in made] == [5, 6, 7]  # type: ignore[attr-defined]
    labels = [label.read_label(p.image) for p in made]  # type: ignore[attr-defined]
    assert [found and found.content_id for found in labels] == ["job-9", "job-9-1", "job-9-2"]
    assert {found and found.producer for found in labels} == {"maker"}
    steps = [n.step for n in news if n.stage is Stage.PAINTING]
    assert steps == list(range(1, 3 * 3 + 1))
    assert news[-1].steps == 9


def test_a_failing_seed_is_repainted_with_the_same_further_seeds(
    opened: Open, paint_order: Callable[..., PaintOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(monkeypatch, "no face", "soft")
    made = run(opened(repaints=2), paint_order(seeds=(5, 6)), [])
    assert [p.seed for p in made] == [paint.repaint_seed(5, 2), 6]  # type: ignore[attr-defined]
    judged(monkeypatch, "no face", "soft")
    again = run(opened(repaints=2), paint_order(seeds=(5, 6)), [])
    assert made == again, "an order run twice gave other pictures"


def test_a_seed_that_never_passes_is_left_out_and_none_at_all_is_an_error(
    opened: Open, paint_order: Callable[..., PaintOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(monkeypatch, "indecent", "indecent")
    made = run(opened(repaints=1), paint_order(seeds=(5, 6)), [])
    assert [p.seed for p in made] == [6]  # type: ignore[attr-defined]
    judged(monkeypatch, *["young"] * 4)
    with pytest.raises(NothingDecent):
        run(opened(repaints=1), paint_order(seeds=(5, 6)), [])


def test_noise_does_not_pass_the_shipped_gate(
    opened: Open, paint_order: Callable[..., PaintOrder]
) -> None:
    """The untrained base paints noise: no face, so nobody pays for it."""
    with pytest.raises(NothingDecent):
        run(opened(one_face="true"), paint_order(), [])


@pytest.mark.parametrize(
    "wrong",
    [{"label": LabelText("portrait")}, {"content_id": "a b"}, {"label": LabelText("AI生成 龘")}],
)
def test_a_wrong_label_is_refused_before_anything_is_painted(
    opened: Open, paint_order: Callable[..., PaintOrder], wrong: dict[str, object]
) -> None:
    news: list[Progress] = []
    with pytest.raises(BadLabel):
        run(opened(), paint_order(**wrong), news)
    assert news == []


def test_seeds_differ_between_attempts() -> None:
    seeds = {paint.repaint_seed(seed, attempt) for seed in range(50) for attempt in range(1, 5)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize(
    ("wish", "painted", "delivered"),
    [
        ((32, 32), (32, 32), (64, 64)),
        ((64, 64), (64, 64), (64, 64)),
        ((900, 1200), (48, 64), (64, 85)),
        ((1200, 900), (64, 48), (85, 64)),
    ],
)
def test_the_delivered_size_follows_the_wish(
    opened: Open,
    paint_order: Callable[..., PaintOrder],
    wish: tuple[int, int],
    painted: tuple[int, int],
    delivered: tuple[int, int],
) -> None:
    base, recipe = opened()
    assert recipe.size(*wish) == painted
    (picture,) = run((base, recipe), paint_order(width=wish[0], height=wish[1]), [])
    assert (picture.width, picture.height) == delivered  # type: ignore[attr-defined]
    assert Image.open(io.BytesIO(picture.image)).size == delivered  # type: ignore[attr-defined]


def test_the_negative_prompt_counts(opened: Open, paint_order: Callable[..., PaintOrder]) -> None:
    room = opened()
    one, other = (run(room, paint_order(negative=words), [])[0] for words in ("", "woman"))
    pixels = [np.asarray(Image.open(io.BytesIO(p.image))) for p in (one, other)]  # type: ignore[attr-defined]
    assert not np.array_equal(*pixels)
