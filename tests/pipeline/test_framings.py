"""A template's framing and shots, from the catalogue to what the engine is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.engine.engine import Framing, LabelText, PaintRequest, Shot
from pipeline.engine.shots import shot_of
from pipeline.worker.paint_request import paint_request
from shop.catalog import Catalog, Template
from shop.catalog.entries import FRAMINGS, TemplateShot


async def requested(template: Template) -> PaintRequest:
    return await paint_request(
        template, base="mini", subject="woman", avatar=None, lora=None, weight=0.8,
        seeds=template.seeds[:4], content_id="a", label=LabelText(), beauty=0.0,
    )  # fmt: skip


def test_the_catalogue_has_the_engines_words() -> None:
    assert {framing.value for framing in Framing} == set(FRAMINGS)


async def test_a_request_has_the_framing_and_the_shots_of_its_template() -> None:
    plain = replace(Catalog.load().templates[0], framing="", shots=())
    assert (await requested(plain)).framing is None
    assert (await requested(plain)).shots == ()
    shots = (TemplateShot("soft light"), TemplateShot(framing="close_up"))
    made = await requested(replace(plain, framing="head_and_shoulders", shots=shots))
    assert made.framing is Framing.HEAD_AND_SHOULDERS
    assert made.shots == (Shot("soft light"), Shot("", Framing.CLOSE_UP))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, Shot("a", Framing.HEAD_AND_SHOULDERS)),
        (1, Shot("", Framing.CLOSE_UP)),
        (2, Shot("a", Framing.HEAD_AND_SHOULDERS)),
    ],
)
def test_pictures_take_the_shots_in_turn(place: int, expected: Shot) -> None:
    shots = (Shot("a"), Shot(framing=Framing.CLOSE_UP))
    assert shot_of(shots, Framing.HEAD_AND_SHOULDERS, place) == expected
    assert shot_of((), None, place) == Shot()
