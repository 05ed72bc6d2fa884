"""Every ending of what is waited for, played in Telegram: no message that still stands says that it
goes on.
"""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.fitting import adapt
from bot.telegram.channel import CHANNEL
from bot.telegram.outbound import TelegramOutbound
from handlers.chat import Reply
from handlers.texts import texts
from shop.job_kinds import JOB_KINDS
from shop.jobs import dispatch, standstills
from shop.records import Job, JobState
from tests.botapi import BotApi, Customer
from tests.handlers.dialogue_harness import EVENTS, DialogueHarness
from tests.handlers.guests import FakeOutbound
from tests.handlers.test_alive import TO_MOTIONS, TO_PHOTO
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO

EN = texts("en")
GOES_ON = (
    "waiting-queue", "waiting-working", "waiting-prompt", "waiting-sample", "waiting-eta",
    "waiting-eta-unknown", "waiting-eta-no-worker", "waiting-halted", "waiting-stage-loading",
    "waiting-stage-preparing", "waiting-stage-training", "waiting-stage-sampling",
    "waiting-stage-painting", "shoot-queued", "shoot-working", "film-queued", "film-working",
    "alive-looking", "source-held", "tally-checking", "photos-done-waits", "faces-ask",
    "faces-marked", "faces-taken", "few-honest", "bill-prompt", "bill-avatar", "photos-prompt",
    "compare-photos-yes",
)  # fmt: skip
"""Messages that say that something goes on, waits or is yet to be answered."""

COMMON = "on its way"
"""What is also said of money that goes back."""

TO_TRAINING = TO_BILL + "[Pay here in the chat]\n* a worker trains\n* a sample is painted\n"
TO_SHOOT = TO_STUDIO + "[More like me]\n* a worker paints\n"
TO_FILM = TO_MOTIONS + "[B · Smile]\n* a worker makes the clip\n"
TO_HELD = TO_PHOTO + "\n+ 1 photo\n* somebody looks young\n"
ASKED = "[Compare them for me]\n"
ENDINGS = {
    "portraits": TO_SHOOT + "* the portraits are painted",
    "some portraits": TO_SHOOT + "* two portraits are painted",
    "painting fails": TO_SHOOT + "* the painting fails",
    "erased while painting": TO_SHOOT + "> erase everything\n[Erase everything]",
    "withdrawn while painting": TO_SHOOT + "> revoke\n[Withdraw and erase]",
    "trained": TO_TRAINING + "* the avatar is made",
    "training fails": TO_TRAINING + "* the training fails",
    "training poisoned": TO_TRAINING + "* the job is given up",
    "erased while training": TO_TRAINING + "> erase everything\n[Erase everything]",
    "stopped": TO_TRAINING + "> revoke\n[Withdraw and erase]",
    "trained after a standstill": TO_TRAINING + "* the studio is gone\n< The studio has stopped\n"
    "* the avatar is made",
    "erased while it stands still": TO_TRAINING + "* the studio is gone\n"
    "> erase everything\n[Erase everything]",
    "refund before work": TO_BILL + "[Pay here in the chat]\n[Cancel and refund]\n[cancel:refund-]",
    "clip": TO_FILM + "* the clip is made",
    "clip fails": TO_FILM + "* the clip fails",
    "clip withdrawn": TO_FILM + "> /revoke",
    "clip erased": TO_FILM + "> erase everything\n[Erase everything]",
    "source seen": TO_MOTIONS,
    "source refused": TO_PHOTO + "\n+ 1 photo\n* no face can move",
    "source given up": TO_PHOTO + "\n+ 1 photo\n[Never mind]",
    "source approved": TO_HELD + "* the photo is approved",
    "source nobody looked at": TO_HELD + "* the photo waits a day",
    "source withdrawn": TO_HELD + "> /revoke",
    "checked": TO_PHOTOS + "+ 20 photos\n* the photos are checked",
    "pressed too early": TO_PHOTOS + "+ 14 photos\n* the photos are checked\n+ 2 photos\n"
    "[Use these]\n< still looking at 2 more\n* the photos are checked\n< 16 usable\n"
    "< Are these all you? 16\n[All of these are me]\n[That’s all, go to payment]\n"
    "[Pay here in the chat]\n* the avatar is made",
    "paid in the end": TO_BILL + ASKED + "[Compare]\n* the photos are compared\n< Take them out?\n"
    "[Take out the marked ones]\n> no idea whatever\n[All of these are me]\n< To be honest: 18\n"
    "[That’s all, go to payment]\n> no idea whatever\n< The bill is out\n[Show the bill]\n"
    "[Pay here in the chat]\n* the avatar is made",
    "paid while comparing": TO_BILL + ASKED + "[Compare]\n[Pay here in the chat]\n"
    "* the avatar is made",
    "taken out": TO_BILL + "> no idea whatever\n< The bill is out\n> 3, 7\n> cancel\n[cancel:yes-]",
    "cancelled while checking": TO_PHOTOS + "+ 20 photos\n> cancel\n[cancel:yes-]",
    "expired": TO_BILL + "* a day passes",
    "cancelled": TO_BILL + "> cancel\n[cancel:yes-]",
    "erased while checking": TO_PHOTOS + "+ 20 photos\n> erase everything\n[Erase everything]",
}  # fmt: skip


