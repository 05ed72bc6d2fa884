"""Questions that people type, told apart by phrases in ``locales/`` and
a small linear classifier: no network."""

from handlers.questions.reading import Question, read_question
from handlers.questions.sentences import Sentence, asks, plain_question

__all__ = ["Question", "Sentence", "asks", "plain_question", "read_question"]
