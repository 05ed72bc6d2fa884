"""The phrases of ``words-ask-...``: how they are written, and where a text has them.

A phrase is places that must all be found, each any of its words. A word in Latin letters is found
as a word of the text, or, written ``refund*``, as its beginning; any other, which may stand between
no spaces, anywhere in the text.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

_EAST: Final = re.compile(r"[\u1100-\u11ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")
_HANGUL: Final = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_WORD: Final = re.compile(r"[^\W_\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]+")
_ONE_SLIP: Final = 5  # letters from which a word may have one slip of the finger
_TWO_SLIPS: Final = 9
_REPLACED: Final = 7  # letters from which a slip may be another letter
_FAR: Final = 99
_STEM_SLIP: Final = 7  # a shorter beginning with a slip is that of too many words
FILLING: Final = 0.25


class Word(NamedTuple):
    """One word of a phrase, normalised. ``stem``: the beginning of one."""

    text: str
    stem: bool = False
    latin: bool = True


Phrase = tuple[tuple[Word, ...], ...]


def read_phrases(listed: str) -> tuple[Phrase, ...]:
    """The phrases of a message."""
    phrases = (
        tuple(tuple(_words(place)) for place in phrase.split()) for phrase in listed.split("|")
    )
    return tuple(phrase for phrase in phrases if phrase)


def read_words(listed: str) -> tuple[Word, ...]:
    """The words of a message, parted by spaces."""
    return tuple(word for place in listed.split() for word in _words(place))


def _words(place: str) -> Iterator[Word]:
    for one in place.split("/"):
        bare = one.removesuffix("*")
        for text in plain(bare).split():
            yield Word(text, bare != one, not _EAST.search(text))


def languages_of(typed: str) -> tuple[str, ...]:
    """The languages that it may be written in, by its script."""
    if _HANGUL.search(typed):
        return ("ko",)
    return ("zh_CN",) if _EAST.search(typed) else ("en", "fr")


@cache
def _old_signs() -> dict[int, str]:
    """Signs of Chinese as it is written in Hong Kong and Taiwan, as they are written elsewhere."""
    pairs = files(__package__).joinpath("old_signs.txt").read_text("utf-8").split()
    return {ord(pair[0]): pair[1] for pair in pairs}


_CLOSED_UP: Final = (
    (re.compile(r"([^\W\d])\1{2,}"), r"\1\1"),  # soooo, goood
    (re.compile(r"\bcan(?:'|no)?t\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (
        re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should)n'?t\b"),
        r"\1 not",
    ),
    (re.compile(r"\b(c|j|qu)(est|etait|ai|aimerais|attends|arrive)\b"), r"\1 \2"),
)
"""Ways to write several words as one, or a word with more letters than it has, and their like."""


def plain(text: str) -> str:
    """Without case, accents, marks, contractions and old signs; a mark parts words."""
    same = unicodedata.normalize("NFKC", text).casefold().translate(_old_signs())
    spread = unicodedata.normalize("NFD", same.replace("\u2019", "'"))
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    whole = unicodedata.normalize("NFC", bare)
    for closed_up, spelled in _CLOSED_UP:
        whole = closed_up.sub(spelled, whole)
    return "".join(sign if unicodedata.category(sign)[0] in "LN" else " " for sign in whole)


class Vocabulary:
    """The words of one language: what each weighs, and what a slip of the finger meant.

    ``told``: the words of phrases by how many questions have them. A word weighs the less the more
    questions have it, one over the root of their number, and a filler weighs :data:`FILLING`; a
    stranger is looked for as well, and weighs nothing.
    """

    def __init__(
        self, told: Mapping[Word, int], fillers: Sequence[Word], strangers: Sequence[Word]
    ) -> None:
        self.weights = {word: max(FILLING, count**-0.5) for word, count in told.items()}
        self.weights |= dict.fromkeys(fillers, FILLING)
        self.fillers = tuple(word for word in fillers if len(word.text) > 1)
        latin = [word for word in self.weights if word.latin]
        self._whole = frozenset(word.text for word in latin if not word.stem)
        self._stems = tuple(sorted({word.text for word in latin if word.stem}))
        self._meant_stems = _by_letter(one for one in self._stems if len(one) >= _STEM_SLIP)
        self._meant = _by_letter(one for one in self._whole if _slips(one))
        sought = {*self.weights, *strangers}
        self._listed = {(word.text, word.stem): word for word in sought if word.latin}
        self._eastern = {word.text: word for word in sought if not word.latin}
        self._longest = max(map(len, self._eastern), default=0)

    def latin(self, token: str) -> Iterator[Word]:
        """The words that a word of a text is."""
        parts = ((token[:length], True) for length in range(1, len(token) + 1))
        yield from (self._listed[one] for one in ((token, False), *parts) if one in self._listed)

    def eastern(self, letters: str) -> Iterator[tuple[Word, range]]:
        """The words that stand anywhere in a text without spaces, and where."""
        for start in range(len(letters)) if self._eastern else ():
            for end in range(start + 1, min(start + self._longest, len(letters)) + 1):
                if (text := letters[start:end]) in self._eastern:
                    yield self._eastern[text], range(start, end)

    def corrected(self, typed: str) -> str:
        """The word that was meant, or the same."""
        if self.knows(typed):
            return typed
        for double in re.finditer(r"(.)(?=\1)", typed):
            if self.knows(once := typed[: double.start()] + typed[double.end() :]):
                return once
        whole, stems = (one.get(typed[:1], ()) for one in (self._meant, self._meant_stems))
        meant = ((_distance(typed, word), word) for word in whole)
        begun = ((_distance(typed[: len(stem)], stem), stem) for stem in stems)
        distance, word = min((*meant, *begun), default=(_FAR, ""))
        return typed if distance == _FAR else word

    def knows(self, typed: str) -> bool:
        """Whether it is one of the words as it stands."""
        return typed in self._whole or typed.startswith(self._stems)


def _by_letter(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By their first letter, which no slip changes."""
    return {letter: tuple(group) for letter, group in groupby(sorted(words), itemgetter(0))}


