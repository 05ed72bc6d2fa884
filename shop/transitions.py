"""State machines: the check behind every record's table of allowed transitions."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar, cast

from shop.errors import NotAllowed, NotFound
from shop.ports import Tx
from shop.records import Clip, Prompt, Shoot, SupportCase

S = TypeVar("S", bound=StrEnum)
R = TypeVar("R", Clip, Prompt, Shoot, SupportCase)


def check(table: Mapping[S, frozenset[S]], old: S, new: S) -> None:
    """Raise :class:`NotAllowed` unless ``table`` leads from ``old`` to ``new``."""
    if new not in table.get(old, frozenset()):
        raise NotAllowed


async def move(
    tx: Tx, record: R, table: Mapping[S, frozenset[S]], state: S, **changes: object
) -> R:
    """The record as it is now, locked, put into that state with these ``changes`` of its fields.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that ``table`` lacks.
    """
    fresh = await tx.get(type(record), record.id, lock=True)
    if fresh is None:
        raise NotFound
    check(table, cast("S", fresh.state), state)
    moved = replace(fresh, state=state, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved
