"""The sandbox provider, open in this process: only where ``EIDER_TILL=sandbox`` names it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.cashier.notifier import PaymentNotifier
from bot.cashier.page import CashierPage, WayBack
from shop.adapters.tills.sandbox import SandboxTill
from shop.ports import Clock
from shop.settings import Settings


@dataclass(frozen=True, slots=True)
class Cashier:
    """The provider's till, what posts its notifications, and the page that takes its payments."""

    till: SandboxTill
    notifier: PaymentNotifier

    def routes(self, chat: WayBack) -> list[web.RouteDef]:
        return CashierPage(self.till, self.notifier, chat).routes()


@asynccontextmanager
async def open_cashier(settings: Settings, clock: Clock) -> AsyncIterator[Cashier | None]:
    """Open it over ``sandbox-till.sqlite``; None, and no file, where it is not named."""
    if settings.till != SandboxTill.name:
        yield None
        return
    till = SandboxTill(
        settings.data_dir / "sandbox-till.sqlite",
        settings.sandbox_till_secret,
        settings.public_url,
        clock,
    )
    try:
        yield Cashier(till, PaymentNotifier(till, f"{settings.public_url}/pay/{till.name}"))
    finally:
        await till.close()
