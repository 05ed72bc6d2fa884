"""The port :class:`shop.ports.Database`, over SQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    Select,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from shop.adapters.database.engine import open_engine, scrub
from shop.adapters.database.tables import TABLES
from shop.adapters.schema import GROWING, UNIQUE, check_fields, check_times, hints
from shop.adapters.turn import Turn
from shop.errors import Duplicate, NotAllowed, NotFound
from shop.ports import Above, Below, OneOf, Tx
from shop.records import Currency, Posting

R = TypeVar("R")

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_WITH_KEYS = frozenset(unique.kind for unique in UNIQUE)


class SqlTx:
    """A :class:`shop.ports.Tx` over one connection in a transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._insert = _INSERT[connection.dialect.name]

    async def add(self, record: object) -> None:
        check_times(record)
        # "Do nothing" rather than an error: an error would end PostgreSQL's transaction.
        statement = self._insert(_table(type(record))).values(_row(record))
        if not await self._change(statement.on_conflict_do_nothing()):
            raise Duplicate

    async def put(self, record: object) -> None:
        kind = type(record)
        _check_may_change(kind)
        check_times(record)
        table = _table(kind)
        row = _row(record)
        statement = update(table).where(table.c.id == row.pop("id")).values(row)
        change = self._guarded if kind in _WITH_KEYS else self._change
        if not await change(statement):
            raise NotFound

    async def get(self, kind: type[R], id: str, *, lock: bool = False) -> R | None:
        found = await self.find(kind, limit=1, lock=lock, id=id)
        return found[0] if found else None

    async def find(
        self,
        kind: type[R],
        *,
        order: str = "",
        limit: int | None = None,
        lock: bool = False,
        **where: Any,
    ) -> list[R]:
        table = _table(kind)
        columns = [table.c[name] for name in hints(kind)]
        query = select(*columns).where(_condition(kind, where)).limit(limit)
        query = _ordered(query, kind, order)
        if lock:
            query = query.with_for_update()
        rows = await self._connection.execute(query)
        return [kind(*row) for row in rows]

    async def count(self, kind: type[Any], **where: Any) -> int:
        query = select(func.count()).select_from(_table(kind)).where(_condition(kind, where))
        return int((await self._connection.execute(query)).scalar_one())

    async def total(self, account: str, currency: Currency) -> int:
        amount = func.coalesce(func.sum(TABLES[Posting].c.amount), 0)
        condition = _condition(Posting, {"account": account, "currency": currency})
        return int((await self._connection.execute(select(amount).where(condition))).scalar_one())

    async def totals(self) -> Mapping[Currency, int]:
        postings = TABLES[Posting].c
        query = select(postings.currency, func.sum(postings.amount)).group_by(postings.currency)
        rows = await self._connection.execute(query)
        return {Currency(currency): int(amount) for currency, amount in rows}

    async def remove(self, kind: type[Any], **where: Any) -> int:
        _check_may_change(kind)
        if not where:
            raise ValueError("remove needs a condition")
        return await self._change(delete(_table(kind)).where(_condition(kind, where)))

    async def _change(self, statement: Executable) -> int:
        return cast("CursorResult[Any]", await self._connection.execute(statement)).rowcount

    async def _guarded(self, statement: Executable) -> int:
        """In a savepoint, so that a unique key's refusal leaves the transaction usable."""
        try:
            async with self._connection.begin_nested():
                return await self._change(statement)
        except IntegrityError:
            raise Duplicate from None


class SqlDatabase:
    """A :class:`shop.ports.Database` in SQLite or PostgreSQL. Its tables must be there already:
    see :func:`shop.adapters.database.upgrade.upgrade`.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._turn = Turn()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with self._turn.taken(), self._engine.begin() as connection:
            yield SqlTx(connection)

    async def scrub(self) -> None:
        """Raises :class:`TimeoutError` when other processes do not let it: to be tried again."""
        async with self._turn.taken():
            await scrub(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()


def _check_may_change(kind: type[Any]) -> None:
    if kind in GROWING:
        raise NotAllowed


def _table(kind: type[Any]) -> Table:
    hints(kind)  # refuses what is no record
    return TABLES[kind]


def _row(record: object) -> dict[str, Any]:
    return {name: getattr(record, name) for name in hints(type(record))}


def _condition(kind: type[Any], where: Mapping[str, Any]) -> ColumnElement[bool]:
    check_fields(kind, where)
    columns = _table(kind).c
    return and_(True, *(_compared(columns[name], wanted) for name, wanted in where.items()))


def _compared(column: ColumnElement[Any], wanted: Any) -> ColumnElement[bool]:
    match wanted:
        case Below(limit):
            return cast("ColumnElement[bool]", column < limit)
        case Above(limit):
            return cast("ColumnElement[bool]", column > limit)
        case OneOf(values):
            given = [value for value in values if value is not None]
            found = column.in_(given)
            return found if len(given) == len(values) else or_(found, column.is_(None))
        case None:
            return column.is_(None)
    return cast("ColumnElement[bool]", column == wanted)


def _ordered(query: Select[Any], kind: type[Any], order: str) -> Select[Any]:
    """Unset values first, as the smallest; equals in the order in which they were added."""
    columns = _table(kind).c
    name = order.removeprefix("-")
    if not name:
        return query.order_by(columns.nr)
    check_fields(kind, {name: None})
    if order.startswith("-"):
        return query.order_by(columns[name].desc().nulls_last(), columns.nr.desc())
    return query.order_by(columns[name].asc().nulls_first(), columns.nr)
