"""The list of what no prompt may hold."""

import functools
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import RootModel

from shop.catalog.wishes.folding import folded, pattern

CATEGORIES: Final = ("sexual", "persons", "minors", "violence", "hate", "deception")
HARMLESS: Final = "harmless"
_SPACED: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_][\W_]+){2,}[^\W\d_](?![^\W_])")
_DIGITS: Final = str.maketrans("013457@$", "oieastas")  # n4ked, s3x
_ALIKE: Final = str.maketrans("аеорсухіјѕкмнтαοενρικτ", "aeopcyxijskmhtaoevpikt")
"""Cyrillic and Greek letters -> the Latin ones that they look like."""


class _BlockedFile(RootModel[dict[str, tuple[str, ...]]]):
    pass


def blocked(text: str) -> str:
    """What a text is about that no picture may be of: a word of :data:`CATEGORIES`; "" for
    nothing that the list knows. Letters apart ("n u d e"), digits for letters and letters of other
    scripts that look alike are seen through."""
    plain = _harmless().sub(" ", folded(text).translate(_ALIKE))
    joined = _SPACED.sub(lambda found: re.sub(r"[\W_]+", "", found.group()), plain)
    for form in dict.fromkeys((plain, joined, joined.translate(_DIGITS))):
        for category, wrong in _patterns().items():
            if wrong.search(form):
                return category
    return ""


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {category: _any_of(_file()[category]) for category in CATEGORIES}


@functools.cache
def _harmless() -> re.Pattern[str]:
    return _any_of(_file()[HARMLESS])


def _file() -> dict[str, tuple[str, ...]]:
    text = (Path(__file__).parent / "blocked.toml").read_text("utf-8")
    words = _BlockedFile.model_validate(tomllib.loads(text)).root
    if set(words) != {HARMLESS, *CATEGORIES}:
        raise ValueError(f"blocked.toml: needs exactly {HARMLESS}, {', '.join(CATEGORIES)}")
    return words


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(pattern(folded(form)) for form in forms))
