"""Keys and painted pictures for tests of the labels."""

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.random import default_rng
from PIL import Image

from pipeline.clips.clip import EncodedClip, encode_clip
from pipeline.engine.messages import LabelText
from pipeline.images import label
from shop.adapters.c2pa_signer import C2paSigner
from shop.labels.authority import issue
from shop.labels.hidden import SourceType
from shop.labels.keys import LabelKeys, load_keys
from shop.records.clip_encoders import ClipEncoder

PRODUCER: Final = "Eider"


def studio_keys(name: str = "studio") -> LabelKeys:
    """A studio's keys; each name another chain."""
    return _keys(name)


@cache
def _keys(name: str) -> LabelKeys:
    now = datetime.now(UTC)
    with TemporaryDirectory() as folder:
        keys, root = Path(folder, "keys"), Path(folder, "root")
        issue(keys, root, name, now)
        return load_keys(keys, now)


def signer(name: str = "studio") -> C2paSigner:
    return C2paSigner(studio_keys(name), PRODUCER)


def painted(
    number: int = 1,
    kind: str = "JPEG",
    source_type: SourceType = SourceType.PAINTED,
    side: int = 96,
    producer: str = PRODUCER,
) -> bytes:
    """A finished picture as a worker delivers it: visible mark and hidden label. The same
    arguments give the same picture."""
    noise = Image.fromarray(default_rng(number).integers(60, 200, (side, side, 3), np.uint8))
    marked = label.draw_mark(noise, "AI生成 AI-generated")
    return label.encode(marked, producer, f"shoot-{number}", kind, source_type=source_type)


@cache
def filmed(
    source_type: SourceType = SourceType.RETOUCHED,
    encoder: ClipEncoder = ClipEncoder.X264,
    side: int = 64,
) -> EncodedClip:
    """A small clip as a worker delivers it: visible mark and hidden label."""
    noise = default_rng(3).integers(60, 200, (side, side, 3), np.uint8)
    frames = (np.roll(noise, number, axis=1) for number in range(4))
    label = LabelText(producer=PRODUCER)
    return encode_clip(frames, 25, label, "clip-1", source_type, encoder)


def unlabelled(kind: str = "JPEG") -> bytes:
    """A picture as a platform re-encodes it."""
    out = io.BytesIO()
    Image.effect_noise((300, 300), 30).convert("RGB").save(out, kind)
    return out.getvalue()
