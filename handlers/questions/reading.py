"""Which question a typed text asks, if it is one of ours.

Two readers agree on it, whichever language the person chose: phrases, by how much of the text is
theirs and how much is of words that we know at all, and a classifier taught by examples. Alone,
either must be very sure. ``python -m benchmarks.questions`` measures the thresholds.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import sqrt
from typing import Final
from unicodedata import normalize

from handlers.questions.classifier import OTHER, classifier
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
    """``enough``: the score of a question, at least; ``apart``: what it has more of than the next
    one and than other talk, at least. ``phrases``: how much phrases weigh beside the classifier."""

    enough: float = 0.58
    apart: float = 0.2
    phrases: float = 0.6


THRESHOLDS: Final = Thresholds()


@dataclass(frozen=True, slots=True)
class _Known:
    """``having``: by a word, which of the phrases may be there, since each has a word of its
    place of fewest."""

    phrases: tuple[tuple[Question, Phrase], ...]
    having: dict[Word, list[int]]
    strangers: tuple[Word, ...]
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text, as shares of it, the question with most of it first."""

    known: float
    asked: tuple[tuple[Question, float], ...]


def read_question(
    typed: str, thresholds: Thresholds = THRESHOLDS, alike: Collection[Question] = ()
) -> Question | None:
    """The question that the text asks, or None. It is used and dropped: never logged. Those that
    are ``alike``, since they have one answer here, need not be told apart."""
    if len(typed) > LONGEST or len(normalize("NFKC", typed)) > LONGEST:  # one sign may be 18
        return None
    found = score(typed, thresholds.phrases)
    best = max(found, key=found.__getitem__)
    next_one = max(
        found[one] for one in found if one != best and not (one in alike and best in alike)
    )
    sure = found[best] >= max(thresholds.enough, next_one + thresholds.apart)
    return Question(best) if sure and best != OTHER else None


def score(typed: str, phrases: float) -> dict[str, float]:
    """How much the text is like each question, and :data:`OTHER`, by the classifier and phrases."""
    reading, found = read(typed), classifier().scores(typed)
    for question, share in reading.asked:
        found[question] += phrases * reading.known * sqrt(share)
    return found


def read(typed: str) -> Reading:
    """How much of the text is of which question, in the language that has most of its words."""
    languages = [_known(language) for language in languages_of(typed)]
    read_in = [(Text(typed, known.vocabulary), known) for known in languages]
    return _read(*max(read_in, key=lambda one: one[0].sure))


def _read(text: Text, known: _Known) -> Reading:
    if not text.letters or any(text.find(word) for word in known.strangers):
        return Reading(0.0, ())
    found: defaultdict[Question, frozenset[int]] = defaultdict(frozenset)
    for at in {at for word in text.words for at in known.having.get(word, ())}:
        question, phrase = known.phrases[at]
        found[question] |= text.find_phrase(phrase)
    whole = text.weigh(range(len(text.letters)))
    shares = {question: text.weigh(places) / whole for question, places in found.items() if places}
    if shares.keys() - POLITE:
        shares = {question: share for question, share in shares.items() if question not in POLITE}
    order = sorted(shares.items(), key=lambda one: -one[1])
    return Reading(text.weigh(text.known) / whole, tuple(order))


@cache
def _known(language: str) -> _Known:
    say = texts(language)
    listed = {question: read_phrases(say(f"words-ask-{question}")) for question in Question}
    told = Counter(
        word
        for each in listed.values()
        for word in {word for one in each for place in one for word in place}
    )
    fillers, strangers = (read_words(say(f"words-ask-{kind}")) for kind in ("filler", "stranger"))
    phrases = tuple((question, one) for question, each in listed.items() for one in each)
    having: defaultdict[Word, list[int]] = defaultdict(list)
    for at, (_, phrase) in enumerate(phrases):
        for word in min(phrase, key=len):
            having[word].append(at)
    return _Known(phrases, dict(having), strangers, Vocabulary(told, fillers, strangers))
