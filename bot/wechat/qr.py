"""QR codes as pictures for a chat: a bill that is scanned from another screen."""

from io import BytesIO
from typing import Final

import segno

SCALE: Final = 16  # pixels of a module: a bill's code becomes some 650 pixels wide
BORDER: Final = 4  # modules, as the standard wants


def bill_qr(url: str) -> bytes:
    """A PNG whose code holds ``url``, black on white, large enough to be scanned from a chat. It
    still reads with a seventh of it covered. Raises ValueError for what no code can hold."""
    picture = BytesIO()
    code = segno.make_qr(url, error="m")
    code.save(picture, kind="png", scale=SCALE, border=BORDER)
    return picture.getvalue()


def page_qr(url: str) -> str:
    """The same as SVG, to stand in a page."""
    return segno.make_qr(url, error="m").svg_inline(scale=1, border=BORDER, omitsize=True)
