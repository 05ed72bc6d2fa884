"""The shop window: what styles are chosen by is held to the bar of what is sold."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.previews.__main__ import MODELS, SHOWN_BY, SIDE, TILES
from pipeline.engine.expressions import Expression
from pipeline.images import label, safety
from pipeline.images.faces import Pixels
from pipeline.models import recipe
from shop.catalog import Catalog

CATALOG = Catalog.load()
PAINTED = [one.id for one in CATALOG.templates if CATALOG.shows("mini", one)]


def shown(style: str) -> list[Pixels]:
    """The portraits that a preview shows: itself, or the four of its sheet."""
    whole = Image.open(io.BytesIO(CATALOG.preview(style))).convert("RGB")
    assert whole.size == (SIDE, SIDE)
    if not CATALOG.template(style).shots:
        return [np.asarray(whole)]
    tiles = [whole.crop(tile) for tile in TILES]
    return [np.asarray(tile.resize((SIDE, SIDE * tile.height // tile.width))) for tile in tiles]


@pytest.mark.parametrize("style", PAINTED)
def test_a_preview_passes_the_gate_of_portraits_and_is_labelled(style: str) -> None:
    """No wink, scowl, crooked mouth or second face in the window."""
    gate, asked = recipe.load("mini").gate, Expression(CATALOG.template(style).expression)
    faults = [safety.judge(one, gate, True, asked).fault for one in shown(style)]
    assert not any(faults), faults
    found = label.read_label(CATALOG.preview(style))
    assert found is not None
    assert found.content_id.startswith(f"preview-{style}")


def test_every_style_that_the_embedded_base_shows_has_somebody_to_show_it() -> None:
    assert sorted(PAINTED) == sorted(SHOWN_BY)
    said = {one.id: one.shown_by for one in CATALOG.templates if one.shown_by}
    assert said == {id: MODELS[person] for id, person in SHOWN_BY.items()}
