"""The mapping from the type of a record's field to the type of its column."""

import types
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType, Union, get_args, get_origin

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    LargeBinary,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

_TEXT: TypeEngine[str] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Sorts by code points, as Python and SQLite do, whatever the server's locale."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time, in UTC. SQLite has no zones: there it is written without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumColumn(TypeDecorator[StrEnum]):
    """A member of a :class:`enum.StrEnum`, stored by its value, so that psql shows it readably."""

    impl = _TEXT
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.members(value)


class TupleColumn(TypeDecorator[Any]):
    """A tuple or a dict of plain values, as JSON. Not JSONB, which would round large floats."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[Any]) -> None:
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.kind(value)


_PLAIN: dict[Any, Callable[[], TypeEngine[Any]]] = {
    str: lambda: _TEXT,
    bytes: LargeBinary,
    bool: Boolean,
    int: BigInteger,
    float: Double,
    datetime: UtcTime,
}


def column(name: str, hint: Any) -> Column[Any]:
    """The column of a field. Raises :class:`TypeError` for an unknown type."""
    bare, optional = _unwrapped(hint)
    return Column(name, _type(bare), nullable=optional)


def _unwrapped(hint: Any) -> tuple[Any, bool]:
    optional = get_origin(hint) in (Union, types.UnionType)
    if optional:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint, optional


def _type(bare: Any) -> TypeEngine[Any]:
    if bare in _PLAIN:
        return _PLAIN[bare]()
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return EnumColumn(bare)
    if get_origin(bare) in (tuple, dict):
        return TupleColumn(get_origin(bare))
    raise TypeError(f"no column for {bare!r}")
