"""The composition root of the chat side: settings and channels in, a wired :class:`Container` out.

Nothing is connected before :func:`open_container`. Of the rest of ``bot`` only the cashier, the
sandbox provider's own side, imports an adapter.
"""

from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from arq.connections import ArqRedis
from arq.cron import CronJob
from arq.worker import Worker
from prometheus_client import CollectorRegistry

from bot.adaptation import ChannelDispatcher, ReplyAdapter, adapted, wording_of
from bot.cashier.cashier import Cashier, open_cashier
from bot.channels import ChannelConnection, ChannelDependencies, ChannelRegistry
from bot.chat_metrics import ChatMetrics
from bot.label_keys import key_problems, keys_of
from bot.outbound import Outbound
from bot.outbox.handlers import OutboxHandlers
from bot.outbox.metrics import OutboxMetrics
from bot.pages.album import ALBUM
from bot.pages.links import page_addresses
from bot.payment_metrics import PaymentMetrics
from bot.preview_sheet import PreviewSheets
from bot.registered_channels import CHANNELS
from bot.state.limiter import RedisLimiter
from bot.state.sessions import MessageIds, RedisSessions
from handlers.context import DialogueDependencies
from handlers.dispatcher import Dispatcher
from handlers.limits import Limiter
from handlers.notifications import Notifications
from handlers.texts import Wording
from pipeline.decoding.pool import DecoderPool
from shop import installation
from shop.adapters import embedded, wake_up_arq
from shop.adapters.blob_store import open_blobs
from shop.adapters.c2pa_signer import C2paSigner
from shop.adapters.database import SqlDatabase
from shop.adapters.database.at_start import prepare_tables
from shop.adapters.machine_clock import utc_now
from shop.adapters.plain_checkpoints import remove_plain_checkpoints
from shop.adapters.wake_up_arq import ArqWakeUp, SignalHandler, answer_signals, build_worker
from shop.catalog import Catalog
from shop.catalog.base_settings import unknown_bases
from shop.catalog.signed_previews import SignedPreviews
from shop.encryption import EnvelopeCipher
from shop.erasure_journal import ErasureJournal
from shop.errors import CannotStart, Unavailable
from shop.job_kinds import JOB_KINDS
from shop.jobs.kinds import JobKinds
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.labels.keys import KeysUnusable, TrustList
from shop.labels.labelling import Labelling
from shop.labels.signing import NoCredentials
from shop.orders.booking_failures import BookingFailures
from shop.ports import Blobs, Clock, Database, Till
from shop.records import CHAT, ChannelName
from shop.settings import Settings


@dataclass(frozen=True, slots=True)
class AccountingDependencies:
    """The database and the tills: what a reconciliation needs, without Redis. ``cashier`` is the
    sandbox provider; None where its till is not named."""

    settings: Settings
    clock: Clock
    database: SqlDatabase
    cashier: Cashier | None
    tills: Mapping[str, Till]


@dataclass(frozen=True, slots=True)
class Container:
    """Everything that a process of the chat side works with, open while it runs. ``registry`` has
    the process's own metrics, ``page_dispatcher`` answers pages, which can show every reply."""

    settings: Settings
    clock: Clock
    database: Database
    blobs: Blobs
    erasure_journal: ErasureJournal
    cipher: EnvelopeCipher
    kinds: JobKinds
    flusher: OutboxFlusher
    redis: ArqRedis
    catalog: Catalog
    tills: Mapping[str, Till]
    cashier: Cashier | None
    sessions: RedisSessions
    channels: ChannelRegistry
    limiter: Limiter
    connections: Mapping[ChannelName, ChannelConnection]
    outbounds: Mapping[ChannelName, Outbound]
    dispatcher: Dispatcher
    page_dispatcher: Dispatcher
    previews: SignedPreviews
    outbox_handlers: OutboxHandlers
    decoder: DecoderPool
    labelling: Labelling
    booking_failures: BookingFailures
    payment_metrics: PaymentMetrics
    metrics: ChatMetrics
    registry: CollectorRegistry


def read_settings(
    env: Mapping[str, str], channels: ChannelRegistry = CHANNELS, *, signs: bool = True
) -> Settings:
    """The settings of the chat side. Raises :class:`SettingsError` naming everything that is wrong,
    also between settings and channels. The keys of the labels are looked at only where pictures
    leave (``signs``)."""
    keys = (partial(key_problems, channels),) if signs else ()
    return Settings.from_env(env, (channels.problems, *keys, unknown_bases))


