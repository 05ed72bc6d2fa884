"""SQL statements, built and compiled once and cached: only their parameters change from call to
call.

Building and hashing an expression costs SQLAlchemy as much as executing it. A ``where`` is
therefore split into its shape, which is the cache key of the statement, and its parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import TypeEngine

from shop.adapters.database.tables import TABLES
from shop.adapters.schema import check_fields, hints
from shop.ports import Above, Below, OneOf

Shape = tuple[tuple[str, str, int], ...]
"""Field names with how each is compared, a key of :data:`_COMPARISONS`, and with the number of
values."""

Built = TypeVar("Built", bound=Callable[..., Any])
_Process = Callable[[Any], Any] | None

_SHAPES = 1024
_FILLED = 1 << 13  # values: a statement of PostgreSQL's, or SQLite's, has some 32,000 parameters
_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": PGDialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
}
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_COMPARISONS: Mapping[str, Any] = {
    "equal": lambda column, value: column == value[0],
    "unset": lambda column, _: column.is_(None),
    "below": lambda column, value: column < value[0],
    "above": lambda column, value: column > value[0],
    "one of": lambda column, values: column.in_(values),
    "one of or unset": lambda column, values: or_(column.in_(values), column.is_(None)),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a driver executes: its SQL, and how values go there and come back.

    ``parameters``: by position, each one's name and what turns our value into the driver's;
    ``constants``: those of the statement itself. ``columns``: what turns the driver's value of each
    column into ours. None: it is the same.
    """

    sql: str
    parameters: tuple[tuple[str, _Process], ...]
    constants: Mapping[str, Any]
    columns: tuple[_Process, ...] = ()

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The driver's parameters, in order, of ours by their names."""
        known = {**self.constants, **given} if self.constants else given
        return [
            process(known[name]) if process else known[name] for name, process in self.parameters
        ]

    def row(self, raw: Sequence[Any]) -> list[Any]:
        """Our values of a row that the driver gave."""
        pairs = zip(self.columns, raw, strict=True)
        return [process(value) if process else value for process, value in pairs]


def _cached(build: Built) -> Built:
    """:func:`lru_cache` that keeps the types."""
    return cast("Built", lru_cache(_SHAPES)(build))


