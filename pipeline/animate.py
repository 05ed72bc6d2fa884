"""``python -m pipeline.animate PHOTO MOTION OUT.mp4``: bring a photo alive by hand.

MOTION is a motion of the catalogue, or a file of one that is being written (docs/motions.md). The
photo is decoded in the sandbox, as customers' are; the clip bears both AI labels. Exit status 2,
with one sentence on stderr, for a photo, motion or file that will not do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import stat
import sys
import time
from pathlib import Path
from typing import Final

from pipeline.animation import CannotAnimate, animate
from pipeline.animation.ahead import ahead
from pipeline.animation.together import leaning, side_by_side
from pipeline.clips.clip import EncodedClip, encode_clip
from pipeline.decoding.pool import DecoderPool
from pipeline.engine.messages import BadLabel, LabelText
from pipeline.images import photo
from pipeline.images.faces import Pixels
from pipeline.images.mark_lifting import without_mark
from shop.catalog import Catalog, CatalogError
from shop.catalog.loader import read_motion
from shop.errors import (
    NotFound,
    PhotoBomb,
    PhotoIsVideo,
    PhotoRefused,
    PhotoTooLarge,
    PhotoTooNarrow,
    PhotoTooSmall,
    Unavailable,
)
from shop.photos.decoding import MAX_BYTES
from shop.records import AnimationRefusal, Motion
from shop.records.clip_encoders import ClipEncoder

LEAST: Final = 128  # pixels of a clip's longer side
MOST: Final = 1024
REASONS: Final[dict[AnimationRefusal, str]] = {
    AnimationRefusal.NO_FACE: "no face is found in it",
    AnimationRefusal.FACE_TOO_SMALL: "its faces are too small to move",
    AnimationRefusal.PROFILE: "its faces look too far aside",
    AnimationRefusal.COVERED: "sunglasses, a mask or a hand covers the face",
    AnimationRefusal.FACE_CUT_OFF: "its border cuts the face",
    AnimationRefusal.NO_ROOM_BESIDE: "its faces leave no room for anybody beside them",
}
_UNREADABLE: Final[dict[type[PhotoRefused], str]] = {
    PhotoBomb: "it has too many pixels",
    PhotoTooLarge: "the file is too large",
    PhotoTooNarrow: "it is too narrow",
    PhotoIsVideo: "it is a film",
    PhotoTooSmall: "it is too small",
}


class Unusable(Exception):
    """What was asked for cannot be done; the text is one sentence for the operator."""


def main(arguments: list[str] | None = None) -> int:
    """Animate one photo; an exit status."""
    chosen = _parser().parse_args(arguments)
    begun = time.monotonic()
    try:
        motion = _motion(chosen.motion)
        if not chosen.out.parent.is_dir():
            raise Unusable(f"{chosen.out.parent} is no folder")
        pictures = [asyncio.run(_pixels(one)) for one in (chosen.photo, chosen.beside) if one]
        clip = _clip(pictures, motion, chosen)
        chosen.out.write_bytes(clip.mp4)
        if chosen.preview:
            chosen.preview.write_bytes(clip.preview)
    except (Unusable, BadLabel) as refusal:
        print(f"animate: {refusal}", file=sys.stderr)  # noqa: T201 - the output of a command
        return 2
    except OSError as error:
        named = error.filename or chosen.photo
        print(f"animate: {named}: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        return 2
    made = f"{clip.frames} frames, {clip.seconds:g} s, {clip.width} x {clip.height} pixels"
    print(f"{chosen.out}: {made}, in {time.monotonic() - begun:.1f} s")  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline.animate", description=__doc__)
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("motion", metavar="MOTION", help="an id of the catalogue, or a .toml file")
    parser.add_argument("out", type=Path, metavar="OUT.mp4")
    parser.add_argument(
        "--beside", type=Path, metavar="PHOTO2", help="put its person to the right of PHOTO's"
    )
    parser.add_argument(
        "--largest", type=int, default=720, choices=range(LEAST, MOST + 1), metavar="PIXELS",
        help=f"of the clip's longer side, {LEAST} to {MOST}; 720",
    )  # fmt: skip
    parser.add_argument("--preview", type=Path, metavar="WEBP", help="also write the small preview")
    parser.add_argument("--mark", default=LabelText().mark, help="the visible AI label")
    parser.add_argument("--producer", default=LabelText().producer, help="of the hidden label")
    parser.add_argument(
        "--encoder", type=ClipEncoder, choices=list(ClipEncoder), default=ClipEncoder.X264
    )
    return parser


def _motion(named: str) -> Motion:
    try:
        if named.endswith(".toml"):
            return read_motion(Path(named))
        return Catalog.load().motion(named).motion
    except CatalogError as error:
        raise Unusable(str(error)) from error
    except NotFound as error:
        known = ", ".join(Catalog.load().motions)
        raise Unusable(f"there is no motion {named!r}, but: {known}") from error


async def _pixels(file: Path) -> Pixels:
    raw = await asyncio.to_thread(_read, file)
    try:
        async with DecoderPool(1) as pool:
            decoded = await pool.decode(raw, "operator", painted=True)
    except PhotoRefused as refusal:
        why = _UNREADABLE.get(type(refusal), "it is no picture that can be read")
        raise Unusable(f"the photo cannot be used: {why}") from refusal
    except Unavailable as outage:
        raise Unusable(str(outage)) from outage
    return photo.decode(decoded.jpeg)


def _read(file: Path) -> bytes:
    # A pipe would be waited for, and a device has no end.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unusable(f"{file}: no regular file")
    with os.fdopen(handle, "rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _clip(pictures: list[Pixels], motion: Motion, chosen: argparse.Namespace) -> EncodedClip:
    # A mark that moved with the chin would show.
    plain, *beside = (without_mark(one, chosen.mark) for one in pictures)
    try:
        if beside:
            plain, motion = side_by_side(plain, beside[0], chosen.largest), leaning(motion)
        frames = animate(plain, motion, chosen.largest)
    except CannotAnimate as refusal:
        why = REASONS[refusal.reason]
        raise Unusable(f"the photo cannot come alive: {why}") from refusal
    label = LabelText(chosen.mark, chosen.producer)
    return encode_clip(ahead(frames), motion.fps, label, encoder=chosen.encoder)


if __name__ == "__main__":
    sys.exit(main())
