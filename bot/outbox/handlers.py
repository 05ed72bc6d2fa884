"""What the courier does for each errand of the outbox. Every one is safe to run twice.

A ring is only a reason to look: the rows say what is still to be done. Notices of one person are
brought in the order in which they were left, one after the other, by one courier at a time; equal
ones (the tally of the same photos) are brought once, by the last.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

import structlog

from bot.outbound import Outbound, Retry, Unreachable
from handlers.chat import Reply
from handlers.session import PersonLock, SessionStore
from shop import privacy
from shop.jobs import outbox
from shop.money import order_accounting
from shop.people import users
from shop.ports import Blobs, Clock, Database, Till, Tx
from shop.records import ChannelName, JobQueue, OrderId, OutboxMessage, User

STUCK: Final = 10
"""Rings after which a notice is given up: some three quarters of an hour."""
NEVER: Final = timedelta(days=365)
_MOST = 500

Payload = Mapping[str, str | int | float]
Do = Callable[["OutboxHandlers", OutboxMessage], Awaitable[None]]

log = structlog.get_logger()


class Newsroom(Protocol):
    """What :class:`handlers.notifications.Notifications` offers: the words of a notice, and for
    whom; None when there is nothing left to say."""

    async def replies(self, payload: Payload) -> tuple[User, list[Reply]] | None: ...


class Lines(Protocol):
    """What :class:`bot.state.sessions.RedisSessions` offers beside sessions: other locks of a
    person."""

    def line(self, purpose: str, platform: str, person: str) -> PersonLock: ...


@dataclass(frozen=True, slots=True)
class OutboxHandlers:
    """Does errands. ``scrub`` makes deleted rows and keys unreadable in the stores' own files."""

    database: Database
    blobs: Blobs
    sessions: SessionStore
    lines: Lines
    news: Newsroom
    outbounds: Mapping[ChannelName, Outbound]
    tills: Mapping[str, Till]
    clock: Clock
    scrub: Callable[[], Awaitable[None]]

    async def answer(self, payload: Payload) -> None:
        """Answer one ring of the chat queue."""
        async with self.database.begin() as tx:
            message = await tx.get(OutboxMessage, str(payload["errand"]))
        if message is None or message.done_at is not None:
            return
        if message.name == "notice":
            await self._deliver(str(message.payload["user"]))
        else:
            await self._try(message, _DUTIES[message.name])

    async def stuck(self) -> int:
        """Errands that were tried again and again: for admins to look at."""
        async with self.database.begin() as tx:
            return len(await _stuck(tx))

    async def _deliver(self, user_id: str) -> None:
        """Bring everything that waits for one person, in order; stop at the first trouble."""
        try:
            async with self.lines.line("letters", "user", user_id):
                for message, last in await self._waiting(user_id):
                    duty = _bring if last else _pass_over
                    if not await self._try(message, duty):
                        return
        except TimeoutError:
            # Somebody else is delivering to them, slowly: the outbox rings again.
            log.info("letters_wait", user=user_id)

    async def _waiting(self, user_id: str) -> list[tuple[OutboxMessage, bool]]:
        """Their notices that are due, and of each whether no later one says the same."""
        now = self.clock()
        async with self.database.begin() as tx:
            found = await tx.find(
                OutboxMessage, queue=JobQueue.CHAT, name="notice", done_at=None, order="created_at",
                limit=_MOST,
            )  # fmt: skip
        theirs = [
            one
            for one in found
            if one.payload.get("user") == user_id
            and (one.sent_at is not None or one.due_at <= now)
            and one.due_at < now + NEVER / 2
        ]
        return [
            (one, all(one.payload != later.payload for later in theirs[place + 1 :]))
            for place, one in enumerate(theirs)
        ]

    async def _try(self, message: OutboxMessage, do: Do) -> bool:
        """Do it and mark it done. False, when it must be tried again or was given up."""
        with structlog.contextvars.bound_contextvars(message=message.id, name=message.name):
            try:
                await do(self, message)
            except Retry as wait:
                await self._postpone(message, timedelta(seconds=wait.after))
                return False
            except Exception as error:  # a door: whatever broke, the others go on
                await self._failed(message, error)
                return False
            async with self.database.begin() as tx:
                await outbox.mark_done(tx, message.id, self.clock())
        return True

    async def _failed(self, message: OutboxMessage, error: Exception) -> None:
        log.warning("errand_failed", attempts=message.attempts, error=type(error).__name__)
        if message.name == "notice" and message.attempts >= STUCK:
            # It stays, counted and unrung, until the outbox is pruned. Money and erasures are
            # tried for ever instead, ever ten minutes.
            log.error("errand_given_up", attempts=message.attempts, error=type(error).__name__)
            await self._postpone(message, NEVER)

    async def _postpone(self, message: OutboxMessage, wait: timedelta) -> None:
        async with self.database.begin() as tx:
            if fresh := await outbox.pending(tx, message.id):
                await tx.put(replace(fresh, due_at=self.clock() + wait))


