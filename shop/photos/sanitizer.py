"""The image sanitizer: untrusted bytes become one plain JPEG, or are refused. CPU work: call it in
a thread.

Hostile input is expected: sizes are read from the header before a pixel is decoded. The JPEG holds
pixels and nothing else: no EXIF, GPS, XMP, comment, profile or thumbnail.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass, field
from typing import Final

import pi_heif
from PIL import Image, ImageCms, ImageOps

from shop.errors import PhotoBomb, PhotoRefused, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable

MAX_BYTES: Final = 30 * 2**20  # Telegram gives bots 20 MB, the playground takes this much
MAX_PIXELS: Final = 80_000_000  # above what telephones make (50 to 64 MP, rarely more)
MIN_SIDE: Final = 256  # pixels of the shorter side: a face crop of 256 px is the least we train on
MAX_SIDE: Final = 2048  # pixels of the longer side that are kept
QUALITY: Final = 92
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class SanitizedPhoto:
    """A plain sRGB JPEG, turned upright, at most 2,048 px. ``sha256`` is of ``jpeg``, so that the
    same picture with other metadata is the same.
    """

    jpeg: bytes = field(repr=False)
    sha256: str
    width: int
    height: int


def sanitize(raw: bytes) -> SanitizedPhoto:
    """Decode JPEG, PNG, WebP, HEIC or AVIF (the first frame of a moving one) and encode it anew.

    Raises a leaf of :class:`PhotoRefused`: :class:`PhotoTooLarge`, :class:`PhotoBomb`,
    :class:`PhotoTooSmall` or :class:`PhotoUnreadable` (also a truncated file).
    """
    if len(raw) > MAX_BYTES:
        raise PhotoTooLarge(megabytes=MAX_BYTES // 2**20)
    _limit_pillow()
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
            return _encode(picture)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoBomb from error
    except Exception as error:  # a boundary: on hostile bytes the decoders raise whatever there is
        raise PhotoUnreadable from error


def _limit_pillow() -> None:
    """Pillow's own limits, for sizes that only show while decoding. They are process-wide."""
    Image.init()  # else pillow knows only its five preloaded formats at first
    pi_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    # Between once and twice the limit pillow only warns.
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _encode(picture: Image.Image) -> SanitizedPhoto:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PhotoBomb
    if min(width, height) < MIN_SIDE:
        raise PhotoTooSmall(minimum=MIN_SIDE)
    picture.draft(None, (MAX_SIDE, MAX_SIDE))  # a large JPEG is decoded at a half or a quarter
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    plain = _srgb(_opaque(_eight_bits(upright)))
    plain.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    if min(plain.size) < MIN_SIDE:  # a strip, once the longer side fits
        raise PhotoTooSmall(minimum=MIN_SIDE)
    plain.info.clear()  # else the JPEG writer takes comment and XMP along
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY)
    jpeg = out.getvalue()
    return SanitizedPhoto(jpeg, hashlib.sha256(jpeg).hexdigest(), plain.width, plain.height)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits would be clipped to white by a plain conversion."""
    if not picture.mode.startswith("I"):
        return picture
    scaled = picture.convert("I").point(lambda value: value * (1 / 256) + 0)
    grey = scaled.convert("L")
    grey.info = picture.info
    return grey


def _opaque(picture: Image.Image) -> Image.Image:
    """Composite transparency onto white, as a viewer would show it."""
    if not picture.has_transparency_data:
        return picture
    rgba = picture.convert("RGBA")
    opaque = Image.new("RGB", picture.size, WHITE)
    opaque.paste(rgba, mask=rgba.getchannel("A"))
    if picture.mode in ("RGB", "RGBA"):  # else the profile is of another colour space
        opaque.info = picture.info
    return opaque


def _srgb(picture: Image.Image) -> Image.Image:
    """Convert by the embedded profile; one that is broken or of another mode is ignored."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")