async def register_installation(settings: Settings, database: Database, blobs: Blobs) -> None:
    """Compare blob store and master key with what the database knows of them, or be the first to
    say it. Raises :class:`shop.errors.CannotStart` for another store or another key."""
    try:
        await installation.register(
            database, blobs, settings.master_keys[0], utc_now(), *settings.master_keys[1:]
        )
    except Unavailable as outage:
        raise CannotStart(f"EIDER_DATABASE_URL: {outage}") from outage


async def prepare_database(settings: Settings) -> None:
    """Bring the tables up to date where that is this process's to do, unless the master key is not
    the database's: then nothing is changed. Raises :class:`shop.errors.CannotStart`."""
    database = SqlDatabase(settings.database_url)
    try:
        await prepare_tables(settings)
        await installation.require_key(
            database, *settings.master_keys, signing_key=settings.signing_key
        )
    except Unavailable as outage:
        raise CannotStart(f"EIDER_DATABASE_URL: {outage}") from outage
    finally:
        await database.close()


@asynccontextmanager
async def open_redis(settings: Settings) -> AsyncIterator[None]:
    """The embedded Valkey, where no other Redis is named. Raises
    :class:`shop.errors.CannotStart`."""
    async with AsyncExitStack() as stack:
        if settings.embedded:
            try:
                await stack.enter_async_context(embedded.embedded_valkey(settings.data_dir))
            except OSError as error:
                why = error.strerror or error
                raise CannotStart(f"EIDER_DATA: no Valkey in {settings.data_dir}: {why}") from error
        yield


@asynccontextmanager
async def open_accounting(
    settings: Settings, channels: ChannelRegistry = CHANNELS
) -> AsyncIterator[AccountingDependencies]:
    """Prepare the database, open it and every till, and close them in the end. Raises
    :class:`shop.errors.CannotStart`."""
    await prepare_database(settings)
    async with AsyncExitStack() as stack:
        database = SqlDatabase(settings.database_url)
        stack.push_async_callback(database.close)
        cashier = await stack.enter_async_context(open_cashier(settings, utc_now))
        tills: dict[str, Till] = {cashier.till.name: cashier.till} if cashier else {}
        for channel in channels.enabled(settings):
            # Also those where nothing is sold (any more): what was paid there may have to go back.
            for open_till in channel.tills:
                if till := await stack.enter_async_context(open_till(settings)):
                    tills[till.name] = till
        yield AccountingDependencies(settings, utc_now, database, cashier, tills)


@asynccontextmanager
async def open_container(
    settings: Settings, channels: ChannelRegistry = CHANNELS
) -> AsyncIterator[Container]:
    """Open the database and the tills, connect everything else, and close it all in the end.
    Raises :class:`shop.errors.CannotStart`."""
    async with AsyncExitStack() as stack:
        accounting = await stack.enter_async_context(open_accounting(settings, channels))
        await remove_plain_checkpoints(settings.data_dir)
        blobs = open_blobs(settings)
        await register_installation(settings, accounting.database, blobs)
        redis = await wake_up_arq.connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        wiring = _Wiring(accounting, redis, channels, blobs)
        connections = {
            channel.name: await stack.enter_async_context(channel.connect(wiring.for_channels()))
            for channel in channels.enabled(settings)
        }
        stack.push_async_callback(wiring.flusher.close)
        stack.push_async_callback(wiring.decoder.close)
        yield wiring.container(connections)