def _slips(word: str) -> int:
    return (len(word) >= _ONE_SLIP) + (len(word) >= _TWO_SLIPS)


def _distance(typed: str, word: str) -> int:
    """Slips from the word to what was typed; :data:`_FAR`: it is another word. In a short word
    another letter makes another word (score, store), one too many or too few rarely does."""
    slips = _slips(word)
    if len(typed) < _ONE_SLIP or abs(len(word) - len(typed)) > slips:
        return _FAR
    replaced = len(typed) == len(word) and sorted(typed) != sorted(word)
    if replaced and len(word) < _REPLACED:
        return _FAR
    distance = OSA.distance(typed, word, score_cutoff=slips)
    return distance if distance <= slips else _FAR


class Text:
    """What was typed: its letters and digits without spaces, and where each Latin word stands.
    ``sure``: how many of those are words of the vocabulary as they stand."""

    def __init__(self, typed: str, vocabulary: Vocabulary) -> None:
        read_as = plain(typed)
        self._vocabulary = vocabulary
        letters: list[str] = []
        self._tokens: list[tuple[str, range]] = []
        self.sure = 0
        for chunk in read_as.split():
            start = sum(map(len, letters))
            for found in _WORD.finditer(chunk):
                where = range(start + found.start(), start + found.end())
                self._tokens.append((vocabulary.corrected(found[0]), where))
                self.sure += vocabulary.knows(found[0])
            letters.append(chunk)
        self.letters = "".join(letters)
        self._found = self._find_all()

    def _find_all(self) -> dict[Word, frozenset[int]]:
        found: defaultdict[Word, set[int]] = defaultdict(set)
        for token, where in self._tokens:
            for word in self._vocabulary.latin(token):
                found[word].update(where)
        for word, where in self._vocabulary.eastern(self.letters):
            found[word].update(where)
        return {word: frozenset(places) for word, places in found.items()}

    @property
    def words(self) -> Iterable[Word]:
        """The words that it has of the vocabulary."""
        return self._found.keys()

    def weigh(self, places: Iterable[int]) -> float:
        """What the letters there say: a Chinese sign and a Korean syllable more than a letter, and
        as much of that as the rarest word weighs that stands there; all of it, where none does."""
        return sum(self._weights[place] for place in places)

    @cached_property
    def known(self) -> frozenset[int]:
        """The places of every word of the language."""
        return frozenset(self._rarest)

    @cached_property
    def _rarest(self) -> dict[int, float]:
        rarest: dict[int, float] = {}
        for word, places in self._found.items():
            weight = self._vocabulary.weights.get(word)
            if weight is not None:
                rarest |= {place: max(weight, rarest.get(place, 0.0)) for place in places}
        filled = {place for word in self._vocabulary.fillers for place in self.find(word)}
        numbers = {place for place, sign in enumerate(self.letters) if sign.isdigit()}
        return rarest | dict.fromkeys(filled | (numbers - rarest.keys()), FILLING)

    @cached_property
    def _weights(self) -> tuple[float, ...]:
        return tuple(
            _weight(sign) * self._rarest.get(place, 1.0) for place, sign in enumerate(self.letters)
        )

    def find(self, word: Word) -> frozenset[int]:
        """The places of the letters of every such word; none: it is not there."""
        return self._found.get(word, frozenset())

    def find_phrase(self, phrase: Phrase) -> frozenset[int]:
        """The places of a phrase all of whose places are found apart from each other; else none."""
        taken: frozenset[int] = frozenset()
        for place in phrase:
            found = [here - taken for word in place if (here := self.find(word)) - taken]
            if not found:
                return frozenset()
            taken |= max(found, key=self.weigh)
        return taken


def _weight(sign: str) -> float:
    if not _EAST.match(sign):
        return 1.0
    return 2.0 if 0xAC00 <= ord(sign) <= 0xD7A3 else 3.0
