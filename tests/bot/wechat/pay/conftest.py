"""Our till over the gateway double, an order that waits for its payment; and a whole shop."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shop.records import Order, OrderState
from tests.bot.wechat.account import FakeWechat, serving
from tests.conftest import SetClock
from tests.contracts.records import order
from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.stand import WechatStand, merchant_env, open_double, open_stand

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


@pytest.fixture
def wechat() -> FakeWechat:
    """The account's own API, which the checkout asks who is looking."""
    return FakeWechat()


@pytest.fixture
async def double() -> AsyncIterator[PayDouble]:
    """The gateway of the shop below, at the machine's time. Its refunds are made at once, once
    somebody looks."""
    async with open_double(lambda: datetime.now(UTC)) as double:
        double.trades.refund_seconds = 0
        yield double


@pytest.fixture
async def env(env: dict[str, str], double: PayDouble, wechat: FakeWechat) -> AsyncIterator[dict]:
    """A shop that sells in WeChat alone."""
    async with serving(wechat) as url:
        shop = {name: env[name] for name in env if name not in ("EIDER_PLAYGROUND", "EIDER_TILL")}
        yield (
            shop
            | merchant_env(double)
            | {
                "EIDER_WECHAT_API_URL": url,
                "EIDER_ADMINS": "wechat:o-boss",
                "EIDER_LABEL_KEYS": "none",
            }
        )
