"""A customer's sentence, read: what the base hears of it, and what it does not know."""

import re
from dataclasses import dataclass, field
from typing import Final

from shop.catalog.wishes.folding import HAN, HANGUL, folded
from shop.catalog.wishes.vocabulary import KnownWord, WishVocabulary, WordKind

MOST_LETTERS: Final = 400
"""Of a sentence; what is longer is cut there."""

MOST_WORDS: Final = 10
"""That a small base is told at once: its prompt has 14, the customer's own two among them."""

_WORDS: Final = re.compile(
    rf"[{HAN}]+|[{HANGUL}]+|[^\W_{HAN}{HANGUL}]+(?:[-'][^\W_{HAN}{HANGUL}]+)*"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a picture is to show.

    known       the base's words that were found, in the sentence's order; () for a large base
    unknown     what it does not know, as the customer wrote it, each once; () for a large base
    left_out    known ones beyond :data:`MOST_WORDS`
    heard       `known`, then `left_out`, as the customer wrote them
    prompt      for the engine: holds {subject} once, and no other brace
    subject     "man", "woman" or "person", as the sentence says; "" if it does not
    expression  the engine's word, "" for none; framing likewise
    """

    known: tuple[str, ...] = field(repr=False)
    unknown: tuple[str, ...] = field(repr=False)
    left_out: tuple[str, ...] = field(repr=False)
    prompt: str = field(repr=False)
    subject: str = field(default="", repr=False)
    expression: str = field(default="", repr=False)
    framing: str = field(default="", repr=False)
    heard: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was heard of it."""
        return not self.known and self.prompt == "{subject}"


def read(text: str, vocabulary: WishVocabulary | None) -> Wish:
    """A sentence in any of the four languages, or several. Whether it may be painted at all,
    :func:`shop.catalog.wishes.blocked` says."""
    text = text[:MOST_LETTERS]
    if vocabulary is None:
        said = re.sub(r"\s+", " ", re.sub(r"[{}]", " ", text)).strip()
        return Wish((), (), (), ", ".join(filter(None, ("{subject}", said))))
    found, heard, rest = _split(folded(text), vocabulary)
    told, left_out = found[:MOST_WORDS], found[MOST_WORDS:]
    said_ = [one.word for one in told if one.kind is WordKind.LOOK or _by_its_word(one)]
    return Wish(
        known=tuple(one.word for one in told),
        unknown=_as_written(text, _unknown(rest, vocabulary)),
        left_out=tuple(one.word for one in left_out),
        prompt=", ".join(("{subject}", *said_)),
        subject=_first(told, WordKind.SUBJECT, "word"),
        expression=_first(told, WordKind.EXPRESSION, "asks"),
        framing=_first(told, WordKind.FRAMING, "asks"),
        heard=_as_written(text, heard),
    )


def _split(text: str, vocabulary: WishVocabulary) -> tuple[list[KnownWord], tuple[str, ...], str]:
    """The known words, each once, the forms in which they were found, and the text without them."""
    found: dict[str, KnownWord] = {}
    forms: dict[str, str] = {}
    for match in vocabulary.forms.finditer(text):
        number = int((match.lastgroup or "w0_").removeprefix("w").partition("_")[0])
        word = vocabulary.words[number]
        found.setdefault(word.word, word)
        forms.setdefault(word.word, match.group())
    return list(found.values()), tuple(forms.values()), vocabulary.forms.sub(" ; ", text)


def _as_written(text: str, pieces: tuple[str, ...]) -> tuple[str, ...]:
    """Pieces of the folded text with the capitals and accents of the text itself."""
    letters = [(one, place) for place, letter in enumerate(text) for one in folded(letter)]
    plain = "".join(one for one, _ in letters)

    def written(piece: str) -> str:
        found = re.search(re.sub(r"(\\)? ", lambda _: r"\s+", re.escape(piece)), plain)
        if found is None:  # letters that fold together only: rare, and still to be told
            return piece
        return text[letters[found.start()][1] : letters[found.end() - 1][1] + 1]

    return tuple(map(written, pieces))


def _unknown(rest: str, vocabulary: WishVocabulary) -> tuple[str, ...]:
    left = _WORDS.findall(vocabulary.ignored.sub(" ", rest))
    trimmed = (vocabulary.ends.sub("", one) for one in left)
    return tuple(dict.fromkeys(filter(None, trimmed)))


def _by_its_word(word: KnownWord) -> bool:
    return word.kind in (WordKind.EXPRESSION, WordKind.FRAMING) and not word.asks


def _first(words: list[KnownWord], kind: WordKind, what: str) -> str:
    return next((str(getattr(one, what)) for one in words if one.kind is kind), "")