def split_where(where: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """The shape of a ``where``, and the parameters with which its statement is executed."""
    shape: list[tuple[str, str, int]] = []
    parameters: dict[str, Any] = {}
    for name, wanted in where.items():
        how, values = _split(wanted)
        shape.append((name, how, len(values)))
        parameters |= {_parameter(name, n): value for n, value in enumerate(values)}
    return tuple(shape), parameters


@_cached
def select_statement(
    dialect: str,
    kind: type[Any],
    shape: Shape,
    order: str,
    limit: int | None,
    lock: bool,
    skip_locked: bool = False,
) -> Statement:
    """All fields of what matches, in order; ``lock`` locks the rows, and ``skip_locked`` those that
    no other transaction has locked."""
    columns = table_of(kind).c
    query = select(*(columns[name] for name in hints(kind))).where(_condition(kind, shape))
    query = _ordered(query.limit(limit), kind, order)
    locked = query.with_for_update(skip_locked=skip_locked) if lock or skip_locked else query
    return _compiled(dialect, locked, [column.type for column in query.selected_columns])


@_cached
def count_statement(dialect: str, kind: type[Any], shape: Shape) -> Statement:
    count = select(func.count()).select_from(table_of(kind))
    return _compiled(dialect, count.where(_condition(kind, shape)))


@_cached
def sum_statement(dialect: str, kind: type[Any], field: str, shape: Shape) -> Statement:
    """The sum of a number field; 0 of nothing."""
    total = func.coalesce(func.sum(table_of(kind).c[field]), literal_column("0"))
    return _compiled(dialect, select(total).where(_condition(kind, shape)))


@_cached
def sums_statement(dialect: str, kind: type[Any], field: str, by: str) -> Statement:
    """The sum of a number field for each value of another one."""
    columns = table_of(kind).c
    return _compiled(dialect, select(columns[by], func.sum(columns[field])).group_by(columns[by]))


@_cached
def delete_statement(dialect: str, kind: type[Any], shape: Shape) -> Statement:
    return _compiled(dialect, delete(table_of(kind)).where(_condition(kind, shape)))


@_cached
def update_statement(dialect: str, kind: type[Any]) -> Statement:
    """Its parameters are ``where_id`` and all other fields."""
    table = table_of(kind)
    change = update(table).where(table.c.id == bindparam("where_id"))
    return _compiled(dialect, change, written=[name for name in hints(kind) if name != "id"])


@_cached
def insert_statement(dialect: str, kind: type[Any]) -> Statement:
    """Its parameters are all fields. On conflict "do nothing": an error would end PostgreSQL's
    transaction.
    """
    add = _INSERT[dialect](table_of(kind)).inline().on_conflict_do_nothing()
    return _compiled(dialect, add, written=list(hints(kind)))


def table_of(kind: type[Any]) -> Table:
    """The table of a record's class. Raises :class:`TypeError` for any other class."""
    hints(kind)
    return TABLES[kind]


def row_of(record: object) -> dict[str, Any]:
    return {name: getattr(record, name) for name in hints(type(record))}


def _compiled(
    dialect: str,
    statement: ClauseElement,
    columns: Sequence[TypeEngine[Any]] = (),
    *,
    written: list[str] | None = None,
) -> Statement:
    """``columns``: the types of what a query gives, where they are not plain. ``written``: the
    fields that an INSERT or UPDATE sets."""
    spoken = _DIALECTS[dialect]
    # "Postcompile" is what SQLAlchemy writes at each execution: one of no values.
    whole = {"render_postcompile": True}
    compiled = cast(
        "SQLCompiler",
        statement.compile(dialect=spoken, column_keys=written, compile_kwargs=whole),
    )
    names = compiled.positiontup or []
    bound = {name: compiled.binds[name].type.dialect_impl(spoken) for name in names}
    read = (kind.dialect_impl(spoken) for kind in columns)
    return Statement(
        str(compiled),
        tuple((name, bound[name].bind_processor(spoken)) for name in names),
        {name: compiled.binds[name].value for name in names if not _is_given(compiled.binds[name])},
        tuple(kind.result_processor(spoken, None) for kind in read),
    )


def _is_given(parameter: BindParameter[Any]) -> bool:
    """Whether its value comes with each execution; a limit is part of the statement."""
    return parameter.required or parameter.value is None


def _split(wanted: Any) -> tuple[str, Sequence[Any]]:
    match wanted:
        case None:
            return "unset", ()
        case Below(limit):
            return "below", (limit,)
        case Above(limit):
            return "above", (limit,)
        case OneOf(values):
            given = [value for value in values if value is not None]
            how = "one of" if len(given) == len(values) else "one of or unset"
            return how, _filled_up(given)
    return "equal", (wanted,)


def _filled_up(values: Sequence[Any]) -> Sequence[Any]:
    """With the last one again, up to a power of two: else each number of values would be a
    statement of its own, compiled and kept by every process and each of its connections."""
    if not 2 < len(values) <= _FILLED:
        return values
    whole = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (whole - len(values))]


def _parameter(field: str, number: int) -> str:
    return f"where_{field}_{number}" if number else f"where_{field}"


def _condition(kind: type[Any], shape: Shape) -> ColumnElement[bool]:
    check_fields(kind, {name: how for name, how, _ in shape})
    columns = table_of(kind).c
    parts = []
    for name, how, count in shape:
        values: list[BindParameter[Any]] = [
            bindparam(_parameter(name, number), type_=columns[name].type, required=False)
            for number in range(count)
        ]
        parts.append(_COMPARISONS[how](columns[name], values))
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
