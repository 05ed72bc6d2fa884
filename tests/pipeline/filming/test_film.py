"""A source looked at, and a clip made of it, by the real animator and encoder on a small photo."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.child.request_queue import RequestCancelled
from pipeline.clips.reading import decode_frames, read_clip
from pipeline.engine.clip_messages import AnimateRequest, PrepareRequest
from pipeline.engine.messages import BadPhotos, BadSource, EngineStage, LabelText, Progress
from pipeline.filming.film import film
from pipeline.filming.source import SMALL, prepare
from pipeline.images import faces, label
from pipeline.images.faces import Pixels
from pipeline.restoring.restore import Restored
from shop.labels.hidden import SourceType
from shop.records import AnimationRefusal, Keyframe, Motion, Track
from shop.records.repairs import Repair

CUSTOMER = Path("deploy/demo/customer")
OTHER = Path("shop/catalog/previews/pastel.jpg")  # somebody else, painted by the embedded base
NOD = Motion(
    "nod", 0.6, 10, True, ((Track.PITCH, (Keyframe(0, 0), Keyframe(0.3, 5), Keyframe(0.6, 0))),)
)
PUSH_IN = Motion("push-in", 0.6, 10, False, ((Track.ZOOM, (Keyframe(0, 1), Keyframe(0.6, 1.2))),))


def shrunk(name: str, side: int = 480) -> bytes:
    picture = Image.open(CUSTOMER / name).convert("RGB")
    picture.thumbnail((side, side))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="module")
def front() -> bytes:
    return shrunk("03-front.jpg")


@pytest.fixture
def wanted(front: bytes) -> AnimateRequest:
    return AnimateRequest(front, NOD, "clip-1", LabelText(), largest=320)


def landscape() -> bytes:
    rows = np.linspace(40, 200, 300).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(np.dstack([np.tile(rows[:, None], (1, 400))] * 3)).save(out, "JPEG")
    return out.getvalue()


def pixels(jpeg: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


def looks(picture: Pixels) -> NDArray[np.float32]:
    """What a face looks like, as SFace sees it."""
    found = faces.embedding(np.ascontiguousarray(picture))
    assert found is not None
    return found


def made(request: AnimateRequest) -> tuple[list[Progress], object]:
    told: list[Progress] = []
    return told, film(request, told.append, lambda: None)


def test_a_face_is_looked_at(front: bytes) -> None:
    seen = prepare(PrepareRequest(front, LabelText()))
    assert (seen.people, seen.faces, seen.reason) == (1, 1, "")
    assert seen.indecency < 0.5
    assert seen.youth < 0.5
    before, after = (Image.open(io.BytesIO(one)) for one in (seen.before, seen.after))
    assert max(before.size) <= SMALL
    original = Image.open(io.BytesIO(front)).size
    assert seen.done == ("enlarged",), "a small photo, and otherwise whole"
    assert after.width / after.height == pytest.approx(original[0] / original[1], rel=0.01)
    assert max(original) < max(after.size) <= 2 * max(original)


def test_a_picture_on_its_side_moves_upright(front: bytes) -> None:
    out = io.BytesIO()
    lying = Image.open(io.BytesIO(front)).rotate(90, expand=True)
    lying.save(out, "JPEG", quality=92)
    seen = prepare(PrepareRequest(out.getvalue(), LabelText()))
    assert (seen.faces, seen.done[0]) == (1, "turned"), "and that is told"
    after = Image.open(io.BytesIO(seen.after)).size
    assert after[0] / after[1] == pytest.approx(lying.height / lying.width, rel=0.01)
    assert Image.open(io.BytesIO(seen.before)).size == lying.size, "as it came"


def group(face: int, people: int = 10) -> bytes:
    """So many people in two rows of a picture of 1,600 px, each face that high in pixels."""
    wall = Image.new("RGB", (1600, 900), (150, 140, 130))
    names = sorted(one.name for one in CUSTOMER.glob("0[1-8]-*.jpg"))
    for number in range(people):
        one = Image.open(CUSTOMER / names[number % 3]).convert("RGB")
        found = faces.find(np.asarray(one))[0]
        one = one.resize([round(side * face / found.height) for side in one.size])
        across, down = number % 5, number // 5
        middle = (found.left + found.width / 2, found.top + found.height / 2)
        around = [round(at * face / found.height) for at in middle]
        cut = (around[0] - 140, around[1] - 180, around[0] + 140, around[1] + 220)
        wall.paste(one.crop(cut), (40 + across * 310, 30 + down * 430))
    out = io.BytesIO()
    wall.save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize(("face", "moving", "side"), [(150, 10, 720), (88, 10, 1024), (60, 0, 720)])
def test_of_a_group_as_many_move_as_were_promised(
    wanted: AnimateRequest, face: int, moving: int, side: int
) -> None:
    """Whose faces are large enough in the clip: that one is larger where it lets more move."""
    seen = prepare(PrepareRequest(group(face), LabelText()))
    assert (seen.people, seen.faces) == (10, moving)
    assert seen.reason == ("" if moving else AnimationRefusal.FACE_TOO_SMALL.value)
    asked = replace(wanted, photo=seen.after, largest=None)
    if not moving:
        with pytest.raises(BadSource):
            made(asked)
        return
    _, clip = made(asked)
    assert clip.width == side  # type: ignore[attr-defined]
    first, *_, middle, _, _ = decode_frames(clip.mp4)  # type: ignore[attr-defined]
    moved = np.abs(first.astype(int) - middle.astype(int)).mean(axis=2)
    found = faces.find(first)
    assert len(found) == moving
    for one in found:
        box = moved[
            int(one.top) : int(one.top + one.height), int(one.left) : int(one.left + one.width)
        ]
        assert box.mean() > 3, "each of them nods"


def test_who_stands_in_the_background_is_counted_and_may_be_too_young(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall = Image.open(io.BytesIO(group(60, people=5)))
    near = Image.open(CUSTOMER / "03-front.jpg").convert("RGB")
    near.thumbnail((600, 600))
    wall.paste(near, (500, 900 - near.height))
    out = io.BytesIO()
    wall.save(out, "JPEG", quality=95)
    judged: list[float] = []

    def young(picture: Pixels, face: faces.Face) -> float:
        judged.append(face.height)
        return 0.9 if face.height < 100 else 0.1

    monkeypatch.setattr("pipeline.images.safety.photo_youth", young)
    assert len(faces.find(np.asarray(wall))) == 1
    seen = prepare(PrepareRequest(out.getvalue(), LabelText()))
    assert seen.people == len(judged) > 3
    assert seen.youth == 0.9


def test_a_photo_that_was_mended_is_as_young_as_it_looked_before(
    front: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mended(picture: Pixels) -> Restored:
        return Restored(np.clip(picture.astype(int) + 20, 0, 255).astype(np.uint8), (Repair.NOISE,))

    came = pixels(front).mean()
    monkeypatch.setattr("pipeline.filming.source.restore", mended)
    monkeypatch.setattr(
        "pipeline.images.safety.photo_youth",
        lambda picture, face: 0.9 if picture.mean() < came + 5 else 0.1,
    )
    assert prepare(PrepareRequest(front, LabelText())).youth == 0.9


def test_where_no_face_is_the_reason_says_so() -> None:
    seen = prepare(PrepareRequest(landscape(), LabelText()))
    assert (seen.people, seen.faces, seen.youth) == (0, 0, 0.0)
    assert seen.reason == AnimationRefusal.NO_FACE.value


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(BadPhotos):
        prepare(PrepareRequest(b"no picture", LabelText()))


def test_a_clip_is_labelled_and_as_long_as_its_motion(wanted: AnimateRequest) -> None:
    told, clip = made(wanted)
    facts = read_clip(clip.mp4)  # type: ignore[attr-defined]
    assert (facts.frames, facts.faststart, facts.pixel_format) == (6, True, "yuv420p")
    assert facts.label is not None
    assert "clip-1" in facts.aigc
    assert max(facts.width, facts.height) == 320
    assert Image.open(io.BytesIO(clip.poster)).size == (facts.width, facts.height)  # type: ignore[attr-defined]
    assert Image.open(io.BytesIO(clip.preview)).is_animated  # type: ignore[attr-defined]
    assert {one.stage for one in told} == {EngineStage.ANIMATING}
    assert [(one.step, one.steps) for one in told] == [(0, 6), (5, 6)]


def test_the_camera_moves_where_no_face_is(wanted: AnimateRequest) -> None:
    scene = replace(wanted, photo=landscape())
    assert made(replace(scene, motion=PUSH_IN))[1].frames == 6  # type: ignore[attr-defined]
    with pytest.raises(BadSource) as refused:
        made(scene)
    assert refused.value.reason == AnimationRefusal.NO_FACE.value


def test_whoever_is_more_urgent_is_let_pass_before_each_frame(wanted: AnimateRequest) -> None:
    passing: list[int] = []
    film(wanted, lambda progress: None, lambda: passing.append(1))
    assert len(passing) == 6 + 1


def test_a_cancelled_clip_ends_between_two_frames(wanted: AnimateRequest) -> None:
    passing: list[int] = []

    def between() -> None:
        passing.append(1)
        if len(passing) == 3:
            raise RequestCancelled

    with pytest.raises(RequestCancelled):
        film(wanted, lambda progress: None, between)
    assert len(passing) == 3


def painted(name: str) -> bytes:
    """As a worker's portrait: with its mark and its hidden label."""
    picture = Image.open(io.BytesIO(shrunk(name))).convert("RGB")
    return label.labelled_jpeg(np.asarray(picture), LabelText(), "portrait-1")


