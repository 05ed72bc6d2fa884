"""Text as it is compared: one form of each letter, no accents on Latin ones."""

import re
import unicodedata
from typing import Final

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
HANGUL: Final = "\uac00-\ud7a3"
_IS_HAN: Final = re.compile(f"[{HAN}]")
_IS_HANGUL: Final = re.compile(f"[{HANGUL}]")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def folded(text: str) -> str:
    """Small letters, full-width forms as usual ones, no accents, no invisible signs, plain quotes
    and blanks. A Hangul syllable stays one letter."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", "".join(map(_bare, plain)))


def _bare(letter: str) -> str:
    if _IS_HANGUL.match(letter):
        return letter
    return "".join(one for one in unicodedata.normalize("NFKD", letter)
                   if not unicodedata.combining(one))  # fmt: skip


def pattern(form: str, particles: str = "") -> str:
    """A regular expression that finds a folded form: Latin ones as whole words, with any blank or
    hyphen between two; Korean ones at the beginning of a word that may go on with one of
    ``particles`` (an expression; "" lets it go on anyhow); Chinese ones anywhere."""
    words = r"[\s-]+".join(re.escape(one) for one in re.split(r"[\s-]+", form))
    if _IS_HAN.search(form):
        return words
    if _IS_HANGUL.search(form):
        end = rf"(?:{particles})?(?![{HANGUL}])" if particles else ""
        return rf"(?<![{HANGUL}]){words}{end}"
    return rf"(?<![^\W_{HAN}{HANGUL}]){words}(?![^\W_{HAN}{HANGUL}])"
