"""Reconciliation of each till's statement with our ledger: a daily task, and a command.

Whatever differs is logged as an error, told to the admins, counted for ``/metrics``, and listed by
``python -m bot reconcile``, whose exit status is 1 if there is anything.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from bot.container import AccountingDependencies, Container, open_accounting
from shop.errors import TillError
from shop.orders import discrepancies
from shop.orders.discrepancies import FIXED, Discrepancy, DiscrepancyKind
from shop.orders.reconciliation import reconcile
from shop.ports import Till
from shop.records import RefundState
from shop.settings import Settings

SETTLE: Final = timedelta(minutes=2)
"""A payment this young may be on its way to us: the daily run leaves it for tomorrow's."""

_GIVEN_BACK: Final = {
    RefundState.DONE: "given back",
    RefundState.PENDING: "to be given back: the till has accepted it, and takes its time",
    RefundState.STUCK: "to be given back, but the till wants a person to act in its console first",
}

log = structlog.get_logger()


async def reconcile_tills(container: Container) -> None:
    """Once a day (UTC) for each till, as soon as yesterday can be read there, by one outbox worker
    at a time."""
    for till in container.tills.values():
        try:
            async with container.sessions.named_lock("reconcile", "till", till.name):
                await _daily(container, till)
        except TimeoutError:
            log.info("till_being_read", till=till.name)
        except TillError as error:
            why = {"why": error.why} if error.why else {}
            log.warning("till_not_read", till=till.name, **why)


async def _daily(container: Container, till: Till) -> None:
    async with container.database.snapshot() as tx:
        now = await tx.now()
        if now.timetz().replace(tzinfo=None) < till.statement_ready:
            return
        if await discrepancies.reported_today(tx, till.name, now):
            return
    found = await reconcile(container.database, till, SETTLE)
    _log(till.name, found)
    async with container.database.begin() as tx:
        await discrepancies.report(tx, till.name, found, container.settings.admins, await tx.now())


async def run(settings: Settings, give_back: str = "") -> int:
    """The command: reconcile every till now. Returns the exit status: 0 when nothing differs, 1
    when something does, 2 when a till could not be read, or has no such stray charge.

    ``give_back`` names a stray charge, which is then returned to whoever paid it: what is no order
    of ours is nobody else's to give back.
    """
    async with open_accounting(settings) as accounting:
        returned: list[Discrepancy] = []
        status = max(
            [
                await _reconcile_now(accounting, till, give_back, returned)
                for till in accounting.tills.values()
            ]
        )
        if give_back and not returned:
            _print(f"no till that was read has a stray charge {give_back}: nothing was given back")
            return 2
        if not status:
            _print("every till agrees with our books")
        return status


async def _reconcile_now(
    accounting: AccountingDependencies, till: Till, give_back: str, returned: list[Discrepancy]
) -> int:
    """``returned`` takes what was given back."""
    try:
        found = await reconcile(accounting.database, till)
        returned += [one for one in found if await _given_back(till, one, give_back)]
    except TillError as error:
        _print(f"{till.name}: {error.why or 'could not be asked; try again later'}")
        return 2
    left = [one for one in found if one not in returned]
    _log(till.name, left)
    for one in left:
        _print(_line(one))
    async with accounting.database.begin() as tx:
        await discrepancies.record_run(tx, till.name, left, await tx.now())
    return 1 if left else 0


async def _given_back(till: Till, one: Discrepancy, charge: str) -> bool:
    if one.kind is not DiscrepancyKind.STRAY or one.charge != charge:
        return False
    state = await till.refund(charge, one.theirs, one.currency, f"{till.name}:{charge}:refund")
    _print(f"{one.till}: {one.theirs} {one.currency} of charge {charge} {_GIVEN_BACK[state]}")
    return True


def _log(till: str, found: Sequence[Discrepancy]) -> None:
    log.info("till_reconciled", till=till, differences=len(found))
    for one in found:
        log.error(
            "till_difference", till=one.till, kind=one.kind.value, charge=one.charge,
            order=one.order_id, ours=one.ours, theirs=one.theirs, currency=one.currency.value,
        )  # fmt: skip


def _line(one: Discrepancy) -> str:
    what = "mended" if one.kind in FIXED else "look at it"
    amounts = f"ours {one.ours}, theirs {one.theirs} {one.currency.value}"
    about = f"order {one.order_id or '-'}, charge {one.charge or '-'}"
    return f"{one.till}: {one.kind.value} ({what}): {amounts}; {about}"


def _print(words: str) -> None:
    print(words)  # noqa: T201 - the answer to whoever typed the command
