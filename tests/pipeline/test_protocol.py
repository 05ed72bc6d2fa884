"""Frames: what goes in comes out, and what does not fit is refused."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine import outcomes
from pipeline.engine.messages import (
    BadLora,
    EngineError,
    Kept,
    LabelText,
    Likeness,
    NothingDecent,
    PaintOrder,
    Picture,
    Progress,
    Reference,
    Retouch,
    Stage,
    StyleLora,
    Trained,
    TrainOrder,
)
from pipeline.engine.wire import BadFrame, Frame, encode, frame, read, receive, record


def test_the_parent_side_imports_no_torch() -> None:
    heavy = "torch diffusers transformers peft cv2 onnxruntime numpy PIL"
    code = (
        "import sys, pipeline.engine.engine, pipeline.models.recipe;"
        "import pipeline.engine.wire, pipeline.engine.messages;"
        f"loaded = [m for m in '{heavy}'.split() if m in sys.modules];"
        "sys.exit(','.join(loaded) or 0)"
    )
    checkout = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(), st.text())
def test_a_training_order_survives_the_pipe(photos: list[bytes], seed: int, avatar: str) -> None:
    label = LabelText("AI生成")
    paint = PaintOrder(None, None, 1, "mini", "man", "p", "", 1, 2, (3, 4), "c", label, True)
    orders = (
        TrainOrder(avatar, tuple(photos), "man", "mini", seed, Path("/x"), label, first=paint),
        TrainOrder("b", (), "woman", "mini", 1, Path("/y")),
    )
    sent = read(io.BytesIO(encode(frame("train", orders, 7))))
    assert sent is not None
    assert sent.id == 7
    assert record(tuple[TrainOrder, ...], sent) == orders


def test_nested_optional_and_enumerated_fields_survive() -> None:
    paint = PaintOrder(
        None, None, 1, "mini", "man", "p\n{subject}", "", 1, 2, (3, 4), "c", LabelText(), True,
        StyleLora(b"s\n", 0.5), Reference(b"i", None, 0.7), (Retouch.SKIN,), "#438edb",
    )  # fmt: skip
    news = Progress(Stage.TRAINING, 1, 2, None, 0.5, b"\n{}\x00")
    pictures = (Picture(b"\n", 1, 2, 3), Picture(b"", 4, 5, 6))
    for kind, value in ((PaintOrder, paint), (Progress, news)):
        sent = read(io.BytesIO(encode(frame("x", value))))
        assert sent is not None
        assert record(kind, sent) == value
    sent = read(io.BytesIO(encode(frame("x", pictures))))
    assert sent is not None
    assert record(tuple[Picture, ...], sent) == pictures


def test_each_order_of_a_batch_has_its_own_end() -> None:
    likeness = Likeness(0.8, 0.1, 0.4, 1.0)
    trained = Trained((Kept(5, b"l", 0.5), Kept(9, b"m", 0.25)), 1, 9, 1.5, 2, 1, likeness)
    picture = Picture(b"p", 1, 2, 3, likeness=0.75)
    told = (
        outcomes.trainings([trained, BadLora("no")], 3),
        outcomes.paintings([NothingDecent("4 seeds"), (picture,), ()], 4),
    )
    first, second = (read(io.BytesIO(encode(one))) for one in told)
    assert first is not None
    assert second is not None
    good, bad = outcomes.trained(first)
    assert good == trained
    assert (type(bad), str(bad)) == (BadLora, "no")
    failed, painted, none = outcomes.painted(second)
    assert isinstance(failed, NothingDecent)
    assert (painted, none) == ((picture,), ())


@pytest.mark.parametrize("name", ["Path", "nonesuch", "dataclass", "__doc__", "View"])
def test_an_error_of_no_known_name_is_a_plain_one(name: str) -> None:
    assert type(outcomes.Fault(name, "text").raised()) is EngineError


def test_photos_do_not_show_in_a_repr() -> None:
    order = TrainOrder("a", (b"secret-photo",), "man", "mini", 1, Path("/x"))
    paint = PaintOrder(
        "a", b"secret-lora", 1, "mini", "man", "my name", "", 1, 1, (), "c", LabelText(), True
    )
    sent = frame("train", order)
    picture = Picture(b"secret-face", 1, 2, 3, likeness=0.123)
    assert "secret" not in repr(order) + repr(paint) + repr(sent) + repr(picture)
    assert "0.123" not in repr(picture), "a likeness in a log"
    assert "my name" not in repr(paint)


async def test_frames_follow_each_other_in_a_stream() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(encode(Frame("a", 1, (b"x\ny",))) + encode(Frame("b", None)))
    reader.feed_eof()
    assert await receive(reader) == Frame("a", 1, (b"x\ny",))
    assert await receive(reader) == Frame("b", None)
    with pytest.raises(asyncio.IncompleteReadError):
        await receive(reader)


@pytest.mark.parametrize(
    "line",
    [
        b"noise\n",
        b"[]\n",
        b'{"kind": "a", "id": 1, "body": 1}\n',
        b'{"kind": "a", "body": 1, "blobs": []}\n',
        b'{"kind": "a", "id": "1", "body": 1, "blobs": []}\n',
        b'{"kind": 1, "id": 1, "body": 1, "blobs": []}\n',
        b'{"kind": "a", "id": 1, "body": 1, "blobs": [-1]}\n',
        b'{"kind": "a", "id": 1, "body": 1, "blobs": [99999999999]}\n',
    ],
)
def test_noise_is_not_a_frame(line: bytes) -> None:
    with pytest.raises(BadFrame):
        read(io.BytesIO(line))


def test_a_cut_stream_is_an_end() -> None:
    whole = encode(Frame("a", None, (b"12345",)))
    assert read(io.BytesIO(whole[:-1])) is None
    assert read(io.BytesIO(b"")) is None


@pytest.mark.parametrize(
    "body",
    [{}, {"image": {"blob": 7}}, {"image": {"blob": 0}, "seed": "1", "width": 1, "height": 1}, 3],
)
def test_a_body_that_does_not_fit_is_refused(body: object) -> None:
    with pytest.raises(BadFrame):
        record(Picture, Frame("x", body, (b"",)))
