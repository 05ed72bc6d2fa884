"""What every till must do. A new one joins by a stand that also plays its provider's customer."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from shop.adapters.tills.sandbox import SandboxTill
from shop.errors import AlreadyPaid, Forged, TillError
from shop.money.order_accounting import refund_key
from shop.ports import StatementLine, Till
from shop.records import Currency, Order, OrderId, OrderState, PaymentEvent, RefundState
from tests.conftest import SetClock
from tests.contracts.records import order
from tests.wechatpay.stand import open_stand

FIRST, SECOND = "0f" * 16, "a1" * 16
STANDS = ("sandbox", "wechat")


class TillStand(Protocol):
    """The till, its customer who pays its bills, and its provider, who lets time pass."""

    till: Till

    async def pay(self, reference: str) -> tuple[Mapping[str, str], bytes]: ...

    async def to_statement(self) -> None:
        """Until what happened is in the statement."""


class SandboxStand:
    def __init__(self, till: SandboxTill) -> None:
        self.till: Till = till
        self.sandbox = till

    async def pay(self, reference: str) -> tuple[Mapping[str, str], bytes]:
        told = await self.sandbox.pay(reference)
        return told.headers, told.body

    async def to_statement(self) -> None:
        """It is at once."""


@pytest.fixture(params=STANDS)
async def stand(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock
) -> AsyncIterator[TillStand]:
    clock.now = clock.now.replace(microsecond=0)  # not every provider counts them
    if request.param == "wechat":
        async with open_stand(clock) as wechat:
            yield wechat
        return
    till = SandboxTill(tmp_path / "till.sqlite", b"secret", "http://127.0.0.1:8080", clock)
    yield SandboxStand(till)
    await till.close()


@pytest.fixture
def owed(stand: TillStand, clock: SetClock) -> Order:
    owed = order(FIRST, state=OrderState.AWAITING, amount=990, currency=stand.till.currency)
    return replace(owed, touched_at=clock())


async def paid(stand: TillStand, owed: Order) -> PaymentEvent:
    event = await stand.till.read(*await stand.pay((await stand.till.bill(owed, "A")).reference))
    assert isinstance(event, PaymentEvent)
    return event


async def given_back(
    stand: TillStand, clock: SetClock, event: PaymentEvent, amount: int, key: str
) -> None:
    """Ask until it is done, as the outbox worker does."""
    while True:
        asked = (event.charge, amount, event.currency, key, event.payer)
        if await stand.till.refund(*asked) is RefundState.DONE:
            return
        clock.forward(minutes=1)


async def found(stand: TillStand, event: PaymentEvent) -> PaymentEvent | None:
    """What the till knows of its order; the id of a notification is the notification's own."""
    known = await stand.till.find(event.order_id)
    return known and replace(known, event_id=event.event_id)


async def test_an_order_has_one_bill(stand: TillStand, owed: Order) -> None:
    bill = await stand.till.bill(owed, "Avatar")
    assert (bill.amount, bill.currency) == (990, stand.till.currency)
    assert await stand.till.bill(owed, "Avatar") == bill
    other = await stand.till.bill(replace(owed, id=OrderId(SECOND)), "Avatar")
    assert other.reference != bill.reference


async def test_a_new_price_is_a_new_bill_and_the_old_one_is_closed(
    stand: TillStand, owed: Order
) -> None:
    old = await stand.till.bill(owed, "Avatar")
    new = await stand.till.bill(replace(owed, amount=1990), "Avatar")
    assert new.reference != old.reference
    with pytest.raises(TillError):
        await stand.pay(old.reference)
    event = await stand.till.read(*await stand.pay(new.reference))
    assert isinstance(event, PaymentEvent)
    assert (event.order_id, event.amount) == (owed.id, 1990)


async def test_a_closed_bill_is_not_paid_and_may_be_opened_anew(
    stand: TillStand, owed: Order
) -> None:
    await stand.till.close_bill(owed.id)  # there is none yet
    bill = await stand.till.bill(owed, "Avatar")
    for _ in range(2):
        await stand.till.close_bill(owed.id)
    with pytest.raises(TillError):
        await stand.pay(bill.reference)
    again = await stand.till.bill(owed, "Avatar")
    event = await stand.till.read(*await stand.pay(again.reference))
    assert isinstance(event, PaymentEvent)
    assert (event.order_id, event.amount) == (owed.id, 990)
    await stand.till.close_bill(owed.id)
    assert await found(stand, event) == event


