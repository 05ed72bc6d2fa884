"""QR pictures: what is to be scanned, as a PNG."""

import io
from typing import Final

import segno

_EDGE: Final = 480  # pixels, at least: sharp on a phone, and for the phone beside it


def bill_qr(url: str) -> bytes:
    """A PNG of that address, black on white with its quiet zone. Raises ValueError for an empty one
    or one that no QR code can hold (2,331 bytes at this level)."""
    if not url:
        raise ValueError("nothing to scan")
    try:
        code = segno.make_qr(url, error="m")
    except segno.DataOverflowError as error:
        raise ValueError("too long for a QR code") from error
    out = io.BytesIO()
    width, _ = code.symbol_size(border=4)
    code.save(out, kind="png", border=4, scale=-(-_EDGE // width))
    return out.getvalue()
