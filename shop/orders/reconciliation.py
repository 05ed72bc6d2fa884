"""A till's own book beside ours, once a day: what differs is reported, and made good where it can.

A customer who paid has what they paid for, even if the till's word of it was lost; what was given
back somewhere else is booked as given back. Both are reported all the same, for a word that is lost
has a cause. Everything else needs a person's eye and stays as it is.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shop.money import ledger, order_accounting
from shop.orders import orders, payments
from shop.orders.discrepancies import Discrepancy, DiscrepancyKind, record_fix
from shop.ports import Clock, Database, OneOf, StatementLine, Till, Tx
from shop.records import Charge, Journal, Order, OrderId, PaymentEvent

_BATCH = 500  # keys in one question: databases have a limit


@dataclass(frozen=True, slots=True)
class _Lines:
    """All that the till's book says of one charge. ``at`` is of the latest line."""

    charge: str
    at: datetime
    taken: StatementLine | None = None
    back: int = 0

    @property
    def whole(self) -> bool:
        """It went back, all of it."""
        return self.taken is not None and self.back == self.taken.amount


@dataclass(frozen=True, slots=True)
class _Books:
    """Our side: the till's charges by id, the keys of those that went back (:func:`_key`), and what
    its account holds."""

    charges: dict[str, Charge]
    returned: frozenset[str]
    held: int


async def reconcile(
    database: Database, till: Till, clock: Clock, settle: timedelta = timedelta()
) -> tuple[Discrepancy, ...]:
    """Compare, and mend what can be mended. A second run finds what a person has to look at.

    What the till did within the last ``settle`` is left for the next time: we may be hearing of it
    just now. Raises :class:`shop.errors.TillError` before anything was changed.
    """
    # Ours first: whatever stands in it, the till's book, read later, must have as well.
    async with database.begin() as tx:
        books = await _read(tx, till)
    lines = await _by_charge(till.statement())
    settled = [one for one in lines.values() if one.at <= clock() - settle]
    found = [*_ledger(till, books), *_absent(till, books, lines)]
    for each in settled:
        found += await _look(database, till, books, each, clock)
    return tuple(found)


async def _read(tx: Tx, till: Till) -> _Books:
    prefix = f"{till.name}:"
    own = {one.id: one for one in await tx.find(Charge) if one.id.startswith(prefix)}
    keys = [_key(id) for id in own]
    returned: set[str] = set()
    for start in range(0, len(keys), _BATCH):
        found = await tx.find(Journal, key=OneOf(keys[start : start + _BATCH]))
        returned |= {one.key for one in found}
    held = await tx.total(ledger.till_account(till.name), till.currency)
    return _Books(own, frozenset(returned), held)


async def _by_charge(statement: AsyncIterator[StatementLine]) -> dict[str, _Lines]:
    """Only what concerns customers: payouts and gifts, which name no bill, are the owner's."""
    lines: dict[str, _Lines] = {}
    async for one in statement:
        known = lines.get(one.charge, _Lines(one.charge, one.at))
        known = replace(known, at=max(known.at, one.at))
        if not one.incoming:
            known = replace(known, back=known.back + one.amount)
        elif one.order_id and one.amount > 0:
            known = replace(known, taken=one)
        lines[one.charge] = known
    return lines


def _ledger(till: Till, books: _Books) -> list[Discrepancy]:
    ours = sum(
        charge.amount
        for charge in books.charges.values()
        if charge.currency is till.currency and _key(charge.id) not in books.returned
    )
    if ours == books.held:
        return []
    return [Discrepancy(DiscrepancyKind.LEDGER, till.name, "", "", books.held, ours, till.currency)]


def _absent(till: Till, books: _Books, lines: dict[str, _Lines]) -> list[Discrepancy]:
    missing = [
        charge
        for charge in books.charges.values()
        if (told := lines.get(_name(charge.id))) is None or told.taken is None
    ]
    return [_differs(DiscrepancyKind.ABSENT, till, charge, 0) for charge in missing]


async def _look(
    database: Database, till: Till, books: _Books, lines: _Lines, clock: Clock
) -> list[Discrepancy]:
    """One charge of the till's book."""
    taken = lines.taken
    if taken is None:
        return []
    charge = books.charges.get(f"{till.name}:{lines.charge}")
    if charge is None:
        return await _unbooked(database, till, taken, lines.whole, clock())
    ours = (charge.order_id, charge.amount, charge.currency)
    if ours != (taken.order_id, taken.amount, taken.currency) or lines.back not in (0, ours[1]):
        return [_differs(DiscrepancyKind.AMOUNT, till, charge, taken.amount - lines.back)]
    returned = _key(charge.id) in books.returned
    if returned and not lines.whole:
        return [_differs(DiscrepancyKind.KEPT, till, charge, taken.amount)]
    if lines.whole and not returned:
        return await _returned(database, till, charge, clock())
    return []


async def _unbooked(
    database: Database, till: Till, taken: StatementLine, back: bool, now: datetime
) -> list[Discrepancy]:
    """Book it for the order that it names. Nothing is done for an order that we do not have: it
    may be another house's, which sells under the same name."""
    event = PaymentEvent(
        till.name, f"statement:{taken.charge}", taken.charge, OrderId(taken.order_id),
        taken.amount, taken.currency, taken.at, taken.payer,
    )  # fmt: skip
    found = Discrepancy(
        DiscrepancyKind.UNBOOKED,
        till.name,
        taken.charge,
        taken.order_id,
        0,
        taken.amount,
        taken.currency,
    )
    async with database.begin() as tx:
        if await tx.get(Charge, order_accounting.charge_id(event)) is not None:
            return []  # heard of while we read
        if await tx.get(Order, event.order_id) is None:
            return [] if back else [replace(found, kind=DiscrepancyKind.STRAY)]
        if back:
            await order_accounting.note_early_return(tx, order_accounting.charge_id(event), now)
        await orders.confirm_payment(tx, event, now)
        await record_fix(tx, found, now)
    return [found]


async def _returned(
    database: Database, till: Till, charge: Charge, now: datetime
) -> list[Discrepancy]:
    found = _differs(DiscrepancyKind.RETURNED, till, charge, 0)
    async with database.begin() as tx:
        if await ledger.booked(tx, _key(charge.id)):
            return []  # heard of while we read
        await payments.confirm_return(tx, charge.id, now)
        await record_fix(tx, found, now)
    return [found]


def _differs(kind: DiscrepancyKind, till: Till, charge: Charge, theirs: int) -> Discrepancy:
    ours = 0 if kind is DiscrepancyKind.KEPT else charge.amount
    name, currency = _name(charge.id), charge.currency
    return Discrepancy(kind, till.name, name, charge.order_id, ours, theirs, currency)


def _name(charge_id: str) -> str:
    return charge_id.partition(":")[2]


def _key(charge_id: str) -> str:
    return f"charge:{charge_id}:returned"
