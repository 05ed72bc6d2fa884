"""Numbered choices, for channels without buttons: labels are numbered, and typed numbers read.

A number means what it meant in the last message that offered it, as it was shown; a message without
any leaves them as they are. One that was not offered, or offered too long ago, means nothing: the
dialogue says so, rather than guess. Without open choices, digits are text like any.

Choices begin at 1, in the order of their buttons. Only what comes unasked, while a menu may still
be read, takes no number from it: its choices are numbered on from those that are open. A menu may
be read for :data:`READ_FOR`, until its person does something, and until a message about the same
thing takes its place: of a message key what stands behind the colon, such as an order, of which the
count, the bill and the receipt follow each other.

What such a message offers is noted before it is sent, as not sure, and as open once it was, unless
something else was shown meanwhile: whoever answers with a number that means different things in
both, in between or after a crash, is asked.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

from bot.state.sessions import MessageIds
from handlers.chat import Button, Reply, Show, ShowClip, words_of
from handlers.intents import normalized
from shop.records import ChannelName

OPEN_FOR: Final = timedelta(hours=48)
"""A number is not taken for a choice that was offered longer ago."""

READ_FOR: Final = timedelta(seconds=30)
"""For so long after choices were shown their numbers mean nothing else, unless an answer, which the
person has asked for, or what takes the place of the message, offers others."""

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
    kept, and numbered on from; the same choices again, which were the last, bear the same numbers.
    Links are written out, above the choices; of several with one label, one action or one address
    the last counts. What only a button can do is left out, or stays a button if it is
    ``scannable``.
    """
    choices = _choices(replies)
    new = [one.action for one in choices]
    kept = list(taken[: -len(new)] if new and list(taken[-len(new) :]) == new else taken)
    numbers = {id(one): number for number, one in enumerate(choices, start=len(kept) + 1)}
    links = {one.url: id(one) for reply in replies for one in buttons_of(reply) if one.url}
    written = [_written(one, numbers, set(links.values()), scannable) for one in replies]
    return written, [*kept, *new][:MOST] if choices else []


@dataclass(frozen=True, slots=True)
class OfferedChoices:
    """What a message offered: the actions of its numbers, that of 1 first, and when. ``about``:
    what the message was about (:func:`abouts`). ``read``: it may be read still."""

    at: float
    actions: tuple[str, ...]
    about: tuple[str, ...] = ()
    read: bool = True

    def meaning(self, number: int, now: datetime) -> str:
        """The action of that number; "" for one that it does not offer (any more)."""
        fresh = now.timestamp() - self.at < OPEN_FOR.total_seconds()
        return self.actions[number - 1] if fresh and 1 <= number <= len(self.actions) else ""

    def is_read(self, now: datetime) -> bool:
        return self.read and now.timestamp() - self.at < READ_FOR.total_seconds()


