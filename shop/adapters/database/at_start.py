"""What a process does about the tables before it begins.

A house on SQLite, of one machine, migrates by itself; on PostgreSQL nobody does but ``python -m bot
migrate``, unless the settings say so: others may be at work on those tables. A process whose tables
do not fit waits, answering that it does, and begins as soon as they do.
"""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final

import structlog

from shop.adapters.database.upgrade import require_fitting, upgrade
from shop.errors import SchemaUnfit
from shop.health import NotReady, Probes, open_health
from shop.settings import Settings

LOOK_SECONDS: Final = 2.0

log = structlog.get_logger()


async def prepare_tables(settings: Settings) -> None:
    """Migrate where this process may, else see whether the tables fit. Raises
    :class:`shop.errors.SchemaUnfit` where they do not, :class:`shop.errors.CannotStart`."""
    if settings.migrates_at_start:
        await upgrade(settings.database_url, settings.master_keys)
    else:
        await require_fitting(settings.database_url)


async def wait_for_tables(
    settings: Settings,
    stop: asyncio.Event,
    open_door: Callable[[], AbstractAsyncContextManager[object]] = contextlib.nullcontext,
) -> bool:
    """Whether the tables fit, at once or after a while; False once ``stop`` is set. Meanwhile the
    health address answers that this process is not ready, and why, and ``open_door`` is open.
    Raises :class:`shop.errors.CannotStart`."""
    why = await _why_unfit(settings)
    if not why:
        return True
    log.error("schema_unfit", why=why)

    async def ask() -> None:
        raise NotReady(why)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_health(settings, Probes({"schema": ask})))
        await stack.enter_async_context(open_door())
        while why and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await stop.wait()
            why = await _why_unfit(settings)
    if not why:
        log.info("schema_fits")
    return not why


async def _why_unfit(settings: Settings) -> str:
    try:
        await prepare_tables(settings)
    except SchemaUnfit as unfit:
        return str(unfit)
    return ""
