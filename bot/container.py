"""The composition root of the chat side: settings in, a wired house out. The only chooser here.

Nobody else in ``bot`` imports an adapter, and nothing is connected before :func:`open_house`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from arq.connections import ArqRedis
from arq.cron import CronJob
from arq.worker import Worker

from bot.cashier.notifier import Messenger
from bot.cashier.provider import Provider
from bot.outbound import Outbound
from bot.outbox.flusher import Bell
from bot.outbox.handlers import Errands
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.transcript import Transcript
from bot.state.sessions import Answered, RedisSessions, Slots
from bot.telegram.gcra import at_most
from bot.telegram.rate_limiter import Pace
from bot.telegram.service import Fittings, open_outbound
from bot.telegram.stars import open_stars
from handlers.dispatcher import Desk
from handlers.notifications import Notices
from shop.adapters import embedded, wake_up_arq
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.tills.sandbox import SandboxTill
from shop.adapters.wake_up_arq import ArqQueue, Work, build_worker
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.ports import Blobs, Clock, Database, Queue, Till
from shop.records import JobQueue, Platform
from shop.settings import Settings


@dataclass(frozen=True, slots=True)
class Books:
    """The database and the tills: all that a look at the money needs, and no Redis."""

    settings: Settings
    clock: Clock
    database: SqlDatabase
    sandbox: SandboxTill
    tills: Mapping[str, Till]


@dataclass(frozen=True, slots=True)
class House:
    """Everything that a process of the chat side works with, open while it runs."""

    settings: Settings
    clock: Clock
    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    queue: Queue
    bell: Bell
    redis: ArqRedis
    catalog: Catalog
    tills: Mapping[str, Till]
    provider: Provider
    messenger: Messenger
    sessions: RedisSessions
    slots: Slots
    pace: Pace
    transcript: Transcript
    outbounds: Mapping[Platform, Outbound]
    desk: Desk
    errands: Errands

    @property
    def telegram(self) -> Fittings:
        """What the dialogue in Telegram works with."""
        return Fittings(
            self.settings, self.desk, self.slots, self.sessions, Answered(self.redis), self.pace,
            self.clock, self.ring,
        )  # fmt: skip

    async def ring(self) -> None:
        """Ring for what a commit has just left, instead of waiting for the courier's next look."""
        await self.bell.ring()


def present() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[None]:
    """The embedded Valkey, where no other Redis is named."""
    async with AsyncExitStack() as stack:
        if settings.embedded:
            await stack.enter_async_context(embedded.embedded_valkey(settings.data_dir))
        yield


@asynccontextmanager
async def open_books(settings: Settings) -> AsyncIterator[Books]:
    """Bring the database up to date, open it and the tills, and let them go in the end."""
    await upgrade(settings.database_url)
    async with AsyncExitStack() as stack:
        database = SqlDatabase(settings.database_url)
        stack.push_async_callback(database.close)
        sandbox = SandboxTill(
            settings.data_dir / "sandbox-till.sqlite",
            settings.sandbox_till_secret,
            settings.public_url,
            present,
        )
        stack.push_async_callback(sandbox.close)
        tills: dict[str, Till] = {sandbox.name: sandbox}
        if settings.telegram_token:
            # Also when nothing is sold for Stars (any more): what was paid in them may have to go
            # back.
            stars = await stack.enter_async_context(open_stars(settings))
            tills[stars.name] = stars
        yield Books(settings, present, database, sandbox, tills)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open the books, connect everything else, and let it go in the end."""
    async with AsyncExitStack() as stack:
        books = await stack.enter_async_context(open_books(settings))
        redis = await wake_up_arq.connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        slots, sessions, transcript = Slots(redis), RedisSessions(redis), Transcript(redis)
        pace = Pace(redis, overall=at_most(settings.telegram_per_second))
        outbounds: dict[Platform, Outbound] = {Platform.PLAYGROUND: PlaygroundOutbound(transcript)}
        if settings.telegram_token:
            telegram = await stack.enter_async_context(
                open_outbound(settings, slots, sessions, pace)
            )
            outbounds[Platform.TELEGRAM] = telegram
        yield _wired(books, redis, slots, pace, sessions, transcript, outbounds)


def _wired(
    books: Books,
    redis: ArqRedis,
    slots: Slots,
    pace: Pace,
    sessions: RedisSessions,
    transcript: Transcript,
    outbounds: Mapping[Platform, Outbound],
) -> House:
    settings, database, tills = books.settings, books.database, books.tills
    blobs, cipher = DiskBlobs(settings.data_dir / "blobs"), EnvelopeCipher(settings.master_key)
    queue = ArqQueue(redis)
    catalog = Catalog.load().repriced(settings.stars_avatar, settings.stars_credits)
    desk = Desk(database, sessions, blobs, cipher, catalog, tills, settings, present)
    notices = Notices(database, blobs, cipher, catalog, tills, settings, present)

    async def scrub() -> None:
        await database.scrub()
        await embedded.scrub(settings.redis_url)

    return House(
        settings=settings,
        clock=present,
        database=database,
        blobs=blobs,
        cipher=cipher,
        queue=queue,
        bell=Bell(database, queue, present),
        redis=redis,
        catalog=catalog,
        tills=tills,
        provider=books.sandbox,
        messenger=Messenger(books.sandbox, f"{settings.public_url}/pay/{books.sandbox.name}"),
        sessions=sessions,
        slots=slots,
        pace=pace,
        transcript=transcript,
        outbounds=outbounds,
        desk=desk,
        errands=Errands(
            database, blobs, sessions, sessions, notices, outbounds, tills, present, scrub
        ),
    )


def chat_worker(
    settings: Settings,
    work: Mapping[str, Work],
    *,
    crons: Sequence[CronJob],
    timeout: float,
    at_once: int,
) -> Worker:
    """The arq worker that answers the rings of the chat queue."""
    return build_worker(
        settings.redis_url,
        JobQueue.CHAT,
        work,
        timeout=timeout,
        at_once=at_once,
        crons=crons,
        handle_signals=False,
    )
