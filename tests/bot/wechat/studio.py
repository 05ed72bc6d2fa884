"""The whole chat side as it stands in WeChat: the product's parts over memory, a real Valkey and
the phones of :mod:`tests.bot.wechat.phone`. Crypto and XML are not played.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis

from bot.adaptation import ChannelDispatcher, ReplyAdapter, adapted, wording_of
from bot.outbound import Outbound
from bot.preview_sheet import PreviewSheets
from bot.state.sessions import MessageIds
from bot.wechat import WECHAT
from bot.wechat.budget import Contact, MessageBudget
from bot.wechat.inbound import LANGUAGE
from bot.wechat.media import MediaIds
from bot.wechat.outbound import CAPABILITIES, WechatOutbound, no_album
from handlers.chat import Content, Incoming, Left, Person, Pressed, Reply, Said, Say
from handlers.context import DialogueDependencies
from handlers.notifications import Notifications
from handlers.texts import Texts, texts
from shop.people import users
from shop.records import ChannelName
from tests.bot.wechat.phone import WechatPhones
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.outbox_runner import OutboxRunner
from tests.keys import MASTER_KEY


class WechatStudio(DialogueHarness):
    """A :class:`DialogueHarness` whose people are in WeChat: a script's ``[label]`` is a number
    that they type, and ``<`` sees what stands on their phone since."""

    def __init__(self, folder: Path, redis: Redis) -> None:
        self.redis = redis
        self.phones = WechatPhones(lambda: self.now)
        self.message_ids = MessageIds(redis)
        self.adapter = ReplyAdapter(WECHAT, CAPABILITIES, self.message_ids, lambda: self.now)
        self.album_of = no_album
        self.template_id = ""
        self.held: list[Reply] | None = None
        self.other_outbounds: dict[ChannelName, Outbound] = {}
        super().__init__(folder)

    def rebuild(self, **parts: object) -> None:
        super().rebuild(**{"platform": WECHAT, **parts})  # type: ignore[arg-type]
        self.budget = MessageBudget(self.redis, MASTER_KEY, self.clock)
        media = MediaIds(self.phones, self.message_ids, self.clock)  # type: ignore[arg-type]
        sheets = PreviewSheets(self.labelling.signer)
        self.outbound = WechatOutbound(
            self.phones, self.budget, media, self.message_ids, self.texts_of,  # type: ignore[arg-type]
            album_link=self.album_of, template_id=self.template_id,
            sheets=sheets,
        )  # fmt: skip
        self.dispatcher = ChannelDispatcher(
            {WECHAT: self.adapter}, self.deps, self.sessions, sheets
        )
        self.notifications = Notifications(self.deps)
        self.outbox = OutboxRunner(
            self.database, self.blobs, self.sessions, self.notifications,
            {WECHAT: adapted(self.outbound, self.adapter), **self.other_outbounds},
            self.tills, self.clock, self.wait_until,
        )  # fmt: skip

    @property
    def till_names(self) -> dict[ChannelName, str]:
        return {WECHAT: self.till.name}

    @property
    def deps(self) -> DialogueDependencies:
        words = {WECHAT: wording_of(CAPABILITIES)}
        return replace(super().deps, needs_contact=frozenset({WECHAT}), wordings=words)

    async def texts_of(self, openid: str) -> Texts:
        async with self.database.snapshot() as tx:
            user = await users.find(tx, WECHAT, openid)
        return texts(user.language if user else "zh_CN", wording_of(CAPABILITIES))

    async def send(self, guest: Guest, content: Content, event: str = "") -> list[Reply]:
        guest.heard.clear()
        await self.callback(guest, content)
        if self.held is None:
            await self.deliver()
        return guest.heard

    async def callback(
        self, guest: Guest, content: Content, contact: Contact = Contact.MESSAGE
    ) -> None:
        """One callback, and its passive reply; what the outbox holds is not delivered yet."""
        self.events += 1
        self.now += timedelta(seconds=1)
        at = self.now.replace(microsecond=0)
        if not isinstance(content, Left):
            self.phones[guest.name].contacted(contact, self.now)
            await self.outbound.contacted(guest.name, contact, at)
        person = Person(WECHAT, guest.name, guest.tag)
        incoming = Incoming(
            f"wechat:{self.events}", person, self.now, content, later=self.held is not None
        )
        replies = await self.dispatcher.handle(incoming)
        if self.held is not None:
            self.held += replies
            return
        if passive := await self.outbound.answer(incoming, replies):
            assert 0 < len(passive.encode()) <= 2048
            self.phones[guest.name].seen.append(passive)
        self.look(guest)

    async def click(self, guest: Guest, action: str) -> None:
        """They press the account's menu."""
        guest.heard.clear()
        guest.lines.append(f"{{{action}}}")
        await self.callback(guest, Pressed(action), Contact.EVENT)
        await self.deliver()

    async def deliver(self) -> None:
        await super().deliver()
        for guest in self.guests.values():
            self.look(guest)

    def look(self, guest: Guest) -> None:
        """They look at their phone."""
        seen = self.phones[guest.name].seen
        for text in seen[len(guest.all_heard) :]:
            guest.hear(Say(text))

    async def press(self, guest: Guest, label: str) -> list[Reply]:
        """Type the number that stands before that label in the newest text that has it."""
        for text in reversed(self.phones[guest.name].seen):
            for line in text.splitlines():
                number, _, rest = line.partition(" ")
                if number.isdecimal() and rest.partition(" — ")[0] == label:
                    guest.lines.append(f"> {number}")
                    return await self.send(guest, Said(number))
        raise AssertionError(f"{guest.name} was never offered {label!r}:\n{guest.text}")

    async def photos(self, guest: Guest, count: int) -> list[Reply]:
        """Photos as the channel's queue has them: each a contact, all answered at once, of equal
        message keys the newest."""
        self.held = []
        try:
            await super().photos(guest, count)
            newest = {reply.message_key or id(reply): reply for reply in self.held}
            at = self.now.replace(microsecond=0)
        finally:
            self.held = None
        guest.heard.clear()
        if newest:
            replies = list(newest.values())
            await self.adapter.send_late(self.outbound, guest.name, replies, (), at)
        await self.deliver()
        return guest.heard

    def customer(self, name: str = "oAda", tag: str = LANGUAGE) -> Guest:
        return self.guest(name, tag)
