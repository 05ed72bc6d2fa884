"""Makes replies fit what a channel can show; the one place where :class:`Capabilities` are read.

Without buttons their labels are written below the text, and typing one is as good as pressing it.
Without edits, news of a progress is sent once. Albums are split to the channel's size, and where
the number of messages is limited, texts that follow each other become one message. For a channel
that can do everything, every reply stays as it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.channels import Capabilities
from bot.outbound import Outbound
from bot.state.sessions import MessageIds
from handlers.chat import Button, Incoming, Pressed, Reply, Said, Say, Show, Tone
from handlers.context import DialogueDependencies
from handlers.dispatcher import Dispatcher, WasAnswered, not_yet
from handlers.intents import normalized
from handlers.session import SessionStore
from shop.records import ChannelName

CAPTION_LIMIT: Final = 1024
REMEMBERED: Final = 40
"""Labels that can be typed: the newest of one person's."""

_CHOICES: Final = "~choices"
_SHOWN: Final = "~shown:"


def adapt(replies: Sequence[Reply], can: Capabilities) -> list[Reply]:
    """The same replies as a channel with these capabilities can show them, in order."""
    fitting = [part for reply in replies for part in _split(_reworded(reply, can), can)]
    return fitting if can.message_budget is None else _joined(fitting, can.message_budget)


class ReplyAdapter:
    """Adapts the updates and the replies of one channel.

    Keeps per chat, in Redis, the labels that can be typed and the progress that was shown; both
    only for a channel that needs it.
    """

    def __init__(
        self, channel: ChannelName, capabilities: Capabilities, message_ids: MessageIds
    ) -> None:
        self._channel = channel
        self._can = capabilities
        self._message_ids = message_ids

    async def read(self, incoming: Incoming) -> Incoming:
        """A typed label becomes the press of its button. Raises Unavailable, as all of these."""
        if self._can.buttons or not isinstance(incoming.content, Said):
            return incoming
        choices = await self._choices(_chat(incoming))
        action = choices.get(normalized(incoming.content.text))
        return replace(incoming, content=Pressed(action)) if action else incoming

    async def adapt(self, chat: str, replies: Sequence[Reply]) -> list[Reply]:
        """:func:`adapt`, and the labels that can be typed from now on."""
        if not self._can.buttons:
            await self._offer(chat, [one for reply in replies for one in _buttons(reply)])
        return adapt(replies, self._can)

    async def is_repeated(self, chat: str, reply: Reply) -> bool:
        """Whether it is a further state of a progress that cannot be edited in place."""
        place = self._progress(reply)
        return place != "" and await self._get(chat, place) is not None

    async def note(self, chat: str, reply: Reply) -> None:
        """It was shown."""
        if place := self._progress(reply):
            await self._message_ids.put(self._channel, chat, place, "shown")

    async def forget(self, chat: str) -> None:
        """Drop what is kept of that chat. Idempotent."""
        if not (self._can.buttons and self._can.edits):
            await self._message_ids.drop(self._channel, chat)

    def _progress(self, reply: Reply) -> str:
        moving = isinstance(reply, Say) and reply.tone is Tone.PROGRESS and reply.message_key
        return f"{_SHOWN}{reply.message_key}" if moving and not self._can.edits else ""

    async def _offer(self, chat: str, buttons: Sequence[Button]) -> None:
        offered = {normalized(one.label): one.action for one in buttons if one.action}
        if not offered:
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
    ) -> None:
        super().__init__(deps, sessions)
        self._adapters = adapters

    async def handle(self, incoming: Incoming, answered: WasAnswered = not_yet) -> list[Reply]:
        """As :meth:`handlers.dispatcher.Dispatcher.handle`, in what the channel can show."""
        adapter, chat = self._adapters[incoming.person.platform], _chat(incoming)
        replies = await super().handle(await adapter.read(incoming), answered)
        fitting = await adapter.adapt(chat, replies)
        for reply in replies:
            await adapter.note(chat, reply)
        return fitting


class AdaptedOutbound:
    """A channel's :class:`bot.outbound.Outbound`, through its adapter: for news."""

    def __init__(self, outbound: Outbound, adapter: ReplyAdapter) -> None:
        self._outbound = outbound
        self._adapter = adapter

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """Deliver it, in as many messages as the channel needs. Raises what the channel raises."""
        if await self._adapter.is_repeated(chat, reply):
            return
        for number, part in enumerate(await self._adapter.adapt(chat, [reply])):
            await self._outbound.send(chat, part, key=f"{key}:{number}" if number else key)
        await self._adapter.note(chat, reply)

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop what is kept of that person. Idempotent."""
        await self._outbound.forget(chat, before)
        await self._adapter.forget(chat)


def _chat(incoming: Incoming) -> str:
    return incoming.group or incoming.person.id


def _buttons(reply: Reply) -> list[Button]:
    return [button for row in reply.buttons for button in row]


def _reworded(reply: Reply, can: Capabilities) -> Reply:
    if not can.edits and reply.message_key:
        reply = replace(reply, message_key="")
    if isinstance(reply, Show) and reply.original and not can.files:
        reply = replace(reply, original=False)
    return reply if can.buttons else _without_buttons(reply)


def _without_buttons(reply: Reply) -> Reply:
    """Labels and addresses as lines of text. What only a button can do is left out."""
    lines = [
        f"· {one.label}: {one.url}" if one.url else f"· {one.label}"
        for one in _buttons(reply)
        if one.action or one.url
    ]
    choices = "\n".join(lines)
    if isinstance(reply, Show):
        return replace(reply, caption=_below(reply.caption, choices), buttons=())
    return replace(reply, text=_below(reply.text, choices), buttons=())


def _below(text: str, more: str) -> str:
    return "\n\n".join(part for part in (text, more) if part)


def _split(reply: Reply, can: Capabilities) -> list[Reply]:
    """A reply with more pictures than go into one message: the caption above, the buttons below."""
    if not isinstance(reply, Show):
        return [reply]
    parts: list[Reply] = []
    if not can.buttons and len(reply.caption) > CAPTION_LIMIT:
        parts, reply = [Say(reply.caption)], replace(reply, caption="")
    if len(reply.pictures) <= can.pictures:
        return [reply, *parts]
    starts = range(0, len(reply.pictures), can.pictures)
    shows = [
        replace(
            reply,
            pictures=reply.pictures[at : at + can.pictures],
            message_key="",
            caption=reply.caption if at == 0 else "",
            buttons=reply.buttons if at == starts[-1] else (),
        )
        for at in starts
    ]
    return [*shows, *parts]


def _joined(replies: Sequence[Reply], most: int) -> list[Reply]:
    """At most so many messages, as far as joining texts can do it: no picture is left out."""
    kept = list(replies)
    at = 1
    while len(kept) > most and at < len(kept):
        first, second = kept[at - 1], kept[at]
        if isinstance(first, Say) and isinstance(second, Say):
            text = _below(first.text, second.text)
            buttons = (*first.buttons, *second.buttons)
            kept[at - 1 : at + 1] = [replace(second, text=text, buttons=buttons)]
        else:
            at += 1
    return kept