async def test_a_payment_is_told_as_it_was(stand: TillStand, owed: Order, clock: SetClock) -> None:
    bill = await stand.till.bill(owed, "Avatar")
    assert await stand.till.find(owed.id) is None
    event = await stand.till.read(*await stand.pay(bill.reference))
    assert isinstance(event, PaymentEvent)
    assert (event.till, event.order_id, event.amount) == (stand.till.name, owed.id, 990)
    assert (event.currency, event.at) == (stand.till.currency, clock())
    assert await found(stand, event) == event
    assert await stand.till.find(SECOND) is None


async def test_a_paid_order_is_not_billed_as_if_it_were_open(stand: TillStand, owed: Order) -> None:
    """Either the same bill, which cannot be paid twice by itself, or a refusal that says why."""
    bill = await stand.till.bill(owed, "Avatar")
    await stand.pay(bill.reference)
    try:
        assert await stand.till.bill(owed, "Avatar") == bill
    except AlreadyPaid:
        assert await stand.till.find(owed.id) is not None


async def test_a_refund_is_made_once_per_key(
    stand: TillStand, owed: Order, clock: SetClock
) -> None:
    event = await paid(stand, owed)
    for _ in range(3):
        await given_back(stand, clock, event, 900, "refund:1")
    clock.forward(minutes=1)
    with pytest.raises(TillError):
        await stand.till.refund(event.charge, 91, event.currency, "refund:2")
    with pytest.raises(TillError):
        await stand.till.refund(event.charge, 90, event.currency, "refund:1")
    await given_back(stand, clock, event, 90, "refund:2")
    assert await stand.till.find(owed.id) is None


async def test_its_book_has_every_movement(stand: TillStand, owed: Order, clock: SetClock) -> None:
    assert [line async for line in stand.till.statement()] == []
    event = await paid(stand, owed)
    await stand.to_statement()
    taken = StatementLine(
        event.charge, owed.id, 990, event.currency, event.at, True, payer=event.payer
    )
    assert event.at in stand.till.statement_period()
    assert [line async for line in stand.till.statement()] == [taken]
    key = refund_key(f"{event.till}:{event.charge}")
    for _ in range(2):
        await given_back(stand, clock, event, 990, key)
    done = clock()
    await stand.to_statement()
    back = replace(taken, at=done, incoming=False, refund=key)
    assert [line async for line in stand.till.statement()] == [taken, back]


async def test_what_cannot_be_refunded(stand: TillStand, owed: Order) -> None:
    event = await paid(stand, owed)
    for charge, amount, currency in (
        ("nobody's", 990, event.currency),
        (event.charge[::-1], 990, event.currency),
        (event.charge, 991, event.currency),
        (event.charge, 0, event.currency),
        (event.charge, -1, event.currency),
        (event.charge, 990, Currency.CREDITS),
    ):
        with pytest.raises(TillError):
            await stand.till.refund(charge, amount, currency, f"{charge}{amount}{currency}")
    assert await found(stand, event) == event


@pytest.mark.parametrize("change", [{"amount": 0}, {"amount": -1}, {"currency": Currency.CREDITS}])
async def test_what_cannot_be_billed(stand: TillStand, owed: Order, change: dict[str, Any]) -> None:
    with pytest.raises(TillError):
        await stand.till.bill(replace(owed, **change), "Avatar")


async def test_an_old_notification_is_refused(
    stand: TillStand, owed: Order, clock: SetClock
) -> None:
    told = await stand.pay((await stand.till.bill(owed, "Avatar")).reference)
    clock.forward(minutes=5)
    await stand.till.read(*told)
    clock.forward(seconds=1)
    with pytest.raises(Forged):
        await stand.till.read(*told)
    clock.forward(minutes=-11)
    with pytest.raises(Forged):
        await stand.till.read(*told)


async def test_a_changed_notification_is_refused(stand: TillStand, owed: Order) -> None:
    headers, body = await stand.pay((await stand.till.bill(owed, "Avatar")).reference)
    for place in range(0, len(body), 7):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(Forged):
            await stand.till.read(headers, changed)
    for other in (body + b" ", body[:-1], b"", b" " + body):
        with pytest.raises(Forged):
            await stand.till.read(headers, other)
    with pytest.raises(Forged):
        await stand.till.read({}, body)
    for name, value in headers.items():
        for other_value in ("", value[:-1], value + "0", "é", "\udc80", "9" * 5000, "nan"):
            with pytest.raises(Forged):
                await stand.till.read({**headers, name: other_value}, body)
        with pytest.raises(Forged):
            await stand.till.read({k: v for k, v in headers.items() if k != name}, body)
    lower = {name.lower(): value for name, value in headers.items()}
    event = await stand.till.read(lower, body)
    assert isinstance(event, PaymentEvent)
    assert event.order_id == owed.id
