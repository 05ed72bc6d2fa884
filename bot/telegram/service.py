"""The entries that the composition roots use: the dialogue by webhook or by polling, the mouth
alone for the courier, and the operator's word with Telegram.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from bot.cancellation import unless
from bot.telegram.buttons import Signer
from bot.telegram.calls import Caller
from bot.telegram.client import Client, open_client
from bot.telegram.menu import register_commands
from bot.telegram.outbound import Lines, SlotBook, TelegramOutbound
from bot.telegram.polling import GRACE_SECONDS, Poller
from bot.telegram.rate_limiter import RateLimiter
from bot.telegram.update_processor import Answered, Ring, UpdateProcessor
from bot.telegram.webhook import Webhook, WebhookStatus, look_at, put_up
from handlers.dispatcher import Dispatcher
from shop.ports import Clock
from shop.settings import Settings

PATIENCE_SECONDS = 300.0
"""How long an answer in the dialogue waits for Telegram. Nobody would send it again: the courier,
who would, has the short patience of :class:`TelegramOutbound`."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TelegramDependencies:
    """What the dialogue in Telegram works with. ``ring`` is called after each update, for the
    outbox that it may have filled."""

    settings: Settings
    dispatcher: Dispatcher
    message_ids: SlotBook
    lines: Lines
    answered: Answered
    limiter: RateLimiter
    clock: Clock
    flush_outbox: Ring


@asynccontextmanager
async def open_outbound(
    settings: Settings, message_ids: SlotBook, lines: Lines, limiter: RateLimiter
) -> AsyncIterator[TelegramOutbound]:
    """The mouth alone, for the courier. Nothing is sent until something is."""
    async with _client(settings) as client:
        yield TelegramOutbound(client, message_ids, lines, limiter, Signer.of(settings.master_key))


@asynccontextmanager
async def receive(fittings: TelegramDependencies) -> AsyncIterator[Webhook]:
    """The dialogue by webhook: serve its routes within the block.

    In the end the replies under way go out; stop serving before that.
    """
    async with _client(fittings.settings) as client, _reception(client, fittings) as processor:
        yield Webhook(client, processor.take, fittings.settings.telegram_webhook_secret)


async def poll(fittings: TelegramDependencies, stop: asyncio.Event) -> None:
    """The dialogue by long polling until ``stop`` is set; then end what is under way.

    Removes a webhook if one is set, keeping what waits for it. Raises
    :class:`bot.telegram.client.TokenRefused`, or ConnectionError if Telegram stays out of reach
    from the start.
    """
    async with _client(fittings.settings) as client:
        await unless(stop, _introduce(client, fittings.settings))
        async with _reception(client, fittings) as processor:
            log.info("telegram_polling")
            await Poller(client, processor.take).run(stop)


async def set_up(settings: Settings) -> None:
    """Have updates posted to the settings' webhook address, and register menus and descriptions.

    Raises as :func:`poll`, and :class:`bot.telegram.calls.Refused` with Telegram's reason.
    """
    async with _client(settings) as client:
        put = partial(
            put_up, client, settings.telegram_webhook_url, settings.telegram_webhook_secret
        )
        await Caller(PATIENCE_SECONDS).call("", put)
        await register_commands(client, settings.admins)


async def check(settings: Settings, clock: Clock) -> WebhookStatus:
    """How the webhook stands, by Telegram's own account. Raises as :func:`set_up`."""
    async with _client(settings) as client:
        look = partial(look_at, client, settings.telegram_webhook_url, clock())
        return await Caller(PATIENCE_SECONDS).call("", look)


async def take_down(settings: Settings) -> None:
    """No more deliveries; what waits, waits for the next webhook or poll. Raises as set_up."""
    async with _client(settings) as client:
        await Caller(PATIENCE_SECONDS).call("", client.delete_webhook)


def _client(settings: Settings) -> AbstractAsyncContextManager[Client]:
    return open_client(
        settings.telegram_token, settings.telegram_api_url, local=settings.telegram_local
    )


@asynccontextmanager
async def _reception(
    client: Client, fittings: TelegramDependencies
) -> AsyncIterator[UpdateProcessor]:
    signer = Signer.of(fittings.settings.master_key)
    outbound = TelegramOutbound(
        client,
        fittings.message_ids,
        fittings.lines,
        fittings.limiter,
        signer,
        patience=PATIENCE_SECONDS,
    )
    processor = UpdateProcessor(
        client, fittings.dispatcher, outbound, fittings.message_ids, fittings.answered, signer,
        fittings.clock, fittings.flush_outbox,
    )  # fmt: skip
    try:
        yield processor
    finally:
        await processor.drain(GRACE_SECONDS)


async def _introduce(client: Client, settings: Settings) -> None:
    await Caller(PATIENCE_SECONDS).call("", client.delete_webhook)
    await register_commands(client, settings.admins)
