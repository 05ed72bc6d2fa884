"""The handlers of outbox messages, by the message's name. Every one is safe to run twice.

A signal is only a reason to look: the rows say what is still to be done. Notices of one person are
delivered in the order in which they were added, one after the other, by one outbox worker at a
time; equal ones (the tally of the same photos) are delivered once, by the last. Those for somebody
who has blocked us are kept until they come back.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from bot.channels import HandleMessage
from bot.outbound import Outbound, RetryLater, Unreachable
from handlers.notifications import ERASED, Notifications
from handlers.session import SessionStore
from shop import privacy
from shop.errors import CannotStart, TillError, Unavailable
from shop.jobs import outbox
from shop.money import order_accounting
from shop.orders import refund_reports
from shop.outages import told
from shop.people import users
from shop.ports import Blobs, Database, Till, Tx
from shop.records import (
    ChannelName,
    OrderId,
    OutboxMessage,
    OutboxState,
    RefundState,
    User,
    UserId,
)

STUCK: Final = 10
"""Signals after which a notice is given up, if it is not an outage that it fails for: some three
quarters of an hour."""
NOTICE: Final = "notice"
_OUTAGES: Final = (ConnectionError, TimeoutError, Unavailable, CannotStart)
"""What says nothing of the message: the platform, Redis or the database is away, or the platform
does not take our token."""

_REFUND_LOOKS: Final = (
    (timedelta(minutes=5), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta.max, timedelta(minutes=30)),
)
"""How old a refund that its till has accepted is, and how long until it is asked for again."""

Payload = Mapping[str, str | int | float]
Handle = Callable[["OutboxHandlers", OutboxMessage], Awaitable[None]]

log = structlog.get_logger()


def _uncounted(name: str, outcome: str) -> None:
    """For an outbox worker that is not measured."""


@dataclass(frozen=True, slots=True)
class OutboxHandlers:
    """Handles the messages of the outbox.

    ``scrub`` makes deleted rows and keys unreadable in the stores' own files; ``flush`` signals the
    messages that a handler has added. ``count`` is told a message's name and what became of it.
    ``channel_messages`` are handled by the channels that have left them.
    ``admins`` as the settings have them.
    """

    database: Database
    blobs: Blobs
    sessions: SessionStore
    notifications: Notifications
    outbounds: Mapping[ChannelName, Outbound]
    tills: Mapping[str, Till]
    scrub: Callable[[], Awaitable[None]]
    flush: Callable[[], Awaitable[None]]
    count: Callable[[str, str], None] = _uncounted
    channel_messages: Mapping[str, HandleMessage] = field(default_factory=dict)
    admins: Collection[str] = field(default=(), repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every message that the outbox worker handles."""
        return (NOTICE, *MESSAGE_HANDLERS, *self.channel_messages)

    async def answer(self, payload: Payload) -> None:
        """Answer one signal. Raises :class:`KeyError` for a message that has no handler."""
        async with self.database.begin() as tx:
            message = await outbox.take_up(tx, str(payload["message"]), await tx.now())
        if message is None:
            return
        if message.name == NOTICE and message.state is not OutboxState.SCRUBBING:
            await self._deliver(message.user_id)
        else:
            await self._try(message, self._handler_of(message.name))
            await self.flush()

    def _handler_of(self, name: str) -> Handle:
        of_channel = self.channel_messages.get(name)
        if of_channel is None:
            return MESSAGE_HANDLERS.get(name, _send)

        async def handle(_: "OutboxHandlers", message: OutboxMessage) -> None:
            await of_channel(message)

        return handle

    async def stuck(self) -> int:
        """How many messages were tried again and again: for admins to look at."""
        async with self.database.begin() as tx:
            return await outbox.stuck(tx, STUCK)

    async def _deliver(self, user_id: str) -> None:
        """Deliver every notice that waits for one person, in order; stop at the first failure."""
        try:
            async with self.sessions.named_lock("notices", "user", user_id):
                for message, last in await self._waiting(user_id):
                    if not await self._try(message, _send if last else _pass_over):
                        return
        except TimeoutError:
            # Another worker is delivering to them, slowly: the outbox signals again.
            log.info("delivery_waits", user=user_id)

    async def _waiting(self, user_id: str) -> list[tuple[OutboxMessage, bool]]:
        """Their notices that are due, and of each whether no later one says the same. None of
        somebody who has blocked us: theirs are kept."""
        async with self.database.begin() as tx:
            user = await tx.get(User, user_id, lock=True)
            if user and user.unreachable and await self._kept(tx, user.id):
                return []
            theirs = await outbox.take_up_news(tx, user_id, await tx.now())
        return [
            (one, all(one.payload != later.payload for later in theirs[place + 1 :]))
            for place, one in enumerate(theirs)
        ]

    async def _try(self, message: OutboxMessage, handle: Handle) -> bool:
        """Handle it and mark it done; after an erasure scrub the files in between, when the row has
        forgotten whom it was about. False: it must be tried again, is kept, or was given up."""
        with structlog.contextvars.bound_contextvars(message=message.id, name=message.name):
            try:
                if message.state is not OutboxState.SCRUBBING:
                    await handle(self, message)
                    if _erases(message):
                        async with self.database.begin() as tx:
                            message = await outbox.forget_payload(tx, message)
                if message.state is OutboxState.SCRUBBING:
                    await self.scrub()
            except RetryLater as wait:
                self.count(message.name, "postponed")
                await self._postpone(message, timedelta(seconds=wait.after))
                return False
            except _NotYet as wait:
                self.count(message.name, "postponed")
                await self._postpone(message, wait.after, tried=False)
                return False
            except Unreachable as error:
                await (self._keep(message) if message.user_id else self._failed(message, error))
                return False
            except Exception as error:  # boundary: whatever broke, the others go on
                await self._failed(message, error)
                return False
            async with self.database.begin() as tx:
                await outbox.mark_done(tx, message.id, await tx.now())
        self.count(message.name, "sent")
        return True

    async def _keep(self, message: OutboxMessage) -> None:
        """They have blocked us: noted, with all that is due for them kept until they come back."""
        async with self.database.begin() as tx:
            await self._kept(tx, UserId(message.user_id), left=True)
        log.info("person_unreachable", user=message.user_id)

    async def _kept(self, tx: Tx, user_id: UserId, *, left: bool = False) -> bool:
        """Keep their news, if they are away (``left``: they are, whatever the record says)."""
        user = await users.lock(tx, user_id)
        if user.erased_at is not None or not (left or user.unreachable):
            return False
        if not user.unreachable:
            await users.set_unreachable(tx, user, True)
        for _ in range(await outbox.keep_news(tx, user_id, await tx.now())):
            self.count(NOTICE, "kept")
        return True

    async def _failed(self, message: OutboxMessage, error: Exception) -> None:
        log.warning("message_failed", attempts=message.attempts, **told(error))
        gives_up = message.name == NOTICE and message.state is not OutboxState.SCRUBBING
        if gives_up and message.attempts >= STUCK and not isinstance(error, _OUTAGES):
            # It stays, counted and without signals, for some days. Refunds and erasures are tried
            # for ever instead, every ten minutes.
            log.error("message_given_up", attempts=message.attempts, error=type(error).__name__)
            async with self.database.begin() as tx:
                await outbox.give_up(tx, message.id, await tx.now())
            self.count(message.name, "given_up")
        else:
            self.count(message.name, "failed")

    async def _postpone(
        self, message: OutboxMessage, wait: timedelta, *, tried: bool = True
    ) -> None:
        async with self.database.begin() as tx:
            await outbox.postpone(tx, message.id, await tx.now() + wait, tried=tried)
        await self.flush()  # for its timer