class _Wiring:
    """Builds what the container holds. The dialogue comes before the channels, since they need it;
    what the outbox does comes after them, since it needs them.
    """

    def __init__(
        self,
        accounting: AccountingDependencies,
        redis: ArqRedis,
        channels: ChannelRegistry,
        blobs: Blobs,
    ) -> None:
        settings = accounting.settings
        self.accounting = accounting
        self.redis = redis
        self.channels = channels
        self.blobs = blobs
        self.erasure_journal = ErasureJournal(blobs, settings.signing_key)
        self.cipher = EnvelopeCipher(*settings.master_keys)
        self.catalog = Catalog.load().repriced(settings.stars_avatar, settings.stars_credits)
        self.labelling, self.decoder = _labelling(settings)
        self.previews = SignedPreviews(self.catalog, self.labelling.signer)
        self.sheets = PreviewSheets(self.labelling.signer)
        self.flusher = OutboxFlusher(accounting.database, ArqWakeUp(redis))
        self.sessions = RedisSessions(redis)
        self.message_ids = MessageIds(redis)
        self.adapters = {
            one.name: ReplyAdapter(one.name, one.capabilities, self.message_ids, utc_now)
            for one in channels
        }
        self.album_link = page_addresses(ALBUM, settings, channels, utc_now)
        till_names = {channel.name: channel.till(settings) for channel in channels}
        self.limiter = RedisLimiter(redis, settings.signing_key, settings.limit_percent)
        self.registry = CollectorRegistry()
        self.metrics = ChatMetrics(self.registry, [one.name for one in channels.enabled(settings)])
        self.payment_metrics = PaymentMetrics(self.registry, accounting.tills)
        self.booking_failures = BookingFailures(
            accounting.database, settings.admins, self.payment_metrics.not_booked
        )
        deps = DialogueDependencies(
            accounting.database, self.blobs, self.cipher, self.decoder, self.catalog,
            accounting.tills, till_names, settings, self.limiter, self.booking_failures,
            self.labelling, self.previews,
            frozenset(
                one.name for one in channels.enabled(settings) if one.capabilities.needs_contact
            ),
            {one.name: wording_of(one.capabilities, settings.time_zone) for one in channels},
            self.album_link, self.metrics.count_update,
        )  # fmt: skip
        on_pages = {
            name: Wording(words=one.typed, zone=one.zone) for name, one in deps.wordings.items()
        }
        self.page_dispatcher = Dispatcher(replace(deps, wordings=on_pages), self.sessions)
        self.dispatcher = ChannelDispatcher(self.adapters, deps, self.sessions, self.sheets)
        self.notifications = Notifications(deps)

    def for_channels(self) -> ChannelDependencies:
        accounting = self.accounting
        return ChannelDependencies(
            settings=accounting.settings, clock=utc_now, redis=self.redis,
            database=accounting.database, blobs=self.blobs, cipher=self.cipher,
            catalog=self.catalog, signer=self.labelling.signer, previews=self.previews,
            sessions=self.sessions, message_ids=self.message_ids, dispatcher=self.dispatcher,
            limiter=self.limiter, tills=accounting.tills, flush_outbox=self.flusher.flush,
            album_link=self.album_link, send_late=self.dispatcher.send_late,
            decoder=self.decoder, sheets=self.sheets, count_wait=self.metrics.count_wait,
        )  # fmt: skip

    def container(self, connections: Mapping[ChannelName, ChannelConnection]) -> Container:
        settings, database = self.accounting.settings, self.accounting.database
        tills = self.accounting.tills
        outbounds = {
            name: adapted(connection.outbound, self.adapters[name])
            for name, connection in connections.items()
        }

        async def scrub() -> None:
            await database.scrub()
            await embedded.scrub(settings.redis_url)

        messages = ChainMap(*(dict(one.messages) for one in connections.values()))
        outbox_handlers = OutboxHandlers(
            database, self.blobs, self.erasure_journal, self.sessions, self.notifications,
            outbounds, tills, scrub,
            self.flusher.flush, OutboxMetrics(self.registry).count, messages,
            settings.admins,
        )  # fmt: skip
        return Container(
            settings=settings, clock=utc_now, database=database, blobs=self.blobs,
            erasure_journal=self.erasure_journal, cipher=self.cipher, kinds=JOB_KINDS,
            flusher=self.flusher, redis=self.redis,
            catalog=self.catalog, tills=tills, cashier=self.accounting.cashier,
            sessions=self.sessions, channels=self.channels, limiter=self.limiter,
            connections=connections, outbounds=outbounds, dispatcher=self.dispatcher,
            page_dispatcher=self.page_dispatcher, previews=self.previews,
            outbox_handlers=outbox_handlers, decoder=self.decoder, labelling=self.labelling,
            booking_failures=self.booking_failures, payment_metrics=self.payment_metrics,
            metrics=self.metrics, registry=self.registry,
        )  # fmt: skip


def decoder_of(processes: int, trust: TrustList) -> DecoderPool:
    """What decodes photos and reads labels, in so many processes. To be closed."""
    return DecoderPool(processes, anchors=trust.anchors)


def _labelling(settings: Settings) -> tuple[Labelling, DecoderPool]:
    """Signer and trust list, and the decoders, which read labels by it. Raises
    :class:`shop.errors.CannotStart`."""
    try:
        keys = keys_of(settings, utc_now())
    except KeysUnusable as error:
        raise CannotStart(f"EIDER_LABEL_KEYS: {error}") from error
    trust = keys.trust if keys else TrustList()
    signer = C2paSigner(keys, settings.content_producer) if keys else NoCredentials()
    decoder = decoder_of(settings.decoders, trust)
    return Labelling(signer, decoder, trust, settings.content_producer), decoder


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
        settings.redis_url, CHAT, handlers, timeout=timeout, at_once=at_once, crons=crons,
        handle_signals=False,
    )  # fmt: skip


async def answer_chat_signals(build: Callable[[], Worker]) -> None:
    """Answer the signals of the chat queue with what ``build`` gives (:func:`chat_worker`), until
    cancelled, through outages of Redis."""
    await answer_signals(build)
