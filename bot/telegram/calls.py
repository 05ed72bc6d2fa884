"""One Bot API call, made as patiently as Telegram and the network ask for.

What a 429 asks of one chat holds for that chat alone: the others go on. Telegram's errors end
here, as ours: they can carry the token, and nobody outside this room should know their types.
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

from bot.outbound import Retry, Unreachable
from bot.telegram.client import TokenRefused

T = TypeVar("T")

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "bot can't initiate")

log = structlog.get_logger()


class Refused(Exception):
    """Telegram will not do this however often it is asked. ``why`` is its own description."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why.lower()


class Caller:
    """Makes calls for chats, each repeated until Telegram has done it or refused it."""

    def __init__(self, patience: float) -> None:
        """``patience``: seconds that a 429 or an outage is waited out here, in the call."""
        self._patience = patience
        self._closed_until: dict[str, float] = {}

    async def call(self, chat: str, make: Callable[[], Awaitable[T]]) -> T:
        """The call's result. ``make`` starts it anew for each attempt.

        An unanswered call is made again, although it may have had its effect: a message shown
        twice is better than a portrait lost. Raises :class:`~bot.outbound.Unreachable`,
        :class:`~bot.outbound.Retry`, :class:`Refused`, :class:`TokenRefused`, or ConnectionError.
        """
        waited, pause = 0.0, _FIRST_PAUSE
        while True:
            await self._wait_for(chat)
            try:
                return await make()
            except RetryAfter as wait:
                self._close(chat, seconds(wait))
            except TelegramError as error:
                trouble = _ours(error)
                if not isinstance(trouble, ConnectionError) or waited + pause > self._patience:
                    raise trouble from None
                log.info("telegram_call_failed", error=type(error).__name__)
                await asyncio.sleep(pause)
                waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)

    def _close(self, chat: str, after: float) -> None:
        now = time.monotonic()
        self._closed_until = {c: t for c, t in self._closed_until.items() if t > now}
        self._closed_until[chat] = now + after

    async def _wait_for(self, chat: str) -> None:
        left = self._closed_until.get(chat, 0.0) - time.monotonic()
        if left > self._patience:
            raise Retry(left)
        if left > 0:
            await asyncio.sleep(left)


def seconds(wait: RetryAfter) -> float:
    """How long a 429 asks to wait: python-telegram-bot gives an int or a timedelta."""
    after = wait.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()


def _ours(error: TelegramError) -> Exception:
    if isinstance(error, InvalidToken):
        return TokenRefused()
    if isinstance(error, Forbidden | ChatMigrated):
        return Unreachable()
    if isinstance(error, BadRequest):
        gone = any(sign in error.message.lower() for sign in _GONE)
        return Unreachable() if gone else Refused(error.message)
    if isinstance(error, NetworkError):
        return ConnectionError("telegram did not answer")
    return Refused(type(error).__name__)
