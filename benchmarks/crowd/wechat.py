"""Customers in WeChat: each reads numbered choices, types them, and pays with WeChat Pay."""

import asyncio
import contextlib
import html
import json
import re
import time
from collections.abc import Callable
from typing import Final

import aiohttp

from benchmarks.crowd.customer import AGAIN_SECONDS, Customer, Lost
from benchmarks.crowd.plan import Deed, Plan
from tests.journeys.wechat_steps import SAY, TO_PHOTOS, links, number_in, words_of
from tests.wechatapi import Person, Wechat
from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.records import CannotPay

TALLY: Final = re.compile(r"收到 (\d+) 张，能用的 (\d+) 张")
SET: Final = re.compile(r"。分身强度 [^→]*（最高 [^）]*），(修饰|轻轻)")
TO_THE_BILL: Final = ("photos-button-done", "few-button-go", "faces-button-done")
FIRST_SET: Final = "第一组写真："
SORRY: Final = re.compile(r"对不起，(这次没做成|“)")
SETS_BY_WORD: Final = (
    (Deed.MORE, "more", "portraits-button-more"),
    (Deed.ANOTHER, "again", "portraits-button-again"),
)
SET_CREDITS: Final = 8
LEAST: Final = 12
"""Photos without which there is no avatar."""

WRITES_AGAIN: Final = 20.0
"""Seconds after which somebody who waits writes a word, without which WeChat lets nobody answer."""


