"""``python -m pipeline.animate``: a clip, or one sentence and status 2."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline import animate
from pipeline.clips.reading import read_clip
from pipeline.engine.messages import LabelText
from pipeline.images import label, photo
from shop.catalog import FOLDER
from shop.records import AnimationRefusal
from tests.pipeline.conftest import CUSTOMER

SELFIE = CUSTOMER / "01-selfie.jpg"
SHORT = (FOLDER / "motions" / "nod.toml").read_text("utf-8")


def test_a_photo_comes_alive_by_a_motion_of_ones_own(tmp_path, capsys):
    """A labelled portrait too: what the product painted is what customers move."""
    own = tmp_path / "short.toml"
    own.write_text('order = 1\nseconds = 1.0\nfaces = true\ntracks = { smile = [[0.0, 0.0], '
                   '[0.5, 1.0], [1.0, 0.0]] }\n'
                   + SHORT[SHORT.index("[name]") : SHORT.index("[tracks]")], "utf-8")  # fmt: skip
    portrait = tmp_path / "portrait.jpg"
    pixels = photo.decode(SELFIE.read_bytes())
    portrait.write_bytes(label.labelled_jpeg(pixels, LabelText(), "p1"))
    out, preview = tmp_path / "out.mp4", tmp_path / "out.webp"

    status = animate.main(
        [str(portrait), str(own), str(out), "--largest", "256", "--preview", str(preview)]
    )

    assert status == 0
    assert "25 frames, 1 s" in capsys.readouterr().out
    facts = read_clip(out.read_bytes())
    assert (facts.frames, max(facts.width, facts.height)) == (25, 256)
    assert facts.faststart
    assert '"ContentProducer":"eider"' in facts.aigc.replace(" ", "")
    assert Image.open(io.BytesIO(preview.read_bytes())).n_frames > 2


@pytest.mark.parametrize(
    ("photo", "motion", "said"),
    [
        (CUSTOMER / "04-left.jpg", "smile", "the photo cannot come alive: its faces look too far"),
        (FOLDER / "prices.toml", "smile", "the photo cannot be used: it is no picture"),
        (CUSTOMER / "none.jpg", "smile", "none.jpg: No such file"),
        (CUSTOMER, "smile", "customer: no regular file"),
        (SELFIE, "grin", "there is no motion 'grin', but: gentle, smile, nod"),
        (SELFIE, "none.toml", "none.toml: "),
    ],
)
def test_what_will_not_do_is_said_in_one_sentence(photo, motion, said, tmp_path, capsys):
    out = tmp_path / "out.mp4"
    assert animate.main([str(photo), motion, str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys):
    assert animate.main([str(SELFIE), "smile", str(tmp_path / "none" / "out.mp4")]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_every_refusal_has_words():
    assert set(animate.REASONS) == set(AnimationRefusal)


def test_the_mark_of_a_portrait_is_lifted_and_a_photo_without_one_is_left_alone():
    from pipeline.images.mark_lifting import without_mark

    plain = photo.decode(SELFIE.read_bytes())
    mark = LabelText().mark
    marked = np.asarray(label.draw_mark(Image.fromarray(plain), mark))
    assert without_mark(plain, mark) is plain
    lifted = without_mark(marked, mark)
    assert without_mark(lifted, mark) is lifted
    before, after = (np.abs(one.astype(int) - plain).mean() for one in (marked, lifted))
    assert after < before / 5
