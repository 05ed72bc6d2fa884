"""Read a clip of our own making: what it is, what its labels say, its frames.

For what is written here, for tests and benchmarks. A stranger's file is for `pipeline/decoding`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np

from pipeline.images.faces import Pixels
from shop.labels import mp4
from shop.labels.hidden import HiddenLabel


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What an MP4 is.

    codec, pixel_format  FFmpeg's names, as "h264" and "yuv420p"
    frames               pictures in the file, counted, not read from its header
    faststart            whether it plays while it loads: the index lies before the frames
    aigc                 GB 45438's label as FFmpeg reads it, "" for none
    label                all of the hidden label, as our own reader reads it
    """

    codec: str
    pixel_format: str
    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    faststart: bool
    aigc: str
    label: HiddenLabel | None


def read_clip(film: bytes) -> ClipFacts:
    """Raises ValueError for what is no MP4 with one film in it."""
    try:
        with av.open(io.BytesIO(film), "r", format="mp4") as container:
            stream = container.streams.video[0]
            packets = sum(1 for packet in container.demux(stream) if packet.size)
            context, rate = stream.codec_context, stream.average_rate
            fps = float(rate) if rate else 0.0
            return ClipFacts(
                codec=context.codec.canonical_name,
                pixel_format=context.pix_fmt or "",
                width=context.width,
                height=context.height,
                fps=fps,
                frames=packets,
                seconds=packets / fps if fps else 0.0,
                faststart=_is_faststart(film),
                aigc=container.metadata.get(mp4.KEY, ""),
                label=mp4.read_label(film),
            )
    except (av.FFmpegError, IndexError) as error:
        raise ValueError("no MP4 with a film in it") from error


def decode_frames(film: bytes) -> Iterator[Pixels]:
    """Its frames, RGB uint8 (height, width, 3), in the order of showing. Raises ValueError."""
    try:
        with av.open(io.BytesIO(film), "r", format="mp4") as container:
            for frame in container.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (av.FFmpegError, IndexError) as error:
        raise ValueError("no MP4 with a film in it") from error


def _is_faststart(film: bytes) -> bool:
    order = [box.kind for box in mp4.boxes(film)]
    return b"moov" in order and order.index(b"moov") < order.index(b"mdat")
