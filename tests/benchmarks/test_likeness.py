"""The measures of likeness, copying and variety: what they say of pictures that are known."""

from __future__ import annotations

import io
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.framings import variety
from benchmarks.framings.__main__ import put_section
from benchmarks.framings.variety import PortraitTraits, Variety
from benchmarks.likeness import copying, faces_right
from benchmarks.likeness.albums import Album
from benchmarks.likeness.kept_runs import KeptRuns
from benchmarks.likeness.runs import PersonRun, Training
from pipeline.engine.expressions import Expression
from pipeline.engine.messages import KeptCheckpoint, LoraScaleRange, PaintedImage, TrainedLora
from pipeline.images import faces
from pipeline.images.photo import decode
from pipeline.models import recipe
from tests.pipeline.images.test_expression import sitting

CUSTOMER = Path("deploy/demo/customer/07-neutral.jpg")


def unit(*degrees: float) -> np.ndarray:
    """Vectors in one plane, each by its angle."""
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def album(trained: np.ndarray, held_out: np.ndarray) -> Album:
    return Album((), trained, held_out)


@pytest.mark.parametrize(
    ("portrait", "rate"),
    [(60, 1.0), (0, -1.0), (30, 0.0), (45, 0.5), (90, 1.0), (-30, -1.0)],
)
def test_the_copy_paste_rate_is_one_for_the_trained_photo_and_minus_one_for_the_new_one(
    portrait: float, rate: float
) -> None:
    """The angle from the new photo (at 0) less that from the trained one (at 60), over 60."""
    told = copying.score(unit(portrait), album(unit(60), unit(0)))
    assert told.copy_paste == told.nearest == pytest.approx(rate, abs=1e-3)
    assert told.sim_gt == pytest.approx(math.cos(math.radians(portrait)), abs=1e-6)
    assert told.sim_ref == pytest.approx(math.cos(math.radians(60 - portrait)), abs=1e-6)


def test_the_rate_is_a_mean_over_all_pairs_and_the_strict_one_to_the_nearest_photo() -> None:
    told = copying.score(unit(50), album(unit(60, -60), unit(0)))
    assert told.copy_paste == pytest.approx(((50 - 10) / 60 + (50 - 110) / 60) / 2, abs=1e-3)
    assert told.nearest == pytest.approx(40 / 60, abs=1e-3)
    rates = copying.copy_paste_rates(unit(50, 10), unit(0, 20, 30), unit(60, -60))
    assert rates.shape == (2, 3, 2)


def test_nothing_is_told_where_the_new_photo_is_a_trained_one_or_there_is_no_portrait() -> None:
    assert copying.score(unit(40), album(unit(0), unit(0))).copy_paste == 0
    assert math.isnan(copying.score(unit(), album(unit(0), unit(60))).copy_paste)


def test_new_photos_are_judged_as_portraits_against_each_other() -> None:
    """Each held-out one in turn, and never against itself."""
    told = copying.of_new_photos(album(unit(60), unit(0, 20)))
    assert told.sim_gt == pytest.approx(math.cos(math.radians(20)), abs=1e-6)
    assert told.copy_paste == pytest.approx(((20 - 60) / 40 + (20 - 40) / 60) / 2, abs=1e-3)


def traits_of(pixels: np.ndarray) -> PortraitTraits:
    found = variety.traits(pixels)
    assert found is not None
    return found


def test_each_way_in_which_two_portraits_differ_is_seen_and_nothing_else() -> None:
    photo = decode(CUSTOMER.read_bytes())
    (face,) = faces.find(photo)
    plain = faces.crop(photo, face, 256, 0.3)
    warm = np.clip(plain * np.array([1.15, 1.0, 0.75]), 0, 255).astype(np.uint8)
    wide = faces.crop(photo, face, 256, 0.21)
    blue = plain.copy()
    blue[:86, :43] = blue[:86, -43:] = (40, 80, 160)
    shifted = faces.crop(photo, face, 256, 0.29, shift=(0.02, 0.02))

    def differ(other: np.ndarray) -> tuple[int, int, int, int, int]:
        told = variety.variety([traits_of(plain), traits_of(other)])
        assert told.pairs == 1
        return told.crop, told.turn, told.light, told.backdrop, told.any

    assert differ(plain) == differ(shifted) == (0, 0, 0, 0, 0)
    assert differ(wide) == (1, 0, 0, 0, 1)
    assert differ(blue) == (0, 0, 0, 1, 1)
    light, any_way = differ(warm)[2], differ(warm)[4]
    assert (light, any_way) == (1, 1)
    squeezed = cv2.resize(plain, (256, 256))
    assert variety.traits(np.full_like(squeezed, 128)) is None


