"""What a typed number means while photos are answered late: what stands on the phone, always."""

import re
from contextlib import suppress
from datetime import timedelta
from itertools import count
from random import Random
from unittest.mock import Mock

import pytest
from redis.asyncio import Redis

from bot.adaptation import ChannelDispatcher, GatheredOutbound, ReplyAdapter
from bot.outbound import Delivery, RetryLater
from bot.preview_sheet import PreviewSheets
from bot.state.sessions import MessageIds
from bot.wechat import WECHAT
from bot.wechat.budget import Contact, MessageBudget
from bot.wechat.inbound import SentImage, read
from bot.wechat.media import MediaIds
from bot.wechat.outbound import CAPABILITIES, WechatOutbound
from bot.wechat.photo_batches import PhotoBatches
from bot.wechat.photo_queue import PHOTO, PhotoQueue
from bot.wechat.quiet_outbound import AnswersToPhotos, QuietOutbound
from handlers.chat import Button, Incoming, Person, Pressed, Reply, Said, Say, SentOther, SentPhoto
from handlers.dispatcher import Dispatcher
from handlers.router import NO_SUCH_NUMBER
from handlers.steps.photos import TALLY
from handlers.texts import texts
from shop.adapters.memory import MemoryDatabase
from shop.encryption import KeyedHash
from shop.jobs import outbox
from shop.labels.signing import NoCredentials
from shop.records import OutboxMessage, OutboxState
from tests.bot.wechat.phone import WechatPhones
from tests.bot.wechat.posting import ADA, image
from tests.conftest import SetClock
from tests.keys import MASTER_KEY

IDS = KeyedHash(MASTER_KEY, "tests")
NOTHING = SentOther(NO_SUCH_NUMBER)
_CHOICE = re.compile(r"^(\d+) (L\d+)$", re.MULTILINE)


def menu(random: Random, names: "count[int]", key: str = "") -> Say:
    """A message with one to three choices; a label tells its action."""
    buttons = tuple((Button(f"L{n}", f"a{n}"),) for n in (next(names) for _ in range(3)))
    return Say(f"menu {next(names)}", buttons[: random.randint(1, 3)], key)


