"""Adapts the updates and the replies of a channel (:mod:`bot.fitting`), and remembers what for.

Typing a number or a label is as good as pressing its button. Without edits, a progress is told
once, that it stands still once as well, and a receipt not again by news that would only edit it.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from bot.channels import Capabilities, PhotoMarks
from bot.choices import OfferedChoices, OpenChoices, abouts, buttons_of, number_in, without_choices
from bot.fitting import fit
from bot.outbound import (
    Delivery,
    GatheringOutbound,
    Outbound,
    RetryLater,
    Unreachable,
    WaitsForContact,
)
from bot.preview_sheet import PreviewSheets
from bot.state.sessions import MessageIds
from handlers.chat import PASSING, Incoming, Pressed, Reply, Said, Say, SentOther, Tone, words_of
from handlers.context import DialogueDependencies
from handlers.dispatcher import Dispatcher, WasAnswered, not_yet
from handlers.intents import normalized
from handlers.router import NO_SUCH_NUMBER
from handlers.session import SessionStore
from handlers.texts import Wording
from shop.ports import Clock
from shop.records import ChannelName

REMEMBERED: Final = 40
"""Labels that can be typed: the newest of one person's."""

DELIVERED: Final = 60
"""Deliveries that are known to have been made: the newest of one person's."""

_CHOICES: Final = "~choices"
_DELIVERED: Final = "~delivered"
_SHOWN: Final = "~shown:"
_HALTED: Final = "~halted:"