def test_a_turned_head_differs_and_all_pairs_count() -> None:
    grey = np.full(3, 50.0)
    front, side = PortraitTraits(-2, 0.0, grey, grey), PortraitTraits(-2, -0.4, grey, grey)
    assert variety.variety([front, side, front]) == Variety(3, 0, 2, 0, 0, 2)
    assert variety.variety([front]) == Variety(0, 0, 0, 0, 0, 0)


def test_a_persons_section_is_replaced_and_the_others_and_the_notes_stay(tmp_path: Path) -> None:
    page = tmp_path / "framings.md"
    put_section(page, "P006", "## P006\n\nold\n")
    page.write_text(page.read_text() + "\n## Notes\n- by hand\n")
    put_section(page, "P007", "## P007\n\nother\n")
    put_section(page, "P006", "## P006\n\nnew\n")
    text = page.read_text()
    assert "old" not in text
    assert text.index("other") < text.index("new") < text.index("- by hand")


@pytest.mark.parametrize(
    ("base", "smile_for_soft", "note"),
    [("mini", 1, "one word for soft smile and smile (smile)"), ("sdxl", 0, "of smiles the kind.")],
)
def test_an_expression_is_met_as_it_was_asked_by_the_words_that_the_base_has(
    base: str, smile_for_soft: int, note: str
) -> None:
    """A smile is no soft smile where the base could have painted one."""
    words = recipe.load(base).dataset.expressions
    broad, soft, calm = (as_jpeg(sitting("P001")[f"emotions-{number}"][0]) for number in (1, 8, 0))

    def met(picture: bytes, asked: Expression) -> int:
        return faces_right.score("P001", "", [(picture, asked)], words).met

    assert met(broad, Expression.SMILE) == met(soft, Expression.SOFT_SMILE) == 1
    assert met(broad, Expression.SOFT_SMILE) == met(soft, Expression.SMILE) == smile_for_soft
    assert met(calm, Expression.NEUTRAL) == 1
    assert met(calm, Expression.SMILE) == met(soft, Expression.NEUTRAL) == 0
    assert note in faces_right.one_word(words)


def test_two_expressions_without_a_word_are_not_one() -> None:
    words = recipe.load("mini").dataset.expressions
    assert not faces_right.is_met(Expression.TURNED_LEFT, Expression.TURNED_RIGHT, words)


def as_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


def finished_run(person: str) -> PersonRun:
    lora = KeptCheckpoint(step=5, lora=b"lora\x00", error=0.1)
    first = PaintedImage(b"first", seed=1, width=2, height=3, similarity=0.5)
    trained = TrainedLora((lora,), 0, 5, 1.5, 0.1, 0.2, LoraScaleRange(0.8, 0.1, 1.0), (first,))
    return PersonRun(
        person, 1.0, 2.0, 3.0, trained, (b"first",), (b"bare",), (b"plain",), {"sepia": (b"old",)},
        ((b"plain", Expression.SMILE),),
    )  # fmt: skip


def test_a_finished_person_is_found_again_and_only_by_what_was_painted_of_them(
    tmp_path: Path,
) -> None:
    """Another seed, count, photo, person, base or recipe is another run."""
    kept, run = KeptRuns(tmp_path, "base", "recipe"), finished_run("P005")
    kept.write(run, "P005", (b"photo",), 1, 4)
    assert kept.read(Training, "P005", (b"photo",), 1, 4) is None
    kept.write(training := Training(run.trained, 2.5), "P005", (b"photo",), 1, 4)
    assert kept.read(Training, "P005", (b"photo",), 1, 4) == training
    assert KeptRuns(tmp_path, "base", "recipe").read(PersonRun, "P005", (b"photo",), 1, 4) == run
    others = (
        ("P006", (b"photo",), 1, 4), ("P005", (b"other",), 1, 4), ("P005", (b"photo",), 2, 4),
        ("P005", (b"photo",), 1, 3),
    )  # fmt: skip
    assert [kept.read(PersonRun, *other) for other in others] == [None] * 4
    for another in (KeptRuns(tmp_path, "new", "recipe"), KeptRuns(tmp_path, "base", "new")):
        assert another.read(PersonRun, "P005", (b"photo",), 1, 4) is None


@pytest.mark.parametrize("left", [0, 10, -1])
def test_a_kept_run_that_was_cut_short_is_measured_again(tmp_path: Path, left: int) -> None:
    kept = KeptRuns(tmp_path, "base", "recipe")
    kept.write(finished_run("P005"), "P005", (b"photo",), 1, 4)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert kept.read(PersonRun, "P005", (b"photo",), 1, 4) is None
