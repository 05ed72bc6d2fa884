"""A customer's photo, as the sanitizer wrote it: decoded in memory, turned upright, measured."""

from __future__ import annotations

import io
import warnings

import imagehash
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.engine.inspection import InspectionResult, View
from pipeline.engine.messages import BadPhotos
from pipeline.images import covering, face_hash, faces, safety
from pipeline.images.faces import Face, Pixels

MAX_PIXELS = 60_000_000  # pixels; a 50 MP phone passes, a decompression bomb does not
HASH_SIDE = 16  # 256 bits: with 64, two faces pulled in one studio session are the same picture


def decode(photo: bytes) -> Pixels:
    """RGB pixels, turned as EXIF says. BadPhotos: not a JPEG, or far too large."""
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            picture = Image.open(io.BytesIO(photo), formats=("JPEG",))
            if picture.width * picture.height > MAX_PIXELS:
                raise BadPhotos("photo has too many pixels")
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPhotos(f"not a readable photo ({type(error).__name__})") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPhotos("photo has too many pixels") from error


def inspect(photo: bytes) -> InspectionResult:
    """The measurements by which the shop accepts or refuses a photo. BadPhotos: unreadable."""
    came = decode(photo)
    turns, found = faces.find_upright(came)
    pixels = faces.turned(came, turns)
    height, width = pixels.shape[:2]
    picture = Image.fromarray(pixels)
    face = found[0] if found else None
    return InspectionResult(
        width=width,
        height=height,
        faces=len(found),
        face_share=min(1.0, face.height / min(width, height)) if face else 0.0,
        sharpness=faces.sharpness(pixels, face) if face else 0.0,
        indecency=safety.indecency(pixels),
        covered=covering.covered(pixels, face) if face else 0.0,
        youth=_youth(pixels, found),
        phash=str(imagehash.phash(picture, HASH_SIDE)),
        phash_mirrored=str(imagehash.phash(ImageOps.mirror(picture), HASH_SIDE)),
        face_hashes=face_hash.face_hashes(pixels, face) if face else b"",
        view=faces.view(face) if face else View.UNKNOWN,
        turns=turns,
    )


def _youth(pixels: Pixels, found: tuple[Face, ...]) -> float:
    """Of the face that looks youngest: a child beside an adult must not slip through."""
    return max((safety.photo_youth(pixels, face) for face in found), default=0.0)
