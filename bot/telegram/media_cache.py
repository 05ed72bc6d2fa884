"""The media cache: a picture or a clip is uploaded once, and later sent by its file id.

A portrait's or a clip's file id is remembered with the person's message ids, as ``~file:{id}``, and
is dropped with them; not with a group's, where others shall find nothing. The catalogue's previews
are remembered once for all people, by their version or what is in them, for a release may bring
another picture under the same name. Everything else (a photo under review, a sample of a training)
is not remembered, for with a file id one could fetch it again.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from hashlib import blake2b
from typing import Final

import structlog
from telegram import Message

from bot.state.sessions import MessageIds
from bot.telegram import TELEGRAM
from bot.telegram.api_sender import ApiSender, Known
from bot.telegram.calls import UNCHANGED, Caller, Refused
from bot.telegram.message_plan import MediaMessage, media_of
from handlers.chat import ClipFile, Picture

EVERYBODY: Final = "~everybody"
UPLOAD_BYTES: Final = 50 * 1024 * 1024
"""The largest file that Telegram takes from a bot. No portrait of ours comes near it."""

_PREVIEW: Final = "preview"
_ANNOUNCED_SECONDS: Final = 4.5  # a chat action is shown for five
_ANNOUNCE_PATIENCE: Final = 1.0

Sent = Sequence[Message]

log = structlog.get_logger()


def message_key_of(media: str) -> str:
    """The message key under which the file id of that portrait or clip is remembered."""
    return f"~file:{media}"


class MediaCache:
    """Sends the pictures and clips of planned messages. Originals are always uploaded: a photo is a
    smaller copy."""

    def __init__(self, message_ids: MessageIds, caller: Caller, sender: ApiSender) -> None:
        self._message_ids = message_ids
        self._caller = caller
        self._sender = sender

    async def show(
        self,
        chat: str,
        planned: MediaMessage,
        make: Callable[[Known], Awaitable[Sent]],
    ) -> Sent:
        """The messages that ``make`` came to. Raises as :meth:`bot.telegram.calls.Caller.call`."""
        _check_size(planned)
        known = await self._known(chat, planned)
        try:
            sent = await self._make(chat, planned, known, make)
        except Refused as refusal:
            if not known or UNCHANGED in refusal.why:
                raise
            # It has forgotten them, or we are another bot now.
            log.info("telegram_files_unknown", why=refusal.why)
            known = {}
            sent = await self._make(chat, planned, known, make)
        await self._remember(chat, planned, sent, known)
        return sent

    async def _make(
        self,
        chat: str,
        planned: MediaMessage,
        known: Known,
        make: Callable[[Known], Awaitable[Sent]],
    ) -> Sent:
        count = len(media_of(planned))

        async def announced() -> Sent:
            async with self._announcing(chat, planned):
                return await make(known)

        uploads = len(known) < count
        return await self._caller.call(chat, announced if uploads else partial(make, known), count)

    @asynccontextmanager
    async def _announcing(self, chat: str, planned: MediaMessage) -> AsyncIterator[None]:
        """Show "sending a photo …" for as long as it takes. The pictures themselves will meet, and
        report, whatever trouble this meets.
        """
        say = partial(
            self._caller.call_if_room, chat, partial(self._sender.show_upload, chat, planned)
        )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANNOUNCE_PATIENCE):
                await say()
        again = asyncio.create_task(_every(_ANNOUNCED_SECONDS, say))
        try:
            yield
        finally:
            again.cancel()

    async def _known(self, chat: str, planned: MediaMessage) -> Known:
        """The file ids of those of its pictures that were shown before."""
        found = {}
        for media in () if planned.original else media_of(planned):
            if place := _place(chat, media):
                found[media.id] = await self._message_ids.get(TELEGRAM, *place)
        return {name: file for name, file in found.items() if file}

    async def _remember(self, chat: str, planned: MediaMessage, sent: Sent, known: Known) -> None:
        """Keep the file ids of what was just uploaded."""
        for media, message in zip(media_of(planned), sent, strict=False):
            place, file = _place(chat, media), _file_of(message)
            if place and file and media.id not in known and not planned.original:
                await self._message_ids.put(TELEGRAM, *place, file)


async def _every(seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await do()


def _check_size(planned: MediaMessage) -> None:
    for media in media_of(planned):
        if len(media.data) > UPLOAD_BYTES:
            log.error("telegram_file_too_large", media=media.id, bytes=len(media.data))
            raise Refused("file is too large for Telegram")


def _file_of(message: Message) -> str:
    """The file id of what it shows, "" for none."""
    if message.photo:
        return max(message.photo, key=lambda size: size.width * size.height).file_id
    return message.video.file_id if message.video else ""


def _place(chat: str, media: Picture | ClipFile) -> tuple[str, str] | None:
    """Under which person and message key it is kept; None when it is not to be kept."""
    kind, _, _ = media.id.rpartition(":")
    if kind == _PREVIEW:
        version = media.version or blake2b(media.data, digest_size=8).hexdigest()
        return EVERYBODY, message_key_of(f"{media.id}:{version}")
    theirs = not kind and not chat.startswith("-")
    return (chat, message_key_of(media.id)) if theirs else None
