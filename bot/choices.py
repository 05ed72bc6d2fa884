"""Numbered choices, for channels without buttons: labels are numbered, and typed numbers read.

A number means what it meant in the last message that offered choices; a message without any leaves
them as they are. One that the last message did not offer, or one offered too long ago, means
nothing: the dialogue says so, rather than guess. Without open choices, digits are text like any.

What nobody asked for comes while a person reads something else, and takes no number from it: for
:data:`READ_FOR` its choices are numbered on from those that are open, and one that is open already
keeps its number. What news offer is noted before they are sent, as not sure, and as open once they
were: whoever answers in between, or after a crash, with a number that means different things in
both is asked.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.state.sessions import MessageIds
from handlers.chat import Button, Reply, Show, ShowClip, words_of
from handlers.intents import normalized
from shop.records import ChannelName

OPEN_FOR: Final = timedelta(hours=48)
"""A number is not taken for a choice that was offered longer ago."""

READ_FOR: Final = timedelta(minutes=10)
"""For so long after choices were shown their numbers mean nothing else, unless an answer, which the
person has asked for, offers others."""

MOST: Final = 99
"""The highest number. Choices beyond it bear none; their labels can be typed."""

_OPEN: Final = "~numbers"
_UNSURE: Final = "~numbers:unsure"
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff]")
_OFFERED: Final = re.compile(r"(?:(?:\d{1,2}|·) \S[^\n]*(?:\n|$))+")
"""A paragraph of choices, as :func:`numbered` writes it."""
_DIGITS: Final = "一二三四五六七八九"
_PLAIN: Final = str.maketrans(
    "壹贰貳叁參肆伍陆陸柒捌玖拾", "一二二三三四五六六七八九十", "\ufe0f\u20e3"
)
"""The numerals of bills; of keycap digits, what is around the digit."""
_PARTS: Final = ("<super>", "<sub>", "<fraction>")
"""Of signs that NFKC makes plain digits, those that do not stand for one by themselves."""
_NUMBER: Final = re.compile(
    r"[(\[#]?\s*(?:第|选|选择)?\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:个|号|项|款)?\s*[.。、,:)\]!~]*"
)
"""Of NFKC text: full-width and circled digits are plain ones there."""


def number_in(text: str) -> int | None:
    """The number that the text is: ``2``, ``２``, ``2.``, ``②``, ``1️⃣``, ``二``, ``贰``,
    ``第二个``; None for any other text, and for numbers of more than two digits, which are codes or
    amounts, and for ``²`` and ``½``, which are no digits of a list."""
    if any(unicodedata.decomposition(one).startswith(_PARTS) for one in text):
        return None
    plain = unicodedata.normalize("NFKC", text[:20]).translate(_PLAIN).strip()
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    return int(found[1]) if found[1].isdecimal() else _chinese(found[1])


def numbered(
    replies: Sequence[Reply], *, scannable: bool, taken: Sequence[str] = ()
) -> tuple[list[Reply], list[str]]:
    """The replies with their buttons written below them, and the actions of the numbers from then
    on, that of 1 first; none if nothing is offered. ``taken``: the actions of numbers that are
    kept. Links are written out, above the choices; of several with one label, one action or one
    address the last counts. What only a button can do is left out, or stays a button if it is
    ``scannable``.
    """
    choices, actions = _choices(replies), list(taken)
    numbers = {}
    for one in choices:
        if one.action not in actions:
            actions.append(one.action)
        numbers[id(one)] = actions.index(one.action) + 1
    links = {one.url: id(one) for reply in replies for one in buttons_of(reply) if one.url}
    written = [_written(one, numbers, set(links.values()), scannable) for one in replies]
    return written, actions[:MOST] if choices else []


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

    async def being_read(self, chat: str, now: datetime) -> list[str]:
        """The actions of the numbers that the person may be reading now, that of 1 first."""
        for place in (_UNSURE, _OPEN):  # what is not sure was numbered on from what was open
            offer = await self._get(chat, place)
            if offer and now.timestamp() - offer[0] < READ_FOR.total_seconds():
                return offer[1]
        return []

    async def opened(self, chat: str, actions: Sequence[str], now: datetime) -> None:
        """These were shown; none: the earlier ones stay open."""
        if actions:
            await self._put(chat, _OPEN, actions, now)
            await self._message_ids.drop(self._channel, chat, _UNSURE)

    async def offered(self, chat: str, actions: Sequence[str], now: datetime) -> None:
        """These are about to be shown, by a message that may fail."""
        if actions:
            await self._put(chat, _UNSURE, actions, now)

    async def withdrawn(self, chat: str, actions: Sequence[str]) -> None:
        """They were not shown."""
        if actions:
            await self._message_ids.drop(self._channel, chat, _UNSURE)

    async def _put(self, chat: str, place: str, actions: Sequence[str], now: datetime) -> None:
        offer = json.dumps([now.timestamp(), list(actions)])
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


def _written(reply: Reply, numbers: dict[int, int], links: set[int], scannable: bool) -> Reply:
    text = words_of(reply)
    lines: list[tuple[int, str]] = []
    captions: dict[str, str] = {}
    addresses = [_address(one) for one in buttons_of(reply) if id(one) in links]
    for one in buttons_of(reply):
        if number := numbers.get(id(one)):
            mark = str(number) if number <= MOST else "·"
            text, listed = _in_place(text, one.label, mark)
            captions[one.action] = f"{mark} {one.label}"
            lines += [] if listed else [(number, f"{mark} {one.label}")]
    text = below(text, "\n".join(addresses))
    text = below(text, "\n".join(line for _, line in sorted(lines)))
    left = tuple((one,) for one in buttons_of(reply) if one.start and scannable)
    if isinstance(reply, Show):
        pictures = tuple(
            replace(one, caption=captions[one.choice]) if one.choice in captions else one
            for one in reply.pictures
        )
        return replace(reply, pictures=pictures, caption=text, buttons=left)
    if isinstance(reply, ShowClip):
        return replace(reply, caption=text, buttons=left)
    return replace(reply, text=text, buttons=left)


def _address(link: Button) -> str:
    """The address behind its label, with the colon of the label's script."""
    return f"{link.label}{'：' if _IDEOGRAPH.search(link.label) else ': '}{link.url}"


def _in_place(text: str, label: str, mark: str) -> tuple[str, bool]:
    """The text with a number instead of the bullet of the item that bears this label, if there is
    one: what is listed already is not listed again."""
    item = re.compile(rf"^· (?={re.escape(label)}(?:$| —))", re.MULTILINE)
    written, count = item.subn(f"{mark} ", text, count=1)
    return written, count > 0


def below(text: str, more: str) -> str:
    """Two texts with an empty line between them."""
    return "\n\n".join(part for part in (text, more) if part)


def above_choices(text: str, more: str) -> str:
    """The text with ``more`` in it, above the choices that end it: what is answered stands last."""
    before, _, end = text.rpartition("\n\n")
    return below(below(before, more), end) if _OFFERED.fullmatch(end) else below(text, more)
