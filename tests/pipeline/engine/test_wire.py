"""Frames: what goes in comes out, and what does not fit is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import math
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine import answers, messages
from pipeline.engine.expressions import Expression
from pipeline.engine.messages import (
    BadLora,
    CheckpointFile,
    EngineError,
    EngineStage,
    KeptCheckpoint,
    LabelText,
    LoraScaleRange,
    NothingDecent,
    PaintedImage,
    PaintRequest,
    Progress,
    Reference,
    Retouch,
    StyleLora,
    TrainedLora,
    TrainRequest,
)
from pipeline.engine.wire import (
    PIECE,
    BadWireFrame,
    Blob,
    WireFrame,
    encode,
    pack,
    read,
    receive,
    unpack,
)
from shop.catalog.grade_file import GradeFile


def test_the_parent_side_imports_no_torch() -> None:
    heavy = "torch diffusers transformers peft cv2 onnxruntime numpy PIL"
    code = (
        "import sys, pipeline.engine.engine, pipeline.models.recipe;"
        "import pipeline.engine.wire, pipeline.engine.messages;"
        f"loaded = [m for m in '{heavy}'.split() if m in sys.modules];"
        "sys.exit(','.join(loaded) or 0)"
    )
    checkout = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(), st.text())
def test_a_train_request_survives_the_pipe(photos: list[bytes], seed: int, avatar: str) -> None:
    label = LabelText("AI生成")
    paint = PaintRequest(None, None, 1, "mini", "man", "p", "", 1, 2, (3, 4), "c", label, True)
    requests = (
        TrainRequest(
            avatar,
            tuple(photos),
            "man",
            "mini",
            seed,
            label,
            checkpoint=tuple(CheckpointFile("state", photo) for photo in photos),
            initial_portraits=paint,
        ),
        TrainRequest("b", (), "woman", "mini", 1),
    )
    sent = read(io.BytesIO(encode(pack("train", requests, 7))))
    assert sent is not None
    assert sent.id == 7
    assert unpack(tuple[TrainRequest, ...], sent) == requests


def test_nested_optional_and_enumerated_fields_survive() -> None:
    paint = PaintRequest(
        None, None, 1, "mini", "man", "p\n{subject}", "", 1, 2, (3, 4), "c", LabelText(), True,
        StyleLora(b"s\n", 0.5), Reference(b"i", None, 0.7), (Retouch.SKIN,), "#438edb",
        Expression.SMILE, 0.3,
        GradeFile(skin=-0.5, curve=((-9.0, -9.0), (0.0, 0.0), (2.0, 2.0))).grade(),
    )  # fmt: skip
    kept = (CheckpointFile("candidate-1", b"\n"), CheckpointFile("state", b""))
    news = Progress(EngineStage.TRAINING, 1, 2, None, 0.5, b"\n{}\x00", kept)
    pictures = (PaintedImage(b"\n", 1, 2, 3), PaintedImage(b"", 4, 5, 6))
    for kind, value in ((PaintRequest, paint), (Progress, news)):
        sent = read(io.BytesIO(encode(pack("x", value))))
        assert sent is not None
        assert unpack(kind, sent) == value
    sent = read(io.BytesIO(encode(pack("x", pictures))))
    assert sent is not None
    assert unpack(tuple[PaintedImage, ...], sent) == pictures


def test_each_request_of_a_batch_has_its_own_end() -> None:
    scales = LoraScaleRange(0.8, 0.1, 1.0)
    trained = TrainedLora(
        (KeptCheckpoint(5, b"l", 0.5), KeptCheckpoint(9, b"m", 0.25)), 1, 9, 1.5, 2, 1, scales
    )
    picture = PaintedImage(b"p", 1, 2, 3, similarity=0.75)
    sent_answers = (
        answers.train_answer([trained, BadLora("no")], 3),
        answers.paint_answer([NothingDecent("4 seeds"), (picture,), ()], 4),
    )
    first, second = (read(io.BytesIO(encode(one))) for one in sent_answers)
    assert first is not None
    assert second is not None
    good, bad = answers.read_train_answer(first)
    assert good == trained
    assert (type(bad), str(bad)) == (BadLora, "no")
    failed, painted, none = answers.read_paint_answer(second)
    assert isinstance(failed, NothingDecent)
    assert (painted, none) == ((picture,), ())


@pytest.mark.parametrize("name", ["Path", "nonesuch", "dataclass", "__doc__", "View"])
def test_an_error_of_no_known_name_is_a_plain_one(name: str) -> None:
    assert type(answers.ErrorMessage(name, "text").to_exception()) is EngineError


def test_photos_do_not_show_in_a_repr() -> None:
    request = TrainRequest("a", (b"secret-photo",), "man", "mini", 1)
    paint = PaintRequest(
        "a", b"secret-lora", 1, "mini", "man", "my name", "", 1, 1, (), "c", LabelText(), True
    )
    sent = pack("train", request)
    picture = PaintedImage(b"secret-face", 1, 2, 3, similarity=0.123)
    assert "secret" not in repr(request) + repr(paint) + repr(sent) + repr(picture)
    assert "0.123" not in repr(picture), "a similarity in a log"
    assert "my name" not in repr(paint)


async def test_frames_follow_each_other_in_a_stream() -> None:
    reader = asyncio.StreamReader()
    large = bytes(range(251)) * (2 * PIECE // 251 + 7)  # read in three pieces
    reader.feed_data(encode(WireFrame("a", 1, (b"x\ny", large))) + encode(WireFrame("b", None)))
    reader.feed_eof()
    assert 2 * PIECE < len(large) < 3 * PIECE
    assert await receive(reader) == WireFrame("a", 1, (b"x\ny", large))
    assert await receive(reader) == WireFrame("b", None)
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
    with pytest.raises(BadWireFrame):
        read(io.BytesIO(line))


def test_a_cut_stream_is_an_end() -> None:
    whole = encode(WireFrame("a", None, (b"12345",)))
    assert read(io.BytesIO(whole[:-1])) is None
    assert read(io.BytesIO(b"")) is None


@pytest.mark.parametrize(
    "body",
    [{}, {"image": {"blob": 7}}, {"image": {"blob": 0}, "seed": "1", "width": 1, "height": 1}, 3],
)
def test_a_body_that_does_not_fit_is_refused(body: object) -> None:
    with pytest.raises(BadWireFrame):
        unpack(PaintedImage, WireFrame("x", body, (b"",)))


def test_every_wrong_key_is_named_and_no_value() -> None:
    body = {"image": {"blob": True}, "seed": "my name", "width": 1.5, "colour": "mauve"}
    with pytest.raises(BadWireFrame) as caught:
        unpack(tuple[PaintedImage, ...], WireFrame("painted", [body], (b"secret",)))
    text = str(caught.value)
    named = [part.partition(":")[0] for part in text.removeprefix("painted: ").split("; ")]
    assert sorted(named) == ["0.colour", "0.height", "0.image", "0.seed", "0.width"]
    assert not any(value in text for value in ("my name", "1.5", "mauve", "secret"))
    assert caught.value.__cause__ is None, "pydantic's own error shows the values"


@pytest.mark.parametrize("body", [[[1, 2]], [{"blob": -1}], [{"blob": 0, "x": 1}], ["AA=="]])
def test_bytes_are_always_blobs(body: object) -> None:
    with pytest.raises(BadWireFrame):
        unpack(tuple[Blob, ...], WireFrame("x", body, (b"a",)))


def test_every_field_of_bytes_is_declared_a_blob() -> None:
    """A plain `bytes` would travel as text within the header."""
    found = [cls for cls in vars(messages).values() if dataclasses.is_dataclass(cls)]
    assert PaintRequest in found
    for cls in found:
        for name, hint in typing.get_type_hints(cls, include_extras=True).items():
            assert "bytes" not in repr(hint).replace(repr(Blob), ""), f"{cls.__name__}.{name}"


def test_numbers_that_are_none_survive() -> None:
    news = Progress(EngineStage.TRAINING, 1, 2, math.nan, math.inf)
    sent = read(io.BytesIO(encode(pack("progress", news))))
    assert sent is not None
    received = unpack(Progress, sent)
    assert math.isnan(received.loss or 0)
    assert received.seconds_left == math.inf
