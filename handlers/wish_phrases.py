"""Sentences that ask for a picture in one's own words, such as "paint me smiling"."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from handlers.texts import every

PHRASES: Final = "words-paint"
"""The message with what such a sentence begins with, or, in Korean, ends with."""

FILM_PHRASES: Final = "words-film"
"""The same of sentences that ask for a clip: a picture first, which then moves."""

POLITE: Final = "words-please"
"""The message with what may go before."""

_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_MARKS: Final = r"[\W_]+"


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """What is to be painted, and whether it shall move then."""

    words: str = field(repr=False)
    moves: bool = False


def read_wish(text: str) -> AskedPicture | None:
    """What is to be painted, if the text asks for that in any of our languages; else None. It is
    used and dropped: never logged."""
    for key in (FILM_PHRASES, PHRASES):
        for asked in _patterns(key):
            if found := asked.fullmatch(text):
                words = re.sub(rf"^{_MARKS}|{_MARKS}$", "", found["wish"])
                return AskedPicture(words, key == FILM_PHRASES) if words else None
    return None


@cache
def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    polite = "|".join(map(_words, _listed(POLITE)))
    return tuple(_pattern(one, polite) for one in _listed(key))


def _listed(key: str) -> list[str]:
    """In all languages, the longest first."""
    phrases = {one.strip() for texts in every() for one in texts(key).split("|")}
    return sorted(phrases, key=len, reverse=True)


def _words(phrase: str) -> str:
    return r"[\W_]*".join(re.escape(one) for one in re.split(_MARKS, phrase))


def _pattern(phrase: str, polite: str) -> re.Pattern[str]:
    if _HANGUL.search(phrase):
        whole = rf"(?P<wish>.+?)\s*{_words(phrase)}\W*"
    else:
        end = "" if _HAN.search(phrase) else r"(?!\w)"
        whole = rf"\W*(?:{polite})?\W*{_words(phrase)}{end}(?P<wish>.+)"
    return re.compile(whole, re.IGNORECASE | re.DOTALL)
