"""The Bot API client: python-telegram-bot's, with patient timeouts, and updates one by one."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from telegram import Bot, Update
from telegram.request import HTTPXRequest

from bot.telegram.secrecy import hush

API_URL = "https://api.telegram.org"
WANTED = ("message", "callback_query", "my_chat_member")
"""The kinds of updates that we ask for. Edited messages are not among them: what was said first
has had its effect already."""


class TokenRefused(Exception):
    """Telegram does not know this token. Says nothing of it."""

    def __init__(self) -> None:
        super().__init__("Telegram refused EIDER_TELEGRAM_TOKEN: is it as BotFather gave it?")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One update; ``update`` is None when this version of the library cannot read it."""

    id: int
    update: Update | None


class Client(Bot):
    """A :class:`telegram.Bot` that can hand out updates without tripping over a strange one."""

    __slots__ = ()

    async def fetch(self, offset: int, wait: float, kinds: Sequence[str] = WANTED) -> list[Fetched]:
        """Ask once for at most 100 updates from ``offset`` on, for up to ``wait`` whole seconds.

        Asking with an offset tells Telegram that all updates below it are done with.
        ``Bot.get_updates`` loses the whole batch if it cannot parse one update, and logs them all.
        """
        found = await self._post(
            "getUpdates",
            {"offset": offset or None, "timeout": int(wait), "allowed_updates": list(kinds)},
            read_timeout=wait + 10,
        )
        return [Fetched(raw["update_id"], self._parse(raw)) for raw in found]

    def _parse(self, raw: dict[str, object]) -> Update | None:
        try:
            return Update.de_json(raw, self)
        except Exception:  # whatever a future Bot API brings must not stop the others
            return None


@asynccontextmanager
async def open_client(token: str, api_url: str = API_URL) -> AsyncIterator[Client]:
    """A client, open within the block. ``api_url`` may be a Bot API server of one's own.

    Sends nothing yet: a process may start while Telegram is away.
    """
    hush(token)
    # python-telegram-bot's own switch: without it each 429 warns of a type that will change.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    async with (
        HTTPXRequest(
            connect_timeout=10,
            read_timeout=30,
            write_timeout=30,
            media_write_timeout=120,
            pool_timeout=30,
        ) as talk,
        HTTPXRequest(connection_pool_size=2, connect_timeout=10, pool_timeout=10) as listen,
    ):
        yield Client(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            request=talk,
            get_updates_request=listen,
        )
