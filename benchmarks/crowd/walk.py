"""One customer's whole way through the house in Telegram, from the first word to the erasure."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Final

from aiohttp import ClientSession

from benchmarks.updates.people import PHOTOS
from bot.pages.door import HEADER
from handlers.texts import Texts, texts
from shop.catalog import Catalog
from shop.people.users import LANGUAGES
from shop.records import Subject
from tests.bot.telegram.mini_app import opened_by
from tests.botapi import BotApi, Customer, Declined, Shown

SENT: Final = 20
PATIENCE: Final = 240.0
"""Seconds in which each answer must stand in the chat."""
TRIES: Final = 5

QUESTIONS: Final = {
    "en": "how long does it take?",
    "zh_CN": "要等多久？",
    "fr": "ça prend combien de temps ?",
    "ko": "얼마나 걸려요?",
}

CATALOG: Final = Catalog.load()


class Unanswered(Exception):
    """What somebody waited for in vain, and what stood in their chat instead."""


class Walker:
    """A person. ``took`` says how long they waited for what, in seconds. ``web`` is where the
    public address ``public`` is on this machine."""

    def __init__(self, api: BotApi, id: int, web: str, public: str) -> None:
        self.api, self.id, self.web, self.public = api, id, web, public
        self.language = LANGUAGES[id % len(LANGUAGES)]
        self.customer = Customer(api, id, self.language.replace("zh_CN", "zh-hans"))
        self.took: dict[str, float] = {}

    @property
    def say(self) -> Texts:
        """Our words in their language."""
        return texts(self.language)

    async def walk(self, http: ClientSession) -> None:
        """All of it. Raises :class:`Unanswered`."""
        await self.agree()
        await self.ask()
        await self.send_photos()
        await self.buy()
        await self.look_at_the_page(http)
        await self.take_another_style()
        await self.erase()

    async def agree(self) -> None:
        self.customer.say("/start")
        for key in ("welcome-button-begin", "terms-button-yes", "training-button-yes",
                    "subject-button-woman"):  # fmt: skip
            await self._press(key)
        await self._button("photos-button-tips")

    async def ask(self) -> None:
        """A question in their own words."""
        before = len(self.customer.chat.shown)
        self.customer.say(QUESTIONS[self.language])
        await self._until("question", lambda: len(self.customer.chat.shown) > before)

    async def send_photos(self) -> None:
        """As two albums; done when all were looked at."""
        first = self.id % len(PHOTOS)
        album = [PHOTOS[(first + number) % len(PHOTOS)] for number in range(SENT)]
        for start in range(0, SENT, 10):
            self.customer.send_album(album[start : start + 10])
        tally = self.say("tally-head", sent=SENT, accepted=SENT)
        await self._until("photos", lambda: self._stands(tally))

    async def buy(self) -> None:
        """The bill, the payment, the training, the first portraits."""
        await self._press("photos-button-done")
        await self._until("bill", lambda: any(shown.invoice for shown in self.customer.chat.shown))
        await self._pay()
        await self._until("first portraits", self._set)

    async def look_at_the_page(self, http: ClientSession) -> None:
        """The album, opened as Telegram's app does, with one picture of it."""
        keys = [key for shown in self.customer.chat.shown for key in shown.buttons().values()]
        url = next(key["web_app"]["url"] for key in keys if "web_app" in key)
        url = url.replace(self.public, self.web)
        headers = {"Host": self.public.partition("://")[2], HEADER: "1"}
        began = time.perf_counter()
        proof = {"proof": opened_by(self.id, self.api.token)}
        async with http.post(f"{url}/in", json=proof, headers=headers) as answer:
            answer.raise_for_status()
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        async with http.get(url, headers=headers | {"Cookie": cookie}) as answer:
            answer.raise_for_status()
            found = re.search(r'src="([^"]+/picture/[^"]+)"', await answer.text())
        if found is None:
            raise Unanswered(f"no picture on the page of {self.id}")
        async with http.get(self.web + found[1], headers=headers | {"Cookie": cookie}) as answer:
            answer.raise_for_status()
            await answer.read()
        self.took["page"] = time.perf_counter() - began

    async def take_another_style(self) -> None:
        await self._press("portraits-button-styles")
        chosen = await self._found(self._style)
        before = self._set()
        self.customer.press(chosen)
        await self._until("another set", lambda: self._set() > before)

    async def erase(self) -> None:
        self.customer.say("/erase")
        await self._press("erase-button-yes")
        await self._until("erasure", lambda: self._stands(self.say("news-erased")))

    def forget(self) -> None:
        """What the double keeps of them."""
        api = self.api
        for name in {shown.file_id for shown in self.customer.chat.shown}:
            api.store.data.pop(name, None)
        api.chats.pop(self.id, None)
        for query in api.presses.pop(self.id, ()):
            api.notices.pop(query, None)

    # Eyes and hands

    async def _pay(self) -> None:
        """Again where Telegram, which waits ten seconds for the bot, gave it up."""
        for _ in range(TRIES):
            try:
                await self.customer.pay()
            except Declined as why:
                self.took["pressed Pay again"] = self.took.get("pressed Pay again", 0) + 1
                last = str(why)
            else:
                return
        raise Unanswered(f"{self.id} could not pay: {last}")

    async def _press(self, key: str) -> None:
        label = self.say(key)
        await self._button(key)
        self.customer.press(label)

    async def _button(self, key: str) -> None:
        label = self.say(key)
        await self._until(key, lambda: any(label in one.buttons() for one in self._shown))

    async def _found(self, look: Callable[[], str]) -> str:
        await self._until("a style", look)
        return look()

    async def _until(self, what: str, true: Callable[[], object]) -> None:
        began = time.perf_counter()
        while not true():
            if time.perf_counter() - began > PATIENCE:
                raise Unanswered(f"{self.id} waits for {what}; sees {self.customer.texts()[-3:]}")
            await asyncio.sleep(0.05)
        self.took[what] = time.perf_counter() - began

    @property
    def _shown(self) -> list[Shown]:
        return self.customer.chat.shown

    def _stands(self, words: str) -> bool:
        return any(words in text for text in self.customer.texts())

    def _set(self) -> int:
        """The message below the newest set; 0 before the first."""
        label = self.say("portraits-button-originals")
        return max((one.id for one in self._shown if label in one.buttons()), default=0)

    def _style(self) -> str:
        """A button of the newest page of styles; "" while there is none."""
        shown, _ = CATALOG.offered("mini", Subject.WOMAN)
        names = {one.names[self.language] for one in shown}
        labels = [label for one in self._shown for label in one.buttons() if label in names]
        return labels[-1] if labels else ""