class WechatCustomer(Customer):
    """On a phone of the double's; ``gateway`` takes their money."""

    set_words, sorry_words = SET, SORRY

    def __init__(self, plan: Plan, wechat: Wechat, gateway: PayDouble, patience: float) -> None:
        self.phone = Person(wechat, f"oCrowd{plan.number:022d}")
        self.gateway = gateway
        super().__init__(plan, self.phone.openid, patience)

    def texts(self) -> list[str]:
        return self.phone.texts()

    def standing(self) -> str:
        return " | ".join(text[:120].replace("\n", " ") for text in self.phone.texts()[-3:])

    def reads(self, words: str) -> bool:
        return any(words in text for text in self.phone.texts())

    async def says(self, text: str, *, once: bool = False) -> None:
        """Not within the second of the last message, as nobody does: WeChat's dates are seconds."""
        last = max((int(each.at) for each in self.phone.seen()), default=0)
        while int(self.phone.wechat.clock()) <= last:
            await asyncio.sleep(0.1)
        for _ in range(1 + (self.does(Deed.PRESSES_TWICE) and not once)):
            await self.phone.say(text)

    async def reach(self, true: Callable[[], object], what: str, *keys: str) -> None:
        """Type the number of whatever of these is offered last, until it is true; a word now and
        then, where nothing comes."""
        labels = [SAY(key) for key in keys]
        began = last = time.monotonic()
        said = ""
        while not true():
            now = time.monotonic()
            if now - began > self.patience:
                raise Lost(f"{what}; {self.standing()}")
            standing = self.standing()
            number = next(filter(None, (number_in(self.phone, one) for one in labels)), "")
            if number and standing != said:
                said, last = standing, now
                await self.says(number)
                continue
            if now - last > (AGAIN_SECONDS if labels else WRITES_AGAIN):
                last, said = now, ""
                self.record.asked_again += bool(labels)
                await self.says(SAY.word("where"))
            await self.think(0.4)

    async def live(self) -> None:
        await self.phone.follow()
        asks = words_of("photos-ask", asked=20, minimum=12)[:12]
        await self.reach(lambda: self.reads(asks), "the question for photos", *TO_PHOTOS)
        await self._send_photos()
        if self.does(Deed.CANCELS_PHOTOS):
            await self._cancel()
            return
        await self.reach(lambda: links(self.phone, "/pay/wechat"), "a bill", *TO_THE_BILL)
        if self.does(Deed.CANCELS_BILL):
            await self._cancel()
            return
        await self.think(20 if self.does(Deed.PAYS_LATE) else 1)
        await self._pay()
        if self.does(Deed.WITHDRAWS):
            await self._withdraw()
            return
        came = lambda: self.reads(FIRST_SET) or self.apologised()  # noqa: E731
        await self.reach(came, "an avatar and portraits")
        if not self.reads(FIRST_SET):
            return
        self.record.sets_wanted = 1
        for deed, word, key in SETS_BY_WORD:
            if self.does(deed):
                await self._another(SAY.word(word), key)
        if self.does(Deed.ERASES):
            await self._erase()

    async def _send_photos(self) -> None:
        """Those of which WeChat's banner says that nobody took them are sent again."""
        missing = self.plan.photos
        while missing:
            before = len(self.phone.seen("banner"))
            for sent in self.phone.send_photos(self.photos(missing)):
                await sent
            missing = len(self.phone.seen("banner")) - before
            self.record.asked_again += bool(missing)
        if not self.does(Deed.CANCELS_PHOTOS):
            done = SAY("photos-button-done")
            counted = lambda: number_in(self.phone, done) and self._counted()  # noqa: E731
            await self.reach(counted, "all photos counted")

    def _counted(self) -> bool:
        """Whether the newest tally has them all, and has looked at each."""
        for text in reversed(self.phone.texts()):
            if found := TALLY.search(text):
                looked = "正在看" not in text
                return looked and int(found[1]) >= self.plan.photos and int(found[2]) >= LEAST
        return False

    async def _cancel(self) -> None:
        await self.says(SAY.word("cancel"))
        done = words_of("cancel-done")[:6]
        await self.reach(lambda: self.reads(done), "it is cancelled", "cancel-button-yes")
        self.record.cancelled = True

    async def _pay(self) -> None:
        """On the bill's page, in WeChat's own browser; it may take several tries."""
        began = time.monotonic()
        while not self.record.charges:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, CannotPay, LookupError):
                self.record.charges.append(await self._pay_once())
                break
            if time.monotonic() - began > self.patience:
                raise Lost(f"the bill can be paid; {self.standing()}")
            self.record.asked_again += 1
            await self.think(5)
        self.phone.wechat.paid(self.phone.openid)
        await self.reach(lambda: self.reads("收到 ¥9.90"), "a receipt")

    async def _pay_once(self) -> str:
        """The transaction's id. Raises LookupError where the page has no button."""
        async with self.phone.browser() as browser:
            page = await browser.get(links(self.phone, "/pay/wechat/checkout")[-1])
        found = re.search(r'data-parameters="([^"]*)"', page.text)
        if found is None:
            raise LookupError(page.status)
        package = json.loads(html.unescape(found[1]))["package"]
        return self.gateway.pay(
            package.removeprefix("prepay_id="), self.phone.openid
        ).transaction_id

    async def _another(self, word: str, key: str) -> None:
        """One more set: a word asks for its price, and its number takes it, once."""
        await self.think(2)
        before, label = self.sets(), SAY("button-cost", label=SAY(key), cost=SET_CREDITS)
        await self.says(word)
        await self.reach(lambda: number_in(self.phone, label), f"the price of {word}")
        await self.says(number_in(self.phone, label), once=True)
        came = lambda: self.sets() > before or self.apologised()  # noqa: E731
        await self.reach(came, f"portraits after {word}")
        self.record.sets_wanted += self.sets() > before

    async def _withdraw(self) -> None:
        await self.says(SAY.word("revoke"))
        done = words_of("revoke-done", fate="no", lost="", back="", owed="")[:5]
        await self.reach(lambda: self.reads(done), "it is withdrawn", "revoke-button-yes")
        self.record.withdrew = True

    async def _erase(self) -> None:
        await self.says(SAY.word("erase"))
        done = "谢谢你来过"  # the receipt of uploads begins as this one does
        await self.reach(lambda: self.reads(done), "a receipt of erasure", "erase-button-yes")
        self.record.erased = True

    def look(self) -> None:
        """At the end: what stands on the phone."""
        texts = self.phone.texts()
        self.record.seen = {
            "sets": self.sets(),
            "receipts": sum("收到 ¥9.90" in text for text in texts),
            "erasures": sum("删除回执：" in text for text in texts),
            "ready": sum(FIRST_SET in text for text in texts),
            "banners": len(self.phone.seen("banner")),
        }
        self.record.sets_at = [int(one.at) for one in self.phone.seen() if SET.search(one.words())]
