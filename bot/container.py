"""The composition root of the chat side: settings in, a wired house out. The only chooser here.

Nobody else in ``bot`` imports an adapter, and nothing is connected before :func:`open_container`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from arq.connections import ArqRedis
from arq.cron import CronJob
from arq.worker import Worker

from bot.cashier.notifier import PaymentNotifier
from bot.cashier.provider import Provider
from bot.outbound import Outbound
from bot.outbox.handlers import OutboxHandlers
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.transcript import Transcript
from bot.state.sessions import AnsweredUpdates, MessageIds, RedisSessions
from bot.telegram.gcra import at_most
from bot.telegram.rate_limiter import RateLimiter
from bot.telegram.service import TelegramDependencies, open_outbound
from bot.telegram.stars import open_stars
from handlers.dispatcher import Dispatcher
from handlers.notifications import Notifications
from shop.adapters import embedded, wake_up_arq
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.tills.sandbox import SandboxTill
from shop.adapters.wake_up_arq import ArqWakeUp, SignalHandler, build_worker
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.job_kinds import JOB_KINDS
from shop.jobs.kinds import JobKinds
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.ports import Blobs, Clock, Database, Till
from shop.records import CHAT, Platform
from shop.settings import Settings


@dataclass(frozen=True, slots=True)
class AccountingDependencies:
    """The database and the tills: all that a look at the money needs, and no Redis."""

    settings: Settings
    clock: Clock
    database: SqlDatabase
    sandbox: SandboxTill
    tills: Mapping[str, Till]


@dataclass(frozen=True, slots=True)
class Container:
    """Everything that a process of the chat side works with, open while it runs."""

    settings: Settings
    clock: Clock
    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    kinds: JobKinds
    flusher: OutboxFlusher
    redis: ArqRedis
    catalog: Catalog
    tills: Mapping[str, Till]
    provider: Provider
    messenger: PaymentNotifier
    sessions: RedisSessions
    message_ids: MessageIds
    limiter: RateLimiter
    transcript: Transcript
    outbounds: Mapping[Platform, Outbound]
    dispatcher: Dispatcher
    outbox_handlers: OutboxHandlers

    @property
    def telegram(self) -> TelegramDependencies:
        """What the dialogue in Telegram works with."""
        return TelegramDependencies(
            self.settings,
            self.dispatcher,
            self.message_ids,
            self.sessions,
            AnsweredUpdates(self.redis),
            self.limiter,
            self.clock,
            self.flush_outbox,
        )

    async def flush_outbox(self) -> None:
        """Signal what a commit has just left, instead of waiting for the outbox worker's look."""
        await self.flusher.flush()


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_redis(settings: Settings) -> AsyncIterator[None]:
    """The embedded Valkey, where no other Redis is named."""
    async with AsyncExitStack() as stack:
        if settings.embedded:
            await stack.enter_async_context(embedded.embedded_valkey(settings.data_dir))
        yield


@asynccontextmanager
async def open_accounting(settings: Settings) -> AsyncIterator[AccountingDependencies]:
    """Bring the database up to date, open it and the tills, and let them go in the end."""
    await upgrade(settings.database_url)
    async with AsyncExitStack() as stack:
        database = SqlDatabase(settings.database_url)
        stack.push_async_callback(database.close)
        sandbox = SandboxTill(
            settings.data_dir / "sandbox-till.sqlite",
            settings.sandbox_till_secret,
            settings.public_url,
            utc_now,
        )
        stack.push_async_callback(sandbox.close)
        tills: dict[str, Till] = {sandbox.name: sandbox}
        if settings.telegram_token:
            # Also when nothing is sold for Stars (any more): what was paid in them may have to go
            # back.
            stars = await stack.enter_async_context(open_stars(settings))
            tills[stars.name] = stars
        yield AccountingDependencies(settings, utc_now, database, sandbox, tills)


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncIterator[Container]:
    """Open the books, connect everything else, and let it go in the end."""
    async with AsyncExitStack() as stack:
        books = await stack.enter_async_context(open_accounting(settings))
        redis = await wake_up_arq.connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        message_ids, sessions, transcript = (
            MessageIds(redis),
            RedisSessions(redis),
            Transcript(redis),
        )
        limiter = RateLimiter(redis, overall=at_most(settings.telegram_per_second))
        outbounds: dict[Platform, Outbound] = {Platform.PLAYGROUND: PlaygroundOutbound(transcript)}
        if settings.telegram_token:
            telegram = await stack.enter_async_context(
                open_outbound(settings, message_ids, sessions, limiter)
            )
            outbounds[Platform.TELEGRAM] = telegram
        container = _wired(books, redis, message_ids, limiter, sessions, transcript, outbounds)
        stack.push_async_callback(container.flusher.close)
        yield container


def _wired(
    books: AccountingDependencies,
    redis: ArqRedis,
    message_ids: MessageIds,
    limiter: RateLimiter,
    sessions: RedisSessions,
    transcript: Transcript,
    outbounds: Mapping[Platform, Outbound],
) -> Container:
    settings, database, tills = books.settings, books.database, books.tills
    blobs, cipher = DiskBlobs(settings.data_dir / "blobs"), EnvelopeCipher(settings.master_key)
    flusher = OutboxFlusher(database, ArqWakeUp(redis), utc_now)
    catalog = Catalog.load().repriced(settings.stars_avatar, settings.stars_credits)
    dispatcher = Dispatcher(database, sessions, blobs, cipher, catalog, tills, settings, utc_now)
    notices = Notifications(database, blobs, cipher, catalog, tills, settings, utc_now)

    async def scrub() -> None:
        await database.scrub()
        await embedded.scrub(settings.redis_url)

    return Container(
        settings=settings,
        clock=utc_now,
        database=database,
        blobs=blobs,
        cipher=cipher,
        kinds=JOB_KINDS,
        flusher=flusher,
        redis=redis,
        catalog=catalog,
        tills=tills,
        provider=books.sandbox,
        messenger=PaymentNotifier(books.sandbox, f"{settings.public_url}/pay/{books.sandbox.name}"),
        sessions=sessions,
        message_ids=message_ids,
        limiter=limiter,
        transcript=transcript,
        outbounds=outbounds,
        dispatcher=dispatcher,
        outbox_handlers=OutboxHandlers(
            database, blobs, sessions, notices, outbounds, tills, utc_now, scrub, flusher.flush
        ),
    )


def chat_worker(
    settings: Settings,
    handlers: Mapping[str, SignalHandler],
    *,
    crons: Sequence[CronJob],
    timeout: float,
    at_once: int,
) -> Worker:
    """The arq worker that answers the signals of the chat queue."""
    return build_worker(
        settings.redis_url,
        CHAT,
        handlers,
        timeout=timeout,
        at_once=at_once,
        crons=crons,
        handle_signals=False,
    )
