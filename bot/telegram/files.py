"""Fetching what people send: patient with the network, honest about what is too large."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.telegram.calls import seconds
from bot.telegram.client import Client
from bot.telegram.request import TooMuch
from handlers.chat import Reserve
from shop.errors import PhotoTooLarge
from shop.photos.decoding import MAX_BYTES

MEGABYTE = 1024 * 1024
CLOUD_BYTES = 20 * MEGABYTE
"""The most that getFile hands out on Telegram's own servers. One's own has no limit but ours."""

_PAUSES = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 30.0

Read = Callable[[Reserve], Awaitable[bytes]]

log = structlog.get_logger()


def reader(client: Client, file_id: str, size: int | None) -> Read:
    """How to fetch that file, when the dispatcher wants it. ``size`` is what the update claims.

    The reader raises :class:`shop.errors.PhotoTooLarge`, or OSError when Telegram does not answer.
    """
    most = MAX_BYTES if client.local_mode else CLOUD_BYTES

    async def read(reserve: Reserve) -> bytes:
        if (size or 0) > most:
            raise PhotoTooLarge(megabytes=most // MEGABYTE)
        await reserve(size or most)
        return await _patiently(client, file_id, most)

    return read


async def _patiently(client: Client, file_id: str, most: int) -> bytes:
    for pause in (*_PAUSES, None):
        try:
            # The path is asked for again each time: it is good for an hour only.
            return await _fetch(client, await client.locate(file_id), most)
        except TooMuch:
            raise PhotoTooLarge(megabytes=most // MEGABYTE) from None
        except BadRequest as refusal:
            if "too big" in refusal.message.lower():
                raise PhotoTooLarge(megabytes=most // MEGABYTE) from None
            # A file that is gone or not ours will not come back by asking again.
            raise OSError("telegram has no such file") from None
        except RetryAfter as wait:
            if pause is None:
                break
            await asyncio.sleep(min(seconds(wait), _LONGEST_WAIT))
        except (TelegramError, OSError) as trouble:
            log.info("telegram_download_failed", error=type(trouble).__name__)
            if pause is None:
                break
            await asyncio.sleep(pause)
    raise OSError("telegram did not hand out the file")


async def _fetch(client: Client, path: str, most: int) -> bytes:
    if not os.path.isabs(path):
        return await client.download(path, most)
    if not client.local_mode:
        log.error("telegram_server_is_local", hint="EIDER_TELEGRAM_LOCAL=yes, on a shared disk")
        raise OSError("the Bot API server names files of its own disk")
    own = {client.token, client.token.replace(":", "~")} & set(Path(path).parts)
    return await asyncio.to_thread(_read, Path(path), most, bool(own))


def _read(path: Path, most: int, own: bool) -> bytes:
    """A file on the disk that we share with the Bot API server. Its path holds the token.

    ``own``: it lies in the folder that the server keeps for this bot. There it is a copy, of which
    the server would get rid in a day, and which it fetches again if asked to: ours goes at once.
    """
    if not path.is_file():
        log.error("telegram_file_not_here", hint="is the Bot API server's folder mounted here?")
        raise FileNotFoundError
    with path.open("rb") as file:
        data = file.read(most + 1)
    try:
        if own:
            path.unlink(missing_ok=True)
    except OSError:
        log.warning("telegram_copy_left", hint="the Bot API server keeps uploads for a day")
    if len(data) > most:
        raise TooMuch
    return data
