"""The handlers of outbox messages, by the message's name. Every one is safe to run twice.

A signal is only a reason to look: the rows say what is still to be done. Notices of one person are
delivered in the order in which they were added, one after the other, by one outbox worker at a
time; of those that gather by one key (the tally of the same photos) the last alone. Those for
somebody who has blocked us are kept until they come back; those that a platform takes only after
they write are kept until they do, and then go out together.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Final

import structlog

from bot.adaptation import GatheredOutbound
from bot.channels import HandleMessage
from bot.outbound import Delivery, Outbound, RetryLater, Unreachable, WaitsForContact
from bot.outbox import erasing_messages, till_messages
from bot.outbox.due_news import due_news, is_left_another_chat, keep_news
from bot.outbox.message_kinds import NOTICE, erases, is_news
from bot.outbox.till_messages import NotYet
from handlers.notifications import Notifications, in_one_chat
from handlers.session import SessionStore
from shop import tracing
from shop.erasure_journal import ErasureJournal
from shop.errors import CannotStart, Unavailable
from shop.jobs import held_pictures, outbox
from shop.outages import told
from shop.people import users
from shop.ports import Blobs, Database, Till
from shop.records import (
    ChannelName,
    OutboxMessage,
    OutboxState,
    User,
    UserId,
)

STUCK: Final = 10
"""Signals after which a notice is given up, if it fails for no outage: some 45 minutes."""
_OUTAGES: Final = (ConnectionError, TimeoutError, Unavailable, CannotStart)
"""What says nothing of the message: the platform, Redis or the database is away, or the platform
does not take our token."""

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
    erasure_journal: ErasureJournal
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
                due = await due_news(self.database, UserId(user_id), self.outbounds)
                self._count_kept(due.kept)
                if due.gathering is None:
                    await self._deliver_singly(due.messages)
                    return
                # What is for one chat of theirs is not put together with what is for any.
                for single, group in groupby(due.messages, lambda one: in_one_chat(one[0].payload)):
                    some = list(group)
                    if not await (
                        self._deliver_singly(some)
                        if single
                        else self._deliver_together(some, due.gathering)
                    ):
                        return
        except TimeoutError:
            # Another worker is delivering to them, slowly: the outbox signals again.
            log.info("delivery_waits", user=user_id)

    async def _deliver_singly(self, waiting: Iterable[tuple[OutboxMessage, bool]]) -> bool:
        """Deliver one after the other; False: one of them was not, and those behind it wait."""
        for message, last in waiting:
            if not await self._try(message, _send if last else _pass_over):
                return False
        return True

    async def _deliver_together(
        self, waiting: list[tuple[OutboxMessage, bool]], outbound: GatheredOutbound
    ) -> bool:
        """Deliver all of them as one, up to the first that has no words yet. False as of
        :meth:`_deliver_singly`."""
        gathered: list[OutboxMessage] = []
        deliveries: list[Delivery] = []
        told_to: User | None = None
        for message, last in waiting:
            try:
                notice = await self.notifications.replies(message.payload) if last else None
            except Exception as error:  # boundary: what stands before it can be said
                await self._failed(message, error)
                break
            gathered.append(message)
            if notice:
                told_to, replies = notice
                deliveries += [
                    Delivery(f"{message.id}:{number}", reply)
                    for number, reply in enumerate(replies)
                ]
        taken = waiting[: len(gathered)]
        if told_to and not await self._send_together(taken, told_to, deliveries, outbound):
            return False
        if gathered:
            async with self.database.begin() as tx:
                await users.lock(tx, UserId(gathered[0].user_id))
                for message in gathered:
                    await outbox.mark_done(tx, message.id, await tx.now())
        for message in gathered:
            self.count(message.name, "sent")
        return len(gathered) == len(waiting)

    async def _send_together(
        self,
        taken: list[tuple[OutboxMessage, bool]],
        user: User,
        deliveries: list[Delivery],
        outbound: GatheredOutbound,
    ) -> bool:
        """Whether they were sent. Otherwise it is seen to: they go to another chat of the person's,
        are kept, or are tried again."""
        gathered = [message for message, _ in taken]
        contact = ""
        try:
            contact = await outbound.contact(user.platform_id)
            with tracing.span("notices", gathered[-1].trace, message=gathered[-1].id):
                await outbound.send_together(user.platform_id, deliveries)
        except Exception as error:  # boundary
            if isinstance(error, Unreachable) and await is_left_another_chat(self.database, user):
                await self._deliver_singly(taken)
                return False
            await self._undelivered(gathered, error)
            if isinstance(error, WaitsForContact) and contact != await outbound.contact(
                user.platform_id
            ):
                # They came while it was being kept: nobody else would see to it.
                async with self.database.begin() as tx:
                    await users.lock(tx, UserId(gathered[0].user_id))
                    await outbox.release_news(tx, gathered[0].user_id, await tx.now())
                await self.flush()
            return False
        return True

    async def _try(self, message: OutboxMessage, handle: Handle) -> bool:
        """Handle it and mark it done; after an erasure scrub the files in between, when the row has
        forgotten whom it was about. False: it must be tried again, is kept, or was given up."""
        named = structlog.contextvars.bound_contextvars(message=message.id, name=message.name)
        with named, tracing.span(message.name, message.trace, message=message.id):
            try:
                if message.state is not OutboxState.SCRUBBING:
                    erasing = erases(message)
                    if erasing:  # before anybody is told
                        await self.erasure_journal.write(self.database)
                    await handle(self, message)
                    if erasing:
                        async with self.database.begin() as tx:
                            message = await outbox.forget_payload(tx, message)
                if message.state is OutboxState.SCRUBBING:
                    await self.scrub()
            except Exception as error:  # boundary: whatever broke, the others go on
                await self._undelivered([message], error)
                return False
            async with self.database.begin() as tx:
                await outbox.mark_done(tx, message.id, await tx.now())
        self.count(message.name, "sent")
        return True

    async def _undelivered(self, messages: list[OutboxMessage], error: Exception) -> None:
        """What becomes of messages whose delivery ended in that error."""
        match error:
            case RetryLater():
                for message in messages:
                    self.count(message.name, "postponed")
                    await self._postpone(message, timedelta(0, error.after), tried=error.tried)
            case NotYet():
                for message in messages:
                    self.count(message.name, "postponed")
                    await self._postpone(message, error.after, tried=False)
            case Unreachable() | WaitsForContact() if is_news(messages[0]):
                await self._keep(messages[0], left=isinstance(error, Unreachable))
            case _:
                for message in messages:
                    await self._failed(message, error)

    async def _keep(self, message: OutboxMessage, *, left: bool) -> None:
        self._count_kept(await keep_news(self.database, UserId(message.user_id), left=left))
        log.info("person_unreachable" if left else "news_wait", user=message.user_id)

    def _count_kept(self, messages: int) -> None:
        for _ in range(messages):
            self.count(NOTICE, "kept")

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
    try:
        for number, reply in enumerate(replies):
            await outbound.send(user.platform_id, reply, key=f"{message.id}:{number}")
    except WaitsForContact:
        if not in_one_chat(message.payload):
            raise
        log.info("receipt_undeliverable")  # kept, it would keep the address
    except Unreachable:
        if in_one_chat(message.payload):
            log.info("receipt_undeliverable")
        elif await is_left_another_chat(deps.database, user):
            await _send(deps, message)
        else:
            raise
    if user.erased_at is not None:  # the channel has noted for whom that delivery was
        await outbound.forget(user.platform_id, message.created_at)


async def _pass_over(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """A later notice replaces it."""


async def _refund(deps: OutboxHandlers, message: OutboxMessage) -> None:
    await till_messages.refund(deps.database, deps.tills, deps.admins, message)


async def _close_bill(deps: OutboxHandlers, message: OutboxMessage) -> None:
    await till_messages.close_bill(deps.database, deps.tills, message)


async def _held_pictures(deps: OutboxHandlers, message: OutboxMessage) -> None:
    async with deps.database.begin() as tx:
        await held_pictures.tell(tx, deps.admins, await tx.now())


async def _erase_uploads(deps: OutboxHandlers, message: OutboxMessage) -> None:
    await erasing_messages.erase_uploads(deps.database, deps.blobs, message)


async def _erase_source(deps: OutboxHandlers, message: OutboxMessage) -> None:
    await erasing_messages.erase_source(deps.database, deps.blobs, message)


async def _erase_blobs(deps: OutboxHandlers, message: OutboxMessage) -> None:
    await erasing_messages.erase_blobs(deps.blobs, message)


async def _drop_session(deps: OutboxHandlers, message: OutboxMessage) -> None:
    """Forget the dialogue of somebody who had everything erased. What was said since stays."""
    platform, person = str(message.payload["platform"]), str(message.payload["person"])
    async with deps.sessions.lock(platform, person):
        await deps.sessions.drop(platform, person)
    if outbound := deps.outbounds.get(ChannelName(platform)):
        await outbound.forget(person, message.created_at)


MESSAGE_HANDLERS: Final[Mapping[str, Handle]] = {
    "refund": _refund,
    "close_bill": _close_bill,
    held_pictures.MESSAGE: _held_pictures,
    "erase_uploads": _erase_uploads,
    "erase_source": _erase_source,
    "erase_blobs": _erase_blobs,
    "drop_session": _drop_session,
}
