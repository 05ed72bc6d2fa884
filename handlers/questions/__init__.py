"""Questions that people type, told apart by phrases in ``locales/`` and
a small linear classifier: no network."""

from handlers.questions.reading import Question, read_question

__all__ = ["Question", "read_question"]