class InTelegram(DialogueHarness):
    """The dialogue, in chats of the double as well: a guest's name is their id."""

    def __init__(self, folder: Path, telegram: TelegramOutbound) -> None:
        self._telegram = telegram
        self.told: dict[str, int] = {}
        super().__init__(folder)

    def rebuild(self, **parts) -> None:
        super().rebuild(**parts)
        heard = FakeOutbound(self.guests, self.gone)
        self.outbounds.update(dict.fromkeys(self.outbounds, Both(heard, self._telegram)))

    async def deliver(self) -> None:
        """The answers of the update go out before the notices that it led to."""
        for guest in self.guests.values():
            for reply in guest.all_heard[self.told.get(guest.name, 0) :]:
                for part in adapt([reply], CHANNEL.capabilities):
                    await self._telegram.send(guest.name, part)
        await super().deliver()
        self.told = {guest.name: len(guest.all_heard) for guest in self.guests.values()}


class Both:
    """News are heard by the guest, and shown in the double's chat."""

    def __init__(self, heard: FakeOutbound, telegram: TelegramOutbound) -> None:
        self._heard, self._telegram = heard, telegram

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        await self._heard.send(chat, reply, key=key)
        for number, part in enumerate(adapt([reply], CHANNEL.capabilities)):
            await self._telegram.send(chat, part, key=f"{key}{number}" if number else key)

    async def forget(self, chat: str, before: datetime) -> None:
        await self._telegram.forget(chat, before)


@pytest.fixture
async def telling(
    outbound: TelegramOutbound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[InTelegram]:
    monkeypatch.setitem(EVENTS, "the job is given up", give_up)
    monkeypatch.setitem(EVENTS, "the studio is gone", stand_still)
    harness = InTelegram(tmp_path, outbound)
    yield harness
    await harness.till.close()


async def give_up(harness: InTelegram) -> None:
    async with harness.database.begin() as tx:
        for job in await tx.find(Job, state=JobState.RUNNING):
            await dispatch.give_up(tx, job, JOB_KINDS[job.kind], "poisoned", harness.now)
    await harness.deliver()


async def stand_still(harness: InTelegram) -> None:
    harness.now += timedelta(minutes=15)
    assert await standstills.tell(harness.database, JOB_KINDS.values(), timedelta(0)) == 1
    await harness.deliver()


def says_that_it_goes_on(text: str) -> list[str]:
    """The keys of the messages whose words, but for their blanks, are in that text."""
    return [key for key in GOES_ON if any(one in text for one in fixed_parts(key))]


def fixed_parts(key: str) -> list[str]:
    """What a message says whatever its blanks are filled with."""
    source = "\n".join(path.read_text("utf-8") for path in Path("locales/en").glob("*.ftl"))
    found = re.search(rf"^{key} =((?:.*\n)(?:[ ].*\n|\n(?=[ ]))*)", source, re.MULTILINE)
    assert found, key
    lines = re.sub(r"^\s*\*?\[\w+\]|\{ \$\w+ ->|^\s*\}$", "", found[1], flags=re.MULTILINE)
    parts = (
        part.strip(" .:,…") for line in lines.splitlines() for part in re.split(r"\{[^}]*\}", line)
    )
    return [part for part in parts if len(part) > 11 and COMMON not in part]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_nothing_that_stands_says_that_it_goes_on(
    api: BotApi, telling: InTelegram, ending: str
) -> None:
    customer = Customer(api, 4201)
    script = ENDINGS[ending]
    telling.odd = {5, 9}
    await telling.play(telling.guest("4201"), script)
    standing = {text: found for text in customer.texts() if (found := says_that_it_goes_on(text))}
    assert standing == {}
    assert not [text for text in customer.texts() if set(text) & set("▓▒░")]
    assert len(customer.texts()) > 3


async def test_words_and_bar_are_one_number(api: BotApi, telling: InTelegram) -> None:
    customer = Customer(api, 4201)
    await telling.play(telling.guest("4201"), TO_SHOOT)
    (shown,) = [text for text in customer.texts() if "▓" in text]
    assert "50%" in shown
    assert shown.endswith("▓" * 5 + "░" * 5)
