"""The sample customer in WeChat, which the doubles play: reads numbered choices and types them.

The doubles are ``tests/wechatapi`` and ``tests/wechatpay``, behind :mod:`bot.demo.wechat_phone`.
"""

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from bot.adaptation import wording_of
from bot.demo.customer_chat import (
    PAY,
    Bubble,
    Choice,
    DeliveredClip,
    DeliveredSet,
    Failed,
    MessageCosts,
    NotOffered,
    Offer,
)
from bot.demo.wechat_phone import PAUSE, PhoneLine, WechatPhone, open_phone
from bot.wechat.outbound import CAPABILITIES
from bot.wechat.pay.checkout_link import PATH
from handlers.chat import Tone
from handlers.texts import Texts, texts

WECHATS_OWN: Final = "zh_CN"
"""The language in which people are greeted: WeChat tells none of theirs."""

READING_SECONDS: Final = 1.0
"""Before each word: WeChat dates what people do by whole seconds, and so counts rightly only what
is not said within the second of the message that it answers."""
WORDS_SECONDS: Final = 120.0
AT_ONCE: Final = 4
JPEG: Final = "image/jpeg"

T = TypeVar("T")

_ITEM: Final = re.compile(r"^(\d{1,2}) (.+)$", re.MULTILINE)
_ASIDE: Final = " —"  # parts a choice that a text lists from what it says of it
_PRICE: Final = " · "  # may part a choice from what it costs: the whole may be its label too
_BILL: Final = re.compile(rf"https?://\S+{PATH}\?bill=[\w.~%=-]+")
_PARAMETERS: Final = re.compile(r'data-parameters="([^"]*)"')
_PREPAY: Final = "prepay_id="


def offered_in(text: str) -> dict[str, str]:
    """The numbered choices of a message: label -> what is typed. They are the last numbered lines
    whose numbers rise (news number on from what is being read); what a text says of an item behind
    a dash is not its label, what stands behind a dot may be its price."""
    found: dict[str, str] = {}
    last = 0
    for number, offered in _ITEM.findall(text):
        if int(number) <= last:
            found = {}
        last = int(number)
        label = offered.partition(_ASIDE)[0].strip()
        found[label] = found[label.partition(_PRICE)[0]] = number
    return found


