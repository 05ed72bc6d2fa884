"""The verdict on a source: whether it may come alive, whether a person looks first. Pure.

A photo alone is an album of one: the lines of :mod:`shop.photos.quality` hold for it, and the
median of its ages is its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shop.photos import quality
from shop.records import ClipState

MOST_PEOPLE: Final = 24
"""Faces on one source. A school class moves; in a crowd nobody can have been asked, and each face
is too small to be moved well."""


class SourceFlaw(StrEnum):
    """Why a source is held or refused, and why a clip failed, in a word of the messages. Beside
    these a clip's reason may be an :class:`AnimationRefusal`."""

    UNREADABLE = "unreadable"
    CROWD = "crowd"
    INDECENT = "indecent"
    MINOR = "minor"
    LATE = "late"  # nobody did the work in time
    BROKEN = "broken"  # our fault: nothing can be said of the picture


@dataclass(frozen=True, slots=True)
class SourceFindings:
    """What was found in a source, as the animator would have it.

    ``people`` are all faces found in it, ``faces`` those that can move; with none of these
    ``reason`` says why; ``apart`` says why they cannot stand beside those of a first picture, where
    there is one. ``indecency`` and ``youth`` (of the youngest: under 20) are probabilities,
    0..1. ``done`` are words for what was mended.
    """

    people: int
    faces: int
    indecency: float
    youth: float
    reason: str = ""
    done: tuple[str, ...] = ()
    apart: str = ""


@dataclass(frozen=True, slots=True)
class SourceVerdict:
    """READY, HELD or REFUSED; why, unless it is READY."""

    state: ClipState
    flaw: SourceFlaw | None = None


def judge(found: SourceFindings, rules: quality.QualityRules = quality.RULES) -> SourceVerdict:
    """By the gravest flaw. A face that cannot move refuses nothing: the camera still may."""
    if found.indecency >= rules.indecent:
        return SourceVerdict(ClipState.REFUSED, SourceFlaw.INDECENT)
    if found.people > MOST_PEOPLE:
        return SourceVerdict(ClipState.REFUSED, SourceFlaw.CROWD)
    if found.people and quality.is_young([found.youth], rules):
        return SourceVerdict(ClipState.HELD, SourceFlaw.MINOR)
    if found.indecency >= rules.indecent_perhaps:
        return SourceVerdict(ClipState.HELD, SourceFlaw.INDECENT)
    return SourceVerdict(ClipState.READY)
