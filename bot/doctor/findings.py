"""What the doctor finds, and how it is printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


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


def as_lines(found: Sequence[Finding]) -> str:
    """A line each, below it what is to be done."""
    width = max((len(one.what) for one in found), default=0)
    lines = []
    for one in found:
        lines.append(f"{one.health:<4}  {one.what:<{width}}  {one.words}")
        if one.todo:
            lines.append(f"{'':<{width + 6}}  -> {one.todo}")
    return "\n".join(lines)


def as_json(found: Sequence[Finding]) -> str:
    """One object on one line: ``well``, and the findings."""
    listed = [
        {"what": one.what, "health": one.health, "words": one.words, "todo": one.todo}
        for one in found
    ]
    return json.dumps({"well": is_well(found), "findings": listed}, ensure_ascii=False)
