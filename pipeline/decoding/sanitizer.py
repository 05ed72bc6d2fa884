"""The image sanitizer: untrusted bytes become one plain JPEG, or are refused. To be run inside a
decoder process (:mod:`pipeline.decoding.process`) alone.

Hostile input is expected: sizes, scans and the cost that follows from them are read from the
headers before a pixel is decoded. The JPEG holds pixels and nothing else: no EXIF, GPS, XMP,
comment, profile or thumbnail.
"""

import io
import math
from typing import Final

import pi_heif
from PIL import AvifImagePlugin, ExifTags, Image, ImageCms

from pipeline.decoding import containers
from shop.errors import (
    PhotoBomb,
    PhotoIsVideo,
    PhotoRefused,
    PhotoTooLarge,
    PhotoTooNarrow,
    PhotoTooSmall,
    PhotoUnreadable,
)
from shop.photos.decoding import MAX_BYTES, SanitizedPhoto

MAX_PIXELS: Final = 64_000_000  # what a telephone's largest mode makes, save that of JPEGs
MAX_JPEG_PIXELS: Final = 256_000_000  # decoded at an eighth, a quarter or a half of the size
MIN_SIDE: Final = 256  # pixels of the shorter side: a face crop of 256 px is the least we train on
MAX_SIDE: Final = 2048  # pixels of the longer side that are kept
STRIP_SIDE: Final = 640  # pixels of the shorter side that a strip, such as a screenshot, keeps
MAX_STRIP: Final = 8192  # pixels of a strip's longer side that are kept
QUALITY: Final = 92
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
WHITE: Final = (255, 255, 255)
MAX_SECONDS: Final = 4.0  # of expected decoding; 64 megapixels of a dear format take two
_JPEG: Final = 4e-9  # seconds a pixel, measured on an AMD EPYC
_DEAR: Final = 33e-9  # the same of all other formats
_PER_SCAN: Final = 1.3e-9  # of a progressive JPEG, which is decoded at its full size
_USUAL_SCANS: Final = 8  # of a sequential one, with its previews
_CORNER: Final = 8  # pixels: the side of a block that a cut-off JPEG leaves flat

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture of that EXIF orientation upright."""


class CostsMore(Exception):
    """Decoding would take longer than the caller's patience: ``seconds``, expected."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def sanitize(raw: bytes, patience: float = math.inf) -> SanitizedPhoto:
    """Decode JPEG, PNG, WebP, HEIC or AVIF (the first frame of a moving one) and encode it anew.

    Raises a leaf of :class:`PhotoRefused`: :class:`PhotoTooLarge`, :class:`PhotoBomb`,
    :class:`PhotoIsVideo`, :class:`PhotoTooSmall`, :class:`PhotoTooNarrow` or
    :class:`PhotoUnreadable` (also where rows are missing), or :class:`CostsMore` for one that is
    fine but expected to take longer than ``patience`` seconds.
    """
    if len(raw) > MAX_BYTES:
        raise PhotoTooLarge(megabytes=MAX_BYTES // 2**20)
    register_formats()
    try:
        return _sanitized(raw, patience)
    except (PhotoRefused, CostsMore):
        raise
    except MemoryError as error:
        raise PhotoBomb from error
    except Exception as error:  # a boundary: on hostile bytes the decoders raise whatever there is
        raise (PhotoIsVideo if containers.is_film(raw) else PhotoUnreadable) from error


def _sanitized(raw: bytes, patience: float) -> SanitizedPhoto:
    scans = containers.require_usual(raw)
    if claimed := containers.webp_size(raw):
        _require_size(*claimed, MAX_PIXELS)
    with Image.open(io.BytesIO(containers.without_extras(raw)), formats=FORMATS) as picture:
        _require_size(*picture.size, MAX_JPEG_PIXELS if _is_jpeg(picture) else MAX_PIXELS)
        seconds = _expected_seconds(picture, scans)
        if seconds > MAX_SECONDS:
            raise PhotoBomb
        if seconds > patience:
            raise CostsMore(seconds)
        return _encode(_load(picture, raw))


def register_formats() -> None:
    """Pillow's formats and HEIC, with ours for their limits of pixels, and one thread each."""
    Image.init()  # else pillow knows only its five preloaded formats at first
    pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None


def _is_jpeg(picture: Image.Image) -> bool:
    return picture.format in ("JPEG", "MPO")


def _require_size(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise PhotoBomb
    if min(width, height) < MIN_SIDE:
        raise PhotoTooSmall(minimum=MIN_SIDE)


def _expected_seconds(picture: Image.Image, scans: int) -> float:
    """Of decoding, by format, pixels and scans; what comes after it is the same for all."""
    pixels = picture.width * picture.height
    if not _is_jpeg(picture):
        return pixels * _DEAR
    if picture.info.get("progressive") or picture.info.get("progression"):
        return pixels * _PER_SCAN * scans
    # One scan, or one of each colour; but a file may repeat them as often as it likes.
    return pixels * (_JPEG + _PER_SCAN * max(0, scans - _USUAL_SCANS))


def _load(picture: Image.Image, raw: bytes) -> Image.Image:
    """The pixels. A JPEG that lacks no more than its end marker is whole."""
    try:
        return _drafted(picture)
    except OSError:
        if not _is_jpeg(picture):
            raise
    with Image.open(io.BytesIO(containers.ended(raw)), formats=("JPEG",)) as mended:
        whole = _drafted(mended)
    right, bottom = whole.size
    corner = whole.crop((right - _CORNER, bottom - _CORNER, right, bottom))
    if len(corner.convert("RGB").getcolors() or ()) == 1:
        raise PhotoUnreadable  # libjpeg paints what is missing in one colour
    return whole


def _drafted(picture: Image.Image) -> Image.Image:
    picture.draft(None, (MAX_SIDE, MAX_SIDE))  # a large JPEG is decoded at a half or less
    picture.load()
    return picture


def _encode(picture: Image.Image) -> SanitizedPhoto:
    turn = _TURNS.get(_orientation(picture))
    plain = _reduced(_eight_bits(picture))  # first of all: what follows needs copies
    plain = _srgb(_opaque(plain))
    if min(plain.size) < MIN_SIDE:  # a strip, once the longer side fits
        raise PhotoTooNarrow
    if turn is not None:
        plain = plain.transpose(turn)
    plain.info.clear()  # else the JPEG writer takes comment and XMP along
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY)
    return SanitizedPhoto(out.getvalue(), plain.width, plain.height)


def _orientation(picture: Image.Image) -> int:
    """EXIF's, 1 where it says none. Its other tags may be bent in any way: they are not read."""
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # a boundary, as in `sanitize`: without EXIF the picture is still a picture
        return 1
    return value if type(value) is int else 1


def _reduced(picture: Image.Image) -> Image.Image:
    """At most MAX_SIDE px, or what a strip keeps: in a long screenshot the face is small.

    A palette cannot be interpolated: it is looked up first.
    """
    if picture.mode == "P":
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    elif picture.mode == "1":
        picture = picture.convert("L")
    longer, shorter = max(picture.size), min(picture.size)
    kept = max(MAX_SIDE, min(MAX_STRIP, round(longer * STRIP_SIDE / shorter)))
    picture.thumbnail((kept, kept), Image.Resampling.LANCZOS)
    return picture


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
