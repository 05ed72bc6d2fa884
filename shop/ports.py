"""What the shop needs from the world, in its own words. Adapters translate and do nothing else."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shop.records import Currency, Order, PaymentEvent

R = TypeVar("R")

Clock = Callable[[], datetime]
"""Returns the present, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Below:
    """In a ``find``: the field is set and less than ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Above:
    """In a ``find``: the field is set and greater than ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """In a ``find``: the field equals one of ``values``."""

    values: Sequence[Any]


class Tx(Protocol):
    """One transaction: all of it or nothing. Records go in and come out whole.

    ``where`` compares fields by equality, or by :class:`Below`, :class:`Above`, :class:`OneOf`.
    ``order`` is a field's name, with "-" before it for descending. ``writes`` counts the records
    that it has added, replaced or removed so far: two equal looks need only be one while it stands.
    """

    writes: int

    async def add(self, record: object) -> None:
        """Insert. Raises :class:`shop.errors.Duplicate` if the id or a unique key exists; the
        transaction stays usable."""

    async def put(self, record: object) -> None:
        """Replace the record of the same id. Raises :class:`shop.errors.NotFound`."""

    async def get(self, kind: type[R], /, id: str, *, lock: bool = False) -> R | None:
        """The record, or None. ``lock`` holds its row until the transaction ends."""

    async def find(
        self,
        kind: type[R],
        /,
        *,
        order: str = "",
        limit: int | None = None,
        lock: bool = False,
        **where: Any,
    ) -> list[R]: ...

    async def count(self, kind: type[Any], /, **where: Any) -> int: ...

    async def total(self, account: str, currency: Currency) -> int:
        """The sum of all postings to ``account``, in minor units."""

    async def totals(self) -> Mapping[Currency, int]:
        """The sum of every posting there is, per currency: all zero, or the books are wrong."""

    async def remove(self, kind: type[Any], /, **where: Any) -> int:
        """Delete what matches (at least one condition), and say how many. Journals, postings,
        charges and audits refuse: they only grow."""


class Database(Protocol):
    """Opens transactions. A writer waits for other writers; nothing is ever half done."""

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        """Commit at the end of the block, roll back on an exception."""

    async def scrub(self) -> None:
        """After an erasure: leave no bytes of removed records in journals or free pages."""

    async def close(self) -> None: ...


class Blobs(Protocol):
    """Sealed bytes under a path such as ``uploads/{order}/{photo}``. Never plain photos."""

    async def put(self, path: str, data: bytes) -> None:
        """Write whole or not at all, replacing what was there."""

    async def get(self, path: str) -> bytes:
        """Raises :class:`shop.errors.NotFound`."""

    async def remove(self, prefix: str) -> int:
        """Delete the blob of that path and all below it; says how many were there."""

    def walk(self, prefix: str) -> AsyncIterator[str]:
        """Every path below, by looking."""


class WakeUp(Protocol):
    """Wakes workers up. Two signals with one ``key`` while the first still waits are one."""

    async def signal(
        self,
        queue: str,
        name: str,
        payload: Mapping[str, str | int | float],
        *,
        key: str,
        delay: float = 0.0,
    ) -> None:
        """Wake a worker of ``queue`` up, ``delay`` seconds from now at the earliest."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a customer pays: the till's own reference, and a link if it has one."""

    reference: str
    amount: int
    currency: Currency
    pay_url: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a till's own book: money that came in, or (``incoming`` False) went out again.

    A refund carries the ``charge`` that it gives back. ``order_id`` is what the bill named, "" for
    what was no bill (a payout to the owner, a gift). ``payer`` is the customer's id there.
    """

    charge: str
    order_id: str
    amount: int
    currency: Currency
    at: datetime
    incoming: bool
    payer: str = field(default="", repr=False)


class Till(Protocol):
    """A way to be paid. Provider first, then us: we only ever re-tell what it says.

    A till may collect again by itself, as a subscription in Stars does every 30 days: the same bill
    is then paid by another charge (in Telegram a ``successful_payment`` with ``is_recurring``, the
    first one with ``is_first_recurring``, all with a ``subscription_expiration_date``). Each is a
    :class:`PaymentEvent` of its own. Nothing sells by the month yet, so that every charge of an
    order but the one that paid it goes back whole (:mod:`shop.money.order_accounting`).
    """

    name: str
    currency: Currency

    async def bill(self, order: Order, title: str) -> Bill:
        """The same order gives the same bill. Raises :class:`shop.errors.TillError`."""

    def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent:
        """Verify signature and age, then translate. Raises :class:`shop.errors.Forged`."""

    async def refund(
        self, charge: str, amount: int, currency: Currency, key: str, payer: str = ""
    ) -> None:
        """Give it back. The same ``key`` gives it back once; repeating is success. ``payer`` is
        the platform's id of who paid, for tills that ask for it; "" when we have forgotten it.
        Raises :class:`shop.errors.TillError` when it must be tried again."""

    async def find(self, order_id: str) -> PaymentEvent | None:
        """The payment of that order if there is one: for notifications that never came. A till
        that tells until it is heard, or whose book is read instead, may always answer None.
        """

    def statement(self) -> AsyncIterator[StatementLine]:
        """Everything that its book holds, in any order, for :mod:`shop.orders.reconciliation`.
        Raises :class:`shop.errors.TillError` when it cannot be read to its end.
        """
