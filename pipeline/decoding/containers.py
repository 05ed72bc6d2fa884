"""What can be read from a picture file's container, or mended in it, without decoding a pixel."""

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset({b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf"})
_XMP_KEYWORD: Final = b"XML:com.adobe.xmp\0"
LARGEST_XMP: Final = 2**20  # bytes
_LARGEST_KEPT: Final = 2**20  # bytes of an ancillary chunk: profiles have hundreds of thousands
_END_OF_IMAGE: Final = b"\xff\xd9"
_START_OF_IMAGE: Final = b"\xff\xd8"
_START_OF_SCAN: Final = b"\xff\xda"
_FILL: Final = re.compile(rb"\xff+")  # before a marker any number may stand
_LAST: Final = frozenset({b"", b"\xda", b"\xd9"})  # markers after which no header comes
_MOST_FILL: Final = 1024  # bytes
_MOST_SEGMENTS: Final = 2000
_MOST_SCANS: Final = 1000
_MOST_CHUNKS: Final = 20_000  # a PNG of 30 MB in pieces of 4 KiB has 7,500


_FILM_BRANDS: Final = (b"isom", b"iso", b"mp4", b"avc1", b"qt  ", b"M4V", b"3g", b"dash", b"MSNV")
"""What an MP4 or a QuickTime film says it is; a HEIC or AVIF says something else."""
_MATROSKA: Final = b"\x1a\x45\xdf\xa3"


class Unusual(Exception):
    """A container of so many parts that no camera or program made it."""


def is_film(raw: bytes) -> bool:
    """Whether it says of itself that it is one: MP4, QuickTime, WebM, Matroska or AVI."""
    if raw[4:8] == b"ftyp":
        return raw[8:12].startswith(_FILM_BRANDS)
    return raw.startswith(_MATROSKA) or (raw.startswith(b"RIFF") and raw[8:12] == b"AVI ")


def require_usual(raw: bytes) -> int:
    """How many scans it has at most; 0 for what is no JPEG.

    Raises :class:`Unusual` for what Pillow would walk through byte by byte, or part by part, for
    seconds, before it knows a size: JPEGs with fill bytes or segments in thousands, scans in
    thousands, PNGs with chunks in tens of thousands.
    """
    if raw.startswith(_PNG) and _has_too_many_chunks(raw):
        raise Unusual
    if not raw.startswith(_START_OF_IMAGE):
        return 0
    if _is_padded(raw) or (scans := _scans(raw)) > _MOST_SCANS:
        raise Unusual
    return scans


def _has_too_many_chunks(png: bytes) -> bool:
    return sum(1 for _ in islice(png_chunks(png), _MOST_CHUNKS + 1)) > _MOST_CHUNKS


def _is_padded(jpeg: bytes) -> bool:
    """Whether there is more than a little between the segments before the first scan."""
    at, filled = len(_START_OF_IMAGE), 0
    for _ in range(_MOST_SEGMENTS):
        fill = _FILL.match(jpeg, at)
        if fill is None:
            return filled > _MOST_FILL
        filled += len(fill[0]) - 1
        if jpeg[fill.end() : fill.end() + 1] in _LAST:
            return filled > _MOST_FILL
        at = fill.end() + 1 + int.from_bytes(jpeg[fill.end() + 1 : fill.end() + 3], "big")
        if filled > _MOST_FILL:
            return True
    return True


def _scans(jpeg: bytes) -> int:
    """At most how many scans a JPEG has: those of an embedded preview are counted as well.

    Inside of a scan's data the marker cannot occur: a byte of 255 is followed by 0 there.
    """
    return jpeg.count(_START_OF_SCAN)


def ended(jpeg: bytes) -> bytes:
    """A JPEG with an end-of-image marker after whatever there is of it."""
    return jpeg + _END_OF_IMAGE


def without_extras(raw: bytes) -> bytes:
    """A PNG without its texts, its animation and whatever else is neither pixel, colour nor
    orientation; their check sums do not matter. Any other file as it is.
    """
    if not raw.startswith(_PNG):
        return raw
    kept = [chunk for name, chunk, whole in png_chunks(raw) if _is_kept(name, chunk, whole)]
    return b"".join((_PNG, *kept))


def png_xmp(raw: bytes) -> bytes | None:
    """The XMP packet of a PNG, wherever it stands (ExifTool writes it after the pixels); None for
    any other file, and for one without, or with one that is larger than ``LARGEST_XMP``."""
    if not raw.startswith(_PNG):
        return None
    texts = (chunk[8:-4] for name, chunk, _ in png_chunks(raw) if name == b"iTXt")
    found = next((text for text in texts if text.startswith(_XMP_KEYWORD)), b"")
    # A flag of compression, its method, then a language and a translated keyword, zero-terminated.
    head, body = found[len(_XMP_KEYWORD) :][:2], found[len(_XMP_KEYWORD) + 2 :]
    try:
        _, _, packet = body.split(b"\0", 2)
        if head[0]:
            packet = zlib.decompressobj().decompress(packet, LARGEST_XMP + 1)
    except (ValueError, IndexError, zlib.error):
        return None
    return packet if len(packet) <= LARGEST_XMP else None


def webp_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height that a WebP claims; None for any other file. Pillow allocates that canvas
    when it opens one.
    """
    if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP":
        return None
    kind, head = raw[12:16], raw[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _is_kept(name: bytes, chunk: bytes, whole: bool) -> bool:
    critical = not name[:1].islower()
    return critical or (name in _PNG_KEPT and whole and len(chunk) <= _LARGEST_KEPT)


def png_chunks(raw: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Name and bytes of each chunk, and whether its check sum is right (asked of those that may
    be kept alone: the decoder looks at the others').
    """
    at = len(_PNG)
    while at + 12 <= len(raw):
        end = at + 12 + int.from_bytes(raw[at : at + 4], "big")
        name, chunk = raw[at + 4 : at + 8], raw[at:end]
        whole = name not in _PNG_KEPT or zlib.crc32(chunk[4:-4]) == int.from_bytes(
            chunk[-4:], "big"
        )
        yield name, chunk, whole
        at = end