class Talk:
    """ADA, her phone, and all that may say something there. The dialogue itself says menus by
    chance, each with choices of its own."""

    def __init__(self, seed: int, database: MemoryDatabase, redis: Redis, clock: SetClock) -> None:
        self.random, self.names = Random(seed), count(1)
        self.database, self.redis, self.clock = database, redis, clock
        self.phones = WechatPhones(clock)
        self.adapter = ReplyAdapter(WECHAT, CAPABILITIES, MessageIds(redis), clock)
        self.queue = PhotoQueue(database, redis, MASTER_KEY)
        self.budget = MessageBudget(redis, MASTER_KEY, clock)
        ids = MessageIds(redis)
        media = MediaIds(self.phones, ids, clock)  # type: ignore[arg-type]

        async def say(chat: str) -> object:
            return texts("zh_CN")

        self.outbound = WechatOutbound(self.phones, self.budget, media, ids, say)  # type: ignore[arg-type]
        quiet = QuietOutbound(self.outbound, self.queue, database)
        self.news = GatheredOutbound(quiet, self.adapter)
        self.dispatcher = ChannelDispatcher(
            {WECHAT: self.adapter}, Mock(**{"settings.signing_key": MASTER_KEY}), Mock(),
            PreviewSheets(NoCredentials()),
        )  # fmt: skip

        async def late(chat, answer, screen, asked) -> None:
            outbound = AnswersToPhotos(quiet)
            await self.dispatcher.send_late(WECHAT, outbound, chat, answer, screen, asked)

        self.batches = PhotoBatches(
            database,
            self.queue,
            self.dispatcher,
            self.phones,
            redis,
            late,  # type: ignore[arg-type]
        )
        self.events = count(1)
        self.meanwhile: list[str] = []
        self.unsure = False
        self.phones.trouble = self.breaks
        self.break_off = False

    async def dialogue(self, incoming: Incoming, answered: object = None) -> list[Reply]:
        """What the dialogue answers, in the place of :meth:`Dispatcher.handle`."""
        if self.random.random() < 0.2:
            return [Say("without any")]
        if isinstance(incoming.content, SentPhoto) and self.random.random() < 0.5:
            return [menu(self.random, self.names, f"{TALLY}order")]
        tally = f"{TALLY}order" if self.random.random() < 0.3 else ""
        return [menu(self.random, self.names, tally)]

    def breaks(self, call: str, reached: bool) -> None:
        """The connection breaks off behind the call: whether it was shown is not known."""
        if self.break_off and reached:
            self.break_off = False
            raise RetryLater(1)

    async def contacted(self) -> None:
        self.phones[ADA].contacted(Contact.MESSAGE, self.clock())
        await self.outbound.contacted(ADA, Contact.MESSAGE, self.clock())

    async def says(self, text: str = "hello") -> None:
        await self.contacted()
        person = Person(WECHAT, ADA)
        said = Incoming(f"wechat:{next(self.events)}", person, self.clock(), Said(text))
        if passive := await self.outbound.answer(said, await self.dispatcher.handle(said)):
            self.phones[ADA].seen.append(passive)
            self.unsure = self.unsure and not _CHOICE.search(passive)

    async def sends_photo(self) -> None:
        await self.contacted()
        seconds = str(int(self.clock().timestamp()))
        received = read(image(f"m{next(self.events)}", CreateTime=seconds), IDS)
        assert isinstance(received.content, SentImage)
        await self.queue.add(received, received.content)
        await self.looks()

    async def looks(self) -> None:
        """The outbox worker looks at her photos, and answers them if she has stopped."""
        async with self.database.begin() as tx:
            rows = [one for one in await tx.find(OutboxMessage, name=PHOTO)
                    if one.state in (OutboxState.WAITING, OutboxState.DISPATCHED)]  # fmt: skip
            taken = [await outbox.take_up(tx, row.id, await tx.now()) for row in rows]
        for row in filter(None, taken):
            try:
                await self.batches.handle(row)
            except RetryLater:
                continue

    async def is_quiet(self) -> None:
        await self.queue.hush(ADA)
        await self.looks()

    async def hears(self) -> None:
        key = f"n{next(self.names)}"
        reply = menu(self.random, self.names, self.random.choice(["", f"{TALLY}order", "paid:o"]))
        with suppress(RetryLater):
            await self.news.send_together(ADA, [Delivery(f"{key}:0", reply)])

    async def hears_late(self) -> None:
        """News, or an answer to photos, during which she is answered something else."""
        send, interrupts = self.phones.send_text, True

        async def interrupted(openid: str, content: str) -> None:
            nonlocal interrupts
            if interrupts:
                interrupts = False
                await self.says()
                self.unsure = True
            await send(openid, content)

        self.phones.send_text = interrupted  # type: ignore[method-assign]
        try:
            await self.random.choice([self.hears, self.is_quiet])()
        finally:
            self.phones.send_text = send  # type: ignore[method-assign]

    async def breaks_off(self) -> None:
        self.break_off = True
        await self.hears()
        self.unsure |= not self.break_off
        self.break_off = False

    async def meaning(self, number: int) -> object:
        said = Incoming("wechat:0", Person(WECHAT, ADA), self.clock(), Said(str(number)))
        return (await self.adapter.read(said)).content

    async def check(self) -> None:
        """Her phone is the witness."""
        offered: dict[int, str] = {}
        last: dict[int, str] = {}
        for text in self.phones[ADA].seen:
            if found := {int(number): label for number, label in _CHOICE.findall(text)}:
                last = found
                offered |= found
        for number in range(1, max(offered, default=0) + 3):
            means = await self.meaning(number)
            if number in offered:
                shown = Pressed(offered[number].replace("L", "a"))
                sure = number in last and not self.unsure
                assert means == shown or (means == NOTHING and not sure), (
                    number, means, self.phones[ADA].seen[-4:]
                )  # fmt: skip
            else:
                assert means in (NOTHING, Said(str(number)))


@pytest.mark.parametrize("seed", range(12))
async def test_a_number_means_what_stands_on_the_phone(
    seed: int, memory_database: MemoryDatabase, redis: Redis, clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    """Photos, words, late answers and news by chance, each with what came between."""
    talk = Talk(seed, memory_database, redis, clock)
    monkeypatch.setattr(Dispatcher, "handle", talk.dialogue)
    steps = [
        talk.says, talk.sends_photo, talk.looks, talk.is_quiet, talk.hears, talk.hears_late,
        talk.breaks_off,
    ]  # fmt: skip
    for _ in range(40):
        clock.now += timedelta(seconds=talk.random.choice([0.3, 2, 5, 70]))
        await talk.contacted()
        await talk.random.choice(steps)()
        await talk.check()
