"""Which question a typed text asks, if it is one of ours.

The phrases of every language are looked for, whichever the person chose. A question is recognised
where enough of the text is made of words that we know, and enough of it of that question's, with a
distance to the next one. ``python -m benchmarks.questions`` measures the thresholds.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final
from unicodedata import normalize

from handlers.questions.phrases import (
    Phrase,
    Text,
    Vocabulary,
    Word,
    languages_of,
    read_phrases,
    read_words,
)
from handlers.texts import texts

LONGEST: Final = 300
"""Letters; whoever writes more asks more than one thing."""


class Question(StrEnum):
    """What people ask. Each has phrases, ``words-ask-...``, and an answer."""

    PRICE = "price"
    FREE = "free"
    WAIT = "wait"
    SAFE = "safe"
    SEEN = "seen"
    ERASED = "erased"
    PHOTOS = "photos"
    AVATAR = "avatar"
    BEGIN = "begin"
    SIZE = "size"
    REFUND = "refund"
    TROUBLE = "trouble"
    PAYING = "paying"
    INVOICE = "invoice"
    MISSING = "missing"
    RESTYLE = "restyle"
    LIKENESS = "likeness"
    ALIVE = "alive"
    OLD = "old"
    CREDITS = "credits"
    GIFT = "gift"
    CANCEL = "cancel"
    LANGUAGE = "language"
    GROUP = "group"
    CHILD = "child"
    RIGHTS = "rights"
    LABEL = "label"
    PAPERS = "papers"
    PERSON = "person"
    WHO = "who"
    THANKS = "thanks"
    HELLO = "hello"
    BYE = "bye"
    ERASE = "erase"


POLITE: Final = frozenset({Question.THANKS, Question.HELLO, Question.BYE})
"""Said beside a question as well: then that is meant."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of a text's weight. ``known``: of words that we know at all, at least; ``asked``: of
    the question's own, at least; ``polite``: the same for one of :data:`POLITE`, so that a word of
    praise in other talk is none; ``apart``: what it has more of than the next one, at least."""

    known: float = 0.7
    asked: float = 0.25
    polite: float = 0.4
    apart: float = 0.02


THRESHOLDS: Final = Thresholds()


@dataclass(frozen=True, slots=True)
class _Known:
    phrases: dict[Question, tuple[Phrase, ...]]
    strangers: tuple[Word, ...]
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text, as shares of it, the question with most of it first."""

    known: float
    asked: tuple[tuple[Question, float], ...]


def read_question(typed: str, thresholds: Thresholds = THRESHOLDS) -> Question | None:
    """The question that the text asks, or None. It is used and dropped: never logged."""
    if len(typed) > LONGEST or len(normalize("NFKC", typed)) > LONGEST:  # one sign may be 18
        return None
    reading = read(typed)
    if not reading.asked or reading.known < thresholds.known:
        return None
    (best, share), *rest = reading.asked
    enough = share >= (thresholds.polite if best in POLITE else thresholds.asked)
    apart = not rest or share - rest[0][1] >= thresholds.apart
    return best if enough and apart else None


def read(typed: str) -> Reading:
    """How much of the text is of which question, in the language that has most of its words."""
    languages = [_known(language) for language in languages_of(typed)]
    read_in = [(Text(typed, known.vocabulary), known) for known in languages]
    return _read(*max(read_in, key=lambda one: one[0].sure))


def _read(text: Text, known: _Known) -> Reading:
    if not text.letters or any(text.find(word) for word in known.strangers):
        return Reading(0.0, ())
    found = {
        question: frozenset(place for one in phrases for place in text.find_phrase(one))
        for question, phrases in known.phrases.items()
    }
    whole = text.weigh(range(len(text.letters)))
    shares = {question: text.weigh(places) / whole for question, places in found.items() if places}
    if shares.keys() - POLITE:
        shares = {question: share for question, share in shares.items() if question not in POLITE}
    order = sorted(shares.items(), key=lambda one: -one[1])
    return Reading(text.weigh(text.known) / whole, tuple(order))


@cache
def _known(language: str) -> _Known:
    say = texts(language)
    phrases = {question: read_phrases(say(f"words-ask-{question}")) for question in Question}
    told = Counter(
        word
        for each in phrases.values()
        for word in {word for one in each for place in one for word in place}
    )
    fillers, strangers = (read_words(say(f"words-ask-{kind}")) for kind in ("filler", "stranger"))
    return _Known(phrases, strangers, Vocabulary(told, fillers))
