"""A till's book beside ours: what differs is named, and mended where that is right."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from shop.errors import TillError
from shop.money import ledger, order_accounting, partial_refunds
from shop.orders import discrepancies, payments
from shop.orders.discrepancies import MESSAGE_LIMIT, Discrepancy, DiscrepancyKind
from shop.orders.reconciliation import reconcile
from shop.people import users
from shop.ports import ALL_TIMES, StatementLine, StatementPeriod
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

    period: StatementPeriod = ALL_TIMES

    def statement_period(self):
        return self.period

    async def statement(self):
        for line in self.lines:
            yield line
        if self.broken:
            raise TillError


@dataclass
class ReconciliationHarness:
    """A database, a till's statement and a clock."""

    database: object
    clock: object
    book: Book = field(default_factory=Book)

    async def do(self, step):
        async with self.database.begin() as tx:
            return await step(Shop(tx, self.clock()))

    async def take(self, order: Order, charge: str = "c1", **changes) -> StatementLine:
        """The till takes the money; its notification is lost."""
        line = StatementLine(charge, order.id, order.amount, order.currency, self.clock(), True)
        self.book.lines.append(replace(line, **changes))
        return self.book.lines[-1]

    async def back(self, charge: str = "c1", amount: int = PRICE, refund: str = "") -> None:
        taken = next(line for line in self.book.lines if line.charge == charge)
        line = replace(taken, incoming=False, at=self.clock(), amount=amount, refund=refund)
        self.book.lines.append(line)

    async def look(self, **grace) -> tuple[Discrepancy, ...]:
        return await reconcile(self.database, self.book, timedelta(**grace))

    async def kinds(self, **grace) -> list[DiscrepancyKind]:
        return [one.kind for one in await self.look(**grace)]

    async def order(self, id: str) -> Order:
        async with self.database.begin() as tx:
            found = await tx.get(Order, id)
        assert found is not None
        return found


@pytest.fixture
def harness(memory_database, clock) -> ReconciliationHarness:
    return ReconciliationHarness(memory_database, clock)


@pytest.fixture
async def order(harness) -> Order:
    return await harness.do(Shop.awaiting)


async def test_books_that_agree(harness, order):
    assert await harness.look() == ()
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    assert await harness.look() == ()
    await harness.take(order, "c2")
    await harness.do(lambda shop: shop.pay(order, "c2"))
    await harness.back("c2")
    await harness.do(lambda shop: order_accounting.book_refund(shop.tx, "sandbox:c2", shop.now))
    assert await harness.look() == ()


async def test_who_paid_has_what_they_paid_for(harness, order):
    await harness.take(order)
    assert await harness.look() == (
        Discrepancy(DiscrepancyKind.UNBOOKED, "sandbox", "c1", order.id, 0, PRICE, CNY),
    )
    assert (await harness.order(order.id)).state is OrderState.PAID
    assert await harness.do(lambda shop: shop.tx.count(Avatar)) == 1
    assert await harness.look() == ()
    [audit] = await harness.do(lambda shop: shop.tx.find(AuditEntry, command="mend"))
    assert (audit.target, audit.outcome) == ("sandbox:c1", "unbooked")
    assert (await harness.do(lambda shop: shop.pay(order, "c1"))).state is OrderState.PAID
    assert await harness.do(lambda shop: shop.tx.count(Charge)) == 1


async def test_a_second_payment_that_was_not_heard_goes_back(harness, order):
    for charge in ("c1", "c2"):
        await harness.take(order, charge)
    assert await harness.kinds() == [DiscrepancyKind.UNBOOKED] * 2
    debt = await harness.do(lambda shop: order_accounting.refund_due(shop.tx, "sandbox:c2"))
    assert (debt.charge, debt.amount, debt.payer) == ("c2", PRICE, "42")


async def test_what_went_back_elsewhere_is_taken_off(harness, order):
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    await harness.back()
    assert await harness.look() == (
        Discrepancy(DiscrepancyKind.RETURNED, "sandbox", "c1", order.id, PRICE, 0, CNY),
    )
    assert (await harness.order(order.id)).state is OrderState.REFUNDED
    assert await harness.look() == ()


async def test_what_came_and_went_unheard_buys_nothing(harness, order):
    await harness.take(order)
    await harness.back()
    assert await harness.kinds() == [DiscrepancyKind.UNBOOKED]
    assert (await harness.order(order.id)).state is OrderState.AWAITING
    assert await harness.do(lambda shop: shop.tx.total("till:sandbox", CNY)) == 0
    assert await harness.look() == ()


