"""The outbox worker (``python -m bot courier``): an arq worker on the queue ``chat``.

It handles the messages of the outbox as they are signalled, and runs the scheduled tasks: messages
whose process died are signalled, poisoned jobs given up, unpaid orders and clips that were left
alone expired, words that nobody ordered forgotten, orphaned blobs removed, payments whose
notification never came asked for at the till, what was erased is written into its journal, and once
a day each till's own statement is compared with our ledger. Several may run: each of these is safe.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from arq.cron import CronJob, cron
from arq.worker import Worker

from bot.container import Container, answer_chat_signals, chat_worker
from bot.outbox.handlers import Payload
from bot.outbox.reconciliation import reconcile_tills
from shop import blob_erasure, inbox
from shop.avatars import prompts
from shop.clips import endings
from shop.errors import TillError, Unavailable
from shop.jobs import dispatch, jobs, outbox, sightings, standstills
from shop.orders import openings, orders
from shop.orders.booking_failures import PAYMENT, TillReport
from shop.orders.sales_guard import Capacity
from shop.outages import told
from shop.people import link_codes, past_accounts
from shop.ports import Below, Tx
from shop.records import CHAT, Clip, Order, OrderState, PaymentEvent, Prompt, SupportCase
from shop.support import cases
from shop.transactions import run_transaction

ROLE: Final = "courier"
TIMEOUT_SECONDS: Final = 300.0
AT_ONCE: Final = 16
STATEMENT_SECONDS: Final = 3600.0  # a till's statement of a hundred thousand lines takes minutes
DRAFT_AGE: Final = timedelta(hours=1)  # a blob half-written for so long: its writer was killed
UNHEARD: Final = timedelta(seconds=60)  # a bill this old is asked for at its till
ASKED_EACH_MINUTE: Final = timedelta(minutes=15)
"""A bill younger than that is asked for each minute, an older one every ten: a provider of money
counts our questions, and by then it has repeated a notification itself."""

R = TypeVar("R", Clip, Prompt, SupportCase)
ScheduledTask = Callable[[Container], Awaitable[None]]

log = structlog.get_logger()


async def deliver(container: Container, stop: asyncio.Event) -> None:
    """Handle messages and run the tasks until ``stop`` is set; an outage is waited out."""

    async def answer(ctx: dict[str, Any], payload: Payload) -> None:
        try:
            await container.outbox_handlers.answer(payload)
        except Unavailable as outage:  # the outbox signals again
            log.warning("message_waits", **told(outage))

    def build() -> Worker:
        return chat_worker(
            container.settings,
            dict.fromkeys(container.outbox_handlers.names, answer),
            crons=[_cron(container, task, **when) for task, when in SCHEDULED_TASKS],
            timeout=TIMEOUT_SECONDS,
            at_once=AT_ONCE,
        )

    async with sightings.kept(container.database, ROLE, (CHAT,)):
        running = asyncio.ensure_future(answer_chat_signals(build))
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


async def flush(container: Container) -> None:
    """Signal what is due, should the process that left it have died before it could."""
    await container.flusher.flush()


async def write_erasures(container: Container) -> None:
    """Move into the journal what was erased without a message, or not yet."""
    await container.erasure_journal.write(container.database)


async def give_up_poisoned(container: Container) -> None:
    """End poisoned jobs by their kind: an apology, and money or credits back."""
    if found := await dispatch.give_up_poisoned(container.database, container.kinds):
        log.info("poisoned_jobs_given_up", jobs=found)
        await container.flusher.flush()


async def tell_payments(container: Container) -> None:
    """The sandbox provider's own task: post again what the shop has not acknowledged."""
    if container.cashier:
        await container.cashier.notifier.post_due()


async def ask_tills(container: Container) -> None:
    """Payments whose notification never came: bills that stay unpaid are asked for."""
    async with container.database.snapshot() as tx:
        now = await tx.now()
        waiting = await tx.find(Order, state=OrderState.AWAITING, touched_at=Below(now - UNHEARD))
    for order in waiting:
        if _is_asked_for(order, now):
            await _ask_till(container, order)


async def expire(container: Container) -> None:
    """Cancel what nobody paid in time, and erase its photos. A bill is asked for at its till once
    more before that."""
    async with container.database.snapshot() as tx:
        before = await tx.now() - timedelta(hours=container.settings.upload_hours)
        stale = await orders.stale(tx, before)
    gone = 0
    for order in stale:
        if order.bill and await _ask_till(container, order):
            continue
        gone += await run_transaction(container.database, partial(_expire, order, before))
    if gone:
        log.info("orders_expired", orders=gone)
        await container.flusher.flush()


async def tell_opening(container: Container) -> None:
    """Tell those who could not order while nobody was at work that they can."""
    capacity = Capacity.of(container.settings)
    if told := await openings.tell_opening(container.database, capacity):
        log.info("opening_told", people=told)
        await container.flusher.flush()


async def tell_standstills(container: Container) -> None:
    """Tell those whose work nobody is there to do, and tell them once somebody is."""
    patience = timedelta(seconds=container.settings.absent_seconds)
    if told := await standstills.tell(container.database, container.kinds.values(), patience):
        log.info("standstills_told", people=told)
        await container.flusher.flush()


async def follow_promises(container: Container) -> None:
    """Measure how true what was promised of waits was."""
    async with container.database.snapshot() as tx:
        await container.metrics.follow_promises(tx, container.kinds, await tx.now())


