"""What every till must do. A new one joins by a stand that also plays its provider's customer."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shop.adapters.tills.sandbox import SandboxTill
from shop.errors import Forged, TillError
from shop.ports import StatementLine, Till
from shop.records import Currency, Order, OrderState
from tests.conftest import SetClock
from tests.contracts.records import order


class SandboxStand:
    """The till, and a customer who pays its bills."""

    def __init__(self, till: SandboxTill) -> None:
        self.till: Till = till
        self.sandbox = till

    async def pay(self, reference: str) -> tuple[Mapping[str, str], bytes]:
        told = await self.sandbox.pay(reference)
        return told.headers, told.body


@pytest.fixture
async def stand(tmp_path: Path, clock: SetClock) -> AsyncIterator[SandboxStand]:
    till = SandboxTill(tmp_path / "till.sqlite", b"secret", "http://127.0.0.1:8080", clock)
    yield SandboxStand(till)
    await till.close()


@pytest.fixture
def owed(stand: SandboxStand) -> Order:
    currency = stand.till.currency
    return order("order1", state=OrderState.AWAITING, amount=990, currency=currency)


async def test_an_order_has_one_bill(stand: SandboxStand, owed: Order) -> None:
    bill = await stand.till.bill(owed, "Avatar")
    assert (bill.amount, bill.currency) == (990, stand.till.currency)
    assert await stand.till.bill(owed, "Avatar") == bill
    other = await stand.till.bill(replace(owed, id="order2"), "Avatar")  # type: ignore[arg-type]
    assert other.reference != bill.reference


async def test_a_payment_is_told_as_it_was(
    stand: SandboxStand, owed: Order, clock: SetClock
) -> None:
    bill = await stand.till.bill(owed, "Avatar")
    assert await stand.till.find(owed.id) is None
    event = stand.till.read(*await stand.pay(bill.reference))
    assert (event.till, event.order_id, event.amount) == (stand.till.name, owed.id, 990)
    assert (event.currency, event.at) == (stand.till.currency, clock())
    assert await stand.till.find(owed.id) == event
    assert await stand.till.find("order2") is None


async def test_a_refund_is_made_once_per_key(stand: SandboxStand, owed: Order) -> None:
    bill = await stand.till.bill(owed, "Avatar")
    event = stand.till.read(*await stand.pay(bill.reference))
    for _ in range(3):
        await stand.till.refund(event.charge, 900, event.currency, "refund:1")
    with pytest.raises(TillError):
        await stand.till.refund(event.charge, 91, event.currency, "refund:2")
    with pytest.raises(TillError):
        await stand.till.refund(event.charge, 90, event.currency, "refund:1")
    await stand.till.refund(event.charge, 90, event.currency, "refund:2")
    assert await stand.till.find(owed.id) is None


async def test_its_book_has_every_movement(
    stand: SandboxStand, owed: Order, clock: SetClock
) -> None:
    assert [line async for line in stand.till.statement()] == []
    bill = await stand.till.bill(owed, "Avatar")
    event = stand.till.read(*await stand.pay(bill.reference))
    taken = StatementLine(event.charge, owed.id, 990, event.currency, event.at, True)
    assert [line async for line in stand.till.statement()] == [taken]
    clock.forward(minutes=1)
    for _ in range(2):
        await stand.till.refund(event.charge, 990, event.currency, "refund:1", "42")
    back = replace(taken, at=clock(), incoming=False)
    assert [line async for line in stand.till.statement()] == [taken, back]


async def test_what_cannot_be_refunded(stand: SandboxStand, owed: Order) -> None:
    bill = await stand.till.bill(owed, "Avatar")
    event = stand.till.read(*await stand.pay(bill.reference))
    for charge, amount, currency in (
        ("nobody's", 990, event.currency),
        (event.charge, 991, event.currency),
        (event.charge, 0, event.currency),
        (event.charge, -1, event.currency),
        (event.charge, 990, Currency.CREDITS),
    ):
        with pytest.raises(TillError):
            await stand.till.refund(charge, amount, currency, f"{charge}{amount}{currency}")
    assert await stand.till.find(owed.id) == event


@pytest.mark.parametrize("change", [{"amount": 0}, {"amount": -1}, {"currency": Currency.CREDITS}])
async def test_what_cannot_be_billed(
    stand: SandboxStand, owed: Order, change: dict[str, Any]
) -> None:
    with pytest.raises(TillError):
        await stand.till.bill(replace(owed, **change), "Avatar")


async def test_an_old_notification_is_refused(
    stand: SandboxStand, owed: Order, clock: SetClock
) -> None:
    told = await stand.pay((await stand.till.bill(owed, "Avatar")).reference)
    clock.forward(minutes=5)
    stand.till.read(*told)
    clock.forward(seconds=1)
    with pytest.raises(Forged):
        stand.till.read(*told)
    clock.forward(minutes=-11)
    with pytest.raises(Forged):
        stand.till.read(*told)


async def test_a_changed_notification_is_refused(stand: SandboxStand, owed: Order) -> None:
    headers, body = await stand.pay((await stand.till.bill(owed, "Avatar")).reference)
    with pytest.raises(Forged):
        stand.till.read(headers, body.replace(b"990", b"991"))
    with pytest.raises(Forged):
        stand.till.read(headers, body + b" ")
    with pytest.raises(Forged):
        stand.till.read({}, body)
    for name, value in headers.items():
        for other in ("", value[:-1], value + "0", "é", "\udc80", "9" * 5000, "nan"):
            with pytest.raises(Forged):
                stand.till.read({**headers, name: other}, body)
        with pytest.raises(Forged):
            stand.till.read({k: v for k, v in headers.items() if k != name}, body)
    lower = {name.lower(): value for name, value in headers.items()}
    assert stand.till.read(lower, body).order_id == owed.id
