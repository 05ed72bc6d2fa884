"""Reconciliation: compares a till's statement with our ledger, and corrects what can be corrected.

A payment whose notification was lost is booked, so that the customer gets what they paid for; a
refund that was made elsewhere is booked as well. Both are reported all the same, for a lost
notification has a cause. Everything else is left for a person to decide.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shop.money import ledger, order_accounting, partial_refunds
from shop.orders import orders, payments
from shop.orders.discrepancies import Discrepancy, DiscrepancyKind, record_fix
from shop.orders.payments import RefundBooking
from shop.ports import ALL_TIMES, Database, OneOf, StatementLine, StatementPeriod, Till, Tx
from shop.records import Charge, Journal, Order, OrderId, PartialRefund, PaymentEvent
from shop.transactions import run_transaction

_BATCH = 500  # keys in one question: databases have a limit


@dataclass(frozen=True, slots=True)
class _ChargeLines:
    """All lines of the statement on one charge. ``at`` is of the latest line."""

    charge: str
    at: datetime
    payment: StatementLine | None = None
    refunds: tuple[StatementLine, ...] = ()

    @property
    def refunded(self) -> int:
        return sum(line.amount for line in self.refunds)

    @property
    def refunded_whole(self) -> bool:
        return self.payment is not None and self.refunded == self.payment.amount


@dataclass(frozen=True, slots=True)
class _OwnLedger:
    """Our side: the till's charges by id, the parts of each, when the refunded ones were booked as
    such, by their keys (:func:`order_accounting.returned_key`), the balance of its account, and
    what its statement would have had then."""

    charges: dict[str, Charge]
    parts: Mapping[str, Mapping[str, PartialRefund]]
    returned: Mapping[str, datetime]
    balance: int
    period: StatementPeriod

    def given_back(self, charge: Charge, period: StatementPeriod = ALL_TIMES) -> int:
        """What of the charge was booked as given back, within the period."""
        parts = self.parts.get(charge.id, {}).values()
        found = sum(part.amount for part in parts if part.returned_at in period)
        if self.returned.get(order_accounting.returned_key(charge.id)) in period:
            found += charge.amount - sum(part.amount for part in parts)
        return found

    def knows(self, charge: Charge, line: StatementLine) -> bool:
        """Whether that refund was booked."""
        part = self.parts.get(charge.id, {}).get(partial_refunds.part_id(charge.id, line.refund))
        if part is not None:
            return part.returned_at is not None
        return order_accounting.returned_key(charge.id) in self.returned


async def reconcile(
    database: Database, till: Till, grace: timedelta = timedelta()
) -> tuple[Discrepancy, ...]:
    """Compare, and correct what can be corrected. A second run finds what a person has to look at.

    Charges with a line within the last ``grace`` are left for the next run: their notification may
    be on its way. What lies outside of the statement's period is not looked for. Raises
    :class:`shop.errors.TillError` before anything was changed.
    """
    # Ours first: whatever is in it, the statement, read later, must have as well.
    async with database.snapshot() as tx:
        own = await _read(tx, till)
    lines = await _by_charge(till.statement())
    async with database.snapshot() as tx:
        until = await tx.now() - grace
    settled = [one for one in lines.values() if one.at <= until]
    found = [*_ledger(till, own), *_absent(till, own, lines)]
    for each in settled:
        found += await _compare(database, till, own, each)
    return tuple(found)


async def _read(tx: Tx, till: Till) -> _OwnLedger:
    prefix = f"{till.name}:"
    charges = {one.id: one for one in await tx.find(Charge) if one.id.startswith(prefix)}
    keys = [order_accounting.returned_key(id) for id in charges]
    returned: dict[str, datetime] = {}
    for start in range(0, len(keys), _BATCH):
        found = await tx.find(Journal, key=OneOf(keys[start : start + _BATCH]))
        returned |= {one.key: one.at for one in found}
    parts: dict[str, dict[str, PartialRefund]] = defaultdict(dict)
    for part in await tx.find(PartialRefund):
        parts[part.charge_id][part.id] = part
    balance = await tx.total(ledger.till_account(till.name), till.currency)
    return _OwnLedger(charges, parts, returned, balance, till.statement_period())


async def _by_charge(statement: AsyncIterator[StatementLine]) -> dict[str, _ChargeLines]:
    """Only what concerns customers: payouts and gifts, which name no bill, are left out."""
    lines: dict[str, _ChargeLines] = {}
    async for one in statement:
        known = lines.get(one.charge, _ChargeLines(one.charge, one.at))
        known = replace(known, at=max(known.at, one.at))
        if not one.incoming:
            known = replace(known, refunds=(*known.refunds, one))
        elif one.order_id and one.amount > 0:
            known = replace(known, payment=one)
        lines[one.charge] = known
    return lines


def _ledger(till: Till, own: _OwnLedger) -> list[Discrepancy]:
    ours = sum(
        charge.amount - own.given_back(charge)
        for charge in own.charges.values()
        if charge.currency is till.currency
    )
    if ours == own.balance:
        return []
    return [
        Discrepancy(DiscrepancyKind.LEDGER, till.name, "", "", own.balance, ours, till.currency)
    ]


def _absent(till: Till, own: _OwnLedger, lines: dict[str, _ChargeLines]) -> list[Discrepancy]:
    missing = [
        charge
        for charge in own.charges.values()
        if charge.at in own.period
        and ((found := lines.get(_name(charge.id))) is None or found.payment is None)
    ]
    return [_differs(DiscrepancyKind.ABSENT, till, charge, 0) for charge in missing]


async def _compare(
    database: Database, till: Till, own: _OwnLedger, lines: _ChargeLines
) -> list[Discrepancy]:
    """Compare one charge of the statement."""
    charge = own.charges.get(f"{till.name}:{lines.charge}")
    if charge is not None and charge.at < own.period.since:
        lines = replace(lines, payment=lines.payment or _as_booked(charge))
    if (payment := lines.payment) is None:
        return []
    if charge is None:
        return await _book_missing(database, till, payment, lines)
    ours = (charge.order_id, charge.amount, charge.currency)
    if ours != (payment.order_id, payment.amount, payment.currency):
        return [_differs(DiscrepancyKind.AMOUNT, till, charge, payment.amount - lines.refunded)]
    unknown = [line for line in lines.refunds if not own.knows(charge, line)]
    if unknown:
        return await _book_returns(database, till, charge, unknown)
    # A return that was booked outside of the period has its line in another statement.
    if own.given_back(charge, own.period) > lines.refunded:
        left, theirs = charge.amount - own.given_back(charge), payment.amount - lines.refunded
        return [_differs(DiscrepancyKind.KEPT, till, charge, theirs, left)]
    return []


async def _book_missing(
    database: Database, till: Till, payment: StatementLine, lines: _ChargeLines
) -> list[Discrepancy]:
    """Book a payment for the order that it names, and what of it went back. Nothing is done for an
    order that does not exist: it may be another deployment's, which sells through the same account.
    """
    event = PaymentEvent(
        till.name, f"statement:{payment.charge}", payment.charge, OrderId(payment.order_id),
        payment.amount, payment.currency, payment.at, payment.payer,
    )  # fmt: skip
    found = Discrepancy(
        DiscrepancyKind.UNBOOKED,
        till.name,
        payment.charge,
        payment.order_id,
        0,
        payment.amount,
        payment.currency,
    )

    async def book(tx: Tx) -> list[Discrepancy]:
        now, id = await tx.now(), order_accounting.charge_id(event)
        if await tx.get(Order, event.order_id) is None:
            left = payment.amount - lines.refunded
            stray = replace(found, kind=DiscrepancyKind.STRAY, theirs=left)
            return [] if lines.refunded_whole else [stray]
        await order_accounting.lock_with_owner(tx, event.order_id)
        if await order_accounting.is_booked(tx, event):
            return []  # while the statement was read
        if lines.refunded_whole:
            await order_accounting.note_early_return(tx, id, now)
        await orders.confirm_payment(tx, event, now)
        for line in () if lines.refunded_whole else lines.refunds:
            await _confirm(tx, id, line, payment.amount, now)
        await record_fix(tx, found, now)
        return [found]

    return await run_transaction(database, book)


async def _book_returns(
    database: Database, till: Till, charge: Charge, lines: Sequence[StatementLine]
) -> list[Discrepancy]:
    async def book(tx: Tx) -> list[Discrepancy]:
        now = await tx.now()
        await order_accounting.lock_with_owner(tx, charge.order_id)
        found = []
        for line in lines:
            held = await _held(tx, charge)
            booking = await _confirm(tx, charge.id, line, charge.amount, now)
            if booking is RefundBooking.BOOKED:  # and not while the statement was read
                theirs = held - line.amount
                found.append(_differs(DiscrepancyKind.RETURNED, till, charge, theirs, held))
                await record_fix(tx, found[-1], now)
            elif booking is RefundBooking.TOO_MUCH:
                theirs = charge.amount - line.amount
                found.append(_differs(DiscrepancyKind.AMOUNT, till, charge, theirs, held))
        return found

    return await run_transaction(database, book)


async def _confirm(
    tx: Tx, charge_id: str, line: StatementLine, total: int, now: datetime
) -> RefundBooking:
    return await payments.confirm_refund(tx, charge_id, line.refund, line.amount, total, now)


async def _held(tx: Tx, charge: Charge) -> int:
    """What the till still has of the charge, by our books."""
    parts = await partial_refunds.of(tx, charge)
    back = sum(part.amount for part in parts if part.returned_at is not None)
    if await order_accounting.is_returned(tx, charge.id):
        back += await order_accounting.left_of(tx, charge)
    return charge.amount - back


def _as_booked(charge: Charge) -> StatementLine:
    """The payment's line, which only an earlier statement had."""
    return StatementLine(
        _name(charge.id), charge.order_id, charge.amount, charge.currency, charge.at, True
    )


def _differs(
    kind: DiscrepancyKind, till: Till, charge: Charge, theirs: int, ours: int | None = None
) -> Discrepancy:
    """``ours`` is the whole charge if it is left out."""
    return Discrepancy(
        kind, till.name, _name(charge.id), charge.order_id,
        charge.amount if ours is None else ours, theirs, charge.currency,
    )  # fmt: skip


def _name(charge_id: str) -> str:
    return charge_id.partition(":")[2]
