"""The sets of what people type, each with the question that is meant."""

from collections.abc import Iterator
from pathlib import Path

from handlers.questions.classifier import OTHER

TUNING = Path(__file__).with_name("tuning.txt")
HELD_OUT = Path(__file__).with_name("held_out.txt")


def utterances(made: Path) -> Iterator[tuple[str, str, str]]:
    """The language, the question that is meant or ``OTHER``, and what is typed."""
    for line in made.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            meant, _, typed = line.partition(":")
            language, question = meant.split()
            yield from ((language, question, one.strip()) for one in typed.split("|"))


__all__ = ["HELD_OUT", "OTHER", "TUNING", "utterances"]
