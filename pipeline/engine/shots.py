"""Shots: how the pictures of a request differ from each other, and how much of a person they show.

Importable without torch, and crosses the pipe to the child as `messages` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Framing(StrEnum):
    """How much of a person a portrait shows."""

    CLOSE_UP = "close_up"
    HEAD_AND_SHOULDERS = "head_and_shoulders"


@dataclass(frozen=True, slots=True)
class Shot:
    """How one of a request's pictures differs from the others.

    words     after the request's prompt; may be empty
    framing   None: the request's
    """

    words: str = ""
    framing: Framing | None = None


def shot_of(shots: Sequence[Shot], usual: Framing | None, place: int) -> Shot:
    """The shot of the picture whose seed has that place: shots are taken in turn. `usual`: the
    framing of those that name none."""
    shot = shots[place % len(shots)] if shots else Shot()
    return replace(shot, framing=shot.framing or usual)
