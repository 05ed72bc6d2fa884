"""Encode frames as a clip: MP4 with both labels, a poster, a moving preview.

Every frame bears the visible mark, so that it stands at the start for longer than the two seconds
that GB 45438-2025 asks for, and in every still that is taken of it. AIGC (annex E) is a key of
``moov/udta/meta``; FFmpeg loses it silently without a flag, so it is read back. The credentials
(C2PA) are written on the way out of the house, last of all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from PIL import Image

from pipeline.clips.frame_mark import FrameMark
from pipeline.clips.preview import Preview
from pipeline.clips.reading import read_clip
from pipeline.engine.messages import BadLabel, LabelText
from pipeline.images import label as labels
from pipeline.images.faces import Pixels
from shop.labels import hidden, mp4
from shop.labels.hidden import SourceType
from shop.records.clip_encoders import ClipEncoder

LARGEST_SIDE: Final = 2048  # pixels of a frame
LEAST_SIDE: Final = 64
POSTER_QUALITY: Final = 90
_THREADS: Final = 2
_FLAGS: Final = "use_metadata_tags+faststart"
_RATE: Final = 8_000_000  # bits a second at most, so that 9 s stay below WeChat's 10 MB
_OPTIONS: Final[dict[ClipEncoder, dict[str, str]]] = {
    ClipEncoder.X264: {
        "preset": "veryfast",
        "crf": "20",
        "profile": "high",
        "maxrate": str(_RATE),
        "bufsize": str(_RATE),
    },
    ClipEncoder.AV1: {"preset": "9", "crf": "30"},
    ClipEncoder.VP9: {"deadline": "realtime", "cpu-used": "6", "crf": "32", "b": "0"},
    ClipEncoder.MPEG4: {"qmin": "2", "qmax": "6", "maxrate": str(_RATE), "bufsize": str(_RATE)},
}


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """A finished clip. mp4, poster (JPEG, the first frame at the clip's size) and preview (animated
    WebP, see :mod:`pipeline.clips.preview`) all bear both labels."""

    mp4: bytes = field(repr=False)
    poster: bytes = field(repr=False)
    preview: bytes = field(repr=False)
    width: int
    height: int
    frames: int
    seconds: float


def encode_clip(
    frames: Iterable[Pixels],
    fps: int,
    label: LabelText,
    content_id: str = "",
    source_type: SourceType = SourceType.RETOUCHED,
    encoder: ClipEncoder = ClipEncoder.X264,
) -> EncodedClip:
    """Encode RGB frames, all (height, width, 3) uint8 of one size, while they come.

    A side that is odd loses its last row or column: yuv420p wants even ones. Beyond the encoder's
    own lookahead only what the preview keeps stays in memory. ``source_type``: RETOUCHED for
    somebody's photo that was brought alive, PAINTED for what a model made whole. An empty
    ``content_id`` becomes a random one.

    BadLabel: text or codes break the rules, or the label is not in the file that was written.
    ValueError: no frames, frames of several sizes or beyond LEAST_SIDE to LARGEST_SIDE, fps below
    1 or above 60.
    """
    if not 1 <= fps <= 60:
        raise ValueError(f"frames a second: {fps}")
    content_id = content_id or labels.new_content_id()
    aigc = _aigc(label.producer, content_id)
    coming = iter(frames)
    first = _first(coming)
    height, width = (side - side % 2 for side in first.shape[:2])
    mark = FrameMark((width, height), label.mark)
    preview = Preview((width, height), fps, label.mark)
    poster = mark.drawn(first[:height, :width])

    def marked() -> Iterator[Pixels]:
        for frame in chain((first,), coming):
            if frame.shape != first.shape:
                raise ValueError(f"a frame of {frame.shape} among {first.shape}")
            even = frame[:height, :width]
            preview.add(even)
            yield mark.drawn(even)

    with _memory_file() as path:
        count = _write(path, marked(), (width, height), fps, aigc, encoder)
        written = path.read_bytes()
    today = datetime.now(UTC).date()
    film = mp4.with_packet(written, hidden.source_packet(source_type, today))
    _require_label(film, aigc, count)
    return EncodedClip(
        film,
        labels.encode(
            Image.fromarray(poster),
            label.producer,
            content_id,
            quality=POSTER_QUALITY,
            source_type=source_type,
        ),
        preview.encode(label.producer, content_id, source_type),
        width,
        height,
        count,
        count / fps,
    )


def _aigc(producer: str, content_id: str) -> str:
    try:
        return hidden.aigc(producer, content_id)
    except ValueError as error:
        raise BadLabel(str(error)) from error


def _first(frames: Iterator[Pixels]) -> Pixels:
    first = next(frames, None)
    if first is None:
        raise ValueError("a clip of no frames")
    if first.ndim != 3 or first.shape[2] != 3 or first.dtype != "uint8":
        raise ValueError(f"no RGB frame of 8 bits: {first.shape}, {first.dtype}")
    if not LEAST_SIDE <= min(first.shape[:2]) <= max(first.shape[:2]) <= LARGEST_SIDE:
        raise ValueError(f"a frame of {first.shape[1]} x {first.shape[0]} pixels")
    return first


def _write(
    path: Path,
    frames: Iterator[Pixels],
    size: tuple[int, int],
    fps: int,
    aigc: str,
    encoder: ClipEncoder,
) -> int:
    """Write the MP4; returns the number of frames."""
    count = 0
    with av.open(str(path), "w", format="mp4", options={"movflags": _FLAGS}) as container:
        container.metadata[mp4.KEY] = aigc
        stream = _stream(container, size, fps, encoder)
        for count, frame in enumerate(frames, 1):  # how many, after the last
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            picture.pts, picture.time_base = count - 1, Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return count


def _stream(
    container: av.container.OutputContainer, size: tuple[int, int], fps: int, encoder: ClipEncoder
) -> VideoStream:
    if encoder is ClipEncoder.AV1:
        os.environ.setdefault("SVT_LOG", "1")  # errors: it speaks to standard error by itself
    stream = container.add_stream(encoder.value, rate=fps, options=_OPTIONS[encoder])
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    context = stream.codec_context
    context.thread_count = _THREADS
    context.time_base = Fraction(1, fps)
    context.gop_size = 2 * fps  # a viewer may jump to every other second
    # Named, since a player that guesses shows an HD film's reds and greens otherwise.
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream


def _require_label(film: bytes, aigc: str, count: int) -> None:
    """Read back what was written, by another hand than that which wrote it."""
    facts = read_clip(film)
    if facts.aigc != aigc or not facts.faststart or facts.frames != count:
        raise BadLabel("the hidden label is not in the MP4 that was written")


@contextmanager
def _memory_file() -> Iterator[Path]:
    """A path whose file is memory alone, where the system has such: a customer's picture is on no
    disk in the clear. (Faststart moves the frames, for which FFmpeg opens the path a second time:
    a file object does not do.) Elsewhere, as on a developer's Mac, it is a temporary file."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("clip", os.MFD_CLOEXEC)
        try:
            yield Path(f"/proc/self/fd/{handle}")
        finally:
            os.close(handle)
        return
    with tempfile.TemporaryDirectory() as folder:  # pragma: no cover
        yield Path(folder) / "clip.mp4"
