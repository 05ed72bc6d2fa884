"""What is known of the tuning people's photos: which eyes are shut, which expression was played.

Eyes were labelled by looking at each cut-out eye. P007 to P010 are not among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.photos import people
from pipeline.engine.expressions import Expression
from pipeline.images import photo
from pipeline.images.faces import Pixels

Eyes = tuple[bool | None, bool | None]
"""Whether the picture's left and right eye is shut, or its lid lowered; None: in between."""

OPEN: Final[Eyes] = (False, False)
SHUT: Final[Eyes] = (True, True)
EYES: Final[dict[tuple[str, str], Eyes]] = {
    ("P001", "emo_exhausted"): SHUT,
    ("P001", "emo_flirty"): (None, True),
    ("P001", "emo_pensive"): SHUT,
    ("P001", "emo_playful"): (None, True),
    ("P002", "emo_exhausted"): SHUT,
    ("P002", "emo_flirty"): (True, False),
    ("P002", "emo_pensive"): SHUT,
    ("P004", "emo_exhausted"): (None, None),
    ("P004", "emo_playful"): (True, None),
    ("P005", "emo_disgusted"): (None, None),
    ("P005", "emo_exhausted"): (None, False),
    ("P005", "emo_flirty"): (True, None),
    ("P005", "emo_pensive"): SHUT,
    ("P006", "emo_exhausted"): SHUT,
    ("P006", "emo_flirty"): (False, True),
    ("P006", "emo_pensive"): SHUT,
    ("P006", "emo_playful"): (None, True),
}
"""All other eyes of the openpeople photos that face the camera are open."""

PROFILES: Final = ("angle_left", "angle_right")
TURNED: Final = frozenset({Expression.TURNED_LEFT, Expression.TURNED_RIGHT})
_AWAY: Final = frozenset({Expression.LOOKING_ASIDE, Expression.EYES_CLOSED, *TURNED})
_STARTLED: Final = frozenset({Expression.SURPRISE, Expression.OPEN_MOUTH})
PLAYED: Final[dict[str, frozenset[Expression]]] = {
    "angle_front": frozenset({Expression.NEUTRAL}),
    "angle_left": TURNED,
    "angle_right": TURNED,
    "emo_angry": frozenset({Expression.SCOWL}),
    "emo_happy": frozenset({Expression.SMILE}),
    "emo_neutral": frozenset({Expression.NEUTRAL}),
    "emo_scared": _STARTLED,
    "emo_shocked": _STARTLED,
    "emo_smug": frozenset({Expression.SOFT_SMILE}),
    "emo_surprised": _STARTLED,
    "emo_thoughtful": _AWAY,
    "studio_portrait": frozenset({Expression.NEUTRAL}),
    "studio_posture": frozenset({Expression.NEUTRAL}),
}
"""What may be told of a photo by the name of its file, where everybody played it alike."""


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo of a tuning person; ``eyes`` None: they are not labelled."""

    person: str
    name: str
    pixels: Pixels
    eyes: Eyes | None


def sittings(folder: Path = people.PEOPLE) -> Iterator[LabelledPhoto]:
    for person in people.TUNED:
        for path in sorted((folder / "openpeople" / person).glob("*.jpg")):
            eyes = None if path.stem in PROFILES else EYES.get((person, path.stem), OPEN)
            yield LabelledPhoto(person, path.stem, photo.decode(path.read_bytes()), eyes)