async def _bring(dispatcher: OutboxHandlers, message: OutboxMessage) -> None:
    """Send a notice's replies. Each has a key, so that a second run goes on where this stopped."""
    news = await dispatcher.news.replies(message.payload)
    if news is None:
        return
    user, replies = news
    outbound = dispatcher.outbounds.get(user.platform)
    if outbound is None:
        log.warning("notice_without_channel", platform=user.platform)
        return
    try:
        for number, reply in enumerate(replies):
            await outbound.send(user.platform_id, reply, key=f"{message.id}:{number}")
    except Unreachable:
        await _note_unreachable(dispatcher, user)


async def _pass_over(dispatcher: OutboxHandlers, message: OutboxMessage) -> None:
    """A later notice says the same."""


async def _note_unreachable(dispatcher: OutboxHandlers, user: User) -> None:
    async with dispatcher.database.begin() as tx:
        if await tx.get(User, user.id):
            await users.set_unreachable(tx, user, True)


async def _refund(dispatcher: OutboxHandlers, message: OutboxMessage) -> None:
    """Ask the till for the money back, then book it. The till knows a second request by its key."""
    charge = str(message.payload["charge"])
    async with dispatcher.database.begin() as tx:
        owed = await order_accounting.refund_due(tx, charge)
    if owed is None:
        return
    till = dispatcher.tills[owed.till]
    await till.refund(owed.charge, owed.amount, owed.currency, owed.key, owed.payer)
    async with dispatcher.database.begin() as tx:
        await order_accounting.book_refund(tx, charge, dispatcher.clock())


async def _erase_uploads(dispatcher: OutboxHandlers, message: OutboxMessage) -> None:
    order, why = OrderId(str(message.payload["order"])), str(message.payload.get("why", ""))
    count = int(message.payload.get("count", 0))
    async with dispatcher.database.begin() as tx:
        await privacy.erase_uploads(tx, dispatcher.blobs, order, count, why, dispatcher.clock())
    await dispatcher.scrub()


async def _erase_blobs(dispatcher: OutboxHandlers, message: OutboxMessage) -> None:
    await privacy.erase_blobs(dispatcher.blobs, str(message.payload["prefix"]))
    await dispatcher.scrub()


async def _drop_session(dispatcher: OutboxHandlers, message: OutboxMessage) -> None:
    """Forget the dialogue of somebody who had everything erased. What was said since stays."""
    platform, person = str(message.payload["platform"]), str(message.payload["person"])
    async with dispatcher.sessions.lock(platform, person):
        await dispatcher.sessions.drop(platform, person)
    if outbound := dispatcher.outbounds.get(ChannelName(platform)):
        await outbound.forget(person, message.created_at)
    await dispatcher.scrub()


async def _stuck(tx: Tx) -> list[OutboxMessage]:
    waiting = await tx.find(OutboxMessage, queue=JobQueue.CHAT, done_at=None, limit=_MOST)
    return [message for message in waiting if message.attempts >= STUCK]


_DUTIES: Final[Mapping[str, Do]] = {
    "refund": _refund,
    "erase_uploads": _erase_uploads,
    "erase_blobs": _erase_blobs,
    "drop_session": _drop_session,
}

NAMES: Final = ("notice", *_DUTIES)
"""Every errand that the chat queue knows."""
