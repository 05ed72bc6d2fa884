"""A till's book beside ours: what differs is named, and mended where that is right."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from shop.errors import TillError
from shop.money import ledger, order_accounting
from shop.orders import discrepancies, payments
from shop.orders.discrepancies import TOLD, Discrepancy, DiscrepancyKind
from shop.orders.reconciliation import reconcile
from shop.people import users
from shop.ports import StatementLine
from shop.records import AuditEntry, Avatar, Charge, Currency, Order, OrderState, OutboxMessage
from tests.channels import PLAYGROUND, TELEGRAM
from tests.shop.conftest import PRICE, Shop

CNY = Currency.CNY


@dataclass
class Book:
    """A till of which only the book is of interest. ``broken`` ends it in the middle."""

    lines: list[StatementLine] = field(default_factory=list)
    broken: bool = False
    name: str = "sandbox"
    currency: Currency = CNY

    async def statement(self):
        for line in self.lines:
            yield line
        if self.broken:
            raise TillError


@dataclass
class House:
    """A database, a till's book and a clock."""

    database: object
    clock: object
    book: Book = field(default_factory=Book)

    async def do(self, step):
        async with self.database.begin() as tx:
            return await step(Shop(tx, self.clock()))

    async def take(self, order: Order, charge: str = "c1", **changes) -> StatementLine:
        """The till takes the money. Nobody hears of it."""
        line = StatementLine(charge, order.id, order.amount, order.currency, self.clock(), True)
        self.book.lines.append(replace(line, **changes))
        return self.book.lines[-1]

    async def back(self, charge: str = "c1", amount: int = PRICE) -> None:
        taken = next(line for line in self.book.lines if line.charge == charge)
        line = replace(taken, incoming=False, at=self.clock(), amount=amount)
        self.book.lines.append(line)

    async def look(self, **settle) -> tuple[Discrepancy, ...]:
        return await reconcile(self.database, self.book, self.clock, timedelta(**settle))

    async def kinds(self, **settle) -> list[DiscrepancyKind]:
        return [one.kind for one in await self.look(**settle)]

    async def order(self, id: str) -> Order:
        async with self.database.begin() as tx:
            found = await tx.get(Order, id)
        assert found is not None
        return found


@pytest.fixture
def house(memory_database, clock) -> House:
    return House(memory_database, clock)


@pytest.fixture
async def order(house) -> Order:
    return await house.do(Shop.awaiting)


async def test_books_that_agree(house, order):
    assert await house.look() == ()
    await house.take(order)
    await house.do(lambda shop: shop.pay(order, "c1"))
    assert await house.look() == ()
    await house.take(order, "c2")
    await house.do(lambda shop: shop.pay(order, "c2"))
    await house.back("c2")
    await house.do(lambda shop: order_accounting.book_refund(shop.tx, "sandbox:c2", shop.now))
    assert await house.look() == ()


async def test_who_paid_has_what_they_paid_for(house, order):
    await house.take(order)
    assert await house.look() == (
        Discrepancy(DiscrepancyKind.UNBOOKED, "sandbox", "c1", order.id, 0, PRICE, CNY),
    )
    assert (await house.order(order.id)).state is OrderState.PAID
    assert await house.do(lambda shop: shop.tx.count(Avatar)) == 1
    assert await house.look() == ()
    [audit] = await house.do(lambda shop: shop.tx.find(AuditEntry, command="mend"))
    assert (audit.target, audit.outcome) == ("sandbox:c1", "unbooked")
    assert (await house.do(lambda shop: shop.pay(order, "c1"))).state is OrderState.PAID
    assert await house.do(lambda shop: shop.tx.count(Charge)) == 1


async def test_a_second_payment_that_was_not_heard_goes_back(house, order):
    for charge in ("c1", "c2"):
        await house.take(order, charge)
    assert await house.kinds() == [DiscrepancyKind.UNBOOKED] * 2
    debt = await house.do(lambda shop: order_accounting.refund_due(shop.tx, "sandbox:c2"))
    assert (debt.charge, debt.amount, debt.payer) == ("c2", PRICE, "42")


async def test_what_went_back_elsewhere_is_taken_off(house, order):
    await house.take(order)
    await house.do(lambda shop: shop.pay(order, "c1"))
    await house.back()
    assert await house.look() == (
        Discrepancy(DiscrepancyKind.RETURNED, "sandbox", "c1", order.id, PRICE, 0, CNY),
    )
    assert (await house.order(order.id)).state is OrderState.REFUNDED
    assert await house.look() == ()


async def test_what_came_and_went_unheard_buys_nothing(house, order):
    await house.take(order)
    await house.back()
    assert await house.kinds() == [DiscrepancyKind.UNBOOKED]
    assert (await house.order(order.id)).state is OrderState.AWAITING
    assert await house.do(lambda shop: shop.tx.total("till:sandbox", CNY)) == 0
    assert await house.look() == ()


async def test_money_for_no_order_of_ours_is_named_until_it_went_back(house, order):
    await house.take(replace(order, id="another house's"))
    for _ in range(2):
        assert await house.look() == (
            Discrepancy(DiscrepancyKind.STRAY, "sandbox", "c1", "another house's", 0, PRICE, CNY),
        )
    assert await house.do(lambda shop: shop.tx.count(Charge)) == 0
    await house.back()
    assert await house.look() == ()


async def test_what_is_no_sale_is_not_looked_at(house, order):
    await house.take(order, "payout", order_id="", incoming=False)
    await house.take(order, "gift", order_id="")
    await house.take(order, "crumbs", amount=0)
    assert await house.look() == ()


