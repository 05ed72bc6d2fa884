"""The sandbox provider's own database: tables in a file of its own, which the shop never reads.

Created on first use. The web process and the outbox worker open the same file.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, Integer, MetaData, Row, String, Table, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shop.adapters.database.columns import UtcTime
from shop.adapters.database.engine import open_engine, prepare_file
from shop.adapters.transaction_mutex import TransactionMutex
from shop.errors import NotFound
from shop.ports import StatementLine
from shop.records import Currency

_TABLES = MetaData()

BILLS = Table(
    "bills",
    _TABLES,
    Column("reference", String, primary_key=True),
    Column("order_id", String, nullable=False),
    Column("title", String, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("currency", String, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    UniqueConstraint("order_id", "amount", "currency"),
)
CHARGES = Table(
    "charges",
    _TABLES,
    Column("number", Integer, primary_key=True),
    Column("charge", String, nullable=False, unique=True),
    Column("event_id", String, nullable=False, unique=True),
    Column("reference", String, nullable=False, index=True),
    Column("order_id", String, nullable=False, index=True),
    Column("amount", Integer, nullable=False),
    Column("currency", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("told", Integer, nullable=False),  # how often the shop was notified
    Column("due_at", UtcTime, index=True),  # of the next time; None: acknowledged, or given up
)
REFUNDS = Table(
    "refunds",
    _TABLES,
    Column("key", String, primary_key=True),
    Column("charge", String, nullable=False, index=True),
    Column("amount", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
)


class SandboxStore:
    """Opens transactions over the three tables."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine: AsyncEngine | None = None
        self._mutex = TransactionMutex()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Commit at the end of the block, roll back on an exception. One writer at a time."""
        async with self._mutex.acquired():
            engine = self._engine or await self._open()
            async with engine.begin() as connection:
                yield connection

    async def close(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def _open(self) -> AsyncEngine:
        await asyncio.to_thread(prepare_file, self._path)
        engine = open_engine(f"sqlite+aiosqlite:///{quote(str(self._path))}")
        async with engine.begin() as connection:
            await connection.run_sync(_TABLES.create_all)
        self._engine = engine
        return engine


async def bill_of(connection: AsyncConnection, reference: str) -> Row[Any]:
    """The row of that bill. Raises :class:`NotFound`."""
    found = await connection.execute(select(BILLS).where(BILLS.c.reference == reference))
    bill = found.one_or_none()
    if bill is None:
        raise NotFound
    return bill


async def first_charge(connection: AsyncConnection, reference: str) -> Row[Any] | None:
    """The first payment of that bill of which anything is left, after refunds, if there is one."""
    returned = select(func.coalesce(func.sum(REFUNDS.c.amount), 0)).where(
        REFUNDS.c.charge == CHARGES.c.charge
    )
    query = (
        select(CHARGES)
        .where(CHARGES.c.reference == reference, CHARGES.c.amount > returned.scalar_subquery())
        .order_by(CHARGES.c.number)
    )
    return (await connection.execute(query.limit(1))).one_or_none()


async def refunded(connection: AsyncConnection, charge: str) -> int:
    """How much of a charge was refunded, in minor units."""
    amount = func.coalesce(func.sum(REFUNDS.c.amount), 0)
    return int(
        (await connection.execute(select(amount).where(REFUNDS.c.charge == charge))).scalar_one()
    )


async def movements(connection: AsyncConnection) -> list[StatementLine]:
    """Every payment, then every refund."""
    payments = (await connection.execute(select(CHARGES).order_by(CHARGES.c.number))).all()
    refunds = (await connection.execute(select(REFUNDS).order_by(REFUNDS.c.at))).all()
    charges = {row.charge: row for row in payments}
    incoming = [_movement(row, row.amount, row.at, True) for row in payments]
    return incoming + [
        _movement(charges[row.charge], row.amount, row.at, False, row.key) for row in refunds
    ]


def _movement(
    charge: Row[Any], amount: int, at: datetime, incoming: bool, refund: str = ""
) -> StatementLine:
    currency = Currency(charge.currency)
    return StatementLine(
        charge.charge, charge.order_id, amount, currency, at, incoming, refund=refund
    )
