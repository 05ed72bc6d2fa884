"""The two entries that the composition roots use: the dialogue by polling, and the mouth alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot.stopping import unless
from bot.telegram.buttons import Signer
from bot.telegram.calls import Caller
from bot.telegram.client import Client, open_client
from bot.telegram.menu import register_commands
from bot.telegram.outbound import Lines, SlotBook, TelegramOutbound
from bot.telegram.polling import GRACE_SECONDS, Poller
from bot.telegram.reception import Door, Reception, Ring
from shop.ports import Clock
from shop.settings import Settings

PATIENCE_SECONDS = 300.0
"""How long an answer in the dialogue waits for Telegram. Nobody would send it again: the courier,
who would, has the short patience of :class:`TelegramOutbound`."""

log = structlog.get_logger()


@asynccontextmanager
async def open_outbound(
    settings: Settings, slots: SlotBook, lines: Lines
) -> AsyncIterator[TelegramOutbound]:
    """The mouth alone, for the courier. Nothing is sent until something is."""
    async with open_client(settings.telegram_token, settings.telegram_api_url) as client:
        yield TelegramOutbound(client, slots, lines, Signer.of(settings.master_key))


async def poll(
    desk: Door,
    slots: SlotBook,
    lines: Lines,
    settings: Settings,
    clock: Clock,
    stop: asyncio.Event,
    ring: Ring,
) -> None:
    """Hold the dialogue in Telegram until ``stop`` is set, then end what is under way.

    ``ring`` is called after each update, for the outbox that it may have filled.

    Removes a webhook if one is set, keeping what waits for it. Raises
    :class:`bot.telegram.client.TokenRefused`, or ConnectionError if Telegram stays out of reach
    from the start.
    """
    signer = Signer.of(settings.master_key)
    async with open_client(settings.telegram_token, settings.telegram_api_url) as client:
        await unless(stop, _introduce(client))
        outbound = TelegramOutbound(client, slots, lines, signer, patience=PATIENCE_SECONDS)
        reception = Reception(client, desk, outbound, signer, clock, ring)
        log.info("telegram_polling")
        try:
            await Poller(client, reception.take).run(stop)
        finally:
            await reception.drain(GRACE_SECONDS)


async def _introduce(client: Client) -> None:
    await Caller(PATIENCE_SECONDS).call("", client.delete_webhook)
    await register_commands(client)
