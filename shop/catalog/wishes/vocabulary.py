"""The words that a small base was taught, and the forms in which customers write them."""

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shop.catalog.wishes.folding import folded, pattern


class WordKind(StrEnum):
    """What a word of a vocabulary says: who, what the face does, how much is shown, or a look."""

    SUBJECT = "subject"
    EXPRESSION = "expression"
    FRAMING = "framing"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word of a base. ``asks``: the engine's word for it, which goes into the request instead of
    the prompt; "" where the base's own word does it."""

    word: str
    kind: WordKind
    asks: str = ""


@dataclass(frozen=True, slots=True)
class WishVocabulary:
    """A small base's words. ``forms`` finds the longest form at a place; its group is named "w" and
    the word's number. ``ignored`` finds what means nothing that could be painted, ``ends`` the same
    at either end of a run of Chinese, whose words nothing parts."""

    words: tuple[KnownWord, ...]
    forms: re.Pattern[str]
    ignored: re.Pattern[str]
    ends: re.Pattern[str]


class _WordEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: WordKind
    asks: str = ""
    forms: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class _Ignored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    latin: tuple[str, ...]
    chinese: tuple[str, ...]
    chinese_ends: tuple[str, ...]
    korean: tuple[str, ...]
    particles: tuple[str, ...]


class _VocabularyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Mapping[str, _WordEntry]
    ignored: _Ignored


@functools.cache
def vocabulary(base: str) -> WishVocabulary | None:
    """The words of a base model; None: it hears any sentence."""
    path = Path(__file__).parent / f"{base}.toml"
    if path.name == "blocked.toml" or not path.is_file():
        return None
    file = _VocabularyFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    ignored = file.ignored
    particles = "|".join(_longest_first(ignored.particles))
    forms = [
        (folded(form), number)
        for number, entry in enumerate(file.words.values())
        for form in entry.forms
    ]
    forms.sort(key=lambda one: len(one[0]), reverse=True)
    found = "|".join(
        f"(?P<w{number}_{place}>{pattern(form, particles)})"
        for place, (form, number) in enumerate(forms)
    )
    fillers = _longest_first(map(folded, (*ignored.latin, *ignored.korean)))
    around = "|".join(_longest_first(ignored.chinese))
    behind = "|".join(_longest_first((*ignored.chinese, *ignored.chinese_ends)))
    return WishVocabulary(
        tuple(KnownWord(word, one.kind, one.asks) for word, one in file.words.items()),
        re.compile(found),
        re.compile("|".join(pattern(form, particles) for form in fillers)),
        re.compile(f"^(?:{around})+|(?:{behind})+$"),
    )


def _longest_first(forms: Iterable[str]) -> list[str]:
    return sorted(forms, key=len, reverse=True)