class _NotYet(Exception):
    """Nothing failed, and there is nothing to do before ``after`` is over."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"again in {after}")
        self.after = after


async def _send(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """Send a notice's replies. Each has a key, so that a second run goes on where this stopped."""
    notice = await deps.notifications.replies(message.payload)
    if notice is None:
        return
    user, replies = notice
    outbound = deps.outbounds.get(user.platform)
    if outbound is None:
        log.warning("notice_without_channel", platform=user.platform)
        return
    erased = user.erased_at is not None
    try:
        for number, reply in enumerate(replies):
            await outbound.send(user.platform_id, reply, key=f"{message.id}:{number}")
    except Unreachable:
        if not erased:
            raise
        log.info("receipt_undeliverable")  # kept, it would keep the address
    if erased:  # the channel has noted for whom that delivery was
        await outbound.forget(user.platform_id, message.created_at)


async def _pass_over(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """A later notice says the same."""


async def _refund(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """Ask the till for the money back, and book it once that is done. The till knows a second
    request by its key. What it has accepted is asked for again, ever more rarely; where a person
    has to act there first, the admins are told."""
    charge = str(message.payload["charge"])
    async with deps.database.begin() as tx:
        owed = await order_accounting.refund_due(tx, charge)
    if owed is None:
        return
    till = deps.tills.get(owed.till)
    if till is None:  # closed since, by another setting: tried for ever, and counted as stuck
        log.error("refund_without_till", till=owed.till, charge=owed.charge)
        raise TillError
    state = await till.refund(owed.charge, owed.amount, owed.currency, owed.key, owed.payer)
    async with deps.database.begin() as tx:
        now = await tx.now()
        if state is RefundState.DONE:
            await order_accounting.book_refund(tx, charge, now)
            return
        if state is RefundState.STUCK:
            await refund_reports.tell(tx, charge, state.value, deps.admins)
    age = now - message.created_at
    raise _NotYet(next(wait for until, wait in _REFUND_LOOKS if age < until))


async def _close_bill(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """Have the till take the bills of a cancelled order back. A till that is not open any more
    takes no money."""
    if till := deps.tills.get(str(message.payload["till"])):
        await till.close_bill(str(message.payload["order"]))


async def _erase_uploads(deps: OutboxHandlers, message: OutboxMessage) -> None:
    order, why = OrderId(str(message.payload["order"])), str(message.payload.get("why", ""))
    count = int(message.payload.get("count", 0))
    await privacy.erase_uploads(deps.database, deps.blobs, order, count, why)


async def _erase_blobs(deps: OutboxHandlers, message: OutboxMessage) -> None:
    await privacy.erase_blobs(deps.blobs, str(message.payload["prefix"]))


async def _drop_session(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """Forget the dialogue of somebody who had everything erased. What was said since stays."""
    platform, person = str(message.payload["platform"]), str(message.payload["person"])
    async with deps.sessions.lock(platform, person):
        await deps.sessions.drop(platform, person)
    if outbound := deps.outbounds.get(ChannelName(platform)):
        await outbound.forget(person, message.created_at)


def _erases(message: OutboxMessage) -> bool:
    """Whether it is part of an erasure: it removes something, or holds the address of somebody who
    was erased."""
    return message.name in ERASING or message.payload.get("kind") == ERASED


MESSAGE_HANDLERS: Final[Mapping[str, Handle]] = {
    "refund": _refund,
    "close_bill": _close_bill,
    "erase_uploads": _erase_uploads,
    "erase_blobs": _erase_blobs,
    "drop_session": _drop_session,
}

ERASING: Final = frozenset({"erase_uploads", "erase_blobs", "drop_session"})
"""After these the stores' files are scrubbed."""
