"""Three things that somebody asks in one plain sentence, read by rules: about what they have
written to a person of the studio, after money that they have paid, and whether work has stopped.

By patterns (``words-asks-...`` in ``locales/*/words.ftl``), not by the reader of questions: what
asks about an open case would else be passed on to it, money must not be taken for a portrait, nor
"did it stop?" for "stop it".
"""

import re
from enum import StrEnum
from functools import cache
from typing import Final

from handlers.questions.phrases import plain
from handlers.questions.reading import Question
from handlers.texts import UNSPACED, every

_LONGEST: Final = 80
"""Letters: whoever writes more has more to say, which a person should read."""
_PARTED: Final = re.compile(
    "[.!?;:\n\u2026\u3002\uff01\uff1f\uff1b\uff1a](?![.!?\u2026\u3002\uff01\uff1f\\s]*$)"
)
"""A mark after which more is said."""


class Sentence(StrEnum):
    """What is asked."""

    CASE = "case"
    MONEY = "money"
    STOPPED = "stopped"


_QUESTIONS: Final = {Sentence.MONEY: Question.TROUBLE, Sentence.STOPPED: Question.WAIT}


def asks(text: str, about: Sentence) -> bool:
    """Whether the text asks that, in any of our languages. It is used and dropped: never logged."""
    if len(text) > _LONGEST or _PARTED.search(text.strip()):
        return False
    words = " ".join(plain(text).split())
    unspaced = words.replace(" ", "")
    return any(
        pattern.search(unspaced if without else words) for without, pattern in _patterns(about)
    )


def plain_question(text: str) -> Question | None:
    """The question of such a sentence, which the reader of questions would take for another."""
    return next((asked for about, asked in _QUESTIONS.items() if asks(text, about)), None)


@cache
def _patterns(about: Sentence) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    """For each language: whether its text is read without spaces, and what asks that."""
    listed = ((one.language in UNSPACED, one(f"words-asks-{about}")) for one in every())
    return tuple((without, re.compile("|".join(says.splitlines()))) for without, says in listed)
