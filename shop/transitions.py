"""State machines: the check behind every record's table of allowed transitions."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shop.errors import NotAllowed

S = TypeVar("S", bound=StrEnum)


def check(table: Mapping[S, frozenset[S]], old: S, new: S) -> None:
    """Raise :class:`NotAllowed` unless ``table`` leads from ``old`` to ``new``."""
    if new not in table.get(old, frozenset()):
        raise NotAllowed
