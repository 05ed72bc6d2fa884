"""The processor of updates: translates one, has it handled in its person's order, answers it.

:meth:`UpdateProcessor.take` returns when the update's effect is stored, which is the moment to
acknowledge it to Telegram, by webhook as by polling. The replies follow on their own, in order per
chat, so that a 429 in one chat holds up neither the acknowledgement nor others; that they are owed
is noted before, so that another process says what a killed one could not.

Two kinds of updates take no lock: whether a bill may be paid must be answered within ten seconds,
and a portrait to be shared is looked for at every character that is typed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from telegram import InlineQuery, PreCheckoutQuery, Update
from telegram.error import BadRequest, TelegramError

from bot.outbound import GroupForbidden, RetryLater, Unreachable
from bot.state.locks import NamedLocks
from bot.state.sessions import AnsweredUpdates, MessageIds
from bot.telegram import payments, sharing
from bot.telegram.answer_queue import Answer, AnswerQueue
from bot.telegram.buttons import Signer
from bot.telegram.client import Client, Fetched, TokenRefused
from bot.telegram.inbound import translate
from bot.telegram.outbound import PRESS_SECONDS, TelegramOutbound
from bot.telegram.owed_answers import OwedAnswers
from handlers.chat import Incoming, Left, Reply
from handlers.dispatcher import Dispatcher
from shop.errors import Unavailable
from shop.outages import told
from shop.ports import Clock

_RETURNS = 5

Flush = Callable[[], Awaitable[None]]

log = structlog.get_logger()


class Unreadable(Exception):
    """The library cannot read that update."""


class UpdateProcessor:
    """Takes updates in: those of one person in order, of different persons side by side.

    python-telegram-bot's own ``BaseUpdateProcessor`` is part of its Application and would hold
    a person's lock until the replies are out; here it ends where the effect is stored.
    """

    def __init__(
        self,
        client: Client,
        dispatcher: Dispatcher,
        outbound: TelegramOutbound,
        message_ids: MessageIds,
        answered: AnsweredUpdates,
        owed: OwedAnswers,
        signer: Signer,
        clock: Clock,
        flush_outbox: Flush,
    ) -> None:
        """``flush_outbox`` is called after each update: it may have left messages there."""
        self._client = client
        self._dispatcher = dispatcher
        self._outbound = outbound
        self._message_ids = message_ids
        self._answered = answered
        self._owed = owed
        self._signer = signer
        self._clock = clock
        self._flush = flush_outbox
        self._answering: set[str] = set()
        self._handling = NamedLocks()
        self._answers: dict[str, AnswerQueue] = {}  # of the chats that something waits for
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, update: Update) -> None:
        """Handle one update. Returns once its effect is stored, or it needs none.

        Raises :class:`shop.errors.Unavailable` when it could not be stored: to be taken again. Of a
        payment or a refund that is so whatever broke (:class:`shop.errors.NotBooked`).
        """
        try:
            return await self._take(update)
        except Unavailable:
            raise
        except Exception as error:
            if money := payments.reported(update.to_dict()):
                raise await self._dispatcher.not_booked(money, error) from error
            raise

    async def take_polled(self, update: Update) -> None:
        """As :meth:`take`, for updates that have no answer: a pressed button is acknowledged by a
        call of its own, at once."""
        if update.callback_query:
            self.acknowledge(update.callback_query.id)
        await self.take(update)

    def acknowledge(self, query: str) -> None:
        """Begin to stop the spinner on a pressed button."""
        self._start(self._outbound.acknowledge(query))

    async def has_room(self) -> bool:
        """Whether the messages leave room, now, for an answer in a webhook's response; it counts
        then."""
        return await self._outbound.has_room()

    async def unreadable(self, fetched: Fetched) -> None:
        """Pass an update over that the library cannot read: no use in another try. Raises
        :class:`shop.errors.NotBooked` if it reports money."""
        log.error("telegram_update_unreadable", update=fetched.id)
        if fetched.money:
            raise await self._dispatcher.not_booked(fetched.money, Unreadable())

    async def _take(self, update: Update) -> None:
        if update.pre_checkout_query:
            return await self._answer_checkout(update.pre_checkout_query)
        if update.inline_query:
            return self._start(self._offer(update.inline_query))
        incoming = await self._translate(update)
        if incoming is None:
            return None
        below = 0 if incoming.group else _last_above(update)
        async with self._handling.of(incoming.person.id):
            await self._serve(incoming, below)
        return self._start(self._flush_outbox())

    async def drain(self, seconds: float) -> None:
        """Let the replies under way go out, for at most so long; then stop them."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()

    async def _translate(self, update: Update) -> Incoming | None:
        username = await self._client.handle()
        return translate(update, self._client, self._signer, self._clock(), username)

    async def _serve(self, incoming: Incoming, below: int) -> bool:
        """Whether there is something to say."""
        if incoming.event_id in self._answering:
            log.info("telegram_update_again", update=incoming.event_id)
            return True
        replies = await self._dispatcher.handle(incoming, self._answered.known)
        await self._answer(incoming, replies, below)
        return bool(replies)

    async def answer_again(self, incoming: Incoming, below: int) -> bool:
        """Answer an update that was stored by a process which was killed; whether there is
        something to say. Raises :class:`shop.errors.Unavailable`."""
        async with self._handling.of(incoming.person.id):
            return await self._serve(incoming, below)

    async def _answer(self, incoming: Incoming, replies: list[Reply], below: int) -> None:
        """Have them sent. Of an erasure it is noted, too, until then, to whom its receipt goes."""
        if replies and not incoming.group:
            await self._owed.note(incoming, below)
        # Queued within the lock, so that answers stand in the order of what they answer.
        self._answering.add(incoming.event_id)
        chat = incoming.group or incoming.person.id
        answer = Answer(incoming, replies, below)
        if queue := self._answers.get(chat):
            return queue.put(answer)
        queue = self._answers[chat] = AnswerQueue()
        queue.put(answer)
        return self._start(self._send_answers(chat, queue))

    async def _send_answers(self, chat: str, queue: AnswerQueue) -> None:
        """Send what waits for a chat, until nothing does."""
        try:
            while answer := queue.take():
                try:
                    await self._send_answer(chat, queue, answer)
                except Exception as error:  # boundary: what waits behind it is sent
                    event = answer.incoming.event_id
                    log.error("telegram_answer_lost", update=event, error=type(error).__name__)
        finally:
            del self._answers[chat]

    async def _send_answer(self, chat: str, queue: AnswerQueue, answer: Answer) -> None:
        incoming = answer.incoming
        try:
            for reply in queue.due(answer):
                if lost := await self._send_reply(answer, chat, reply):
                    instead = await self._dispatcher.unshown(incoming, reply, lost)
                    await self._send_reply(answer, chat, instead)
            await self._note_sent(incoming)
        except Unreachable:
            await self._mark_unreachable(incoming)
            await self._note_sent(incoming)
        except Unavailable:
            log.info("telegram_reply_not_made", update=incoming.event_id)
        finally:
            self._answering.discard(incoming.event_id)

    async def _note_sent(self, incoming: Incoming) -> None:
        """Or that it cannot be."""
        try:
            await self._owed.strike(incoming)
            await self._answered.note(incoming.event_id)
        except Unavailable:
            log.info("telegram_answer_not_noted", update=incoming.event_id)

    async def _send_reply(self, answer: Answer, chat: str, reply: Reply) -> Exception | None:
        """Nothing else would send it again: :class:`RetryLater` is waited for here, some times. Why
        it was not shown, where something else could be said instead."""
        event = answer.incoming.event_id
        for _ in range(_RETURNS):
            try:
                await self._outbound.send(chat, reply, below=answer.below, surely=answer.pressed)
                return None
            except RetryLater as wait:
                await asyncio.sleep(wait.after)
            except Unreachable:
                raise
            except GroupForbidden:  # thrown out of the group, or muted there
                return None
            except Exception as error:  # one bad reply must not swallow the next
                log.error("telegram_reply_lost", update=event, error=type(error).__name__)
                return None if isinstance(error, ConnectionError | TokenRefused) else error
        log.error("telegram_reply_lost", update=event, error="RetryLater")
        return None

    async def _mark_unreachable(self, incoming: Incoming) -> None:
        """They blocked us while we answered. Telegram sends an update of it too, but not always."""
        if incoming.group:
            return
        gone = Incoming(f"{incoming.event_id}:gone", incoming.person, self._clock(), Left())
        try:
            await self._dispatcher.handle(gone)
        except Unavailable:
            log.info("telegram_block_not_noted", update=incoming.event_id)

    async def _answer_checkout(self, query: PreCheckoutQuery) -> None:
        """Answer within Telegram's ten seconds, whatever else is going on. Raises Unavailable when
        Telegram does not hear the answer: it asks again, until it says that it is too late."""
        refusal = await payments.refusal(self._dispatcher, query)
        await self._outbound.count_urgent()
        try:
            await self._client.answer_pre_checkout_query(
                query.id, ok=refusal is None, error_message=refusal
            )
        except BadRequest as error:  # too late: unanswered, it is refused; nobody was charged
            log.warning("telegram_checkout_unanswered", error=type(error).__name__)
        except TelegramError as error:
            raise Unavailable("telegram does not hear whether a bill may be paid") from error

    async def _offer(self, query: InlineQuery) -> None:
        if not await self._outbound.has_room(patience=PRESS_SECONDS):
            log.info("telegram_share_unanswered", error="no room")  # they type on
            return
        try:
            await sharing.answer(self._client, self._dispatcher, self._message_ids, query)
        except (TelegramError, Unavailable) as error:  # they type on, and it is asked again
            log.info("telegram_share_unanswered", error=type(error).__name__)

    async def _flush_outbox(self) -> None:
        try:
            await self._flush()
        except Exception as error:  # the outbox worker's own look finds it
            log.warning("telegram_flush_failed", **told(error))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _last_above(update: Update) -> int:
    """The last message above the answer: what the person said, or what stands right above the
    message whose button they pressed, since that one itself may become the answer."""
    if update.message:
        return update.message.message_id
    pressed = update.callback_query and update.callback_query.message
    return pressed.message_id - 1 if pressed else 0
