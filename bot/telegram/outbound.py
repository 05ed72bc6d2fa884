"""Sends replies into Telegram chats, or edits the message of their message key in place."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from telegram import Message

from bot.outbound import RetryLater
from bot.state.sessions import MessageIds, RedisSessions
from bot.telegram import TELEGRAM
from bot.telegram.api_sender import ApiSender
from bot.telegram.buttons import Signer
from bot.telegram.calls import UNCHANGED, Caller, Moved, Refused
from bot.telegram.client import Client, TokenRefused
from bot.telegram.media_cache import MediaCache
from bot.telegram.message_plan import (
    ClipMessage,
    InvoiceMessage,
    MediaMessage,
    PhotoMessage,
    PlannedMessage,
    TextMessage,
    digest_of,
    plan_messages,
)
from bot.telegram.rate_limiter import RateLimiter
from handlers.chat import Reply, Say
from shop.errors import Unavailable

_DELIVERY = "~delivery"
_NEW = sys.maxsize  # below everything: a reply of several messages is never an edited one
_BUSY_SECONDS = 10.0
PRESS_SECONDS = 15.0
"""How long the answer to a press is worth waiting for: phones turn the spinner about that long, and
Telegram then says that the query is too old."""
_ABOVE = "~above"
_CLOSED = "closed"
_PASSING = "passing"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Standing:
    """The message in which a message key was last shown. ``kind`` is what it can be edited into
    (``words``, ``photo``, ``bill``), or :data:`_CLOSED`; ``digest`` of what it says; ``passing``:
    it says how far something is, and must not outlive it."""

    kind: str = ""
    number: int = 0
    digest: str = ""
    passing: bool = False

    @classmethod
    def read(cls, kept: str | None) -> "_Standing":
        """From ``words:17``, ``words:17:digest`` or ``words:17:digest:passing``."""
        kind, number, digest, passing, *_ = [*(kept or "").split(":"), "", "", ""]
        return cls(kind, int(number or 0), digest, passing == _PASSING)

    def written(self) -> str:
        passing = f":{_PASSING}" if self.passing else ""
        return f"{self.kind}:{self.number}:{self.digest}{passing}"


class TelegramOutbound:
    """:class:`bot.outbound.Outbound` for Telegram. ``chat`` is the person's id, or a group's.

    The message of a message key is remembered with what it says: an edit after which all would be
    as before is not made, and waits for nobody's turn. The dialogue and the outbox worker are two
    processes that may send under the same key at once: one lock a chat keeps them from showing it
    twice.
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
        self._bot = bot
        self._sender = ApiSender(bot, signer)
        self._message_ids = message_ids
        self._sessions = sessions
        self._caller = Caller(patience, limiter)
        self._media = MediaCache(message_ids, self._caller, self._sender)

    async def way_back(self) -> str:
        """The address that opens the chat; "" while Telegram does not say who we are."""
        try:
            username = await self._bot.handle()
        except (TokenRefused, Unavailable):
            return ""
        return f"https://t.me/{username}" if username else ""

    async def send(
        self, chat: str, reply: Reply, *, key: str = "", below: int = 0, surely: bool = False
    ) -> None:
        """Deliver one reply, which may take several messages.

        With a ``key`` (``{outbox message}:{index}``), a delivery that was broken off goes on behind
        the last message that is known to have been shown. ``below``: the person's own message that
        this answers; the message of a key that stands above it is sent anew under it, and the old
        one is deleted, for nobody looks there any more. ``surely``: an edit is made even where
        nothing seems to change, since the person may have deleted the message.

        Raises :class:`bot.outbound.Unreachable`, :class:`bot.outbound.GroupForbidden`,
        :class:`bot.outbound.RetryLater`, ConnectionError, or :class:`bot.telegram.calls.Refused`.
        """
        try:
            async with self._sessions.named_lock("send", TELEGRAM, chat):
                if isinstance(reply, Say) and reply.closes:
                    return await self._close(chat, reply)
                await self._deliver(chat, reply, key, below, surely)
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

    async def has_room(self, *, patience: float = 0.0) -> bool:
        """Whether the messages leave room, now or within ``patience`` seconds, for an answer that
        is none; if so, it counts."""
        return await self._caller.has_room(patience=patience)

    async def count_urgent(self) -> None:
        """Count an answer that goes at once, whatever waits."""
        await self._caller.count_urgent()

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop the message ids, whenever made: a later message is then new instead of an edited
        one.

        The messages themselves are in Telegram's hands, and the person's; but for those that say
        how far something is, which goes on no more: they are deleted.
        """
        for kept in (await self._message_ids.all(TELEGRAM, chat)).values():
            if kept.endswith(f":{_PASSING}"):
                number = _Standing.read(kept).number
                await self._caller.call_once(partial(self._sender.delete, chat, number))
        await self._message_ids.drop(TELEGRAM, chat)

    async def _close(self, chat: str, reply: Say) -> None:
        """The last word of a key's message, in its place; where it cannot be edited, it goes."""
        old = _Standing.read(await self._message_ids.get(TELEGRAM, chat, reply.message_key))
        if not old.kind or old.kind == _CLOSED:
            return
        (*_, planned) = plan_messages(reply)
        if not await self._edit(chat, old, planned):
            await self._caller.call_once(partial(self._sender.delete, chat, old.number))
        if old.kind == "bill":
            await self._remove_above(chat, reply.message_key)
        closed = _Standing(_CLOSED, old.number).written()
        await self._message_ids.put(TELEGRAM, chat, reply.message_key, closed)

    async def _deliver(self, chat: str, reply: Reply, key: str, below: int, surely: bool) -> None:
        whole = plan_messages(reply)
        message_ids = _message_keys(reply.message_key, whole)
        for number in range(await self._shown(chat, key, len(whole)), len(whole)):
            # Of several messages none is edited, for they shall stand together.
            above = below if len(whole) == 1 else _NEW
            await self._bring(chat, whole[number], message_ids[number], above, surely)
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
        self, chat: str, planned: PlannedMessage, message_key: str, below: int, surely: bool
    ) -> None:
        kept = await self._message_ids.get(TELEGRAM, chat, message_key) if message_key else None
        old = _Standing.read(kept)
        if old.kind == _CLOSED:
            if _passes(planned) and below <= old.number:
                return  # it was on its way when the end of it was told
            old = _Standing()
        new = _Standing(_kind(planned), old.number, digest_of(planned), _passes(planned))
        stands = old.number > below
        if stands and old == new and not surely:
            return
        if stands and await self._edit(chat, old, planned):
            await self._note(chat, message_key, old, new)
            return
        sent = replace(new, number=await self._post(chat, planned))
        await self._note(chat, message_key, old, sent)
        # A bill that is out of date must not stand where it could be paid.
        moved = old.number <= below < _NEW
        if old.number and (old.kind == "bill" or message_key.endswith(_ABOVE) or moved):
            await self._caller.call_once(partial(self._sender.delete, chat, old.number))
        if old.kind == "bill" and not isinstance(planned, InvoiceMessage):
            await self._remove_above(chat, message_key)

    async def _remove_above(self, chat: str, message_key: str) -> None:
        """What stood above a bill goes with it, once something else stands in its place."""
        key = f"{message_key}{_ABOVE}"
        above = _Standing.read(await self._message_ids.get(TELEGRAM, chat, key))
        if above.number:
            await self._message_ids.put(TELEGRAM, chat, key, "")
            await self._caller.call_once(partial(self._sender.delete, chat, above.number))

    async def _note(self, chat: str, message_key: str, old: _Standing, new: _Standing) -> None:
        if message_key and new != old:
            await self._message_ids.put(TELEGRAM, chat, message_key, new.written())

    async def _edit(self, chat: str, old: _Standing, planned: PlannedMessage) -> bool:
        """Edit that message in place; False when a new one has to be sent."""
        try:
            match planned:
                case TextMessage() if old.kind == "words":
                    edit = partial(self._sender.edit_text, chat, old.number, planned)
                    await self._caller.call(chat, edit)
                case PhotoMessage() | ClipMessage() if (
                    old.kind in ("words", "photo") and not planned.original
                ):
                    await self._media.show(
                        chat, planned, partial(self._sender.edit_media, chat, old.number, planned)
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
            case ClipMessage(original=False):
                try:
                    sent = await self._show(chat, planned)
                except Refused as refusal:  # as a video: the file itself is theirs all the same
                    log.warning("telegram_clip_as_file", why=refusal.why)
                    sent = await self._show(chat, replace(planned, original=True))
            case _:
                sent = await self._show(chat, planned)
        return sent.message_id

    async def _show(self, chat: str, planned: MediaMessage) -> Message:
        """Send pictures or a clip as new; the (last) message."""
        make = partial(self._sender.send_media, chat, planned)
        return (await self._media.show(chat, planned, make))[-1]


def _message_keys(message_key: str, whole: Sequence[PlannedMessage]) -> list[str]:
    """The message key of each message: the reply's is its last one's. What stands above a bill has
    one as well, so that both go together.
    """
    above = (
        f"{message_key}{_ABOVE}" if message_key and isinstance(whole[-1], InvoiceMessage) else ""
    )
    return [above] * (len(whole) - 1) + [message_key]


def _passes(planned: PlannedMessage) -> bool:
    """Whether it says how far something is, or shows what will be erased."""
    if isinstance(planned, PhotoMessage):
        return planned.passing
    return isinstance(planned, TextMessage) and planned.quiet


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
