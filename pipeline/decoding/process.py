"""A decoder process: reads photos from its input, answers with plain JPEGs, one at a time.

Started by :mod:`pipeline.decoding.pool`. It imports all that decoding needs and tries every format
once, since afterwards no file can be opened; then it enters the sandbox, and only then reads.
"""

import io
import json
import math
import os
import resource
import sys
from typing import Any, Final

from PIL import Image

from pipeline.decoding import sandbox, sanitizer
from pipeline.decoding.messages import Decoded, DecodeRefusal, DecodeRequest, Heavy
from pipeline.decoding.sanitizer import CostsMore
from pipeline.engine.wire import WireFrame, encode, pack, read, unpack
from shop.errors import PhotoRefused

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF")  # of which Pillow can write a sample
_REHEARSAL_SECONDS: Final = 60  # of CPU time


def main() -> None:
    """Enter the sandbox, and serve requests until the input ends."""
    options: dict[str, Any] = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer

    def send(frame: WireFrame) -> None:
        out.write(encode(frame))
        out.flush()

    warm_up()
    filtered = sandbox.enter(options["memory"], options["parent"])
    send(pack("ready", filtered))
    while (frame := read(sys.stdin.buffer)) is not None:
        send(answer(unpack(DecodeRequest, frame)))


def answer(request: DecodeRequest) -> WireFrame:
    """Decode one photo: the frame ``photo``, ``refused`` or ``heavy``."""
    sandbox.limit_cpu(request.cpu)
    try:
        photo = sanitizer.sanitize(request.raw, request.patience)
    except CostsMore as costs:
        return pack("heavy", Heavy(costs.seconds))
    except PhotoRefused as refusal:
        details = {name: value for name, value in refusal.details.items() if type(value) is int}
        return pack("refused", DecodeRefusal(type(refusal).__name__, details, peak()))
    return pack("photo", Decoded(photo.jpeg, photo.width, photo.height, peak()))


def warm_up() -> None:
    """Serve a sample of every format and of every answer, so that whatever is imported or mapped
    lazily is there afterwards.
    """
    size = (sanitizer.MIN_SIDE, sanitizer.MIN_SIDE)
    for name in _FORMATS:
        sample = io.BytesIO()
        Image.new("RGB", size).save(sample, name)
        _rehearse(sample.getvalue(), math.inf)
    _rehearse(sample.getvalue(), 0.0)  # heavy
    _rehearse(b"", math.inf)  # refused


def _rehearse(raw: bytes, patience: float) -> None:
    asked = encode(pack("decode", DecodeRequest(raw, _REHEARSAL_SECONDS, patience)))
    request = read(io.BytesIO(asked))
    if request is not None:
        encode(answer(unpack(DecodeRequest, request)))


def peak() -> int:
    """The most memory that this process has ever used, in bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
