"""Clips: labelled in every frame and in the file, playable, and small enough for a chat."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from pipeline.clips.clip import EncodedClip, encode_clip
from pipeline.clips.reading import decode_frames, read_clip
from pipeline.engine.messages import BadLabel, LabelText
from pipeline.images import label as labels
from pipeline.images.faces import Pixels
from shop.labels import mp4
from shop.labels.hidden import SourceType, read_info
from shop.records.clip_encoders import ClipEncoder

FPS = 25
LABEL = LabelText(producer="001191110000MA12345678X10001")


def moving(count: int, width: int = 320, height: int = 426) -> Iterator[Pixels]:
    """A coloured ramp that slides; its colours tell a wrong matrix or range."""
    across = np.linspace(0, 255, width)[None, :]
    down = np.linspace(0, 255, height)[:, None]
    for number in range(count):
        planes = ((across + 3 * number) % 256, np.roll(down, number), 255 - across)
        yield np.stack([np.broadcast_to(p, (height, width)) for p in planes], -1).astype(np.uint8)


@pytest.fixture(scope="module")
def clip() -> EncodedClip:
    return encode_clip(moving(60), FPS, LABEL, "clip-1")


def test_it_is_h264_that_plays_everywhere_and_while_it_loads(clip: EncodedClip) -> None:
    facts = read_clip(clip.mp4)
    assert (facts.codec, facts.pixel_format, facts.faststart) == ("h264", "yuv420p", True)
    assert (facts.width, facts.height) == (clip.width, clip.height) == (320, 426)
    assert (facts.frames, facts.fps, facts.seconds) == (clip.frames, FPS, clip.seconds)
    assert (clip.frames, clip.seconds) == (60, 2.4)
    kinds = [box.kind for box in mp4.boxes(clip.mp4)]
    assert kinds.index(b"moov") < kinds.index(b"mdat")


def test_the_label_of_gb_45438_stands_where_annex_e_wants_it(clip: EncodedClip) -> None:
    said = json.loads(mp4.read_keys(clip.mp4)["AIGC"])
    assert said == {
        "Label": "1",
        "ContentProducer": LABEL.producer,
        "ProduceID": "clip-1",
        "ReservedCode1": "",
        "ContentPropagator": LABEL.producer,
        "PropagateID": "clip-1",
        "ReservedCode2": "",
    }
    with av.open(io.BytesIO(clip.mp4)) as opened:  # as any tool of FFmpeg's shows it
        assert json.loads(opened.metadata["AIGC"]) == said
    assert clip.mp4.count(b'"ContentProducer"') == 1, "of labels a file has one"


@pytest.mark.parametrize("source", SourceType)
def test_all_three_files_say_the_same(source: SourceType) -> None:
    made = encode_clip(moving(3), FPS, LABEL, "clip-2", source)
    found = [mp4.read_label(made.mp4)]
    for still in (made.poster, made.preview):
        with Image.open(io.BytesIO(still)) as opened:
            found.append(read_info(opened.info))
    assert all(one is not None for one in found)
    assert {one.source_type for one in found if one} == {source.value}
    assert {(one.producer, one.content_id, one.aigc) for one in found if one} == {
        (LABEL.producer, "clip-2", "1")
    }
    assert {one.day for one in found if one} == {datetime.now(UTC).date()}


def test_every_frame_bears_the_visible_mark(clip: EncodedClip) -> None:
    """Compared with the very picture that the stills' labeller draws."""
    count = 0
    for plain, shown in zip(moving(60), decode_frames(clip.mp4), strict=True):
        marked = np.asarray(labels.draw_mark(Image.fromarray(plain), LABEL.mark))
        place = np.any(marked != plain, axis=2)
        apart = np.abs(shown.astype(int) - marked)[place].mean()
        unmarked = np.abs(shown.astype(int) - plain)[place].mean()
        assert apart < unmarked / 2, "a frame without its mark"
        count += 1
    assert count == 60


def test_frames_keep_their_colours(clip: EncodedClip) -> None:
    """A wrong matrix shifts greens and reds by ten and more, a wrong range blacks and whites."""
    for plain, shown in islice(zip(moving(60), decode_frames(clip.mp4), strict=True), 5):
        upper = np.s_[20:300, 20:300]
        apart = np.abs(shown[upper].astype(int) - plain[upper]).mean(axis=(0, 1))
        assert apart.max() < 8
    with av.open(io.BytesIO(clip.mp4)) as opened:
        context = opened.streams.video[0].codec_context
        assert (int(context.colorspace), int(context.color_range)) == (1, 1)  # BT.709, TV


def test_the_poster_is_the_first_frame(clip: EncodedClip) -> None:
    with Image.open(io.BytesIO(clip.poster)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (clip.width, clip.height))
        still = np.asarray(opened.convert("RGB")).astype(int)
    first = next(decode_frames(clip.mp4)).astype(int)
    assert np.abs(still - first).mean() < 8