class WechatChat:
    """One person's phone. Made by :func:`open_wechat_chat`; the language is chosen first, unless it
    is WeChat's own."""

    last_message_only = True

    def __init__(self, phone: WechatPhone, words: Texts) -> None:
        self._phone = phone
        self._words = words
        self._answered_from = 0
        self.opening = words("demo-follows")
        self.preferences: Sequence[Choice] = _preferences(words.language)

    def now(self) -> int:
        return len(self._phone.lines)

    def typed(self, command: str) -> str:
        return self._words.word(command)

    async def open(self) -> None:
        """Follow the account, once the shop has been found to answer at its address."""
        async with asyncio.timeout(WORDS_SECONDS):
            while not await self._phone.reaches_shop():
                await asyncio.sleep(PAUSE)
        await self._do("follow")

    async def say(self, text: str) -> None:
        await self._do("say", text=text)

    async def look_for(self, *choices: Choice) -> Offer:
        """Offered by the newest message with choices; or, as words, by an earlier one. Whatever was
        done last is answered first."""

        def first() -> Offer | None:
            if not self._said(self._answered_from):
                return None
            return next((one for choice in choices if (one := self._offer(choice))), None)

        try:
            return await self._first(first, WORDS_SECONDS)
        except TimeoutError as nothing:
            wanted = ", ".join(choice.action for choice in choices)
            raise NotOffered(f"{wanted}: {nothing}") from nothing

    async def take(self, offer: Offer) -> None:
        if offer.choice is PAY:
            await self._pay_bill()
            return
        number, label = self._number_of(offer.choice)
        since = self.now()
        await self._do("say", text=number or label)
        if number:
            return
        await self.words_since(since)  # words spend nothing: what costs is offered with its price
        if number := self._number_of(offer.choice)[0]:
            await self._do("say", text=number)

    async def send_photos(self, photos: Sequence[bytes], on_sent: Callable[[], None]) -> None:
        """Each is a message; returns when all are stored."""
        gate = asyncio.Semaphore(AT_ONCE)
        await self._read_on()

        async def send(photo: bytes) -> None:
            async with gate:
                await self._phone.send_photo(photo)
                on_sent()

        await asyncio.gather(*(send(photo) for photo in photos))

    async def words_since(self, since: int) -> None:
        await self._first(
            lambda: next((one for one in self._said(since) if one.text), None), WORDS_SECONDS
        )

    async def receipt_since(self, since: int) -> None:
        """The next words: nothing else is said between a bill and its receipt."""
        await self.words_since(since)

    async def listed_since(self, choices: Sequence[Choice], since: int) -> list[Choice]:
        def listed() -> list[Choice] | None:
            for line in self._said(since):
                names = list(offered_in(line.text))
                if here := [one for one in choices if one.is_among(names)]:
                    return sorted(here, key=lambda one: one.place_among(names))
            return None

        return await self._first(listed, WORDS_SECONDS)

    async def portraits_since(self, since: int, seconds: float) -> DeliveredSet:
        """The pictures before the words that offer more like them. Those for which there was no
        room are not waited for."""
        line = await self._first(lambda: self._set(since), seconds)
        names = tuple(offered_in(line.text))
        if not self._is_set(line):
            raise Failed(line.text)
        first = line.number
        while first > since and self._phone.lines[first - 1].is_picture:
            first -= 1
        pictures = [await self._phone.picture(number) for number in range(first, line.number)]
        return DeliveredSet(tuple((one, JPEG) for one in pictures), names)

    async def clip_since(self, since: int, seconds: float) -> DeliveredClip:
        """The film, or the words that say why none came."""

        def came() -> PhoneLine | None:
            said = self._words("clip-failed", why="\0", back="gift", credits=0)
            sorry = said.partition("\0")[0].strip()
            lines = self._said(since)
            return next((one for one in lines if one.is_clip or sorry in one.text), None)

        line = await self._first(came, seconds)
        if not line.is_clip:
            raise Failed(line.text)
        return DeliveredClip(await self._phone.picture(line.number))

    async def changes(self) -> AsyncIterator[Bubble]:
        """Pictures are shown with the words that follow them, which Eider says last."""
        place = pictures = 0
        while True:
            self._phone.changed.clear()
            fresh, place = self._phone.lines[place:], len(self._phone.lines)
            for line in fresh:
                if line.is_picture or line.is_clip:
                    pictures += 1
                elif line.is_eiders:
                    yield _bubble(line, pictures)
                    pictures = 0
            await self._phone.changed.wait()

    async def costs(self) -> MessageCosts:
        return await self._phone.costs()

    def _said(self, since: int) -> list[PhoneLine]:
        return [one for one in self._phone.lines[since:] if one.is_eiders]

    def _offer(self, choice: Choice) -> Offer | None:
        if choice is PAY:
            return Offer(choice, f"▸ {self._bill()}") if self._bill() else None
        number, label = self._number_of(choice)
        return Offer(choice, f"{number} · {label}" if number else label) if label else None

    def _number_of(self, choice: Choice) -> tuple[str, str]:
        """The number and the label; the label alone if a newer message offers other things."""
        offers = [found for one in self._said(0) if (found := offered_in(one.text))]
        for age, offer in enumerate(reversed(offers)):
            label = next((one for one in choice.labels if one in offer), "")
            if label:
                return (offer[label] if age == 0 else ""), label
        return "", ""

    def _bill(self) -> str:
        """The newest bill's address."""
        links = (_BILL.search(one.text) for one in reversed(self._said(0)))
        return next((found[0] for found in links if found), "")

    def _set(self, since: int) -> PhoneLine | None:
        """The first message that brings portraits, or apologises for them."""
        lines = self._said(since)
        return next((one for one in lines if self._is_set(one) or self._is_apology(one)), None)

    def _is_set(self, line: PhoneLine) -> bool:
        more = self._words("portraits-button-more") in offered_in(line.text)
        return more and line.number > 0 and self._phone.lines[line.number - 1].is_picture

    def _is_apology(self, line: PhoneLine) -> bool:
        blank = "\0"
        apology = self._words("news-avatar-failed", amount=blank).partition(blank)[0]
        retry = self._words("bill-button-retry")
        return apology in line.text or retry in offered_in(line.text)

    async def _pay_bill(self) -> None:
        """Open the bill in WeChat's browser, and press its button."""
        await self._read_on()
        given = _PARAMETERS.search(await self._phone.open_page(self._bill()))
        if given is None:
            raise NotOffered("the page of the bill has no button")
        package = json.loads(html.unescape(given[1]))["package"]
        await self._phone.pay(package.removeprefix(_PREPAY))

    async def _do(self, deed: str, **said: str) -> None:
        await self._read_on()
        await self._phone.do(deed, **said)

    async def _read_on(self) -> None:
        """As long as it takes to read what was said; from here on comes the answer."""
        await asyncio.sleep(READING_SECONDS)
        await self._phone.refresh()
        self._answered_from = self.now()

    async def _first(self, find: Callable[[], T | None], seconds: float) -> T:
        """What ``find`` finds, once it finds something."""
        try:
            async with asyncio.timeout(seconds):
                while (found := find()) is None:
                    await asyncio.sleep(PAUSE)
                return found
        except TimeoutError:
            last = [one.text[:200] for one in self._phone.lines[-3:]]
            raise TimeoutError(f"after {seconds:g} s, at: {last}") from None


@asynccontextmanager
async def open_wechat_chat(api: str, pay: str, language: str) -> AsyncIterator[WechatChat]:
    """Somebody new, who speaks that language. ``api`` and ``pay`` are the doubles' addresses."""
    async with open_phone(api, pay) as phone:
        yield WechatChat(phone, words_in(language))


def words_in(language: str) -> Texts:
    """The texts as people in WeChat read them."""
    return texts(language, wording_of(CAPABILITIES))


def _preferences(language: str) -> tuple[Choice, ...]:
    if language == WECHATS_OWN:
        return ()
    ask = words_in(WECHATS_OWN)("welcome-button-language")
    return Choice("language", (ask,)), Choice(
        f"language:{language}", (texts(language)("language-name"),)
    )


def _bubble(line: PhoneLine, pictures: int) -> Bubble:
    tone = Tone.TROUBLE if line.kind == "banner" else Tone.PLAIN
    return Bubble(str(line.number), line.text, pictures=pictures, tone=tone)