class ReplyAdapter:
    """Adapts the updates and the replies of one channel.

    Keeps per chat, in Redis, the labels that can be typed and the progress that was shown; both
    only for a channel that needs it.
    """

    def __init__(
        self,
        channel: ChannelName,
        capabilities: Capabilities,
        message_ids: MessageIds,
        clock: Clock,
    ) -> None:
        self._channel = channel
        self._can = capabilities
        self._message_ids = message_ids
        self._numbers = OpenChoices(channel, message_ids)
        self._clock = clock

    @property
    def gathers(self) -> bool:
        """Whether news go out together, after a contact."""
        return self._can.needs_contact

    async def read(self, incoming: Incoming) -> Incoming:
        """A typed number or label becomes the press of its button; a number that was not offered
        becomes :data:`handlers.router.NO_SUCH_NUMBER`. Raises Unavailable, as all of these."""
        if self._can.buttons or not isinstance(incoming.content, Said):
            return incoming
        chat, text = _chat(incoming), incoming.content.text
        if (number := number_in(text)) is not None:
            meant = await self._numbers.meaning(chat, number, self._clock())
            if meant is not None:
                content = Pressed(meant) if meant else SentOther(NO_SUCH_NUMBER)
                return replace(incoming, content=content)
        action = (await self._choices(chat)).get(normalized(text))
        return replace(incoming, content=Pressed(action)) if action else incoming

    async def acted(self, incoming: Incoming) -> None:
        """They did that: what was shown before is not read any more. What is answered ``later``
        may have been done before something that was shown since."""
        if not self._can.buttons:
            at = incoming.at if incoming.later else None
            await self._numbers.acted(_chat(incoming), at)

    async def adapt(self, chat: str, replies: Sequence[Reply]) -> list[Reply]:
        """:func:`bot.fitting.adapt` for an answer, and the choices that are open from now on."""
        fitting, choices = fit(replies, self._can)
        await self._offer(chat, replies)
        await self._numbers.opened(chat, self._offer_of(choices, replies))
        return fitting

    async def send(self, outbound: Outbound, chat: str, reply: Reply, key: str) -> None:
        """One reply that nobody asked for, in as many messages as the channel needs."""
        async with self._unasked(chat, [reply]) as (fitting, offered):
            for number, part in enumerate(fitting):
                await outbound.send(chat, part, key=f"{key}:{number}" if number else key)
            await offered(True)

    async def send_together(
        self, outbound: GatheringOutbound, chat: str, replies: Sequence[Reply]
    ) -> bool:
        """Several that nobody asked for, in as few messages as the channel can. False: left out."""
        async with self._unasked(chat, replies) as (fitting, offered):
            shown = bool(fitting) and await outbound.send_together(chat, fitting)
            await offered(shown)
        return shown

    async def send_late(
        self,
        outbound: GatheringOutbound,
        chat: str,
        answer: Sequence[Reply],
        screen: Sequence[Reply],
        asked: datetime,
    ) -> None:
        """The ``answer`` to what was done at ``asked``, shown only now, and the ``screen`` where
        the person stands. If choices were shown since then, those of the answer are another
        screen's, and left out. Raises what ``outbound`` does; nothing is noted then."""
        if await self._numbers.was_shown_since(chat, asked):
            answer = [without_choices(one) for one in answer]
        told = await outbound.untold(chat, [*answer, *screen])
        if told and await self.send_together(outbound, chat, told):
            for reply in told:
                await self.note(chat, reply)

    async def undelivered(self, chat: str, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those that are not known to have been made."""
        known = json.loads(await self._get(chat, _DELIVERED) or "[]")
        return [one for one in deliveries if one.key not in known]

    async def delivered(self, chat: str, deliveries: Sequence[Delivery]) -> None:
        """They were made."""
        known = json.loads(await self._get(chat, _DELIVERED) or "[]")
        newest = [*known, *(one.key for one in deliveries)][-DELIVERED:]
        await self._message_ids.put(self._channel, chat, _DELIVERED, json.dumps(newest))

    async def is_repeated(self, chat: str, reply: Reply) -> bool:
        """Whether it would only be edited in place, where nothing can be: a further state of a
        progress, a further standstill of its work, or the same receipt again."""
        if not (place := self._place(reply)):
            return False
        shown = await self._get(chat, place)
        return bool(shown) and (_is_progress(reply) or shown == _digest(reply))

    async def note(self, chat: str, reply: Reply) -> None:
        """It was shown. Whoever has read how far it is since can be told again that it stands
        still."""
        if place := self._place(reply):
            await self._message_ids.put(self._channel, chat, place, _digest(reply))
        if place.startswith(_SHOWN):
            halted = place.replace(_SHOWN, _HALTED, 1)
            if await self._get(chat, halted):
                await self._message_ids.put(self._channel, chat, halted, "")

    async def forget(self, chat: str) -> None:
        """Drop what is kept of that chat. Idempotent."""
        if not (self._can.buttons and self._can.edits):
            await self._message_ids.drop(self._channel, chat)

    def _place(self, reply: Reply) -> str:
        """Where it is remembered that it was shown; "" where that does not matter."""
        if self._can.edits or not isinstance(reply, Say) or not reply.message_key:
            return ""
        match reply.tone:
            case Tone.PROGRESS | Tone.RECEIPT:
                return f"{_SHOWN}{reply.message_key}"
            case Tone.HALTED:
                return f"{_HALTED}{reply.message_key}"
        return ""

    @asynccontextmanager
    async def _unasked(
        self, chat: str, replies: Sequence[Reply]
    ) -> AsyncIterator[tuple[list[Reply], Callable[[bool], Awaitable[None]]]]:
        """What was not asked for, in what the channel can show; its choices are noted before it is
        sent within the block, which then says whether it was. Where that is not known, they stay
        noted."""
        taken = await self._numbers.being_read(chat, self._clock(), abouts(replies))
        fitting, choices = fit(replies, self._can, taken)
        offer = self._offer_of(choices, () if taken else replies)  # what is read is about more
        await self._offer(chat, replies)
        noted = await self._numbers.offered(chat, offer)

        async def offered(shown: bool) -> None:
            if shown:
                await self._numbers.shown(chat, noted, self._clock())
            else:
                await self._numbers.withdrawn(chat, noted)

        try:
            yield fitting, offered
        except (Unreachable, WaitsForContact, RetryLater) as trouble:
            if not isinstance(trouble, RetryLater) or not trouble.tried:
                await offered(False)
            raise

    def _offer_of(self, choices: Sequence[str], replies: Sequence[Reply]) -> OfferedChoices:
        return OfferedChoices(self._clock().timestamp(), tuple(choices), abouts(replies))

    async def _offer(self, chat: str, replies: Sequence[Reply]) -> None:
        """The labels that can be typed from now on. An older one stays: it means what it says."""
        buttons = [one for reply in replies for one in buttons_of(reply)]
        offered = {normalized(one.label): one.action for one in buttons if one.action}
        if self._can.buttons or not offered:
            return
        older = {
            word: one for word, one in (await self._choices(chat)).items() if word not in offered
        }
        newest = dict([*older.items(), *offered.items()][-REMEMBERED:])
        await self._message_ids.put(self._channel, chat, _CHOICES, json.dumps(newest))

    async def _choices(self, chat: str) -> dict[str, str]:
        kept: dict[str, str] = json.loads(await self._get(chat, _CHOICES) or "{}")
        return kept

    async def _get(self, chat: str, place: str) -> str | None:
        return await self._message_ids.get(self._channel, chat, place)


class ChannelDispatcher(Dispatcher):
    """The dialogue's dispatcher, whose answers fit the channel that the update came from."""

    def __init__(
        self,
        adapters: Mapping[ChannelName, ReplyAdapter],
        deps: DialogueDependencies,
        sessions: SessionStore,
        sheets: PreviewSheets,
    ) -> None:
        super().__init__(deps, sessions)
        self._adapters = adapters
        self._sheets = sheets

    async def handle(self, incoming: Incoming, answered: WasAnswered = not_yet) -> list[Reply]:
        """As :meth:`handlers.dispatcher.Dispatcher.handle`, in what the channel can show. What is
        shown ``later`` is fitted then, by :meth:`ReplyAdapter.send_late`."""
        adapter, chat = self._adapters[incoming.person.platform], _chat(incoming)
        meant = await adapter.read(incoming)
        await adapter.acted(incoming)
        answer = await super().handle(meant, answered)
        replies = [await self._sheets.as_shown(one) for one in answer]
        if incoming.later:
            return replies
        fitting = await adapter.adapt(chat, replies)
        for reply in replies:
            await adapter.note(chat, reply)
        return fitting

    async def send_late(
        self,
        channel: ChannelName,
        outbound: GatheringOutbound,
        chat: str,
        answer: Sequence[Reply],
        screen: Sequence[Reply],
        asked: datetime,
    ) -> None:
        """See :meth:`ReplyAdapter.send_late`."""
        await self._adapters[channel].send_late(outbound, chat, answer, screen, asked)


class AdaptedOutbound:
    """A channel's :class:`bot.outbound.Outbound`, through its adapter: for news."""

    def __init__(self, outbound: Outbound, adapter: ReplyAdapter) -> None:
        self._outbound = outbound
        self._adapter = adapter

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """Deliver it, in as many messages as the channel needs. Raises what the channel raises."""
        if await self._adapter.is_repeated(chat, reply):
            return
        await self._adapter.send(self._outbound, chat, reply, key)
        await self._adapter.note(chat, reply)

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop what is kept of that person. Idempotent."""
        await self._outbound.forget(chat, before)
        await self._adapter.forget(chat)


class GatheredOutbound(AdaptedOutbound):
    """For a channel that counts messages: several news go out in as few as can be."""

    def __init__(self, outbound: GatheringOutbound, adapter: ReplyAdapter) -> None:
        super().__init__(outbound, adapter)
        self._gathering = outbound

    async def send_together(self, chat: str, deliveries: Sequence[Delivery]) -> None:
        """Deliver these, but for those that were delivered before: a second try of some of them,
        with others beside them, repeats nothing. Raises what the channel raises; nothing is noted
        then."""
        fresh = [
            one
            for one in await self._adapter.undelivered(chat, deliveries)
            if not await self._adapter.is_repeated(chat, one.reply)
        ]
        if fresh:
            replies = await self._gathering.untold(chat, [one.reply for one in fresh])
            shown = bool(replies) and await self._adapter.send_together(
                self._gathering, chat, replies
            )
            await self._adapter.delivered(chat, fresh)
            for reply in replies if shown else ():
                await self._adapter.note(chat, reply)

    async def contact(self, chat: str) -> str:
        """See :meth:`bot.outbound.GatheringOutbound.contact`."""
        return await self._gathering.contact(chat)


def adapted(outbound: Outbound, adapter: ReplyAdapter) -> AdaptedOutbound:
    """A channel's outbound, through its adapter."""
    if adapter.gathers and isinstance(outbound, GatheringOutbound):
        return GatheredOutbound(outbound, adapter)
    return AdaptedOutbound(outbound, adapter)


def wording_of(can: Capabilities, zone: str = "UTC") -> Wording:
    """How the texts are worded for such a channel, in a studio in that time zone."""
    return Wording(
        typed=not can.buttons, pictures=not can.files, open=not can.reaches_closed,
        contact=can.needs_contact, numbers=can.marks is not PhotoMarks.TILES, zone=zone,
    )  # fmt: skip


def _is_progress(reply: Reply) -> bool:
    return isinstance(reply, Say) and reply.tone in PASSING


def _digest(reply: Reply) -> str:
    return blake2b(words_of(reply).encode(), digest_size=8).hexdigest()


def _chat(incoming: Incoming) -> str:
    return incoming.group or incoming.person.id
