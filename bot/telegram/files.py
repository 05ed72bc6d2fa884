"""Fetching what people send: patient with the network, honest about what is too large."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.telegram.calls import seconds
from shop.errors import PhotoTooLarge

MEGABYTES = 20
"""The most that getFile hands out on Telegram's own servers."""

_PAUSES = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 30.0

Read = Callable[[], Awaitable[bytes]]

log = structlog.get_logger()


def reader(bot: Bot, file_id: str, size: int | None) -> Read:
    """How to fetch that file, when the desk wants it. ``size`` is what the update claims.

    The reader raises :class:`shop.errors.PhotoTooLarge`, or OSError when Telegram does not answer.
    """

    async def read() -> bytes:
        if (size or 0) > MEGABYTES * 1024 * 1024:
            raise PhotoTooLarge(megabytes=MEGABYTES)
        return await _patiently(bot, file_id)

    return read


async def _patiently(bot: Bot, file_id: str) -> bytes:
    for pause in (*_PAUSES, None):
        try:
            # The path is asked for again each time: it is good for an hour only.
            file = await bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())
        except BadRequest as refusal:
            if "too big" in refusal.message.lower():
                raise PhotoTooLarge(megabytes=MEGABYTES) from None
            # A file that is gone or not ours will not come back by asking again.
            raise OSError("telegram has no such file") from None
        except RetryAfter as wait:
            if pause is None:
                break
            await asyncio.sleep(min(seconds(wait), _LONGEST_WAIT))
        except (NetworkError, TelegramError) as trouble:
            log.info("telegram_download_failed", error=type(trouble).__name__)
            if pause is None:
                break
            await asyncio.sleep(pause)
    raise OSError("telegram did not hand out the file")