async def test_money_for_no_order_of_ours_is_named_until_it_went_back(harness, order):
    await harness.take(replace(order, id="another deployment's"))
    for _ in range(2):
        assert await harness.look() == (
            Discrepancy(
                DiscrepancyKind.STRAY, "sandbox", "c1", "another deployment's", 0, PRICE, CNY
            ),
        )
    assert await harness.do(lambda shop: shop.tx.count(Charge)) == 0
    await harness.back()
    assert await harness.look() == ()


async def test_what_is_no_sale_is_not_looked_at(harness, order):
    await harness.take(order, "payout", order_id="", incoming=False)
    await harness.take(order, "gift", order_id="")
    await harness.take(order, "crumbs", amount=0)
    assert await harness.look() == ()


@pytest.mark.parametrize("change", [{"amount": 1}, {"order_id": "x"}, {"currency": Currency.XTR}])
async def test_another_amount_order_or_currency(harness, order, change):
    await harness.take(order, **change)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    [one] = await harness.look()
    assert (one.kind, one.ours, one.order_id) == (DiscrepancyKind.AMOUNT, PRICE, order.id)
    assert one.theirs == change.get("amount", PRICE)


async def test_parts_that_went_back_are_booked_each_once(harness, order):
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    await harness.back(amount=90, refund="hand-1")
    [one] = await harness.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.RETURNED, PRICE, PRICE - 90)
    assert await harness.look() == ()
    await harness.back(amount=300, refund="hand-2")
    [one] = await harness.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.RETURNED, PRICE - 90, PRICE - 390)
    reduced = await harness.order(order.id)
    assert (reduced.state, reduced.kept) == (OrderState.PAID, PRICE - 390)
    await harness.back(amount=PRICE - 390, refund="hand-3")
    assert await harness.kinds() == [DiscrepancyKind.RETURNED]
    assert (await harness.order(order.id)).state is OrderState.REFUNDED
    assert await harness.look() == ()


async def test_a_payment_and_its_part_of_which_nobody_told_are_both_booked(harness, order):
    await harness.take(order)
    await harness.back(amount=90, refund="hand-1")
    assert await harness.kinds() == [DiscrepancyKind.UNBOOKED]
    reduced = await harness.order(order.id)
    assert (reduced.state, reduced.kept) == (OrderState.PAID, PRICE - 90)
    assert await harness.look() == ()


async def test_more_than_was_paid_went_back(harness, order):
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    await harness.back(amount=PRICE + 1, refund="hand-1")
    for _ in range(2):
        [one] = await harness.look()
        assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.AMOUNT, PRICE, -1)
    assert (await harness.order(order.id)).state is OrderState.PAID


async def test_a_part_that_we_call_returned_and_the_till_has_still(harness, order):
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    part = await harness.do(lambda s: payments.refund_part(s.tx, order.id, 90, s.now))
    assert await harness.look() == (), "it is owed, and not booked as returned"
    await harness.do(lambda shop: partial_refunds.book_returned(shop.tx, part.id, shop.now))
    [one] = await harness.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.KEPT, PRICE - 90, PRICE)
    await harness.back(amount=90, refund=part.id)
    assert await harness.look() == ()


async def test_what_we_call_refunded_and_the_till_has_still(harness, order):
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))
    await harness.do(lambda shop: payments.confirm_return(shop.tx, "sandbox:c1", shop.now))
    [one] = await harness.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.KEPT, 0, PRICE)


async def test_what_the_till_never_took(harness, order):
    await harness.do(lambda shop: shop.pay(order, "c1"))
    [one] = await harness.look()
    assert (one.kind, one.charge, one.ours, one.theirs) == (DiscrepancyKind.ABSENT, "c1", PRICE, 0)


async def test_another_tills_charges_are_another_tills(harness, order):
    await harness.do(lambda shop: shop.pay(order, "c1"))
    harness.book.name = "stars"
    assert await harness.look() == ()


