"""What the inspection of a photo found, as a worker reports it: good photos and flawed ones."""

from dataclasses import replace
from hashlib import sha256

from shop.photos.quality import PhotoFindings
from shop.records import Flaw


def good(number: int) -> PhotoFindings:
    """A good photo, unlike every other."""
    code = f"{(number * 0x9E3779B97F4A7C15 + 1) % 2**64:016x}"
    views = ("front", "left", "right")
    return PhotoFindings(
        width=800, height=1000, faces=1, face_share=0.5 if number % 2 else 0.25, sharpness=400.0,
        indecency=0.0, covered=0.0, youth=0.0, phash=code, phash_mirrored=code[::-1],
        face_hashes=(sha256(code.encode()).digest(),), view=views[number % 3],
    )  # fmt: skip


def flawed(number: int, flaw: Flaw) -> PhotoFindings:
    """A photo with that one flaw."""
    changes = {
        Flaw.NO_FACE: {"faces": 0, "face_share": 0.0},
        Flaw.SEVERAL_FACES: {"faces": 2},
        Flaw.FACE_TOO_SMALL: {"face_share": 0.01},
        Flaw.BLURRED: {"sharpness": 1.0},
        Flaw.COVERED: {"covered": 1.0},
        Flaw.INDECENT: {"indecency": 0.99},
        Flaw.MINOR: {"youth": 1.0},
    }[flaw]
    return replace(good(number), **changes)
