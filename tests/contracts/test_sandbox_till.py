"""The sandbox provider's own side: bills that end, notifications that repeat, bodies that lie."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.adapters.tills.sandbox import (
    LARGEST_AMOUNT,
    RETRY_SECONDS,
    BillClosed,
    BillState,
    SandboxTill,
)
from shop.adapters.tills.signature import sign
from shop.errors import Forged, NotFound
from shop.records import Order, OrderState
from tests.conftest import SetClock
from tests.contracts.records import order

OWED: Order = order("order1", state=OrderState.AWAITING, amount=990)


@pytest.fixture
async def till(tmp_path: Path, clock: SetClock) -> AsyncIterator[SandboxTill]:
    path = tmp_path / "till.sqlite"
    till = SandboxTill(path, b"secret", "http://shop", clock)
    yield till
    await till.close()


async def test_the_cashier_shows_the_bill(till: SandboxTill, clock: SetClock) -> None:
    bill = await till.bill(OWED, "数字分身")
    assert bill.pay_url == f"http://shop/till/sandbox/{bill.reference}"
    shown = await till.show(bill.reference)
    assert (shown.title, shown.amount, shown.currency) == ("数字分身", 990, bill.currency)
    assert shown.state is BillState.OPEN
    assert shown.expires_at == clock() + timedelta(hours=24)
    await till.pay(bill.reference)
    assert (await till.show(bill.reference)).state is BillState.PAID
    for act in (till.show, till.pay):
        with pytest.raises(NotFound):
            await act("bill_of_nobody")


async def test_two_presses_are_one_payment(till: SandboxTill) -> None:
    bill = await till.bill(OWED, "Avatar")
    told = await asyncio.gather(*(till.pay(bill.reference) for _ in range(3)))
    assert len({(await till.read(one.headers, one.body)).charge for one in told}) == 1


async def test_two_payments_are_two_charges_when_asked_for(till: SandboxTill) -> None:
    bill = await till.bill(OWED, "Avatar")
    first, second = [await till.pay(bill.reference, again=True) for _ in range(2)]
    one, two = [await till.read(told.headers, told.body) for told in (first, second)]
    assert one.charge != two.charge
    assert one.event_id != two.event_id
    assert await till.find(OWED.id) == one
    await till.refund(one.charge, 990, one.currency, "r1")
    assert await till.find(OWED.id) == two


async def test_an_expired_bill_is_not_paid_until_asked_for_again(
    till: SandboxTill, clock: SetClock
) -> None:
    bill = await till.bill(OWED, "Avatar")
    clock.forward(hours=24)
    assert (await till.show(bill.reference)).state is BillState.EXPIRED
    with pytest.raises(BillClosed):
        await till.pay(bill.reference)
    assert await till.bill(OWED, "Avatar") == bill
    await till.pay(bill.reference)
    clock.forward(hours=25)
    assert (await till.show(bill.reference)).state is BillState.PAID


async def test_a_cancelled_bill_and_one_of_an_old_price_are_closed(till: SandboxTill) -> None:
    old = await till.bill(OWED, "Avatar")
    await till.cancel(old.reference)
    assert (await till.show(old.reference)).state is BillState.EXPIRED
    new = await till.bill(replace(OWED, amount=1990), "Avatar")
    with pytest.raises(BillClosed):
        await till.pay(old.reference)
    told = await till.pay(new.reference)
    assert (await till.read(told.headers, told.body)).amount == 1990
    await till.cancel(new.reference)
    assert (await till.show(new.reference)).state is BillState.PAID


async def test_notifications_repeat_ever_more_rarely_until_given_up(
    till: SandboxTill, clock: SetClock
) -> None:
    bill = await till.bill(OWED, "Avatar")
    first = await till.pay(bill.reference)
    charge = (await till.read(first.headers, first.body)).charge
    for wait in RETRY_SECONDS:
        clock.forward(seconds=wait - 1)
        assert await till.pending() == []
        clock.forward(seconds=1)
        (told,) = await till.pending()
        assert told.event_id == first.event_id
        assert told.headers != first.headers
        assert (await till.read(told.headers, told.body)).charge == charge
    clock.forward(days=30)
    assert await till.pending() == []


async def test_an_acknowledged_notification_is_not_repeated(
    till: SandboxTill, clock: SetClock
) -> None:
    bill = await till.bill(OWED, "Avatar")
    told = await till.pay(bill.reference)
    for _ in range(2):
        await till.acknowledge(told.event_id)
    clock.forward(days=1)
    assert await till.pending() == []


async def test_the_provider_remembers(till: SandboxTill, tmp_path: Path, clock: SetClock) -> None:
    bill = await till.bill(OWED, "Avatar")
    told = await till.pay(bill.reference)
    await till.close()
    other = SandboxTill(tmp_path / "till.sqlite", b"secret", "http://shop", clock)
    assert await other.bill(OWED, "Avatar") == bill
    assert await other.find(OWED.id) == await other.read(told.headers, told.body)
    clock.forward(seconds=RETRY_SECONDS[0])
    assert [again.event_id for again in await other.pending()] == [told.event_id]
    await other.close()


async def test_processes_share_the_file(till: SandboxTill, tmp_path: Path, clock: SetClock) -> None:
    other = SandboxTill(tmp_path / "till.sqlite", b"secret", "http://shop", clock)
    bills = await asyncio.gather(*(one.bill(OWED, "Avatar") for one in (till, other, till, other)))
    assert len(set(bills)) == 1
    await other.close()


GOOD = {
    "id": "evt_1",
    "type": "payment.succeeded",
    "charge": "ch_1",
    "bill": "bill_1",
    "order": "order1",
    "amount": 990,
    "currency": "CNY",
    "paid_at": "2026-03-14T09:00:00+00:00",
}
BAD: list[dict[str, Any]] = [
    {"type": "payment.refunded"},
    {"amount": "990"},
    {"amount": 9.9},
    {"amount": True},
    {"amount": 0},
    {"amount": -990},
    {"currency": "EUR"},
    {"currency": None},
    {"paid_at": "yesterday"},
    {"paid_at": "2026-03-14T09:00:00"},
    {"paid_at": 1},
    {"paid_at": 1_773_500_000},
    {"amount": 2**63},
    {"amount": 10**30},
    {"amount": LARGEST_AMOUNT + 1},
    {"order": "\ud800"},
    {"order": "\0"},
    {"order": ""},
    {"order": "o" * 129},
    {"order": 7},
    {"charge": "ch_1\r\nX: 1"},
    {"id": "é"},
    {"paid_at": "0001-01-01T00:00:00+14:00"},
    {"paid_at": "9999-12-31T23:59:59-14:00"},
    {"paid_at": "1999-12-31T23:59:59+00:00"},
    {"paid_at": "2026-03-16T09:00:00+00:00"},
]


async def read_signed(till: SandboxTill, body: bytes, clock: SetClock) -> Any:
    return await till.read(sign(b"secret", body, clock()), body)


@pytest.mark.parametrize("lie", BAD, ids=str)
async def test_a_signed_body_must_make_sense(
    till: SandboxTill, clock: SetClock, lie: dict[str, Any]
) -> None:
    assert (await read_signed(till, json.dumps(GOOD).encode(), clock)).amount == 990
    with pytest.raises(Forged):
        await read_signed(till, json.dumps(GOOD | lie).encode(), clock)


async def test_what_later_versions_add_is_ignored(till: SandboxTill, clock: SetClock) -> None:
    later = GOOD | {"amount": LARGEST_AMOUNT, "note": "new"}
    assert (await read_signed(till, json.dumps(later).encode(), clock)).amount == LARGEST_AMOUNT


@pytest.mark.parametrize("missing", sorted(GOOD.keys() - {"bill"}))
async def test_a_signed_body_must_be_whole(
    till: SandboxTill, clock: SetClock, missing: str
) -> None:
    body = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(Forged):
        await read_signed(till, json.dumps(body).encode(), clock)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(), st.text().map(str.encode), st.just(b"[" * 100_000)))
async def test_any_body_at_all_is_forged_and_nothing_worse(
    till: SandboxTill, clock: SetClock, body: bytes
) -> None:
    with pytest.raises(Forged):
        await read_signed(till, body, clock)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=st.dictionaries(st.text(), st.text()), body=st.binary())
async def test_any_headers_at_all_are_forged_and_nothing_worse(
    till: SandboxTill, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(Forged):
        await till.read(headers, body)
