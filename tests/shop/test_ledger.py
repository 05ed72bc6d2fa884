import pytest

from shop.errors import TooFewCredits
from shop.money import ledger
from shop.people.users import get_or_create
from shop.records import Currency, Journal, Posting, ShootId
from tests.channels import PLAYGROUND

CNY, CREDITS = Currency.CNY, Currency.CREDITS
SHOOT = ShootId("s1")


@pytest.fixture
async def user(tx, now):
    return await get_or_create(tx, PLAYGROUND, "42", "en", now)


async def test_an_entry_is_written_once(tx, now):
    lines = [("a", CNY, 5), ("b", CNY, -5)]

    assert await ledger.post(tx, "k", "test", lines, now)
    assert not await ledger.post(tx, "k", "test", lines, now)
    assert await tx.count(Posting) == 2
    assert await tx.total("a", CNY) == 5
    assert await ledger.booked(tx, "k")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("a", CNY, 5)],
        [("a", CNY, 5), ("b", CNY, -4)],
        [("a", CNY, 5), ("b", CREDITS, -5)],  # money is no credits
    ],
)
async def test_lines_that_do_not_sum_to_zero_are_refused(tx, now, lines):
    with pytest.raises(ledger.Unbalanced):
        await ledger.post(tx, "k", "test", lines, now)
    assert await tx.count(Journal) == 0


async def test_credits_are_held_then_captured(tx, user, now):
    await ledger.grant(tx, user.id, 10, "g", now)
    await ledger.hold(tx, user.id, SHOOT, 4, now)
    assert await ledger.balance(tx, user.id) == 6

    await ledger.capture(tx, user.id, SHOOT, 4, now)
    await ledger.capture(tx, user.id, SHOOT, 4, now)

    assert await ledger.balance(tx, user.id) == 6
    assert await tx.total(ledger.held_account(user.id), CREDITS) == 0
    assert await tx.total(ledger.SPENT, CREDITS) == 4


async def test_credits_are_held_then_released(tx, user, now):
    await ledger.grant(tx, user.id, 10, "g", now)
    await ledger.hold(tx, user.id, SHOOT, 4, now)
    await ledger.release(tx, user.id, SHOOT, 4, now)
    await ledger.release(tx, user.id, SHOOT, 4, now)

    assert await ledger.balance(tx, user.id) == 10
    assert set((await tx.totals()).values()) == {0}


async def test_held_credits_cannot_be_held_again(tx, user, now):
    await ledger.grant(tx, user.id, 6, "g", now)
    await ledger.hold(tx, user.id, SHOOT, 4, now)
    with pytest.raises(TooFewCredits) as refusal:
        await ledger.hold(tx, user.id, ShootId("s2"), 4, now)

    assert refusal.value.details == {"needed": 4, "balance": 2}
    assert await ledger.balance(tx, user.id) == 2


async def test_taking_back_stops_at_what_is_unspent(tx, user, now):
    await ledger.grant(tx, user.id, 10, "g", now)
    await ledger.hold(tx, user.id, SHOOT, 7, now)

    assert await ledger.take_back(tx, user.id, 10, "g:back", now) == 3
    assert await ledger.take_back(tx, user.id, 10, "g:back", now) == 0
    assert await ledger.balance(tx, user.id) == 0
