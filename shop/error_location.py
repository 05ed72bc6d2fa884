"""Where an error happened, without what must not be logged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

INNERMOST: Final = 6  # frames that are logged
_OURS: Final = str(Path(__file__).parents[1])
_NOT_OURS: Final = ("site-packages", "dist-packages", "/shop/adapters/")
"""Adapters only translate: what they say of a place is their libraries'."""


def where(error: BaseException) -> list[str]:
    """file:line of the innermost frames of ours and of the innermost of all, outermost first; no
    values: those may be personal. Of an error that was raised from another, those of whichever came
    through more of our code; where none did, the innermost frames, whosever they are."""
    chain = reversed([_frames(one) for one in _chain(error)])  # of equal ones the first error's
    frames = max(chain, key=lambda found: len(_ours(found)))
    shown = _ours(frames) or frames
    last = [] if shown[-1:] == frames[-1:] else frames[-1:]
    return [*shown[len(last) - INNERMOST :], *last]


def _chain(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        if error.__cause__ is None:
            return
        error = error.__cause__


def _frames(error: BaseException) -> list[str]:
    lines, trace = [], error.__traceback__
    while trace is not None:
        lines.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return lines


def _ours(frames: list[str]) -> list[str]:
    return [
        one for one in frames if one.startswith(_OURS) and not any(lib in one for lib in _NOT_OURS)
    ]
