"""Orders in one batch, the gate, the repaints, the best of several, and what is delivered."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline import families
from pipeline.engine.messages import (
    BadLabel,
    BadLora,
    EngineError,
    EngineStage,
    LabelText,
    NothingDecent,
    OutOfMemory,
    PaintedImage,
    PaintRequest,
    Progress,
    Reference,
    StyleLora,
)
from pipeline.families import Base, InitialImage, SamplingRequest
from pipeline.images import label, safety
from pipeline.images.faces import Pixels
from pipeline.images.safety import GateVerdict
from pipeline.lora import lora_file
from pipeline.lora.cache import LoraCache
from pipeline.lora.multi_lora import ActiveLora, MultiLoraInjector
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.painting import paint
from pipeline.painting.request_state import repaint_seed
from pipeline.painting.selection import FaceSimilarity

pytestmark = pytest.mark.slow  # torch, and training or painting with it

Order = Callable[..., PaintRequest]
Result = tuple[PaintedImage, ...] | EngineError


@dataclass
class Room:
    """A tiny base with its rack, and painting in it."""

    base: Base
    recipe: Recipe
    wardrobe: LoraCache

    def paint(self, *orders: PaintRequest, news: list[Progress] | None = None) -> list[Result]:
        def report(place: int, one: Progress) -> None:
            if news is not None:
                news.append(one)

        return paint.paint(self.base, self.wardrobe, self.recipe, orders, report)

    def pictures(self, order: PaintRequest) -> tuple[PaintedImage, ...]:
        (result,) = self.paint(order)
        assert isinstance(result, tuple), result
        return result

    def lora(self, seed: int) -> bytes:
        """A person's file: random, strong enough to be seen."""
        layout, shape = self.wardrobe.rack.layout, lora_file.LoraShape.of(self.recipe.train)
        dice = torch.Generator().manual_seed(seed)
        row = 0.3 * torch.randn(layout.length, generator=dice)
        return lora_file.to_bytes(layout.unpack(row), self.base.prefix, shape, {})


Open = Callable[..., Room]


@pytest.fixture
def opened(tiny_recipe: Callable[..., Recipe], bases: Path) -> Open:
    def make(name: str = "mini", together: int = 4, **changes: object) -> Room:
        recipe = tiny_recipe(name, **changes)
        recipe = replace(recipe, paint=replace(recipe.paint, batch=together))
        base = families.load(recipe, weights.locate(recipe, bases), "cpu")
        rack = MultiLoraInjector(
            base.painter, lora_file.LoraShape.of(recipe.train), recipe.paint.uncond_lora_scale
        )
        return Room(base, recipe, LoraCache(rack, 1 << 30))

    return make


def pixels(picture: PaintedImage) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.image))).astype(int)


def judged(monkeypatch: pytest.MonkeyPatch, *verdicts: str) -> None:
    """The gate says this, in order; then it passes all."""
    left = list(verdicts)
    monkeypatch.setattr(
        safety, "judge", lambda *args: GateVerdict(left.pop(0)) if left else GateVerdict()
    )


def test_every_picture_is_labelled_and_numbered(opened: Open, paint_order: Order) -> None:
    order = paint_order(seeds=(5, 6, 7), label=LabelText("AI生成", "maker"), content_id="job-9")
    news: list[Progress] = []
    (made,) = opened(together=2).paint(order, news=news)
    assert isinstance(made, tuple)
    assert [p.seed for p in made] == [5, 6, 7]
    labels = [label.read_label(p.image) for p in made]
    assert [found and found.content_id for found in labels] == ["job-9", "job-9-1", "job-9-2"]
    assert {found and found.producer for found in labels} == {"maker"}
    steps = [n.step for n in news if n.stage is EngineStage.PAINTING]
    assert steps == [2, 4, 6, 7, 8, 9], "two together, then one alone"
    assert news[-1].steps == 9


