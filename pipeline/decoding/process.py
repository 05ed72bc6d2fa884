"""A decoder process: reads photos from its input, answers with plain JPEGs, one at a time; or with
what a file's labels say.

Started by :mod:`pipeline.decoding.pool`. It imports all that decoding needs and tries every format
once, since afterwards no file can be opened; then it enters the sandbox, and only then reads.
"""

import io
import json
import math
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from PIL import Image

from pipeline.decoding import label_reader, photo_sheet, sandbox, sanitizer
from pipeline.decoding.messages import (
    Decoded,
    DecodeRefusal,
    DecodeRequest,
    Detail,
    Heavy,
    LabelRequest,
    Labels,
    SheetRequest,
)
from pipeline.decoding.sanitizer import CostsMore
from pipeline.engine.wire import WireFrame, encode, pack, read, unpack
from shop.errors import PhotoRefused, PhotoUnreadable
from shop.photos.decoding import SheetTile

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF")  # of which Pillow can write a sample
_STATM: Final = Path("/proc/self/statm")
_LINE: Final = 256  # bytes, more than it has
_REHEARSAL_SECONDS: Final = 60  # of CPU time


def main() -> None:
    """Enter the sandbox, and serve requests until the input ends."""
    options: dict[str, Any] = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer

    def send(frame: WireFrame) -> None:
        out.write(encode(frame))
        out.flush()

    memory = ResidentMemory()
    warm_up(memory)
    filtered = sandbox.enter(options["memory"], options["parent"])
    send(pack("ready", filtered))
    while (frame := read(sys.stdin.buffer)) is not None:
        send(replace(_answered(frame, memory), id=frame.id))


def _answered(frame: WireFrame, memory: Callable[[], int]) -> WireFrame:
    if frame.kind == "label":
        return answer_label(unpack(LabelRequest, frame), memory)
    if frame.kind == "sheet":
        return answer_sheet(unpack(SheetRequest, frame), memory)
    return answer(unpack(DecodeRequest, frame), memory)


def answer(request: DecodeRequest, memory: Callable[[], int]) -> WireFrame:
    """Decode one photo: the frame ``photo``, ``refused`` or ``heavy``."""
    sandbox.limit_cpu(request.cpu)
    try:
        photo = sanitizer.sanitize(request.raw, request.patience)
        if not request.painted:
            label_reader.refuse_painted(request.raw)
    except CostsMore as costs:
        return pack("heavy", Heavy(costs.seconds))
    except PhotoRefused as refusal:
        return pack("refused", DecodeRefusal(type(refusal).__name__, details_of(refusal), memory()))
    return pack("photo", Decoded(photo.jpeg, photo.width, photo.height, memory()))


def answer_label(request: LabelRequest, memory: Callable[[], int]) -> WireFrame:
    """Read one file's labels: the frame ``labels`` or ``refused``."""
    sandbox.limit_cpu(request.cpu)
    try:
        found = label_reader.read_label(request.raw, request.anchors)
    except PhotoRefused as refusal:
        return pack("refused", DecodeRefusal(type(refusal).__name__, details_of(refusal), memory()))
    return pack("labels", Labels(found, memory()))


def answer_sheet(request: SheetRequest, memory: Callable[[], int]) -> WireFrame:
    """Draw several photos as one: the frame ``photo`` or ``refused``."""
    sandbox.limit_cpu(request.cpu)
    try:
        tiles = [
            SheetTile(photo, number, number in request.marked, turns)
            for photo, number, turns in zip(
                request.photos, request.numbers, request.turns, strict=True
            )
        ]
        sheet = photo_sheet.draw(tiles)
    except (OSError, ValueError):
        return pack("refused", DecodeRefusal(PhotoUnreadable.__name__, {}, memory()))
    return pack("photo", Decoded(sheet.jpeg, sheet.width, sheet.height, memory()))


def details_of(refusal: PhotoRefused) -> dict[Detail, int]:
    """What goes along with a refusal's name."""
    said = ((name, refusal.details.get(name)) for name in get_args(Detail))
    return {name: value for name, value in said if isinstance(value, int)}


def warm_up(memory: Callable[[], int]) -> None:
    """Serve a sample of every format and of every answer, so that whatever is imported or mapped
    lazily is there afterwards.
    """
    size = (sanitizer.MIN_SIDE, sanitizer.MIN_SIDE)
    for name in _FORMATS:
        sample = io.BytesIO()
        Image.new("RGB", size).save(sample, name)
        _rehearse(sample.getvalue(), math.inf, memory)
        _rehearse_label(sample.getvalue(), memory)
        if name == "JPEG":
            _rehearse_sheet(sample.getvalue(), memory)
    _rehearse(sample.getvalue(), 0.0, memory)  # heavy
    _rehearse(b"", math.inf, memory)  # refused
    _rehearse_label(b"", memory)


def _rehearse(raw: bytes, patience: float, memory: Callable[[], int]) -> None:
    asked = encode(pack("decode", DecodeRequest(raw, _REHEARSAL_SECONDS, patience)))
    request = read(io.BytesIO(asked))
    if request is not None:
        encode(answer(unpack(DecodeRequest, request), memory))


def _rehearse_label(raw: bytes, memory: Callable[[], int]) -> None:
    asked = encode(pack("label", LabelRequest(raw, _REHEARSAL_SECONDS, "")))
    request = read(io.BytesIO(asked))
    if request is not None:
        encode(answer_label(unpack(LabelRequest, request), memory))


def _rehearse_sheet(jpeg: bytes, memory: Callable[[], int]) -> None:
    asked = SheetRequest((jpeg, jpeg), (1, 2), (0, 1), _REHEARSAL_SECONDS, marked=(2,))
    request = read(io.BytesIO(encode(pack("sheet", asked))))
    if request is not None:
        encode(answer_sheet(unpack(SheetRequest, request), memory))


class ResidentMemory:
    """How much memory this process holds. Opened before the sandbox, in which nothing can be."""

    def __init__(self) -> None:
        self._file = _STATM.open("rb", buffering=0) if _STATM.exists() else None

    def __call__(self) -> int:
        """Bytes; 0 where the system does not say. (getrusage tells a peak, and begins it with that
        of the process that started this one.)"""
        if self._file is None:
            return 0
        self._file.seek(0)
        return int(self._file.read(_LINE).split()[1]) * resource.getpagesize()
