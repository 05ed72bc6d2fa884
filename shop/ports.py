"""The shop's ports: protocols for the database, blobs, wake-up signals and tills. Adapters
implement them by translating, and do nothing else.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Protocol, TypeVar

from shop.records import Currency, Order, PaymentEvent, RefundEvent, RefundState

R = TypeVar("R")

Clock = Callable[[], datetime]
"""Returns the present time, aware, in UTC."""


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
    """A transaction over a repository of records (:data:`shop.records.RECORDS`).

    ``where`` compares fields by equality, or by :class:`Below`, :class:`Above`, :class:`OneOf`.
    ``order`` is a field's name, with "-" before it for descending. ``writes`` counts the records
    that it has added, replaced or removed: while that stays equal, a query need not be repeated.

    Others write at the same time. What a rule reads and relies on until it commits it must lock, or
    leave to a unique key; decision 10 says in which order locks are taken.
    """

    writes: int

    async def now(self) -> datetime:
        """The database's time, aware, in UTC; the same for the rest of the transaction. Leases, and
        whatever ends or erases, go by it: the clocks of several hosts differ.
        """

    async def add(self, record: object) -> None:
        """Insert. Raises :class:`shop.errors.Duplicate` if the id or a unique key exists; the
        transaction stays usable. Waits for another transaction that is adding the same."""

    async def put(self, record: object) -> None:
        """Replace the record of the same id. Raises :class:`shop.errors.NotFound`."""

    async def get(
        self, kind: type[R], /, id: str, *, lock: bool = False, skip_locked: bool = False
    ) -> R | None:
        """The record, or None. ``lock`` waits for its row's lock and holds it until the transaction
        ends; with ``skip_locked`` it does not wait: None if another transaction holds it."""

    async def lock_name(self, name: str) -> None:
        """Wait for, and hold until the transaction ends, a lock of that name, such as
        "charge:sandbox:1": for what has no row yet."""

    async def find(
        self,
        kind: type[R],
        /,
        *,
        order: str = "",
        limit: int | None = None,
        lock: bool = False,
        skip_locked: bool = False,
        **where: Any,
    ) -> list[R]:
        """What matches, in order; ``lock`` and ``skip_locked`` as in :meth:`get`: with the latter,
        without what another transaction holds."""

    async def count(self, kind: type[Any], /, **where: Any) -> int: ...

    async def total(self, account: str, currency: Currency) -> int:
        """The sum of all postings to ``account``, in minor units."""

    async def totals(self) -> Mapping[Currency, int]:
        """The sum of all postings, per currency: all zero, or the ledger is wrong."""

    async def remove(self, kind: type[Any], /, **where: Any) -> int:
        """Delete what matches (at least one condition); returns how many. Raises
        :class:`shop.errors.NotAllowed` for append-only records: journals, postings, charges and
        audit entries, which ``put`` does not change either."""


class Database(Protocol):
    """Opens transactions, which are atomic: what they lock is theirs until they end, what they do
    not lock may be changed by others that commit meanwhile (as "read committed" in SQL).
    """

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        """Commit at the end of the block, roll back on an exception. Raises
        :class:`shop.errors.TransactionConflict` when it was undone for another's sake."""

    def snapshot(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction that only reads, all of it as of one moment: it waits for no writer, and
        none waits for it. Writing and locking raise :class:`RuntimeError`."""

    async def scrub(self) -> None:
        """After an erasure: leave no bytes of removed records in journals or free pages."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class BlobPlace:
    """How an operator names a blob store: the setting; what to do where it is not the database's
    (``restore``), and where it fails (``repair``), as halves of a sentence."""

    setting: str
    restore: str
    repair: str


class Blobs(Protocol):
    """Encrypted bytes under a path such as ``uploads/{order}/{photo}``. A store that fails raises
    :class:`shop.errors.Unavailable` from any of these, and then says nothing of what it holds."""

    place: BlobPlace

    def bind(self, path: str, mark: bytes) -> None:
        """From now on any operation raises :class:`shop.errors.Unavailable` where the blob at
        ``path`` does not hold ``mark``: another store, or an empty folder, stands in this one's
        place, so that nothing of it was stored, is absent or was removed."""

    async def put(self, path: str, data: bytes) -> None:
        """Write atomically, replacing what was there."""

    async def create(self, path: str, data: bytes) -> None:
        """Write atomically where nothing is. Raises :class:`shop.errors.Duplicate`: of several at
        once one writes, and what that wrote stays."""

    async def get(self, path: str) -> bytes:
        """Raises :class:`shop.errors.NotFound`."""

    async def remove(self, prefix: str) -> int:
        """Delete the blob of that path and all below it; returns how many there were."""

    def walk(self, prefix: str) -> AsyncIterator[str]:
        """Every path at or below ``prefix`` that exists now."""

    async def remove_drafts(self, age: timedelta) -> int:
        """Remove what writers that were killed left half-written, last touched longer ago than
        ``age`` by the store's own time: it is no blob yet, and no ``walk`` finds it. Returns how
        many."""


class WakeUp(Protocol):
    """Wake-up signals for workers. A second one with the same ``key`` is dropped while the first
    waits.
    """

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
    """What a customer is to pay: the till's own reference, a link if it has one, and the content of
    a QR code that the provider's app scans to pay it, if it has that."""

    reference: str
    amount: int
    currency: Currency
    pay_url: str = ""
    qr_content: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a till's account statement: money that came in, or (``incoming`` False) went out.

    A refund carries the ``charge`` that it refunds. ``order_id`` is what the bill named, "" for
    what was no bill (a payout to the owner, a gift). ``payer`` is the customer's id at the till.
    ``refund`` names a refund: the key by which we asked for it, or its number there; "" where the
    till gives each charge back whole.
    """

    charge: str
    order_id: str
    amount: int
    currency: Currency
    at: datetime
    incoming: bool
    payer: str = field(default="", repr=False)
    refund: str = ""


@dataclass(frozen=True, slots=True)
class StatementPeriod:
    """The times whose movements a statement has: from ``since`` to before ``until``."""

    since: datetime
    until: datetime

    def __contains__(self, at: datetime | None) -> bool:
        return at is not None and self.since <= at < self.until


ALL_TIMES: Final = StatementPeriod(
    datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
)
"""Of a statement that goes from the first movement to the latest."""


class Till(Protocol):
    """A payment provider. It is the authority on what was paid: we only book what it reports.

    A till may collect again by itself, as a subscription in Stars does every 30 days: the same bill
    is then paid by another charge (in Telegram a ``successful_payment`` with ``is_recurring``, the
    first one with ``is_first_recurring``, all with a ``subscription_expiration_date``). Each is a
    :class:`PaymentEvent` of its own. Nothing sells by the month yet, so that every charge of an
    order but the one that paid it is refunded whole (:mod:`shop.money.order_accounting`).

    ``statement_ready`` is the time of day, in UTC, from which yesterday can be read in its
    statement: the daily reconciliation waits for it. ``refunds_parts``: it can give back less than
    a whole charge, several times.
    """

    name: str
    currency: Currency
    statement_ready: time
    refunds_parts: bool

    async def bill(self, order: Order, title: str) -> Bill:
        """The same order gives the same bill, as long as that can be paid. Raises
        :class:`shop.errors.TillError`; :class:`shop.errors.AlreadyPaid` where the till has the
        money already, and its notification is on its way or lost."""

    async def close_bill(self, order_id: str) -> None:
        """Nothing of the order can be paid any more, as far as the till can see to that.
        Idempotent; what was paid stays paid. Raises :class:`shop.errors.TillError` when it must be
        tried again."""

    async def read(
        self, headers: Mapping[str, str], body: bytes
    ) -> PaymentEvent | RefundEvent | None:
        """Verify a notification's signature and age, then translate it; None for one that is right
        and says nothing that we act on. Raises :class:`shop.errors.Forged`;
        :class:`shop.errors.TillError` when it could not be verified now, and must come again.
        """

    async def refund(
        self, charge: str, amount: int, currency: Currency, key: str, payer: str = ""
    ) -> RefundState:
        """Refund a charge, or that part of it, and say how far that is. ``key`` is the idempotency
        key: repeating goes on where it is, until it is done; CLOSED is never returned, for then
        another refund is made at once. ``payer`` is the platform's id of who paid, for tills that
        ask for it; "" once that person was erased. Raises :class:`shop.errors.TillError` when it
        must be tried again."""

    async def find(self, order_id: str) -> PaymentEvent | None:
        """The payment of that order if there is one: for notifications that were lost. A till that
        notifies until it is acknowledged, or whose statement is read, may always answer None.
        Raises :class:`shop.errors.TillError`.
        """

    def statement_period(self) -> StatementPeriod:
        """What :meth:`statement` would have if it were read now."""

    def statement(self) -> AsyncIterator[StatementLine]:
        """All lines of its account statement within its period, in any order, for
        :mod:`shop.orders.reconciliation`. Raises :class:`shop.errors.TillError` when it cannot be
        read to its end.
        """
