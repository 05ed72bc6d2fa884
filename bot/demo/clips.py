"""The clip of the demo: saved as it came, with what can be read of it and a strip of its frames."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from bot.demo.contact_sheet import contact_sheet
from bot.demo.customer_chat import DeliveredClip
from bot.demo.measurements import Measurements
from handlers.texts import texts
from shop.labels import mp4
from shop.labels.signing import PictureKind, PictureSigner, UnsignedPicture

STRIP: Final = 8
"""Frames on the strip, from the first to the last."""


@dataclass(frozen=True, slots=True)
class SavedClip:
    """As in the demo's result. ``made_in``: seconds that a worker took; ``label``: the GB 45438
    label (AIGC) that stands in the saved file, "" for none."""

    path: str
    frames: int
    seconds: float
    made_in: float
    label: str


async def save_clip(
    came: DeliveredClip, measurements: Measurements, signer: PictureSigner, out: Path
) -> SavedClip:
    """Save it and its strip in ``out``. Raises LookupError where no clip was made."""
    clip, made_in = await measurements.clip()
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"clip-{clip.motion}.mp4"
    path.write_bytes(came.data)
    preview = await measurements.clip_preview(clip)
    caption = texts("en")("demo-sheet-clip", motion=clip.motion)
    strip = contact_sheet([(caption, list(_frames(preview)))], measurements.producer)
    signed = await signer.sign(UnsignedPicture(strip, PictureKind.SHEET))
    path.with_suffix(".jpg").write_bytes(signed)
    label = mp4.read_keys(path.read_bytes()).get("AIGC", "")
    return SavedClip(str(path), clip.frames, clip.seconds, round(made_in, 1), label)


def _frames(preview: bytes) -> Iterator[bytes]:
    """JPEGs of frames of an animated WebP of ours."""
    with Image.open(io.BytesIO(preview), formats=("WEBP",)) as moving:
        count: int = getattr(moving, "n_frames", 1)
        for place in range(STRIP):
            moving.seek(place * (count - 1) // (STRIP - 1))
            out = io.BytesIO()
            moving.convert("RGB").save(out, "JPEG", quality=92)
            yield out.getvalue()