async def expire_sources(container: Container) -> None:
    """Erase what was sent for clips for which nobody chose a motion in time."""
    if gone := await _expire_each(container, endings.stale, endings.expire):
        log.info("sources_expired", clips=gone)
        await container.flusher.flush()


async def expire_prompts(container: Container) -> None:
    """Forget what people asked to be painted in their own words and never ordered."""
    if gone := await _expire_each(container, prompts.stale, prompts.expire):
        log.info("prompts_expired", prompts=gone)


async def expire_cases(container: Container) -> None:
    """Remove support cases in which nothing was written for long."""
    if gone := await _expire_each(container, cases.stale, cases.expire, cases.KEPT):
        log.info("cases_expired", cases=gone)
        await container.flusher.flush()


async def tidy(container: Container) -> None:
    """Forget messages and looks at photos long done, events long past, codes and past accounts
    whose time is over, and remove blobs that nothing points to."""
    async with container.database.begin() as tx:
        now = await tx.now()
        await outbox.prune(tx, now)
        await inbox.prune(tx, now)
        await jobs.prune(tx, container.kinds.values(), now)
        await past_accounts.prune(tx, now)
        await link_codes.prune(tx, now)
    if gone := await blob_erasure.sweep_blobs(container.database, container.blobs):
        log.info("orphans_removed", blobs=gone)
    if drafts := await container.blobs.remove_drafts(DRAFT_AGE):
        log.info("drafts_removed", drafts=drafts)
    await container.erasure_journal.tidy(now)
    if stuck := await container.outbox_handlers.stuck():
        log.error("outbox_stuck", messages=stuck)


SCHEDULED_TASKS: Final[tuple[tuple[ScheduledTask, Mapping[str, Any]], ...]] = (
    (flush, {"second": {0, 10, 20, 30, 40, 50}}),
    (write_erasures, {"second": {3, 13, 23, 33, 43, 53}}),
    (give_up_poisoned, {"second": {5, 35}}),
    (tell_payments, {"second": set(range(0, 60, 5))}),
    (ask_tills, {"second": 30}),
    (expire, {"second": 45}),
    (tell_opening, {"second": 20}),
    (tell_standstills, {"second": 35}),
    (follow_promises, {"second": {10, 40}}),
    (expire_sources, {"second": 55}),
    (expire_prompts, {"second": 50}),
    (expire_cases, {"minute": {11, 41}, "second": 40}),
    (tidy, {"minute": {7, 22, 37, 52}, "second": 15}),
    (reconcile_tills, {"minute": {4, 19, 34, 49}, "second": 25, "timeout": STATEMENT_SECONDS}),
)
"""When each task runs, of each minute or hour; most of the time it finds nothing to do."""


def _is_asked_for(order: Order, now: datetime) -> bool:
    """Whether this minute's round asks for it. Which of ten rounds an older one has is its own, so
    that they are spread."""
    young = now - order.touched_at < ASKED_EACH_MINUTE
    minutes = (now - order.touched_at) // timedelta(minutes=1)
    return bool(order.bill) and (young or minutes % 10 == 0)


async def _ask_till(container: Container, order: Order) -> bool:
    """Whether its till has the money; it is booked then, or reported that it cannot be."""
    event = await _found(container, order)
    if event:
        await _book(container, event)
        await container.flusher.flush()
    return event is not None


async def _book(container: Container, event: PaymentEvent) -> None:
    """What cannot be booked is asked for again in the next round, and keeps no other waiting."""
    one = TillReport(PAYMENT, event.till, event.charge, event.order_id)

    async def confirm(tx: Tx) -> None:
        await orders.confirm_payment(tx, event, await tx.now())

    try:
        await run_transaction(container.database, confirm)
    except Exception as error:  # boundary
        await container.booking_failures.report(one, error)
    else:
        log.info("payment_found", order=event.order_id)
        await container.booking_failures.booked(one)


async def _expire(order: Order, before: datetime, tx: Tx) -> bool:
    return await orders.expire(tx, order, before, await tx.now()) is not None


async def _expire_each(
    container: Container,
    stale: Callable[[Tx, datetime], Awaitable[Sequence[R]]],
    expire: Callable[[Tx, R, datetime, datetime], Awaitable[bool]],
    kept: timedelta | None = None,
) -> int:
    """Expire what was left alone for longer than ``kept``, or else than uploads may be, each in a
    transaction of its own; how many there were."""
    async with container.database.snapshot() as tx:
        before = await tx.now() - (kept or timedelta(hours=container.settings.upload_hours))
        found = await stale(tx, before)

    async def expired(one: R, tx: Tx) -> bool:
        return await expire(tx, one, before, await tx.now())

    ended = [await run_transaction(container.database, partial(expired, one)) for one in found]
    return sum(ended)


async def _found(container: Container, order: Order) -> PaymentEvent | None:
    """Also at the till of its former bill, which may not be closed yet."""
    for name in filter(None, (order.former_till, order.till)):
        till = container.tills.get(name)
        try:
            if till and (event := await till.find(order.id)):
                return event
        except TillError:
            continue
    return None


def _cron(container: Container, task: ScheduledTask, **when: Any) -> CronJob:
    async def run(ctx: dict[str, Any]) -> None:
        try:
            await task(container)
        except Exception as error:  # boundary: the next round may fare better
            log.warning("task_failed", task=name, **told(error))

    name = task.__name__
    return cron(run, name=f"task:{name}", **when)
