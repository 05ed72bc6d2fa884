"""Our till over the gateway double, and an order that waits for its payment."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shop.records import Order, OrderState
from tests.conftest import SetClock
from tests.contracts.records import order
from tests.wechatpay.stand import WechatStand, open_stand

ORDER = "0f" * 16


@pytest.fixture
def clock(clock: SetClock) -> SetClock:
    """WeChat Pay counts whole seconds."""
    clock.now = clock.now.replace(microsecond=0)
    return clock


@pytest.fixture
async def stand(clock: SetClock) -> AsyncIterator[WechatStand]:
    async with open_stand(clock) as stand:
        yield stand


@pytest.fixture
def owed(clock: SetClock) -> Order:
    return replace(order(ORDER, state=OrderState.AWAITING, amount=990), touched_at=clock())