def test_a_failing_seed_is_repainted_with_the_same_further_seeds(
    opened: Open, paint_order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = opened(repaints=2)
    judged(monkeypatch, "no face", "", "soft")
    made = room.pictures(paint_order(seeds=(5, 6)))
    assert [p.seed for p in made] == [repaint_seed(5, 2), 6]
    judged(monkeypatch, "no face", "", "soft")
    assert room.pictures(paint_order(seeds=(5, 6))) == made, "run twice, other pictures"


def test_the_best_candidate_is_delivered(
    opened: Open, paint_order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [
        GateVerdict(sharpness=60),
        GateVerdict(sharpness=240),
        GateVerdict("soft", sharpness=900),
    ]
    monkeypatch.setattr(safety, "judge", lambda *args: left.pop(0))
    (picture,) = opened(candidates=3, sharpness=50).pictures(paint_order(seeds=(5,)))
    assert picture.seed == repaint_seed(5, 1)
    assert picture.likeness is None
    assert not left, "not every candidate was judged"


def test_with_consent_the_likeliest_is_delivered_and_none_below_the_bar(
    opened: Open, paint_order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = opened(candidates=2, repaints=1, likeness=0.5)
    monkeypatch.setattr(safety, "judge", lambda *args: GateVerdict(sharpness=100))
    alike = [0.6, 0.8, 0.4, 0.3, 0.49, 0.1]  # two seeds, then the second one's repaint
    monkeypatch.setattr(
        FaceSimilarity, "of", lambda photos: FaceSimilarity([np.eye(2, dtype=np.float32)[0]] * 2)
    )
    monkeypatch.setattr(FaceSimilarity, "likeness", lambda self, pixels: alike.pop(0))
    order, heard = paint_order(seeds=(5, 6)), list[Progress]()
    made = paint.first(
        room.base, room.wardrobe, room.recipe, order, room.lora(1), (b"",), heard.append
    )
    assert [(p.seed, p.likeness) for p in made] == [(repaint_seed(5, 1), 0.8)]
    assert not alike
    assert heard[-1].stage is EngineStage.PAINTING


def test_one_bad_order_never_fails_the_others(
    opened: Open, paint_order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = opened(repaints=0)
    judged(monkeypatch, "", "young")
    results = room.paint(
        paint_order(label=LabelText("portrait")),
        paint_order(seeds=(5,)),
        paint_order(lora=b"no LoRA"),
        paint_order(height=0),
        paint_order(seeds=(6,)),
        paint_order(content_id="a b"),
    )
    kinds = [type(result) for result in results]
    assert kinds == [BadLabel, tuple, BadLora, EngineError, NothingDecent, BadLabel]


def test_people_painted_together_look_as_if_alone(opened: Open, paint_order: Order) -> None:
    """Two customers and the bare base in one batch: at most two grey levels of JPEG and rounding
    apart from each alone."""
    room = opened(together=8)
    first, second = room.lora(1), room.lora(2)
    orders = [
        paint_order(lora=first, seeds=(5, 6)),
        paint_order(seeds=(5,), negative="man"),
        paint_order(lora=second, weight=0.4, seeds=(5,)),
    ]
    together = [p for result in room.paint(*orders) if isinstance(result, tuple) for p in result]
    alone = [p for order in orders for p in room.pictures(order)]
    assert len(together) == 4
    for one, other in zip(together, alone, strict=True):
        assert np.abs(pixels(one) - pixels(other)).max() <= 2
    assert np.abs(pixels(alone[0]) - pixels(alone[3])).max() > 20, "the LoRAs make no difference"


class Fragile:
    """A base with room for so many asks at once, and one word that it cannot bear."""

    def __init__(self, base: Base, room: int) -> None:
        self.base, self.room, self.painter = base, room, base.painter

    def sample(self, asks: list[SamplingRequest], *args: object) -> list[Pixels]:
        if any("cursed" in ask.prompt for ask in asks):
            raise KeyError(asks[0].prompt)
        if len(asks) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return self.base.sample(asks, *args)  # type: ignore[arg-type]


def test_out_of_memory_is_answered_by_smaller_batches_and_then_honestly(
    opened: Open, paint_order: Order
) -> None:
    room = opened(together=8)
    orders = paint_order(seeds=(1, 2)), paint_order(seeds=(4,))
    whole = room.paint(*orders)
    small = replace(room, base=Fragile(room.base, 2)).paint(*orders)  # type: ignore[arg-type]
    for one, other in zip(whole, small, strict=True):
        assert isinstance(one, tuple)
        assert isinstance(other, tuple)
        for left, right in zip(one, other, strict=True):
            assert np.abs(pixels(left) - pixels(right)).max() <= 2
    none = replace(room, base=Fragile(room.base, 0)).paint(*orders)  # type: ignore[arg-type]
    assert [type(result) for result in none] == [OutOfMemory, OutOfMemory]
    assert room.paint(*orders) == whole, "the base did not survive"


def test_an_ask_that_breaks_its_batch_is_found(opened: Open, paint_order: Order) -> None:
    room = opened(together=8)
    orders = [paint_order(seeds=(n,), prompt="cursed" if n == 3 else "a man") for n in range(5)]
    results = replace(room, base=Fragile(room.base, 8)).paint(*orders)  # type: ignore[arg-type]
    assert [type(r) is tuple for r in results] == [True, True, True, False, True]
    assert "cursed" not in str(results[3]), "a prompt in an error"


@pytest.mark.parametrize("kind", ["plain", "over", "inside"])
def test_the_pass_without_the_prompt_wears_less(opened: Open, kind: str) -> None:
    """Beside peft, which is told by the prompt itself which of the two passes it is in."""
    less, classic = opened(uncond_lora_scale=0.25, guidance=3.0), opened(guidance=3.0)
    mask = np.tri(32, dtype=np.uint8) * 255 if kind == "inside" else None
    grey = np.full((32, 32, 3), 99, np.uint8)
    start = None if kind == "plain" else InitialImage(grey, mask, 0.8)
    ask, file = SamplingRequest("ohwx man", "blurred", 5, start), less.lora(1)
    made, other = (worn_once(room, file, ask) for room in (less, classic))
    expected = worn_by_peft(opened(guidance=3.0).base, file, ask, 0.25)
    assert np.abs(made - expected).max() <= 2
    assert np.abs(made - other).max() > 8


def worn_once(room: Room, file: bytes, ask: SamplingRequest) -> np.ndarray:
    with torch.no_grad(), room.wardrobe.worn([ActiveLora(room.wardrobe.fetch(file), 1.0)]):
        (made,) = room.base.sample([ask], (32, 32), families.unheard)
    return made.astype(int)


def worn_by_peft(base: Base, file: bytes, ask: SamplingRequest, unguided: float) -> np.ndarray:
    """What diffusers' own loader paints with less of the LoRA wherever the negative is asked."""
    values, metadata = lora_file.from_bytes(file, base.prefix)
    shape = lora_file.shape_of(metadata, base.prefix)
    told = {"r": shape.rank, "lora_alpha": shape.alpha, "target_modules": list(shape.targets)}
    base.painter.load_lora_adapter(values, prefix=None, adapter_name="oracle", metadata=told)
    unwanted = base.encode_prompts([ask.negative])[0]["pooled"]

    def weigh(painter: torch.nn.Module, args: object, told: dict[str, torch.Tensor]) -> None:
        without = torch.allclose(told["pooled_projections"][0], unwanted, atol=1e-5)
        base.painter.set_adapters(["oracle"], [unguided if without else 1.0])

    base.painter.register_forward_pre_hook(weigh, with_kwargs=True)
    with torch.no_grad():
        (made,) = base.sample([ask], (32, 32), families.unheard)
    return made.astype(int)


def test_the_wardrobe_forgets_whom_it_wore_longest_ago(opened: Open) -> None:
    room = opened()
    files = [room.lora(seed) for seed in range(3)]
    first = room.wardrobe.fetch(files[0])
    size = room.wardrobe.rack.bytes_of(first)
    wardrobe = LoraCache(room.wardrobe.rack, 2 * size)
    keys = [wardrobe.fetch(file) for file in (*files, files[0])]
    wardrobe.make_room({keys[2]})
    assert [wardrobe.rack.holds(key) for key in keys[:3]] == [True, False, True]
    wardrobe.make_room(())
    assert wardrobe.rack.holds(keys[0])
    tight = LoraCache(wardrobe.rack, 1)
    keys = [tight.fetch(file) for file in files]
    tight.make_room({keys[1]})
    assert [tight.rack.holds(key) for key in keys] == [False, True, False]


@pytest.mark.parametrize("name", ["mini", "sd15"])
def test_a_style_is_worn_beside_the_person_and_taken_off(
    opened: Open, paint_order: Order, name: str
) -> None:
    room = opened(name)
    person, style = room.lora(1), room.lora(2)
    order = paint_order(name, lora=person)
    plain, bad, styled = room.paint(
        order,
        replace(order, style=StyleLora(b"none", 1.0)),
        replace(order, style=StyleLora(style, 0.8)),
    )
    assert isinstance(plain, tuple)
    assert isinstance(styled, tuple)
    assert isinstance(bad, BadLora)
    assert np.abs(pixels(plain[0]) - pixels(styled[0])).max() > 20
    assert room.pictures(order) == plain, "the style stayed"


def test_half_a_style_is_none(opened: Open, paint_order: Order) -> None:
    """A file for a larger base: the loaders of the trade would take what fits, with a warning."""
    room = opened()
    layout, shape = room.wardrobe.rack.layout, lora_file.LoraShape.of(room.recipe.train)
    pairs = layout.unpack(torch.zeros(layout.length))
    name, (down, up) = next(iter(pairs.items()))
    pairs[name.replace("0", "77")] = down.clone(), up.clone()
    larger = lora_file.to_bytes(pairs, room.base.prefix, shape, {})
    order = paint_order(style=StyleLora(larger, 1.0))
    assert isinstance(room.paint(order)[0], BadLora)
    assert not getattr(room.base.painter, "peft_config", None)


def picture_file(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_a_designers_picture_is_started_from(opened: Open, paint_order: Order) -> None:
    room = opened(deliver=32)
    start = np.zeros((90, 90, 3), np.uint8)
    start[:, 45:] = 250
    mask = np.zeros((90, 90), np.uint8)
    mask[:, 45:] = 255
    whole = Reference(picture_file(start), None, 0.7)
    half = Reference(picture_file(start), picture_file(mask), 0.9)
    (drawn,) = room.pictures(paint_order(reference=whole))
    (plain,) = room.pictures(paint_order())
    (kept,) = room.pictures(paint_order(reference=half))
    assert np.abs(pixels(drawn) - pixels(plain)).mean() > 3
    upper = pixels(kept)[:20]  # above the label
    assert upper[:, :12].max() <= 12, "the designer's half was painted over"
    assert upper[:, 20:].std() > 10, "the other half was not painted"
    broken = room.paint(paint_order(reference=Reference(b"none", None, 0.5)), paint_order())
    assert isinstance(broken[0], EngineError)
    assert broken[1] == (plain,)


def test_noise_does_not_pass_the_shipped_gate(opened: Open, paint_order: Order) -> None:
    """The untrained base paints noise: no face, so nobody pays for it."""
    assert isinstance(opened(one_face="true").paint(paint_order())[0], NothingDecent)


def test_seeds_differ_between_attempts() -> None:
    seeds = {repaint_seed(seed, attempt) for seed in range(50) for attempt in range(1, 5)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize(
    ("wish", "painted", "delivered"),
    [
        ((32, 32), (32, 32), (64, 64)),
        ((900, 1200), (48, 64), (64, 85)),
        ((1200, 900), (64, 48), (85, 64)),
    ],
)
def test_the_delivered_size_follows_the_wish(
    opened: Open,
    paint_order: Order,
    wish: tuple[int, int],
    painted: tuple[int, int],
    delivered: tuple[int, int],
) -> None:
    room = opened()
    assert room.recipe.size(*wish) == painted
    (picture,) = room.pictures(paint_order(width=wish[0], height=wish[1]))
    assert (picture.width, picture.height) == delivered
    assert Image.open(io.BytesIO(picture.image)).size == delivered


def test_the_negative_prompt_counts(opened: Open, paint_order: Order) -> None:
    room = opened()
    one, other = (room.pictures(paint_order(negative=words))[0] for words in ("", "woman"))
    assert not np.array_equal(pixels(one), pixels(other))
