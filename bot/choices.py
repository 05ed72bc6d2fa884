"""Numbered choices, for channels without buttons: labels are numbered, and typed numbers read.

A number means what it meant in the last message that offered choices; a message without any leaves
them as they are. One that the last message did not offer, or one offered too long ago, means
nothing: the dialogue says so, rather than guess. Without open choices, digits are text like any.

What news offer is noted before they are sent, as not sure, and as open once they were: whoever
answers in between, or after a crash, with a number that means different things in both is asked.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.state.sessions import MessageIds
from handlers.chat import Button, Reply, Show
from handlers.intents import normalized
from shop.records import ChannelName

OPEN_FOR: Final = timedelta(hours=48)
"""A number is not taken for a choice that was offered longer ago."""

_OPEN: Final = "~numbers"
_UNSURE: Final = "~numbers:unsure"
_DIGITS: Final = "一二三四五六七八九"
_NUMBER: Final = re.compile(
    r"[(\[#]?\s*(?:第|选|选择)?\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:个|号|项|款)?\s*[.。、,:)\]!~]*"
)
"""Of NFKC text: full-width and circled digits are plain ones there."""


def number_in(text: str) -> int | None:
    """The number that the text is: ``2``, ``２``, ``2.``, ``②``, ``二``, ``第二个``; None for any
    other text, and for numbers of more than two digits, which are codes or amounts."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text[:20]).strip())
    if found is None:
        return None
    return int(found[1]) if found[1].isdecimal() else _chinese(found[1])


def numbered(replies: Sequence[Reply], *, scannable: bool) -> tuple[list[Reply], list[Button]]:
    """The replies with their buttons written below them, and the choices in their order: the first
    is number 1, whichever message it stands in. Links are written out; of several with one label or
    one action the last counts. What only a button can do is left out, or stays a button if it is
    ``scannable``.
    """
    choices = _choices(replies)
    numbers = {id(button): number for number, button in enumerate(choices, start=1)}
    return [_written(reply, numbers, scannable) for reply in replies], choices


class OpenChoices:
    """Which numbers mean what, by chat. Every method raises Unavailable."""

    def __init__(self, channel: ChannelName, message_ids: MessageIds) -> None:
        self._channel = channel
        self._message_ids = message_ids

    async def meaning(self, chat: str, number: int, now: datetime) -> str | None:
        """The action of that number; "" for one that means nothing, or not surely one thing; None
        where no choices were ever offered."""
        offers = [one for place in (_OPEN, _UNSURE) if (one := await self._get(chat, place))]
        if not offers:
            return None
        meant = {_action(at, actions, number, now) for at, actions in offers}
        return meant.pop() if len(meant) == 1 else ""

    async def opened(self, chat: str, choices: Sequence[Button], now: datetime) -> None:
        """These were shown; none: the earlier ones stay open."""
        if choices:
            await self._put(chat, _OPEN, choices, now)
            await self._message_ids.drop(self._channel, chat, _UNSURE)

    async def offered(self, chat: str, choices: Sequence[Button], now: datetime) -> None:
        """These are about to be shown, by a message that may fail."""
        if choices:
            await self._put(chat, _UNSURE, choices, now)

    async def withdrawn(self, chat: str, choices: Sequence[Button]) -> None:
        """They were not shown."""
        if choices:
            await self._message_ids.drop(self._channel, chat, _UNSURE)

    async def _put(self, chat: str, place: str, choices: Sequence[Button], now: datetime) -> None:
        offer = json.dumps([now.timestamp(), [one.action for one in choices]])
        await self._message_ids.put(self._channel, chat, place, offer)

    async def _get(self, chat: str, place: str) -> tuple[float, list[str]] | None:
        kept = await self._message_ids.get(self._channel, chat, place)
        if kept is None:
            return None
        at, actions = json.loads(kept)
        return float(at), list(actions)


def _action(at: float, actions: Sequence[str], number: int, now: datetime) -> str:
    fresh = now.timestamp() - at < OPEN_FOR.total_seconds()
    return actions[number - 1] if fresh and 1 <= number <= len(actions) else ""


def _chinese(numeral: str) -> int | None:
    """Up to 99."""
    tens, ten, ones = numeral.rpartition("十")
    if any(len(part) > 1 or part == "十" for part in (tens, ones)):
        return None
    value = _DIGITS.find(ones) + 1 if ones else 0
    return value + 10 * (_DIGITS.find(tens) + 1 if tens else 1) if ten else value


def _choices(replies: Sequence[Reply]) -> list[Button]:
    kept: list[Button] = []
    taken: set[str] = set()
    for button in reversed([one for reply in replies for one in buttons_of(reply)]):
        names = {f"a:{button.action}", f"l:{normalized(button.label)}"}
        if button.action and not names & taken:
            kept.append(button)
            taken |= names
    return kept[::-1]


def buttons_of(reply: Reply) -> list[Button]:
    """In their order."""
    return [button for row in reply.buttons for button in row]


def _written(reply: Reply, numbers: dict[int, int], scannable: bool) -> Reply:
    text = reply.caption if isinstance(reply, Show) else reply.text
    lines = []
    for one in buttons_of(reply):
        if number := numbers.get(id(one)):
            text, listed = _in_place(text, one.label, number)
            lines += [] if listed else [f"{number} {one.label}"]
        elif one.url:
            lines.append(f"{one.label}: {one.url}")
    text = below(text, "\n".join(lines))
    left = tuple((one,) for one in buttons_of(reply) if one.start and scannable)
    if isinstance(reply, Show):
        return replace(reply, caption=text, buttons=left)
    return replace(reply, text=text, buttons=left)


def _in_place(text: str, label: str, number: int) -> tuple[str, bool]:
    """The text with a number instead of the bullet of the item that bears this label, if there is
    one: what is listed already is not listed again."""
    item = re.compile(rf"^· (?={re.escape(label)}(?:$| —))", re.MULTILINE)
    written, count = item.subn(f"{number} ", text, count=1)
    return written, count > 0


def below(text: str, more: str) -> str:
    """Two texts with an empty line between them."""
    return "\n\n".join(part for part in (text, more) if part)
