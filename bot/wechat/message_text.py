"""Texts as WeChat takes them: of at most 2,048 bytes, without control characters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LIMIT: Final = 2048
"""Bytes of UTF-8 in one text message, customer-service or passive."""

_CONTROLS: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]")
"""What XML 1.0 forbids, and the other controls."""

_ENDS: Final = (
    re.compile(r"\n\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？；…]|[.!?;](?=\s)"),
    re.compile(r"[\s，、,]"),
)
"""Where a text is cut, the best place first: between paragraphs, lines, sentences, words."""

_JOINER: Final = "\u200d"


def clean(text: str) -> str:
    """The text without control characters and half surrogate pairs, with plain line ends."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def pieces(text: str, limit: int = LIMIT) -> list[str]:
    """The text in parts of at most ``limit`` bytes (at least a hundred), cut between sentences
    where it can be, and never within a character; none of an empty text."""
    return list(_pieces(clean(text), limit))


def _pieces(text: str, limit: int) -> Iterator[str]:
    while len(text.encode()) > limit:
        fits = text.encode()[:limit].decode(errors="ignore")
        cut = _best_cut(fits) or _whole_characters(text, len(fits))
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _best_cut(fits: str) -> int:
    """Behind the last end of the best kind that leaves at least half; 0 for none."""
    for end in _ENDS:
        cut = max((found.end() for found in end.finditer(fits)), default=0)
        if cut >= len(fits) / 2:
            return cut
    return 0


def _whole_characters(text: str, cut: int) -> int:
    """The last place up to ``cut`` that parts no character from its accents and joined parts."""
    at = cut
    while at > 1 and (_continues(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return at if at > 1 else cut


def _continues(sign: str) -> bool:
    selector = "\ufe00" <= sign <= "\ufe0f" or "\U0001f3fb" <= sign <= "\U0001f3ff"
    return sign == _JOINER or selector or unicodedata.combining(sign) > 0
