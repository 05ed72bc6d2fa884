"""Questions that people type, told apart by phrases in ``locales/``: no model and no network."""

from handlers.questions.reading import Question, read_question

__all__ = ["Question", "read_question"]
