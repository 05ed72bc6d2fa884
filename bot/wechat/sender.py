"""Sends single messages by the budget: each reserved before it is sent, none sent twice on purpose.

Of a delivery that broke off it is remembered what was sent, so that a second try goes on there.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import Final

from bot.outbound import Unreachable, WaitsForContact
from bot.state.sessions import MessageIds
from bot.wechat import WECHAT
from bot.wechat.api import WechatApi
from bot.wechat.budget import MessageBudget, Reservation
from bot.wechat.errors import (
    AccessTokenRefused,
    AddressNotAllowed,
    ApiRefused,
    BudgetSpent,
    NotReached,
    WindowClosed,
)
from bot.wechat.media import MediaIds
from handlers.chat import ClipFile, Picture
from shop.errors import Unavailable

_UNKNOWN_MEDIA: Final = frozenset({40004, 40007})
_UNSENT: Final = (Unreachable, ApiRefused, AddressNotAllowed, AccessTokenRefused, NotReached)
"""After these the message surely was not sent. Of a call that broke off, or that a busy WeChat
answered, nobody knows: it counts."""

Call = Callable[[], Awaitable[None]]


class Sender:
    """Customer-service messages. Every method raises :class:`bot.outbound.WaitsForContact` where
    the budget has no room, or WeChat says so; and what :class:`bot.wechat.api.WechatApi` does."""

    def __init__(
        self, api: WechatApi, budget: MessageBudget, media: MediaIds, message_ids: MessageIds
    ) -> None:
        self._api = api
        self._budget = budget
        self._media = media
        self._message_ids = message_ids

    def of(self, chat: str, delivery: str) -> "SentParts":
        """What was sent of that delivery: its name begins with its kind (``answer:...``), of which
        the latest is remembered."""
        return SentParts(self._message_ids, chat, delivery)

    async def texts(self, chat: str, texts: Sequence[str], kept: int, parts: "SentParts") -> None:
        """Send texts of at most one message each, in order, so that ``kept`` are left over."""
        for place, text in enumerate(texts):
            name = blake2b(text.encode(), digest_size=8).hexdigest()
            send = partial(self._api.send_text, chat, text)
            await parts.once(f"{place}:{name}", partial(self._reserved, chat, kept, send))

    async def picture(
        self, chat: str, picture: Picture | ClipFile, kept: int, parts: "SentParts"
    ) -> None:
        """Send one picture or clip, likewise."""
        deliver = self._api.send_image
        if isinstance(picture, ClipFile):
            deliver = self._api.send_video

        async def send(media_id: str) -> None:
            await self._reserved(chat, kept, partial(deliver, chat, media_id))

        async def sent() -> None:
            try:
                await send(await self._media.of(chat, picture))
            except ApiRefused as refusal:
                if refusal.code not in _UNKNOWN_MEDIA:
                    raise
                await self._media.drop(chat, picture)
                await send(await self._media.of(chat, picture))

        await parts.once(picture.id, sent)  # no id begins with a number and a colon

    async def _reserved(self, chat: str, kept: int, send: Call) -> None:
        reserved = await self._budget.reserve(chat, kept)
        if not isinstance(reserved, Reservation):
            raise WaitsForContact
        try:
            await send()
        except (BudgetSpent, WindowClosed):
            await self._budget.closed(reserved)
            await self._give_back(reserved)
            raise WaitsForContact from None
        except _UNSENT:
            await self._give_back(reserved)
            raise

    async def _give_back(self, reserved: Reservation) -> None:
        with suppress(Unavailable):  # one fewer, then
            await self._budget.give_back(reserved)


class SentParts:
    """What of one delivery to one chat was sent."""

    def __init__(self, message_ids: MessageIds, chat: str, delivery: str) -> None:
        self._message_ids = message_ids
        self._chat = chat
        self._delivery = delivery
        self._place = f"~part:{delivery.partition(':')[0]}"

    async def once(self, name: str, send: Call) -> None:
        """Send the part of that name, unless it was sent before."""
        sent = await self.sent()
        if name not in sent:
            await send()
            kept = json.dumps([self._delivery, *sent, name])
            await self._message_ids.put(WECHAT, self._chat, self._place, kept)

    async def sent(self) -> list[str]:
        """The names of the parts that were sent."""
        kept = await self._message_ids.get(WECHAT, self._chat, self._place)
        delivery, *names = json.loads(kept) if kept else [""]
        return names if delivery == self._delivery else []

    async def texts_sent(self) -> int:
        """How many texts were sent."""
        return sum(name.partition(":")[0].isdecimal() for name in await self.sent())

    async def done(self) -> None:
        """All was sent: the next delivery of that name is another one."""
        await self._message_ids.drop(WECHAT, self._chat, self._place)
