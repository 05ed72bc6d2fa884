"""QR codes: what is to be scanned, as a picture for a chat or within a page. A bill's code, an
invitation and what an operator prints are all drawn here: black on white, with the quiet zone.
"""

import io
from typing import Final

import segno

_EDGE: Final = 480  # pixels, at least: sharp on a phone, and for the phone beside it
_QUIET: Final = 4  # modules


def qr_png(content: str) -> bytes:
    """A PNG of that content. Raises ValueError for an empty one or one that no QR code can hold
    (2,331 bytes at this level)."""
    code = _code(content)
    out = io.BytesIO()
    width, _ = code.symbol_size(border=_QUIET)
    code.save(out, kind="png", border=_QUIET, scale=-(-_EDGE // width))
    return out.getvalue()


def qr_svg(content: str) -> str:
    """An SVG element that takes whatever width its page gives it. Raises as :func:`qr_png`."""
    return str(_code(content).svg_inline(border=_QUIET, omitsize=True))


def _code(content: str) -> segno.QRCode:
    if not content:
        raise ValueError("nothing to scan")
    try:
        return segno.make_qr(content, error="m")
    except segno.DataOverflowError as error:
        raise ValueError("too long for a QR code") from error