@pytest.mark.parametrize("change", [{"amount": 1}, {"order_id": "x"}, {"currency": Currency.XTR}])
async def test_another_amount_order_or_currency(house, order, change):
    await house.take(order, **change)
    await house.do(lambda shop: shop.pay(order, "c1"))
    [one] = await house.look()
    assert (one.kind, one.ours, one.order_id) == (DiscrepancyKind.AMOUNT, PRICE, order.id)
    assert one.theirs == change.get("amount", PRICE)


async def test_a_part_that_went_back(house, order):
    await house.take(order)
    await house.do(lambda shop: shop.pay(order, "c1"))
    await house.back(amount=90)
    [one] = await house.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.AMOUNT, PRICE, PRICE - 90)
    assert (await house.order(order.id)).state is OrderState.PAID


async def test_what_we_call_refunded_and_the_till_has_still(house, order):
    await house.take(order)
    await house.do(lambda shop: shop.pay(order, "c1"))
    await house.do(lambda shop: payments.returned(shop.tx, "sandbox:c1", shop.now))
    [one] = await house.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.KEPT, 0, PRICE)


async def test_what_the_till_never_took(house, order):
    await house.do(lambda shop: shop.pay(order, "c1"))
    [one] = await house.look()
    assert (one.kind, one.charge, one.ours, one.theirs) == (DiscrepancyKind.ABSENT, "c1", PRICE, 0)


async def test_another_tills_charges_are_another_tills(house, order):
    await house.do(lambda shop: shop.pay(order, "c1"))
    house.book.name = "stars"
    assert await house.look() == ()


async def test_a_ledger_that_is_off(house, order):
    await house.take(order)
    await house.do(lambda shop: shop.pay(order, "c1"))

    async def slip(shop):
        await ledger.transfer(
            shop.tx, "slip", "slip", 7, CNY, source="till:sandbox", target="sales", now=shop.now
        )

    await house.do(slip)
    [one] = await house.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.LEDGER, PRICE - 7, PRICE)


async def test_the_latest_is_left_for_the_next_time(house, order):
    await house.take(order)
    assert await house.kinds(minutes=2) == []
    house.clock.forward(minutes=2)
    assert await house.kinds(minutes=2) == [DiscrepancyKind.UNBOOKED]
    await house.back()
    assert await house.kinds(minutes=2) == []
    house.clock.forward(minutes=2)
    assert await house.kinds(minutes=2) == [DiscrepancyKind.RETURNED]


async def test_a_book_that_breaks_off_changes_nothing(house, order):
    await house.take(order)
    house.book.broken = True
    with pytest.raises(TillError):
        await house.look()
    assert (await house.order(order.id)).state is OrderState.AWAITING


async def test_what_is_heard_of_while_the_book_is_read_is_no_difference(house, order):
    """The webhook is quicker than the reader."""
    await house.take(order)
    await house.take(order, "c2")
    await house.do(lambda shop: shop.pay(order, "c2"))
    await house.back("c2")
    lines = list(house.book.lines)

    async def statement():
        for line in lines:
            yield line
        await house.do(lambda shop: shop.pay(order, "c1"))
        await house.do(lambda shop: payments.returned(shop.tx, "sandbox:c2", shop.now))

    house.book.statement = statement
    assert await house.look() == ()


class TestTelling:
    async def report(self, house, found):
        admins = {"playground:boss", "telegram:7", "playground:stranger"}
        return await house.do(
            lambda shop: discrepancies.report(shop.tx, "sandbox", found, admins, shop.now)
        )

    @pytest.fixture(autouse=True)
    async def staff(self, house):
        async def meet(shop):
            await users.get_or_create(shop.tx, PLAYGROUND, "boss", "en", shop.now)
            await users.get_or_create(shop.tx, TELEGRAM, "7", "en", shop.now)

        await house.do(meet)

    def stray(self, number=0):
        return Discrepancy(DiscrepancyKind.STRAY, "sandbox", f"c{number}", "x", 0, 990, CNY)

    async def test_once_a_day_whoever_looks(self, house):
        assert await self.report(house, [self.stray()])
        assert not await self.report(house, [self.stray()])
        assert await house.do(lambda shop: discrepancies.done(shop.tx, "sandbox", shop.now))
        assert not await house.do(lambda shop: discrepancies.done(shop.tx, "stars", shop.now))
        house.clock.forward(days=1)
        assert not await house.do(lambda shop: discrepancies.done(shop.tx, "sandbox", shop.now))
        assert await self.report(house, ())
        assert await house.do(lambda shop: shop.tx.count(OutboxMessage, name="notice")) == 2

    async def test_admins_who_have_talked_to_us_hear_of_each(self, house):
        await self.report(house, [self.stray(number) for number in range(TOLD + 3)])
        notices = await house.do(
            lambda shop: shop.tx.find(OutboxMessage, name="notice", order="created_at")
        )
        payloads = [one.payload for one in notices]
        assert len({one["user"] for one in payloads}) == 2
        mine = [one for one in payloads if one["user"] == payloads[0]["user"]]
        assert [one["charge"] for one in mine[:-1]] == [f"c{number}" for number in range(TOLD)]
        assert (mine[-1]["kind"], mine[-1]["count"]) == ("differences", 3)

    async def test_the_latest_look_of_each_till_can_be_read(self, house):
        await self.report(house, [self.stray()])
        house.clock.forward(minutes=1)
        await house.do(lambda shop: discrepancies.keep(shop.tx, "sandbox", (), shop.now))
        looks = await house.do(lambda shop: discrepancies.latest(shop.tx))
        assert [(one.till, one.found) for one in looks] == [("sandbox", 0), ("sandbox", 1)]
        assert looks[0].at == house.clock()
        assert await house.do(lambda shop: shop.tx.count(AuditEntry, command="reconcile")) == 2
