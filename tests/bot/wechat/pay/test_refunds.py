"""Refunds: accepted is not given back; stuck, closed, in parts, and answers that are lost."""

import re

import pytest

from bot.wechat.pay.refunds import refund_numbers, refund_of
from shop.errors import TillError
from shop.records import Currency, RefundState

KEY = "wechat:4200202603140000000000000001:refund"


@pytest.fixture
async def charge(stand, owed):
    bill = await stand.till.bill(owed, "A")
    return (await stand.till.read(*await stand.pay(bill.reference))).charge


def made(stand):
    return [(one.number, one.amount, one.status) for one in stand.double.trades.refunds.values()]


async def asked(stand, charge, amount=990, key=KEY):
    return await stand.till.refund(charge, amount, Currency.CNY, key)


async def test_accepted_is_not_given_back(stand, charge, clock):
    assert await asked(stand, charge) is RefundState.PENDING
    clock.forward(seconds=59)
    assert await asked(stand, charge) is RefundState.PENDING
    clock.forward(seconds=1)
    for _ in range(2):
        assert await asked(stand, charge) is RefundState.DONE
    assert len(made(stand)) == 1
    (refund,) = stand.double.trades.refunds.values()
    assert refund.terms["notify_url"] == "https://eider.example/pay/wechat"
    assert refund.terms["amount"] == {"refund": 990, "total": 990, "currency": "CNY"}


async def test_a_stuck_one_goes_on_once_somebody_has_acted(stand, charge):
    await asked(stand, charge)
    (refund,) = stand.double.trades.refunds.values()
    stand.double.settle(refund, "ABNORMAL")
    for _ in range(2):
        assert await asked(stand, charge) is RefundState.STUCK
    stand.double.settle(refund, "SUCCESS")  # in the merchant's console
    assert await asked(stand, charge) is RefundState.DONE
    assert len(made(stand)) == 1


async def test_a_closed_one_is_asked_for_by_the_next_number(stand, charge, clock):
    """Its own gives nothing back any more, and the money is back once."""
    for _ in range(2):
        assert await asked(stand, charge) is RefundState.PENDING
        clock.forward(minutes=2)
        stand.double.settle(list(stand.double.trades.refunds.values())[-1], "CLOSED")
    assert await asked(stand, charge) is RefundState.PENDING
    clock.forward(minutes=1)
    assert await asked(stand, charge) is RefundState.DONE
    assert [status for _, _, status in made(stand)] == ["CLOSED", "CLOSED", "SUCCESS"]
    assert [number for number, _, _ in made(stand)] == refund_numbers(KEY)[:3]


async def test_with_too_little_on_the_account_it_waits_for_a_person(stand, charge, clock):
    stand.double.trades.balance = 989
    assert await asked(stand, charge) is RefundState.STUCK
    stand.double.trades.balance = 990
    assert await asked(stand, charge) is RefundState.PENDING


async def test_in_parts_no_more_than_was_paid(stand, charge, clock):
    for number, amount in enumerate((300, 300, 390)):
        assert await asked(stand, charge, amount, f"part:{number}") is RefundState.PENDING
        clock.forward(minutes=1)
        assert await asked(stand, charge, amount, f"part:{number}") is RefundState.DONE
    with pytest.raises(TillError):
        await asked(stand, charge, 1, "part:3")
    assert sum(amount for _, amount, _ in made(stand)) == 990


async def test_within_a_minute_the_next_part_must_wait(stand, charge, clock):
    await asked(stand, charge, 300, "part:0")
    with pytest.raises(TillError):
        await asked(stand, charge, 300, "part:1")
    clock.forward(minutes=1)
    assert await asked(stand, charge, 300, "part:1") is RefundState.PENDING


async def test_a_lost_answer_refunds_once(stand, charge, clock):
    stand.double.faults.drop_on = "POST /v3/refund"
    stand.double.faults.drop = 1
    with pytest.raises(TillError):
        await asked(stand, charge)
    assert len(made(stand)) == 1
    clock.forward(minutes=2)
    assert await asked(stand, charge) is RefundState.DONE
    assert len(made(stand)) == 1


@pytest.mark.parametrize("status", [500, 429, 404])
async def test_an_outage_is_no_answer(stand, charge, status):
    stand.double.faults.status = status
    with pytest.raises(TillError):
        await asked(stand, charge)
    stand.double.faults.status = 0
    assert await asked(stand, charge) is RefundState.PENDING


@pytest.mark.parametrize("charge", ["", "4200/../x", "x" * 33, "4200 1", "4200\n"])
async def test_what_is_no_charge_is_not_asked_for(stand, charge):
    with pytest.raises(TillError):
        await asked(stand, charge)
    assert stand.double.calls == []


def test_numbers_are_such_as_wechat_pay_takes_and_all_different():
    keys = [KEY, "refund:1", "refund-1", "refund*1", "refund", "", "数", "x" * 64, "x" * 65, "a:b"]
    numbers = [number for key in keys for number in refund_numbers(key)]
    assert len(set(numbers)) == len(numbers) == 50 * len(keys)
    assert all(re.fullmatch(r"[0-9A-Za-z_|*@-]{1,64}", one) for one in numbers)
    assert refund_numbers(KEY)[0] == "wechat*4200202603140000000000000001*refund"


CHARGE = "4200202603140000000000000001"


@pytest.mark.parametrize("name", ["refund", "part:1", "part:12"])
def test_each_number_of_a_refund_of_ours_is_that_refund(name):
    key = f"wechat:{CHARGE}:{name}"
    assert {refund_of(CHARGE, number) for number in refund_numbers(key)} == {key}


@pytest.mark.parametrize(
    "number",
    [
        "console-1", "a*b-3", "a*b-4", "1*2", f"wechat*{CHARGE}*", f"wechat*{CHARGE}*part*0",
        f"wechat*{CHARGE}*refund-1", f"wechat*{CHARGE}*refund-51", f"wechat*{CHARGE}*gift",
        f"wechat*{CHARGE[:-1]}2*refund", f"xwechat*{CHARGE}*refund",
    ],
)  # fmt: skip
def test_a_number_that_somebody_else_chose_is_itself(number):
    assert refund_of(CHARGE, number) == number
