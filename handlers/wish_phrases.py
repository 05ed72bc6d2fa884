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
_LONGEST: Final = 1000
"""Letters that are looked at: more than any wish has, and no more than are quickly read."""


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """What is to be painted, and whether it shall move then."""

    words: str = field(repr=False)
    moves: bool = False


def read_wish(text: str) -> AskedPicture | None:
    """What is to be painted, if the text asks for that in any of our languages; else None. It is
    used and dropped: never logged."""
    bare = _without_marks(text[:_LONGEST])
    for key in (FILM_PHRASES, PHRASES):
        for asked in _patterns(key):
            if found := asked.search(bare):
                around = bare[: found.start()] or bare[found.end() :]
                words = _without_marks(around)
                return AskedPicture(words, key == FILM_PHRASES) if words else None
    return None


def _without_marks(text: str) -> str:
    """Letters and digits at both ends; by a loop: a pattern reads runs of marks over and over."""
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return text[start:end]


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
    """In a text without marks at its ends: the phrase where such a sentence begins, or ends."""
    if _HANGUL.search(phrase):
        return re.compile(rf"(?<!^){_words(phrase)}\Z", re.IGNORECASE)
    end = "" if _HAN.search(phrase) else r"(?!\w)"
    return re.compile(
        rf"\A(?:(?:{polite})[\W_]*)?{_words(phrase)}{end}(?=.)", re.IGNORECASE | re.DOTALL
    )
