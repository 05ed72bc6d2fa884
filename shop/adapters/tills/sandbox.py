"""The sandbox till: a payment provider that moves no money and otherwise behaves like a real one.

It has two sides. The shop's is :class:`shop.ports.Till`. The provider's is what a real one would
run elsewhere: a checkout page shows a bill (:meth:`show`) and takes the payment (:meth:`pay`),
whose signed notification it then posts to the shop's webhook, at once and, until that answers 2xx
(:meth:`acknowledge`), again and again (:meth:`pending`).
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shop.adapters.tills.sandbox_store import (
    BILLS,
    CHARGES,
    REFUNDS,
    SandboxStore,
    bill_of,
    first_charge,
    movements,
    refunded,
)
from shop.adapters.tills.signature import sign, verify
from shop.errors import Forged, Stale, TillError
from shop.ports import ALL_TIMES, Bill, Clock, StatementLine, StatementPeriod
from shop.records import Currency, Order, OrderId, PaymentEvent, RefundState

BILL_LASTS = timedelta(hours=24)
LARGEST_AMOUNT = 10**12  # minor units of one payment: sums of millions of them fit into 64 bits
FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # no payment is older
CLOCK_SKEW = timedelta(days=1)  # by which a payment may lie ahead of our clock
RETRY_SECONDS = (5, 15, 30, 180, 600, 1200, 1800, 3600, 3 * 3600, 6 * 3600, 6 * 3600)
"""Seconds from one notification to the next; after the last one the provider gives up."""


class BillState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SandboxBill:
    """What the checkout page shows. ``amount`` is in minor units (fen)."""

    reference: str
    order_id: str
    title: str
    amount: int
    currency: Currency
    state: BillState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SandboxNotification:
    """A signed message to the shop: POST ``body`` with ``headers`` within five minutes."""

    event_id: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class BillClosed(TillError):
    """Too late to pay: the bill has expired, or was closed."""


class SandboxTill:
    """A :class:`shop.ports.Till` whose provider stores its data in the SQLite file ``path``.

    ``public_url`` is the web process's, under which ``/till/sandbox/{reference}`` is the checkout.
    """

    name = "sandbox"
    statement_ready = time(0)
    refunds_parts = True

    def __init__(
        self,
        path: Path,
        secret: bytes,
        public_url: str,
        clock: Clock,
        currency: Currency = Currency.CNY,
    ) -> None:
        self.currency = currency
        self._store = SandboxStore(path)
        self._secret = secret
        self._public_url = public_url
        self._clock = clock

    async def bill(self, order: Order, title: str) -> Bill:
        """The same order at the same price gives the same bill, open for a day from now. A new
        price closes the bill of the old one.
        """
        if order.amount <= 0 or order.currency is not self.currency:
            raise TillError
        wanted = {"order_id": order.id, "amount": order.amount, "currency": order.currency.value}
        expires_at = self._clock() + BILL_LASTS
        async with self._store.begin() as connection:
            await self._expire(connection, BILLS.c.order_id == order.id)
            same = (BILLS.c[name] == value for name, value in wanted.items())
            query = update(BILLS).where(*same).values(title=title, expires_at=expires_at)
            reference = (await connection.execute(query.returning(BILLS.c.reference))).scalar()
            if reference is None:
                reference = f"bill_{secrets.token_hex(12)}"
                row = wanted | {"title": title, "expires_at": expires_at, "reference": reference}
                await connection.execute(insert(BILLS).values(row))
        url = f"{self._public_url}/till/{self.name}/{reference}"
        return Bill(reference, order.amount, order.currency, url)

    async def close_bill(self, order_id: str) -> None:
        """Its bills can be paid no more. Another :meth:`bill` for the order opens one again."""
        async with self._store.begin() as connection:
            await self._expire(connection, BILLS.c.order_id == order_id)

    async def read(self, headers: Mapping[str, str], body: bytes) -> PaymentEvent:
        """Raises :class:`Forged` for whatever is not a notification of a payment, :class:`Stale`
        for one that is not fresh."""
        now = self._clock()
        verify(self._secret, headers, body, now)
        try:
            paid = _Payment.model_validate_json(body)
            if paid.paid_at < FIRST:
                raise Forged
            if paid.paid_at > now + CLOCK_SKEW:
                raise Stale(seconds=int((now - paid.paid_at).total_seconds()))
        except (ValidationError, OverflowError):
            raise Forged from None
        return self._event(
            event_id=paid.id,
            charge=paid.charge,
            order_id=paid.order,
            amount=paid.amount,
            currency=paid.currency,
            at=paid.paid_at,
        )

    async def refund(
        self, charge: str, amount: int, currency: Currency, key: str, payer: str = ""
    ) -> RefundState:
        """Done at once. Raises :class:`TillError` for an unknown charge, for more than is left of
        it, and for a key that was used for something else.
        """
        async with self._store.begin() as connection:
            query = select(REFUNDS.c.charge, REFUNDS.c.amount).where(REFUNDS.c.key == key)
            if earlier := (await connection.execute(query)).one_or_none():
                if tuple(earlier) != (charge, amount):
                    raise TillError
                return RefundState.DONE
            found = await connection.execute(select(CHARGES).where(CHARGES.c.charge == charge))
            row = found.one_or_none()
            left = row.amount - await refunded(connection, charge) if row else 0
            if row is None or row.currency != currency or not 0 < amount <= left:
                raise TillError
            entry = {"key": key, "charge": charge, "amount": amount, "at": self._clock()}
            await connection.execute(insert(REFUNDS).values(entry))
        return RefundState.DONE

    async def find(self, order_id: str) -> PaymentEvent | None:
        """The first payment of the order of which anything is left, after refunds."""
        query = select(CHARGES).where(CHARGES.c.order_id == order_id).order_by(CHARGES.c.number)
        async with self._store.begin() as connection:
            for row in (await connection.execute(query)).all():
                if await refunded(connection, row.charge) < row.amount:
                    return self._event_of(row)
        return None

    def statement_period(self) -> StatementPeriod:
        return ALL_TIMES

    async def statement(self) -> AsyncIterator[StatementLine]:
        """Payments, then refunds, each in the order in which they were made."""
        async with self._store.begin() as connection:
            lines = await movements(connection)
        for line in lines:
            yield line

    async def show(self, reference: str) -> SandboxBill:
        """The bill, for the checkout page. Raises :class:`NotFound`."""
        async with self._store.begin() as connection:
            bill = await bill_of(connection, reference)
            paid = await first_charge(connection, reference) is not None
        open_still = BillState.OPEN if bill.expires_at > self._clock() else BillState.EXPIRED
        return SandboxBill(
            reference=bill.reference,
            order_id=bill.order_id,
            title=bill.title,
            amount=bill.amount,
            currency=Currency(bill.currency),
            state=BillState.PAID if paid else open_still,
            expires_at=bill.expires_at,
        )

    async def pay(self, reference: str, *, again: bool = False) -> SandboxNotification:
        """The customer pays. A second press of the button is the same payment, unless ``again``
        asks for a second one (as two devices can cause with a real provider). What was given
        back whole is no payment any more: the bill can be paid again while it is open.

        Raises :class:`NotFound`, :class:`BillClosed`.
        """
        now = self._clock()
        async with self._store.begin() as connection:
            bill = await bill_of(connection, reference)
            charge = await first_charge(connection, reference)
            if charge is None and bill.expires_at <= now:
                raise BillClosed
            if charge is None or again:
                row = {
                    "charge": f"ch_{secrets.token_hex(12)}",
                    "event_id": f"evt_{secrets.token_hex(12)}",
                    "at": now,
                    "told": 1,
                    "due_at": now + timedelta(seconds=RETRY_SECONDS[0]),
                } | {name: getattr(bill, name) for name in _COPIED}
                new = await connection.execute(insert(CHARGES).values(row).returning(CHARGES))
                charge = new.one()
        return self._notification(charge)

    async def cancel(self, reference: str) -> None:
        """The customer cancels at the checkout: the bill is closed, unless it was paid. Another
        :meth:`bill` for the order opens it again.
        """
        async with self._store.begin() as connection:
            await self._expire(connection, BILLS.c.reference == reference)

    async def pending(self) -> list[SandboxNotification]:
        """The notifications to post (again) now, signed afresh. Each call counts as an attempt."""
        now = self._clock()
        async with self._store.begin() as connection:
            query = select(CHARGES).where(CHARGES.c.due_at <= now).order_by(CHARGES.c.number)
            due = (await connection.execute(query)).all()
            for row in due:
                wait = RETRY_SECONDS[row.told] if row.told < len(RETRY_SECONDS) else None
                after = None if wait is None else now + timedelta(seconds=wait)
                change = update(CHARGES).where(CHARGES.c.number == row.number)
                await connection.execute(change.values(told=row.told + 1, due_at=after))
        return [self._notification(row) for row in due]

    async def acknowledge(self, event_id: str) -> None:
        """The shop answered 2xx: not posted again. Idempotent."""
        async with self._store.begin() as connection:
            told = update(CHARGES).where(CHARGES.c.event_id == event_id)
            await connection.execute(told.values(due_at=None))

    async def close(self) -> None:
        """Close the file."""
        await self._store.close()

    async def _expire(self, connection: AsyncConnection, which: Any) -> None:
        now = self._clock()
        still = (which, BILLS.c.expires_at > now)
        await connection.execute(update(BILLS).where(*still).values(expires_at=now))

    def _notification(self, charge: Row[Any]) -> SandboxNotification:
        payload = {
            "id": charge.event_id,
            "type": "payment.succeeded",
            "charge": charge.charge,
            "bill": charge.reference,
            "order": charge.order_id,
            "amount": charge.amount,
            "currency": charge.currency,
            "paid_at": charge.at.isoformat(),
        }
        body = json.dumps(payload).encode()
        return SandboxNotification(charge.event_id, sign(self._secret, body, self._clock()), body)

    def _event_of(self, charge: Row[Any]) -> PaymentEvent:
        return self._event(
            event_id=charge.event_id,
            charge=charge.charge,
            order_id=charge.order_id,
            amount=charge.amount,
            currency=Currency(charge.currency),
            at=charge.at,
        )

    def _event(self, *, order_id: str, **fields: Any) -> PaymentEvent:
        return PaymentEvent(till=self.name, order_id=OrderId(order_id), **fields)


_COPIED = ("reference", "order_id", "amount", "currency")


_Id = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]


class _Payment(BaseModel):
    """The body of a notification. Keys that it does not know are a later version's, and ignored."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    type: Literal["payment.succeeded"]
    id: _Id
    charge: _Id
    order: _Id
    amount: Annotated[int, Field(gt=0, le=LARGEST_AMOUNT)]
    currency: Currency
    paid_at: AwareDatetime
