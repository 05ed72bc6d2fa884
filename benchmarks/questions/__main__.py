"""Which typed questions are told apart: ``python -m benchmarks.questions`` writes
docs/benchmarks/questions.md, from what the phrases and thresholds were tuned by."""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import hardware, pages
from handlers.questions import read_question

SET = Path(__file__).with_name("tuning.txt")
PAGE = Path("docs/benchmarks/questions.md")
OTHER = "-"  # in the set: no question of ours


def utterances() -> Iterator[tuple[str, str, str]]:
    """The language, the question that is meant or :data:`OTHER`, and what is typed."""
    for line in SET.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            meant, _, typed = line.partition(":")
            language, question = meant.split()
            yield from ((language, question, one.strip()) for one in typed.split("|"))


def count() -> dict[str, Counter[str]]:
    """By language: how many questions are ``right``, ``wrong`` or ``silent``, and how much other
    talk is ``left`` alone or ``taken`` for a question."""
    found: dict[str, Counter[str]] = {}
    for language, meant, typed in utterances():
        heard = read_question(typed)
        fates = ("taken", "left") if meant == OTHER else ("wrong", "silent")
        fate = "right" if heard == meant else fates[heard is None]
        found.setdefault(language, Counter())[fate] += 1
    return found


def page(counted: dict[str, Counter[str]]) -> str:
    kinds = ("right", "wrong", "silent", "left", "taken")
    rows = [(language, *(one[kind] for kind in kinds)) for language, one in counted.items()]
    head = (
        "language",
        "right",
        "wrong",
        "silent",
        "other talk: left alone",
        "taken for a question",
    )
    return f"""# Questions that people type

`{pages.command("benchmarks.questions")}`, {pages.today()}; {hardware.cpu()}.

Everything here was seen while phrases and thresholds were tuned: it shows what still holds, and
not how strangers' questions fare. A held-out set that nobody tuned by is not made yet.

{pages.table(head, rows)}
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    pages.write(parser.parse_args().out, page(count()))
