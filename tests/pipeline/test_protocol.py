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

from pipeline.orders import (
    LabelText,
    PaintOrder,
    Picture,
    Progress,
    Stage,
    TrainOrder,
)
from pipeline.protocol import BadFrame, Frame, encode, frame, read, receive, record


def test_the_parent_side_imports_no_torch() -> None:
    heavy = "torch diffusers transformers peft cv2 onnxruntime numpy PIL"
    code = (
        "import sys, pipeline.engine, pipeline.recipe, pipeline.protocol, pipeline.orders;"
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
    order = TrainOrder(avatar, tuple(photos), "man", "mini", seed, Path("/x"), LabelText("AI生成"))
    sent = read(io.BytesIO(encode(frame("train", order))))
    assert sent is not None
    assert record(TrainOrder, sent) == order


def test_nested_optional_and_enumerated_fields_survive() -> None:
    paint = PaintOrder(
        None, None, 1, "mini", "man", "p\n{subject}", "", 1, 2, (3, 4), "c", LabelText(), True
    )
    news = Progress(Stage.TRAINING, 1, 2, None, 0.5, b"\n{}\x00")
    pictures = (Picture(b"\n", 1, 2, 3), Picture(b"", 4, 5, 6))
    for kind, value in ((PaintOrder, paint), (Progress, news)):
        sent = read(io.BytesIO(encode(frame("x", value))))
        assert sent is not None
        assert record(kind, sent) == value
    sent = read(io.BytesIO(encode(frame("x", pictures))))
    assert sent is not None
    assert record(tuple[Picture, ...], sent) == pictures


def test_photos_do_not_show_in_a_repr() -> None:
    order = TrainOrder("a", (b"secret-photo",), "man", "mini", 1, Path("/x"))
    paint = PaintOrder(
        "a", b"secret-lora", 1, "mini", "man", "my name", "", 1, 1, (), "c", LabelText(), True
    )
    assert "secret" not in repr(order) + repr(paint)
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
        b'{"kind": "a", "body": 1}\n',
        b'{"kind": 1, "body": 1, "blobs": []}\n',
        b'{"kind": "a", "body": 1, "blobs": [-1]}\n',
        b'{"kind": "a", "body": 1, "blobs": [99999999999]}\n',
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