def test_the_preview_moves_is_small_and_marked() -> None:
    made = encode_clip(moving(50, 640, 480), FPS, LABEL)
    with Image.open(io.BytesIO(made.preview)) as opened:
        assert (opened.format, opened.size, opened.info["loop"]) == ("WEBP", (320, 240), 0)
        pictures = opened.n_frames
        opened.seek(pictures - 1)
        last = np.asarray(opened.convert("RGB")).astype(int)
        opened.seek(0)
        first = np.asarray(opened.convert("RGB")).astype(int)
        assert opened.info["duration"] * pictures == pytest.approx(2000, abs=130)
    assert pictures > 10
    assert np.abs(last - first)[:100].mean() > 10, "it does not move"
    plain = np.asarray(Image.fromarray(next(moving(1, 640, 480))).resize((320, 240)))
    marked = np.asarray(labels.draw_mark(Image.fromarray(plain), LABEL.mark)).astype(int)
    place = np.any(marked != plain, axis=2)
    assert np.abs(first - marked)[place].mean() < np.abs(first - plain)[place].mean() / 2


def test_odd_sides_lose_a_row_and_a_column() -> None:
    made = encode_clip(moving(3, 321, 425), FPS, LABEL)
    assert (made.width, made.height) == (320, 424)


@pytest.mark.parametrize("encoder", ClipEncoder)
def test_each_encoder_writes_a_whole_labelled_mp4(encoder: ClipEncoder) -> None:
    made = encode_clip(moving(12), FPS, LABEL, encoder=encoder)
    facts = read_clip(made.mp4)
    codec = {"libx264": "h264", "libsvtav1": "av1", "libvpx-vp9": "vp9", "mpeg4": "mpeg4"}
    assert facts.codec == codec[encoder]
    assert (facts.frames, facts.faststart, facts.pixel_format) == (12, True, "yuv420p")
    assert facts.label is not None
    assert facts.label.producer == LABEL.producer


def test_frames_are_taken_as_they_are_encoded() -> None:
    """No list of frames: beyond the encoder's lookahead a clip of a minute costs no memory."""
    alive: set[int] = set()
    most = 0

    class Counted(np.ndarray):
        def __del__(self) -> None:
            alive.discard(id(self))

    def counted() -> Iterator[Pixels]:
        nonlocal most
        for frame in moving(150, 64, 64):
            one = frame.view(Counted)
            alive.add(id(one))
            most = max(most, len(alive))
            yield one

    encode_clip(counted(), FPS, LABEL)
    assert most <= 4


def test_a_clip_of_nine_seconds_of_noise_is_below_wechats_ten_megabytes() -> None:
    rng = np.random.default_rng(5)
    noise = [rng.integers(0, 255, (360, 480, 3), np.uint8) for _ in range(5)]
    made = encode_clip((noise[n % 5] for n in range(9 * FPS)), FPS, LABEL)
    assert len(made.mp4) < 10_000_000


def test_nothing_of_a_clip_is_left_on_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tmp_path.chmod(0o500)
    encode_clip(moving(3), FPS, LABEL)
    assert not list(tmp_path.iterdir())


def test_a_label_that_was_lost_in_writing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As FFmpeg loses it without its flag, or with a file object, and says nothing."""
    opened = av.open

    def without_flag(path: object, mode: str = "r", **options: object) -> object:
        if mode == "w":
            options["options"] = {"movflags": "faststart"}
        return opened(path, mode, **options)

    monkeypatch.setattr(av, "open", without_flag)
    with pytest.raises(BadLabel, match="not in the MP4"):
        encode_clip(moving(3), FPS, LABEL)


@pytest.mark.parametrize(
    ("mark", "producer"), [("made by hand", "eider"), ("AI生成 Գ", "eider"), ("AI生成", "a b")]
)
def test_an_unlawful_label_is_refused_before_any_work(mark: str, producer: str) -> None:
    drawn = 0

    def frames() -> Iterator[Pixels]:
        nonlocal drawn
        for frame in moving(10):
            drawn += 1
            yield frame

    with pytest.raises(BadLabel):
        encode_clip(frames(), FPS, LabelText(mark, producer))
    assert drawn <= 1


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [np.zeros((32, 400, 3), np.uint8)],
        [np.zeros((400, 4000, 3), np.uint8)],
        [np.zeros((400, 400), np.uint8)],
        [np.zeros((400, 400, 3), np.float32)],
        [np.zeros((400, 400, 3), np.uint8), np.zeros((402, 400, 3), np.uint8)],
    ],
)
def test_frames_that_are_no_clip_are_refused(frames: list[Pixels]) -> None:
    with pytest.raises(ValueError, match="frame"):
        encode_clip(frames, FPS, LABEL)


def test_an_animator_that_fails_is_heard() -> None:
    def frames() -> Iterator[Pixels]:
        yield from moving(3)
        raise RuntimeError("torn")

    with pytest.raises(RuntimeError, match="torn"):
        encode_clip(frames(), FPS, LABEL)


@pytest.mark.parametrize("data", [b"", b"\0" * 64, b"\0\0\0\x18ftypisom" + b"\0" * 50])
def test_no_film_is_no_clip(data: bytes) -> None:
    with pytest.raises(ValueError, match="no MP4"):
        read_clip(data)
