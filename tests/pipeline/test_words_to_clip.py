"""Clips of words alone: by a base that hears them, or by a picture that moves."""

import pytest

from pipeline.engine.engine import (
    AnimateRequest,
    GenerateVideoRequest,
    LabelText,
    NothingDecent,
    PaintedClip,
    Progress,
)
from pipeline.worker.wish_request import wish_request
from pipeline.worker.words_to_clip import clip_of_words
from shop.catalog import Catalog, wishes
from tests.doubles import QuickEngine

LABEL = LabelText()


async def silent(index: int, progress: Progress) -> None:
    pass


def picture():
    wish = wishes.read("a smiling woman, sepia", wishes.vocabulary("mini"))
    return wish_request(
        wish, base="mini", subject="person", avatar="a", lora=b"lora", weight=0.8, seeds=(5, 6),
        content_id="w", label=LABEL,
    )  # fmt: skip


def video() -> GenerateVideoRequest:
    return GenerateVideoRequest(
        None, "wan22-ti2v-5b", "a woman smiles", 3, 5.0, people=1, content_id="c", label=LABEL
    )


def animation() -> AnimateRequest:
    return AnimateRequest(b"", Catalog.load().motion("smile").motion, "c", LABEL)


async def test_a_base_that_hears_words_is_given_them():
    engine = QuickEngine()
    assert isinstance(await clip_of_words(engine, video(), None, silent), PaintedClip)
    assert engine.painted == []
    [asked] = engine.generated
    assert (asked.photo, asked.words) == (None, "a woman smiles")


@pytest.mark.parametrize("wanted", [video(), animation()], ids=["video base", "animator"])
async def test_else_a_picture_is_painted_and_then_moves(wanted):
    engine = QuickEngine()
    assert isinstance(await clip_of_words(engine, wanted, picture(), silent), PaintedClip)
    [painted] = engine.painted
    assert (painted.seeds, painted.prompt) == ((5,), "{subject}, sepia")
    [moved] = (*engine.generated, *engine.animated)
    assert moved.photo[:2] == b"\xff\xd8"
    assert moved.content_id == "c"


async def test_without_a_picture_there_is_no_clip():
    engine = QuickEngine()
    engine.spoiled["a"] = NothingDecent("2 seeds")
    assert isinstance(await clip_of_words(engine, video(), picture(), silent), NothingDecent)
    assert engine.generated == []
