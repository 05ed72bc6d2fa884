"""Sends replies into Telegram chats, or edits the message of their message key in place."""

import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.outbound import RetryLater
from bot.state.sessions import MessageIds, RedisSessions
from bot.telegram import TELEGRAM
from bot.telegram.api_sender import ApiSender
from bot.telegram.buttons import Signer
from bot.telegram.calls import UNCHANGED, Caller, Moved, Refused
from bot.telegram.client import Client
from bot.telegram.media_cache import MediaCache
from bot.telegram.message_plan import (
    ClipMessage,
    InvoiceMessage,
    PhotoMessage,
    PlannedMessage,
    TextMessage,
    plan_messages,
)
from bot.telegram.rate_limiter import RateLimiter
from handlers.chat import Reply
from shop.errors import Unavailable

_DELIVERY = "~delivery"
_NEW = sys.maxsize  # below everything: a reply of several messages is never an edited one
_BUSY_SECONDS = 10.0
PRESS_SECONDS = 15.0
"""How long the answer to a press is worth waiting for: phones turn the spinner about that long, and
Telegram then says that the query is too old."""
_ABOVE = "~above"


class TelegramOutbound:
    """:class:`bot.outbound.Outbound` for Telegram. ``chat`` is the person's id, or a group's.

    A message key is remembered with ``words:17``, ``photo:17`` or ``bill:17``: the kind says what
    the message can be edited into. The dialogue and the outbox worker are two processes that may
    send under the same key at once: one lock a chat keeps them from showing it twice.
    """

    def __init__(
        self,
        bot: Client,
        message_ids: MessageIds,
        sessions: RedisSessions,
        limiter: RateLimiter,
        signer: Signer,
        *,
        patience: float = 5.0,
    ) -> None:
        """``patience``: seconds that ``send`` waits for the rate limiter or a 429 before it
        raises."""
        self._sender = ApiSender(bot, signer)
        self._message_ids = message_ids
        self._sessions = sessions
        self._caller = Caller(patience, limiter)
        self._media = MediaCache(message_ids, self._caller, self._sender)

    async def send(self, chat: str, reply: Reply, *, key: str = "", below: int = 0) -> None:
        """Deliver one reply, which may take several messages.

        With a ``key`` (``{outbox message}:{index}``), a delivery that was broken off goes on behind
        the last message that is known to have been shown. ``below``: the person's own message that
        this answers; the message of a key that stands above it is sent anew under it, and the old
        one is deleted, for nobody looks there any more.

        Raises :class:`bot.outbound.Unreachable`, :class:`bot.outbound.GroupForbidden`,
        :class:`bot.outbound.RetryLater`, ConnectionError, or :class:`bot.telegram.calls.Refused`.
        """
        try:
            async with self._sessions.named_lock("send", TELEGRAM, chat):
                await self._deliver(chat, reply, key, below)
        except Moved as moved:  # a group alone: its messages have other numbers there
            await self._message_ids.drop(TELEGRAM, chat)
            await self.send(moved.to, reply, key=key)
        except (TimeoutError, Unavailable):  # another process sends to them, slowly
            raise RetryLater(_BUSY_SECONDS) from None

    async def acknowledge(self, query: str) -> None:
        """Stop the spinner on a pressed button: a message says what it did. All messages go before
        it; without room while Telegram takes it, and after an error, only the spinner suffers.
        """
        make = partial(self._sender.acknowledge, query)
        await self._caller.call_if_room("", make, patience=PRESS_SECONDS)

    async def has_room(self) -> bool:
        """Whether the messages leave room, now, for an answer that is none; if so, it counts."""
        return await self._caller.has_room()

    async def count_urgent(self) -> None:
        """Count an answer that goes at once, whatever waits."""
        await self._caller.count_urgent()

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop the message ids, whenever made: a later message is then new instead of an edited
        one.

        The messages themselves are in Telegram's hands, and the person's.
        """
        await self._message_ids.drop(TELEGRAM, chat)

    async def _deliver(self, chat: str, reply: Reply, key: str, below: int) -> None:
        whole = plan_messages(reply)
        message_ids = _message_keys(reply.message_key, whole)
        for number in range(await self._shown(chat, key, len(whole)), len(whole)):
            # Of several messages none is edited, for they shall stand together.
            above = below if len(whole) == 1 else _NEW
            await self._bring(chat, whole[number], message_ids[number], above)
            if key:
                await self._message_ids.put(TELEGRAM, chat, _DELIVERY, f"{key}:{number + 1}")

    async def _shown(self, chat: str, key: str, all_of_them: int) -> int:
        """How many messages of that delivery are known to have been shown."""
        if not key:
            return 0
        latest = await self._message_ids.get(TELEGRAM, chat, _DELIVERY) or "::0"
        message, index, count = latest.rsplit(":", 2)
        name, _, number = key.rpartition(":")
        if message != name or int(number) > int(index):
            return 0
        return int(count) if number == index else all_of_them

    async def _bring(
        self, chat: str, planned: PlannedMessage, message_key: str, below: int
    ) -> None:
        old = await self._message_ids.get(TELEGRAM, chat, message_key) if message_key else None
        kind, _, stands = (old or "").partition(":")
        at = int(stands or 0)
        if at > below and await self._edit(chat, kind, at, planned):
            await self._note(chat, message_key, old, planned, at)
            return
        sent = await self._post(chat, planned)
        await self._note(chat, message_key, old, planned, sent)
        # A bill that is out of date must not stand where it could be paid.
        if at and (kind == "bill" or message_key.endswith(_ABOVE) or at <= below < _NEW):
            await self._caller.call_once(partial(self._sender.delete, chat, at))
        if kind == "bill" and not isinstance(planned, InvoiceMessage):
            await self._remove_above(chat, message_key)

    async def _remove_above(self, chat: str, message_key: str) -> None:
        """What stood above a bill goes with it, once something else stands in its place."""
        above = await self._message_ids.get(TELEGRAM, chat, f"{message_key}{_ABOVE}") or ""
        if stands := above.partition(":")[2]:
            await self._message_ids.put(TELEGRAM, chat, f"{message_key}{_ABOVE}", "")
            await self._caller.call_once(partial(self._sender.delete, chat, int(stands)))

    async def _note(
        self, chat: str, message_key: str, old: str | None, planned: PlannedMessage, number: int
    ) -> None:
        message = f"{_kind(planned)}:{number}"
        if message_key and message != old:
            await self._message_ids.put(TELEGRAM, chat, message_key, message)

    async def _edit(self, chat: str, kind: str, message: int, planned: PlannedMessage) -> bool:
        """Edit that message in place; False when a new one has to be sent."""
        try:
            match planned:
                case TextMessage() if kind == "words":
                    edit = partial(self._sender.edit_text, chat, message, planned)
                    await self._caller.call(chat, edit)
                case PhotoMessage() | ClipMessage() if (
                    kind in ("words", "photo") and not planned.original
                ):
                    await self._media.show(
                        chat, planned, partial(self._sender.edit_media, chat, message, planned)
                    )
                case _:
                    return False
        except Refused as refusal:
            # Any other refusal: erased by the person, too old, or of another kind after all.
            return UNCHANGED in refusal.why
        return True

    async def _post(self, chat: str, planned: PlannedMessage) -> int:
        """Send it as new; the id of its (last) message."""
        match planned:
            case TextMessage():
                return await self._caller.call(chat, partial(self._sender.send_text, chat, planned))
            case InvoiceMessage():
                sent = await self._caller.call(
                    chat, partial(self._sender.send_invoice, chat, planned)
                )
            case _:
                shown = await self._media.show(
                    chat, planned, partial(self._sender.send_media, chat, planned)
                )
                sent = shown[-1]
        return sent.message_id


def _message_keys(message_key: str, whole: Sequence[PlannedMessage]) -> list[str]:
    """The message key of each message: the reply's is its last one's. What stands above a bill has
    one as well, so that both go together.
    """
    above = (
        f"{message_key}{_ABOVE}" if message_key and isinstance(whole[-1], InvoiceMessage) else ""
    )
    return [above] * (len(whole) - 1) + [message_key]


def _kind(planned: PlannedMessage) -> str:
    match planned:
        case TextMessage():
            return "words"
        case InvoiceMessage():
            return "bill"
        case PhotoMessage(original=False) | ClipMessage(original=False):
            return "photo"
        case _:
            return "files"
