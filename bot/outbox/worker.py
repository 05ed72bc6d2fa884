"""The courier: an arq worker on the queue ``chat`` that does the outbox's errands.

Rings tell it at once, and a look every second finds what was not rung for. It also keeps the house
in order: lost jobs are rung for again, unpaid orders expire, orphaned blobs go, payments whose
notification never came are asked for at the till, and once a day each till's own book is laid
beside ours. Several couriers may run: each of these is safe.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import structlog
from arq.cron import CronJob, cron

from bot.container import Container, chat_worker
from bot.outbox.handlers import NAMES, Payload
from bot.outbox.reconciliation import reconcile_tills
from shop import inbox, privacy
from shop.errors import TillError
from shop.jobs import dispatch, outbox
from shop.orders import orders
from shop.ports import Below
from shop.records import Order, OrderState, PaymentEvent

TIMEOUT_SECONDS: Final = 300.0
AT_ONCE: Final = 16
READING_SECONDS: Final = 3600.0  # a till's book of a hundred thousand lines takes minutes
UNHEARD: Final = timedelta(seconds=60)  # a bill this old is asked for at its till

ScheduledTask = Callable[[Container], Awaitable[None]]

log = structlog.get_logger()


async def deliver(house: Container, stop: asyncio.Event) -> None:
    """Do errands and chores until ``stop`` is set; errands in hand are done to their end."""

    async def answer(ctx: dict[str, Any], payload: Payload) -> None:
        await house.outbox_handlers.answer(payload)

    worker = chat_worker(
        house.settings,
        dict.fromkeys(NAMES, answer),
        crons=[_cron(house, task, **when) for task, when in SCHEDULED_TASKS],
        timeout=TIMEOUT_SECONDS,
        at_once=AT_ONCE,
    )
    running = asyncio.ensure_future(worker.async_run())
    waiting = asyncio.ensure_future(stop.wait())
    log.info("courier_ready")
    try:
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running  # raises what ended it
    finally:
        waiting.cancel()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await worker.close()


async def ring(house: Container) -> None:
    """Ring for what is due, should the process that left it have died before it could."""
    await house.flush_outbox()


async def sweep(house: Container) -> None:
    """Ring again for lost jobs; end the poisoned ones kindly."""
    if found := await dispatch.sweep(house.database, house.queue, house.clock()):
        log.info("jobs_rung_again", jobs=found)


async def tell_payments(house: Container) -> None:
    """The sandbox provider's own chore: post again what the shop has not acknowledged."""
    await house.payment_notifier.post_due()


async def ask_tills(house: Container) -> None:
    """Payments whose notification never came: bills that stay unpaid are asked for."""
    async with house.database.begin() as tx:
        waiting = await tx.find(
            Order, state=OrderState.AWAITING, touched_at=Below(house.clock() - UNHEARD)
        )
    for order in waiting:
        if order.bill and (event := await _found(house, order)):
            async with house.database.begin() as tx:
                await orders.confirm_payment(tx, event, house.clock())
            log.info("payment_found", order=order.id)


async def expire(house: Container) -> None:
    """Cancel what nobody paid in time, and erase its photos."""
    before = house.clock() - timedelta(hours=house.settings.upload_hours)
    async with house.database.begin() as tx:
        gone = await orders.expire(tx, before, house.clock())
    if gone:
        log.info("orders_expired", orders=len(gone))


async def tidy(house: Container) -> None:
    """Forget errands long done and events long past, and remove blobs that nothing points to."""
    async with house.database.begin() as tx:
        await outbox.prune(tx, house.clock())
        await inbox.prune(tx, house.clock())
    async with house.database.begin() as tx:
        if gone := await privacy.sweep_blobs(tx, house.blobs):
            log.info("orphans_removed", blobs=gone)
    if stuck := await house.outbox_handlers.stuck():
        log.error("errands_stuck", outbox_handlers=stuck)


_EVERY_5 = set(range(0, 60, 5))
SCHEDULED_TASKS: Final[tuple[tuple[ScheduledTask, Mapping[str, Any]], ...]] = (
    (ring, {"second": set(range(60))}),
    (sweep, {"second": _EVERY_5}),
    (tell_payments, {"second": _EVERY_5}),
    (ask_tills, {"second": 30}),
    (expire, {"second": 45}),
    (tidy, {"minute": {7, 22, 37, 52}, "second": 15}),
    (reconcile_tills, {"minute": {4, 19, 34, 49}, "second": 25, "timeout": READING_SECONDS}),
)
"""What is done when, of each minute or hour; most of it finds nothing to do."""


async def _found(house: Container, order: Order) -> PaymentEvent | None:
    till = house.tills.get(order.till)
    try:
        return await till.find(order.id) if till else None
    except TillError:
        return None


def _cron(house: Container, task: ScheduledTask, **when: Any) -> CronJob:
    async def run(ctx: dict[str, Any]) -> None:
        try:
            await task(house)
        except Exception as error:  # a door: the next round may fare better
            log.warning("chore_failed", task=name, error=type(error).__name__)

    name = task.__name__
    return cron(run, name=f"chore:{name}", **when)
