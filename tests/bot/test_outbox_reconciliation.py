"""The daily reconciliation, its metric, and the operator's command, over real stores."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.__main__ import main
from bot.outbox import reconciliation
from bot.outbox.reconciliation import reconcile_tills
from bot.playground import PLAYGROUND
from shop.adapters.tills.sandbox import SandboxTill
from shop.errors import TillError
from shop.people import users
from shop.records import AuditEntry, Charge, Order, OrderState, OutboxMessage
from shop.settings import Settings
from tests.bot.test_payments import now_of, order

__all__ = ["order"]  # a fixture: an order with its bill out


@pytest.fixture
async def boss(container):
    async with container.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, "boss", "en", container.clock())


@pytest.fixture
def at_once(monkeypatch):
    """Nothing is too young to be looked at."""
    monkeypatch.setattr(reconciliation, "SETTLE", timedelta(seconds=-1))


async def told_admins(container, boss) -> list[str]:
    async with container.database.begin() as tx:
        notices = await tx.find(OutboxMessage, name="notice", order="created_at")
    return [one.payload["what"] for one in notices if one.payload["user"] == boss.id]


async def looks(container) -> int:
    async with container.database.begin() as tx:
        return await tx.count(AuditEntry, command="reconcile")


async def test_several_couriers_look_once_a_day(container, order, boss, at_once):
    await container.cashier.till.pay(order.bill)  # and its notification is lost
    await asyncio.gather(*(reconcile_tills(container) for _ in range(4)))
    assert (await now_of(container, order)).state is OrderState.PAID
    assert await looks(container) == len(container.tills)
    assert await told_admins(container, boss) == ["unbooked"]
    for _ in range(2):
        await reconcile_tills(container)
    assert await looks(container) == len(container.tills)


async def test_the_admins_are_told(container, order, boss, at_once):
    await container.cashier.till.pay(order.bill)
    await reconcile_tills(container)
    assert await told_admins(container, boss) == ["unbooked"]


async def test_a_fresh_payment_is_left_alone(container, order):
    await container.cashier.till.pay(order.bill)
    await reconcile_tills(container)
    assert (await now_of(container, order)).state is OrderState.AWAITING


async def test_a_till_is_read_from_the_hour_on_at_which_yesterday_is_there(
    container, order, at_once, monkeypatch
):
    till = container.tills["sandbox"]
    monkeypatch.setattr(till, "statement_ready", time.max, raising=False)
    await reconcile_tills(container)
    assert await looks(container) == 0
    monkeypatch.setattr(till, "statement_ready", time.min, raising=False)
    await reconcile_tills(container)
    assert await looks(container) == 1


async def test_a_till_that_is_away_is_looked_at_later(container, order, at_once, tmp_path):
    class Away(SandboxTill):
        async def statement(self):
            raise TillError
            yield

    away = Away(tmp_path / "away.sqlite", b"", "", container.clock)
    await reconcile_tills(replace(container, tills={"sandbox": away}))
    assert await looks(container) == 0
    await reconcile_tills(container)
    assert await looks(container) == 1


async def test_the_metric_says_how_many_and_when(container, metrics, order, at_once):
    async with container.database.begin() as tx:
        await tx.add(Charge("sandbox:ghost", order.id, 1, order.currency, container.clock()))
    await reconcile_tills(container)
    text = await metrics()
    assert 'eider_till_differences{till="sandbox"} 2.0' in text  # absent, and the ledger is off
    seconds = text.partition('eider_till_reconciled_seconds{till="sandbox"} ')[2].split()[0]
    assert float(seconds) == pytest.approx(container.clock().timestamp(), abs=60)


async def test_the_command_lists_mends_and_exits_by_it(container, env, order, capsys):
    settings = Settings.from_env(env)
    assert await reconciliation.run(settings) == 0
    assert "agrees" in capsys.readouterr().out
    await container.cashier.till.pay(order.bill)
    assert await reconciliation.run(settings) == 1
    said = capsys.readouterr().out
    assert "sandbox: unbooked (mended): ours 0, theirs 990 CNY" in said
    assert order.id in said
    assert (await now_of(container, order)).state is OrderState.PAID
    assert await reconciliation.run(settings) == 0


async def test_a_stray_is_given_back_when_the_operator_says_so(container, env, order, capsys):
    stray = Order("0" * 32, order.user_id, order.product, order.state, order.created_at,
                  order.touched_at, amount=5, currency=order.currency)  # fmt: skip
    bill = await container.cashier.till.bill(stray, "nobody's")
    note = await container.cashier.till.pay(bill.reference)
    charge = (await container.tills["sandbox"].read(note.headers, note.body)).charge
    settings = Settings.from_env(env)
    assert await reconciliation.run(settings) == 1
    assert "sandbox: stray (look at it)" in capsys.readouterr().out
    assert await reconciliation.run(settings, give_back="another") == 2
    assert "stray charge another: nothing was given back" in capsys.readouterr().out
    assert await reconciliation.run(settings, give_back=charge) == 0
    assert f"5 CNY of charge {charge} given back" in capsys.readouterr().out
    assert await reconciliation.run(settings) == 0
    assert await reconciliation.run(settings, give_back=charge) == 2, "it is back already"


async def test_a_charge_of_an_order_of_ours_is_no_stray(container, env, order, capsys):
    await container.cashier.till.pay(order.bill)
    settings = Settings.from_env(env)
    assert await reconciliation.run(settings) == 1  # and mended
    async with container.database.begin() as tx:
        (charge,) = await tx.find(Charge)
    given = charge.id.partition(":")[2]
    assert await reconciliation.run(settings, give_back=given) == 2
    assert (await now_of(container, order)).state is OrderState.PAID


def test_the_command_line_needs_no_redis(env, monkeypatch, capsys):
    for name, value in (env | {"EIDER_REDIS_URL": "redis://127.0.0.1:1"}).items():
        monkeypatch.setenv(name, value)
    assert main(["reconcile"]) == 0
    assert "agrees" in capsys.readouterr().out
