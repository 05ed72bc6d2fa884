"""Files that are made to hurt a decoder, and honest ones that look alike. All made here."""

import io
import struct
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image


@cache
def honest(kind: str = "JPEG", side: int = 1600, **options: object) -> bytes:
    """A photo-like picture."""
    dice = np.random.default_rng(7)
    small = Image.fromarray(dice.integers(0, 256, (side // 16, side // 16, 3), dtype=np.uint8))
    out = io.BytesIO()
    small.resize((side, side), Image.Resampling.BICUBIC).save(out, kind, **options)
    return out.getvalue()


def webp_without_a_frame() -> bytes:
    """An extended header that claims 16,383 x 16,383 px, and an animation without a frame."""
    canvas = (16_382).to_bytes(3, "little") * 2
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_of_136_bytes() -> bytes:
    """The same with a frame of one pixel, a hundred times: 1.7 GB if each is painted."""
    pixel = io.BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "WEBP", lossless=True)
    data = pixel.getvalue()[12:]
    frame = bytes(6) + bytes(6) + (1).to_bytes(3, "little") + b"\0" + data
    whole = webp_without_a_frame()[12:]
    body = (
        b"WEBP" + whole + b"ANIM" + struct.pack("<I", 6) + bytes(6)
        + (b"ANMF" + struct.pack("<I", len(frame)) + frame) * 2
    )  # fmt: skip
    return b"RIFF" + struct.pack("<I", len(body)) + body


@cache
def jpeg_of_many_scans(scans: int = 200, side: int = 4000) -> bytes:
    """A progressive JPEG whose last scan is repeated: each goes over all the blocks."""
    out = io.BytesIO()
    Image.new("L", (side, side), 128).save(out, "JPEG", progressive=True, quality=50)
    whole = out.getvalue()
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + whole[at:-2] * scans + b"\xff\xd9"


@cache
def jpeg_of_empty_scans(scans: int = 800) -> bytes:
    """A sequential JPEG, whose scan comes again and again without its data: 2,500 x 2,500 px."""
    out = io.BytesIO()
    Image.new("L", (2_500, 2_500), 128).save(out, "JPEG", quality=50)
    whole = out.getvalue()
    at = whole.rindex(b"\xff\xda")
    header = whole[at : at + 2 + int.from_bytes(whole[at + 2 : at + 4], "big")]
    return whole[:at] + header * scans + whole[at:]


@cache
def jpeg_of_fill_bytes() -> bytes:
    """A million bytes of nothing before the first segment: Pillow walks through them in Python."""
    whole = honest(side=512)
    return whole[:2] + b"\xff" * 1_000_000 + whole[2:]


@cache
def png_of_chunks() -> bytes:
    """A million empty chunks of pixels."""
    return png(300, 300, b"", *([_chunk(b"IDAT", b"")] * 1_000_000))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, pixels: bytes, *extras: bytes) -> bytes:
    """A PNG of RGB whose compressed pixels are these."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), *extras, _chunk(b"IDAT", pixels), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@cache
def png_of_300_kb() -> bytes:
    """21,000 x 21,000 px of one colour: 1.3 GB when decoded."""
    pixels = zlib.compressobj(9)
    row = bytes(1 + 3 * 21_000)
    data = b"".join(pixels.compress(row) for _ in range(5_000)) + pixels.flush()
    return png(21_000, 21_000, data)


def png_of_text() -> bytes:
    """A text that grows to 100 MB."""
    return png(300, 300, b"", _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100_000_000))))


AVIF = Path(__file__).with_name("plain-9000x9000.avif").read_bytes()
"""One grey: 1.5 KB, by Pillow. Encoding it takes 20 s and a gigabyte, so it is kept."""


def all_of_them() -> dict[str, bytes]:
    """Each that is refused, by name."""
    return {
        "webp without a frame": webp_without_a_frame(),
        "animated webp": webp_of_136_bytes(),
        "jpeg of 200 scans": jpeg_of_many_scans(),
        "png of 300 kB": png_of_300_kb(),
        "png of text": png_of_text(),
        "jpeg of empty scans": jpeg_of_empty_scans(),
        "jpeg of fill bytes": jpeg_of_fill_bytes(),
        "png of chunks": png_of_chunks(),
        "avif of few bytes": AVIF,
    }


@cache
def png_of_60_megapixels() -> bytes:
    """As large as may be, and dear: what a flood of honest scans would look like."""
    pixels = zlib.compressobj(1)
    row = bytes(1) + np.random.default_rng(7).bytes(3 * 80) * 100
    data = b"".join(pixels.compress(row) for _ in range(7_500)) + pixels.flush()
    return png(8_000, 7_500, data)
