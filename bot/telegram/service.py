"""Opens what Telegram needs: the dialogue by webhook or by long polling, the outbound alone for
news, and the operator's commands.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import structlog
from aiohttp import web

from bot.cancellation import unless
from bot.channels import ChannelDependencies
from bot.state.sessions import AnsweredUpdates
from bot.telegram.buttons import Signer
from bot.telegram.calls import Caller, Refused
from bot.telegram.client import Client, TokenRefused, open_client
from bot.telegram.menu import register_commands
from bot.telegram.outbound import TelegramOutbound
from bot.telegram.owed_answers import OwedAnswers
from bot.telegram.polling import GRACE_SECONDS, Poller
from bot.telegram.rate_limiter import RateLimiter
from bot.telegram.update_processor import UpdateProcessor
from bot.telegram.webhook import Webhook, WebhookStatus, set_webhook_to, webhook_status
from shop.ports import Clock
from shop.settings import Settings

PATIENCE_SECONDS = 300.0
"""How long an answer in the dialogue waits for Telegram. Nobody would send it again; news is sent
again by the outbox worker, with the short patience of :class:`TelegramOutbound`."""
OPERATOR_SECONDS = 15.0
"""How long a command waits for Telegram, while somebody waits for the command."""

log = structlog.get_logger()


@asynccontextmanager
async def open_outbound(
    deps: ChannelDependencies, limiter: RateLimiter
) -> AsyncIterator[TelegramOutbound]:
    """The outbound alone, for news. Nothing is sent until something is."""
    async with _client(deps.settings) as client:
        signer = Signer.of(deps.settings.signing_key)
        yield TelegramOutbound(client, deps.message_ids, deps.sessions, limiter, signer)


@asynccontextmanager
async def receive(
    deps: ChannelDependencies, limiter: RateLimiter
) -> AsyncIterator[list[web.RouteDef]]:
    """The dialogue by webhook: serve the routes within the block.

    In the end the replies under way go out; stop serving before that.
    """
    settings = deps.settings
    async with _client(settings) as client, _processor(client, deps, limiter) as processor:
        yield Webhook(
            client,
            processor.take,
            processor.unreadable,
            processor.acknowledge,
            processor.has_room,
            settings.telegram_webhook_secret,
            deps.limiter,
        ).routes()


async def poll(deps: ChannelDependencies, limiter: RateLimiter, stop: asyncio.Event) -> None:
    """The dialogue by long polling until ``stop`` is set; then end what is under way.

    Removes a webhook if one is set, keeping what waits for it. Menus are registered beside it: no
    trouble with them keeps anybody unanswered. Raises
    :class:`bot.telegram.client.TokenRefused`, or ConnectionError if Telegram stays out of reach
    from the start.
    """
    async with _client(deps.settings) as client:
        await unless(stop, _prepare_polling(client))
        menus = asyncio.create_task(_register_menus(client, deps.settings))
        try:
            async with _processor(client, deps, limiter) as processor:
                log.info("telegram_polling")
                await Poller(client, processor.take_polled, processor.unreadable).run(stop)
        finally:
            menus.cancel()
            await asyncio.gather(menus, return_exceptions=True)


async def register(settings: Settings) -> None:
    """Have updates posted to the settings' webhook address, and register menus and descriptions.

    Raises as :func:`poll`, and :class:`bot.telegram.calls.Refused` with Telegram's reason.
    """
    async with _client(settings) as client:
        put = partial(
            set_webhook_to, client, settings.telegram_webhook_url, settings.telegram_webhook_secret
        )
        await _introduce(client, OPERATOR_SECONDS)
        await Caller(OPERATOR_SECONDS).call("", put)
        await register_commands(client, settings.admins)


async def introduce(settings: Settings) -> None:
    """See whether Telegram takes the token. Raises :class:`bot.telegram.client.TokenRefused`, or
    ConnectionError."""
    async with _client(settings) as client:
        await _introduce(client, OPERATOR_SECONDS)


async def check(settings: Settings, clock: Clock) -> WebhookStatus:
    """How the webhook stands, by Telegram's own account. Raises as :func:`register`."""
    async with _client(settings) as client:
        await _introduce(client, OPERATOR_SECONDS)
        look = partial(webhook_status, client, settings.telegram_webhook_url, clock())
        return await Caller(OPERATOR_SECONDS).call("", look)


async def unregister(settings: Settings) -> None:
    """Remove the webhook; what waits, waits for the next one, or for a poll. Raises as register."""
    async with _client(settings) as client:
        await _introduce(client, OPERATOR_SECONDS)
        await Caller(OPERATOR_SECONDS).call("", client.delete_webhook)


def _client(settings: Settings) -> AbstractAsyncContextManager[Client]:
    return open_client(
        settings.telegram_token, settings.telegram_api_url, local=settings.telegram_local
    )


@asynccontextmanager
async def _processor(
    client: Client, deps: ChannelDependencies, limiter: RateLimiter
) -> AsyncIterator[UpdateProcessor]:
    settings = deps.settings
    signer = Signer.of(settings.signing_key)
    outbound = TelegramOutbound(
        client, deps.message_ids, deps.sessions, limiter, signer, patience=PATIENCE_SECONDS
    )
    owed = OwedAnswers(deps.redis, deps.database, settings.signing_key)
    processor = UpdateProcessor(
        client, deps.dispatcher, outbound, deps.message_ids, AnsweredUpdates(deps.redis), owed,
        signer, deps.clock, deps.flush_outbox,
    )  # fmt: skip
    keeping = asyncio.create_task(owed.keep(processor.answer_again))
    try:
        yield processor
    finally:
        await processor.drain(GRACE_SECONDS)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _introduce(client: Client, patience: float) -> None:
    """Ask who we are: the one call that tells a token that is wrong from a method that a server
    does not do. Raises :class:`bot.telegram.client.TokenRefused`, or ConnectionError."""
    await Caller(patience).call("", client.get_me)


async def _prepare_polling(client: Client) -> None:
    await _introduce(client, PATIENCE_SECONDS)
    try:
        await Caller(PATIENCE_SECONDS).call("", client.delete_webhook)
    except Refused as refusal:  # if one is set after all, each poll is told so, and logged
        log.warning("telegram_webhook_not_removed", why=refusal.why)


async def _register_menus(client: Client, settings: Settings) -> None:
    try:
        await register_commands(client, settings.admins)
    except TokenRefused:
        log.warning("telegram_menus_given_up", error="TokenRefused")  # the poller ends by it
    except Exception as error:  # boundary: menus are no reason to leave anybody unanswered
        log.exception("telegram_menus_given_up", error=type(error).__name__)
