"""A process with one chat's platform, its people and their money.

``python -m benchmarks.crowd.load`` says on a line what a house needs to know of the platform, as
JSON; waits for a line, and lets people come; says how many are gone; answers ``rest`` with how much
is still to be told to the house, and any other line with what each of the people saw.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import uvloop

from benchmarks.crowd.customer import Customer
from benchmarks.crowd.house import PUBLIC
from benchmarks.crowd.plan import Plan, crowd
from benchmarks.crowd.telegram import TelegramCustomer
from benchmarks.crowd.wechat import WechatCustomer
from bot.telegram.webhook import PATH
from tests.botapi import BotApi
from tests.botapi import serving as serving_telegram
from tests.botapi.flood import Flood, Rate
from tests.journeys.wechat_steps import account_of
from tests.wechatapi import Account, Wechat
from tests.wechatapi import serving as serving_wechat
from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.keys import make_keys
from tests.wechatpay.server import serving as serving_pay
from tests.wechatpay.stand import merchant_env

TOKEN: Final = "7000000001:AAHcrowdcrowdcrowdcrowdcrowdcrowdcr"
PER_SECOND: Final = 1000
"""Messages over all that Telegram takes here, as it does of who pays for that: a day's are sent in
ten minutes. A chat's own limit is Telegram's."""

JITTER: Final = 1.0
"""Seconds by which what was sent in time may come later: both ends share few cores."""

STRICT: Final = 400
"""Of so many people every call is judged by the whole Bot API; of more only what they see."""

WECHAT_PAUSE: Final = 10.0
"""Seconds between WeChat's four tries, which are not known."""


class Platform(Protocol):
    """One chat's double, within this process."""

    def env(self) -> dict[str, str]: ...

    async def ready(self) -> None: ...

    def customer(self, plan: Plan, patience: float) -> Customer: ...

    def rest(self) -> int:
        """How many things still have to be told to the house."""

    def told(self) -> dict[str, Any]:
        """What the double noted against the house, and its money."""


class Telegram:
    """The Bot API, posting updates to the house."""

    def __init__(self, api: BotApi, flood: Flood) -> None:
        self.api, self.flood = api, flood

    def env(self) -> dict[str, str]:
        return {
            "EIDER_TELEGRAM_TOKEN": TOKEN,
            "EIDER_TELEGRAM_API_URL": self.api.url,
            "EIDER_TELEGRAM_WEBHOOK_URL": f"{PUBLIC}{PATH}",
            "EIDER_TELEGRAM_PER_SECOND": str(PER_SECOND),
            "EIDER_STARS_AVATAR": "125",
        }

    async def ready(self) -> None:
        """The operator has said ``python -m bot telegram set``."""
        while not self.api.webhook:
            await asyncio.sleep(0.1)

    def customer(self, plan: Plan, patience: float) -> Customer:
        return TelegramCustomer(plan, self.api, patience)

    def rest(self) -> int:
        return len(self.api.pending)

    def told(self) -> dict[str, Any]:
        charges = self.api.stars.charges.values()
        return {
            "problems": self.api.problems[:20],
            "floods": self.flood.refusals,
            "charges": {one.id: "refunded" if one.refunded else "taken" for one in charges},
            "updates": len(self.api.confirmed),
            "posts": len(self.api.delivery.posts),
        }


class WechatAndPay:
    """The Official Account and its merchant."""

    def __init__(self, wechat: Wechat, gateway: PayDouble) -> None:
        self.wechat, self.gateway = wechat, gateway

    def env(self) -> dict[str, str]:
        return merchant_env(self.gateway) | account_of(self.wechat)

    async def ready(self) -> None:
        while not await self.wechat.callbacks.verify():
            await asyncio.sleep(0.5)

    def customer(self, plan: Plan, patience: float) -> Customer:
        return WechatCustomer(plan, self.wechat, self.gateway, patience)

    def rest(self) -> int:
        callbacks = sum(not task.done() for one in self.wechat.callbacks.sent for task in one.tasks)
        return callbacks + sum(one.due_at is not None for one in self.gateway.notices.all)

    def told(self) -> dict[str, Any]:
        trades = [one for one in self.gateway.trades.trades.values() if one.transaction_id]
        refunds = [one.terms for one in self.gateway.trades.refunds.values()]
        back = {each.get(name) for each in refunds for name in ("transaction_id", "out_trade_no")}
        return {
            "problems": self.wechat.problems[:20],
            "floods": self.wechat.quota.refusals,
            "charges": {
                one.transaction_id: "refunded"
                if {one.transaction_id, one.number} & back
                else "taken"
                for one in trades
            },
            "updates": len(self.wechat.callbacks.sent),
            "posts": sum(len(one.attempts) for one in self.wechat.callbacks.sent),
        }


