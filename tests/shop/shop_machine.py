"""What the state machines over a whole shop have in common: one shop in memory, a clock, a step."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from shop.catalog import Catalog
from shop.errors import ShopError
from tests.locks import WatchedDatabase
from tests.shop.conftest import CATALOG, Shop


class ShopMachine(RuleBasedStateMachine):
    """Each step is one transaction, seven seconds after the one before."""

    catalog: Catalog = CATALOG

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.now = datetime(2026, 3, 14, tzinfo=UTC)
        self.database = WatchedDatabase(lambda: self.now)
        self.shop: Shop | None = None

    def teardown(self) -> None:
        self.loop.close()

    def do(self, step: Any) -> Any:
        """One transaction, by a step that takes a shop. None for a refusal, which rolls it back."""

        async def run() -> Any:
            async with self.database.begin() as tx:
                shop = Shop(tx, self.now, catalog=self.catalog)
                if self.shop is not None:
                    shop.blobs, shop.cipher = self.shop.blobs, self.shop.cipher
                self.shop = shop
                return await step(shop)

        self.now += timedelta(seconds=7)
        try:
            return self.loop.run_until_complete(run())
        except ShopError:
            return None
