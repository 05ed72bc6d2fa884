"""What a check finds, and what becomes of it."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Flaw(Enum):
    """In what way a field is wrong."""

    UNKNOWN = "unknown"
    REQUIRED = "required"
    MISTYPED = "mistyped"
    KIND = "kind"
    LENGTH = "length"
    RANGE = "range"
    MARKUP = "markup"


class Finding(NamedTuple):
    """A flaw, where it is below the value that was checked (``.media[1].type``), and in words."""

    where: str
    flaw: Flaw
    what: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a call broke. ``refusal`` is Telegram's description where it refuses such a
    call, "" where it does as if nothing were wrong."""

    rule: str
    refusal: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the refusal."""
        return 413 if self.refusal.startswith("Request Entity") else 400