@asynccontextmanager
async def _telegram(reach: dict[str, str], people: int) -> AsyncIterator[Platform]:
    flood = Flood(overall=Rate(PER_SECOND, 1.0, PER_SECOND), grace=JITTER)
    async with serving_telegram(BotApi(TOKEN, people <= STRICT, flood=flood)) as api:
        api.delivery.reach = reach
        yield Telegram(api, flood)


@asynccontextmanager
async def _wechat(reach: dict[str, str], people: int) -> AsyncIterator[Platform]:
    gateway = PayDouble(make_keys(), lambda: datetime.now(UTC))
    gateway.notices.reach = reach
    account = Account(app_id=gateway.app_id)
    async with serving_pay(gateway), serving_wechat(Wechat(account)) as wechat:
        wechat.callbacks.url, wechat.callbacks.reach = f"{PUBLIC}/wechat", reach
        wechat.callbacks.pause = WECHAT_PAUSE
        posting = asyncio.create_task(_post_notices(gateway))
        try:
            yield WechatAndPay(wechat, gateway)
        finally:
            posting.cancel()


async def _post_notices(gateway: PayDouble) -> None:
    while True:
        await asyncio.sleep(0.5)
        gateway.advance()
        await gateway.notices.post_due()


CHATS: Final = {"telegram": _telegram, "wechat": _wechat}


async def main(given: Sequence[str] | None = None) -> None:
    """See the module."""
    chosen = _options(given)
    plans = [
        plan
        for plan in crowd(chosen.customers, chosen.seconds, chosen.seed)
        if plan.wechat == (chosen.chat == "wechat")
    ]
    reach = {PUBLIC: f"http://127.0.0.1:{chosen.port}"}
    async with CHATS[chosen.chat](reach, len(plans)) as platform:
        _say({"env": platform.env(), "customers": len(plans)})
        await _line()
        await platform.ready()
        customers = await _let_come(platform, plans, chosen.patience)
        _say({"gone": len(customers)})
        while (await _line()).strip() == "rest":
            _say({"rest": platform.rest()})
        for one in customers:
            one.look()
        _say({"records": [one.record.told() for one in customers], **platform.told()})
        await _line()


async def _let_come(
    platform: Platform, plans: Sequence[Plan], patience: float
) -> Sequence[Customer]:
    began, living = time.monotonic(), []
    customers = []
    for plan in sorted(plans, key=lambda one: one.at):
        await asyncio.sleep(max(0.0, plan.at - (time.monotonic() - began)))
        customers.append(one := platform.customer(plan, patience))
        living.append(asyncio.create_task(one.run()))
    progress = asyncio.create_task(_tell_progress(living))
    await asyncio.gather(*living)
    progress.cancel()
    return customers


async def _tell_progress(living: Sequence["asyncio.Task[Any]"]) -> None:
    while True:
        await asyncio.sleep(30)
        sys.stderr.write(f"{sum(one.done() for one in living)} of {len(living)} are gone\n")


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _say(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _options(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd.load", description=__doc__)
    add = parser.add_argument
    add("chat", choices=CHATS)
    add("--customers", type=int, required=True, help="of both chats")
    add("--seconds", type=float, required=True)
    add("--seed", type=int, required=True)
    add("--patience", type=float, required=True)
    add("--port", type=int, required=True, help="where the house is")
    return parser.parse_args(given)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        uvloop.run(main())
