"""The Bot API client: python-telegram-bot's, with patient timeouts, and updates one by one."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from telegram import Bot, Update
from telegram.error import InvalidToken, TelegramError

from bot.telegram.log_redaction import redact
from bot.telegram.payments import reported
from bot.telegram.request import AiohttpRequest
from shop.errors import CannotStart, Unavailable
from shop.orders.booking_failures import TillReport

API_URL = "https://api.telegram.org"
WANTED = ("message", "callback_query", "my_chat_member", "inline_query", "pre_checkout_query")
"""The kinds of updates that we ask for. Edited messages are not among them: what was said first
has had its effect already."""


class TokenRefused(CannotStart):
    """Telegram does not know this token. Says nothing of it."""

    def __init__(self) -> None:
        super().__init__("Telegram refused EIDER_TELEGRAM_TOKEN: is it as BotFather gave it?")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One update; ``update`` is None when this version of the library cannot read it. ``money``:
    the payment or refund that it then reports all the same."""

    id: int
    update: Update | None
    money: TillReport | None = None


class Client(Bot):
    """A :class:`telegram.Bot` that hands out updates without tripping over a strange one, and files
    without taking in more than it is asked for.
    """

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
        return [self.read(raw) for raw in found]

    def read(self, raw: dict[str, Any]) -> Fetched:
        """One update as Telegram wrote it; ``raw`` has at least its ``update_id``."""
        try:
            return Fetched(raw["update_id"], Update.de_json(raw, self))
        except Exception:  # whatever a future Bot API brings must not stop the others
            return Fetched(raw["update_id"], None, reported(raw))

    async def say(self, chat: int, text: str, **more: object) -> int:
        """As ``Bot.send_message``, with its arguments by their names; the new message's id alone:
        the message comes back whole, and is not read."""
        sent = await self._post("sendMessage", {"chat_id": chat, "text": text} | more)
        return int(sent["message_id"])

    async def say_instead(self, chat: int, message: int, text: str, **more: object) -> None:
        """As ``Bot.edit_message_text``, likewise."""
        data: dict[str, object] = {"chat_id": chat, "message_id": message, "text": text}
        await self._post("editMessageText", data | more)

    async def locate(self, file_id: str) -> str:
        """Where that file lies: a path for :meth:`download`, good for an hour, or, in local mode,
        an absolute one on the disk that we share with the Bot API server.

        ``Bot.get_file`` would take any path that happens to exist here for a local file.
        """
        found = await self._post("getFile", {"file_id": file_id})
        return str(found.get("file_path", ""))

    async def download(self, path: str, most: int) -> bytes:
        """The file at that path. Raises :class:`bot.telegram.request.TooMuch` when it has more
        bytes than ``most``, and :class:`telegram.error.NetworkError`.
        """
        request = cast(AiohttpRequest, self.request)
        return await request.download(f"{self.base_file_url}/{quote(path)}", most)

    async def handle(self) -> str:
        """The bot's own username, asked for once. Raises :class:`shop.errors.Unavailable`."""
        if self._bot_user is None:
            try:
                await self.get_me()
            except InvalidToken:
                raise TokenRefused from None
            except TelegramError:
                raise Unavailable("telegram does not say who we are") from None
        return self.bot.username or ""


@asynccontextmanager
async def open_client(
    token: str, api_url: str = API_URL, *, local: bool = False
) -> AsyncIterator[Client]:
    """A client, open within the block. ``api_url`` may be a Bot API server of one's own; ``local``
    says that it runs in its local mode, on a disk that is seen from here.

    Sends nothing yet: a process may start while Telegram is away.
    """
    redact(token)
    # python-telegram-bot's own switch: without it each 429 warns of a type that will change.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    # Updates have connections of their own: no number of uploads keeps them from being asked for.
    async with AiohttpRequest(128) as talk, AiohttpRequest(2) as listen:
        yield Client(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            request=talk,
            get_updates_request=listen,
            local_mode=local,
        )
