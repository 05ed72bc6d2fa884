"""Customers in Telegram: each sees what stands in their chat, and presses what is offered."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Final

from benchmarks.crowd.customer import AGAIN_SECONDS, LOOK_SECONDS, Customer, Lost
from benchmarks.crowd.plan import Deed, Plan
from handlers.texts import texts
from tests.botapi import BotApi, Declined, NoPayButton, Shown
from tests.botapi import Customer as Phone

EN: Final = texts("en")
FIRST_ID: Final = 910_000_000
SET_CREDITS: Final = 8
WAIT: Final = re.compile(
    r"About (?P<low>\d+)(?: to (?P<high>\d+))? (?P<unit>seconds|minutes|hours)"
)
TALLY: Final = re.compile(r"(\d+) photos? received, (\d+) usable")
SET: Final = re.compile(r"\. Strength \S+ of \S+ retouching|^Your first portraits: ")
STILL: Final = re.compile(
    r"Looking at \d+ more|to go\.$|You’re next|You’re in the queue|Making your avatar:"
    r"|is queued behind|is on\. Credits held|Shooting “|is coming alive:"
    r"|is on its way\. (It’s a|\d)"
    r"|I’m looking at the photo",
    re.MULTILINE,
)
"""What stands only while something is being waited for."""

READY: Final = EN("news-avatar-ready", span="/").partition("/")[0]
SORRY: Final = re.compile(r"^I’m sorry, (it didn’t work|the “|no clip came)")
SETS_BY_BUTTON: Final = {
    Deed.MORE: "portraits-button-more",
    Deed.ANOTHER: "portraits-button-again",
}
LEAST: Final = 12
"""Photos without which there is no avatar."""

AGREEING: Final = (
    "welcome-button-begin", "terms-button-yes", "training-button-yes", "subject-button-woman",
)  # fmt: skip
TO_THE_BILL: Final = (
    "photos-button-done", "few-button-go", "faces-button-done", "bill-button-retry",
    "bill-button-show",
)  # fmt: skip


class TelegramCustomer(Customer):
    """On a phone of the double's."""

    set_words, sorry_words = SET, SORRY

    def __init__(self, plan: Plan, api: BotApi, patience: float) -> None:
        self.phone = Phone(api, FIRST_ID + plan.number)
        super().__init__(plan, str(self.phone.user["id"]), patience)
        self._pressed: dict[tuple[int, str], float] = {}

    @property
    def shown(self) -> list[Shown]:
        return self.phone.chat.shown

    def texts(self) -> list[str]:
        return self.phone.texts()

    def standing(self) -> str:
        return " | ".join(text[:160].replace("\n", " ") for text in self.phone.texts()[-3:])

    def reads(self, words: str) -> bool:
        return any(words in text for text in self.phone.texts())

    def offered(self, label: str) -> bool:
        return any(label in shown.buttons() for shown in self.shown)

    def press(self, label: str) -> None:
        self.phone.press(label)
        if self.does(Deed.PRESSES_TWICE) and self.offered(label):
            self.phone.press(label)

    async def reach(self, true: Callable[[], object], what: str, *keys: str) -> None:
        """Press whatever of these is offered last, each once in a while, until it is true."""
        labels = [EN(key) for key in keys]

        def step() -> None:
            for shown in reversed(self.shown):
                for label in labels:
                    if label not in shown.buttons():
                        continue
                    last = self._pressed.get((shown.id, label))
                    if last is None or time.monotonic() - last > AGAIN_SECONDS:
                        self.record.asked_again += last is not None
                        self._pressed[shown.id, label] = time.monotonic()
                        self.press(label)
                    return

        began = time.monotonic()
        while not true():
            if time.monotonic() - began > self.patience:
                raise Lost(f"{what}; {self.standing()}")
            step()
            await self.think(0.4)

    async def live(self) -> None:
        await self._agree()
        if not await self._send_photos():
            return
        if await self._pay():
            await self._wait()
            await self._enjoy()
            await self._leave()

    async def _agree(self) -> None:
        self.phone.say("/start")
        begin = EN("welcome-button-begin")
        again = lambda: self.phone.say("/start")  # noqa: E731
        await self.until(lambda: self.offered(begin), "a welcome", again)
        tips = EN("photos-button-tips")
        await self.reach(lambda: self.offered(tips), "the question for photos", *AGREEING)

    async def _send_photos(self) -> bool:
        """Whether they go on."""
        await self.think()
        self._send(self.plan.photos)
        if self.does(Deed.CANCELS_PHOTOS):
            await self._cancel("photos-button-cancel")
            return False
        sent, began = self.plan.photos, time.monotonic()
        while not self._counted(sent):
            if time.monotonic() - began > self.patience:
                raise Lost(f"{sent} photos counted; {self.standing()}")
            if self.reads(EN("photo-not-fetched")) and time.monotonic() - began > AGAIN_SECONDS:
                self._send(2)
                sent, self.record.asked_again = sent + 2, self.record.asked_again + 1
                began += AGAIN_SECONDS
            await self.think(0.4)
        return True

    def _send(self, count: int) -> None:
        photos = self.photos(count)
        for start in range(0, count, 10):
            self.phone.send_album(photos[start : start + 10])

    def _counted(self, sent: int) -> bool:
        """Whether the newest tally has them all, and has looked at each."""
        for text in reversed(self.phone.texts()):
            if found := TALLY.search(text):
                looked = "Looking at" not in text
                return looked and int(found[1]) >= sent and int(found[2]) >= LEAST
        return False

    async def _cancel(self, key: str) -> None:
        done = EN("cancel-done")
        await self.reach(lambda: self.reads(done), "it is cancelled", "cancel-button-yes", key)
        self.record.cancelled = True

    async def _pay(self) -> bool:
        """Whether they did."""
        await self.reach(self._invoices, "the bill", *TO_THE_BILL)
        if self.does(Deed.CANCELS_BILL):
            await self._cancel("bill-button-cancel")
            return False
        await self.think(20 if self.does(Deed.PAYS_LATE) else 1)
        await self._pay_newest(twice=self.does(Deed.PAYS_TWICE))
        thanks = "received, thank you."
        await self.until(lambda: self.reads(thanks), "a receipt")
        return True

    def _invoices(self) -> list[Shown]:
        return [shown for shown in self.shown if shown.invoice]

    async def _pay_newest(self, *, twice: bool = False) -> None:
        """In the chat; again after a while where the bot does not answer, or says no."""
        began = time.monotonic()
        while True:
            bills = self._invoices()
            try:
                paying = [self.phone.pay(bills[-1]) for _ in range(1 + twice)]
                done = await asyncio.gather(*paying, return_exceptions=True)
            except (IndexError, NoPayButton):
                done = []
            charges = [one for one in done if not isinstance(one, BaseException)]
            self.record.charges += [charge.id for charge in charges]
            wrong = [one for one in done if isinstance(one, BaseException)]
            if any(not isinstance(one, Declined | NoPayButton) for one in wrong):
                raise ExceptionGroup("paying", [w for w in wrong if isinstance(w, Exception)])
            if charges or EN("error-already-paid") in map(str, wrong):
                return
            if time.monotonic() - began > self.patience:
                raise Lost(f"the bill can be paid; {wrong} {self.standing()}")
            self.record.asked_again += 1
            await self.think(5)

    async def _wait(self) -> None:
        """For the avatar and the first portraits, as is said how long it takes."""
        if self.does(Deed.WITHDRAWS):
            await self._withdraw()
            return
        if self.does(Deed.SENDS_MORE):
            self._send(2)
        began = time.monotonic()
        while not (self.reads(READY) and self.sets()):
            self._hear_of_the_wait()
            if self.apologised():
                return
            if time.monotonic() - began > self.patience:
                raise Lost(f"an avatar and portraits; {self.standing()}")
            await asyncio.sleep(LOOK_SECONDS)
        self.ready()
        self.record.sets_wanted = 1

    def _hear_of_the_wait(self) -> None:
        if self.reads(READY):
            self.ready()
        elif self.record.promise is None:
            told = (WAIT.search(text) for text in reversed(self.phone.texts()))
            self.promised(next(filter(None, told), None))

    async def _enjoy(self) -> None:
        if not self.record.sets_wanted:
            return
        for deed, key in SETS_BY_BUTTON.items():
            if self.does(deed):
                label = EN("button-cost", label=EN(key), cost=SET_CREDITS)
                await self.until(lambda label=label: self.offered(label), label)
                await self._another(lambda label=label: self.phone.press(label), label)
        if self.does(Deed.RESTYLE):
            shoot = EN("style-button-shoot", cost=SET_CREDITS)
            name = lambda: self.phone.say("Classic studio")  # noqa: E731
            name()
            await self.until(lambda: self.offered(shoot), shoot, name)
            await self._another(lambda: self.phone.press(shoot), "another style")
        if self.does(Deed.CLIP):
            await self._clip()
        if self.does(Deed.TOP_UP):
            await self._top_up()

    async def _another(self, ask: Callable[[], object], what: str) -> None:
        """One more set. It is asked for once: it would cost twice."""
        await self.think(2)
        before = self.sets()
        ask()
        failed = False

        def came() -> bool:
            nonlocal failed
            failed = failed or self.apologised()
            return failed or self.sets() > before

        await self.until(came, f"portraits after {what!r}")
        self.record.sets_wanted += not failed

    async def _clip(self) -> None:
        motion = "A · Gentle"
        labels = (EN("share-button-one", number=1), EN("alive-portrait-yes"))
        await self.think(2)
        self.press(EN("portraits-button-alive"))
        for label in (*labels, motion):
            await self.until(lambda label=label: self.offered(label), label)
            self.phone.press(label)
        self.record.clips_wanted = 1
        await self.until(lambda: self._clips() or self.apologised(), "a clip")

    def _clips(self) -> int:
        return sum(shown.video is not None and "“Gentle”" in shown.caption for shown in self.shown)

    async def _top_up(self) -> None:
        await self.think(2)
        pack = EN("credits-button-pack", credits=60, price=EN("money-XTR", amount="75", count=75))
        self.phone.say("/credits")
        await self.until(lambda: self.offered(pack), pack, lambda: self.phone.say("/credits"))
        bills = len(self._invoices())
        self.phone.press(pack)
        await self.until(lambda: len(self._invoices()) > bills, "a bill of credits")
        await self._pay_newest()
        await self.until(lambda: self.reads("60 credits added"), "a receipt of credits")

    async def _withdraw(self) -> None:
        await self.think(0.5)
        self.phone.say("/revoke")
        key = "revoke-button-yes"
        again = lambda: self.phone.say("/revoke")  # noqa: E731
        await self.until(lambda: self.offered(EN(key)), "the question of withdrawing", again)
        done = "Withdrawn. I no longer use"
        await self.reach(lambda: self.reads(done), "it is withdrawn", key)
        self.record.withdrew = True

    async def _leave(self) -> None:
        if not self.does(Deed.ERASES):
            return
        await self.think(2)
        self.phone.say("/erase")
        label = EN("erase-button-yes")
        await self.until(lambda: self.offered(label), label, lambda: self.phone.say("/erase"))
        receipt = "Thank you for coming."
        await self.reach(lambda: self.reads(receipt), "a receipt of erasure", "erase-button-yes")
        self.record.erased = True

    def look(self) -> None:
        """At the end: what stands in the chat."""
        texts = self.phone.texts()
        self.record.seen = {
            "sets": self.sets(),
            "clips": self._clips(),
            "receipts": sum("received, thank you." in text for text in texts),
            "erasures": sum("Receipt of erasure: " in text for text in texts),
            "ready": sum(READY in text for text in texts),
        }
        self.record.sets_at = [
            one.date for one in self.shown if SET.search(one.text or one.caption)
        ]
        self.record.unanswered = next((text for text in texts if STILL.search(text)), "")[:200]
