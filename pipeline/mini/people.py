"""The source photos of the base's training set, and what is known about each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Sex = Literal["man", "woman"]

# Synthetic persons of `openpeople`. The base never sees MEASURED (they are the project's own
# likeness measurement); P007 to P010 are not even read.
TRAINED: dict[str, Sex] = {"P001": "man", "P002": "woman", "P004": "woman"}
MEASURED: dict[str, Sex] = {"P005": "man", "P006": "woman"}

# Every 25th CC0 portrait is kept back to measure the autoencoder on strangers.
HELD_OUT_EVERY = 25

_CAPTION = re.compile(r"(\d+)-year-old (man|woman)")
_EXPRESSIONS = {
    "happy": "smile",
    "playful": "smile",
    "flirty": "smile",
    "neutral": "neutral",
    "angry": "angry",
    "disgusted": "angry",
    "sad": "sad",
    "exhausted": "sad",
    "surprised": "surprised",
    "shocked": "surprised",
    "scared": "surprised",
    "pensive": "thoughtful",
    "thoughtful": "thoughtful",
    "confused": "thoughtful",
    "smug": "confident",
    "determined": "confident",
}


@dataclass(frozen=True, slots=True)
class SourcePhoto:
    """One source photo; `age` and `expression` are "" where nothing is known."""

    path: Path
    person: str
    sex: Sex
    age: str = ""
    expression: str = ""
    held_out: bool = False


def age_word(years: int) -> str:
    """Map years to one of the three ages that the base knows."""
    return "young" if years < 32 else "middleaged" if years < 55 else "old"


def cc0_portraits(people: Path) -> Iterator[SourcePhoto]:
    """Yield the CC0 portraits in the order of `captions.tsv`; each is a person of its own."""
    folder = people / "portraits-cc0"
    with (folder / "captions.tsv").open(newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t")):
            found = _CAPTION.search(row["prompt"])
            if found is None:
                raise ValueError(f"no age and sex in the caption of {row['file']}")
            sex: Sex = "man" if found[2] == "man" else "woman"
            yield SourcePhoto(
                folder / row["file"],
                person=row["file"],
                sex=sex,
                age=age_word(int(found[1])),
                held_out=number % HELD_OUT_EVERY == 7,
            )


def person_photos(people: Path, person: str) -> list[SourcePhoto]:
    """Return the photos of one `openpeople` person, sorted by name.

    Raises:
        KeyError: the person is neither TRAINED nor MEASURED.

    """
    held_out = person in MEASURED
    sex = MEASURED[person] if held_out else TRAINED[person]
    return [
        SourcePhoto(path, person, sex, expression=_expression(path.stem), held_out=held_out)
        for path in sorted((people / "openpeople" / person).glob("*.jpg"))
    ]


def source_photos(people: Path) -> list[SourcePhoto]:
    """Return every photo for making and measuring the base: CC0, trained and measured persons."""
    known = [photo for person in (*TRAINED, *MEASURED) for photo in person_photos(people, person)]
    return [*cc0_portraits(people), *known]


def _expression(stem: str) -> str:
    return _EXPRESSIONS.get(stem.removeprefix("emo_"), "") if stem.startswith("emo_") else ""
