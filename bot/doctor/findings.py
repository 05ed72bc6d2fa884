"""What the doctor finds, and how it is printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_WIDTH: Final = 12  # of what was looked at


class Health(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was looked at, how it is, in a sentence, and ``todo``: what an operator does."""

    what: str
    health: Health
    words: str
    todo: str = ""


def ok(what: str, words: str) -> Finding:
    return Finding(what, Health.OK, words)


def warn(what: str, words: str, todo: str) -> Finding:
    return Finding(what, Health.WARN, words, todo)


def bad(what: str, words: str, todo: str) -> Finding:
    return Finding(what, Health.BAD, words, todo)


def is_well(found: Sequence[Finding]) -> bool:
    """Whether nothing is bad."""
    return all(one.health is not Health.BAD for one in found)


def as_line(found: Finding) -> str:
    """A line, and below it what is to be done."""
    line = f"{found.health:<4}  {found.what:<{_WIDTH}}  {found.words}"
    return f"{line}\n{'':<{_WIDTH + 6}}  -> {found.todo}" if found.todo else line


def as_json(found: Sequence[Finding]) -> str:
    """One object on one line: ``well``, and the findings."""
    listed = [
        {"what": one.what, "health": one.health, "words": one.words, "todo": one.todo}
        for one in found
    ]
    return json.dumps({"well": is_well(found), "findings": listed}, ensure_ascii=False)
