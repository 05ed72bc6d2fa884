"""Retouch as painted steps: what is painted anew, what is spared, and what a refusal leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.engine.messages import EngineError, PaintedImage, PaintRequest, Retouch
from pipeline.families import InitialImage, SamplingRequest
from pipeline.images import faces, safety, segmentation, skin
from pipeline.images.faces import Pixels
from pipeline.images.photo import decode
from pipeline.images.safety import GateVerdict
from pipeline.models.recipe import Recipe
from pipeline.painting import paint, retouch, selection
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.request_state import Candidate, RequestState, prepare

pytestmark = pytest.mark.slow  # torch by way of the sampler's records

BLUE = (0x43, 0x8E, 0xDB)
MakeRequest = Callable[..., PaintRequest]


@pytest.fixture(scope="session")
def portrait(good_photos: tuple[Path, ...]) -> Pixels:
    """Of the photos that the gate passes (one stares) that whose one face is the largest, at most
    640 px high."""
    from PIL import Image

    found = [
        (decode(path.read_bytes()), path) for path in good_photos if "surprised" not in path.stem
    ]
    pixels = max(found, key=lambda one: _share(one[0]))[0]
    picture = Image.fromarray(pixels)
    picture.thumbnail((640, 640))
    return np.asarray(picture)


def _share(pixels: Pixels) -> float:
    seen = faces.find(pixels)
    return seen[0].height / pixels.shape[0] if len(seen) == 1 else 0.0


def prepared(request: PaintRequest, recipe: Recipe) -> RequestState:
    return prepare(0, request, recipe, None, None)  # type: ignore[arg-type]  # no LoRA, no cache


def test_skin_is_painted_and_eyes_and_mouth_are_spared(portrait: Pixels) -> None:
    (face,) = faces.find(portrait)
    mask = skin.skin_mask(portrait.shape, face)
    for x, y in face.points[[0, 1]]:
        assert mask[int(y), int(x)] < 40, "an eye would be painted"
    mouth = face.points[3:].mean(axis=0).astype(int)
    assert mask[mouth[1], mouth[0]] < 40
    cheek = ((face.points[0] + face.points[3]) / 2 + [-2, 4]).astype(int)
    forehead = (face.points[:2].mean(axis=0) - [0, 0.25 * face.height]).astype(int)
    assert mask[cheek[1], cheek[0]] > 150
    assert mask[forehead[1], forehead[0]] > 150
    assert mask[0, 0] == 0


def test_the_background_becomes_the_ordered_colour_and_the_person_stays(
    portrait: Pixels, tiny_recipe: Callable[..., Recipe], paint_request: MakeRequest
) -> None:
    request = paint_request(retouch=(Retouch.BACKGROUND,), background="#438edb")
    state = prepared(request, tiny_recipe("mini"))
    plan = retouch.plan(
        state, state.slots[0], Candidate(portrait, 5, 1.0, None), Retouch.BACKGROUND
    )
    assert plan is not None
    start = plan.task.sampling.initial_image
    assert start is not None
    assert start.mask is not None
    rough = start.pixels.astype(int) + np.random.default_rng(1).integers(-9, 9, start.pixels.shape)
    done = plan.finish(np.clip(rough, 0, 255).astype(np.uint8))
    person = segmentation.person(portrait)
    (face,) = faces.find(portrait)
    inside = np.s_[
        int(face.points[0][1]) : int(face.points[3][1]),
        int(face.points[0][0]) : int(face.points[1][0]),
    ]
    assert start.mask[inside].max() < 10, "the face would be painted over"
    assert np.abs(start.pixels[inside].astype(int) - portrait[inside]).max() <= 3
    empty = person < 0.001
    assert empty.mean() > 0.05
    assert (done[empty] == BLUE).all(), "an office measures the colour"
    assert start.mask[empty].min() == 255


def test_a_picture_without_a_person_keeps_its_background(
    tiny_recipe: Callable[..., Recipe], paint_request: MakeRequest
) -> None:
    request = paint_request(retouch=tuple(Retouch), background="#ffffff")
    state = prepared(request, tiny_recipe("mini"))
    blank = Candidate(np.full((64, 64, 3), 200, np.uint8), 5, 1.0, None)
    assert retouch.plan(state, state.slots[0], blank, Retouch.BACKGROUND) is None
    assert retouch.plan(state, state.slots[0], blank, Retouch.SKIN) is None


@pytest.mark.parametrize("colour", ["", "blue", "#12345", "#12345g", "#1234567"])
def test_a_background_needs_a_colour(
    tiny_recipe: Callable[..., Recipe], paint_request: MakeRequest, colour: str
) -> None:
    with pytest.raises(EngineError, match="colour"):
        prepared(
            paint_request(retouch=(Retouch.BACKGROUND,), background=colour), tiny_recipe("mini")
        )


class Painter:
    """A base that paints the portrait, and from an initial image what `anew` returns."""

    inference_denoiser = torch.nn.Identity()

    def __init__(self, portrait: Pixels, anew: Callable[[InitialImage], Pixels]) -> None:
        self.portrait, self.anew, self.starts = portrait, anew, list[InitialImage]()

    def sample(self, requests: list[SamplingRequest], *args: object) -> list[Pixels]:
        for request in requests:
            if request.initial_image is not None:
                self.starts.append(request.initial_image)
        return [
            self.anew(request.initial_image) if request.initial_image else self.portrait
            for request in requests
        ]


class FakeLoraCache:
    def evict(self, needed: object) -> None: ...

    def activate(self, loras: object) -> object:
        import contextlib

        return contextlib.nullcontext()


def painted(base: Painter, recipe: Recipe, request: PaintRequest) -> PaintedImage:
    (result,) = paint.paint(base, FakeLoraCache(), recipe, [request], lambda *news: None)  # type: ignore[arg-type]
    assert isinstance(result, tuple), result
    return result[0]


def test_steps_follow_each_other_and_a_bad_one_is_left_out(
    portrait: Pixels,
    tiny_recipe: Callable[..., Recipe],
    paint_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Light brightens; skin returns somebody without a face and is refused; the request stands."""
    recipe = tiny_recipe("mini", candidates=1)

    def anew(start: InitialImage) -> Pixels:
        if start.mask is not None:
            return np.full_like(start.pixels, 90)
        return np.minimum(start.pixels.astype(int) + 12, 255).astype(np.uint8)

    base = Painter(portrait, anew)
    request = paint_request(retouch=(Retouch.LIGHT, Retouch.SKIN, Retouch.LIGHT))
    done = decode(painted(base, recipe, request).image)
    plain = decode(painted(Painter(portrait, anew), recipe, paint_request()).image)
    brighter = done[: done.shape[0] // 2].mean() - plain[: plain.shape[0] // 2].mean()
    assert 18 < brighter < 26, "two of three steps should have stayed"
    assert [start.mask is None for start in base.starts] == [True, False, True]
    monkeypatch.setattr(
        selection, "shading_correlation", lambda one, other: retouch.MIN_SHADING_CORRELATION - 0.01
    )
    other = decode(painted(Painter(portrait, anew), recipe, request).image)
    assert abs(other.mean() - plain.mean()) < 1, "another person was delivered"


def test_a_retouched_picture_passes_the_gate_again(
    portrait: Pixels,
    tiny_recipe: Callable[..., Recipe],
    paint_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts = [GateVerdict(), GateVerdict("indecent")]
    monkeypatch.setattr(safety, "judge", lambda *args: verdicts.pop(0))
    base = Painter(portrait, lambda start: np.zeros_like(start.pixels))
    picture = decode(
        painted(base, tiny_recipe("mini"), paint_request(retouch=(Retouch.LIGHT,))).image
    )
    assert picture.mean() > 30
    assert not verdicts


def test_a_retouch_that_breaks_leaves_the_portrait(
    portrait: Pixels, tiny_recipe: Callable[..., Recipe], paint_request: MakeRequest
) -> None:
    def broken(start: InitialImage) -> Pixels:
        raise RuntimeError("CUDA out of memory")

    request = paint_request(retouch=(Retouch.LIGHT,))
    picture = painted(Painter(portrait, broken), tiny_recipe("mini"), request)
    assert picture.width == portrait.shape[1]


def test_a_step_has_the_lora_and_size_of_its_portrait(
    portrait: Pixels, tiny_recipe: Callable[..., Recipe], paint_request: MakeRequest
) -> None:
    """The same LoRA, size, style and seed; the words of the template and of the step."""
    state = prepared(paint_request(retouch=(Retouch.LIGHT,)), tiny_recipe("mini"))
    plan = retouch.plan(state, state.slots[0], Candidate(portrait, 77, 1.0, None), Retouch.LIGHT)
    assert plan is not None
    task: SamplingTask = state.task(state.slots[0], 77)
    assert replace(plan.task, sampling=task.sampling) == task
    assert plan.task.sampling.prompt.startswith(task.sampling.prompt)
    assert plan.task.sampling.seed == 77
