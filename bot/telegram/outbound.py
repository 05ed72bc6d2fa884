"""Replies into a Telegram chat: sent, or edited where their slot stands already."""

import contextlib
import sys
from datetime import datetime
from functools import partial
from typing import Protocol

from telegram import Bot
from telegram.error import TelegramError

from bot.outbound import Retry
from bot.telegram.buttons import Signer
from bot.telegram.calls import Caller, Refused
from bot.telegram.letters import Album, Letter, Single, Words, letters
from bot.telegram.scribe import Scribe
from handlers.chat import Reply
from handlers.session import PersonLock
from shop.records import Platform

_DELIVERY = "~delivery"
_NEW = sys.maxsize  # below everything: a reply of several messages is never an edited one
_BUSY_SECONDS = 10.0
_UNCHANGED = "message is not modified"


class SlotBook(Protocol):
    """What :class:`bot.sessions.Slots` offers: which message a slot was last shown in."""

    async def get(self, platform: str, person: str, slot: str) -> str | None: ...

    async def put(self, platform: str, person: str, slot: str, message: str) -> None: ...

    async def drop(self, platform: str, person: str, slot: str = "") -> None: ...


class Lines(Protocol):
    """What :class:`bot.sessions.RedisSessions` offers: locks that all processes see."""

    def line(self, purpose: str, platform: str, person: str) -> PersonLock: ...


class TelegramOutbound:
    """:class:`bot.outbound.Outbound` for private chats. ``chat`` is the person's Telegram id.

    A slot is remembered as ``words:17`` or ``photo:17``: the kind says what it can become. The
    dialogue and the courier are two processes that may fill the same slot at once: one line a chat
    keeps them from showing it twice.
    """

    def __init__(
        self, bot: Bot, slots: SlotBook, lines: Lines, signer: Signer, *, patience: float = 3.0
    ) -> None:
        """``patience``: the longest 429 in seconds that ``send`` sits out instead of raising."""
        self._scribe = Scribe(bot, signer)
        self._slots = slots
        self._lines = lines
        self._caller = Caller(patience)

    async def send(self, chat: str, reply: Reply, *, key: str = "", below: int = 0) -> None:
        """Deliver one reply, which may take several messages.

        With a ``key`` (``{errand}:{index}``), a delivery that was broken off goes on behind the
        last message that is known to have been shown. ``below``: the person's own message that
        this answers; a slot that stands above it is shown anew under it, and its old message goes,
        for nobody looks there any more.

        Raises :class:`bot.outbound.Unreachable`, :class:`bot.outbound.Retry`, ConnectionError, or
        :class:`bot.telegram.calls.Refused`.
        """
        try:
            async with self._lines.line("mouth", Platform.TELEGRAM, chat):
                await self._deliver(chat, reply, key, below)
        except TimeoutError:  # another process speaks to them, slowly
            raise Retry(_BUSY_SECONDS) from None

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop the slots, whenever made: a later message is then new instead of an edited one.

        The messages themselves are in Telegram's hands, and the person's.
        """
        await self._slots.drop(Platform.TELEGRAM, chat)

    async def _deliver(self, chat: str, reply: Reply, key: str, below: int) -> None:
        whole = letters(reply)
        last = len(whole) - 1
        for number in range(await self._shown(chat, key, len(whole)), len(whole)):
            slot = reply.slot if number == last else ""
            await self._bring(chat, whole[number], slot, below if last == 0 else _NEW)
            if key:
                await self._slots.put(Platform.TELEGRAM, chat, _DELIVERY, f"{key}:{number + 1}")

    async def _shown(self, chat: str, key: str, all_of_them: int) -> int:
        """How many messages of that delivery are known to have been shown."""
        if not key:
            return 0
        latest = await self._slots.get(Platform.TELEGRAM, chat, _DELIVERY) or "::0"
        errand, index, count = latest.rsplit(":", 2)
        name, _, number = key.rpartition(":")
        if errand != name or int(number) > int(index):
            return 0
        return int(count) if number == index else all_of_them

    async def _bring(self, chat: str, letter: Letter, slot: str, below: int) -> None:
        old = await self._slots.get(Platform.TELEGRAM, chat, slot) if slot else None
        kind, _, stands = (old or "").partition(":")
        at = int(stands or 0)
        if at > below and await self._edit(chat, kind, at, letter):
            await self._note(chat, slot, old, letter, at)
            return
        sent = await self._post(chat, letter)
        await self._note(chat, slot, old, letter, sent)
        if 0 < at <= below < _NEW:
            await self._remove(chat, at)

    async def _note(
        self, chat: str, slot: str, old: str | None, letter: Letter, number: int
    ) -> None:
        message = f"{_kind(letter)}:{number}"
        if slot and message != old:
            await self._slots.put(Platform.TELEGRAM, chat, slot, message)

    async def _edit(self, chat: str, kind: str, message: int, letter: Letter) -> bool:
        """Turn the slot's message into this letter; False when it has to be sent anew."""
        match letter:
            case Words() if kind == "words":
                edit = partial(self._scribe.edit_words, chat, message, letter)
            case Single(original=False) if kind in ("words", "photo"):
                edit = partial(self._scribe.edit_photo, chat, message, letter)
            case _:
                return False
        try:
            await self._caller.call(chat, edit)
        except Refused as refusal:
            # Any other refusal: erased by the person, too old, or of another kind after all.
            return _UNCHANGED in refusal.why
        return True

    async def _post(self, chat: str, letter: Letter) -> int:
        """Send it as new; the id of its (last) message."""
        match letter:
            case Words():
                sent = await self._caller.call(chat, partial(self._scribe.words, chat, letter))
            case Single():
                await self._announce(chat, letter.original)
                sent = await self._caller.call(chat, partial(self._scribe.single, chat, letter))
            case Album():
                await self._announce(chat, letter.original)
                album = await self._caller.call(chat, partial(self._scribe.album, chat, letter))
                sent = album[-1]
        return sent.message_id

    async def _remove(self, chat: str, message: int) -> None:
        # Older than two days, or gone already: then it stays where it is, harmless.
        with contextlib.suppress(TelegramError):
            await self._scribe.remove(chat, message)

    async def _announce(self, chat: str, original: bool) -> None:
        # A courtesy: the pictures themselves will meet, and report, the same trouble.
        with contextlib.suppress(TelegramError):
            await self._scribe.announce(chat, original=original)


def _kind(letter: Letter) -> str:
    match letter:
        case Words():
            return "words"
        case Single(original=False):
            return "photo"
        case _:
            return "files"
