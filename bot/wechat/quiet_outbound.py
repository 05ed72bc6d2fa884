"""News that wait while a person is sending photos."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from bot.choices import without_offer
from bot.outbound import RetryLater
from bot.wechat.photo_batches import is_checking, is_tally
from bot.wechat.photo_queue import PhotoQueue
from handlers.chat import Reply, Say
from shop.ports import Database

_LOOK_SECONDS: Final = 1.0


class NewsOutbound(Protocol):
    """What sends news, some at once (:class:`bot.wechat.outbound.WechatOutbound`)."""

    async def send_together(self, chat: str, replies: Sequence[Reply]) -> bool: ...

    async def contact(self, chat: str) -> str: ...

    async def forget(self, chat: str, before: datetime) -> None: ...


class QuietOutbound:
    """Sends what ``inner`` sends, but says nothing while photos are on their way, and nothing of
    their count while it still changes: each message is one of few, and the next says more."""

    def __init__(self, inner: NewsOutbound, photos: PhotoQueue, database: Database) -> None:
        self._inner = inner
        self._photos = photos
        self._database = database

    async def send_together(self, chat: str, replies: Sequence[Reply]) -> bool:
        """As that of ``inner``. Raises RetryLater as well."""
        if left := await self._photos.quiet_in(chat):
            raise RetryLater(max(left, _LOOK_SECONDS), tried=False)
        if await self._photos.checks_in(chat) and await self._is_changing(chat, replies):
            raise RetryLater(_LOOK_SECONDS, tried=False)
        return await self.send_now(chat, replies)

    async def untold(self, chat: str, replies: Sequence[Reply]) -> list[Reply]:
        """All but a count of photos that was told already: several checks may leave the same
        news."""
        return [one for one in replies if not await self._is_told(chat, one)]

    async def send_now(self, chat: str, replies: Sequence[Reply]) -> bool:
        """As :meth:`send_together`, whatever is on its way."""
        shown = await self._inner.send_together(chat, replies)
        for one in replies if shown else ():
            if isinstance(one, Say) and is_tally(one):
                await self._photos.note_told(chat, without_offer(one.text))
        return shown

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """Likewise, of one."""
        await self.send_together(chat, [reply])

    async def contact(self, chat: str) -> str:
        """As that of ``inner``."""
        return await self._inner.contact(chat)

    async def forget(self, chat: str, before: datetime) -> None:
        """Likewise; photos that wait are dropped, too."""
        await self._photos.forget(chat)
        await self._inner.forget(chat, before)

    async def _is_told(self, chat: str, reply: Reply) -> bool:
        return (
            isinstance(reply, Say)
            and is_tally(reply)
            and await self._photos.is_told(chat, without_offer(reply.text))
        )

    async def _is_changing(self, chat: str, replies: Sequence[Reply]) -> bool:
        if await self._photos.is_waiting(chat):
            return True
        return any(map(is_tally, replies)) and await is_checking(self._database, chat)


class AnswersToPhotos:
    """Sends answers to photos, which are not held back by the photos themselves: a
    :class:`bot.outbound.GatheringOutbound`."""

    def __init__(self, quiet: QuietOutbound) -> None:
        self._quiet = quiet

    async def send_together(self, chat: str, replies: Sequence[Reply]) -> bool:
        """See :meth:`QuietOutbound.send_now`."""
        return await self._quiet.send_now(chat, replies)

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """Likewise, of one."""
        await self._quiet.send_now(chat, [reply])

    async def untold(self, chat: str, replies: Sequence[Reply]) -> list[Reply]:
        """See :meth:`QuietOutbound.untold`."""
        return await self._quiet.untold(chat, replies)

    async def contact(self, chat: str) -> str:
        """See :meth:`QuietOutbound.contact`."""
        return await self._quiet.contact(chat)

    async def forget(self, chat: str, before: datetime) -> None:
        """See :meth:`QuietOutbound.forget`."""
        await self._quiet.forget(chat, before)
