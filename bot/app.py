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

from bot.cashier.messenger import Messenger
from bot.cashier.provider import Provider
from bot.errands import Errands
from bot.outbound import Outbound
from bot.playground.transcript import Transcript
from bot.playground.transport import PlaygroundOutbound
from bot.sessions import RedisSessions, Slots
from bot.telegram.service import open_outbound
from handlers.desk import Desk
from handlers.notices import Notices
from shop import outbox
from shop.adapters import embedded, queue_arq
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.queue_arq import ArqQueue, Work, build_worker
from shop.adapters.tills.sandbox import SandboxTill
from shop.catalog import Catalog
from shop.ports import Blobs, Clock, Database, Queue, Till
from shop.records import JobQueue, Platform
from shop.settings import Settings
from shop.vault import Vault


@dataclass(frozen=True, slots=True)
class House:
    """Everything that a process of the chat side works with, open while it runs."""

    settings: Settings
    clock: Clock
    database: Database
    blobs: Blobs
    vault: Vault
    queue: Queue
    redis: ArqRedis
    catalog: Catalog
    tills: Mapping[str, Till]
    provider: Provider
    messenger: Messenger
    sessions: RedisSessions
    slots: Slots
    transcript: Transcript
    outbounds: Mapping[Platform, Outbound]
    desk: Desk
    errands: Errands

    async def ring(self) -> None:
        """Ring for what a commit has just left, instead of waiting for the courier's next look."""
        await outbox.flush(self.database, self.queue, self.clock())


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
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Bring the database up to date, connect everything, and let it go in the end."""
    await upgrade(settings.database_url)
    async with AsyncExitStack() as stack:
        database = SqlDatabase(settings.database_url)
        stack.push_async_callback(database.close)
        redis = await queue_arq.connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        slots, sessions, transcript = Slots(redis), RedisSessions(redis), Transcript(redis)
        outbounds: dict[Platform, Outbound] = {Platform.PLAYGROUND: PlaygroundOutbound(transcript)}
        if settings.telegram_token:
            telegram = await stack.enter_async_context(open_outbound(settings, slots, sessions))
            outbounds[Platform.TELEGRAM] = telegram
        sandbox = SandboxTill(
            settings.data_dir / "sandbox-till.sqlite",
            settings.sandbox_till_secret,
            settings.public_url,
            present,
        )
        stack.push_async_callback(sandbox.close)
        yield _wired(settings, database, redis, slots, sessions, transcript, outbounds, sandbox)


def _wired(
    settings: Settings,
    database: SqlDatabase,
    redis: ArqRedis,
    slots: Slots,
    sessions: RedisSessions,
    transcript: Transcript,
    outbounds: Mapping[Platform, Outbound],
    sandbox: SandboxTill,
) -> House:
    blobs, vault = DiskBlobs(settings.data_dir / "blobs"), Vault(settings.master_key)
    catalog = Catalog.load()
    tills: dict[str, Till] = {sandbox.name: sandbox}
    desk = Desk(database, sessions, blobs, vault, catalog, tills, settings, present)
    notices = Notices(database, blobs, vault, catalog, tills, settings, present)

    async def scrub() -> None:
        await database.scrub()
        await embedded.scrub(settings.redis_url)

    return House(
        settings=settings,
        clock=present,
        database=database,
        blobs=blobs,
        vault=vault,
        queue=ArqQueue(redis),
        redis=redis,
        catalog=catalog,
        tills=tills,
        provider=sandbox,
        messenger=Messenger(sandbox, f"{settings.public_url}/pay/{sandbox.name}"),
        sessions=sessions,
        slots=slots,
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
