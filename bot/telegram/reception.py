"""The way of one update: understood, handled in its person's line, stored, answered.

Used by polling, and by a webhook just as well: :meth:`Reception.take` returns when the update's
effect is stored, which is the moment to acknowledge it to Telegram. The replies follow on their
own, in order per chat, so that a 429 in one chat holds up neither the acknowledgement nor others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from telegram import Bot, CallbackQuery, Update
from telegram.error import TelegramError

from bot.outbound import Retry, Unreachable
from bot.telegram.buttons import Signer
from bot.telegram.inbound import Elsewhere, translate
from bot.telegram.outbound import TelegramOutbound
from handlers.chat import Incoming, Reply
from handlers.texts import texts
from shop.ports import Clock
from shop.users import guess

_RETURNS = 5

Ring = Callable[[], Awaitable[None]]

log = structlog.get_logger()


class Door(Protocol):
    """What :class:`handlers.desk.Desk` offers."""

    async def handle(self, incoming: Incoming) -> list[Reply]: ...


class Lines:
    """A lock per name, first come first served, forgotten when nobody stands in it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())


class Reception:
    """Takes updates in: those of one person in order, of different persons side by side.

    python-telegram-bot's own ``BaseUpdateProcessor`` is part of its Application and would hold
    a person's line until the replies are out; here the line ends where the effect is stored.
    """

    def __init__(
        self,
        bot: Bot,
        desk: Door,
        outbound: TelegramOutbound,
        signer: Signer,
        clock: Clock,
        ring: Ring,
    ) -> None:
        """``ring`` is called after each update, for the outbox that it may have filled."""
        self._bot = bot
        self._desk = desk
        self._outbound = outbound
        self._signer = signer
        self._clock = clock
        self._ring = ring
        self._listening = Lines()
        self._speaking = Lines()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, update: Update) -> None:
        """Handle one update. Returns once its effect is stored, or it needs none."""
        if update.callback_query:
            self._start(self._acknowledge(update.callback_query))
        heard = translate(update, self._bot, self._signer, self._clock())
        if isinstance(heard, Elsewhere):
            self._start(self._decline(heard))
        elif heard:
            below = update.message.message_id if update.message else 0
            async with self._listening.of(heard.person.id):
                replies = await self._desk.handle(heard)
                # Started within the line, so that answers stand in the order of what they answer.
                self._start(self._speak(heard, replies, below))
            self._start(self._ring_for_work())

    async def drain(self, seconds: float) -> None:
        """Let the replies under way go out, for at most so long; then stop them."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()

    async def _speak(self, heard: Incoming, replies: list[Reply], below: int) -> None:
        async with self._speaking.of(heard.person.id):
            for reply in replies:
                try:
                    await self._say(heard.person.id, reply, below)
                except Unreachable:
                    # Telegram tells of a block by an update of its own, which the desk notes.
                    return
                except Exception as error:  # a door: one bad reply must not swallow the next
                    log.error(
                        "telegram_reply_lost", update=heard.event_id, error=type(error).__name__
                    )

    async def _say(self, chat: str, reply: Reply, below: int) -> None:
        """Nobody but us will send it: when asked to come back later, we do, for some minutes."""
        for _ in range(_RETURNS):
            try:
                return await self._outbound.send(chat, reply, below=below)
            except Retry as wait:
                await asyncio.sleep(wait.after)
        return await self._outbound.send(chat, reply, below=below)

    async def _ring_for_work(self) -> None:
        try:
            await self._ring()
        except Exception as error:  # the courier's own look finds it a second later
            log.warning("telegram_ring_failed", error=type(error).__name__)

    async def _acknowledge(self, query: CallbackQuery) -> None:
        """Stop the spinner on the button, at once: what it did is told by a message."""
        try:
            await self._bot.answer_callback_query(query.id)
        except TelegramError as error:  # too old by now, or offline: only the spinner suffers
            log.info("telegram_spinner_left", error=type(error).__name__)

    async def _decline(self, place: Elsewhere) -> None:
        """Say that portraits are private, and leave: nothing posted there is ours to read."""
        words = texts(guess(place.language))("telegram-private-only")
        say = partial(self._bot.send_message, place.chat_id, words)
        for call in (say, partial(self._bot.leave_chat, place.chat_id)):
            try:
                await call()
            except TelegramError as error:  # no right to write there, or out already
                log.info("telegram_group_declined", error=type(error).__name__)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
