"""A harness for dialogues: the real dispatcher, shop, till and outbox handlers over memory.

A script reads as a transcript. ``>`` is typed, ``[..]`` pressed (a label, or an action), ``+``
sends photos or something else, ``*`` is something that happens elsewhere, ``<`` must be part of
what was heard since the last of these, and ``!`` must not be::

    > /start
    < For ¥9.90
    [Portraits of me]
    + 20 photos
    * the photos are checked
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.state.sessions import MemorySessions
from handlers.chat import (
    Content,
    Incoming,
    Person,
    Pressed,
    Reply,
    Reserve,
    Said,
    SentOther,
    SentPhoto,
)
from handlers.context import DialogueDependencies, RequestContext, load_context, no_album
from handlers.dispatcher import Dispatcher
from handlers.limits import Limiter
from handlers.notifications import Notifications
from handlers.session import State
from shop.adapters.tills.sandbox import SandboxTill
from shop.avatars import avatars, portraits, samples
from shop.avatars.avatars import TRAIN
from shop.avatars.delivery import deliver_shoot, deliver_training
from shop.avatars.portraits import PAINT
from shop.avatars.training_results import TrainedAvatar
from shop.catalog import Catalog
from shop.catalog.signed_previews import SignedPreviews
from shop.encryption import EnvelopeCipher
from shop.errors import PhotoTooLarge
from shop.jobs import dispatch, jobs, outbox
from shop.jobs.kinds import JobKind
from shop.labels.keys import TrustList
from shop.labels.labelling import Labelling
from shop.labels.signing import NoCredentials
from shop.orders import orders
from shop.orders.booking_failures import BookingFailures
from shop.people import users
from shop.photos import chosen, comparison, photos
from shop.photos.comparison import COMPARE
from shop.photos.quality import PhotoFindings
from shop.ports import Database, Till, Tx
from shop.records import (
    Avatar,
    AvatarState,
    ChannelName,
    Compared,
    Job,
    JobState,
    LikenessRange,
    Photo,
    PhotoState,
    Shoot,
    ShootState,
    User,
)
from shop.settings import Settings
from tests.channels import PLAYGROUND, STARS, TELEGRAM
from tests.doubles import DecoderDouble, LabelReaderDouble
from tests.doubles import photo as jpeg
from tests.handlers import clip_events
from tests.handlers.guests import FakeOutbound, Guest
from tests.handlers.outbox_runner import OutboxRunner
from tests.handlers.photo_findings import good
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64
from tests.locks import WatchedBlobs, WatchedDatabase, WatchedLimiter, WatchedSessions

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BOSS = "boss"

catalog = cache(Catalog.load)
picture = cache(jpeg)


def settings(folder: Path) -> Settings:
    return Settings.from_env(
        {
            "EIDER_DATA": str(folder),
            "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
            "EIDER_PLAYGROUND": "yes",
            "EIDER_TILL": "sandbox",
            "EIDER_ADMINS": f"playground:{BOSS}",
            "EIDER_SALES_NEED": "none",
        }
    )


class DialogueHarness:
    """The whole chat side over memory. Workers are played by calling the rules that they call."""

    def __init__(self, folder: Path, database: Database | None = None) -> None:
        self.now = START
        self.settings = settings(folder)
        self.database: Database = database or WatchedDatabase(self.clock)
        self.blobs = WatchedBlobs()
        self.sessions, self.cipher = WatchedSessions(), EnvelopeCipher(MASTER_KEY)
        self.catalog = catalog()
        self.till = SandboxTill(
            folder / "till.sqlite", b"s" * 32, "http://127.0.0.1:8080", self.clock
        )
        self.tills: dict[str, Till] = {self.till.name: self.till}
        self.limiter: Limiter = WatchedLimiter(monotonic=lambda: self.clock().timestamp())
        self.platform = PLAYGROUND
        self.guests: dict[str, Guest] = {}
        self.gone: set[str] = set()
        self.events = 0
        self.pictures = self.judged = 0
        self.not_booked: list[tuple[str, str]] = []  # till and reason
        self.labelling = Labelling(NoCredentials(), LabelReaderDouble(), TrustList(), "Eider")
        self.painted: Callable[[int], bytes] = picture
        self.joined = clip_events.JOINED  # two pictures in one frame
        self.filmed = clip_events.MP4, clip_events.POSTER, b"webp"  # a clip, poster and preview
        self.verdict: Callable[[int], PhotoFindings] = good
        self.odd: set[int] = set()  # the numbers of photos that are unlike the rest
        self.album_link: Callable[[User], str] = no_album
        self.rebuild()

    def rebuild(
        self,
        *,
        catalog: Catalog | None = None,
        settings: Settings | None = None,
        tills: dict[str, Till] | None = None,
        sessions: MemorySessions | None = None,
        platform: ChannelName | None = None,
    ) -> None:
        """Build dispatcher and outbox handlers anew, with other parts over the same data."""
        self.catalog = catalog or self.catalog
        self.settings = settings or self.settings
        self.tills = tills or self.tills
        self.sessions = sessions or self.sessions
        self.platform = platform or self.platform
        self.dispatcher = Dispatcher(self.deps, self.sessions)
        self.notifications = Notifications(self.deps)
        channels = {self.platform, PLAYGROUND, TELEGRAM}
        self.outbounds = {name: FakeOutbound(self.guests, self.gone) for name in channels}
        self.outbox = OutboxRunner(
            self.database, self.blobs, self.sessions, self.notifications,
            self.outbounds, self.tills, self.clock, self.wait_until, self.settings.admins,
        )  # fmt: skip

    @property
    def till_names(self) -> dict[ChannelName, str]:
        """Where the people of each channel pay."""
        stars = STARS if self.settings.stars_avatar else self.till.name
        return {PLAYGROUND: self.till.name, TELEGRAM: stars}

    @property
    def deps(self) -> DialogueDependencies:
        return DialogueDependencies(
            self.database, self.blobs, self.cipher, DecoderDouble(), self.catalog, self.tills,
            self.till_names, self.settings, self.limiter,
            BookingFailures(
                self.database, self.settings.admins,
                lambda *told: self.not_booked.append(told),
            ),
            self.labelling, SignedPreviews(self.catalog, self.labelling.signer),
            album_link=self.album_link,
        )  # fmt: skip

    def clock(self) -> datetime:
        return self.now

    def guest(self, name: str, tag: str = "en", platform: ChannelName | None = None) -> Guest:
        return self.guests.setdefault(name, Guest(name, tag, platform))

    # what people do

    async def send(self, guest: Guest, content: Content, event: str = "") -> list[Reply]:
        """One update, and the notices that it leads to."""
        self.events += 1
        self.now += timedelta(milliseconds=10)
        event = event or f"playground:{self.events}"
        person = Person(guest.platform or self.platform, guest.name, guest.tag)
        guest.heard.clear()
        replies = await self.dispatcher.handle(Incoming(event, person, self.now, content))
        for reply in replies:
            guest.hear(reply)
        await self.deliver()
        return replies

    async def type(self, guest: Guest, text: str) -> list[Reply]:
        guest.lines.append(f"> {text}")
        return await self.send(guest, Said(text))

    async def press(self, guest: Guest, label: str) -> list[Reply]:
        guest.lines.append(f"[{label}]")
        return await self.send(guest, Pressed(guest.button(label)))

    async def send_action(self, guest: Guest, action: str) -> list[Reply]:
        """A button with that action, whether or not it was ever shown."""
        return await self.send(guest, Pressed(action))

    async def photos(self, guest: Guest, count: int) -> list[Reply]:
        guest.lines.append(f"+ {count} photos")
        heard: list[Reply] = []
        for _ in range(count):
            self.pictures += 1
            number = self.pictures

            async def read(_: Reserve, number: int = number) -> bytes:
                return picture(number)

            heard += await self.send(guest, SentPhoto(read, "a", f"photo-{number}"))
        guest.heard[:] = heard
        return heard

    async def bad_photo(self, guest: Guest, what: str) -> list[Reply]:
        async def read(_: Reserve) -> bytes:
            if what == "lost":
                raise ConnectionError("platform")
            if what == "huge":
                raise PhotoTooLarge(megabytes=20)
            return b"no picture at all"

        guest.lines.append(f"+ {what} photo")
        return await self.send(guest, SentPhoto(read))

    # what happens elsewhere

    async def check(self) -> None:
        """Judge whatever waits, as the worker would."""
        async with self.database.begin() as tx:
            for one in await tx.find(Photo, state=PhotoState.CHECKING, order="created_at"):
                self.judged += 1
                await photos.apply_findings(tx, one, self.verdict(self.judged), self.now)
        await self.deliver()

    async def compare(self, *, fails: bool = False) -> None:
        """Compare whatever waits for it, as the worker would."""
        async with self.database.begin() as tx:
            for job in await tx.find(Job, kind=COMPARE.name, state=JobState.WAITING):
                if fails:
                    await dispatch.give_up(tx, job, COMPARE, "BadPhotos", self.now)
                    continue
                planned = await comparison.plan(tx, self.cipher, job, self.now)
                if planned is None:
                    continue
                numbers = {
                    one.id: number
                    for number, one in (await chosen.numbered(tx, planned.order_id)).items()
                }
                words = {
                    id: Compared.UNLIKE if numbers[id] in self.odd else Compared.ALIKE
                    for id in planned.sealed
                }
                await comparison.apply(tx, planned, words, self.now)
        await self.deliver()

    async def lease(self, kind: JobKind, step: int = 0, left: float | None = None) -> None:
        """A worker begins, and says how far it is."""
        async with self.database.begin() as tx:
            for job in await tx.find(Job, kind=kind.name, state=JobState.WAITING):
                mine = await jobs.lease(tx, job.id, "w1", self.now, 600)
                assert mine is not None
                stage = "training" if kind is TRAIN else "painting"
                await jobs.heartbeat(
                    tx, mine, "w1", self.now, 600,
                    stage=stage, step=step, steps=100, seconds_left=left,
                )  # fmt: skip
                await outbox.notify(tx, job.user_id, "progress", self.now, job=job.id)
        self.now += timedelta(minutes=4)
        await self.deliver()

    async def train(self) -> None:
        made = self.made()
        for avatar in await self.waiting_avatars():
            await deliver_training(
                self.database, self.cipher, self.blobs, self.catalog, avatar, made
            )
        await self.deliver()

    async def waiting_avatars(self) -> list[Avatar]:
        """The avatars in the making, their trainings begun."""
        async with self.database.begin() as tx:
            waiting = await tx.find(Avatar, state=AvatarState.WAITING)
            begun = [
                await avatars.begin_training(tx, self.cipher, one.id, self.now) for one in waiting
            ]
        return [one for one in begun if one is not None]

    async def sample(self) -> None:
        async with self.database.snapshot() as tx:
            waiting = await tx.find(Avatar, state=AvatarState.WAITING)
        for avatar in waiting:
            await samples.store(self.database, self.cipher, self.blobs, avatar, self.painted(1))
        await self.deliver()

    async def fail_training(self) -> None:
        async with self.database.begin() as tx:
            for avatar in await tx.find(Avatar, state=AvatarState.WAITING):
                await avatars.fail(tx, avatar, "out of memory", self.now)
        await self.deliver()

    async def paint(self, came: int = portraits.SHOOT_SIZE) -> None:
        async with self.database.snapshot() as tx:
            waiting = await tx.find(Shoot, state=ShootState.WAITING)
        for shoot in waiting:
            made = self.pictures_for(shoot.seeds[:came])
            await deliver_shoot(self.database, self.cipher, self.blobs, shoot, made)
        await self.deliver()

    def made(self) -> TrainedAvatar:
        """What a training made."""
        likeness = LikenessRange(0.8, 0.1, 1.2)
        return TrainedAvatar((b"early lora", b"lora"), 1, 100, 240.0, 0.5, 0.1, likeness)

    def pictures_for(self, seeds: Sequence[int]) -> tuple[portraits.PaintedPicture, ...]:
        return tuple(
            portraits.PaintedPicture(self.painted(1), one, 64, 64, "image/jpeg") for one in seeds
        )

    async def fail_painting(self) -> None:
        async with self.database.begin() as tx:
            for shoot in await tx.find(Shoot, state=ShootState.WAITING):
                await portraits.fail(tx, shoot, "unsafe", self.now)
        await self.deliver()

    async def expire(self) -> None:
        """A day passes, and the scheduled task that expires orders runs."""
        self.now += timedelta(hours=25)
        async with self.database.begin() as tx:
            before = self.now - timedelta(hours=24)
            for order in await orders.stale(tx, before):
                await orders.expire(tx, order, before, self.now)
        await self.deliver()

    async def lose_sessions(self) -> None:
        self.rebuild(sessions=WatchedSessions())

    async def deliver(self) -> None:
        """Do what the outbox holds. Raises UndeliveredError for what cannot be done."""
        self.now += timedelta(seconds=5)
        await self.outbox.run()

    def wait_until(self, at: datetime) -> None:
        self.now = max(self.now, at)

    async def context(self, tx: Tx, user: User) -> RequestContext:
        """What a step would be given for that person, without a session."""
        return await load_context(self.deps, tx, user, self.now, State.NEW, {})

    async def user_in(self, tx: Tx, guest: Guest) -> User:
        platform = guest.platform or self.platform
        return await users.get_or_create(tx, platform, guest.name, "", self.now)

    # scripts

    async def play(self, guest: Guest, script: str) -> Guest:
        """Run a transcript. The first line that does not hold is the one that fails."""
        for line in (raw.strip() for raw in script.strip().splitlines()):
            if line and not line.startswith("#"):
                await self._line(guest, line)
        return guest

    async def _line(self, guest: Guest, line: str) -> None:
        mark, rest = line[0], line[1:].strip()
        if mark == ">":
            await self.type(guest, rest)
        elif mark == "[":
            await self.press(guest, line[1:-1])
        elif mark == "+":
            await self._sends(guest, rest)
        elif mark == "*":
            guest.lines += [f"* {rest}", ""]
            guest.heard.clear()
            await EVENTS[rest](self)
        elif mark == "<":
            assert rest in guest.text, f"{rest!r} is not in:\n{guest.text}"
        elif mark == "!":
            assert rest not in guest.text, f"{rest!r} is in:\n{guest.text}"
        else:
            raise ValueError(line)

    async def _sends(self, guest: Guest, what: str) -> None:
        if found := re.fullmatch(r"(\d+) photos?", what):
            await self.photos(guest, int(found[1]))
        elif found := re.fullmatch(r"(\w+) photo", what):
            await self.bad_photo(guest, found[1])
        else:
            guest.lines.append(f"+ {what}")
            await self.send(guest, SentOther(what))


EVENTS: dict[str, Callable[[DialogueHarness], Awaitable[None]]] = {
    "the photos are checked": DialogueHarness.check,
    "the photos are compared": DialogueHarness.compare,
    "the comparison fails": lambda harness: harness.compare(fails=True),
    "a worker trains": lambda harness: harness.lease(TRAIN, 40, 300.0),
    "a sample is painted": DialogueHarness.sample,
    "the avatar is made": DialogueHarness.train,
    "the training fails": DialogueHarness.fail_training,
    "a worker paints": lambda harness: harness.lease(PAINT, 50),
    "the portraits are painted": DialogueHarness.paint,
    "two portraits are painted": lambda harness: harness.paint(2),
    "the painting fails": DialogueHarness.fail_painting,
    "a day passes": DialogueHarness.expire,
    "the sessions are lost": DialogueHarness.lose_sessions,
    **clip_events.EVENTS,
}
