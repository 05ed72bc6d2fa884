"""SQL statements, built once and cached: only their parameters change from call to call.

Building and hashing an expression costs SQLAlchemy as much as executing it. A ``where`` is
therefore split into its shape, which is the cache key of the statement, and its parameters.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from shop.adapters.database.tables import TABLES
from shop.adapters.schema import check_fields, hints
from shop.ports import Above, Below, OneOf

Shape = tuple[tuple[str, str], ...]
"""Field names with how each is compared: a key of :data:`_COMPARISONS`."""

Built = TypeVar("Built", bound=Callable[..., Any])

_SHAPES = 1024
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_COMPARISONS: Mapping[str, Any] = {
    "equal": lambda column, value: column == value,
    "unset": lambda column, _: column.is_(None),
    "below": lambda column, value: column < value,
    "above": lambda column, value: column > value,
    "one of": lambda column, value: column.in_(value),
    "one of or unset": lambda column, value: or_(column.in_(value), column.is_(None)),
}


def _cached(build: Built) -> Built:
    """:func:`lru_cache` that keeps the types."""
    return cast("Built", lru_cache(_SHAPES)(build))


def split_where(where: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """The shape of a ``where``, and the parameters with which its statement is executed."""
    shape, values = [], {}
    for name, wanted in where.items():
        how, value = _split(wanted)
        shape.append((name, how))
        if how != "unset":
            values[f"where_{name}"] = value
    return tuple(shape), values


@_cached
def select_statement(
    kind: type[Any],
    shape: Shape,
    order: str,
    limit: int | None,
    lock: bool,
    skip_locked: bool = False,
) -> Select[Any]:
    """All fields of what matches, in order; ``lock`` locks the rows, and ``skip_locked`` those that
    no other transaction has locked."""
    columns = table_of(kind).c
    query = select(*(columns[name] for name in hints(kind))).where(_condition(kind, shape))
    query = _ordered(query.limit(limit), kind, order)
    return query.with_for_update(skip_locked=skip_locked) if lock or skip_locked else query


@_cached
def count_statement(kind: type[Any], shape: Shape) -> Select[Any]:
    return select(func.count()).select_from(table_of(kind)).where(_condition(kind, shape))


@_cached
def sum_statement(kind: type[Any], field: str, shape: Shape) -> Select[Any]:
    """The sum of a number field; 0 of nothing."""
    total = func.coalesce(func.sum(table_of(kind).c[field]), 0)
    return select(total).where(_condition(kind, shape))


@_cached
def delete_statement(kind: type[Any], shape: Shape) -> Delete:
    return delete(table_of(kind)).where(_condition(kind, shape))


@_cached
def update_statement(kind: type[Any]) -> Update:
    """Its parameters are ``where_id`` and all other fields."""
    table = table_of(kind)
    return update(table).where(table.c.id == bindparam("where_id"))


@_cached
def insert_statement(kind: type[Any], dialect: str) -> Any:
    """Its parameters are all fields. On conflict "do nothing": an error would end PostgreSQL's
    transaction.
    """
    return _INSERT[dialect](table_of(kind)).on_conflict_do_nothing()


def table_of(kind: type[Any]) -> Table:
    """The table of a record's class. Raises :class:`TypeError` for any other class."""
    hints(kind)
    return TABLES[kind]


def row_of(record: object) -> dict[str, Any]:
    return {name: getattr(record, name) for name in hints(type(record))}


def _split(wanted: Any) -> tuple[str, Any]:
    match wanted:
        case None:
            return "unset", None
        case Below(limit):
            return "below", limit
        case Above(limit):
            return "above", limit
        case OneOf(values):
            given = [value for value in values if value is not None]
            return "one of" if len(given) == len(values) else "one of or unset", given
    return "equal", wanted


def _condition(kind: type[Any], shape: Shape) -> ColumnElement[bool]:
    check_fields(kind, dict(shape))
    columns = table_of(kind).c
    parts = []
    for name, how in shape:
        expanding = how.startswith("one of")
        value = bindparam(f"where_{name}", type_=columns[name].type, expanding=expanding)
        parts.append(_COMPARISONS[how](columns[name], value))
    return and_(True, *parts)


def _ordered(query: Select[Any], kind: type[Any], order: str) -> Select[Any]:
    """Unset values first, as the smallest; equals in the order in which they were added."""
    columns = table_of(kind).c
    name = order.removeprefix("-")
    if not name:
        return query.order_by(columns.nr)
    check_fields(kind, {name: None})
    if order.startswith("-"):
        return query.order_by(columns[name].desc().nulls_last(), columns.nr.desc())
    return query.order_by(columns[name].asc().nulls_first(), columns.nr)