@dataclass(frozen=True, slots=True)
class NotedChoices:
    """What is about to be shown: ``kept`` is what was noted of it, ``before`` what was not sure
    until then."""

    offer: OfferedChoices
    kept: OfferedChoices
    before: OfferedChoices | None


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
        meant = {one.meaning(number, now) for one in offers}
        return meant.pop() if len(meant) == 1 else ""

    async def being_read(
        self, chat: str, now: datetime, about: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """The actions of the numbers that the person may be reading now, that of 1 first, but for
        what is ``about`` the same: that is over. "" stands for a number that is not surely one."""
        offers = [one for place in (_OPEN, _UNSURE) if (one := await self._get(chat, place))]
        if not any(one.is_read(now) for one in offers):
            return ()
        if len(offers) == 1 and offers[0].about and set(offers[0].about) <= set(about):
            return ()
        both = zip_longest(*(one.actions for one in offers))
        sets = ({action for action in actions if action is not None} for actions in both)
        return tuple(one.pop() if len(one) == 1 else "" for one in sets)

    async def was_shown_since(self, chat: str, at: datetime) -> bool:
        """Whether choices were shown after that second."""
        offer = await self._get(chat, _OPEN)
        return offer is not None and offer.at >= at.timestamp() + 1

    async def acted(self, chat: str, at: datetime | None = None) -> None:
        """They did something, now or ``at``: what was shown before is not read any more."""
        offer = await self._get(chat, _OPEN)
        if offer and offer.read and (at is None or at.timestamp() > offer.at):
            await self._put(chat, _OPEN, replace(offer, read=False))

    async def opened(self, chat: str, offer: OfferedChoices) -> None:
        """An answer shows these; none: the earlier ones stay open."""
        if offer.actions:
            await self._put(chat, _OPEN, offer)
            await self._message_ids.drop(self._channel, chat, _UNSURE)

    async def offered(self, chat: str, offer: OfferedChoices) -> NotedChoices:
        """These are about to be shown, by a message that may fail: not sure until :meth:`shown` or
        :meth:`withdrawn` says what became of it. Of others that were not sure before, the numbers
        that these do not bear stay so."""
        before = await self._get(chat, _UNSURE)
        more = max(0, len(before.actions) - len(offer.actions)) if before else 0
        noted = NotedChoices(offer, replace(offer, actions=(*offer.actions, *[""] * more)), before)
        if offer.actions:
            await self._put(chat, _UNSURE, noted.kept)
        return noted

    async def shown(self, chat: str, noted: NotedChoices, now: datetime) -> None:
        """What was :meth:`offered` was shown: it is open, unless something else was opened since.
        Then nobody knows which of them stands last, and neither is sure."""
        if not noted.offer.actions:
            return
        if await self._get(chat, _UNSURE) == noted.kept:
            await self.opened(chat, replace(noted.offer, at=now.timestamp()))
        else:
            await self._put(chat, _UNSURE, noted.kept)

    async def withdrawn(self, chat: str, noted: NotedChoices) -> None:
        """They were not shown: what was not sure before still is not."""
        if not noted.offer.actions or await self._get(chat, _UNSURE) != noted.kept:
            return
        if noted.before:
            await self._put(chat, _UNSURE, noted.before)
        else:
            await self._message_ids.drop(self._channel, chat, _UNSURE)

    async def _put(self, chat: str, place: str, offer: OfferedChoices) -> None:
        kept = json.dumps([offer.at, offer.actions, offer.about, offer.read])
        await self._message_ids.put(self._channel, chat, place, kept)

    async def _get(self, chat: str, place: str) -> OfferedChoices | None:
        kept = await self._message_ids.get(self._channel, chat, place)
        if kept is None:
            return None
        at, actions, *more = json.loads(kept)  # two fields: kept by an earlier release
        about, read = more or ((), True)
        return OfferedChoices(float(at), tuple(actions), tuple(about), bool(read))


def abouts(replies: Sequence[Reply]) -> tuple[str, ...]:
    """What messages are about that offer choices: of their keys what stands behind the colon. Empty
    where any of them is about nothing that has a name."""
    keys = [one.message_key for one in replies if any(map(_is_choice, buttons_of(one)))]
    found = {key.partition(":")[2] for key in keys}
    return () if "" in found else tuple(sorted(found))


def _is_choice(button: Button) -> bool:
    return bool(button.action)


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


def without_choices(reply: Reply) -> Reply:
    """The reply with its links alone."""
    rows = (tuple(one for one in row if not one.action) for row in reply.buttons)
    return replace(reply, buttons=tuple(row for row in rows if row))


def offers(text: str) -> bool:
    """Whether a written text ends with choices."""
    return bool(_OFFERED.fullmatch(text.rpartition("\n\n")[2]))


def without_offer(text: str) -> str:
    """A written text without the choices that end it."""
    before, _, _ = text.rpartition("\n\n")
    return before if offers(text) else text


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