async def test_a_ledger_that_is_off(harness, order):
    await harness.take(order)
    await harness.do(lambda shop: shop.pay(order, "c1"))

    async def slip(shop):
        await ledger.transfer(
            shop.tx, "slip", "slip", 7, CNY, source="till:sandbox", target="sales", now=shop.now
        )

    await harness.do(slip)
    [one] = await harness.look()
    assert (one.kind, one.ours, one.theirs) == (DiscrepancyKind.LEDGER, PRICE - 7, PRICE)


async def test_the_latest_is_left_for_the_next_time(harness, order):
    await harness.take(order)
    assert await harness.kinds(minutes=2) == []
    harness.clock.forward(minutes=2)
    assert await harness.kinds(minutes=2) == [DiscrepancyKind.UNBOOKED]
    await harness.back()
    assert await harness.kinds(minutes=2) == []
    harness.clock.forward(minutes=2)
    assert await harness.kinds(minutes=2) == [DiscrepancyKind.RETURNED]


async def test_a_book_that_breaks_off_changes_nothing(harness, order):
    await harness.take(order)
    harness.book.broken = True
    with pytest.raises(TillError):
        await harness.look()
    assert (await harness.order(order.id)).state is OrderState.AWAITING


async def test_what_is_heard_of_while_the_book_is_read_is_no_difference(harness, order):
    """The webhook is quicker than the reader."""
    await harness.take(order)
    await harness.take(order, "c2")
    await harness.do(lambda shop: shop.pay(order, "c2"))
    await harness.back("c2")
    lines = list(harness.book.lines)

    async def statement():
        for line in lines:
            yield line
        await harness.do(lambda shop: shop.pay(order, "c1"))
        await harness.do(lambda shop: payments.confirm_return(shop.tx, "sandbox:c2", shop.now))

    harness.book.statement = statement
    assert await harness.look() == ()


class TestTelling:
    async def report(self, harness, found):
        admins = {"playground:boss", "telegram:7", "playground:stranger"}
        return await harness.do(
            lambda shop: discrepancies.report(shop.tx, "sandbox", found, admins, shop.now)
        )

    @pytest.fixture(autouse=True)
    async def staff(self, harness):
        async def meet(shop):
            await users.get_or_create(shop.tx, PLAYGROUND, "boss", "en", shop.now)
            await users.get_or_create(shop.tx, TELEGRAM, "7", "en", shop.now)

        await harness.do(meet)

    def stray(self, number=0):
        return Discrepancy(DiscrepancyKind.STRAY, "sandbox", f"c{number}", "x", 0, 990, CNY)

    async def test_once_a_day_whoever_looks(self, harness):
        assert await self.report(harness, [self.stray()])
        assert not await self.report(harness, [self.stray()])
        assert await harness.do(
            lambda shop: discrepancies.reported_today(shop.tx, "sandbox", shop.now)
        )
        assert not await harness.do(
            lambda shop: discrepancies.reported_today(shop.tx, "stars", shop.now)
        )
        harness.clock.forward(days=1)
        assert not await harness.do(
            lambda shop: discrepancies.reported_today(shop.tx, "sandbox", shop.now)
        )
        assert await self.report(harness, ())
        assert await harness.do(lambda shop: shop.tx.count(OutboxMessage, name="notice")) == 2

    async def test_admins_who_have_talked_to_us_hear_of_each(self, harness):
        await self.report(harness, [self.stray(number) for number in range(MESSAGE_LIMIT + 3)])
        notices = await harness.do(
            lambda shop: shop.tx.find(OutboxMessage, name="notice", order="created_at")
        )
        payloads = [one.payload for one in notices]
        assert len({one["user"] for one in payloads}) == 2
        mine = [one for one in payloads if one["user"] == payloads[0]["user"]]
        assert [one["charge"] for one in mine[:-1]] == [
            f"c{number}" for number in range(MESSAGE_LIMIT)
        ]
        assert (mine[-1]["kind"], mine[-1]["count"]) == ("differences", 3)

    async def test_the_latest_look_of_each_till_can_be_read(self, harness):
        await self.report(harness, [self.stray()])
        harness.clock.forward(minutes=1)
        await harness.do(lambda shop: discrepancies.record_run(shop.tx, "sandbox", (), shop.now))
        looks = await harness.do(lambda shop: discrepancies.latest_runs(shop.tx))
        assert [(one.till, one.found) for one in looks] == [("sandbox", 0), ("sandbox", 1)]
        assert looks[0].at == harness.clock()
        assert await harness.do(lambda shop: shop.tx.count(AuditEntry, command="reconcile")) == 2