def source_type(clip: object) -> str:
    found = read_clip(clip.mp4).label  # type: ignore[attr-defined]
    assert found is not None
    return found.source_type


def test_a_clip_states_what_it_was_made_of(wanted: AnimateRequest) -> None:
    """Of a portrait a model made it whole; of somebody's photo, or with one, a part of it."""
    portrait = painted("03-front.jpg")
    assert source_type(made(wanted)[1]) == SourceType.RETOUCHED
    assert source_type(made(replace(wanted, photo=portrait))[1]) == SourceType.PAINTED
    beside = shrunk("02-portrait.jpg")
    assert source_type(made(replace(wanted, photo=portrait, second=beside))[1]) == (
        SourceType.RETOUCHED
    )


def test_both_are_shown_in_one_frame_before_they_move(front: bytes) -> None:
    portrait = painted("03-front.jpg")
    seen = prepare(PrepareRequest(shrunk("02-portrait.jpg"), LabelText(), portrait))
    assert (seen.apart, seen.faces) == ("", 1)
    frame = np.asarray(Image.open(io.BytesIO(seen.joined)).convert("RGB"))
    assert len(faces.find(frame)) == 2
    said = label.read_label(seen.joined)
    assert said is not None
    assert said.source_type == SourceType.RETOUCHED
    alone = prepare(PrepareRequest(landscape(), LabelText(), front))
    assert (alone.joined, alone.apart) == (b"", AnimationRefusal.NO_FACE.value)
    tight = prepare(PrepareRequest(front, LabelText(), landscape()))
    assert (tight.joined, tight.apart) == (b"", "no_room_beside"), (
        "nobody can stand beside that one"
    )


def test_two_pictures_come_into_one_frame(wanted: AnimateRequest) -> None:
    """Each with their own face, from the first frame to the last."""
    pair = shrunk("01-selfie.jpg"), OTHER.read_bytes()
    _, clip = made(replace(wanted, photo=pair[0], second=pair[1], largest=640))
    assert clip.width > clip.height  # type: ignore[attr-defined]
    frames = list(decode_frames(clip.mp4))  # type: ignore[attr-defined]
    assert len(frames) == 6
    for frame in (frames[0], frames[3], frames[-1]):
        assert len(faces.find(frame)) == 2
        halves = np.split(frame, [frame.shape[1] // 2], axis=1)
        seen, known = [looks(one) for one in halves], [looks(pixels(one)) for one in pair]
        likeness = np.array(seen) @ np.array(known).T
        assert likeness.diagonal().min() > 0.6
        assert max(likeness[0, 1], likeness[1, 0]) < 0.4, "nobody has the other's face"
    with pytest.raises(BadSource) as refused:
        made(replace(wanted, second=landscape()))
    assert refused.value.reason == AnimationRefusal.NO_FACE.value
