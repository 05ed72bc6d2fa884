"""One Bot API call, made as patiently as Telegram and the network ask for.

Each message first passes the rate limiter (:mod:`bot.telegram.rate_limiter`). What a 429 asks of
one chat holds for that chat alone: the others go on. Telegram's errors end here, as ours: they can
carry the token, and nothing outside this package should know their types.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.outbound import GroupForbidden, RetryLater, Unreachable
from bot.telegram.client import TokenRefused
from bot.telegram.rate_limiter import RateLimiter

T = TypeVar("T")

UNCHANGED = "message is not modified"
"""Telegram's reason to refuse an edit after which all would look as before: as good as done."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_GONE = (
    "bot was blocked",
    "user_is_blocked",
    "user is deactivated",
    "user_deactivated",  # also as INPUT_USER_DEACTIVATED
    "chat not found",
    "user not found",
    "user_id_invalid",
    "peer_id_invalid",
    "bot can't initiate",
    "bot can't send messages to bots",
    "user_is_bot",
    "chat_write_forbidden",
)
"""By what a refusal says, in a chat with one person, that they cannot be written to. Most are 403
by themselves, whatever they say; within an album's ("failed to send message #1 with the error
message ...") and from servers of one's own the same are 400."""

_SHUT = (
    "not enough rights",
    "no rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_send_",
    "administrator rights",
    "deactivated",
    "not a member",
    "chat not found",
    "topic_closed",
)

log = structlog.get_logger()


class Refused(Exception):
    """Telegram will not do this however often it is asked. ``why`` is its own description."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why.lower()


class Moved(Exception):
    """The group became a supergroup: ``to`` is its chat id from now on."""

    def __init__(self, to: str) -> None:
        super().__init__("the group has another id now")
        self.to = to


class Caller:
    """Makes calls for chats, each repeated until Telegram has done it or refused it."""

    def __init__(self, patience: float, limiter: RateLimiter | None = None) -> None:
        """``patience``: seconds that the rate limiter, a 429 or an outage is waited for.
        Without ``limiter`` there is no limit of our own: for the few calls that set the bot up.
        """
        self._patience = patience
        self._limiter = limiter

    async def call(self, chat: str, make: Callable[[], Awaitable[T]], count: int = 1) -> T:
        """The call's result. ``make`` starts it anew for each attempt. ``count``: how many messages
        it is for Telegram; an album is as many as its pictures.

        An unanswered call is made again, although it may have had its effect: a message shown
        twice is better than a portrait lost. Raises :class:`~bot.outbound.Unreachable`,
        :class:`~bot.outbound.GroupForbidden`, :class:`Moved`, :class:`~bot.outbound.RetryLater`,
        :class:`Refused`, :class:`TokenRefused`, or ConnectionError.
        """
        end, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            if self._limiter:
                await self._limiter.acquire(chat, count, patience=end - time.monotonic())
            try:
                return await self._made(chat, make, count)
            except RetryAfter as wait:
                await self._wait_as_told(chat, seconds(wait), end)
            except TelegramError as error:
                trouble = _ours(error, chat)
                late = time.monotonic() + pause > end
                if late or not isinstance(trouble, ConnectionError):
                    raise trouble from None
                log.info("telegram_call_failed", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def call_once(self, make: Callable[[], Awaitable[object]]) -> None:
        """Make a call that is no message, in its turn and once, whatever comes of it: a message
        removed.
        """
        try:
            if self._limiter:
                await self._limiter.acquire("", patience=self._patience)
            await make()
        except (TelegramError, RetryLater) as error:
            log.info("telegram_remark_lost", error=type(error).__name__)

    async def call_if_room(
        self, chat: str, make: Callable[[], Awaitable[object]], *, patience: float = 0.0
    ) -> None:
        """As :meth:`call_once`, but all messages go before it, and it is left out where they leave
        no room within ``patience`` seconds: an upload shown, a button's spinner stopped."""
        if not await self.has_room(chat, patience=patience):
            return
        try:
            await make()
        except RetryAfter as wait:
            if self._limiter:
                await self._limiter.pause(chat, seconds(wait))
        except TelegramError as error:
            log.debug("telegram_courtesy_lost", error=type(error).__name__)

    async def has_room(self, chat: str = "", *, patience: float = 0.0) -> bool:
        """Whether the messages leave room for what is none within ``patience`` seconds; if so, it
        counts."""
        return self._limiter is None or await self._limiter.acquire_spare(chat, patience=patience)

    async def count_urgent(self) -> None:
        """Count a call that can wait for nobody: the messages keep their distance from it."""
        if self._limiter:
            await self._limiter.count_urgent()

    async def _made(self, chat: str, make: Callable[[], Awaitable[T]], count: int) -> T:
        began = time.monotonic()
        result = await make()
        if self._limiter:
            await self._limiter.record_sent(chat, count, time.monotonic() - began)
        return result

    async def _wait_as_told(self, chat: str, after: float, end: float) -> None:
        if self._limiter:
            return await self._limiter.pause(chat, after)  # the next acquire comes after it
        if time.monotonic() + after > end:
            raise RetryLater(after)
        return await asyncio.sleep(after)


def seconds(wait: RetryAfter) -> float:
    """How long a 429 asks to wait: python-telegram-bot gives an int or a timedelta."""
    after = wait.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()


def _ours(error: TelegramError, chat: str) -> Exception:
    group = chat.startswith("-")
    if isinstance(error, InvalidToken):
        return TokenRefused()
    if isinstance(error, ChatMigrated):
        return Moved(str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return GroupForbidden() if group else Unreachable()
    if isinstance(error, BadRequest):
        return _refusal(error.message, group)
    if isinstance(error, NetworkError):
        return ConnectionError("telegram did not answer")
    return Refused(type(error).__name__)


def _refusal(why: str, group: bool) -> Exception:
    if any(sign in why.lower() for sign in (_SHUT if group else _GONE)):
        return GroupForbidden() if group else Unreachable()
    return Refused(why)
