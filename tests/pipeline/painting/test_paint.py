"""Requests in one batch, the gate, the repaints, the best of several, and what is delivered."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.engine.messages import (
    BadLabel,
    BadLora,
    EngineError,
    EngineStage,
    LabelText,
    NothingDecent,
    Progress,
)
from pipeline.images import label, safety
from pipeline.images.safety import GateVerdict
from pipeline.painting import paint
from pipeline.painting.request_state import repaint_seed
from pipeline.painting.selection import FaceSimilarity
from shop.catalog.grade_file import GradeFile
from tests.pipeline.painting.harness import MakeRequest, Open, judged, pixels

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_every_picture_is_labelled_and_numbered(opened: Open, paint_request: MakeRequest) -> None:
    request = paint_request(seeds=(5, 6, 7), label=LabelText("AI生成", "maker"), content_id="job-9")
    news: list[Progress] = []
    (made,) = opened(batch=2).paint(request, news=news)
    assert isinstance(made, tuple)
    assert [p.seed for p in made] == [5, 6, 7]
    labels = [label.read_label(p.image) for p in made]
    assert [found and found.content_id for found in labels] == ["job-9", "job-9-1", "job-9-2"]
    assert {found and found.producer for found in labels} == {"maker"}
    steps = [n.step for n in news if n.stage is EngineStage.PAINTING]
    assert steps == [2, 4, 6, 7, 8, 9], "two together, then one alone"
    assert news[-1].steps == 9


def test_a_failing_seed_is_repainted_with_the_same_further_seeds(
    opened: Open, paint_request: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = opened(repaints=2)
    judged(monkeypatch, "no face", "", "soft")
    made = harness.pictures(paint_request(seeds=(5, 6)))
    assert [p.seed for p in made] == [repaint_seed(5, 2), 6]
    judged(monkeypatch, "no face", "", "soft")
    assert harness.pictures(paint_request(seeds=(5, 6))) == made, "run twice, other pictures"


def test_the_best_candidate_is_delivered(
    opened: Open, paint_request: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [
        GateVerdict(sharpness=60),
        GateVerdict(sharpness=240),
        GateVerdict("soft", sharpness=900),
    ]
    monkeypatch.setattr(safety, "judge", lambda *args: left.pop(0))
    (picture,) = opened(candidates=3, sharpness=50).pictures(paint_request(seeds=(5,)))
    assert picture.seed == repaint_seed(5, 1)
    assert picture.similarity is None
    assert not left, "not every candidate was judged"


def test_with_consent_the_most_similar_is_delivered_and_none_below_the_bar(
    opened: Open, paint_request: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = opened(candidates=2, repaints=1, min_similarity=0.5)
    monkeypatch.setattr(safety, "judge", lambda *args: GateVerdict(sharpness=100))
    alike = [0.6, 0.8, 0.4, 0.3, 0.49, 0.1]  # two seeds, then the second one's repaint
    monkeypatch.setattr(
        FaceSimilarity,
        "from_photos",
        lambda photos: FaceSimilarity([np.eye(2, dtype=np.float32)[0]] * 2),
    )
    monkeypatch.setattr(FaceSimilarity, "likeness", lambda self, pixels: alike.pop(0))
    request, heard = paint_request(seeds=(5, 6)), list[Progress]()
    made = paint.paint_initial_portraits(
        harness.base,
        harness.lora_cache,
        harness.recipe,
        request,
        harness.lora(1),
        (b"",),
        heard.append,
    )
    assert [(p.seed, p.similarity) for p in made] == [(repaint_seed(5, 1), 0.8)]
    assert not alike
    assert heard[-1].stage is EngineStage.PAINTING


def test_one_bad_request_never_fails_the_others(
    opened: Open, paint_request: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = opened(repaints=0)
    judged(monkeypatch, "", "young")
    results = harness.paint(
        paint_request(label=LabelText("portrait")),
        paint_request(seeds=(5,)),
        paint_request(lora=b"no LoRA"),
        paint_request(height=0),
        paint_request(seeds=(6,)),
        paint_request(content_id="a b"),
    )
    kinds = [type(result) for result in results]
    assert kinds == [BadLabel, tuple, BadLora, EngineError, NothingDecent, BadLabel]


def test_noise_does_not_pass_the_shipped_gate(opened: Open, paint_request: MakeRequest) -> None:
    """The untrained base paints noise: no face, so nobody pays for it."""
    assert isinstance(opened(one_face="true").paint(paint_request())[0], NothingDecent)


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
    paint_request: MakeRequest,
    wish: tuple[int, int],
    painted: tuple[int, int],
    delivered: tuple[int, int],
) -> None:
    harness = opened()
    assert harness.recipe.size(*wish) == painted
    (picture,) = harness.pictures(paint_request(width=wish[0], height=wish[1]))
    assert (picture.width, picture.height) == delivered
    assert Image.open(io.BytesIO(picture.image)).size == delivered


def test_the_negative_prompt_counts(opened: Open, paint_request: MakeRequest) -> None:
    harness = opened()
    one, other = (harness.pictures(paint_request(negative=words))[0] for words in ("", "woman"))
    assert not np.array_equal(pixels(one), pixels(other))


def test_a_look_is_finished_before_the_label_which_stays_legible(
    opened: Open, paint_request: MakeRequest
) -> None:
    """A film that makes everything one dark grey: the label is white on it, not grey."""
    flat = GradeFile(skin=0.0, saturation=0.0, curve=((-10.0, -1.0), (0.0, -1.0), (2.0, -1.0)))
    harness = opened(output_short_side=256)
    (plain,) = harness.pictures(paint_request())
    (graded,) = harness.pictures(paint_request(grade=flat.grade()))
    top, corner = np.s_[:128], np.s_[128:]
    assert np.abs(pixels(graded)[top] - 85).max() <= 3
    assert pixels(plain)[top].std() > 5
    assert pixels(graded)[corner].max() > 225


@pytest.mark.parametrize("beauty", [-0.1, 1.1])
def test_beauty_is_a_share(opened: Open, paint_request: MakeRequest, beauty: float) -> None:
    (result,) = opened().paint(paint_request(beauty=beauty))
    assert isinstance(result, EngineError)
    assert "beauty" in str(result)
